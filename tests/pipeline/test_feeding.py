"""Feed back and deliver to marketing (FBK-06), on the real sandbox and a real database of either kind."""

import json
from datetime import date

import pytest

from crosswalk.errors import GateFailed
from tests.pipeline.conftest import Pipeline
from tests.pipeline.telling import OURS, UPDATE, amend, prepare, told, write_back
from tests.vendors import Vendors
from tests.way import Way

pytestmark = pytest.mark.feature("FBK-06")
BACK = "mappings/fields/hubspot.contacts.back.yaml"


@pytest.fixture
def portal(vendors: Vendors, pipeline: Pipeline) -> Vendors:
    """Both vendors, the hub's properties in place."""
    prepare(pipeline)
    return vendors


def due(pipeline: Pipeline) -> int:
    return sum(row["feedback_due"] for row in pipeline.home.rows("lead"))


def test_marketing_receives_exactly_the_mapped_fields_of_its_own_contacts(
    portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    first, second = portal.create([portal.inquiry(), portal.inquiry(phone_permission="", email_permission="")])
    pipeline.sync()
    assert due(pipeline) == 2
    ways[0].clear()
    assert write_back(pipeline) == {"updated": 2}
    assert due(pipeline) == 0
    leads = {row["external_id"]: row for row in pipeline.home.rows("lead")}
    assert told(portal)[first] == {
        "crosswalk_lead_id": leads[first]["lead_id"],
        "crosswalk_status": "assigned",
        "crosswalk_stage": leads[first]["stage"],
        "crosswalk_segment": leads[first]["lead_type"],
        "crosswalk_suppressed": "false",
        "lifecyclestage": "marketingqualifiedlead",
        "hs_lead_status": "OPEN",
    }
    assert told(portal)[second]["crosswalk_status"] != "assigned"
    (asked,) = ways[0].asked
    assert asked.path.endswith(UPDATE)
    for one in json.loads(asked.body)["inputs"]:
        assert set(one["properties"]) <= set(OURS)


def test_a_hundred_contacts_a_call_and_nothing_else(portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    portal.create([portal.inquiry() for _ in range(201)])
    pipeline.sync()
    ways[0].clear()
    ways[1].clear()
    assert write_back(pipeline) == {"updated": 201}
    assert (ways[0].count("POST", UPDATE), ways[0].count(), ways[1].count()) == (3, 3, 0)


def test_nothing_changed_is_nothing_to_tell(portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    (contact,) = portal.create([portal.inquiry()])
    pipeline.sync()
    write_back(pipeline)
    amend(pipeline, contact, fit=1)
    assert due(pipeline) == 1, "whatever changes a lead"
    ways[0].clear()
    before = told(portal), pipeline.home.rows("known"), pipeline.home.rows("outbox")
    assert write_back(pipeline) == {}
    assert due(pipeline) == ways[0].count() == 0
    assert (told(portal), pipeline.home.rows("known"), pipeline.home.rows("outbox")) == before


def test_what_sales_gave_back_is_told_with_its_reason_and_day_and_taken_back_again(
    portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    (contact,) = portal.create([portal.inquiry()])
    pipeline.sync()
    write_back(pipeline)
    amend(pipeline, contact, status="recycled", reason="not_now", resume_on=date(2027, 2, 14))
    write_back(pipeline)
    now = told(portal)[contact]
    assert (now["crosswalk_status"], now["crosswalk_reason"]) == ("recycled", "not_now")
    assert (now["crosswalk_next_nurture_on"], now["lifecyclestage"]) == ("2027-02-14", "lead")
    amend(pipeline, contact, status="assigned", reason=None, resume_on=None)
    assert write_back(pipeline) == {"updated": 1}
    now = told(portal)[contact]
    assert now["crosswalk_status"] == "assigned"
    assert not {"crosswalk_reason", "crosswalk_next_nurture_on"} & now.keys()


def test_whoever_withdraws_permission_is_suppressed(portal: Vendors, pipeline: Pipeline) -> None:
    """Delivery to sales is held without permission; this must get through."""
    (contact,) = portal.create([portal.inquiry()])
    pipeline.sync()
    write_back(pipeline)
    portal.later(60)
    portal.change(contact, email_permission="false", phone_permission="false", sms_permission="false")
    pipeline.sync()
    write_back(pipeline)
    assert told(portal)[contact]["crosswalk_suppressed"] == "true"


def test_every_contact_whose_inquiry_became_part_of_a_lead_tells_of_it(portal: Vendors, pipeline: Pipeline) -> None:
    """One person with two contacts, in one batch and over several."""
    same = {"firstname": "Ilka", "lastname": "Amberly", "phone": "(312) 555-0177"}
    emails = (f"ilka.{number}@inbox.example.org" for number in range(3))
    older, newer = portal.create([
        portal.inquiry(**same, email=next(emails), inquiry_at="2026-11-15T14:00:00Z"),
        portal.inquiry(**same, email=next(emails), inquiry_at="2026-11-16T14:00:00Z"),
    ])  # fmt: skip
    pipeline.sync()
    write_back(pipeline)
    (lead,) = pipeline.home.rows("lead")
    assert {key: one["crosswalk_lead_id"] for key, one in told(portal).items()} == {
        older: lead["lead_id"],
        newer: lead["lead_id"],
    }
    portal.later(60)
    (last,) = portal.create([portal.inquiry(**same, email=next(emails), inquiry_at="2026-11-16T14:30:00Z")])
    pipeline.sync()
    amend(pipeline, last, status="accepted")
    assert write_back(pipeline) == {"updated": 3}
    assert {one["crosswalk_status"] for one in told(portal).values()} == {"accepted"}


def test_a_contact_with_two_leads_tells_of_the_newer_one(portal: Vendors, pipeline: Pipeline) -> None:
    (contact,) = portal.create([portal.inquiry()])
    pipeline.sync()
    write_back(pipeline)
    (first,) = pipeline.home.rows("lead")
    portal.later(3600)
    portal.change(
        contact,
        audience_type="HR / Employer",
        company="Harborlight Tools",
        jobtitle="Benefits manager",
        inquiry_at="2026-11-16T14:59:00Z",
    )
    pipeline.sync()
    second = next(row for row in pipeline.home.rows("lead") if row["lead_id"] != first["lead_id"])
    assert second["motion"] != first["motion"]
    write_back(pipeline)
    assert told(portal)[contact]["crosswalk_lead_id"] == second["lead_id"]


def test_a_contact_that_is_gone_waits_for_a_person(portal: Vendors, pipeline: Pipeline) -> None:
    gone, there = portal.create([portal.inquiry(), portal.inquiry()])
    pipeline.sync()
    portal.archive(gone)
    assert write_back(pipeline) == {"updated": 1, "failed": 1}
    assert told(portal)[there]["crosswalk_status"] == "assigned"
    (row,) = [row for row in pipeline.home.rows("quarantine") if row["state"] == "open"]
    assert (row["step"], row["reason"], row["external_id"]) == ("apply", "OBJECT_NOT_FOUND", gone)
    assert [row["record_id"] for row in pipeline.home.rows("known")] == [there]
    assert write_back(pipeline) == {}, "not tried again by itself"


def test_what_stops_at_the_gate_has_not_happened(portal: Vendors, pipeline: Pipeline) -> None:
    portal.create([portal.inquiry() for _ in range(3)])
    pipeline.sync()
    before = pipeline.home.content()
    pipeline.home.write("expectations/fed_back.yaml", "max_value: 0", "max_value: -1")
    with pytest.raises(GateFailed, match="CEILING_EXCEEDED"):
        write_back(pipeline)
    assert pipeline.home.content() == before
    pipeline.home.write("expectations/fed_back.yaml", "max_value: -1", "max_value: 0")
    assert write_back(pipeline) == {"updated": 3}


def test_a_value_that_does_not_fit_waits_for_a_person(portal: Vendors, pipeline: Pipeline) -> None:
    contact, other = portal.create([portal.inquiry(), portal.inquiry(phone_permission="", email_permission="")])
    pipeline.sync()
    statuses = {row["external_id"]: row["status"] for row in pipeline.home.rows("lead")}
    longest = len(statuses[other])
    assert len(statuses[contact]) > longest
    pipeline.home.write(BACK, "    field: status\n", f"    field: status\n    max_length: {longest}\n")
    assert write_back(pipeline) == {"updated": 1}
    assert told(portal)[contact] == {}
    rows = [row for row in pipeline.home.rows("quarantine") if row["step"] == "gate_fed_back"]
    assert [(row["reason"], row["external_id"], row["state"]) for row in rows] == [("VALUE_TOO_LONG", contact, "open")]


def test_a_dry_run_tells_nobody(portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    portal.create([portal.inquiry() for _ in range(3)])
    pipeline.sync()
    ways[0].clear()
    before = pipeline.home.content()
    assert write_back(pipeline, dry=True) == {"updated": 3}
    assert pipeline.home.content() == before
    assert ways[0].count() == 0


def test_the_size_of_a_batch_changes_nothing(portal: Vendors, pipeline: Pipeline) -> None:
    portal.create([portal.inquiry() for _ in range(7)])
    pipeline.sync()
    assert write_back(pipeline, batch_size=2) == {"updated": 7}
    small = told(portal)
    assert len({one["crosswalk_lead_id"] for one in small.values()}) == 7
    pipeline.start_anew()
    pipeline.sync()
    write_back(pipeline)
    assert told(portal) == small
