"""Marketing e-mails, read only: those that the e-mail events are about."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.marketing.requests import missing, whole

DEFAULT_LIST, MAX_LIST = 10, 100


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


_EMAILS = ("/marketing/v3/emails", "/marketing/emails/{version}")
WAYS = [
    Way("GET", _EMAILS, "", list_emails, scopes=("content",)),
    Way("GET", _EMAILS, "/", list_emails, scopes=("content",)),  # the official client's spelling
    Way("GET", _EMAILS, "/{email}", read_email, scopes=("content",)),
]
