"""The events API: what visitors did, in a window of time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.marketing.behaviour import EVENT_TYPES, WebEvent
from sandbox.hubspot.marketing.log import EVER, Log
from sandbox.hubspot.marketing.requests import Mark, read_mark, whole
from sandbox.hubspot.object_types import resolve
from sandbox.hubspot.schema import parse_ms

DEFAULT_LIST, MAX_LIST = 20, 100


def list_events(call: Call) -> Reply:
    """Newest first, unless `sort=occurredAt` asks for the other way [UNV]."""
    _refuse_small_accounts(call)
    query = call.query
    kind, wanted = query.get("objectType"), query.get("eventType")
    if wanted is not None and wanted not in EVENT_TYPES:
        raise bad_request(f"Unknown eventType: {wanted}", context={"eventType": [wanted]})
    limit, after = page_size(call, DEFAULT_LIST, MAX_LIST), query.get("after")
    low, high = _moment(call, "occurredAfter", 0), _moment(call, "occurredBefore", EVER)
    contact = whole(query.get("objectId"), "objectId")
    if contact is not None and kind is None:
        raise bad_request("objectType is required with objectId", context={"objectType": [""]})
    if kind is not None and resolve(kind).name != "contacts":
        return 200, {"results": []}  # web events are of contacts
    behaviour = call.portal.marketing.behaviour
    log = behaviour.log if contact is None else behaviour.of_contact.get(contact, Log())
    found = _in_order(call, log, low, high, read_mark(after) if after else None)
    ids = set(call.names("id"))
    page = list(islice((one for one in found if not ids or one.id in ids), limit + 1))
    body: dict[str, Any] = {"results": [_public(one) for one in page[:limit]]}
    if len(page) > limit:
        body["paging"] = next_page(call, Mark(page[limit - 1].at, page[limit - 1].number).token())
    return 200, body


def event_types(call: Call) -> Reply:
    _refuse_small_accounts(call)
    return 200, {"eventTypes": list(EVENT_TYPES)}


def _in_order(call: Call, log: Log[WebEvent], low: int, high: int, beyond: Mark | None) -> Iterator[WebEvent]:
    sort = call.query.get("sort", "-occurredAt")
    if sort.lstrip("-") != "occurredAt":
        raise bad_request(f"Invalid sort: {sort}", context={"sort": [sort]})
    return log.newest_first(low, high, beyond) if sort.startswith("-") else log.oldest_first(low, high, beyond)


def _moment(call: Call, name: str, default: int) -> int:
    text = call.query.get(name)
    if not text:
        return default
    try:
        return parse_ms(text)
    except ValueError:
        raise bad_request(f"Invalid {name}: {text}", context={name: [text]}) from None


def _refuse_small_accounts(call: Call) -> None:
    """Category and text are [UNV]."""
    if not call.portal.enterprise:
        raise HubSpotError(403, "This account does not have access to the events API.", "BANNED")


def _public(one: WebEvent) -> dict[str, Any]:
    return {
        "objectType": "CONTACT",
        "objectId": str(one.contact),
        "eventType": one.kind,
        "occurredAt": iso_ms(one.at),
        "id": one.id,
        "properties": dict(one.properties),
    }


_EVENTS = ("/events/v3/events", "/events/event-occurrences/{version}")
WAYS = [
    Way("GET", _EVENTS, "", list_events),
    Way("GET", _EVENTS, "/", list_events),  # the official client's spelling
    Way("GET", _EVENTS, "/event-types", event_types),
]
