"""Conditions: checked against the schema, compiled to predicates, and used to pick candidates from indexes.

Two-valued logic: a comparison with a null field is false, except `= null`, `!= value` and NOT IN, which are true for
it; NOT turns any of them round [UNV in corner cases].
"""

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import NUMERIC, TEXTUAL, Field
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_ast import And, Comparison, Condition, Literal, Not, Or
from sandbox.salesforce.soql_parse import complaint
from sandbox.salesforce.stamps import parse_date, parse_datetime, stamp
from sandbox.salesforce.table import Table

Predicate = Callable[[Record], bool]
Getter = Callable[[Record], Any]
Resolve = Callable[[str, int], tuple[Field, Getter]]  # (path, position) -> what it names

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Conditions:
    """The WHERE clause of one query against one table."""

    def __init__(self, query: str, table: Table, resolve: Resolve, now: datetime) -> None:
        self._query = query
        self._table = table
        self._resolve = resolve
        self._now = now

    # -- predicates -----------------------------------------------------------------------------------------------

    def predicate(self, node: Condition) -> Predicate:
        match node:
            case And(terms):
                return _all([self.predicate(t) for t in terms])
            case Or(terms):
                return _any([self.predicate(t) for t in terms])
            case Not(term):
                inner = self.predicate(term)
                return lambda record: not inner(record)
            case Comparison():
                return self._comparison(node)

    def _comparison(self, node: Comparison) -> Predicate:
        field, get = self._resolve(node.path, node.at)
        if not field.filterable:
            text = f"field '{field.name}' can not be filtered in a query call"
            raise complaint("INVALID_FIELD", self._query, node.at, text)
        if node.op == "LIKE":
            if field.type not in TEXTUAL:
                text = f"invalid operator on {field.type} field"
                raise complaint("INVALID_QUERY_FILTER_OPERATOR", self._query, node.at, text)
            return _like(get, node.values[0].text)
        ranges = [self._range(field, value, node) for value in node.values]
        textual = field.type in TEXTUAL
        if node.op in ("IN", "=", "NOT IN", "!="):
            member = _member(get, ranges, textual)
            return member if node.op in ("IN", "=") else lambda record: not member(record)
        if field.type == "boolean":
            raise complaint("INVALID_QUERY_FILTER_OPERATOR", self._query, node.at, "invalid operator on field")
        low, high = ranges[0]
        # With a period, < and >= look at its first moment, <= and > at its last [DOC].
        return _ordered(get, node.op, low if node.op in ("<", ">=") else high, textual)

    def _range(self, field: Field, value: Literal, node: Comparison) -> tuple[Any, Any]:
        """A literal as stored values: (value, value), or the ends of a period.

        Wrong types are refused as Salesforce does; missing or superfluous quotes are the usual mistake [DOC].
        """
        if value.kind == "null":
            return None, None
        kind = field.type
        if kind in ("id", "reference"):
            if value.kind == "string":
                if value.text == "":
                    return None, None
                found = normalise(value.text)
                if found is None:
                    text = f"invalid ID field: {value.text}"
                    raise complaint("INVALID_QUERY_FILTER_OPERATOR", self._query, node.at, text)
                return found, found
        elif kind in TEXTUAL:
            if value.kind == "string":
                folded = value.text.lower() or None
                return folded, folded
        elif kind == "boolean":
            if value.kind == "boolean":
                return value.text == "TRUE", value.text == "TRUE"
        elif kind in NUMERIC:
            if value.kind == "number":
                return float(value.text), float(value.text)
        elif value.kind == "period":
            first, last = _period(value.text, self._now)
            if kind == "date":
                return first.date().isoformat(), last.date().isoformat()
            return stamp(first), stamp(last)
        elif kind == "date" and value.kind == "date":
            return self._moment(parse_date(value.text), value, node)
        elif kind == "datetime" and value.kind == "datetime":
            return self._moment(parse_datetime(value.text), value, node)
        raise self._wrong_type(field, node)

    def _moment(self, found: str | None, value: Literal, node: Comparison) -> tuple[Any, Any]:
        if found is None:
            raise complaint("MALFORMED_QUERY", self._query, node.at, f"Invalid date: {value.text}")
        return found, found

    def _wrong_type(self, field: Field, node: Comparison) -> SalesforceError:
        names = {"datetime": "dateTime", "reference": "string", "id": "string"}
        shown = "string" if field.type in TEXTUAL else names.get(field.type, field.type)
        quotes = "should be enclosed in quotes" if shown == "string" else "should not be enclosed in quotes"
        text = f"value of filter criterion for field '{field.name}' must be of type {shown} and {quotes}"
        return complaint("INVALID_FIELD", self._query, node.at, text)

    # -- candidates -----------------------------------------------------------------------------------------------

    def candidates(self, node: Condition) -> set[str] | None:
        """Ids among which all matches are, found through indexes; None when only a scan can tell."""
        match node:
            case Comparison(path, op, values, at) if op in ("=", "IN") and "." not in path:
                field, _ = self._resolve(path, at)
                if not self._table.has_index(field.name):
                    return None
                wanted = [self._range(field, value, node)[0] for value in values]
                if any(value is None for value in wanted):
                    return None
                folded = field.type == "reference"
                return self._table.lookup(field.name, (v.lower() for v in wanted) if folded else wanted)
            case And(terms):
                found = [c for c in map(self.candidates, terms) if c is not None]
                return min(found, key=len) if found else None
            case Or(terms):
                union: set[str] = set()
                for term in terms:
                    part = self.candidates(term)
                    if part is None:
                        return None
                    union |= part
                return union
        return None

    def changed_since(self, node: Condition | None) -> str | None:
        """The lower bound that the condition puts on SystemModstamp, if any."""
        match node:
            case Comparison(path, op, values, at) if path.lower() == "systemmodstamp" and op in (">", ">=", "="):
                field, _ = self._resolve(path, at)
                low = self._range(field, values[0], node)[0]
                return low if isinstance(low, str) else None
            case And(terms):
                return max((b for b in map(self.changed_since, terms) if b is not None), default=None)
            case Or(terms):
                bounds = [self.changed_since(term) for term in terms]
                known = [b for b in bounds if b is not None]
                return min(known) if len(known) == len(bounds) else None
        return None


def _all(terms: list[Predicate]) -> Predicate:
    if len(terms) == 2:
        first, second = terms
        return lambda record: first(record) and second(record)
    return lambda record: all(term(record) for term in terms)


def _any(terms: list[Predicate]) -> Predicate:
    return lambda record: any(term(record) for term in terms)


def _member(get: Getter, ranges: list[tuple[Any, Any]], textual: bool) -> Predicate:
    exact = {low for low, high in ranges if low == high}
    spans = [(low, high) for low, high in ranges if low != high]

    def match(record: Record) -> bool:
        value = get(record)
        if textual and value is not None:
            value = value.lower()
        return value in exact or (value is not None and any(low <= value <= high for low, high in spans))

    return match


def _ordered(get: Getter, op: str, bound: Any, textual: bool) -> Predicate:
    compare = _ORDER[op]

    def match(record: Record) -> bool:
        value = get(record)
        if value is None or bound is None:
            return False
        return compare(value.lower() if textual else value, bound)

    return match


def _like(get: Getter, pattern: str) -> Predicate:
    """% any run of characters, _ exactly one; a backslash takes their meaning away [DOC]."""
    wild = {"%": ".*", "_": "."}

    def part(match: re.Match[str]) -> str:
        found = match.group()
        return wild.get(found) or re.escape(found[1:] if found in ("\\%", "\\_", "\\\\") else found)

    regex = re.sub(r"\\[%_\\]|[%_]|.", part, pattern.lower(), flags=re.DOTALL)
    find = partial(re.compile(regex, re.DOTALL).fullmatch)

    def match(record: Record) -> bool:
        value = get(record)
        return isinstance(value, str) and find(value.lower()) is not None

    return match


def _period(text: str, now: datetime) -> tuple[datetime, datetime]:
    """First and last second of a period, in UTC: the org's user has no other time zone here [UNV]."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    word, _, number = text.partition(":")
    day = timedelta(days=1)
    first, days = {
        "TODAY": (today, 1),
        "YESTERDAY": (today - day, 1),
        "TOMORROW": (today + day, 1),
        "LAST_N_DAYS": (today - day * int(number or 0), int(number or 0) + 1),
        "NEXT_N_DAYS": (today + day, int(number or 0)),
    }[word]
    return first, first + day * days - timedelta(seconds=1)
