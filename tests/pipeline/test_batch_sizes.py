"""The size of batches and pages is nobody's business: the same end state, whatever they are."""

import itertools
import json
from typing import Any

import pytest

from tests.pipeline.conftest import Pipeline
from tests.vendors import Vendors
from tests.way import Fault, Way

SIZES = (1, 7, 10_000)
CONTACTS = 15
OWN_TO_A_WORLD = {"Id", "Crosswalk_Id__c", "WhoId", "CreatedById", "LastModifiedById"}
VARIED = {
    "service_line_interest": ("Women's Health", "Heart Care", "Orthopedics", "Neurology"),
    "preferred_location": ("Naperville", "Kenosha", ""),
    "inquiry_at": ("2026-11-14T03:30:00Z", "2026-11-13T16:00:00Z", "2026-11-14T15:00:00Z"),
    "zip": ("60611", "53179", "90210", "46320"),
    "inquiry_urgency": ("Soon", "Routine"),
    "appointment_request": ("true", "false"),
    "phone_permission": ("true", "false", ""),
}
"""Evening inquiries count for the owner's day, which is not the day in London."""


def varied(vendors: Vendors) -> list[dict[str, str]]:
    """Inquiries of as many people, unlike each other in what routing and the gates look at."""
    wheels = {name: itertools.cycle(values) for name, values in VARIED.items()}
    return [
        vendors.inquiry(
            **{name: next(wheel) for name, wheel in wheels.items()},
            **({"email": "", "phone": ""} if n % 11 == 5 else {}),
        )
        for n in range(CONTACTS)
    ]


def pages_of(rows: int) -> Fault:
    """HubSpot's pages made smaller on the way, so that small batches are small."""

    def fewer(body: bytes) -> bytes:
        asked = json.loads(body)
        return json.dumps({**asked, "limit": min(rows, asked["limit"])}).encode()

    return Fault("POST", "/search", ask=fewer, times=100_000)


def crm(vendors: Vendors) -> dict[str, list[str]]:
    """Leads and tasks of the CRM without any ids, which are each world's own; a task with its lead's e-mail."""
    leads = {one["Id"]: one for one in vendors.records("Lead")}
    found: dict[str, list[dict[str, Any]]] = {"Lead": list(leads.values()), "Task": []}
    for one in vendors.ours("Task").values():
        text = one["Description"].replace(leads[one["WhoId"]]["Crosswalk_Id__c"], "")
        found["Task"].append({**one, "Description": text, "Lead": leads[one["WhoId"]].get("Email")})
    return {
        table: sorted(
            json.dumps({name: value for name, value in one.items() if name not in OWN_TO_A_WORLD}, sort_keys=True)
            for one in some
        )
        for table, some in found.items()
    }


@pytest.mark.slow
@pytest.mark.feature("NRM-03", "RTE-03")
def test_every_size_ends_the_same(vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    people = varied(vendors)
    ends = {}
    for size in SIZES:
        vendors.load()
        vendors.create(people)
        ways[0].clear()
        ways[0].faults.append(pages_of(size))
        pipeline.start_anew()
        summary = pipeline.sync(batch_size=size)
        assert next(one["in"] for one in summary.steps if one["step"] == "land") == CONTACTS
        ends[size] = crm(vendors), summary.reasons, summary.owners, summary.written
    assert len(ends[1][0]["Lead"]) > CONTACTS // 3
    for size in SIZES[1:]:
        assert ends[size] == ends[SIZES[0]], size
