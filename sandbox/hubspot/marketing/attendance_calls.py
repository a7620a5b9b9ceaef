"""Who takes part in marketing events: recording it, and reading it per event and per contact [SPEC]."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, next_page, page_size
from sandbox.hubspot.errors import bad_request, not_found
from sandbox.hubspot.index import Record
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.marketing_event_calls import EVENTS, app_of, external_event
from sandbox.hubspot.marketing.marketing_events import MarketingEvent
from sandbox.hubspot.marketing.participations import ATTENDED, STATES, Participation
from sandbox.hubspot.marketing.requests import attributes, whole
from sandbox.hubspot.schema import parse_ms

MAX_BATCH, DEFAULT_LIST, MAX_LIST = 500, 10, 100
_IN_PATHS = ("register", "attend", "cancel")
_FILTERS = ("REGISTERED", "ATTENDED", "CANCELLED", "EMPTY", "NO_SHOW")
_TIMES = ("joinedAt", "leftAt")
Body = dict[str, Any]


# -- recording -------------------------------------------------------------------------------------------------------


def attend_by_id(call: Call) -> Reply:
    return _by_id(call, _event(call))


def attend_by_email(call: Call) -> Reply:
    """An unknown address becomes a contact, with `contactProperties`; a known one keeps its own [SPEC]."""
    return _by_email(call, _event(call), create=True)


def change_by_id(call: Call) -> Reply:
    _by_id(call, external_event(call))
    return 204, None  # the specification names no status [UNV]


def change_by_email(call: Call) -> Reply:
    """The older endpoint makes no contact: an address that nobody has is passed over [SPEC; how, UNV]."""
    _by_email(call, external_event(call), create=False)
    return 204, None


def _by_id(call: Call, event: MarketingEvent) -> Reply:
    """Ids that no contact has are errors beside the results; their shape is [UNV]."""
    started, state, results, errors = call.portal.clock.now_ms(), _state(call), [], []
    for entry in batch_inputs(call.body, MAX_BATCH):
        given = attributes(entry, "MarketingEventSubscriber", "interactionDateTime", "vid")
        at, more = _moment(given), _times(given, state)
        record = contacts.by_id(call.portal, int(given["vid"])) if str(given["vid"]).isdigit() else None
        if record is None:
            refused = not_found(str(given["vid"]))
            errors.append({**refused.batch_entry(None), "errors": [], "links": {}})
            continue
        call.portal.marketing.events.record(event, record.id, STATES[state], at, more)
        results.append({"vid": record.id})
    _, body = batch_reply(call, started, 200, results, errors)
    return 200, body


def _by_email(call: Call, event: MarketingEvent, *, create: bool) -> Reply:
    started, state, results = call.portal.clock.now_ms(), _state(call), []
    for entry in batch_inputs(call.body, MAX_BATCH):
        given = attributes(entry, "MarketingEventEmailSubscriber", "interactionDateTime", "email")
        at, more, email = _moment(given), _times(given, state), contacts.address(call.portal, given["email"])
        record = contacts.by_email(call.portal, email)
        if record is None and create:
            record = (
                contacts.store_of(call.portal).create({**(given.get("contactProperties") or {}), "email": email}).record
            )
        if record is not None:
            call.portal.marketing.events.record(event, record.id, STATES[state], at, more)
            results.append({"vid": record.id, "email": email})
    return batch_reply(call, started, 200, results, [])


def _event(call: Call) -> MarketingEvent:
    """By its own id, or by the external ids; the account may be left out if the external id is enough [SPEC]."""
    events = call.portal.marketing.events
    if "event" in call.path:
        return events.find(call.path["event"])
    if call.query.get("externalAccountId") is not None:
        return external_event(call)
    external = call.path["external"]
    own = [event for event in events.with_external(external) if event.app == app_of(call)]
    if len(own) > 1:
        raise bad_request(f"Several marketing events have the external id {external}; name the externalAccountId")
    return own[0] if own else events.find_external(app_of(call), "", external)


def _state(call: Call) -> str:
    state = call.path["state"]
    if state not in _IN_PATHS:
        raise bad_request(f"Invalid subscriberState: {state}", context={"subscriberState": [state]})
    return state


def _moment(given: Body) -> int:
    at = given["interactionDateTime"]
    if isinstance(at, bool) or not isinstance(at, int) or at <= 0:
        raise bad_request(f"Invalid interactionDateTime: {at}", context={"interactionDateTime": [str(at)]})
    return at


def _times(given: Body, state: str) -> dict[str, int]:
    """`joinedAt` and `leftAt`, of those who attend only; that others are refused is [UNV]."""
    properties = given.get("properties") or {}
    unknown = properties.keys() - set(_TIMES if STATES[state] == ATTENDED else ())
    if unknown:
        raise bad_request(
            f"Properties not allowed: {', '.join(sorted(unknown))}", context={"properties": sorted(unknown)}
        )
    try:
        return {name: parse_ms(str(value)) for name, value in properties.items()}
    except ValueError:
        raise bad_request("joinedAt and leftAt are times", context={"properties": sorted(properties)}) from None


# -- reading ---------------------------------------------------------------------------------------------------------


def counters(call: Call) -> Reply:
    event = _named(call)
    return 200, event.participations.counters(event.over)


def breakdown(call: Call) -> Reply:
    event, wanted = _named(call), call.query.get("contactIdentifier")
    if wanted is None:
        return _breakdown(call, ((event, contact) for contact in event.participations.rows))
    key = _contact(call, wanted)
    return _breakdown(call, [(event, key)] if key in event.participations.rows else [])


def contact_breakdown(call: Call) -> Reply:
    key, events = _contact(call, call.path["contact"]), call.portal.marketing.events
    return _breakdown(call, ((events.events[event], key) for event in events.of_contact.get(key, {})))


def _named(call: Call) -> MarketingEvent:
    if "event" in call.path:
        return call.portal.marketing.events.find(call.path["event"])
    return call.portal.marketing.events.find_external(app_of(call), call.path["account"], call.path["external"])


def _contact(call: Call, identifier: str) -> int:
    """By e-mail address or id; whoever is not there took part in nothing."""
    if "@" in identifier:
        record = contacts.by_email(call.portal, identifier)
        return record.id if record is not None else -1
    return whole(identifier, "contactIdentifier") or -1


def _breakdown(call: Call, found: Iterable[tuple[MarketingEvent, int]]) -> Reply:
    """A page of those in the state asked for; the cursor counts them. Contacts that are gone count, but do not show."""
    limit, after = page_size(call, DEFAULT_LIST, MAX_LIST), whole(call.query.get("after"), "after") or 0
    state = call.query.get("state")
    if state is not None and state not in _FILTERS:
        raise bad_request(f"Invalid state: {state}", context={"state": [state]})
    chosen = [
        (event, contact)
        for event, contact in found
        if state is None or event.participations.rows[contact].state(event.over) == state
    ]
    page = [(*one, contacts.by_id(call.portal, one[1])) for one in chosen[after : after + limit]]
    body: Body = {"total": len(chosen)}
    body["results"] = [_row(event, contact, record) for event, contact, record in page if record is not None]
    if len(chosen) > after + limit:
        body["paging"] = next_page(call, str(after + limit))
    return 200, body


def _row(event: MarketingEvent, contact: int, record: Record) -> Body:
    one, values = event.participations.rows[contact], record.properties
    person = {"contactId": str(record.id), "email": values.get("email", "")}
    person |= {name: values[name] for name in ("firstname", "lastname") if values.get(name)}
    return {
        "id": f"{event.id}-{contact}",
        "createdAt": iso_ms(one.registered or one.occurred),
        "associations": {
            "marketingEvent": {
                "marketingEventId": str(event.id),
                "externalEventId": event.external,
                "externalAccountId": event.account,
                "name": event.values["eventName"],
            },
            "contact": person,
        },
        "properties": {"occurredAt": one.occurred, "attendanceState": one.state(event.over), **_duration(event, one)},
    }


def _duration(event: MarketingEvent, one: Participation) -> Body:
    """Of those who joined and left; the percentage as a share with two decimals is [UNV]."""
    if not (one.joined and one.left > one.joined):
        return {}
    body: Body = {"attendanceDurationSeconds": (one.left - one.joined) // 1000}
    times = [event.values.get(name) for name in ("startDateTime", "endDateTime")]
    if all(times):
        start, end = (parse_ms(str(moment)) for moment in times)
        if end > start:
            body["attendancePercentage"] = f"{min(1.0, (one.left - one.joined) / (end - start)):.2f}"
    return body


_BY_EXTERNAL = "/attendance/{external}/{state}"
_BY_OBJECT = "/{event}/attendance/{state}"
WAYS = [
    Way("POST", EVENTS, f"{_BY_EXTERNAL}/create", attend_by_id),
    Way("POST", EVENTS, f"{_BY_EXTERNAL}/email-create", attend_by_email),
    Way("POST", EVENTS, f"{_BY_OBJECT}/create", attend_by_id),
    Way("POST", EVENTS, f"{_BY_OBJECT}/email-create", attend_by_email),
    Way("POST", EVENTS, "/events/{external}/{state}/upsert", change_by_id),
    Way("POST", EVENTS, "/events/{external}/{state}/email-upsert", change_by_email),
    Way("GET", EVENTS, "/participations/contacts/{contact}/breakdown", contact_breakdown),
    Way("GET", EVENTS, "/participations/{event}/breakdown", breakdown),
    Way("GET", EVENTS, "/participations/{account}/{external}/breakdown", breakdown),
    Way("GET", EVENTS, "/participations/{event}", counters),
    Way("GET", EVENTS, "/participations/{account}/{external}", counters),
]
