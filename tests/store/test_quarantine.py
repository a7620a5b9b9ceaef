"""Quarantine as a person works with it: choosing, releasing, pointing to mended content, and what is kept of it."""

from datetime import date, timedelta

import polars as pl
import pytest
from sqlalchemy import event, text

from crosswalk.domain.status import WITH_MARKETING
from crosswalk.errors import TerminalError
from crosswalk.store import bulk, due, interventions, leads, outbox, quarantine
from crosswalk.store.hub import Hub
from crosswalk.store.quarantine import Choice
from tests.store.test_intake import waiting
from tests.store.test_outbox import settled, wanted

HOUR = timedelta(hours=1)
STREAMS = [("hubspot", "contacts")]


def open_ids(tx, **choice) -> list[int]:
    return quarantine.choose(tx, Choice(**choice))["id"].to_list()


def test_open_rows_are_chosen(hub: Hub, now) -> None:
    with hub.begin() as tx:
        quarantine.add(tx, waiting("u1"), "r1", now)
        quarantine.add(tx, waiting("u2", "e2", step="gate_raw"), "r1", now + HOUR)
        quarantine.add(tx, waiting("u3", "e3", reason="OTHER"), "r1", now + 2 * HOUR)
        first, second, third = open_ids(tx)
        assert open_ids(tx, ids=(third, first)) == [first, third]
        assert open_ids(tx, step="gate_raw") == [second] and open_ids(tx, reason="NO_EMAIL") == [first, second]
        assert open_ids(tx, reason="NO_EMAIL", step="shape") == [first]
        assert open_ids(tx, since=now + HOUR) == [second, third]
        assert open_ids(tx, until=now + HOUR) == [first], "the end is exclusive"
        quarantine.close(tx, pl.Series([first]), "discarded", now)
        assert open_ids(tx, ids=(first, second)) == [second]
    assert not Choice().names_something and Choice(step="shape").names_something


def test_released_rows_are_due_once(hub: Hub, now) -> None:
    with hub.begin() as tx:
        for unit, external_id in (("u1", "e1"), ("u2", "e2")):
            quarantine.add(tx, waiting(unit, external_id), "r1", now)
        quarantine.add(tx, waiting("u1", step="gate_handed_off"), "r1", now)
        ids = open_ids(tx)
        assert quarantine.released(tx, STREAMS, 10).is_empty()
        quarantine.close(tx, pl.Series(ids), "released", now)
        assert quarantine.released(tx, [("salesforce", "leads")], 10).is_empty()
        assert quarantine.released(tx, STREAMS, 2)["id"].to_list() == ids[:2]
        assert {one["state"] for one in quarantine.summary(tx)} == {"released"}
        assert quarantine.replayed(tx, pl.Series(["u1"]), now) == 2, "every row of the payload"
        assert quarantine.released(tx, STREAMS, 10)["unit"].to_list() == ["u2"]
        assert quarantine.add(tx, waiting("u1"), "r2", now + HOUR) == 1, "it fails again"
        assert open_ids(tx) == ids[:1]


def test_newer_content_takes_the_place_of_what_was_released(hub: Hub, now) -> None:
    newer = pl.DataFrame({"source": ["hubspot"], "stream": ["contacts"], "external_id": ["e1"], "unit": ["u9"]})
    with hub.begin() as tx:
        quarantine.add(tx, waiting("u1"), "r1", now)
        quarantine.close(tx, pl.Series(open_ids(tx)), "released", now)
        assert quarantine.supersede(tx, newer, now) == 1
        assert quarantine.released(tx, STREAMS, 10).is_empty()


def test_a_row_is_pointed_to_mended_content(hub: Hub, now) -> None:
    with hub.begin() as tx:
        quarantine.add(tx, waiting("u1"), "r1", now)
        quarantine.add(tx, waiting("u7", "e7"), "r1", now)
        first, other = open_ids(tx)
        assert quarantine.point(tx, first, "u2", now) is None
        row = quarantine.show(tx, first)
        assert row is not None and (row["unit"], row["payload_id"], row["state"]) == ("u2", "u2", "open")
        assert quarantine.point(tx, first, "u7", now) == other
        unchanged = quarantine.show(tx, first)
        assert unchanged is not None and unchanged["payload_id"] == "u2"


def test_interventions_are_kept_for_ever(hub: Hub, now) -> None:
    rows = pl.DataFrame(
        {
            "quarantine_id": [1, 2],
            "payload_id": ["p1", "p2"],
            "lead_id": [None, "l1"],
            "step": "shape",
            "reason": "WHY",
        },
        schema_overrides={"lead_id": pl.String},
    )
    sealed = rows.head(1).with_columns(field=pl.lit("email"), old=pl.lit(b"\x01a"), new=pl.lit(b"\x01b"))
    with hub.begin() as tx:
        assert interventions.record(tx, sealed, "edit", "me", "typo", now) == 1
        assert interventions.record(tx, rows, "waive", "me", "looked", now) == 2
        found = interventions.waivers(tx, pl.Series(["p1", "p3"]))
        assert found.rows() == [("p1", "shape", "WHY")]
        assert [one["action"] for one in interventions.of_row(tx, 1)] == ["edit", "waive"]
        assert "old" not in interventions.of_row(tx, 1)[0]
    with pytest.raises(TerminalError), hub.begin() as tx:
        tx.execute(text("UPDATE intervention SET why = 'nothing'"))


def test_a_held_action_is_tried_again_after_a_while(hub: Hub, now) -> None:
    asked = ("salesforce", "Lead", ["WHY"])
    with hub.begin() as tx:
        outbox.enqueue(tx, wanted("a", "b"), "r", now)
        outbox.claim(tx, "salesforce", "Lead", 10, "r", now, 60)
        outbox.settle(tx, pl.concat([settled("a", "held", "held"), settled("b", "failed", "failed")]), "r", now)
        assert outbox.retry(tx, *asked, now + HOUR - timedelta(seconds=1)) == 0
        assert outbox.retry(tx, "salesforce", "Lead", ["OTHER"], now + HOUR) == 0
        assert outbox.retry(tx, "salesforce", "Task", ["WHY"], now + HOUR) == 0
        assert outbox.retry(tx, *asked, now + HOUR) == 1, "what was refused waits for a person"
        tries, at = 1, now
        while tries <= outbox.OFTEN + 1:
            at += HOUR
            if not outbox.claim(tx, "salesforce", "Lead", 10, "r", at, 60).is_empty():
                tries += 1
                outbox.settle(tx, settled("a", "held", "held"), "r", at)
            outbox.retry(tx, *asked, at + HOUR)
        assert outbox.waiting(tx, "salesforce") == {"failed": 1, "held": 1}
        assert outbox.retry(tx, *asked, at + 23 * HOUR) == 0
        assert outbox.retry(tx, *asked, at + 24 * HOUR) == 1, "nothing is given up"


def lead_frame(*rows: dict) -> pl.DataFrame:
    base = {"motion": "patient", "status": "marketing_qualified", "source": "hubspot", "stream": "contacts"}
    full = [
        {"lead_id": f"l{n}", "person_id": f"p{n}", "payload_id": f"y{n}", "external_id": str(n), "is_open": True}
        | {**base, "urgency": "routine", "resume_on": None, "received_at": None, **row}
        for n, row in enumerate(rows)
    ]
    return pl.DataFrame(
        full, schema_overrides={"resume_on": pl.Date, "received_at": bulk.UTC}, infer_schema_length=None
    )


def test_leads_resume_on_their_day_urgent_and_old_ones_first(hub: Hub, now) -> None:
    day = date(2026, 12, 1)
    rows = lead_frame(
        {"resume_on": day, "received_at": now},
        {"resume_on": day, "received_at": now - HOUR},
        {"resume_on": day, "received_at": now + HOUR, "urgency": "urgent"},
        {"resume_on": day + timedelta(days=1), "received_at": now},
        {"resume_on": day, "received_at": now, "is_open": False},
        {"resume_on": day, "received_at": now, "status": "accepted"},
        {"received_at": now},
        {"resume_on": day, "received_at": now - HOUR, "source": "gone"},
    )
    with hub.begin() as tx:
        leads.upsert(tx, rows, "r", now)
        found = due.resumed(tx, STREAMS, WITH_MARKETING, day, 10)
        assert found["lead_id"].to_list() == ["l2", "l1", "l0"]
        assert due.resumed(tx, STREAMS, WITH_MARKETING, day, 1)["lead_id"].to_list() == ["l2"]
        assert due.resumed(tx, STREAMS, WITH_MARKETING, day - timedelta(days=1), 10).is_empty()
        assert due.resuming(tx, pl.Series(["y0", "y6"])).rows() == [("y0", "l0")]


def test_what_is_asked_at_every_run_is_indexed(sqlite_hub: Hub, now) -> None:
    """An idle run must not read all leads."""
    asked: list[tuple[str, object]] = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    with sqlite_hub.begin() as tx:
        event.listen(tx, "before_cursor_execute", note)
        due.resumed(tx, STREAMS, WITH_MARKETING, date(2026, 12, 1), 10)
        quarantine.released(tx, STREAMS, 10)
        outbox.retry(tx, "salesforce", "Lead", ["WHY"], now)
        event.remove(tx, "before_cursor_execute", note)
        plans = [
            " ".join(row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
            for statement, parameters in asked
        ]
    assert len(plans) == 3
    for plan, index in zip(plans, ("ix_lead_resume", "ix_quarantine_released", "ix_outbox_unfinished"), strict=True):
        assert index in plan, plan
