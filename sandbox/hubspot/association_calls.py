"""The associations endpoints (v4): one at a time and in batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Any

from sandbox.hubspot.associations import DEFAULTS, LinkType
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, next_page, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.limits import Allowance
from sandbox.hubspot.links import existing, in_order, link_types, malformed, object_id
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.rendering import cursor, cursor_id
from sandbox.hubspot.store import Store

MAX_WRITES, MAX_READS, PAGE = 2_000, 1_000, 500


# -- one at a time -----------------------------------------------------------------------------------------------


def associate_default(call: Call) -> Reply:
    started = call.portal.clock.now_ms()
    ends = {"from": {"id": call.path["object_id"]}, "to": {"id": call.path["to_id"]}}
    return batch_reply(call, started, 200, _associate_default(call, ends), [])


def associate(call: Call) -> Reply:
    ends = {"from": {"id": call.path["object_id"]}, "to": {"id": call.path["to_id"]}}
    return 201, _associate(call, {**ends, "types": call.body})


def list_associations(call: Call) -> Reply:
    source, target = call.store, call.store_of(call.path["to_type"])
    record = source.find(call.path["object_id"])
    limit = page_size(call, PAGE, PAGE)
    others, after = _page(call, source, record.id, target, call.query.get("after"), limit)
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
    return _batch(call, 201, lambda entry: [_associate(call, entry)])


def batch_associate_default(call: Call) -> Reply:
    """Always a 200, whose body may count errors: a 207 is not among its replies [SPEC]."""
    _, body = _batch(call, 200, lambda entry: _associate_default(call, entry))
    return 200, body


def _batch(call: Call, status: int, write: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> Reply:
    started = call.portal.clock.now_ms()
    _default_type(call)
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
    results, errors = [], []
    for entry in batch_inputs(call.body, MAX_READS):
        identifier, begin = object_id(entry), str(entry.get("after") or "")
        record = source.lookup(identifier, None)
        others, after = _page(call, source, record.id, target, begin, PAGE) if record else ([], None)
        if not others:
            errors.append(_none(source.kind, identifier, target.kind))
            continue
        result: dict[str, Any] = {"from": {"id": identifier}, "to": others}
        if after:
            result["paging"] = {"next": {"after": after}}
        results.append(result)
    return batch_reply(call, started, 200, results, errors)


def _none(source: ObjectType, identifier: str, target: ObjectType) -> dict[str, Any]:
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
    for entry in batch_inputs(call.body, MAX_WRITES):
        targets = entry.get("to")
        if not isinstance(targets, list):
            raise malformed()
        for target in targets:
            _unlink(call, object_id(entry.get("from")), object_id(target))
    return 204, None


# -- what they share ---------------------------------------------------------------------------------------------


def _default_type(call: Call) -> LinkType:
    """The unlabelled association between the two types of the path."""
    source, target = call.store.kind, call.store_of(call.path["to_type"]).kind
    kind = DEFAULTS.get((source.name, target.name))
    if kind is None:
        message = f"The sandbox does not simulate associations from {source.name} to {target.name}."
        raise HubSpotError(501, message, "NOT_SIMULATED")
    return kind


def _associate_default(call: Call, entry: dict[str, Any]) -> list[dict[str, Any]]:
    kind = _default_type(call)
    key, other = _ends(call, entry)
    call.portal.associations.link(kind, key, other)
    return [
        {
            "from": {"id": str(start)},
            "to": {"id": str(end)},
            "associationSpec": {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id},
        }
        for start, end, type_id in ((key, other, kind.id), (other, key, kind.back))
    ]


def _associate(call: Call, entry: dict[str, Any]) -> dict[str, Any]:
    default = _default_type(call)
    kinds = link_types(entry.get("types"))
    for kind in kinds:
        if (kind.source, kind.target) != (default.source, default.target):
            raise bad_request(f"Association type {kind.id} is not one from {default.source} to {default.target}.")
    key, other = _ends(call, entry)
    for kind in kinds:
        call.portal.associations.link(kind, key, other)
    return {
        "fromObjectTypeId": call.store.kind.type_id,
        "fromObjectId": key,
        "toObjectTypeId": call.store_of(call.path["to_type"]).kind.type_id,
        "toObjectId": other,
        "labels": [kind.label for kind in kinds if kind.label],
    }


def _ends(call: Call, entry: dict[str, Any]) -> tuple[int, int]:
    source, target = call.store, call.store_of(call.path["to_type"])
    return existing(source, object_id(entry.get("from"))), existing(target, object_id(entry.get("to")))


def _unlink(call: Call, identifier: str, other: str) -> None:
    """Nothing to take away is no error [UNV]."""
    source, target = call.store, call.store_of(call.path["to_type"])
    start, end = source.lookup(identifier, None), target.lookup(other, None)
    if start and end:
        call.portal.associations.unlink(source.kind.name, start.id, target.kind.name, end.id)


def _page(
    call: Call, source: Store, key: int, target: Store, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """The associated objects by id, and where the next page begins if there is one."""
    links = call.portal.associations.of(source.kind.name, key, target.kind.name)
    others = sorted(links)
    first = bisect_right(others, cursor_id(after)) if after else 0
    page = others[first : first + limit]
    shown = [
        {
            "toObjectId": other,
            "associationTypes": [
                {"category": "HUBSPOT_DEFINED", "typeId": kind.id, "label": kind.label}
                for kind in in_order(links[other])
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
