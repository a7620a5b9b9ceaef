"""POST /search: HubSpot's caps, and answers fast enough to page a portal of 100,000 by keyset.

The hub pages with `hs_object_id GT last` on top of a fixed window. So the ids that match everything but those bounds
are kept per index version, and a page is two bisections and a slice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.calls import requested_properties
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.filters import (
    Filter,
    comparable,
    compile_filter,
    operand,
    parse_groups,
    problem,
    query_test,
)
from sandbox.hubspot.index import Record, SearchIndex
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.rendering import contact, shown
from sandbox.hubspot.schema import Schema

MAX_PAGE, DEFAULT_PAGE = 200, 10
MAX_BODY = 3_000
MAX_DEPTH = 10_000
Bounds = tuple[int | None, int | None]  # both included
_BOUNDING = frozenset(("GT", "GTE", "LT", "LTE", "BETWEEN", "EQ"))
_KEPT_ANSWERS = 24


@dataclass(frozen=True)
class Sort:
    name: str = ""  # empty: by creation, oldest first, as HubSpot does unasked
    descending: bool = False


def search(portal: Portal, body: Any, body_length: int) -> dict[str, Any]:
    if body_length > MAX_BODY:
        raise bad_request(f"The search request body is {body_length} characters long; the limit is {MAX_BODY}.")
    if not isinstance(body, dict):
        raise problem("the body of a search is an object")
    groups = parse_groups(portal.schema, body)
    sort = _sort(portal.schema, body.get("sorts"))
    query = body.get("query") or ""
    if not isinstance(query, str):
        raise problem("query is a string")
    limit = _whole(body.get("limit", DEFAULT_PAGE), "limit")
    if not 1 <= limit <= MAX_PAGE:
        raise problem(f"limit is {limit}; it must be between 1 and {MAX_PAGE}")
    after = body.get("after")
    offset = 0 if after in (None, "") else _whole(after, "after")
    if offset + limit > MAX_DEPTH:
        raise bad_request(f"Searches cannot be paged beyond {MAX_DEPTH} results.", context={"after": [str(after)]})
    names = shown(portal, requested_properties(body))

    index = portal.index
    index.catch_up(portal.clock.elapsed())
    total, page = _page(portal.schema, index, groups, query, sort, offset, limit)
    answer: dict[str, Any] = {
        "total": total,
        # The index still counts what has just been archived, but cannot show it [REC: total 1, results []].
        "results": [contact(index.records[key], names) for key in page if not portal.records[key].archived],
    }
    if offset + limit < total:
        # An integer as text, unlike the cursor of the list endpoint [DOC].
        answer["paging"] = {"next": {"after": str(offset + limit)}}
    return answer


def _whole(value: Any, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise problem(f"{name} is not a whole number: {value!r}")


def _sort(schema: Schema, sorts: Any) -> Sort:
    """One rule {propertyName, direction} [DOC]; the specification's plain strings are not taken [SPEC, discrepancy]."""
    if not sorts:
        return Sort()
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise problem("a search takes one sort")
    rule = sorts[0]
    if not isinstance(rule, dict) or rule.get("propertyName") not in schema.definitions:
        raise problem("a sort is {propertyName, direction}, of a property that exists")
    direction = rule.get("direction", "ASCENDING")
    if direction not in ("ASCENDING", "DESCENDING"):
        raise problem(f"direction {direction} is neither ASCENDING nor DESCENDING")
    return Sort(rule["propertyName"], direction == "DESCENDING")


Groups = tuple[tuple[Filter, ...], ...]


def _page(
    schema: Schema, index: SearchIndex, groups: Groups, query: str, sort: Sort, offset: int, limit: int
) -> tuple[int, Sequence[int]]:
    """How many match, and the ids of one page."""
    bounds: Bounds = (None, None)
    if len(groups) == 1:
        bounds, rest = _bounds(schema, groups[0], "hs_object_id")
        groups = (rest,) if rest else ()
    ids = _matching(schema, index, groups, query)
    if sort.name == "lastmodifieddate" and len(ids) == len(index.ids) and bounds == (None, None):
        # The watermark probe: no sorting, the index keeps this order anyway.
        times = index.by_modified
        start = len(times) - offset - limit
        window = (
            times[max(0, start) : max(0, start + limit)][::-1] if sort.descending else times[offset : offset + limit]
        )
        return len(times), [key for _, key in window]
    first = 0 if bounds[0] is None else bisect_left(ids, bounds[0])
    last = max(first, len(ids) if bounds[1] is None else bisect_right(ids, bounds[1]))
    total = last - first
    if sort.name == "hs_object_id":
        if not sort.descending:
            return total, ids[first + offset : min(last, first + offset + limit)]
        return total, ids[max(first, last - offset - limit) : max(first, last - offset)][::-1]
    ordered = _kept(index, (groups, query, bounds, sort), lambda: _ordered(schema, index, ids[first:last], sort))
    return total, ordered[offset : offset + limit]


def _matching(schema: Schema, index: SearchIndex, groups: Groups, query: str) -> list[int]:
    """The ids of all that match, ascending."""
    if not groups and not query:
        return index.ids
    return _kept(index, (groups, query), lambda: _scan(schema, index, groups, query))


def _kept(index: SearchIndex, key: object, make: Any) -> list[int]:
    answer = index.cache.get(key)
    if answer is None:
        if len(index.cache) >= _KEPT_ANSWERS:
            index.cache.clear()
        answer = index.cache[key] = make()
    return answer


def _scan(schema: Schema, index: SearchIndex, groups: Groups, query: str) -> list[int]:
    found: set[int] | None = None
    for group in groups or ((),):
        tests = []
        candidates, left = _candidates(schema, index, group)
        tests = [compile_filter(schema, rule) for rule in left]
        if query:
            tests.append(query_test(query))
        records = index.records
        for test in tests:
            candidates = [key for key in candidates if test(records[key].properties)]
        if len(groups) <= 1:
            return list(candidates) if candidates is index.ids else sorted(candidates)
        found = set(candidates) if found is None else found.union(candidates)
    return sorted(found or ())


def _candidates(
    schema: Schema, index: SearchIndex, group: tuple[Filter, ...]
) -> tuple[Sequence[int], tuple[Filter, ...]]:
    """A few ids to start from when a filter names them or their times, and the filters that are left to test."""
    for rule in group:
        if rule.name == "hs_object_id" and rule.operator in ("EQ", "IN"):
            wanted = {int(operand(schema, rule.name, value)) for value in (rule.values or (rule.value,))}
            return [key for key in wanted if key in index.records], _without(group, rule)
        if rule.name == "email" and rule.operator in ("EQ", "IN"):
            # IN is not lowered here: its values must come in lower case.
            emails = set(rule.values) if rule.operator == "IN" else {rule.value.lower()}
            return [index.by_email[email] for email in emails if email in index.by_email], _without(group, rule)
    (low, high), left = _bounds(schema, group, "lastmodifieddate")
    if low is None and high is None:
        return index.ids, left
    first, last = index.modified_between(low, high)
    if last - first == len(index.ids):
        return index.ids, left
    return [key for _, key in index.by_modified[first:last]], left


def _without(group: tuple[Filter, ...], rule: Filter) -> tuple[Filter, ...]:
    return tuple(other for other in group if other is not rule)


def _bounds(schema: Schema, group: tuple[Filter, ...], name: str) -> tuple[Bounds, tuple[Filter, ...]]:
    """The range that a group's filters on a whole-number property leave, and the other filters."""
    low: int | None = None
    high: int | None = None
    left = []
    for rule in group:
        if rule.name != name or rule.operator not in _BOUNDING:
            left.append(rule)
            continue
        value = int(operand(schema, name, rule.value))
        top = int(operand(schema, name, rule.high)) if rule.operator == "BETWEEN" else value
        if rule.operator in ("GT", "GTE", "EQ", "BETWEEN"):
            least = value + 1 if rule.operator == "GT" else value
            low = least if low is None else max(low, least)
        if rule.operator in ("LT", "LTE", "EQ", "BETWEEN"):
            most = top - 1 if rule.operator == "LT" else top
            high = most if high is None else min(high, most)
    return (low, high), tuple(left)


def _ordered(schema: Schema, index: SearchIndex, ids: Sequence[int], sort: Sort) -> list[int]:
    """In order of a property, those without a value last either way; ties by id."""
    records = index.records
    if sort.name in ("", "createdate"):
        return sorted(ids, key=lambda key: records[key].created, reverse=sort.descending)
    if sort.name == "lastmodifieddate":
        return sorted(ids, key=lambda key: records[key].updated, reverse=sort.descending)
    kind = schema.type_of(sort.name)
    valued: list[tuple[Any, int]] = []
    bare: list[int] = []
    for key in ids:
        held = _sortable(kind, sort.name, records[key])
        if held is None:
            bare.append(key)
        else:
            valued.append((held, key))
    valued.sort(reverse=sort.descending)
    return [key for _, key in valued] + bare


def _sortable(kind: str, name: str, record: Record) -> int | float | str | None:
    value = record.properties.get(name)
    try:
        return None if value is None else comparable(kind, name, value)
    except ValueError:
        return None
