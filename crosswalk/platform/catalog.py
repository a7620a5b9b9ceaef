"""The catalog: everything that admins own, read from mappings/ into domain objects, or refused as a whole."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from crosswalk.domain.campaigns import Campaign
from crosswalk.domain.capacity import Owner
from crosswalk.domain.connections import Connection
from crosswalk.domain.definitions import Definitions
from crosswalk.domain.handoff import HandoffStandard
from crosswalk.domain.labels import CodeList
from crosswalk.domain.mapping import FieldMap, TargetMap
from crosswalk.domain.outcomes import OutcomeStandard
from crosswalk.domain.qualification import Qualification
from crosswalk.domain.routing import Routing
from crosswalk.domain.screening import Lexicon
from crosswalk.domain.shaping import Standard
from crosswalk.domain.status import StatusGraph
from crosswalk.domain.territory import Territories
from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.platform import lint, reference
from crosswalk.platform.files import ContactPointsFile, LeadTypesFile, TrackingFile, read_csv, read_yaml
from crosswalk.platform.located import Located


@dataclass
class Catalog:
    """One version of the rules, complete and checked."""

    home: Path
    definitions: Definitions
    connections: Mapping[str, Connection]
    sources: Mapping[tuple[str, str], FieldMap]
    targets: Mapping[tuple[str, str], TargetMap]
    codes: Mapping[str, CodeList]
    tracking: TrackingFile
    campaigns: tuple[Campaign, ...]
    contact_points: ContactPointsFile
    lexicon: Lexicon
    lead_types: LeadTypesFile
    qualification: Qualification
    graph: StatusGraph
    handoff: HandoffStandard
    outcomes: OutcomeStandard
    owners: Mapping[str, Owner]
    routing: Routing
    territories: Territories
    located: Mapping[str, Located] = field(repr=False)

    @property
    def inquiries(self) -> list[tuple[str, str]]:
        """Connection and stream of everything that brings inquiries."""
        return [key for key, mapping in self.sources.items() if mapping.outcome is None]

    @property
    def returns(self) -> list[tuple[str, str]]:
        """Connection and stream of everything that tells what sales did, in the order of the connection's streams."""
        return [
            (connection.name, stream)
            for connection in self.connections.values()
            for stream in connection.streams
            if (connection.name, stream) in self.sources and self.sources[connection.name, stream].outcome is not None
        ]

    def properties(self, connection: str) -> dict[str, tuple[str, ...]]:
        """Return what is read of each stream: what its mapping reads, and what the hub itself writes there.

        The latter is only compared with what the hub has written, so that it sees who else writes it (FBK-11).
        """
        read: dict[str, tuple[str, ...]] = {}
        for (name, stream), mapping in self.sources.items():
            if name == connection:
                back = self.targets.get((connection, self.connections[name].streams[stream].object))
                watched = tuple(back.fields) if back and back.about == "source" else ()
                read[stream] = tuple(dict.fromkeys((*mapping.properties, *watched)))
        return read

    def told(self, about: str) -> list[TargetMap]:
        """Return the mappings of what is written about leads (``lead``), or back to their sources (``source``)."""
        return [target for target in self.targets.values() if target.about == about]

    @cached_property
    def standard(self) -> Standard:
        """What every source is shaped to; loads the ZIP table, which a run without new rows does not need."""
        return Standard(
            codes=self.codes,
            utm=self.tracking.utm,
            campaigns=self.campaigns,
            channels=self.tracking.channels,
            emails=self.contact_points.email,
            places=self.contact_points.places,
            junk=self.contact_points.junk,
            lead_types=self.lead_types.lead_types,
            zips=reference.zip_states(),
        )

    @cached_property
    def npi_registry(self) -> pl.DataFrame:
        """The operator's own NPI reference: ``npi``, ``taxonomy``."""
        return reference.npi_registry(self.home / "mappings" / "reference" / "npi.csv")


FILES: Mapping[str, tuple[str, str]] = {
    "definitions": ("definitions.yaml", "definitions"),
    "connections": ("connections.yaml", "connections"),
    "tracking": ("tracking/utm.yaml", "utm"),
    "contact_points": ("rules/contact_points.yaml", "contact-points"),
    "lexicon": ("rules/screening.yaml", "screening"),
    "lead_types": ("rules/lead_types.yaml", "lead-types"),
    "qualification": ("rules/qualification.yaml", "qualification"),
    "graph": ("rules/status_graph.yaml", "status-graph"),
    "handoff": ("rules/handoff.yaml", "handoff"),
    "outcomes": ("rules/outcomes.yaml", "outcomes"),
    "owners": ("routing/owners.yaml", "owners"),
    "regions": ("routing/regions.yaml", "regions"),
    "routing": ("routing/rules.yaml", "routing"),
}
"""Part of the catalog -> file under mappings/ and its shape."""


def load_catalog(home: Path) -> Catalog:
    """Read and check everything under ``home``/mappings.

    Raises:
        ConfigErrors: every mistake in every file at once, each with file, line and key.
    """
    folder = home / "mappings"
    if not folder.is_dir():
        raise ConfigError("has no mappings/ folder; `crosswalk init DIR` makes one", file=home, key="CROSSWALK_HOME")
    problems: list[ConfigError] = []
    parts: dict[str, Any] = {}
    located: dict[str, Located] = {}

    def attempt(name: str | Callable[[Any], str], read: Callable[..., tuple[Any, Located]], *arguments: Any) -> None:
        try:
            part, where = read(*arguments)
        except ConfigErrors as errors:
            problems.extend(errors.problems)
        except ConfigError as error:
            problems.append(error)
        else:
            key = name if isinstance(name, str) else name(part)
            if key in parts:
                problems.append(where.error((), f"is about the same as {located[key].path.name}"))
            parts[key], located[key] = part, where

    for name, (file, shape) in FILES.items():
        attempt(name, read_yaml, folder / file, shape)
    attempt("campaigns", read_csv, folder / "tracking/campaigns.csv", "campaign", ("aliases",))
    attempt("territories", read_csv, folder / "routing/territories.csv", "territory")
    for path, shape in _many(folder):
        attempt(OWN_NAMES[shape], read_yaml, path, shape)
    if problems:
        raise ConfigErrors(problems)
    catalog = _assemble(home, parts, located)
    problems = list(lint.problems(catalog))
    if problems:
        raise ConfigErrors(problems)
    return catalog


OWN_NAMES: Mapping[str, Callable[[Any], str]] = {
    "codes": lambda one: f"codes:{one.name}",
    "source-fields": lambda one: f"source:{one.connection}.{one.stream}",
    "target-fields": lambda one: f"target:{one.connection}.{one.object}",
}
"""Shape -> what a file of it is known by: what it says of itself, whatever it is called."""


def _many(folder: Path) -> Iterator[tuple[Path, str]]:
    """The files of which there may be any number, code lists and field mappings, with their shape."""
    for path in sorted((folder / "codes").glob("*.yaml")):
        yield path, "codes"
    for path in sorted((folder / "fields").glob("*.yaml")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield path, "source-fields" if any(line.startswith("stream:") for line in lines) else "target-fields"


def _assemble(home: Path, parts: Mapping[str, Any], located: Mapping[str, Located]) -> Catalog:
    def kind(prefix: str) -> list[Any]:
        return [part for name, part in parts.items() if name.startswith(prefix)]

    return Catalog(
        home=home,
        definitions=parts["definitions"],
        connections={one.name: one for one in parts["connections"].connections},
        sources={(one.connection, one.stream): one for one in kind("source:")},
        targets={(one.connection, one.object): one for one in kind("target:")},
        codes={one.name: one for one in kind("codes:")},
        tracking=parts["tracking"],
        campaigns=tuple(parts["campaigns"]),
        contact_points=parts["contact_points"],
        lexicon=parts["lexicon"],
        lead_types=parts["lead_types"],
        qualification=parts["qualification"],
        graph=parts["graph"],
        handoff=parts["handoff"],
        outcomes=parts["outcomes"],
        owners={one.code: one for one in parts["owners"].owners},
        routing=parts["routing"],
        territories=Territories(tuple(parts["territories"]), parts["regions"].regions),
        located=located,
    )
