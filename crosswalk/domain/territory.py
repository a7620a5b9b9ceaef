"""Territories: named account, ZIP5, ZIP3, state, region, in that order, each with effective dates (RTE-02)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

import polars as pl

from crosswalk.domain.labels import key

Level = Literal["account", "zip5", "zip3", "state", "region"]
PRECEDENCE: tuple[Level, ...] = ("account", "zip5", "zip3", "state", "region")
DIGITS = {"zip5": 5, "zip3": 3}


@dataclass(frozen=True)
class TerritoryRule:
    """One row of the territory table.

    ``value`` is a company name, a ZIP5, a ZIP3, a state or a region; a ZIP3 must name its ``state`` as well, because
    several three-digit prefixes span states. Valid from ``start`` (inclusive) to ``end`` (exclusive).
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    territory: str
    level: Level
    value: str
    state: str = ""
    start: date = date.min
    end: date = date.max

    def __post_init__(self) -> None:
        """Refuse a row that could never match."""
        if self.level == "zip3" and not self.state:
            raise ValueError("a ZIP3 must state its state as well: several three-digit prefixes span states")
        if self.level in DIGITS and not (self.value.isdigit() and len(self.value) == DIGITS[self.level]):
            raise ValueError(f"a {self.level} has {DIGITS[self.level]} digits")
        if self.start >= self.end:
            raise ValueError("ends before it starts")


@dataclass(frozen=True)
class Territories:
    """The territory table and the regions it may name."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    rules: tuple[TerritoryRule, ...]
    regions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def resolve(leads: pl.DataFrame, table: Territories) -> pl.DataFrame:
    """Add ``territory`` and ``territory_level``; null where nothing covers the lead.

    The lead's own day of receipt decides which rows are in force, so that a realignment changes only later leads.
    """
    region_of = {state: region for region, states in table.regions.items() for state in states}
    company = pl.col("company").map_elements(key, return_dtype=pl.String, skip_nulls=True)
    wanted = leads.select(
        "unit",
        pl.col("received_at").dt.date().alias("day"),
        company.alias("account"),
        "zip5",
        pl.concat_str(pl.col("zip5").str.slice(0, 3), "state", separator="-").alias("zip3"),
        "state",
        pl.col("state").replace_strict(region_of, default=None, return_dtype=pl.String).alias("region"),
    )
    hits = [_hits(wanted, level, [rule for rule in table.rules if rule.level == level]) for level in PRECEDENCE]
    best = (
        pl.concat(hits)
        .sort(["rank", "start"], descending=[False, True], maintain_order=True)
        .unique("unit", keep="first", maintain_order=True)
        .select("unit", "territory", "territory_level")
    )
    return leads.drop("territory", "territory_level", strict=False).join(
        best, on="unit", how="left", maintain_order="left"
    )


def _hits(wanted: pl.DataFrame, level: Level, rules: Sequence[TerritoryRule]) -> pl.DataFrame:
    """All rows of one level that cover each lead on its day."""
    values: Mapping[str, Callable[[TerritoryRule], str]] = {
        "account": lambda rule: key(rule.value),
        "zip3": lambda rule: f"{rule.value}-{rule.state}",
    }
    spell: Callable[[TerritoryRule], str] = values.get(level) or (lambda rule: rule.value)
    rows = pl.DataFrame(
        [(spell(rule), rule.territory, rule.start, rule.end) for rule in rules],
        schema={level: pl.String, "territory": pl.String, "start": pl.Date, "end": pl.Date},
        orient="row",
    )
    return (
        wanted.join(rows, on=level, how="inner")
        .filter((pl.col("start") <= pl.col("day")) & (pl.col("day") < pl.col("end")))
        .select(
            "unit",
            "territory",
            "start",
            pl.lit(level).alias("territory_level"),
            pl.lit(PRECEDENCE.index(level)).alias("rank"),
        )
    )
