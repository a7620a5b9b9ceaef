"""Conditions: checked against the schema and compiled to predicates.

Two-valued logic: a comparison with a null field is false, except `= null`, `!= value`, NOT IN and EXCLUDES, which are
true for it; NOT turns any of them round [UNV in corner cases].
"""

import operator
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import NUMERIC, TEXTUAL, Field
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.soql_ast import And, Comparison, Condition, Literal, Not, Or
from sandbox.salesforce.soql_dates import period
from sandbox.salesforce.soql_tokens import complaint
from sandbox.salesforce.stamps import parse_date, parse_datetime

# What a condition is about: a record, or a group of records in HAVING.
Predicate = Callable[[Any], bool]
Getter = Callable[[Any], Any]
Resolve = Callable[[str, int], tuple[Field, Getter]]  # (path, position) -> what it names

MULTIPLE = "multipicklist"  # its values are kept as one text, joined by semicolons
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Conditions:
    """The conditions of one query; `resolve` knows its fields."""

    def __init__(self, query: str, resolve: Resolve, now: datetime) -> None:
        self._query = query
        self.resolve = resolve
        self._now = now

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
        field, get = self.resolve(node.path, node.at)
        if not field.filterable:
            text = f"field '{field.name}' can not be filtered in a query call"
            raise complaint("INVALID_FIELD", self._query, node.at, text)
        if node.op in ("INCLUDES", "EXCLUDES"):
            return self._chosen(field, get, node)
        if node.op == "LIKE":
            if field.type not in TEXTUAL:
                raise self._wrong_operator(field, node)
            return _like(get, node.values[0].text)
        ranges = [self.span(field, value, node) for value in node.values]
        if node.op in ("IN", "=", "NOT IN", "!="):
            member = _member(get, ranges, folds(field))
            return member if node.op in ("IN", "=") else lambda record: not member(record)
        if field.type in ("boolean", MULTIPLE):
            raise self._wrong_operator(field, node)
        low, high = ranges[0]
        # With a period, < and >= look at its first moment, <= and > at its last [DOC].
        return _ordered(get, node.op, low if node.op in ("<", ">=") else high, folds(field))

    def _wrong_operator(self, field: Field, node: Comparison) -> SalesforceError:
        text = f"invalid operator on {field.type} field"
        return complaint("INVALID_QUERY_FILTER_OPERATOR", self._query, node.at, text)

    def _chosen(self, field: Field, get: Getter, node: Comparison) -> Predicate:
        """INCLUDES ('a;b', 'c'): a and b are chosen, or c is [DOC]."""
        if field.type != MULTIPLE:
            raise self._wrong_operator(field, node)
        if any(value.kind != "string" for value in node.values):
            raise self._wrong_type(field, node)
        wanted = [set(value.text.lower().split(";")) for value in node.values]

        def includes(record: Any) -> bool:
            chosen = set((get(record) or "").lower().split(";"))
            return any(one <= chosen for one in wanted)

        return includes if node.op == "INCLUDES" else lambda record: not includes(record)

    def span(self, field: Field, value: Literal, node: Comparison) -> tuple[Any, Any]:
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
        elif kind in TEXTUAL or kind == MULTIPLE:
            if value.kind == "string":
                wanted = (value.text.lower() if folds(field) else value.text) or None
                return wanted, wanted
        elif kind == "boolean":
            if value.kind == "boolean":
                return value.text == "TRUE", value.text == "TRUE"
        elif kind in NUMERIC:
            if value.kind == "number":
                return float(value.text), float(value.text)
        elif value.kind == "period":
            if kind in ("date", "datetime"):
                return self._period(kind, value, node)
        elif kind == "date" and value.kind == "date":
            return self._moment(parse_date(value.text), value, node)
        elif kind == "datetime" and value.kind == "datetime":
            return self._moment(parse_datetime(value.text), value, node)
        raise self._wrong_type(field, node)

    def _period(self, kind: str, value: Literal, node: Comparison) -> tuple[str, str]:
        try:
            first, last = period(value.text, self._now)
        except (OverflowError, ValueError):
            raise complaint("MALFORMED_QUERY", self._query, node.at, f"Invalid date: {value.text}") from None
        if kind == "date":
            return first.isoformat(), last.isoformat()
        return f"{first.isoformat()}T00:00:00.000+0000", f"{last.isoformat()}T23:59:59.000+0000"

    def _moment(self, found: str | None, value: Literal, node: Comparison) -> tuple[Any, Any]:
        if found is None:
            raise complaint("MALFORMED_QUERY", self._query, node.at, f"Invalid date: {value.text}")
        return found, found

    def _wrong_type(self, field: Field, node: Comparison) -> SalesforceError:
        names = {"datetime": "dateTime", "reference": "string", "id": "string"}
        shown = "string" if field.type in (*TEXTUAL, MULTIPLE) else names.get(field.type, field.type)
        quotes = "should be enclosed in quotes" if shown == "string" else "should not be enclosed in quotes"
        text = f"value of filter criterion for field '{field.name}' must be of type {shown} and {quotes}"
        return complaint("INVALID_FIELD", self._query, node.at, text)


def folds(field: Field) -> bool:
    """Text is compared without case, but for fields that are unique with case [DOC]."""
    return field.type in (*TEXTUAL, MULTIPLE) and not field.case_sensitive


def _all(terms: list[Predicate]) -> Predicate:
    if len(terms) == 2:
        first, second = terms
        return lambda record: first(record) and second(record)
    return lambda record: all(term(record) for term in terms)


def _any(terms: list[Predicate]) -> Predicate:
    return lambda record: any(term(record) for term in terms)


def _member(get: Getter, ranges: list[tuple[Any, Any]], folded: bool) -> Predicate:
    exact = {low for low, high in ranges if low == high}
    spans = [(low, high) for low, high in ranges if low != high]

    def match(record: Any) -> bool:
        value = get(record)
        if folded and value is not None:
            value = value.lower()
        return value in exact or (value is not None and any(low <= value <= high for low, high in spans))

    return match


def _ordered(get: Getter, op: str, bound: Any, folded: bool) -> Predicate:
    compare = _ORDER[op]

    def match(record: Any) -> bool:
        value = get(record)
        if value is None or bound is None:
            return False
        return compare(value.lower() if folded else value, bound)

    return match


def _like(get: Getter, pattern: str) -> Predicate:
    """% any run of characters, _ exactly one; a backslash takes their meaning away [DOC]."""
    wild = {"%": ".*", "_": "."}

    def part(match: re.Match[str]) -> str:
        found = match.group()
        return wild.get(found) or re.escape(found[1:] if found in ("\\%", "\\_", "\\\\") else found)

    regex = re.sub(r"\\[%_\\]|[%_]|.", part, pattern.lower(), flags=re.DOTALL)
    find = partial(re.compile(regex, re.DOTALL).fullmatch)

    def match(record: Any) -> bool:
        value = get(record)
        return isinstance(value, str) and find(value.lower()) is not None

    return match
