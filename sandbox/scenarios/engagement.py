"""What a portal holds beside its contacts, derived from them: forms, submissions, e-mails, events, lists, choices.

Everything agrees with the contacts: who opened five e-mails by `hs_email_open`, has five open events.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sandbox.clock import to_ms
from sandbox.scenarios.email_events import email_events
from sandbox.scenarios.model import Record
from sandbox.scenarios.people import PATIENT_DOMAINS
from sandbox.scenarios.values import part

#: From this size on only the latest contacts have engagements: what a big month needs is its contacts.
ENGAGED = 20_000
FIRST_COMPANY, FIRST_EVENT, FIRST_LIST, FIRST_SUBSCRIPTION = 500_001, 300_000_101, 601, 8_001
_GUIDS = UUID("5c0d2a86-77be-4b3f-8f0e-3d9a1a2b6e11")
_FIELD_TYPES = {"email": "email", "phone": "phone", "mobilephone": "mobile_phone", "message": "multi_line_text"}
_NO_BLOCKED_DOMAINS = {"blockedEmailDomains": [], "useDefaultBlockList": False}
Rows = list[dict[str, str]]
Spec = Mapping[str, Any]


def engagement(spec: Spec, rows: Rows, now: datetime, stream: str) -> dict[str, Any]:
    """The fields of a Scenario that follow from its contacts; drawn from a random stream of their own."""
    if not spec:
        return {}
    latest = rows[-ENGAGED:]
    companies, links = _companies(spec, rows)
    return {
        "hubspot_forms": [_form(name, fields) for name, fields in spec.get("forms", {}).items()],
        "hubspot_submissions": _submissions(spec, latest),
        "hubspot_email_events": email_events(spec, latest, now, random.Random(f"{stream}/emails")),
        "hubspot_marketing_events": _marketing_events(spec, latest, random.Random(f"{stream}/events")),
        "hubspot_subscription_types": _subscription_types(spec),
        "hubspot_subscriptions": _subscriptions(spec, rows, latest),
        "hubspot_lists": [
            {
                "listId": str(FIRST_LIST + place),
                "name": name,
                "objectTypeId": "0-1",
                "processingType": "MANUAL",
                "members": [row["hs_object_id"] for row in rows if fits(row, where)],
            }
            for place, (name, where) in enumerate(spec.get("lists", {}).items())
        ],
        "hubspot_objects": {"companies": companies} if companies else {},
        "hubspot_links": links,
    }


def fits(row: Mapping[str, str], where: Spec) -> bool:
    """A contact has one of the values asked for, in each of the properties asked about."""
    return all(row.get(name, "") in values for name, values in where.items())


def form_id(name: str) -> str:
    return str(uuid5(_GUIDS, name))


def _form(name: str, fields: list[str]) -> Record:
    return {
        "id": form_id(name),
        "name": name,
        "formType": "hubspot",
        "createdAt": "2025-01-06T15:00:00.000Z",
        "updatedAt": "2025-01-06T15:00:00.000Z",
        "archived": False,
        "fieldGroups": [{"groupType": "default_group", "fields": [_field(field)]} for field in fields],
    }


def _field(name: str) -> Record:
    kind = _FIELD_TYPES.get(name, "single_checkbox" if name.endswith("_permission") else "single_line_text")
    field = {
        "objectTypeId": "0-1",
        "name": name,
        "label": name.replace("_", " ").capitalize(),
        "required": name == "lastname",
        "hidden": False,
        "fieldType": kind,
    }
    return {**field, "validation": _NO_BLOCKED_DOMAINS} if kind == "email" else field


def _submissions(spec: Spec, rows: Rows) -> list[Record]:
    """One for every contact whose form is among the forms: what they typed into it, when and where."""
    forms = {name: (form_id(name), fields) for name, fields in spec.get("forms", {}).items()}
    return [
        {
            "form": forms[row["form_name"]][0],
            "submittedAt": moment(row["inquiry_at"]),
            "values": {name: row[name] for name in forms[row["form_name"]][1] if name in row},
            "pageUrl": row.get("landing_page_url", ""),
        }
        for row in rows
        if row.get("form_name") in forms and "inquiry_at" in row
    ]


def moment(text: str) -> int:
    """A contact's timestamp in milliseconds since the epoch."""
    return to_ms(datetime.fromisoformat(text))


def _marketing_events(spec: Spec, rows: Rows, rng: random.Random) -> list[Record]:
    events = []
    waiting: dict[str, Rows] = {}
    for number, event in enumerate(spec.get("events", ()), start=1):
        # Events for the same people share them out: nobody is at two health fairs.
        audience = str(event["where"])
        if audience not in waiting:
            waiting[audience] = [row for row in rows if fits(row, event["where"])]
            rng.shuffle(waiting[audience])
        fitting = sum(fits(row, event["where"]) for row in rows)
        wanted = part(fitting, event.get("share", "100"))
        guests, waiting[audience] = waiting[audience][:wanted], waiting[audience][wanted:]
        came = part(len(guests), event.get("attended", "100"))
        start = datetime.fromisoformat(event["start"])
        ends = start + timedelta(hours=int(event["hours"]))
        opens, closes = to_ms(start), to_ms(ends)
        attendances = []
        for place, row in enumerate(guests):
            registered = min(opens - 1, opens - int(rng.random() * 14 * 86_400_000))
            attendances.append({"contact": row["hs_object_id"], "state": "REGISTERED", "at": registered})
            if place < came:
                arrived = opens + int(rng.random() ** 2 * (closes - opens))
                attendances.append({"contact": row["hs_object_id"], "state": "ATTENDED", "at": arrived})
            elif rng.random() < 0.3:
                given_up = registered + int(rng.random() * (opens - registered))
                attendances.append({"contact": row["hs_object_id"], "state": "CANCELLED", "at": given_up})
        events.append(
            {
                "objectId": str(FIRST_EVENT + 50 * number),
                "externalEventId": f"event-{number:03d}",
                "externalAccountId": "sandbox",
                "eventName": event["name"],
                "eventType": event["type"],
                "eventOrganizer": "Sandbox",
                "startDateTime": _iso(start),
                "endDateTime": _iso(ends),
                "eventCompleted": True,
                "eventCancelled": False,
                "attendances": sorted(attendances, key=lambda one: (one["at"], one["contact"])),
            }
        )
    return events


def _iso(at: datetime) -> str:
    return f"{at.isoformat(timespec='milliseconds')[:-6]}Z"


def _subscription_types(spec: Spec) -> list[Record]:
    return [
        {
            "id": str(FIRST_SUBSCRIPTION + place),
            "name": one["name"],
            "description": one.get("description", ""),
            "isActive": True,
            "isDefault": place == 0,
        }
        for place, one in enumerate(spec.get("subscriptions", ()))
    ]


def _subscriptions(spec: Spec, rows: Rows, latest: Rows) -> list[Record]:
    """Who opted out is out of everything; who ticked the box gets the first type."""
    if "subscriptions" not in spec:
        return []
    where = spec.get("opted_out", {})
    made = [
        {"email": row["email"], "status": "UNSUBSCRIBED", "at": moment(row.get("inquiry_at", row["createdate"]))}
        for row in rows
        if where and "email" in row and fits(row, where)
    ]
    out = {choice["email"] for choice in made}
    made += [
        {
            "email": row["email"],
            "subscriptionId": str(FIRST_SUBSCRIPTION),
            "status": "SUBSCRIBED",
            "at": moment(row.get("inquiry_at", row["createdate"])),
        }
        for row in latest
        if "email" in row and row["email"] not in out and row.get("email_permission") == "true"
    ]
    return made


def _companies(spec: Spec, rows: Rows) -> tuple[Rows, list[tuple[str, str, str, str]]]:
    """A company for each name that contacts give, with its domain where their addresses tell it."""
    by_name: dict[str, dict[str, str]] = {}
    links = []
    named = spec.get("companies")
    for row in rows if named else ():
        name = row.get(str(named))
        if not name:
            continue
        if name not in by_name:
            by_name[name] = {
                "hs_object_id": str(FIRST_COMPANY + len(by_name)),
                "name": name,
                "createdate": row["createdate"],
                "hs_lastmodifieddate": row["createdate"],
            }
        domain = row.get("email", "").rpartition("@")[2].lower()
        if domain.endswith(".example.org") and domain not in PATIENT_DOMAINS:
            by_name[name].setdefault("domain", domain)
        links.append(("contacts", row["hs_object_id"], "companies", by_name[name]["hs_object_id"]))
    return list(by_name.values()), links
