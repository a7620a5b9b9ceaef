"""The engagements API of the first version: notes, tasks, meetings, calls and e-mails in one list.

Keys and page sizes as documented [DOC]; which keys of `metadata` a type has follows its overview page [DOC], cut short.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from heapq import merge
from itertools import islice
from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.marketing.requests import whole
from sandbox.hubspot.schema import parse_ms
from sandbox.hubspot.store import PORTAL_ID

MAX_ALL, DEFAULT_ALL = 250, 100
MAX_RECENT, DEFAULT_RECENT = 100, 20
RECENT_MS = 30 * 86_400_000
RECENT_MOST = 10_000  # engagements that the recent ones go back

# Key of `metadata` -> property, for each type of engagement.
_METADATA = {
    "notes": {"body": "hs_note_body"},
    "tasks": {
        "body": "hs_task_body",
        "subject": "hs_task_subject",
        "status": "hs_task_status",
        "priority": "hs_task_priority",
        "taskType": "hs_task_type",
        "completionDate": "hs_task_completion_date",
    },
    "meetings": {
        "body": "hs_meeting_body",
        "title": "hs_meeting_title",
        "startTime": "hs_meeting_start_time",
        "endTime": "hs_meeting_end_time",
        "internalMeetingNotes": "hs_internal_meeting_notes",
        "meetingOutcome": "hs_meeting_outcome",
    },
    "calls": {
        "body": "hs_call_body",
        "title": "hs_call_title",
        "toNumber": "hs_call_to_number",
        "fromNumber": "hs_call_from_number",
        "status": "hs_call_status",
        "disposition": "hs_call_disposition",
        "durationMilliseconds": "hs_call_duration",
        "recordingUrl": "hs_call_recording_url",
    },
    "emails": {
        "subject": "hs_email_subject",
        "html": "hs_email_html",
        "text": "hs_email_text",
        "status": "hs_email_status",
    },
}
_TIMES = frozenset(("completionDate", "startTime", "endTime"))
_LINKED = {"contactIds": "contacts", "companyIds": "companies", "dealIds": "deals", "ticketIds": "tickets"}
_KINDS = tuple(_METADATA)
_STEP = 8  # places per id, more than there are types


def list_engagements(call: Call) -> Reply:
    """All of them by id. `offset` is a number that says where the next page begins, and is not an id [DOC]."""
    limit, behind = _page(call, "limit", DEFAULT_ALL, MAX_ALL), whole(call.query.get("offset"), "offset") or 0
    found = merge(*(_behind(call, kind, behind) for kind in _METADATA))
    page = list(islice(found, limit + 1))
    shown, more = page[:limit], len(page) > limit
    results = [_engagement(call, _KINDS[place % _STEP], place // _STEP) for place in shown]
    return 200, {"results": results, "hasMore": more, "offset": shown[-1] if more else 0}


def list_recent(call: Call) -> Reply:
    """What changed in the last thirty days, the latest change first [DOC]; `offset` counts engagements [UNV]."""
    limit, skipped = _page(call, "count", DEFAULT_RECENT, MAX_RECENT), whole(call.query.get("offset"), "offset") or 0
    since = max(whole(call.query.get("since"), "since") or 0, call.portal.clock.now_ms() - RECENT_MS)
    found = [
        (-record.updated, kind, key)
        for kind in _KINDS
        for key, record in ((key, call.store_of(kind).records[key]) for key in call.store_of(kind).live)
        if record.updated >= since
    ]
    shown = sorted(found)[:RECENT_MOST][skipped : skipped + limit]
    after = skipped + len(shown)
    return 200, {
        "results": [_engagement(call, kind, key) for _, kind, key in shown],
        "hasMore": after < min(len(found), RECENT_MOST),
        "offset": after,
        "total": len(found),
    }


def _page(call: Call, name: str, default: int, most: int) -> int:
    size = whole(call.query.get(name), name)
    if size is None:
        return default
    if not 1 <= size <= most:
        raise bad_request(f"Invalid {name}: {size}. It must be between 1 and {most}.", context={name: [str(size)]})
    return size


def _behind(call: Call, kind: str, behind: int) -> Iterator[int]:
    """Places of the engagements of a type: types count for themselves here, so an id alone is no place."""
    number, live = _KINDS.index(kind), call.store_of(kind).live
    for at in range(bisect_left(live, (behind - number) // _STEP + 1), len(live)):
        yield live[at] * _STEP + number


def _engagement(call: Call, kind: str, key: int) -> dict[str, Any]:
    values = call.store_of(kind).records[key].properties
    links = call.portal.associations
    owner = values.get("hubspot_owner_id")
    engagement: dict[str, Any] = {
        "id": key,
        "portalId": PORTAL_ID,
        "active": True,
        "createdAt": parse_ms(values["hs_createdate"]),
        "lastUpdated": parse_ms(values["hs_lastmodifieddate"]),
        "type": values.get("hs_email_direction", "EMAIL") if kind == "emails" else kind.removesuffix("s").upper(),
        "timestamp": parse_ms(values["hs_timestamp"]),
    }
    if owner:
        engagement["ownerId"] = int(owner)
    associations: dict[str, list[Any]] = {name: sorted(links.of(kind, key, to)) for name, to in _LINKED.items()}
    return {
        "engagement": engagement,
        "associations": {**associations, "ownerIds": [], "workflowIds": [], "contentIds": []},
        "attachments": [{"id": int(one)} for one in values.get("hs_attachment_ids", "").split(";") if one.isdigit()],
        "metadata": {
            name: _value(name, values[source]) for name, source in _METADATA[kind].items() if source in values
        },
    }


def _value(name: str, text: str) -> str | int:
    if name in _TIMES:
        return parse_ms(text) or 0
    return int(text) if name == "durationMilliseconds" and text.isdigit() else text


_SCOPES = ("crm.objects.contacts.read", "crm.objects.companies.read", "crm.objects.deals.read", "tickets", "e-commerce")
_ENGAGEMENTS = ("/engagements/v1/engagements",)
WAYS = [
    Way("GET", _ENGAGEMENTS, "/paged", list_engagements, scopes=_SCOPES),
    Way("GET", _ENGAGEMENTS, "/recent/modified", list_recent, scopes=_SCOPES),
]
