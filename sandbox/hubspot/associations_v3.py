"""The associations endpoints of v3, which name association types by text. They are charged like other calls [UNV]."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from sandbox.hubspot.association_calls import MAX_READS, MAX_WRITES, default_type, each_input, ends, none_found
from sandbox.hubspot.association_types import LinkType
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, next_page, page_size
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.links import malformed, named, object_id, shown_links
from sandbox.hubspot.rendering import cursor, cursor_id, rendered, shown

PAGE = 500


def list_types(call: Call) -> Reply:
    default_type(call)
    kinds = call.portal.associations.between(call.store.kind.name, call.store_of(call.path["to_type"]).kind.name)
    return 200, {"results": [{"id": str(kind.id), "name": kind.name} for kind in kinds]}


def list_associated(call: Call) -> Reply:
    """One row for each association type of each object; a page ends between two objects."""
    source, target = call.store, call.store_of(call.path["to_type"])
    default_type(call)
    record = source.resolve(call.path["object_id"])
    links = call.portal.associations.of(source.kind.name, record.id, target.kind.name)
    others, limit, after = sorted(links), page_size(call, PAGE, PAGE), call.query.get("after")
    first = bisect_right(others, cursor_id(after)) if after else 0
    rows: list[dict[str, Any]] = []
    for place in range(first, len(others)):
        entry = named(call, others[place], links[others[place]])
        if rows and len(rows) + len(entry) > limit:
            return 200, {"results": rows, "paging": next_page(call, cursor(others[place - 1]))}
        rows += entry
    return 200, {"results": rows}


def associate(call: Call) -> Reply:
    """The reply is the object with what it is associated with now."""
    kind = _named_type(call, call.path["association_type"])
    key, other = ends(call, {"from": {"id": call.path["object_id"]}, "to": {"id": call.path["to_id"]}})
    call.portal.associations.link(kind, key, other)
    body = rendered(call.store.kind, call.store.records[key], shown(call.store, []))
    return 200, {**body, **shown_links(call, key, [call.path["to_type"]])}


def dissociate(call: Call) -> Reply:
    kind = _named_type(call, call.path["association_type"])
    _unlabel(call, kind, call.path["object_id"], call.path["to_id"])
    return 204, None


def batch_create(call: Call) -> Reply:
    def write(entry: dict[str, Any]) -> list[dict[str, Any]]:
        kind = _named_type(call, entry.get("type"))
        key, other = ends(call, entry)
        call.portal.associations.link(kind, key, other)
        return [{"from": {"id": str(key)}, "to": {"id": str(other)}, "type": kind.name}]

    return each_input(call, 201, write)


def batch_archive(call: Call) -> Reply:
    for entry in batch_inputs(call.body, MAX_WRITES):
        kind = _named_type(call, entry.get("type"))
        _unlabel(call, kind, object_id(entry.get("from")), object_id(entry.get("to")))
    return 204, None


def batch_read(call: Call) -> Reply:
    """All that each object is associated with; an object without any is an error beside the others [3P]."""
    started = call.portal.clock.now_ms()
    source, target = call.store, call.store_of(call.path["to_type"])
    default_type(call)
    results, errors = [], []
    for entry in batch_inputs(call.body, MAX_READS):
        identifier = object_id(entry)
        record = source.lookup(identifier, None)
        links = call.portal.associations.of(source.kind.name, record.id, target.kind.name) if record else {}
        if not links:
            errors.append(none_found(source.kind, identifier, target.kind))
            continue
        rows = [row for other in sorted(links) for row in named(call, other, links[other])]
        results.append({"from": {"id": identifier}, "to": rows})
    return batch_reply(call, started, 200, results, errors)


def _named_type(call: Call, name: Any) -> LinkType:
    """The type under its name, or its id as text, which the single endpoints take too [3P]."""
    default = default_type(call)
    if not isinstance(name, str) or not name:
        raise malformed()
    for kind in call.portal.associations.between(default.source, default.target):
        if name.lower() == kind.name.lower() or name == str(kind.id):
            return kind
    raise bad_request(f"{name} is not a valid association type between {default.source} and {default.target}")


def _unlabel(call: Call, kind: LinkType, identifier: str, other: str) -> None:
    start, end = call.store.lookup(identifier, None), call.store_of(call.path["to_type"]).lookup(other, None)
    if start and end:
        call.portal.associations.unlabel(kind, start.id, end.id)


_LINKS = ("/crm/v3/objects/{object_type}/{object_id}/associations",)
_BATCHES = ("/crm/v3/associations/{object_type}/{to_type}",)
WAYS = [
    Way("GET", _LINKS, "/{to_type}", list_associated),
    Way("PUT", _LINKS, "/{to_type}/{to_id}/{association_type}", associate),
    Way("DELETE", _LINKS, "/{to_type}/{to_id}/{association_type}", dissociate),
    Way("POST", _BATCHES, "/batch/read", batch_read),
    Way("POST", _BATCHES, "/batch/create", batch_create),
    Way("POST", _BATCHES, "/batch/archive", batch_archive),
    Way("GET", _BATCHES, "/types", list_types),
]
