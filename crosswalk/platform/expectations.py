"""What a gate's rules are: the columns that each gate has, and expectations as data.

Kept apart from ``crosswalk.platform.gates``, as is reading them (``crosswalk.platform.suites``), because that imports
Great Expectations, which takes seconds: ``crosswalk check`` must not wait for it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import polars as pl

from crosswalk.domain import schema
from crosswalk.domain.outcomes import OUTCOME

Severity = Literal["info", "warn", "hold", "stop"]
Types = Mapping[str, Any]
Columns = Mapping[str, pl.DataType | type[pl.DataType]]

TYPES_FILE: Final = Path(__file__).with_name("expectation_types.json")
SEVERITIES: Final = get_args(Severity)
_S, _B, _I = pl.String, pl.Boolean, pl.Int64
_SHAPED: Columns = {**schema.dtypes(schema.LEAD), "contactable": _B, "missing_required": _S}
_IDENTIFIED: Columns = {**_SHAPED, **schema.dtypes(schema.IDENTIFIED)}
_QUALIFIED: Columns = {**_IDENTIFIED, **schema.dtypes(schema.QUALIFIED)}
_ACTION: Columns = {"action_id": _S, "object": _S}

GATES: Final[Mapping[str, Columns]] = {
    "raw": schema.dtypes(schema.PAYLOAD),
    "shaped": _SHAPED,
    "identified": _IDENTIFIED,
    "qualified": _QUALIFIED,
    "routed": {**_QUALIFIED, **schema.dtypes(schema.ROUTED), "has_place": _B},
    "handed_off": {
        **_ACTION,
        "external_id": _S,
        "lead_id": _S,
        "depends_on": _S,
        "package_complete": _B,
        "over_ceiling": _I,
    },
    "fed_back": {**_ACTION, "external_id": _S, "lead_id": _S, "package_complete": _B, "over_ceiling": _I},
    "returned": schema.dtypes(OUTCOME),
    "planned": {**_ACTION, "kind": _S, "n_fields": _I, "clears": _I},
    "receipts": {**_ACTION, "outcome": _S, "code": _S, "record_id": _S},
}
"""The columns that each gate can judge; ``raw`` has the vendor's own columns besides."""


@dataclass(frozen=True)
class When:
    """Only rows whose ``column`` has one of ``values`` are judged; null may be one of them."""

    column: str
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Expectation:
    """One rule of a gate. ``expect`` is Great Expectations' snake_case type."""

    id: str
    expect: str
    args: Mapping[str, Any]
    severity: Severity
    reason: str
    max_failed_share: float | None = None
    """For ``hold``: above this share of the whole batch the gate stops instead of refusing rows."""
    when: When | None = None
    min_rows: int = 1
    """In a batch of fewer rows, shares (``mostly``, ``max_failed_share``) say nothing and are not judged."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule reads, its condition's excepted."""
        named = [self.args[name] for name in ("column", "column_A", "column_B") if name in self.args]
        return (*named, *self.args.get("column_list", ()))


@dataclass(frozen=True)
class Suite:
    """The rules of one gate, in the order in which a row's first failure names its reason."""

    gate: str
    about: str
    expectations: tuple[Expectation, ...]


def known_types() -> Types:
    """Return what Great Expectations can judge: type -> class, rows or batch, arguments."""
    types: Types = json.loads(TYPES_FILE.read_text(encoding="utf-8"))
    return types
