"""The endpoints for lists themselves; `list_memberships` has those for who is on them."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.access import USER_ID
from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.lists import DYNAMIC, MANUAL, RESTORABLE_MS, SNAPSHOT, CrmList

LISTS = ("/crm/v3/lists", "/crm/lists/{version}")
MAX_FOUND, DEFAULT_FOUND = 500, 20
_PROCESSING = (MANUAL, DYNAMIC, SNAPSHOT)


def create_list(call: Call) -> Reply:
    wanted = _texts(call.body, "name", "objectTypeId", "processingType")
    processing, filters = wanted["processingType"], call.body.get("filterBranch")
    if processing not in _PROCESSING:
        raise bad_request(f"{processing} is not a processing type: {', '.join(_PROCESSING)}")
    if (filters is not None) == (processing == MANUAL):
        raise bad_request("A filterBranch is required for DYNAMIC and SNAPSHOT lists, and MANUAL lists have none.")
    try:
        call.store_of(wanted["objectTypeId"])
    except HubSpotError as unknown:
        raise bad_request(
            f"The objectTypeId {wanted['objectTypeId']} provided for the list is not valid for this portal.",
            subCategory="ListError.INVALID_OBJECT_TYPE_FOR_LIST",
        ) from unknown
    _refuse_taken(call, wanted["name"], None)
    made = call.portal.lists.create(call.portal, wanted["name"], wanted["objectTypeId"], processing, filters)
    return 200, {"list": shown(made, filters=True)}


def read_list(call: Call) -> Reply:
    return 200, {"list": shown(_found(call), filters=call.flag("includeFilters"))}


def read_named(call: Call) -> Reply:
    kind, name = call.store_of(call.path["object_type"]).kind.name, call.path["name"]
    one = call.portal.lists.named(call.portal, kind, name)
    if one is None:
        raise HubSpotError(404, f"List does not exist with name {name}.", "OBJECT_NOT_FOUND")
    return 200, {"list": shown(one, filters=call.flag("includeFilters"))}


def read_lists(call: Call) -> Reply:
    """Those of the ids that there are; without ids none [UNV]."""
    wanted, lists = dict.fromkeys(call.names("listIds")), call.portal.lists
    found = [lists.current(call.portal, one) for one in lists.live() if str(one.id) in wanted]
    return 200, {"lists": [shown(one, filters=call.flag("includeFilters")) for one in found]}


def search_lists(call: Call) -> Reply:
    """By parts of the name, in order of the ids [UNV]."""
    body = call.body
    if not isinstance(body, dict):
        raise bad_request("Invalid input JSON: a list search is an object")
    if body.get("sort"):
        raise HubSpotError(501, "The sandbox does not simulate the sort of a list search.", "NOT_SIMULATED")
    query, offset, count = body.get("query") or "", body.get("offset", 0), body.get("count", DEFAULT_FOUND)
    if not isinstance(query, str) or type(offset) is not int or offset < 0:
        raise bad_request("Invalid input JSON: query is a string, offset a whole number")
    if type(count) is not int or count < 1:
        raise bad_request(f"Invalid count: {count}. It must be between 1 and {MAX_FOUND}.")
    count = min(count, MAX_FOUND)  # a published tap asks for 1,000 and is answered [3P against SPEC]
    ids, kinds, type_id = body.get("listIds") or [], body.get("processingTypes") or [], body.get("objectTypeId") or ""
    if not isinstance(ids, list) or not isinstance(kinds, list) or not isinstance(type_id, str):
        raise bad_request("Invalid input JSON: listIds and processingTypes are lists, objectTypeId a string")
    of_type = call.store_of(type_id).kind.name if type_id else None
    found = [
        one
        for one in sorted(call.portal.lists.live(), key=lambda one: one.id)
        if query.lower() in one.name.lower()
        and (not ids or str(one.id) in map(str, ids))
        and (not kinds or one.processing in kinds)
        and of_type in (None, one.kind)
    ]
    page = [call.portal.lists.current(call.portal, one) for one in found[offset : offset + count]]
    return 200, {
        "offset": offset + len(page),
        "hasMore": offset + len(page) < len(found),
        "lists": [{**_base(one), "additionalProperties": _additional(one)} for one in page],
        "total": len(found),
    }


def rename_list(call: Call) -> Reply:
    one, name = _found(call), call.query.get("listName", "")
    if not name:
        raise bad_request("Invalid list name: it is required", context={"listName": [name]})
    _refuse_taken(call, name, one)
    one.name, one.updated, one.version = name, call.portal.clock.now_ms(), one.version + 1
    return 200, {"updatedList": shown(one, filters=call.flag("includeFilters"))}


def refilter_list(call: Call) -> Reply:
    one = _found(call)
    if one.processing != DYNAMIC:
        raise bad_request(f"The filters of a list of processing type {one.processing} cannot be updated.")
    filters = call.body.get("filterBranch") if isinstance(call.body, dict) else None
    if not isinstance(filters, dict):
        raise bad_request("Invalid input JSON. Some required fields were not set: [filterBranch]")
    call.portal.lists.refilter(call.portal, one, filters)
    return 200, {"updatedList": shown(one, filters=True)}


def delete_list(call: Call) -> Reply:
    _found(call).deleted = call.portal.clock.now_ms()
    return 204, None


def restore_list(call: Call) -> Reply:
    """Within ninety days [SPEC]; one that is not deleted stays as it is [UNV]."""
    identifier = call.path["list_id"]
    one = call.portal.lists.all.get(int(identifier)) if identifier.isdecimal() else None
    if one is None or (one.deleted is not None and call.portal.clock.now_ms() - one.deleted > RESTORABLE_MS):
        raise HubSpotError(404, f"List does not exist with ID {identifier}.", "OBJECT_NOT_FOUND")
    if one.deleted is not None:
        _refuse_taken(call, one.name, one)
    one.deleted = None
    return 204, None


def shown(one: CrmList, *, filters: bool) -> dict[str, Any]:
    """A list as the endpoints show it; its filters only when they are asked for."""
    body = {**_base(one), "size": len(one.joined)}
    if one.filters is not None:
        body["filtersUpdatedAt"] = iso_ms(one.filters_updated)
        if filters:
            body["filterBranch"] = one.filters
    return body


def _base(one: CrmList) -> dict[str, Any]:
    return {
        "listId": str(one.id),
        "listVersion": one.version,
        "createdAt": iso_ms(one.created),
        "updatedAt": iso_ms(one.updated),
        "processingStatus": "COMPLETE",
        "createdById": str(USER_ID),
        "updatedById": str(USER_ID),
        "processingType": one.processing,
        "objectTypeId": one.type_id,
        "name": one.name,
    }


def _additional(one: CrmList) -> dict[str, str]:
    """What a search shows of a list unasked [SPEC]; empty ones are left out."""
    moments = {"hs_last_record_added_at": one.last_added, "hs_last_record_removed_at": one.last_removed}
    return {
        "hs_list_size": str(len(one.joined)),
        "hs_list_reference_count": "0",
        **{name: str(moment) for name, moment in moments.items() if moment is not None},
    }


def _found(call: Call) -> CrmList:
    return call.portal.lists.find(call.portal, call.path["list_id"])


def _refuse_taken(call: Call, name: str, own: CrmList | None) -> None:
    other = call.portal.lists.named(call.portal, "", name)
    if other is not None and other is not own:
        raise bad_request(f"A list named {name} exists already.", context={"name": [name]})


def _texts(body: Any, *keys: str) -> dict[str, str]:
    given = body if isinstance(body, dict) else {}
    missing = [key for key in keys if not isinstance(given.get(key), str) or not given[key]]
    if missing:
        raise bad_request(f"Invalid input JSON. Some required fields were not set: [{', '.join(missing)}]")
    return {key: given[key] for key in keys}


WAYS = [
    Way("GET", LISTS, "", read_lists),
    Way("GET", LISTS, "/", read_lists),  # the official client's spelling
    Way("POST", LISTS, "", create_list),
    Way("POST", LISTS, "/", create_list),
    Way("POST", LISTS, "/search", search_lists),
    Way("GET", LISTS, "/object-type-id/{object_type}/name/{name}", read_named),
    Way("GET", LISTS, "/{list_id}", read_list),
    Way("DELETE", LISTS, "/{list_id}", delete_list),
    Way("PUT", LISTS, "/{list_id}/restore", restore_list),
    Way("PUT", LISTS, "/{list_id}/update-list-name", rename_list),
    Way("PUT", LISTS, "/{list_id}/update-list-filters", refilter_list),
]
