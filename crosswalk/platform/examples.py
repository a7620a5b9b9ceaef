"""The examples inside field mappings, run as tests: what an admin expects of a mapping, proved without any system."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import polars as pl

from crosswalk.domain import outcomes, shaping
from crosswalk.domain.mapping import Example, FieldMap
from crosswalk.domain.schema import PAYLOAD, dtypes
from crosswalk.errors import ConfigError
from crosswalk.platform.catalog import Catalog

_FINDINGS = pl.DataFrame(schema=dict.fromkeys(("payload_id", "kind", "action", "reason"), pl.String))


def failures(catalog: Catalog) -> Iterator[ConfigError]:
    """Yield every example that does not hold, with the field and what came out instead."""
    for (connection, stream), mapping in catalog.sources.items():
        located = catalog.located[f"source:{connection}.{stream}"]
        for index, example in enumerate(mapping.examples):
            shaped = shape_one(catalog, mapping, example)
            for name, expected in example.expect.items():
                path = ("examples", index, "expect", name)
                if name not in shaped:
                    yield located.error(path, f"{example.name}: {name!r} is not a canonical field")
                elif not _holds(name, shaped[name], expected):
                    got = _spell(shaped[name])
                    yield located.error(path, f"{example.name}: expected {_spell(expected)}, got {got}")


def shape_one(catalog: Catalog, mapping: FieldMap, example: Example) -> dict[str, Any]:
    """Shape one example row exactly as a run would."""
    unknown = [name for name in example.given if name not in mapping.properties]
    if unknown:
        message = f"example {example.name!r} gives {unknown[0]!r}, which the mapping does not read"
        raise ConfigError(message, file=f"mappings/fields/{mapping.connection}.{mapping.stream}.yaml")
    at = datetime(2026, 11, 16, 15, tzinfo=UTC)
    row = {
        "payload_id": "example",
        "source": mapping.connection,
        "stream": mapping.stream,
        "external_id": "1",
        "modified_at": at,
        "hash": "example",
        **{name: example.given.get(name) for name in mapping.properties},
    }
    schema = {**dict.fromkeys(mapping.properties, pl.String), **dtypes(PAYLOAD)}
    payload = pl.DataFrame([row], schema=schema)
    if mapping.outcome is not None:
        return outcomes.shape(payload, mapping, catalog.codes).row(0, named=True)
    return shaping.shape(payload, mapping, _FINDINGS, catalog.standard).row(0, named=True)


def _holds(name: str, actual: Any, expected: Any) -> bool:
    """Codes are expected to be among those that came out; everything else is compared as it is."""
    if name == "codes":
        return set(expected) <= set(actual)
    if isinstance(actual, datetime):
        return actual.isoformat().replace("+00:00", "Z") == str(expected)
    return bool(actual == expected)


def _spell(value: Any) -> str:
    return "nothing" if value is None else repr(value)
