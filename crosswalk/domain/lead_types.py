"""Lead types: what kind of inquiry this is, which motion works it, and what it must bring along (TYP-01, DQ-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import polars as pl

from crosswalk.domain.predicates import Predicate, first_match


@dataclass(frozen=True)
class Sla:
    """Response times agreed between marketing and sales: business hours, and attempts within them."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    accept_hours: float
    first_touch_hours: float
    max_queue_hours: float
    attempts: int


@dataclass(frozen=True)
class LeadType:
    """One type. The first type whose ``when`` holds is the lead's.

    ``requires`` are canonical fields that must be there at creation; a tuple inside means one of them is enough.
    ``sales: false`` marks types that never become a sales lead by themselves (medical and safety contacts).
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    code: str
    about: str
    motion: str
    when: Predicate
    owners: tuple[str, ...]
    content: tuple[str, ...]
    sla: Sla
    requires: tuple[str | tuple[str, ...], ...] = ()
    sales: bool = True


def classify(frame: pl.DataFrame, types: Sequence[LeadType]) -> pl.DataFrame:
    """Set ``lead_type`` and ``motion``, and add ``missing_required``.

    ``missing_required`` (String) lists the required fields that are absent, comma separated, null when complete.
    A lead of no type keeps null in both and is caught by the gate.
    """
    chosen = first_match((kind.when, kind.code) for kind in types)
    motions = {kind.code: kind.motion for kind in types}
    missing = [
        pl.when((pl.col("lead_type") == kind.code) & ~_present(field)).then(pl.lit(_spell(field)))
        for kind in types
        for field in kind.requires
    ]
    listed = pl.concat_list(missing).list.drop_nulls().list.join(", ") if missing else pl.lit("")
    return (
        frame.with_columns(chosen.alias("lead_type"))
        .with_columns(
            pl.col("lead_type").replace_strict(motions, default=None, return_dtype=pl.String).alias("motion"),
            listed.alias("missing_required"),
        )
        .with_columns(
            pl.when(pl.col("missing_required") != "").then(pl.col("missing_required")).alias("missing_required")
        )
    )


def _present(field: str | tuple[str, ...]) -> pl.Expr:
    names = (field,) if isinstance(field, str) else field
    return pl.any_horizontal([pl.col(name).is_not_null() for name in names])


def _spell(field: str | tuple[str, ...]) -> str:
    return field if isinstance(field, str) else " or ".join(field)
