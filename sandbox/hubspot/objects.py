"""The contact endpoints for one contact or a page of them; `batches` has those for a hundred."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from sandbox.hubspot.calls import Call, Reply, next_page, page_size, written_properties
from sandbox.hubspot.rendering import contact, cursor, cursor_id, shown, written
from sandbox.hubspot.search import search as run_search

MAX_LIST, DEFAULT_LIST = 100, 10


def list_contacts(call: Call) -> Reply:
    portal = call.portal
    keys = portal.archived if call.flag("archived") else portal.live
    limit = page_size(call, DEFAULT_LIST, MAX_LIST)
    after = call.query.get("after")
    first = bisect_right(keys, cursor_id(after)) if after else 0
    names = shown(portal, call.names())
    page = keys[first : first + limit]
    body: dict[str, Any] = {"results": [contact(portal.records[key], names) for key in page]}
    if first + limit < len(keys):
        body["paging"] = next_page(call, cursor(page[-1]))
    return 200, body


def read_contact(call: Call) -> Reply:
    record = call.portal.find(call.path["object_id"], call.query.get("idProperty"), archived=call.flag("archived"))
    return 200, contact(record, shown(call.portal, call.names()))


def create_contact(call: Call) -> Reply:
    return 201, written(call.portal.create(written_properties(call.body)))


def update_contact(call: Call) -> Reply:
    record = call.portal.find(call.path["object_id"], call.query.get("idProperty"))
    return 200, written(call.portal.update(record, written_properties(call.body)))


def archive_contact(call: Call) -> Reply:
    """Archiving twice is no error; that an id which never existed is one is [UNV]."""
    record = call.portal.lookup(call.path["object_id"], None)
    if record is None or not record.archived:
        call.portal.archive(call.portal.find(call.path["object_id"]))
    return 204, None


def search_contacts(call: Call) -> Reply:
    return 200, run_search(call.portal, call.body, call.body_length)
