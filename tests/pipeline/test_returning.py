"""The way back on a hub of either kind: what a CRM tells, and what becomes of leads, outcomes and records."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from crosswalk.errors import GateFailed
from crosswalk.pipeline.back import return_outcomes
from crosswalk.store import cursors, integrity, leads, quarantine, tables
from crosswalk.testing.memory import Row
from tests.pipeline.sales import COLLEAGUE, DAY, HOUR, MINE, OWNER, THEIRS, Sales, count, record_of, rows, task_of

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)


def waiting(sales: Sales) -> list[tuple[str, str, str, str]]:
    """What waits for a person: step, reason, record, state."""
    listed = rows(sales.hub, "quarantine")["quarantine"]
    return [(one["step"], one["reason"], one["external_id"], one["state"]) for one in listed]


# --------------------------------------------------------------------------------------------- nothing new, or not ours


@pytest.mark.feature("FBK-01")
def test_our_own_writing_read_back_says_nothing(sales: Sales) -> None:
    sales.lead()
    sales.lead_row()
    sales.says("tasks", task_of(1), WhoId=record_of(1), OwnerId=MINE, IsClosed="false")
    summary = sales.back()
    assert summary.reasons == {"UNCHANGED": 2}
    assert (summary.moves, summary.outcomes, summary.written) == ([], {}, {})
    assert count(sales.hub, "outcome") == 0 and count(sales.hub, "quarantine") == 0


def test_a_run_without_news_reads_a_page_a_stream_and_needs_no_gate(sales: Sales) -> None:
    """Also while the look-back still shows rows of the last run, ours and other people's."""
    sales.lead()
    sales.lead_row(Crosswalk_Sales_Status__c="accepted")
    sales.says(
        "tasks", "00T-foreign", WhoId="003-foreign", IsClosed="true", Description="is it serious? he cut himself"
    )
    sales.back()
    stored = {name: count(sales.hub, name) for name in tables.metadata.tables}
    before = sales.crm.calls.made
    work = sales.work()
    summary = return_outcomes(work)
    assert summary.reasons == {"UNCHANGED": 1, "NOT_OURS": 1}
    assert (
        not work.gates_used and summary.written == {} and summary.api_calls["hubspot"] == 0 + sales.marketing.calls.made
    )
    assert sales.crm.calls.made - before <= 2 * len(sales.catalog.returns), "a window is opened, and a page read"
    changed = {name for name in stored if count(sales.hub, name) != stored[name]}
    assert changed <= {"run", "ledger", "verdict"}


def test_what_is_about_strangers_is_not_kept(sales: Sales) -> None:
    sales.says("leads", "00Q-other", Crosswalk_Id__c="another-hub", Status="Working", OwnerId=MINE)
    sales.says("tasks", "00T-other", WhoId="003-other", IsClosed="true", Description="she wants to end her life")
    sales.says("removed_leads", "00Q-gone", IsDeleted="true")
    assert sales.back().reasons == {"NOT_OURS": 3}
    for name in ("payload", "seen", "finding", "outcome", "link", "quarantine"):
        assert count(sales.hub, name) == 0, name


# -------------------------------------------------------------------------------------------------------------- leads


@pytest.mark.feature("FBK-01", "STG-04")
def test_a_choice_of_sales_moves_the_lead_when_it_was_made_by_our_clock(sales: Sales) -> None:
    """The CRM's clock is eleven days ahead."""
    sales.crm.vendor_now = NOW + 11 * DAY
    sales.lead()
    sales.lead_row(after=timedelta(minutes=20), Crosswalk_Sales_Status__c="meeting_set", Status="Working - Contacted")
    summary = sales.back(HOUR)
    assert sales.story() == ["assigned", "accepted", "connected", "sales_qualified", "meeting_set"]
    with sales.hub.read() as tx:
        *_, last = leads.history(tx, "lead-1")
    assert last["event_at"] == NOW + timedelta(minutes=20) and last["at"] == NOW + HOUR
    assert (last["actor"], last["rule"], last["version"]) == (
        "sales",
        "status:meeting_set",
        summary.definitions_version,
    )
    assert summary.written["hubspot"]["contacts"]["updated"] == 1
    [contact] = sales.marketing.all("contacts")
    assert contact.fields["crosswalk_status"] == "meeting_set"
    assert sales.back().written == {}


@pytest.mark.feature("FBK-01")
def test_a_timing_reason_gives_the_lead_back_for_a_while(sales: Sales) -> None:
    sales.lead()
    sales.lead_row(Status="Closed - Not Converted", Crosswalk_Reason__c="not_now")
    sales.back()
    stands = sales.stands()
    assert (stands["status"], stands["reason"], stands["is_open"]) == ("recycled", "not_now", True)
    days = sales.catalog.outcomes.reasons["not_now"].resume_after_days
    assert stands["resume_on"] == date(2026, 11, 16) + timedelta(days=days or 0)


@pytest.mark.feature("FBK-01")
def test_what_nobody_has_mapped_waits_for_a_person_and_is_never_other(sales: Sales) -> None:
    sales.lead()
    sales.lead_row(Status="Working - Contacted", Crosswalk_Sales_Status__c="Warm-ish")
    summary = sales.back()
    assert summary.reasons == {"UNKNOWN_LABEL": 1}
    assert waiting(sales) == [("conclude", "UNKNOWN_LABEL", record_of(1), "open")]
    [row] = rows(sales.hub, "quarantine")["quarantine"]
    assert row["detail"] == {"result": "held", "codes": ["UNKNOWN_LABEL(sales_status)"]} and row["lead_id"] == "lead-1"
    assert sales.stands()["status"] == "attempting", "what else the row says counts all the same"
    assert "other" not in str(rows(sales.hub, "outcome", "lead"))
    sales.lead_row(Status="Working - Contacted", Crosswalk_Sales_Status__c="connected")
    sales.back()
    assert sales.stands()["status"] == "connected"
    assert waiting(sales) == [("conclude", "UNKNOWN_LABEL", record_of(1), "superseded")]


@pytest.mark.feature("FBK-01")
def test_closing_without_a_reason_is_asked_about(sales: Sales) -> None:
    sales.lead()
    sales.lead_row(Status="Closed - Not Converted")
    assert sales.back().reasons == {"REASON_MISSING": 1}
    assert sales.stands()["status"] == "assigned"
    sales.lead_row(Status="Closed - Not Converted", Crosswalk_Reason__c="out_of_area")
    sales.back()
    assert (sales.stands()["status"], sales.stands()["reason"]) == ("disqualified", "out_of_area")


@pytest.mark.feature("FBK-01")
def test_many_unmapped_labels_stop_the_stream_and_what_builds_on_it(sales: Sales) -> None:
    """A picklist was renamed; a note that came along is read all the same."""
    for number in range(1, 31):
        sales.lead(number)
        sales.task(f"00T-{number}", number, CallDisposition="Rang them", Description="he wants to end his life")
        sales.meeting(f"00U-{number}", number, starts=NOW, outcome="completed")
    with pytest.raises(GateFailed, match="unmapped-share"):
        sales.back()
    assert count(sales.hub, "outcome") == count(sales.hub, "payload") == 0
    assert count(sales.hub, "finding") == 30, "what was found is kept whatever stops the batch"
    with sales.hub.read() as tx:
        assert cursors.get(tx, "salesforce", "tasks").since is None
        assert cursors.get(tx, "salesforce", "events").since is None, "the rest of the connection waits"
    for number in range(1, 31):
        sales.task(f"00T-{number}", number, CallDisposition="Connected", Description="he wants to end his life")
    summary = sales.back()
    assert summary.outcomes == {"activity": {"connected": 30}, "meeting": {"completed": 30}}


@pytest.mark.feature("FBK-01", "NRM-04")
def test_what_was_released_is_concluded_again_by_what_the_files_say_now(sales: Sales) -> None:
    """An admin has mapped the label meanwhile; nobody in sales has to touch the record."""
    sales.lead()
    sales.task("00T-1", CallDisposition="Rang through")
    assert sales.back().reasons == {"UNKNOWN_LABEL": 1}

    def release() -> None:
        with sales.hub.begin() as tx:
            [row] = quarantine.list_open(tx)
            quarantine.close(tx, pl.Series([row["id"]]), "released", sales.now)

    release()
    assert sales.back().reasons == {"UNKNOWN_LABEL": 1, "UNCHANGED": 1}, "nothing has been mapped yet"
    assert [state for *_, state in waiting(sales)] == ["open"]
    codes = sales.catalog.codes["disposition"]
    labels = {**codes.labels, "connected": ("Rang through",)}
    mapped = replace(sales.catalog, codes={**sales.catalog.codes, "disposition": replace(codes, labels=labels)})
    sales.catalog = mapped
    release()
    assert sales.back().outcomes == {"activity": {"connected": 1}}
    assert sales.stands()["status"] == "connected"
    assert "open" not in [state for *_, state in waiting(sales)]
    assert sales.back().outcomes == {}


@pytest.mark.feature("STG-01")
def test_what_the_graph_has_no_way_to_is_held_and_not_forced(sales: Sales) -> None:
    sales.lead(status="recycled", reason="not_now", resume_on=date(2027, 1, 1))
    sales.lead_row(Crosswalk_Sales_Status__c="meeting_set")
    assert sales.back().reasons == {"TRANSITION_UNKNOWN": 1}
    assert sales.stands()["status"] == "recycled" and sales.stands()["resume_on"] == date(2027, 1, 1)
    assert sales.outcomes(record_of(1)) == [("status", "meeting_set", "review")]


@pytest.mark.feature("STG-05")
def test_an_event_from_before_the_last_move_changes_nothing(sales: Sales) -> None:
    sales.lead()
    sales.task("00T-late", after=-2 * HOUR, Crosswalk_Disposition__c="connected")
    sales.lead_row(after=-2 * HOUR, Crosswalk_Sales_Status__c="accepted")
    assert sales.back().reasons == {"STALE_EVENT": 2}
    assert sales.story() == ["assigned"]
    assert sales.outcomes("00T-late") == [("activity", "connected", "stale")]


@pytest.mark.feature("STG-05")
def test_a_field_that_sales_has_left_as_it_was_is_no_new_event(sales: Sales) -> None:
    """The lead was given back and went to sales again; somebody else takes the record, which still says recycled."""
    sales.lead()
    sales.lead_row(Crosswalk_Sales_Status__c="recycled", Crosswalk_Reason__c="not_now")
    sales.back()
    again = {
        "axis": "status",
        "old": "recycled",
        "new": "assigned",
        "actor": "hub",
        "rule": "r",
        "reason": "",
        "version": "",
    }
    with sales.hub.begin() as tx:
        frame = pl.DataFrame(
            {"lead_id": ["lead-1"], "status": ["assigned"], "reason": [None]}, schema_overrides={"reason": pl.String}
        )
        leads.amend(tx, frame, "due", sales.now)
        leads.append_history(tx, pl.DataFrame([{"lead_id": "lead-1", **again}]), "due", sales.now)
    sales.lead_row(after=HOUR, Crosswalk_Sales_Status__c="recycled", Crosswalk_Reason__c="not_now", OwnerId=THEIRS)
    sales.back(2 * HOUR)
    assert (sales.stands()["status"], sales.stands()["owner_id"]) == ("assigned", COLLEAGUE)


@pytest.mark.feature("FBK-01")
def test_a_lead_that_was_handed_over_has_its_new_owner(sales: Sales) -> None:
    sales.lead()
    sales.lead_row(OwnerId=THEIRS)
    assert sales.back().outcomes == {"owner": {COLLEAGUE: 1}}
    with sales.hub.read() as tx:
        first, second = leads.assignments(tx, "lead-1")
    assert (first["owner_id"], first["end_reason"]) == (OWNER, "reassigned_in_crm")
    assert (second["owner_id"], second["ended_at"], second["trace"]) == (COLLEAGUE, None, {"by": THEIRS})
    sales.lead_row(OwnerId="005-nobody")
    assert sales.back().reasons["OWNER_UNKNOWN"] == 1
    assert sales.stands()["owner_id"] == COLLEAGUE
    assert ("conclude", "OWNER_UNKNOWN", record_of(1), "open") in waiting(sales)


@pytest.mark.feature("FBK-01")
def test_who_does_not_want_to_be_contacted_stays_so(sales: Sales) -> None:
    sales.lead()
    sales.task("00T-stop", Crosswalk_Disposition__c="do_not_contact")
    sales.back()
    assert (sales.stands()["status"], sales.stands()["reason"]) == ("disqualified", "opted_out")
    sales.lead_row(after=HOUR, IsDeleted="true")
    sales.back(2 * HOUR)
    assert sales.stands()["reason"] == "opted_out", "that its record is gone does not take it back"
    [contact] = sales.marketing.all("contacts")
    assert contact.fields["crosswalk_suppressed"] is True


# ---------------------------------------------------------------------------------------------------------- meetings


@pytest.mark.feature("FBK-05")
def test_a_meeting_that_was_moved_twice_counts_once(sales: Sales) -> None:
    sales.lead()
    sales.meeting("00U-1", starts=NOW + DAY, outcome=None)
    assert sales.back().meetings == {"events": 1, "chains": 1, "by_outcome": {"scheduled": 1}}
    sales.meeting("00U-1", starts=NOW + DAY, outcome="rescheduled")
    sales.meeting("00U-2", starts=NOW + 2 * DAY, outcome="rescheduled")
    sales.meeting("00U-3", starts=NOW + 3 * DAY, outcome="completed")
    assert sales.back().meetings == {"events": 3, "chains": 1, "by_outcome": {"completed": 1}}
    assert sales.outcomes("00U-1") == [("meeting", "scheduled", "superseded"), ("meeting", "rescheduled", "noted")]
    sales.meeting("00U-3", starts=NOW + 3 * DAY, outcome="completed", IsDeleted="true")
    sales.back()
    assert sales.meetings().height == 2, "somebody took it out of the calendar"


# ---------------------------------------------------------------------------------------------------------- as a whole


def busy(sales: Sales) -> None:
    """Something of everything."""
    for number in range(1, 5):
        sales.lead(number)
    sales.lead_row(1, Crosswalk_Sales_Status__c="connected", OwnerId=THEIRS)
    sales.convert(2)
    sales.lead_row(3, IsDeleted="true")
    sales.lead_row(4, Crosswalk_Sales_Status__c="Warm-ish")
    sales.task("00T-1", 1, CallDisposition="Connected", Description="asked about side effects")
    sales.meeting("00U-1", 1, starts=NOW + DAY, outcome="no_show")


def test_a_dry_run_says_the_same_and_changes_nothing(sales: Sales) -> None:
    busy(sales)
    sales.now += HOUR
    before = {name: count(sales.hub, name) for name in tables.metadata.tables}
    with sales.hub.rehearsal() as rehearsal:
        work = sales.work(dry=True)
        work.hub = rehearsal
        promised = return_outcomes(work)
    assert {name: count(sales.hub, name) for name in tables.metadata.tables} == before
    assert sales.marketing.all("contacts")[0].fields == {}
    summary = sales.back(timedelta(0))
    assert promised.dry_run and promised.outcomes == summary.outcomes and promised.moves == summary.moves
    assert promised.written == summary.written


@pytest.mark.parametrize("where", ["crosswalk.pipeline.returning.cursors.put", "crosswalk.store.quarantine.add"])
def test_a_batch_that_dies_has_not_happened(sales: Sales, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    busy(sales)
    with monkeypatch.context() as patch:
        calls = itertools.count()

        def dies(*_: Any, **__: Any) -> None:
            if next(calls) == 0:
                raise RuntimeError("killed")

        patch.setattr(where, dies)
        with pytest.raises(RuntimeError):
            sales.back()
    assert count(sales.hub, "outcome") == count(sales.hub, "payload") == 0
    summary = sales.back()
    assert summary.outcomes["status"] == {"connected": 1, "converted": 1}
    assert count(sales.hub, "finding") == 1
    with sales.hub.read() as tx:
        assert integrity.orphans(tx).keys() <= {"lead.person_id"}, "the leads of this test are nobody's"


def test_reading_the_same_rows_again_changes_nothing(sales: Sales) -> None:
    """A cursor that was lost: every row is read anew, and most are known by their content."""
    busy(sales)
    sales.back()
    names = ("lead", "link", "outcome", "quarantine", "history", "assignment", "outbox")
    end = rows(sales.hub, *names)
    with sales.hub.begin() as tx:
        tx.execute(tables.cursor.delete())
        tx.execute(tables.seen.delete())
    summary = sales.back()
    assert summary.moves == [] and summary.outcomes == {}
    assert rows(sales.hub, *names) == end


def test_a_late_row_of_the_source_is_found_in_the_look_back(sales: Sales) -> None:
    sales.lead()
    sales.lead_row()
    sales.back()
    sales.crm.put("tasks", Row("00T-9", NOW, {"WhoId": record_of(1), "IsClosed": "true", "CallDisposition": "Busy"}))
    assert sales.back().outcomes == {"activity": {"no_answer": 1}}
