"""GROUP BY, HAVING and aggregate functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import NUMERIC, Field
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_ast import AGGREGATES, Query, function_of
from sandbox.salesforce.soql_filter import MULTIPLE, Conditions, Getter
from sandbox.salesforce.soql_reader import Reader
from sandbox.salesforce.table import fold

_MOST_TOTALLED = 3  # fields of ROLLUP and CUBE [DOC]


@dataclass
class Group:
    """The values that its records share, one for each path of GROUP BY, and the records.

    A subtotal is a group that does not look at all paths: `by` says at which.
    """

    values: tuple[Any, ...]
    members: list[Record]
    by: tuple[bool, ...] = ()


class Grouping:
    """The groups of one query and what its expressions are for a group."""

    def __init__(self, query: Query, reader: Reader) -> None:
        self._query = query
        self._reader = reader
        self._names = [path.lower() for path in query.group_by]
        self._keys = [self._key(path) for path in query.group_by]
        if query.totals and len(self._keys) > _MOST_TOTALLED:
            what = f"{query.totals} takes no more than {_MOST_TOTALLED} fields"  # text [UNV]
            raise reader.complaint("MALFORMED_QUERY", 0, what)

    def _key(self, path: str) -> tuple[Field, Getter]:
        field, get = self._reader.resolve(path, 0)
        if not field.filterable or field.type in (*(NUMERIC - {"int"}), "datetime", MULTIPLE):
            what = f"field '{field.name}' can not be grouped in a query call"
            raise self._reader.complaint("MALFORMED_QUERY", 0, what)
        return field, get

    def groups(self, records: Iterable[Record]) -> list[Group]:
        """Text that differs by case only is one group [UNV]."""
        found: dict[tuple[Any, ...], Group] = {}
        levels = _levels(len(self._keys), self._query.totals)
        for record in records:
            values = [get(record) for _, get in self._keys]
            for by in levels:
                shared = tuple(value if seen else None for value, seen in zip(values, by, strict=True))
                group = found.setdefault((by, *map(fold, shared)), Group(shared, [], by))
                group.members.append(record)
        return list(found.values()) or ([] if self._query.group_by else [Group((), [])])

    def resolve(self, path: str, at: int, what: str = "Field") -> tuple[Field, Getter]:
        """What a path of SELECT, HAVING or ORDER BY is for a group: a shared value or an aggregate."""
        function, inner = function_of(path)
        if function in AGGREGATES:
            return self._aggregate(function, inner, at)
        if function == "GROUPING":
            place = self._place(inner, at, what)
            return Field(function, function, "int"), lambda group: 0 if group.by[place] else 1
        place = self._place(path, at, what)
        return self._keys[place][0], lambda group: group.values[place]

    def _place(self, path: str, at: int, what: str) -> int:
        """Where a path stands in GROUP BY."""
        if path.lower() not in self._names:
            raise self._reader.complaint("MALFORMED_QUERY", at, f"{what} must be grouped or aggregated: {path}")
        return self._names.index(path.lower())

    def _aggregate(self, function: str, path: str, at: int) -> tuple[Field, Getter]:
        if not path:
            if function != "COUNT":
                raise self._reader.complaint("MALFORMED_QUERY", at, "unexpected token: ')'")
            return Field("COUNT", "Count", "int"), lambda group: len(group.members)
        field, get = self._reader.resolve(path, at)
        if path.lower() in self._names:
            what = f"Grouped field should not be aggregated: {path}"  # [3P]
            raise self._reader.complaint("MALFORMED_QUERY", at, what)
        if not _supports(field, function):
            what = f"field {field.name} does not support aggregate operator {function}"
            raise self._reader.complaint("MALFORMED_QUERY", at, what)

        def compute(group: Group) -> Any:
            return _computed(function, [v for v in map(get, group.members) if v is not None])

        return (field if function in ("MIN", "MAX") else Field(function, function, _RESULTS[function])), compute


def _levels(count: int, totals: str | None) -> list[tuple[bool, ...]]:
    """At which paths groups look: at all; with ROLLUP also at all but the last ones, with CUBE at any of them [DOC]."""
    if totals == "ROLLUP":
        return [(True,) * kept + (False,) * (count - kept) for kept in range(count, -1, -1)]
    if totals == "CUBE":
        return list(product((True, False), repeat=count))
    return [(True,) * count]


_RESULTS = {"COUNT": "int", "COUNT_DISTINCT": "int", "SUM": "double", "AVG": "double"}


def _supports(field: Field, function: str) -> bool:
    if function in ("SUM", "AVG"):
        return field.type in NUMERIC
    if function in ("MIN", "MAX"):
        return field.filterable and field.type not in ("boolean", MULTIPLE)
    return field.filterable and (field.type != "boolean" or function == "COUNT_DISTINCT")


def _computed(function: str, values: list[Any]) -> Any:
    match function:
        case "COUNT":
            return len(values)
        case "COUNT_DISTINCT":
            return len({fold(v) for v in values})
        case "MIN":
            return min(values, key=fold, default=None)
        case "MAX":
            return max(values, key=fold, default=None)
        case "SUM":
            return float(sum(values)) if values else None
    return sum(values) / len(values) if values else None


def grouped(query: Query, reader: Reader, records: Iterable[Record], now: datetime) -> list[Record]:
    """The rows of an aggregate query, as they are shown."""
    grouping = Grouping(query, reader)
    shown = _shown(query, grouping, reader)
    groups = grouping.groups(records)
    if query.having is not None:
        groups = list(filter(Conditions(reader.text, grouping.resolve, now).predicate(query.having), groups))
    for order in reversed(query.order_by):
        _, get = grouping.resolve(order.path, order.at, "Ordered field")
        empty = [group for group in groups if get(group) is None]
        full = sorted((g for g in groups if get(g) is not None), key=lambda g, get=get: fold(get(g)),  # type: ignore[misc]
                      reverse=order.descending)  # fmt: skip
        groups = full + empty if order.nulls_last else empty + full
    start = query.offset or 0
    groups = groups[start : None if query.limit is None else start + query.limit]
    attributes = {"type": "AggregateResult"}
    return [{"attributes": attributes, **{name: get(group) for name, get in shown}} for group in groups]


def _shown(query: Query, grouping: Grouping, reader: Reader) -> list[tuple[str, Getter]]:
    """Names and values of a row: aggregates and date functions without an alias are expr0, expr1 and so on."""
    found: list[tuple[str, Getter]] = []
    unnamed = 0
    for item in query.select:
        if item.inner is not None or item.function in ("FIELDS", "TYPEOF", "TOLABEL"):
            raise reader.complaint("MALFORMED_QUERY", item.at, f"not allowed with aggregates: {item.path}")
        field, get = grouping.resolve(f"{item.function}({item.path})" if item.function else item.path, item.at)
        name = item.alias or (f"expr{unnamed}" if item.function else field.name)
        unnamed += item.function is not None and item.alias is None
        if name in (known for known, _ in found):
            raise SalesforceError("MALFORMED_QUERY", f"duplicate alias: {name}")  # [3P]
        found.append((name, get))
    return found
