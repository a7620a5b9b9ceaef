"""The endpoints for who is on a list, and which lists a record is on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.list_calls import LISTS
from sandbox.hubspot.lists import CrmList
from sandbox.hubspot.rendering import cursor, cursor_id

MAX_PAGE, DEFAULT_PAGE = 250, 100
MAX_CHANGES = 100_000  # in one request [DOC]; also the largest list that can be emptied or copied [SPEC]
_TIMES = 1_000_000_000_000_000_000  # a place in the order of joining as one number: the moment times this, and the id


# -- reading -----------------------------------------------------------------------------------------------------


def list_members(call: Call) -> Reply:
    """In order of their ids."""
    one = _found(call)
    return _page(call, one, one.by_id(), lambda key: key, lambda key: key)


def list_members_joined(call: Call) -> Reply:
    """In order of joining, and of their ids where that is the same."""
    one = _found(call)
    return _page(
        call, one, one.by_time(), lambda place: place[0] * _TIMES + place[1], lambda number: divmod(number, _TIMES)
    )


def _page(
    call: Call, one: CrmList, order: Sequence[Any], to_mark: Callable[[Any], int], from_mark: Callable[[int], Any]
) -> Reply:
    """Upwards unless only `before` is given, then downwards from there [SPEC]."""
    limit = page_size(call, DEFAULT_PAGE, MAX_PAGE)
    after, before = call.query.get("after"), call.query.get("before")
    if before and not after:
        last = bisect_left(order, from_mark(cursor_id(before)))
        first = max(0, last - limit)
    else:
        first = bisect_right(order, from_mark(cursor_id(after))) if after else 0
        last = min(len(order), first + limit)
    page = order[first:last]
    paging = {}
    if page and last < len(order):
        paging["next"] = _turn(call, "after", cursor(to_mark(page[-1])))
    if page and first > 0:
        paging["prev"] = _turn(call, "before", cursor(to_mark(page[0])))
    if before and not after:
        page = page[::-1]
    keys = [place if isinstance(place, int) else place[1] for place in page]
    rows = [{"recordId": str(key), "membershipTimestamp": iso_ms(one.joined[key])} for key in keys]
    return 200, {"results": rows, "total": len(order), **({"paging": paging} if paging else {})}


def _turn(call: Call, name: str, place: str) -> dict[str, str]:
    kept = [(key, value) for key, value in call.query.multi_items() if key not in ("after", "before")]
    return {name: place, "link": f"{call.url}?{urlencode([*kept, (name, place)])}"}


def record_memberships(call: Call) -> Reply:
    rows = _of_record(call, call.path["object_type"], call.path["record_id"])
    return 200, {"results": rows, "total": len(rows)}


def batch_record_memberships(call: Call) -> Reply:
    started = call.portal.clock.now_ms()
    results, errors = [], []
    for entry in batch_inputs(call.body, MAX_CHANGES):
        object_type, identifier = entry.get("objectTypeId"), entry.get("recordId")
        if not isinstance(object_type, str) or not isinstance(identifier, str):
            raise bad_request("Invalid input JSON. Some required fields were not set: [objectTypeId, recordId]")
        try:
            rows = _of_record(call, object_type, identifier)
        except HubSpotError as refused:
            errors.append(refused.batch_entry(None))
            continue
        results.append({"objectTypeId": object_type, "recordId": identifier, "recordListMemberships": rows})
    return batch_reply(call, started, 200, results, errors)


def _of_record(call: Call, object_type: str, identifier: str) -> list[dict[str, Any]]:
    """The lists that a record is on, in order of their ids."""
    store = call.store_of(object_type)
    key = store.find(identifier).id
    lists = call.portal.lists
    candidates = [lists.current(call.portal, one) for one in lists.live() if one.kind == store.kind.name]
    return [
        {
            "listId": str(one.id),
            "listVersion": one.version,
            "firstAddedTimestamp": iso_ms(one.first_joined.get(key, one.joined[key])),
            "lastAddedTimestamp": iso_ms(one.joined[key]),
            "isPublicList": True,
        }
        for one in sorted(candidates, key=lambda one: one.id)
        if key in one.joined
    ]


# -- changing ----------------------------------------------------------------------------------------------------


def add_members(call: Call) -> Reply:
    return _change(call, call.body, [])


def remove_members(call: Call) -> Reply:
    return _change(call, [], call.body)


def add_and_remove_members(call: Call) -> Reply:
    body = call.body if isinstance(call.body, dict) else {}
    return _change(call, body.get("recordIdsToAdd"), body.get("recordIdsToRemove"))


def remove_everybody(call: Call) -> Reply:
    one = _kept_by_hand(call)
    _refuse_large(one)
    one.remove(list(one.joined), call.portal.clock.now_ms())
    return 204, None


def add_from_list(call: Call) -> Reply:
    one = _kept_by_hand(call)
    source = call.portal.lists.find(call.portal, call.path["source_id"])
    if source is one or source.kind != one.kind:
        raise bad_request("The source list is another list than the destination list, of records of the same type.")
    _refuse_large(source)
    one.add(source.by_id(), call.portal.clock.now_ms())
    return 204, None


def _change(call: Call, added: Any, removed: Any) -> Reply:
    """Who is not there to add, or not on the list to remove, is passed over; unknown ids are told [SPEC]."""
    one = _kept_by_hand(call)
    coming, going = _ids(added), _ids(removed)
    if len(coming) + len(going) > MAX_CHANGES:
        raise bad_request(f"At most {MAX_CHANGES} records can be added and removed in one request.")
    records, now = call.portal.stores[one.kind].records, call.portal.clock.now_ms()
    missing = [key for key in dict.fromkeys((*coming, *going)) if key not in records or records[key].archived]
    gone = set(missing)
    joined = one.add((key for key in coming if key not in gone), now)
    left = one.remove((key for key in going if key not in gone), now)
    return 200, {
        "recordsIdsAdded": [str(key) for key in joined],
        "recordIdsRemoved": [str(key) for key in left],
        "recordIdsMissing": [str(key) for key in missing],
    }


def _ids(wanted: Any) -> list[int]:
    """Ids as texts or as numbers, which clients in the wild send [3P]."""
    if not isinstance(wanted, list):
        raise bad_request("Invalid input JSON: a list of record ids")
    texts = [str(key) if type(key) is int else key for key in wanted]
    if not all(isinstance(text, str) and text.isascii() and text.isdecimal() for text in texts):
        raise bad_request("Invalid input JSON: record ids are numbers, written as strings")
    return [int(text) for text in texts]


def _found(call: Call) -> CrmList:
    return call.portal.lists.find(call.portal, call.path["list_id"])


def _kept_by_hand(call: Call) -> CrmList:
    one = _found(call)
    if not one.is_kept_by_hand:
        raise bad_request(
            f"List {one.id} has the processing type {one.processing}: its memberships cannot be changed by hand.",
            context={"listId": [str(one.id)], "processingType": [one.processing]},
        )
    return one


def _refuse_large(one: CrmList) -> None:
    if len(one.joined) >= MAX_CHANGES:
        raise bad_request(f"List {one.id} has {MAX_CHANGES} memberships or more.")


_MEMBERS = tuple(f"{prefix}/{{list_id}}/memberships" for prefix in LISTS)
_RECORDS = tuple(f"{prefix}/records" for prefix in LISTS)
WAYS = [
    Way("GET", _RECORDS, "/{object_type}/{record_id}/memberships", record_memberships),
    Way("POST", _RECORDS, "/memberships/batch/read", batch_record_memberships),
    Way("GET", _MEMBERS, "", list_members),
    Way("DELETE", _MEMBERS, "", remove_everybody),
    Way("GET", _MEMBERS, "/join-order", list_members_joined),
    Way("PUT", _MEMBERS, "/add", add_members),
    Way("PUT", _MEMBERS, "/remove", remove_members),
    Way("PUT", _MEMBERS, "/add-and-remove", add_and_remove_members),
    Way("PUT", _MEMBERS, "/add-from/{source_id}", add_from_list),
]
