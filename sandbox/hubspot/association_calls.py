"""The associations endpoints (v4): one at a time and in batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from sandbox.hubspot.association_types import LinkType, in_order
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, next_page, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.limits import Allowance
from sandbox.hubspot.links import default_between, existing, link_types, malformed, object_id
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.rendering import cursor, cursor_id
from sandbox.hubspot.store import Store

MAX_WRITES, MAX_READS, PAGE = 2_000, 1_000, 500


# -- one at a time -----------------------------------------------------------------------------------------------


def associate_default(call: Call) -> Reply:
    started = call.portal.clock.now_ms()
    return batch_reply(call, started, 200, _associate_default(call, _pair(call)), [])


def associate(call: Call) -> Reply:
    return 201, _associate(call, {**_pair(call), "types": call.body})


def _pair(call: Call) -> dict[str, Any]:
    return {"from": {"id": call.path["object_id"]}, "to": {"id": call.path["to_id"]}}


def list_associations(call: Call) -> Reply:
    source, target = call.store, call.store_of(call.path["to_type"])
    default_type(call)
    record = source.resolve(call.path["object_id"])
    limit = page_size(call, PAGE, PAGE)
    others, after = page_of(call, source, record.id, target, call.query.get("after"), limit)
    body: dict[str, Any] = {"results": others}
    if after:
        body["paging"] = next_page(call, after)
    return 200, body


def dissociate(call: Call) -> Reply:
    _unlink(call, call.path["object_id"], call.path["to_id"])
    return 204, None


# -- batches -----------------------------------------------------------------------------------------------------


def batch_associate(call: Call) -> Reply:
    """Each input for itself: one that is refused does not keep the others back [SPEC has a 207; its shape UNV]."""
    return each_input(call, 201, lambda entry: [_associate(call, entry)])


def batch_associate_default(call: Call) -> Reply:
    """Always a 200, whose body may count errors: a 207 is not among its replies [SPEC]."""
    _, body = each_input(call, 200, lambda entry: _associate_default(call, entry))
    return 200, body


def each_input(call: Call, status: int, write: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> Reply:
    started = call.portal.clock.now_ms()
    default_type(call)
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for entry in batch_inputs(call.body, MAX_WRITES):
        try:
            results += write(entry)
        except HubSpotError as refused:
            errors.append(refused.batch_entry(None))
    return batch_reply(call, started, status, results, errors)


def batch_read(call: Call) -> Reply:
    """An object without any is an error beside the others [3P]; so is one that does not exist."""
    started = call.portal.clock.now_ms()
    source, target = call.store, call.store_of(call.path["to_type"])
    default_type(call)
    results, errors = [], []
    for entry in batch_inputs(call.body, MAX_READS):
        identifier, begin = object_id(entry), str(entry.get("after") or "")
        record = source.lookup(identifier, None)
        others, after = page_of(call, source, record.id, target, begin, PAGE) if record else ([], None)
        if not others:
            errors.append(none_found(source.kind, identifier, target.kind))
            continue
        result: dict[str, Any] = {"from": {"id": identifier}, "to": others}
        if after:
            result["paging"] = {"next": {"after": after}}
        results.append(result)
    return batch_reply(call, started, 200, results, errors)


def none_found(source: ObjectType, identifier: str, target: ObjectType) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {target.singular} is associated with {source.singular} {identifier}.",
        "context": {
            "fromObjectId": [identifier],
            "fromObjectType": [source.singular],
            "toObjectType": [target.singular],
        },
    }


def batch_dissociate(call: Call) -> Reply:
    started = call.portal.clock.now_ms()
    for entry in batch_inputs(call.body, MAX_WRITES):
        targets = entry.get("to")
        if not isinstance(targets, list):
            raise malformed()
        for target in targets:
            _unlink(call, object_id(entry.get("from")), object_id(target))
    return nothing_left(call, started)


def nothing_left(call: Call, started: int) -> Reply:
    """204; the date-versioned paths answer with an empty batch [SPEC]."""
    return batch_reply(call, started, 200, [], []) if "version" in call.path else (204, None)


# -- what they share ---------------------------------------------------------------------------------------------


def default_type(call: Call) -> LinkType:
    """The unlabelled association between the two types of the path."""
    source, target = call.store.kind, call.store_of(call.path["to_type"]).kind
    return default_between(call.portal.associations, source.name, target.name)


def _associate_default(call: Call, entry: dict[str, Any]) -> list[dict[str, Any]]:
    kind = default_type(call)
    key, other = ends(call, entry)
    call.portal.associations.link(kind, key, other)
    return [
        {
            "from": {"id": str(start)},
            "to": {"id": str(end)},
            "associationSpec": {"associationCategory": kind.category, "associationTypeId": type_id},
        }
        for start, end, type_id in ((key, other, kind.id), (other, key, kind.back))
    ]


def _associate(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    default = default_type(call)
    kinds = fitting(call, default, entry.get("types"))
    key, other = ends(call, entry)
    for kind in kinds:
        call.portal.associations.link(kind, key, other)
    return {
        "fromObjectTypeId": call.store.kind.type_id,
        "fromObjectId": key,
        "toObjectTypeId": call.store_of(call.path["to_type"]).kind.type_id,
        "toObjectId": other,
        "labels": [kind.label for kind in kinds if kind.label],
    }


def fitting(call: Call, default: LinkType, types: Any) -> list[LinkType]:
    """The types that a request names; refuses those that lead elsewhere."""
    kinds = link_types(call.portal.associations, types)
    for kind in kinds:
        if (kind.source, kind.target) != (default.source, default.target):
            raise bad_request(f"Association type {kind.id} is not one from {default.source} to {default.target}.")
    return kinds


def ends(call: Call, entry: dict[str, Any]) -> tuple[int, int]:
    """The two objects of an input; that an object is not associated with itself is [UNV]."""
    source, target = call.store, call.store_of(call.path["to_type"])
    key, other = existing(source, object_id(entry.get("from"))), existing(target, object_id(entry.get("to")))
    if source is target and key == other:
        raise bad_request(f"{source.kind.title}={key} cannot be associated with itself")
    return key, other


def _unlink(call: Call, identifier: str, other: str) -> None:
    """Nothing to take away is no error [UNV]."""
    source, target = call.store, call.store_of(call.path["to_type"])
    start, end = source.lookup(identifier, None), target.lookup(other, None)
    if start and end:
        call.portal.associations.unlink(source.kind.name, start.id, target.kind.name, end.id)


def page_of(
    call: Call, source: Store, key: int, target: Store, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """The associated objects by id, and where the next page begins if there is one."""
    links, types = call.portal.associations.of(source.kind.name, key, target.kind.name), call.portal.associations.types
    others = sorted(links)
    first = bisect_right(others, cursor_id(after)) if after else 0
    page = others[first : first + limit]
    shown = [
        {
            "toObjectId": other,
            "associationTypes": [
                {"category": kind.category, "typeId": kind.id, "label": kind.label}
                for kind in in_order(types[number] for number in links[other])
            ],
        }
        for other in page
    ]
    return shown, cursor(page[-1]) if first + limit < len(others) else None


_LINKS = (
    "/crm/v4/objects/{object_type}/{object_id}/associations",
    "/crm/objects/{version}/{object_type}/{object_id}/associations",
)
_LINK_BATCHES = (
    "/crm/v4/associations/{object_type}/{to_type}/batch",
    "/crm/associations/{version}/{object_type}/{to_type}/batch",
)
WAYS = [
    Way("PUT", _LINKS, "/default/{to_type}/{to_id}", associate_default, Allowance.ASSOCIATIONS),
    Way("PUT", _LINKS, "/{to_type}/{to_id}", associate, Allowance.ASSOCIATIONS),
    Way("GET", _LINKS, "/{to_type}", list_associations, Allowance.ASSOCIATIONS),
    Way("DELETE", _LINKS, "/{to_type}/{to_id}", dissociate, Allowance.ASSOCIATIONS),
    Way("POST", _LINK_BATCHES, "/read", batch_read, Allowance.ASSOCIATIONS),
    Way("POST", _LINK_BATCHES, "/create", batch_associate, Allowance.ASSOCIATIONS),
    Way("POST", _LINK_BATCHES, "/associate/default", batch_associate_default, Allowance.ASSOCIATIONS),
    Way("POST", _LINK_BATCHES, "/archive", batch_dissociate, Allowance.ASSOCIATIONS),
]
