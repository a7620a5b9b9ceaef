"""What a CRM's rows say (FBK-01), and how that moves leads: on the graph, in the order of events (STG-01, STG-05)."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain import outcomes, progress
from crosswalk.domain.outcomes import OUTCOME
from crosswalk.domain.schema import PAYLOAD, UTC, dtypes
from crosswalk.domain.status import move
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import NOW

MINUTE = timedelta(minutes=1)


def payloads(catalog: Catalog, stream: str, *given: dict[str, str | None]) -> pl.DataFrame:
    """Rows of a stream as they land."""
    names = catalog.sources["salesforce", stream].properties
    own = {"source": "salesforce", "stream": stream, "modified_at": NOW, "hash": "h"}
    rows = [{**own, "payload_id": f"u{n}", "external_id": f"r{n}", **one} for n, one in enumerate(given)]
    return pl.DataFrame(rows, schema={**dtypes(PAYLOAD), **dict.fromkeys(names, pl.String)})


def read(catalog: Catalog, stream: str, *given: dict[str, str | None]) -> list[dict[str, Any]]:
    """What rows of a stream say."""
    shaped = outcomes.shape(payloads(catalog, stream, *given), catalog.sources["salesforce", stream], catalog.codes)
    assert shaped.schema == dtypes(OUTCOME)
    return outcomes.read(shaped, catalog.outcomes).rows(named=True)


@pytest.mark.feature("FBK-01")
@pytest.mark.parametrize(
    ("row", "wanted", "why", "doubt"),
    [
        ({"Status": "Open - Not Contacted"}, None, None, None),
        ({"Status": "Working - Contacted"}, "attempting", None, None),
        ({"Status": "Working - Contacted", "Crosswalk_Sales_Status__c": "connected"}, "connected", None, None),
        ({"Status": "Closed - Not Converted", "Crosswalk_Reason__c": "not_now"}, "recycled", "not_now", None),
        (
            {"Status": "Closed - Not Converted", "Crosswalk_Reason__c": "out_of_area"},
            "disqualified",
            "out_of_area",
            None,
        ),
        (
            {
                "Status": "Closed - Not Converted",
                "Crosswalk_Sales_Status__c": "connected",
                "Crosswalk_Reason__c": "test",
            },
            "disqualified",
            "test",
            None,
        ),
        (
            {"Status": "Open", "Crosswalk_Sales_Status__c": "recycled", "Crosswalk_Reason__c": "out_of_area"},
            "recycled",
            "out_of_area",
            None,
        ),
        ({"Status": "Closed - Not Converted"}, None, None, "REASON_MISSING"),
        ({"Status": "Open", "Crosswalk_Sales_Status__c": "recycled"}, None, None, "REASON_MISSING"),
        ({"Status": "Closed - Converted", "IsConverted": "true"}, "converted", None, None),
        ({"Status": "Warm", "Crosswalk_Sales_Status__c": "accepted"}, "accepted", None, "UNKNOWN_LABEL"),
        ({"Status": "Working", "Crosswalk_Sales_Status__c": "Warm-ish"}, "attempting", None, "UNKNOWN_LABEL"),
        ({"Status": "Closed - Not Converted", "Crosswalk_Reason__c": "see e-mail"}, None, None, "UNKNOWN_LABEL"),
        ({"Status": "Working", "Crosswalk_Sales_Status__c": "connected", "IsDeleted": "true"}, None, None, None),
    ],
)
def test_what_a_lead_in_the_crm_says(
    catalog: Catalog, row: dict[str, str], wanted: str | None, why: str | None, doubt: str | None
) -> None:
    [said] = read(catalog, "leads", row)
    assert (said["wanted"], said["why"], said["doubt"]) == (wanted, why, doubt)
    assert said["code"] != "other" and said["reason"] in {None, *catalog.codes["reason"].codes}


@pytest.mark.feature("FBK-01")
@pytest.mark.parametrize(
    ("stream", "row", "code", "wanted"),
    [
        ("tasks", {"IsClosed": "false"}, None, None),
        ("tasks", {"IsClosed": "true"}, "done", None),
        ("tasks", {"CallDisposition": "Voicemail"}, "left_voicemail", "attempting"),
        ("tasks", {"CallDisposition": "Busy", "Crosswalk_Disposition__c": "replied"}, "replied", "connected"),
        ("tasks", {"IsClosed": "true", "CallDisposition": "had a chat"}, None, None),
        ("tasks", {"Crosswalk_Disposition__c": "do_not_contact"}, "do_not_contact", "disqualified"),
        ("events", {"StartDateTime": "2026-11-20T10:00:00.000+0000"}, "scheduled", None),
        ("events", {"Crosswalk_Meeting_Outcome__c": "no_show"}, "no_show", None),
        ("events", {"Crosswalk_Meeting_Outcome__c": "went fine"}, None, None),
        ("events", {"Crosswalk_Meeting_Outcome__c": "completed", "IsDeleted": "true"}, None, None),
        ("contact_roles", {"Opportunity.IsWon": "true", "Opportunity.IsClosed": "true"}, "won", None),
        ("contact_roles", {"Opportunity.IsWon": "false", "Opportunity.IsClosed": "true"}, "lost", None),
        ("contact_roles", {"Opportunity.IsWon": "false", "Opportunity.IsClosed": "false"}, "open", None),
    ],
)
def test_what_activities_meetings_and_deals_say(
    catalog: Catalog, stream: str, row: dict[str, str], code: str | None, wanted: str | None
) -> None:
    [said] = read(catalog, stream, row)
    assert (said["code"], said["wanted"]) == (code, wanted)
    assert (said["doubt"] == "UNKNOWN_LABEL") == bool(said["codes"])


@pytest.mark.feature("FBK-01")
def test_whoever_does_not_want_to_be_contacted_has_opted_out(catalog: Catalog) -> None:
    stop, other = read(
        catalog, "tasks", {"Crosswalk_Disposition__c": "do_not_contact"}, {"CallDisposition": "Connected"}
    )
    assert (stop["why"], stop["firm"], stop["weighs"]) == ("opted_out", True, True)
    assert (other["why"], other["firm"], other["weighs"]) == (None, False, False)
    assert catalog.outcomes.reasons["opted_out"].suppress


def test_a_note_is_noticed_and_goes_no_further(catalog: Catalog) -> None:
    [said] = read(catalog, "tasks", {"IsClosed": "true", "Description": "asked about the sleeping pills"})
    assert said["has_text"] is True
    assert "pills" not in str(said)


# ------------------------------------------------------------------------------------------------------- moving


def said(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows that want something of lead ``l1``, which was assigned an hour ago."""
    usual = {
        "lead_id": "l1",
        "status": "assigned",
        "moved_at": NOW - 60 * MINUTE,
        "at": NOW,
        "wanted": "connected",
        "why": None,
        "firm": True,
        "final": False,
        "weighs": False,
    }
    full = [{"unit": f"u{n}", "external_id": f"r{n}", **usual, **row} for n, row in enumerate(rows)]
    types = dict.fromkeys(("unit", "external_id", "lead_id", "status", "wanted", "why"), pl.String)
    flags = dict.fromkeys(("firm", "final", "weighs"), pl.Boolean)
    return pl.DataFrame(full, schema={**types, "moved_at": UTC, "at": UTC, **flags}, orient="row")


def advance(catalog: Catalog, *rows: dict[str, Any]) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Result and reason code of each row, and the statuses that the lead went through."""
    judged, moved = progress.advance(said(*rows), catalog.graph)
    results = judged.sort("unit").select("result", "told").rows()
    return results, moved["new"].to_list()


@pytest.mark.feature("STG-01")
def test_a_choice_of_sales_passes_every_status_on_the_way(catalog: Catalog) -> None:
    results, moves = advance(catalog, {"wanted": "meeting_set"})
    assert results == [("applied", None)]
    assert moves == ["accepted", "connected", "sales_qualified", "meeting_set"]


@pytest.mark.feature("STG-01")
def test_what_the_graph_has_no_way_to_is_for_a_person(catalog: Catalog) -> None:
    assert advance(catalog, {"status": "recycled"}) == ([("review", "TRANSITION_UNKNOWN")], [])
    assert advance(catalog, {"status": "meeting_set"}) == ([("review", "TRANSITION_UNKNOWN")], [])


@pytest.mark.feature("STG-01")
def test_an_activity_moves_nothing_backwards_and_confirms_no_fit(catalog: Catalog) -> None:
    soft = {"firm": False}
    assert advance(catalog, {**soft, "wanted": "attempting", "status": "meeting_set"}) == ([("noted", None)], [])
    assert advance(catalog, {**soft, "status": "recycled"}) == ([("noted", None)], [])
    assert advance(catalog, {**soft, "wanted": "meeting_set"}) == ([("applied", None)], ["accepted", "connected"])


@pytest.mark.feature("STG-05")
def test_events_count_in_the_order_in_which_they_happened(catalog: Catalog) -> None:
    """A batch brings them in any order; the later one wins."""
    first, last = {"at": NOW, "wanted": "connected"}, {"at": NOW + MINUTE, "wanted": "recycled", "why": "not_now"}
    for rows in ((first, last), (last, first)):
        results, moves = advance(catalog, *rows)
        assert moves == ["accepted", "connected", "recycled"]
        assert results == [("applied", None)] * 2


@pytest.mark.feature("STG-05")
@pytest.mark.parametrize(
    ("before", "row", "result", "moves"),
    [
        (61 * MINUTE, {}, ("applied", None), ["accepted", "connected"]),  # happened before the lead was assigned
        (61 * MINUTE, {"firm": False}, ("applied", None), ["accepted", "connected"]),
    ],
)
def test_within_a_minute_nobody_can_tell(
    catalog: Catalog, before: timedelta, row: dict[str, Any], result: tuple[str, None], moves: list[str]
) -> None:
    """The clocks are compared by the second, and the hub's decisions count from the beginning of its run."""
    assert advance(catalog, {"at": NOW - before, **row}) == ([result], moves)


@pytest.mark.feature("STG-05")
def test_an_event_from_before_the_last_move_is_stale(catalog: Catalog) -> None:
    early = {"at": NOW - 62 * MINUTE}
    assert advance(catalog, early) == ([("stale", "STALE_EVENT")], [])
    assert advance(catalog, {**early, "firm": False}) == ([("stale", "STALE_EVENT")], [])
    assert advance(catalog, {**early, "firm": False, "status": "meeting_set"}) == ([("noted", None)], [])
    stop = {**early, "wanted": "disqualified", "why": "opted_out", "weighs": True}
    assert advance(catalog, stop) == ([("review", "STALE_EVENT")], []), "never passed over in silence"
    gone = {**early, "wanted": "converted", "final": True}
    assert advance(catalog, gone)[1][-1] == "converted", "a record that is closed stays closed"


WANTED = ("accepted", "attempting", "connected", "sales_qualified", "meeting_set", "converted", "recycled")
events = st.lists(
    st.fixed_dictionaries(
        {
            "lead_id": st.sampled_from(["l1", "l2"]),
            "at": st.integers(-120, 120).map(lambda minutes: NOW + minutes * MINUTE),
            "wanted": st.sampled_from([*WANTED, "disqualified"]),
            "why": st.sampled_from(["not_now", "out_of_area"]),
            "firm": st.booleans(),
            "final": st.booleans(),
        }
    ),
    max_size=12,
)
starts = st.sampled_from(
    ["new", "marketing_qualified", "assigned", "accepted", "connected", "meeting_set", "converted", "recycled"]
)


@pytest.mark.feature("STG-01", "STG-05")
@given(rows=events, start=starts, order=st.randoms(use_true_random=False))
def test_random_rows_in_random_order_never_leave_the_graph(
    catalog: Catalog, rows: list[dict[str, Any]], start: str, order: Any
) -> None:
    rows = [{**row, "status": start, "unit": f"u{n}", "external_id": f"r{n}"} for n, row in enumerate(rows)]
    judged, moved = progress.advance(said(*rows), catalog.graph)
    status, since = {}, {}
    for lead, old, new, why, at in moved.select("lead_id", "old", "new", "why", "event_at").rows():
        assert old == status.get(lead, start)
        move(catalog.graph, old, new, "sales", (progress.FIT, *(["reason"] if why else [])))
        assert new in catalog.graph.statuses
        status[lead] = new
        since[lead] = max(at, since.get(lead, NOW - 60 * MINUTE))
    assert sorted(judged["unit"]) == sorted(row["unit"] for row in rows), "every row has one verdict"
    shuffled = list(rows)
    order.shuffle(shuffled)
    assert progress.advance(said(*shuffled), catalog.graph)[1].equals(moved)
    again = [
        {**row, "status": status.get(row["lead_id"], start), "moved_at": since.get(row["lead_id"], NOW - 60 * MINUTE)}
        for row in rows
    ]
    assert progress.advance(said(*again), catalog.graph)[1].is_empty(), "the same rows once more change nothing"


def test_a_time_is_a_time(catalog: Catalog) -> None:
    [row] = read(catalog, "tasks", {"CompletedDateTime": "2026-11-16T09:00:00.000+0000"})
    assert row["at"] == datetime.fromisoformat("2026-11-16T09:00:00+00:00")
    [row] = read(catalog, "tasks", {"IsClosed": "false"})
    assert row["at"] == NOW, "the time of change stands in"
