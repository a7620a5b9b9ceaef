"""The endpoints for one object or a page of them; `batches` has those for a hundred."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.limits import Allowance
from sandbox.hubspot.links import connect, shown_links, wanted_links
from sandbox.hubspot.rendering import cursor, cursor_id, rendered, shown, with_history, written
from sandbox.hubspot.search import search as run_search
from sandbox.hubspot.validation_rules import properties_of

OBJECTS = ("/crm/v3/objects/{object_type}", "/crm/objects/{version}/{object_type}")
MAX_LIST, DEFAULT_LIST = 100, 10
MAX_LIST_WITH_HISTORY = 50


def list_objects(call: Call) -> Reply:
    store = call.store
    keys = store.archived if call.flag("archived") else store.live
    past = call.names("propertiesWithHistory")
    limit = page_size(call, DEFAULT_LIST, MAX_LIST_WITH_HISTORY if past else MAX_LIST)
    after = call.query.get("after")
    first = bisect_right(keys, cursor_id(after)) if after else 0
    names, linked = shown(store, call.names()), call.names("associations")
    page = keys[first : first + limit]
    results = [rendered(store.kind, store.records[key], names) for key in page]
    if past:
        results = [with_history(store, body, key, past) for key, body in zip(page, results, strict=True)]
    if linked:
        results = [{**body, **shown_links(call, key, linked)} for key, body in zip(page, results, strict=True)]
    body: dict[str, Any] = {"results": results}
    if first + limit < len(keys):
        body["paging"] = next_page(call, cursor(page[-1]))
    return 200, body


def read_object(call: Call) -> Reply:
    store = call.store
    record = store.resolve(call.path["object_id"], call.query.get("idProperty"), archived=call.flag("archived"))
    body = rendered(store.kind, record, shown(store, call.names()))
    past = call.names("propertiesWithHistory")
    if past:
        body = with_history(store, body, record.id, past)
    return 200, {**body, **shown_links(call, record.id, call.names("associations"))}


def create_object(call: Call) -> Reply:
    store = call.store
    properties, links = properties_of(call, call.body), wanted_links(call, store.kind, call.body)
    outcome = store.create(properties)
    connect(call, outcome.record.id, links)
    return 201, written(store.kind, outcome)


def update_object(call: Call) -> Reply:
    store = call.store
    record = store.resolve(call.path["object_id"], call.query.get("idProperty"))
    return 200, written(store.kind, store.update(record, properties_of(call, call.body)))


def archive_object(call: Call) -> Reply:
    """Archiving twice is no error; that an id which never existed is one is [UNV]."""
    store = call.store
    record = store.lookup(call.path["object_id"], None)
    if record is None or not record.archived:
        store.archive(store.find(call.path["object_id"]))
    return 204, None


def search_objects(call: Call) -> Reply:
    return 200, run_search(call.store, call.body, call.body_length, call.portal.clock.elapsed())


WAYS = [
    Way("GET", OBJECTS, "", list_objects),
    Way("POST", OBJECTS, "", create_object),
    Way("POST", OBJECTS, "/search", search_objects, Allowance.SEARCH),
    Way("GET", OBJECTS, "/{object_id}", read_object),
    Way("PATCH", OBJECTS, "/{object_id}", update_object),
    Way("DELETE", OBJECTS, "/{object_id}", archive_object),
]
