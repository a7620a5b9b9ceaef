"""What Lakeshore's portal holds beside its contacts: practices, calls, notes, e-mails, agreements with partners."""

from __future__ import annotations

import random
from typing import Any

from sandbox.scenarios.engagement import ENGAGED, Rows, engagement
from sandbox.scenarios.lakeshore_labels import CALL, pick
from sandbox.scenarios.model import SCENARIO_NOW, Record
from sandbox.scenarios.practices import Practice
from sandbox.scenarios.source import shipped

AGREEMENTS = "referral_agreements"
#: Shares of the contacts, or of the callers, that have one: an activity is the exception.
_CALLERS, _OTHERS = 0.5, 0.04
_FIRST = {"calls": 600_001, "notes": 700_001, "emails": 800_001, AGREEMENTS: 900_001}
_NOTES = ("Called back, left a message.", "Asked for a morning appointment.", "Sent directions to the clinic.")
_SUBJECTS = ("Your appointment", "Directions to our clinic", "Your question to us")
_SINCE = "2025-01-06T15:00:00.000Z"
Link = tuple[str, str, str, str]


def lakeshore_engagement(rows: Rows, made: list[Practice], stream: str) -> dict[str, Any]:
    """The fields of the Scenario besides contacts; drawn from streams of their own, so that no contact changes."""
    fields = engagement(shipped("lakeshore")["engagement"], rows, SCENARIO_NOW, stream)
    objects: dict[str, Rows] = fields["hubspot_objects"]
    links: list[Link] = fields["hubspot_links"]
    objects.update(_activities(rows[-ENGAGED:], links, random.Random(f"{stream}/activities")))
    agreements = _agreements(made, {row["name"]: row["hs_object_id"] for row in objects.get("companies", [])}, links)
    return {**fields, "hubspot_schemas": [_schema()], "hubspot_objects": {**objects, AGREEMENTS: agreements}}


def _activities(rows: Rows, links: list[Link], rng: random.Random) -> dict[str, Rows]:
    made: dict[str, Rows] = {"calls": [], "notes": [], "emails": []}
    for row in rows:
        draw = rng.random()
        if row["capture_method"] == CALL and draw < _CALLERS:
            minutes = 1 + int(rng.random() * 9)
            kind, values = "calls", {
                "hs_call_title": "Inbound call", "hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED",
                "hs_call_duration": str(minutes * 60_000),
            }  # fmt: skip
        elif draw > 1 - _OTHERS / 2:
            kind, values = "notes", {"hs_note_body": pick(rng, _NOTES)}
        elif draw > 1 - _OTHERS and "email" in row:
            kind, values = "emails", {
                "hs_email_subject": pick(rng, _SUBJECTS), "hs_email_direction": "EMAIL", "hs_email_status": "SENT",
            }  # fmt: skip
        else:
            continue
        key, at = str(_FIRST[kind] + len(made[kind])), row["inquiry_at"]
        made[kind].append(
            {"hs_object_id": key, "hs_timestamp": at, "hs_createdate": at, "hs_lastmodifieddate": at, **values}
        )
        links.append(("contacts", row["hs_object_id"], kind, key))
    return made


def _schema() -> Record:
    """The custom object's definition, as the schemas API takes it."""
    names = {"partner_id": "Partner", "practice": "Practice", "agreement_status": "Status"}
    return {
        "name": AGREEMENTS,
        "objectTypeId": "2-48000001",
        "labels": {"singular": "Referral agreement", "plural": "Referral agreements"},
        "primaryDisplayProperty": "partner_id",
        "requiredProperties": ["partner_id"],
        "searchableProperties": ["partner_id", "practice"],
        "properties": [
            {
                "name": name,
                "label": label,
                "type": "string",
                "fieldType": "text",
                "hasUniqueValue": name == "partner_id",
            }
            for name, label in names.items()
        ],
        "associatedObjects": ["COMPANY"],
    }


def _agreements(made: list[Practice], companies: dict[str, str], links: list[Link]) -> Rows:
    rows: Rows = []
    for practice in made:
        if not practice.partner:
            continue
        key = str(_FIRST[AGREEMENTS] + len(rows))
        rows.append({
            "hs_object_id": key, "partner_id": practice.partner, "practice": practice.name,
            "agreement_status": "active", "hs_createdate": _SINCE, "hs_lastmodifieddate": _SINCE,
        })  # fmt: skip
        if practice.name in companies:
            links.append((AGREEMENTS, key, "companies", companies[practice.name]))
    return rows
