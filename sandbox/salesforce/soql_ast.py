"""What a SOQL query says, independent of any org.

A path is a field as the query names it: Name, Owner.Name, or a function of one: CALENDAR_YEAR(CreatedDate), COUNT(Id).
"""

from dataclasses import dataclass
from typing import Literal as Fixed

Kind = Fixed["string", "number", "boolean", "null", "date", "datetime", "period"]


@dataclass(frozen=True)
class Literal:
    """A value in a condition. `text` is canonical: unescaped for strings, as written for the others."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Comparison:
    """field op value; several `values` with IN, NOT IN, INCLUDES and EXCLUDES, none when a sub-select gives them."""

    path: str
    op: str  # = != < <= > >= LIKE IN "NOT IN" INCLUDES EXCLUDES
    values: tuple[Literal, ...]
    at: int = 0  # position in the query, for error texts
    inner: "Query | None" = None


@dataclass(frozen=True)
class Not:
    term: "Condition"


@dataclass(frozen=True)
class And:
    terms: tuple["Condition", ...]


@dataclass(frozen=True)
class Or:
    terms: tuple["Condition", ...]


Condition = Comparison | Not | And | Or


@dataclass(frozen=True)
class Branch:
    """WHEN object THEN paths of a TYPEOF; its ELSE has no object."""

    object: str | None
    paths: tuple[tuple[str, int], ...]
    at: int = 0


@dataclass(frozen=True)
class Selected:
    """A field (function None), COUNT(Id) with its alias, FIELDS(ALL), TYPEOF, or a sub-select over children."""

    path: str
    function: str | None = None
    alias: str | None = None
    at: int = 0
    inner: "Query | None" = None
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Ordering:
    path: str
    descending: bool = False
    nulls_last: bool = False
    at: int = 0


@dataclass(frozen=True)
class Query:
    select: tuple[Selected, ...]
    source: str
    where: Condition | None = None
    group_by: tuple[str, ...] = ()
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int | None = None
    count_only: bool = False  # SELECT COUNT() FROM …
    source_at: int = 0
    having: Condition | None = None
    scope: str | None = None  # USING SCOPE, lower-cased
    totals: str | None = None  # ROLLUP or CUBE: GROUP BY adds subtotals

    @property
    def aggregate(self) -> bool:
        """The result is made of groups, not of records."""
        return bool(self.group_by) or any(s.function in AGGREGATES for s in self.select)


AGGREGATES = ("COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG")


def function_of(path: str) -> tuple[str, str]:
    """COUNT(Id) as (COUNT, Id); a plain field has no function."""
    function, opened, inner = path.partition("(")
    return (function, inner.removesuffix(")")) if opened else ("", path)
