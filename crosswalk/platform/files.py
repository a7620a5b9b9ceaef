"""The files under mappings/: which file holds what, and how it becomes domain objects or located errors."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError

from crosswalk.domain.campaigns import Campaign, ChannelRule
from crosswalk.domain.capacity import Owner
from crosswalk.domain.connections import Connection
from crosswalk.domain.definitions import Definitions
from crosswalk.domain.emails import EmailStandard
from crosswalk.domain.handoff import HandoffStandard
from crosswalk.domain.junk import JunkStandard
from crosswalk.domain.labels import CodeList
from crosswalk.domain.lead_types import LeadType
from crosswalk.domain.mapping import FieldMap, TargetMap
from crosswalk.domain.outcomes import OutcomeStandard
from crosswalk.domain.places import PlaceStandard
from crosswalk.domain.qualification import Qualification
from crosswalk.domain.routing import Routing
from crosswalk.domain.screening import Lexicon
from crosswalk.domain.status import StatusGraph
from crosswalk.domain.territory import TerritoryRule
from crosswalk.domain.tracking import UtmStandard
from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.platform.located import Located, dotted, load_located

_STRICT: Any = {"extra": "forbid"}


@dataclass(frozen=True)
class ConnectionsFile:
    """mappings/connections.yaml."""

    __pydantic_config__: ClassVar = _STRICT
    connections: tuple[Connection, ...]


@dataclass(frozen=True)
class TrackingFile:
    """mappings/tracking/utm.yaml."""

    __pydantic_config__: ClassVar = _STRICT
    utm: UtmStandard
    channels: tuple[ChannelRule, ...]


@dataclass(frozen=True)
class ContactPointsFile:
    """mappings/rules/contact_points.yaml."""

    __pydantic_config__: ClassVar = _STRICT
    email: EmailStandard
    places: PlaceStandard
    junk: JunkStandard


@dataclass(frozen=True)
class LeadTypesFile:
    """mappings/rules/lead_types.yaml."""

    __pydantic_config__: ClassVar = _STRICT
    lead_types: tuple[LeadType, ...]


@dataclass(frozen=True)
class OwnersFile:
    """mappings/routing/owners.yaml."""

    __pydantic_config__: ClassVar = _STRICT
    owners: tuple[Owner, ...]


@dataclass(frozen=True)
class RegionsFile:
    """mappings/routing/regions.yaml."""

    __pydantic_config__: ClassVar = _STRICT
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SHAPES: Mapping[str, Any] = {
    "definitions": Definitions,
    "connections": ConnectionsFile,
    "source-fields": FieldMap,
    "target-fields": TargetMap,
    "codes": CodeList,
    "utm": TrackingFile,
    "contact-points": ContactPointsFile,
    "screening": Lexicon,
    "lead-types": LeadTypesFile,
    "qualification": Qualification,
    "status-graph": StatusGraph,
    "handoff": HandoffStandard,
    "outcomes": OutcomeStandard,
    "owners": OwnersFile,
    "regions": RegionsFile,
    "routing": Routing,
    "campaign": Campaign,
    "territory": TerritoryRule,
}
"""Schema name -> the dataclass that a file (or, for the last two, a CSV row) must fit; JSON Schemas are made of it."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {}


def adapter(shape: str) -> TypeAdapter[Any]:
    """Return the validator of a shape; building one takes a millisecond, so each is built once and only if needed."""
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(SHAPES[shape])
    return _ADAPTERS[shape]


def read_yaml(path: Path, shape: str) -> tuple[Any, Located]:
    """Read one YAML file into its shape.

    Raises:
        ConfigErrors: every mistake in the file, each with line and key.
    """
    located = load_located(path)
    try:
        return adapter(shape).validate_python(located.data if located.data is not None else {}), located
    except ValidationError as error:
        raise ConfigErrors([located.error(_path(one["loc"], located), _say(one)) for one in error.errors()]) from None


def read_csv(path: Path, shape: str, lists: tuple[str, ...] = ()) -> tuple[list[Any], Located]:
    """Read a CSV file of one shape per row; columns in ``lists`` hold several values separated by ``|``.

    Returns:
        The rows, and where each one stands: row ``n`` is key path ``(n,)``.

    Raises:
        ConfigErrors: every mistake, each with the line and the column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from None
    except UnicodeDecodeError:
        raise ConfigError("is not UTF-8 text", file=path) from None
    rows: list[Any] = []
    lines: dict[tuple[str | int, ...], int] = {}
    problems: list[ConfigError] = []
    reader = csv.DictReader(text.splitlines())
    for raw in reader:
        if None in raw:
            problems.append(ConfigError("has more cells than the header", file=path, line=reader.line_num))
            continue
        lines[len(rows),] = reader.line_num
        given: dict[str, Any] = {name: value.strip() for name, value in raw.items() if name and value and value.strip()}
        for name in lists:
            given[name] = [part for part in given.get(name, "").split("|") if part]
        try:
            rows.append(adapter(shape).validate_python(given))
        except ValidationError as error:
            problems += [
                ConfigError(_say(one), file=path, line=reader.line_num, key=dotted(one["loc"]))
                for one in error.errors()
            ]
    if problems:
        raise ConfigErrors(problems)
    return rows, Located(rows, lines, path)


def _path(loc: tuple[int | str, ...], located: Located) -> tuple[int | str, ...]:
    """Keep the part of a validator's location that exists in the file: unions add steps of their own."""
    found: tuple[int | str, ...] = ()
    for part in loc:
        if (*found, part) in located.lines:
            found = (*found, part)
        elif part == loc[-1] and isinstance(part, str) and not part.startswith(("function", "tuple[", "str", "int")):
            return (*found, part)
    return found


def _say(error: Any) -> str:
    """Say what is wrong in the words of the file's owner; never repeats a value."""
    kind = error["type"]
    if kind == "unexpected_keyword_argument":
        return "unknown key"
    if kind == "missing":
        return "is missing"
    if kind == "string_type":
        return "must be text (put it in quotes if it looks like a number)"
    return str(error["msg"]).removeprefix("Input ").removeprefix("Value error, ")
