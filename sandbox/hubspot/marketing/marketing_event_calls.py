"""The marketing events API: the events themselves. By external id they are the creating app's alone [SPEC]."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply, next_page, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.marketing.marketing_events import MarketingEvent
from sandbox.hubspot.marketing.requests import attributes, whole

DEFAULT_LIST, MAX_LIST, MAX_BATCH = 10, 100, 100
CREATION = ("externalAccountId", "externalEventId", "eventName", "eventOrganizer")
Body = dict[str, Any]


def list_events(call: Call) -> Reply:
    limit, after = page_size(call, DEFAULT_LIST, MAX_LIST), whole(call.query.get("after"), "after") or 0
    events = [event for key, event in call.portal.marketing.events.events.items() if key > after]
    body: Body = {"results": [_read(event) for event in events[:limit]]}
    if len(events) > limit:
        body["paging"] = next_page(call, str(events[limit - 1].id))
    return 200, body


def create(call: Call) -> Reply:
    given = attributes(call.body, "MarketingEventCreateRequestParams", *CREATION)
    return 200, _short(call.portal.marketing.events.create(app_of(call), given))


def upsert(call: Call) -> Reply:
    given = attributes(call.body, "MarketingEventCreateRequestParams", *CREATION)
    if str(given["externalEventId"]) != call.path["external"]:
        raise bad_request("externalEventId differs from the path", context={"externalEventId": [call.path["external"]]})
    return 200, _written(call.portal.marketing.events.create(app_of(call), given))


def read(call: Call) -> Reply:
    event = external_event(call)
    body = {**_counts(event), **_written(event), "externalEventId": event.external}
    return 200, body


def change(call: Call) -> Reply:
    given = attributes(call.body, "MarketingEventUpdateRequestParams")
    return 200, _written(call.portal.marketing.events.change(external_event(call), given))


def delete(call: Call) -> Reply:
    call.portal.marketing.events.remove(external_event(call))
    return 204, None


def cancel(call: Call) -> Reply:
    return 200, _short(call.portal.marketing.events.change(external_event(call), {"eventCancelled": True}))


def complete(call: Call) -> Reply:
    """From now on those who registered and did not come are no-shows."""
    given = attributes(call.body, "MarketingEventCompleteRequestParams", "startDateTime", "endDateTime")
    times = {name: given[name] for name in ("startDateTime", "endDateTime")}
    return 200, _short(call.portal.marketing.events.change(external_event(call), {**times, "eventCompleted": True}))


def batch_upsert(call: Call) -> Reply:
    started, events = call.portal.clock.now_ms(), call.portal.marketing.events
    given = [
        attributes(one, "MarketingEventCreateRequestParams", *CREATION) for one in batch_inputs(call.body, MAX_BATCH)
    ]
    results = [_written(events.create(app_of(call), one)) for one in given]
    return batch_reply(call, started, 200, results, [])


def batch_delete(call: Call) -> Reply:
    """Unknown ones and those of other apps are passed over [UNV]."""
    required = ("externalAccountId", "externalEventId", "appId")
    inputs = batch_inputs(call.body, MAX_BATCH)
    for given in [attributes(one, "MarketingEventExternalUniqueIdentifier", *required) for one in inputs]:
        app, account, external = app_of(call), str(given["externalAccountId"]), str(given["externalEventId"])
        if str(given["appId"]) == str(app):
            try:
                call.portal.marketing.events.remove(call.portal.marketing.events.find_external(app, account, external))
            except HubSpotError:
                continue
    return 204, None


def search(call: Call) -> Reply:
    """By the external id, among the app's own."""
    wanted = call.query.get("q")
    if not wanted:
        raise bad_request("The query parameter q is required", context={"q": [""]})
    found = [one for one in call.portal.marketing.events.with_external(wanted) if one.app == app_of(call)]
    ids = [
        {"objectId": str(one.id), "externalEventId": one.external, "externalAccountId": one.account, "appId": one.app}
        for one in found
    ]
    return 200, {"results": ids}


def identifiers(call: Call) -> Reply:
    found = call.portal.marketing.events.with_external(call.path["external"])
    results = [
        {
            "externalEventId": one.external,
            "externalAccountId": one.account,
            "objectId": str(one.id),
            "marketingEventName": one.values["eventName"],
            "appInfo": _app(one),
        }
        for one in found
    ]
    return 200, {"total": len(results), "results": results}


def read_object(call: Call) -> Reply:
    return 200, _read(call.portal.marketing.events.find(call.path["event"]))


def change_object(call: Call) -> Reply:
    given = attributes(call.body, "MarketingEventPublicUpdateRequestV2")
    events = call.portal.marketing.events
    return 200, _second(events.change(events.find(call.path["event"]), given))


def delete_object(call: Call) -> Reply:
    events = call.portal.marketing.events
    events.remove(events.find(call.path["event"]))
    return 204, None


def batch_update(call: Call) -> Reply:
    started, events = call.portal.clock.now_ms(), call.portal.marketing.events
    results, errors = [], []
    for one in batch_inputs(call.body, MAX_BATCH):
        given = attributes(one, "MarketingEventPublicUpdateRequestFullV2", "objectId")
        try:
            results.append(_second(events.change(events.find(str(given["objectId"])), given)))
        except HubSpotError as refused:
            errors.append({**refused.batch_entry(None), "errors": [], "links": {}})
    return batch_reply(call, started, 200, results, errors)


def batch_archive(call: Call) -> Reply:
    """204 if all were there, 207 if not [SPEC]; the 207's body is [UNV]."""
    started, events, errors = call.portal.clock.now_ms(), call.portal.marketing.events, []
    for one in batch_inputs(call.body, MAX_BATCH):
        given = attributes(one, "MarketingEventPublicObjectIdDeleteRequest", "objectId")
        try:
            events.remove(events.find(str(given["objectId"])))
        except HubSpotError as refused:
            errors.append({**refused.batch_entry(None), "errors": [], "links": {}})
    return batch_reply(call, started, 207, [], errors) if errors else (204, None)


# -- who asks, and what is shown -------------------------------------------------------------------------------------


def app_of(call: Call) -> int:
    """The app that the request's token belongs to."""
    return call.app


def external_event(call: Call) -> MarketingEvent:
    account = call.query.get("externalAccountId")
    if account is None:
        raise bad_request("The query parameter externalAccountId is required", context={"externalAccountId": [""]})
    return call.portal.marketing.events.find_external(app_of(call), account, call.path["external"])


def _app(event: MarketingEvent) -> Body:
    return {"id": str(event.app), "name": f"App {event.app}"}


def _short(event: MarketingEvent) -> Body:
    return {**event.values, "objectId": str(event.id)}


def _written(event: MarketingEvent) -> Body:
    times = {"createdAt": iso_ms(event.created), "updatedAt": iso_ms(event.updated)}
    return {"id": str(event.id), **_short(event), **times}


def _second(event: MarketingEvent) -> Body:
    """The newer shape: no `id`, but the app."""
    body = {name: value for name, value in _written(event).items() if name != "id"}
    return {**body, "appInfo": _app(event)}


def _counts(event: MarketingEvent) -> Body:
    counters = event.participations.counters(event.over)
    return {
        "registrants": counters["registered"],
        "attendees": counters["attended"],
        "cancellations": counters["cancelled"],
        "noShows": counters["noShows"],
    }


def _read(event: MarketingEvent) -> Body:
    status = "CANCELLED" if event.values["eventCancelled"] else "PAST" if event.over else "UPCOMING"
    return {**_second(event), **_counts(event), "externalEventId": event.external, "eventStatus": status}


EVENTS = ("/marketing/v3/marketing-events", "/marketing/marketing-events/{version}")
_LIST = ("/marketing/marketing-events/v3", *EVENTS)  # the specification has the first for the list alone
WAYS = [
    Way("GET", _LIST, "", list_events),
    Way("GET", EVENTS, "/", list_events),  # the official client's spelling
    Way("POST", EVENTS, "/events", create),
    Way("POST", EVENTS, "/events/upsert", batch_upsert),
    Way("POST", EVENTS, "/events/delete", batch_delete),
    Way("GET", EVENTS, "/events/search", search),
    Way("GET", EVENTS, "/events/{external}", read),
    Way("PUT", EVENTS, "/events/{external}", upsert),
    Way("PATCH", EVENTS, "/events/{external}", change),
    Way("DELETE", EVENTS, "/events/{external}", delete),
    Way("POST", EVENTS, "/events/{external}/cancel", cancel),
    Way("POST", EVENTS, "/events/{external}/complete", complete),
    Way("POST", EVENTS, "/batch/update", batch_update),
    Way("POST", EVENTS, "/batch/archive", batch_archive),
    Way("GET", EVENTS, "/{external}/identifiers", identifiers),
    Way("GET", EVENTS, "/{event}", read_object),
    Way("PATCH", EVENTS, "/{event}", change_object),
    Way("DELETE", EVENTS, "/{event}", delete_object),
]
