"""Runs, the ledger's arithmetic, verdicts and cursors."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from crosswalk.domain.verdicts import Counts
from crosswalk.errors import ConservationError
from crosswalk.ports import Cursor
from crosswalk.store import cursors, ledger, runs, tables
from crosswalk.store.hub import Hub

MINUTE = timedelta(minutes=1)


def test_a_run_from_start_to_end(hub: Hub, now) -> None:
    with hub.begin() as tx:
        assert runs.get(tx) is None
        runs.start(tx, "r1", "sync_leads", "hubspot", now, "v7")
        assert runs.get(tx, "r1")["state"] == "running"
        written = {"salesforce": {"Lead": {"created": 2}}}
        runs.finish(tx, "r1", now + MINUTE, "done", 1.5, {"hubspot": 3}, written, {"leads": 2}, None)
        found = runs.get(tx)
    assert found == {
        "run_id": "r1",
        "flow": "sync_leads",
        "source": "hubspot",
        "started_at": now,
        "finished_at": now + MINUTE,
        "state": "done",
        "definitions_version": "v7",
        "dry": False,
        "seconds": 1.5,
        "api_calls": {"hubspot": 3},
        "written": written,
        "summary": {"leads": 2},
        "error_code": None,
    }
    assert found["started_at"].utcoffset() == timedelta(0)


def test_runs_that_were_killed_are_abandoned(hub: Hub, now) -> None:
    with hub.begin() as tx:
        for n, name in enumerate(("killed", "failed", "mine")):
            runs.start(tx, name, "sync", None, now + n * MINUTE, None)
        runs.finish(tx, "failed", now, "failed", error_code="HUB_BUSY")
        assert runs.abandon_others(tx, "mine", now + 5 * MINUTE) == 1
        assert runs.abandon_others(tx, "mine", now + 5 * MINUTE) == 0
        listed = runs.list_runs(tx, 10)
        assert runs.list_runs(tx, 1) == listed[:1]
        assert runs.get(tx, "nobody") is None
    assert [(run["run_id"], run["state"]) for run in listed] == [
        ("mine", "running"),
        ("failed", "failed"),
        ("killed", "abandoned"),
    ]


def test_steps_in_order_with_counts_added_up(hub: Hub) -> None:
    with hub.begin() as tx:
        ledger.count(tx, "r", "ingest", 2, "shape", "payload", Counts(10, passed=8, quarantined=2, emitted=8))
        ledger.count(tx, "r", "ingest", 1, "land", "payload", Counts(12, passed=10, skipped=2, emitted=10))
        ledger.count(tx, "r", "ingest", 2, "shape", "payload", Counts(5, passed=4, held=1, emitted=5))
        ledger.count(tx, "other", "ingest", 1, "land", "payload", Counts(1, rejected=1))
        assert ledger.steps(tx, "r") == [
            {"step": "land", "pipe": "ingest", "unit": "payload", "in": 12, "passed": 10, "quarantined": 0, "held": 0}
            | {"skipped": 2, "rejected": 0, "emitted": 10},
            {"step": "shape", "pipe": "ingest", "unit": "payload", "in": 15, "passed": 12, "quarantined": 2, "held": 1}
            | {"skipped": 0, "rejected": 0, "emitted": 13},
        ]
        assert ledger.steps(tx, "none") == []


NUMBER = st.integers(0, 1_000_000)
BATCHES = st.lists(st.builds(Counts, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER), max_size=6)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_the_ledger_adds_as_counts_do(hub: Hub, batches: list[Counts]) -> None:
    with hub.begin() as tx:
        tx.execute(delete(tables.ledger))
        for batch in batches:
            ledger.count(tx, "r", "ingest", 1, "land", "payload", batch)
        stored = ledger.steps(tx, "r")
    total = sum(batches, Counts())
    assert [Counts(row["in"], *(row[name] for name in ledger.COUNTS[1:])) for row in stored] == [total] * bool(batches)


@given(parts=st.lists(NUMBER, min_size=5, max_size=5), lost=st.integers(-3, 3))
def test_conserved_means_that_nothing_is_lost_or_invented(parts: list[int], lost: int) -> None:
    assert Counts(sum(parts) + lost, *parts).conserved == (lost == 0)


@given(one=st.builds(Counts, *[NUMBER] * 7), two=st.builds(Counts, *[NUMBER] * 7))
def test_adding_conserved_counts_conserves(one: Counts, two: Counts) -> None:
    assert one + two == two + one
    if one.conserved and two.conserved:
        assert (one + two).conserved


def verdicts(*units: str, reason: str = "NO_EMAIL") -> pl.DataFrame:
    return pl.DataFrame({"unit": list(units), "result": "quarantined", "reason": reason})


def test_verdicts_and_their_reasons(hub: Hub, now) -> None:
    with hub.begin() as tx:
        ledger.verdicts(tx, "r", "shape", verdicts("a", "b"), now)
        ledger.verdicts(tx, "r", "qualify", verdicts("a", reason="OPT_OUT").with_columns(lead_id=pl.lit("l")), now)
        ledger.verdicts(tx, "r", "qualify", verdicts(), now)
        ledger.verdicts(tx, "other", "shape", verdicts("a"), now)
        assert ledger.reasons(tx, "r") == {"NO_EMAIL": 2, "OPT_OUT": 1}
        assert list(ledger.reasons(tx, "r")) == ["NO_EMAIL", "OPT_OUT"]
        assert ledger.reasons(tx, "none") == {}


@pytest.mark.parametrize("units", [("b", "b"), ("a",)], ids=["in one batch", "in two"])
def test_a_unit_is_judged_once(hub: Hub, now, units: tuple[str, ...]) -> None:
    with hub.begin() as tx:
        ledger.verdicts(tx, "r", "shape", verdicts("a"), now)
    with pytest.raises(ConservationError, match="shape"), hub.begin() as tx:
        ledger.verdicts(tx, "r", "shape", verdicts(*units), now)
    with hub.read() as tx:
        assert ledger.reasons(tx, "r") == {"NO_EMAIL": 1}


def test_cursors(hub: Hub, now) -> None:
    with hub.begin() as tx:
        assert cursors.get(tx, "hubspot", "contacts") == Cursor()
        for cursor in (Cursor(None, now, "17"), Cursor(now, None, None), Cursor(now, now + MINUTE, "é")):
            cursors.put(tx, "hubspot", "contacts", cursor, now)
            assert cursors.get(tx, "hubspot", "contacts") == cursor
        assert cursors.get(tx, "hubspot", "deals") == Cursor()
