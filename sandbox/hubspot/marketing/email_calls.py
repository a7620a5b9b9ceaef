"""The e-mail events API, legacy but without a successor: events, campaigns, the timeline of subscriptions [DOC, 3P]."""

from __future__ import annotations

from itertools import islice
from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, page_size
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.marketing.email_events import APP_ID, APP_NAME, TYPES
from sandbox.hubspot.marketing.log import EVER
from sandbox.hubspot.marketing.requests import Mark, missing, read_mark, whole
from sandbox.hubspot.marketing.subscriptions import EVERYTHING, SUBSCRIBED, Change
from sandbox.hubspot.store import PORTAL_ID

DEFAULT_LIST, MAX_LIST = 10, 1_000


def list_events(call: Call) -> Reply:
    """Newest first; both ends of the window are in it [DOC]. That a campaign needs its app is [UNV]."""
    query, events = call.query, call.portal.marketing.emails
    kind, recipient, campaign = (
        query.get("eventType"),
        query.get("recipient"),
        whole(query.get("campaignId"), "campaignId"),
    )
    app = whole(query.get("appId"), "appId")
    if kind is not None and kind not in TYPES:
        raise bad_request(f"Invalid eventType: {kind}", context={"eventType": [kind]})
    if campaign is not None and app is None:
        raise bad_request("appId is required with campaignId", context={"appId": [""]})
    limit, low, high, beyond = _window(call)
    found = events.newest_first(low, high, beyond, kind=kind, recipient=recipient)
    wanted = (
        event
        for event in found
        if (campaign is None or event.campaign == campaign)
        and app in (None, APP_ID if event.type != "UNBOUNCE" else -1)
    )
    page = list(islice(wanted, limit + 1))
    body: dict[str, Any] = {"hasMore": len(page) > limit}
    body["offset"] = Mark(page[:limit][-1].created, page[:limit][-1].number).token() if page else ""
    return 200, body | {"events": [events.shown(event) for event in page[:limit]]}


def read_event(call: Call) -> Reply:
    created, key = whole(call.path["created"], "created"), call.path["id"]
    event = call.portal.marketing.emails.find(created or 0, key)
    if event is None:
        raise missing("Email event", key)
    return 200, call.portal.marketing.emails.shown(event)


def list_campaigns(call: Call) -> Reply:
    """By id; the offset is a token like that of events."""
    events = call.portal.marketing.emails
    limit, offset = page_size(call, DEFAULT_LIST, MAX_LIST), call.query.get("offset")
    after = read_mark(offset).number if offset else -1
    ids = [key for key in sorted(events.latest) if key > after]
    campaigns = [
        {"id": key, "appId": APP_ID, "appName": APP_NAME, "lastUpdatedTime": events.latest[key]} for key in ids[:limit]
    ]
    body = {"hasMore": len(ids) > limit, "offset": Mark(0, ids[:limit][-1]).token() if ids else ""}
    return 200, {**body, "campaigns": campaigns}


def read_campaign(call: Call) -> Reply:
    events, key = call.portal.marketing.emails, whole(call.path["id"], "id") or 0
    if key not in events.latest:
        raise missing("Campaign", call.path["id"])
    counters = {kind.lower(): events.counters[key, kind] for kind in sorted(TYPES) if events.counters[key, kind]}
    return 200, {
        "id": key,
        "appId": APP_ID,
        "appName": APP_NAME,
        "contentId": key,
        "name": events.names[key],
        "subject": events.names[key],
        "counters": counters,
        "lastProcessingFinishedAt": events.latest[key],
        "numIncluded": counters.get("sent", 0),
        "numQueued": counters.get("sent", 0),
        "type": "BATCH_EMAIL",
        "subType": "BATCH_EMAIL",
    }


def timeline(call: Call) -> Reply:
    """Every change of a subscription, newest first, in the shape that taps read [3P]."""
    limit, low, high, beyond = _window(call)
    recipient = call.query.get("recipient")
    found = call.portal.marketing.subscriptions.changes.newest_first(low, high, beyond)
    page = list(islice((one for one in found if recipient is None or one.email == recipient.lower()), limit + 1))
    body: dict[str, Any] = {"hasMore": len(page) > limit}
    body["offset"] = Mark(page[:limit][-1].at, page[:limit][-1].number).token() if page else ""
    return 200, body | {"timeline": [_change(one) for one in page[:limit]]}


def _change(one: Change) -> dict[str, Any]:
    change: dict[str, Any] = {
        "timestamp": one.at,
        "source": f"SOURCE_{one.source}",
        "portalId": PORTAL_ID,
        "changeType": "PORTAL_STATUS" if one.subscription == EVERYTHING else "SUBSCRIPTION_STATUS",
        "change": "SUBSCRIBED" if one.status == SUBSCRIBED else "UNSUBSCRIBED",
    }
    if one.subscription != EVERYTHING:
        change["subscriptionId"] = one.subscription
    return {"timestamp": one.at, "portalId": PORTAL_ID, "recipient": one.email, "changes": [change]}


def _window(call: Call) -> tuple[int, int, int, Mark | None]:
    low, high = (whole(call.query.get(name), name) for name in ("startTimestamp", "endTimestamp"))
    offset = call.query.get("offset")
    place = read_mark(offset) if offset else None
    return page_size(call, DEFAULT_LIST, MAX_LIST), low or 0, EVER if high is None else high, place


_EMAIL = ("/email/public/v1",)
WAYS = [
    Way("GET", _EMAIL, "/events", list_events),
    Way("GET", _EMAIL, "/events/{created}/{id}", read_event),
    Way("GET", _EMAIL, "/campaigns", list_campaigns),
    Way("GET", _EMAIL, "/campaigns/by-id", list_campaigns),
    Way("GET", _EMAIL, "/campaigns/{id}", read_campaign),
    Way("GET", _EMAIL, "/subscriptions/timeline", timeline),
]
