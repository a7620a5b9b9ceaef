"""Scenario "lakeshore": a month of inquiries at an invented multi-specialty group around Chicago and Milwaukee."""

from __future__ import annotations

import random
from typing import Any

from sandbox.scenarios.lakeshore_cast import Cast
from sandbox.scenarios.lakeshore_contacts import BURST_IP, ContactWriter
from sandbox.scenarios.lakeshore_crm import CrmWriter
from sandbox.scenarios.lakeshore_engagement import lakeshore_engagement
from sandbox.scenarios.lakeshore_plan import Plan
from sandbox.scenarios.lakeshore_times import HOUR, WINDOW, Calendar
from sandbox.scenarios.lakeshore_truth import truth_of
from sandbox.scenarios.model import SCENARIO_NOW, Scenario
from sandbox.scenarios.portal_properties import hubspot_properties
from sandbox.scenarios.practices import practices
from sandbox.scenarios.staff import hubspot_owners

FIRST_ID = 100_001
#: The burst of spam begins on a Wednesday morning, four days into the month.
_BURST_AT = 4 * 24 * HOUR
_BURST_STEP = 3_000


def _moments(rng: random.Random, calendar: Calendar, plan: Plan) -> list[tuple[int, int]]:
    """Creation and inquiry of every slot, in milliseconds from the window's start."""
    inquiries = calendar.draw(rng, plan.total)
    moments = []
    burst = 0
    for slot, inquiry in enumerate(inquiries):
        if plan.case[slot] == "D19":
            at = _BURST_AT + burst * _BURST_STEP
            burst += 1
            moments.append((at, at))
        elif rng.random() < 0.12:
            moments.append((int(rng.random() * inquiry), inquiry))
        else:
            moments.append((max(0, inquiry - int(rng.random() * 15_000)), inquiry))
    return moments


def lakeshore(contacts: int, seed: int) -> Scenario:
    """The month, scaled to a number of contacts; the same arguments give the same scenario everywhere."""
    rng = random.Random(f"lakeshore/{contacts}/{seed}")
    plan = Plan(rng, contacts)
    made = practices(rng, contacts)
    cast = Cast(rng, plan, made)
    calendar = Calendar(SCENARIO_NOW)
    moments = _moments(rng, calendar, plan)
    writer = ContactWriter(rng, plan, cast)
    crm = CrmWriter(rng, plan, cast, made)
    owners = hubspot_owners()

    rows: list[dict[str, str]] = []
    ids = [""] * contacts
    for number, slot in enumerate(sorted(range(contacts), key=lambda slot: (moments[slot][0], slot)), start=FIRST_ID):
        created, inquiry = moments[slot]
        ids[slot] = str(number)
        contact = {"hs_object_id": ids[slot], **writer.write(slot)}
        modified = min(WINDOW, inquiry + int(rng.random() ** 4 * 6 * HOUR))
        contact["createdate"] = calendar.text(created)
        contact["inquiry_at"] = contact["recent_conversion_date"] = calendar.text(inquiry)
        contact["lastmodifieddate"] = calendar.text(modified)
        if not plan.case[slot] and rng.random() < 0.02:
            contact["hubspot_owner_id"] = owners[int(rng.random() * 12)]["id"]
        rows.append(contact)
        crm.add(slot, contact)

    truth: dict[str, Any] = truth_of(plan, writer, crm, rows, ids)
    truth["bursts"] = {"D19": {"submission_ip": BURST_IP, "count": len(truth["cases"].get("D19", []))}}
    return Scenario(
        name="lakeshore",
        now=SCENARIO_NOW,
        hubspot_properties=hubspot_properties(),
        hubspot_owners=owners,
        hubspot_contacts=rows,
        salesforce_records=crm.records,
        truth=truth,
        **lakeshore_engagement(rows, made, f"lakeshore/{contacts}/{seed}"),
    )
