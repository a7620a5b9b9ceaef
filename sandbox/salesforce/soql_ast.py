"""What a SOQL query says, independent of any org."""

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
    """field op value; `values` has one entry unless `op` is IN or NOT IN, none when a sub-select gives them."""

    path: str
    op: str  # = != < <= > >= LIKE IN "NOT IN"
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
class Selected:
    """A field (function None), an aggregate such as COUNT(Id) with its alias, or a sub-select over children."""

    path: str
    function: str | None = None
    alias: str | None = None
    at: int = 0
    inner: "Query | None" = None


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
    offset: int = 0
    count_only: bool = False  # SELECT COUNT() FROM …
    source_at: int = 0
