"""Search filters: checked as HubSpot checks them, compiled to predicates over a record's properties."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.schema import Schema, parse_ms
from sandbox.hubspot.store import Store

Predicate = Callable[[Mapping[str, str]], bool]
Comparable = int | float | str

MAX_GROUPS, MAX_FILTERS, MAX_FILTERS_IN_ALL = 5, 6, 18
_SINGLE = frozenset(("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"))
_LISTS = frozenset(("IN", "NOT_IN"))
_BARE = frozenset(("HAS_PROPERTY", "NOT_HAS_PROPERTY"))
OPERATORS = _SINGLE | _LISTS | _BARE | {"BETWEEN"}
_ASSOCIATED = "associations."
_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True)
class Filter:
    name: str
    operator: str
    value: str = ""
    high: str = ""
    values: tuple[str, ...] = ()


def problem(detail: str) -> HubSpotError:
    return bad_request("There was a problem with the request.", errors=[{"message": detail}])


def parse_groups(store: Store, body: Mapping[str, Any]) -> tuple[tuple[Filter, ...], ...]:
    """The request's filterGroups, within the documented caps of 5 groups, 6 filters each, 18 in all [DOC]."""
    groups = body.get("filterGroups") or []
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise problem("filterGroups is a list of objects")
    if body.get("filters") and not groups:
        groups = [{"filters": body["filters"]}]
    if len(groups) > MAX_GROUPS:
        raise problem(f"too many filterGroups: {len(groups)}, at most {MAX_GROUPS}")
    parsed = []
    for group in groups:
        filters = group.get("filters") or []
        if not isinstance(filters, list) or not filters:
            raise problem("a filter group needs at least one filter")
        if len(filters) > MAX_FILTERS:
            raise problem(f"too many filters in a group: {len(filters)}, at most {MAX_FILTERS}")
        parsed.append(tuple(_parse(store, entry) for entry in filters))
    if sum(map(len, parsed)) > MAX_FILTERS_IN_ALL:
        raise problem(f"too many filters: at most {MAX_FILTERS_IN_ALL} in all groups together")
    return tuple(parsed)


def _parse(store: Store, entry: Any) -> Filter:
    if not isinstance(entry, dict) or not isinstance(entry.get("propertyName"), str):
        raise problem("a filter needs a propertyName")
    name, operator = entry["propertyName"], entry.get("operator")
    if operator not in OPERATORS:
        raise problem(f"operator {operator} is not one of {', '.join(sorted(OPERATORS))}")
    if name.startswith(_ASSOCIATED):
        return _associated(store, name, operator, entry)
    if name not in store.schema.definitions:
        raise problem(f"there is no property named '{name}'")
    if operator in _LISTS:
        values = entry.get("values")
        if not isinstance(values, list) or not values:
            raise problem(f"operator {operator} on '{name}' requires values")
        return Filter(name, operator, values=tuple(_scalar(name, value) for value in values))
    if operator in _BARE:
        return Filter(name, operator)
    value = _scalar(name, entry.get("value"))
    if operator != "BETWEEN":
        return Filter(name, operator, value)
    return Filter(name, operator, value, high=_scalar(name, entry.get("highValue")))


def _associated(store: Store, name: str, operator: str, entry: Mapping[str, Any]) -> Filter:
    """`associations.contact EQ 123`: the records associated with that one, as they are now [DOC; no index lag, INV].

    HubSpot searches neither through nor for associations of custom objects [DOC].
    """
    if operator == "EQ":
        wanted = [entry.get("value")]
    elif operator == "IN":
        wanted = entry.get("values") or []
    else:
        raise problem(f"operator {operator} is not one that '{name}' takes: EQ, IN")
    keys = {key for value in wanted for key in store.associated(name.removeprefix(_ASSOCIATED), _scalar(name, value))}
    # There is no record 0: without an association nothing matches.
    return Filter("hs_object_id", "IN", values=tuple(map(str, sorted(keys))) or ("0",))


def _scalar(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str) or value == "":
        raise problem(f"the filter on '{name}' requires a value")
    return value


def operand(schema: Schema, name: str, value: str) -> Comparable:
    """A filter's value in the type it is compared by. Raises the 400 when it has none."""
    try:
        return comparable(schema.type_of(name), name, value)
    except ValueError:
        raise problem(f"'{value}' is no {schema.type_of(name)}, which '{name}' holds") from None


def comparable(kind: str, name: str, value: str) -> Comparable:
    """Numbers and moments by their size, options exactly, text without regard to case."""
    if name == "hs_object_id":
        return int(value)
    if kind == "number":
        return float(value)
    if kind in ("date", "datetime"):
        return parse_ms(value)
    return value if kind == "enumeration" else value.lower()


def compile_filter(schema: Schema, rule: Filter) -> Predicate:
    """A record without the property passes only NOT_HAS_PROPERTY; for the negative operators that is [UNV]."""
    name, operator = rule.name, rule.operator
    if operator == "HAS_PROPERTY":
        return lambda values: name in values
    if operator == "NOT_HAS_PROPERTY":
        return lambda values: name not in values
    if operator in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
        has_token, wanted = _token_test(rule.value), operator == "CONTAINS_TOKEN"
        return lambda values: name in values and has_token(values[name]) == wanted
    if operator in ("EQ", "NEQ", "IN", "NOT_IN"):
        return _membership(schema, rule)
    return _range(schema, rule)


def _membership(schema: Schema, rule: Filter) -> Predicate:
    name, kind = rule.name, schema.type_of(rule.name)
    positive = rule.operator in ("EQ", "IN")
    if rule.operator in ("EQ", "NEQ"):
        wanted = frozenset((operand(schema, name, rule.value),))
    elif kind == "string":
        # Values of IN and NOT_IN must come in lower case [DOC]: one in capitals is compared as it is, and matches none.
        wanted = frozenset(rule.values)
    else:
        wanted = frozenset(operand(schema, name, value) for value in rule.values)
    if schema.is_multiple(name):
        return lambda values: name in values and (not wanted.isdisjoint(values[name].split(";"))) == positive
    if kind == "enumeration":
        return lambda values: name in values and (values[name] in wanted) == positive

    def test(values: Mapping[str, str]) -> bool:
        held = _held(kind, name, values)
        return held is not None and (held in wanted) == positive

    return test


def _range(schema: Schema, rule: Filter) -> Predicate:
    name, kind, operator = rule.name, schema.type_of(rule.name), rule.operator
    low: Any = operand(schema, name, rule.value)
    high: Any = operand(schema, name, rule.high) if operator == "BETWEEN" else None

    def test(values: Mapping[str, str]) -> bool:
        held: Any = _held(kind, name, values)
        if held is None:
            return False
        if operator == "GT":
            return bool(held > low)
        if operator == "GTE":
            return bool(held >= low)
        if operator == "LT":
            return bool(held < low)
        if operator == "LTE":
            return bool(held <= low)
        return bool(low <= held <= high)

    return test


def _held(kind: str, name: str, values: Mapping[str, str]) -> Comparable | None:
    """A record's value to compare; a seeded one that is dirty for its type compares with nothing."""
    value = values.get(name)
    if value is None:
        return None
    try:
        return comparable(kind, name, value)
    except ValueError:
        return None


def _token_test(wanted: str) -> Callable[[str], bool]:
    """Whole words, in any case; `*` stands for any part of a word or value."""
    wanted = wanted.lower()
    if "*" in wanted:
        pattern = re.compile(translate(wanted))
        return lambda value: (
            bool(pattern.match(value.lower())) or any(map(pattern.match, _TOKEN.findall(value.lower())))
        )
    tokens = _TOKEN.findall(wanted)
    return lambda value: bool(tokens) and set(tokens) <= set(_TOKEN.findall(value.lower()))


def query_test(text: str, searched: Sequence[str]) -> Predicate:
    """The `query` of a search: every word begins a word of the type's searched properties [UNV in detail]."""
    words = _TOKEN.findall(text.lower())

    def test(values: Mapping[str, str]) -> bool:
        tokens = [token for name in searched for token in _TOKEN.findall(values.get(name, "").lower())]
        return all(any(token.startswith(word) for token in tokens) for word in words)

    return test
