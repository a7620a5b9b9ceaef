"""POST /search: HubSpot's caps, and answers fast enough to page a portal of 100,000 by keyset.

The hub pages with `hs_object_id GT last` on top of a fixed window. So the ids that match everything but those bounds
are kept while records change, and a page is two bisections and a slice. In the order of the last modification a page
is a slice of the index itself, whatever the bounds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from sandbox.hubspot.calls import requested_properties
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.filters import (
    Filter,
    Predicate,
    comparable,
    compile_filter,
    operand,
    parse_groups,
    problem,
    query_test,
)
from sandbox.hubspot.index import Answer, Record
from sandbox.hubspot.rendering import rendered, shown
from sandbox.hubspot.schema import Schema
from sandbox.hubspot.store import Store

MAX_PAGE, DEFAULT_PAGE = 200, 10
MAX_BODY = 3_000
MAX_DEPTH = 10_000
Bounds = tuple[int | None, int | None]  # both included
_BOUNDING = frozenset(("GT", "GTE", "LT", "LTE", "BETWEEN", "EQ"))
_KEPT_ANSWERS = 8
_LAST = 1 << 62  # above every id


@dataclass(frozen=True)
class Sort:
    name: str = ""  # empty: by creation, oldest first, as HubSpot does unasked
    descending: bool = False


def search(store: Store, body: Any, body_length: int, elapsed: float) -> dict[str, Any]:
    """The answer at a moment of the clock's elapsed time, which says what the index has caught up with."""
    if not isinstance(body, dict):
        raise problem("the body of a search is an object")
    if body_length > MAX_BODY:
        # The names to return do not count: several published taps send hundreds of them [3P against DOC].
        counted = body_length - len(orjson.dumps(body.get("properties") or []))
        if counted > MAX_BODY:
            raise bad_request(f"The search request body is {counted} characters long; the limit is {MAX_BODY}.")
    groups = parse_groups(store, body)
    sort = _sort(store.schema, body.get("sorts"))
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
    names = shown(store, requested_properties(body))

    store.index.catch_up(elapsed)
    total, page = _page(store, groups, query, sort, offset, limit)
    answer: dict[str, Any] = {
        "total": total,
        # The index still counts what has just been archived, but cannot show it [REC: total 1, results []].
        "results": [rendered(store.kind, store.index.records[key], names) for key in page if _is_live(store, key)],
    }
    if offset + limit < total:
        # An integer as text, unlike the cursor of the list endpoint [DOC].
        answer["paging"] = {"next": {"after": str(offset + limit)}}
    return answer


def _is_live(store: Store, key: int) -> bool:
    record = store.records.get(key)
    return record is not None and not record.archived


def _whole(value: Any, name: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise problem(f"{name} is not a whole number: {value!r}")


def _sort(schema: Schema, sorts: Any) -> Sort:
    """One rule {propertyName, direction} [DOC], or a property's name, with a `-` before it descending [LIB].

    A text that names no property sorts nothing: clients that send JSON in the text are answered all the same [3P].
    """
    if not sorts:
        return Sort()
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise problem("a search takes one sort")
    rule = sorts[0]
    if isinstance(rule, str):
        name = rule.removeprefix("-")
        return Sort(name, rule.startswith("-")) if name in schema.definitions else Sort()
    if not isinstance(rule, dict) or rule.get("propertyName") not in schema.definitions:
        raise problem("a sort is {propertyName, direction}, of a property that exists")
    direction = rule.get("direction", "ASCENDING")
    if direction not in ("ASCENDING", "DESCENDING"):
        raise problem(f"direction {direction} is neither ASCENDING nor DESCENDING")
    return Sort(rule["propertyName"], direction == "DESCENDING")


Groups = tuple[tuple[Filter, ...], ...]


def _page(store: Store, groups: Groups, query: str, sort: Sort, offset: int, limit: int) -> tuple[int, Sequence[int]]:
    """How many match, and the ids of one page."""
    if sort.name == store.kind.modified and not query:
        spans = _spans(store, groups)
        if spans is not None:
            return _slice(store, spans, sort, offset, limit)
    bounds: Bounds = (None, None)
    if len(groups) == 1:
        bounds, rest = _bounds(store.schema, groups[0], "hs_object_id")
        groups = (rest,) if rest else ()
    ids = _matching(store, groups, query)
    first = 0 if bounds[0] is None else bisect_left(ids, bounds[0])
    last = max(first, len(ids) if bounds[1] is None else bisect_right(ids, bounds[1]))
    total = last - first
    if sort.name == "hs_object_id":
        if not sort.descending:
            return total, ids[first + offset : min(last, first + offset + limit)]
        return total, ids[max(first, last - offset - limit) : max(first, last - offset)][::-1]
    orders, asked = store.index.orders, (groups, query, bounds, sort)
    if asked not in orders:
        _make_room(orders)
        orders[asked] = _ordered(store, ids[first:last], sort)
    return total, orders[asked][offset : offset + limit]


def _spans(store: Store, groups: Groups) -> list[tuple[int, int]] | None:
    """Where in the order of modification the matches stand, when the filters bound nothing but times and ids.

    That covers the two ways of paging by time: `modified GT last`, and the same or `modified EQ last and id GT last`.
    """
    times = store.index.by_modified
    spans = []
    for group in groups or ((),):
        (low, high), left = _bounds(store.schema, group, store.kind.modified)
        (least, most), left = _bounds(store.schema, left, "hs_object_id")
        bounded_ids = (least, most) != (None, None)
        if left or (bounded_ids and (low is None or low != high)):
            return None
        first = 0 if low is None else bisect_left(times, (low, -1 if least is None else least))
        last = len(times) if high is None else bisect_right(times, (high, _LAST if most is None else most))
        spans.append((first, max(first, last)))
    return _merged(spans)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places, each once, in order."""
    apart: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return apart


def _slice(
    store: Store, spans: list[tuple[int, int]], sort: Sort, offset: int, limit: int
) -> tuple[int, Sequence[int]]:
    ranges = [range(first, last) for first, last in spans]
    if sort.descending:
        ranges = [places[::-1] for places in reversed(ranges)]
    page: list[int] = []
    skip = offset
    for places in ranges:
        page += [store.index.by_modified[place][1] for place in islice(places[skip:], limit - len(page))]
        skip = max(0, skip - len(places))
    return sum(map(len, ranges)), page


def _matching(store: Store, groups: Groups, query: str) -> list[int]:
    """The ids of all that match, ascending."""
    if not groups and not query:
        return store.index.ids
    answers, asked = store.index.answers, (groups, query)
    if asked not in answers:
        _make_room(answers)
        answers[asked] = Answer(_scan(store, groups, query), _test(store, groups, query))
    return answers[asked].ids


def _make_room(kept: dict[object, Any]) -> None:
    """Forget the oldest of what is kept when there is much of it."""
    if len(kept) >= _KEPT_ANSWERS:
        del kept[next(iter(kept))]


def _test(store: Store, groups: Groups, query: str) -> Callable[[Record], bool]:
    """Whether a record matches any of the groups, and the query."""
    asked = [query_test(query, store.kind.searched)] if query else []
    tests = [asked + [compile_filter(store.schema, rule) for rule in group] for group in groups or ((),)]
    return lambda record: any(all(test(record.properties) for test in group) for group in tests)


def _scan(store: Store, groups: Groups, query: str) -> list[int]:
    found: set[int] = set()
    records = store.index.records
    for group in groups or ((),):
        candidates, left = _candidates(store, group)
        tests: list[Predicate] = [compile_filter(store.schema, rule) for rule in left]
        if query:
            tests.append(query_test(query, store.kind.searched))
        for test in tests:
            candidates = [key for key in candidates if test(records[key].properties)]
        found.update(candidates)
    return sorted(found)


def _candidates(store: Store, group: tuple[Filter, ...]) -> tuple[Sequence[int], tuple[Filter, ...]]:
    """A few ids to start from when a filter names them or their times, and the filters that are left to test."""
    index = store.index
    for rule in group:
        if rule.name == "hs_object_id" and rule.operator in ("EQ", "IN"):
            wanted = {int(operand(store.schema, rule.name, value)) for value in (rule.values or (rule.value,))}
            return [key for key in wanted if key in index.records], _without(group, rule)
        if rule.name in store.kind.unique and rule.operator in ("EQ", "IN"):
            # IN is not lowered here: its values must come in lower case.
            emails = set(rule.values) if rule.operator == "IN" else {rule.value.lower()}
            return [index.by_email[email] for email in emails if email in index.by_email], _without(group, rule)
    (low, high), left = _bounds(store.schema, group, store.kind.modified)
    if low is None and high is None:
        return index.ids, left
    first, last = index.modified_between(low, high)
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


def _ordered(store: Store, ids: Sequence[int], sort: Sort) -> list[int]:
    """In order of a property, those without a value last either way; ties by id."""
    records = store.index.records
    if sort.name in ("", store.kind.created):
        return sorted(ids, key=lambda key: records[key].created, reverse=sort.descending)
    if sort.name == store.kind.modified:
        return sorted(ids, key=lambda key: (records[key].updated, key), reverse=sort.descending)
    kind = store.schema.type_of(sort.name)
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
