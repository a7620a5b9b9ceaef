"""Who wins a field that both sides write (FBK-11), on the real sandbox and a real database of either kind."""

from typing import Any

import pytest

from crosswalk.errors import TransientError
from crosswalk.store import conflicts
from tests.pipeline.conftest import Pipeline
from tests.pipeline.telling import UPDATE, amend, prepare, told, write_back
from tests.vendors import RESET, Vendors
from tests.way import Fault, Way

pytestmark = pytest.mark.feature("FBK-11")


@pytest.fixture
def portal(vendors: Vendors, pipeline: Pipeline) -> Vendors:
    """Both vendors, the hub's properties in place."""
    prepare(pipeline)
    return vendors


@pytest.fixture
def contact(portal: Vendors, pipeline: Pipeline) -> str:
    """A contact that has been told of its lead, some time ago."""
    (made,) = portal.create([portal.inquiry()])
    pipeline.sync()
    assert write_back(pipeline) == {"updated": 1}
    portal.later(300)
    return made


def met(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """Every conflict: field, winner, loser, how often."""
    return sorted((row["field"], row["winner"], row["loser"], row["times"]) for row in pipeline.home.rows("conflict"))


def test_what_the_hub_wrote_itself_is_no_conflict(contact: str, portal: Vendors, pipeline: Pipeline) -> None:
    summary = pipeline.sync()
    assert next(step["in"] for step in summary.steps if step["step"] == "land") == 1, "the contact was read again"
    assert met(pipeline) == summary.conflicts == []
    assert write_back(pipeline) == {}


def test_the_authority_wins_and_the_loser_is_logged(
    contact: str, portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    before = told(portal)
    portal.change(contact, crosswalk_status="disqualified", crosswalk_segment="", crosswalk_reason="typed by hand")
    summary = pipeline.sync()
    fields = ("crosswalk_reason", "crosswalk_segment", "crosswalk_status")
    assert met(pipeline) == [(field, "hub", "hubspot", 1) for field in fields]
    assert summary.conflicts == [
        {"system": "hubspot", "object": "contacts", "field": field, "winner": "hub", "records": 1} for field in fields
    ]
    (lead,) = pipeline.home.rows("lead")
    assert {row["lead_id"] for row in pipeline.home.rows("conflict")} == {lead["lead_id"]}
    assert "typed by hand" not in str(pipeline.home.rows("conflict"))
    ways[0].clear()
    assert write_back(pipeline) == {"updated": 1}
    assert ways[0].count() == 1
    assert told(portal) == before
    portal.later(300)
    assert pipeline.sync().conflicts == []
    assert write_back(pipeline) == {}


def test_a_conflict_is_counted_each_time_it_comes_back(contact: str, portal: Vendors, pipeline: Pipeline) -> None:
    for times in (1, 2):
        portal.change(contact, crosswalk_status=f"mine {times}")
        pipeline.sync()
        pipeline.sync()  # read again within the look-back: the same change, not another one
        assert met(pipeline) == [("crosswalk_status", "hub", "hubspot", times)]
        write_back(pipeline)
        portal.later(300)
    assert told(portal)[contact]["crosswalk_status"] == "assigned"


def test_a_stage_that_somebody_has_moved_on_is_not_taken_back(
    contact: str, portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    """HubSpot's lifecycle stage moves forward only; the hub tries once, and again when it wants something else."""
    portal.change(contact, lifecyclestage="customer")
    pipeline.sync()
    assert met(pipeline) == [("lifecyclestage", "hub", "hubspot", 1)]
    write_back(pipeline)
    assert told(portal)[contact]["lifecyclestage"] == "customer"
    portal.later(300)
    ways[0].clear()
    pipeline.sync()
    assert write_back(pipeline) == {}
    assert met(pipeline) == [("lifecyclestage", "hub", "hubspot", 1)]
    amend(pipeline, contact, status="recycled", reason="not_now")
    assert write_back(pipeline) == {"updated": 1}
    now = told(portal)[contact]
    assert (now["crosswalk_status"], now["lifecyclestage"]) == ("recycled", "customer")
    assert ways[0].count("POST", UPDATE) == 1, "somebody else's stage is not cleared"


def test_a_stage_of_the_hubs_own_is_taken_back(contact: str, portal: Vendors, pipeline: Pipeline) -> None:
    assert told(portal)[contact]["lifecyclestage"] == "marketingqualifiedlead"
    amend(pipeline, contact, status="recycled", reason="not_now")
    write_back(pipeline)
    assert told(portal)[contact]["lifecyclestage"] == "lead"
    portal.later(300)
    pipeline.sync()
    assert met(pipeline) == []


def test_a_lost_answer_is_no_conflict(portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    """HubSpot has taken the write, the hub does not know it, and the contact is read before it is written again."""
    portal.create([portal.inquiry() for _ in range(3)])
    pipeline.sync()
    write_back(pipeline)
    for row in pipeline.home.rows("lead"):
        amend(pipeline, row["external_id"], status="accepted")
    portal.later(300)
    ways[0].faults.append(Fault("POST", UPDATE, 502, commits=True, times=99))
    with pytest.raises(TransientError):
        write_back(pipeline)
    ways[0].clear()
    assert {one["crosswalk_status"] for one in told(portal).values()} == {"accepted"}
    pipeline.sync()
    assert met(pipeline) == []
    write_back(pipeline)
    assert {one["crosswalk_status"] for one in told(portal).values()} == {"accepted"}
    assert {row["state"] for row in pipeline.home.rows("outbox")} == {"done"}


def test_what_the_search_shows_late_is_no_conflict(portal: Vendors, pipeline: Pipeline) -> None:
    """The index still has the contact as it was before the hub wrote to it for the second time."""
    (contact,) = portal.create([portal.inquiry()])
    pipeline.sync()
    write_back(pipeline)
    portal.control("settings", {**RESET, "index_lag_seconds": 30})
    amend(pipeline, contact, status="accepted")
    write_back(pipeline)
    pipeline.sync()
    assert met(pipeline) == []
    portal.control("settings", RESET)


def test_a_batch_that_fails_has_met_no_conflict(contact: str, portal: Vendors, pipeline: Pipeline) -> None:
    portal.change(contact, crosswalk_status="mine", inquiry_at="2026-11-16T14:59:00Z")
    before = pipeline.home.rows("known"), pipeline.home.rows("outbox")
    pipeline.home.write("expectations/handed_off.yaml", "max_value: 0", "max_value: -1")
    with pytest.raises(Exception, match="CEILING_EXCEEDED"):
        pipeline.sync()
    assert met(pipeline) == []
    assert (pipeline.home.rows("known"), pipeline.home.rows("outbox")) == before
    pipeline.home.write("expectations/handed_off.yaml", "max_value: -1", "max_value: 0")
    pipeline.sync()
    assert met(pipeline) == [("crosswalk_status", "hub", "hubspot", 1)]


def test_where_marketing_has_authority_its_value_stays(portal: Vendors, pipeline: Pipeline) -> None:
    file = "mappings/fields/hubspot.contacts.back.yaml"
    pipeline.home.write(file, "native: hubspot_lead_status}", "native: hubspot_lead_status, authority: crm}")
    (contact,) = portal.create([portal.inquiry()])
    pipeline.sync()
    write_back(pipeline)
    portal.later(300)
    portal.change(contact, hs_lead_status="CONNECTED")
    pipeline.sync()
    assert met(pipeline) == [("hs_lead_status", "hubspot", "hub", 1)]
    amend(pipeline, contact, status="accepted")
    write_back(pipeline)
    assert told(portal)[contact]["hs_lead_status"] == "CONNECTED"
    assert told(portal)[contact]["crosswalk_status"] == "accepted"


def test_sales_keeps_its_own_against_a_new_value_of_the_hub(portal: Vendors, pipeline: Pipeline) -> None:
    """Both sides edit: the CRM's city stays, the hub's is logged as the loser, once."""
    (contact,) = portal.create([portal.inquiry(city="Joliet")])
    pipeline.sync()
    (record,) = portal.records("Lead")
    portal.edit("Lead", record["Id"], City="Elgin", Title="Dr")
    portal.change(contact, inquiry_urgency="Soon", inquiry_at="2026-11-16T14:30:00Z")
    assert pipeline.sync().conflicts == [], "the hub has changed other things, sales what the hub has not"
    portal.later(300)
    portal.change(contact, city="Aurora", inquiry_at="2026-11-16T14:40:00Z")
    summary = pipeline.sync()
    assert met(pipeline) == [("City", "crm", "hub", 1)]
    assert summary.conflicts == [
        {"system": "salesforce", "object": "Lead", "field": "City", "winner": "crm", "records": 1}
    ]
    (record,) = portal.records("Lead")
    assert record["City"] == "Elgin"
    portal.later(300)
    portal.change(contact, inquiry_urgency="Urgent", inquiry_at="2026-11-16T14:50:00Z")
    assert pipeline.sync().conflicts == []
    assert met(pipeline) == [("City", "crm", "hub", 1)]
    assert "Aurora" not in str(pipeline.home.rows("conflict"))


def test_a_change_that_could_not_be_sent_is_not_forgotten(
    portal: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    """The hub's new city waits in the outbox while another change comes; sales has edited it meanwhile."""
    (contact,) = portal.create([portal.inquiry(city="Joliet")])
    pipeline.sync()
    (record,) = portal.records("Lead")
    portal.edit("Lead", record["Id"], City="Elgin")
    portal.change(contact, city="Aurora", inquiry_at="2026-11-16T14:40:00Z")
    ways[1].faults.append(Fault("POST", "queryAll|/query", 503, times=99))
    ways[1].faults.append(Fault("GET", "queryAll|/query", 503, times=99))
    with pytest.raises(TransientError):
        pipeline.sync()
    ways[1].clear()
    portal.later(300)
    portal.change(contact, inquiry_urgency="Urgent", inquiry_at="2026-11-16T14:50:00Z")
    pipeline.sync()
    assert met(pipeline) == [("City", "crm", "hub", 1)]


def test_a_run_tells_only_of_its_own_conflicts(contact: str, portal: Vendors, pipeline: Pipeline) -> None:
    portal.change(contact, crosswalk_status="mine")
    run = pipeline.sync().run_id
    with pipeline.work() as work, work.hub.read() as tx:
        assert [one["field"] for one in conflicts.of_run(tx, run)] == ["crosswalk_status"]
        assert conflicts.of_run(tx, work.run_id) == []
