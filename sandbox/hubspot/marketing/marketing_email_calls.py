"""Marketing e-mails, read only: those that the e-mail events are about."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.marketing.requests import missing, whole
from sandbox.hubspot.store import PORTAL_ID

DEFAULT_LIST, MAX_LIST = 10, 100
DEFAULT_OLD, MAX_OLD = 10, 300


def list_emails(call: Call) -> Reply:
    """By id. Nothing here archives one or leaves it unpublished."""
    limit, after = page_size(call, DEFAULT_LIST, MAX_LIST), whole(call.query.get("after"), "after") or 0
    none = call.flag("archived") or call.query.get("isPublished") == "false"
    keys = [] if none else sorted(call.portal.marketing.emails.latest)
    left = [key for key in keys if key > after]
    body: dict[str, Any] = {"total": len(keys), "results": [_public(call, key) for key in left[:limit]]}
    if len(left) > limit:
        body["paging"] = next_page(call, str(left[limit - 1]))
    return 200, body


def read_email(call: Call) -> Reply:
    key = call.path["email"]
    if not key.isdigit() or int(key) not in call.portal.marketing.emails.latest or call.flag("archived"):
        raise missing("Email", key)
    return 200, _public(call, int(key))


def _public(call: Call, key: int) -> dict[str, Any]:
    """The keys that the official client's model insists on, and those that lead to the events."""
    events = call.portal.marketing.emails
    published = iso_ms(events.first[key])
    body: dict[str, Any] = {
        "id": str(key),
        "name": events.names[key],
        "subject": events.names[key],
        "type": "BATCH_EMAIL",
        "subcategory": "batch",
        "state": "PUBLISHED",
        "archived": False,
        "isAb": False,
        "isPublished": True,
        "sendOnPublish": True,
        "primaryEmailCampaignId": str(key),
        "allEmailCampaignIds": [str(key)],
        "content": {},
        "from": {"fromName": "Marketing", "replyTo": "marketing@example.org"},
        "to": {},
        "createdAt": published,
        "publishDate": published,
        "updatedAt": iso_ms(events.latest[key]),
    }
    if call.flag("includeStats"):
        counters = {kind.lower(): count for (email, kind), count in sorted(events.counters.items()) if email == key}
        body["stats"] = {"counters": counters, "deviceBreakdown": {}, "qualifierStats": {}, "ratios": {}}
    return body


def list_with_statistics(call: Call) -> Reply:
    """The first version's list: an offset that counts, moments in milliseconds, numbers for ids [DOC]."""
    offset = whole(call.query.get("offset"), "offset") or 0
    limit = page_size(call, DEFAULT_OLD, MAX_OLD)
    keys = sorted(call.portal.marketing.emails.latest)
    order = call.query.get("orderBy", "created")
    if order.removeprefix("-") not in ("created", "updated", "id"):
        raise bad_request(f"Invalid orderBy: {order}", context={"orderBy": [order]})
    shown = [_old(call, key) for key in keys]
    shown.sort(key=lambda email: email[order.removeprefix("-")], reverse=order.startswith("-"))
    return 200, {"objects": shown[offset : offset + limit], "limit": limit, "offset": offset, "total": len(keys)}


def _old(call: Call, key: int) -> dict[str, Any]:
    events = call.portal.marketing.emails
    counters = {kind.lower(): count for (email, kind), count in sorted(events.counters.items()) if email == key}
    first = events.first[key]
    return {
        "ab": False,
        "allEmailCampaignIds": [key],
        "archived": False,
        "campaignName": events.names[key],
        "created": first,
        "currentState": "PUBLISHED",
        "currentlyPublished": True,
        "emailType": "BATCH_EMAIL",
        "fromName": "Marketing",
        "id": key,
        "isPublished": True,
        "name": events.names[key],
        "portalId": PORTAL_ID,
        "primaryEmailCampaignId": key,
        "publishDate": first,
        "replyTo": "marketing@example.org",
        "state": "PUBLISHED",
        "stats": {"counters": counters, "deviceBreakdown": {}, "ratios": {}},
        "subcategory": "batch",
        "subject": events.names[key],
        "updated": events.latest[key],
    }


_EMAILS = ("/marketing/v3/emails", "/marketing/emails/{version}")
WAYS = [
    Way("GET", ("/marketing-emails/v1/emails/with-statistics",), "", list_with_statistics, scopes=("content",)),
    Way("GET", _EMAILS, "", list_emails, scopes=("content",)),
    Way("GET", _EMAILS, "/", list_emails, scopes=("content",)),  # the official client's spelling
    Way("GET", _EMAILS, "/{email}", read_email, scopes=("content",)),
]
