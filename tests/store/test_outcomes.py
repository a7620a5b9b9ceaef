"""Outcomes: one current row for each record and kind, whatever it said before and whomever it is about."""

from datetime import timedelta
from typing import Any

import polars as pl

from crosswalk.store import leads, links, outbox, outcomes
from crosswalk.store.hub import Hub

HOUR = timedelta(hours=1)


def said(now, *rows: dict[str, Any]) -> pl.DataFrame:
    usual = {
        "lead_id": "l1", "person_id": "p1", "kind": "meeting", "code": "scheduled", "at": now, "by": "u1",
        "system": "crm", "object": "Event", "record_id": "e1", "reason": None, "result": "noted", "payload_id": "x",
        "version": "1",
    }  # fmt: skip
    return pl.DataFrame([{**usual, **row} for row in rows], schema_overrides={"reason": pl.String})


def current(tx) -> list[tuple[str, str, str, str]]:
    found = outcomes.current(tx, "crm", "Event", pl.Series(["e1", "e2", "none"]))
    return sorted(found.select("record_id", "lead_id", "kind", "code").rows())


def test_what_a_record_said_before_is_superseded(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outcomes.put(tx, said(now, {}, {"record_id": "e2", "kind": "owner", "code": "ann"}), "r1", now)
        outcomes.put(tx, said(now, {"code": "completed"}), "r2", now + HOUR)
        assert current(tx) == [("e1", "l1", "meeting", "completed"), ("e2", "l1", "owner", "ann")]
        outcomes.put(tx, said(now, {"lead_id": "l2"}), "r3", now + HOUR)  # said again, and about another lead by now
        assert current(tx) == [("e1", "l2", "meeting", "scheduled"), ("e2", "l1", "owner", "ann")]
        assert outcomes.counts(tx, "r2") == {"meeting": {"completed": 1}}
        assert outcomes.counts(tx, "r3") == {"meeting": {"scheduled": 1}}
        outcomes.put(tx, said(now).clear(), "r4", now)
        assert outcomes.counts(tx, "r4") == {}


def test_what_sales_took_away_no_longer_counts(hub: Hub, now) -> None:
    with hub.begin() as tx:
        rows = said(now, {}, {"record_id": "e2", "lead_id": "l2", "code": "no_show"})
        outcomes.put(tx, rows, "r1", now)
        assert outcomes.meetings(tx).height == 2
        gone = pl.DataFrame({"system": ["crm"], "object": ["Event"], "record_id": ["e1"]})
        assert outcomes.remove(tx, gone) == 1
        assert outcomes.remove(tx, gone.clear()) == 0
        assert current(tx) == [("e2", "l2", "meeting", "no_show")]
        assert outcomes.meetings(tx)["record_id"].to_list() == ["e2"]


def test_the_meetings_of_the_leads_of_whose_meetings_a_run_learned(hub: Hub, now) -> None:
    with hub.begin() as tx:
        outcomes.put(tx, said(now, {}, {"record_id": "e2", "lead_id": "l2"}), "r1", now)
        outcomes.put(tx, said(now, {"record_id": "e3"}), "r2", now)
        assert sorted(outcomes.meetings(tx, "r2")["record_id"]) == ["e1", "e3"]
        assert outcomes.meetings(tx, "none").is_empty()


def test_a_lead_has_moved_when_sales_moved_it(hub: Hub, now) -> None:
    """Not when the hub learned of it; the stage is another matter."""
    lead = pl.DataFrame([{"lead_id": "l1", "person_id": "p1", "motion": "b2b", "is_open": True, "status": "assigned"}])
    names = ("lead_id", "axis", "old", "new", "actor", "rule", "reason", "version")
    strings = dict.fromkeys(names, pl.String)
    ours = pl.DataFrame([("l1", "status", "new", "assigned", "hub", "", "", "1")], schema=strings, orient="row")
    theirs = ours.with_columns(old=pl.lit("assigned"), new=pl.lit("accepted"), event_at=pl.lit(now + HOUR))
    with hub.begin() as tx:
        leads.upsert(tx, lead, "r1", now)
        assert leads.standing(tx, pl.Series(["l1", None, "none"], dtype=pl.String))["moved_at"].to_list() == [None]
        leads.append_history(tx, ours, "r1", now)
        leads.append_history(tx, theirs, "r2", now + 9 * HOUR)
        leads.append_history(tx, ours.with_columns(axis=pl.lit("stage")), "r3", now + 10 * HOUR)
        [stands] = leads.standing(tx, pl.Series(["l1"])).rows(named=True)
        assert stands["moved_at"] == now + HOUR and {*stands} == {*leads.STANDING, "moved_at"}
        assert leads.moves(tx, "r2") == [{"old": "assigned", "new": "accepted", "n": 1}]
        assert leads.moves(tx, "r1") == [], "the hub's own moves are not what came back"


def test_whatever_changes_a_lead_its_source_is_due_to_be_told(hub: Hub, now) -> None:
    lead = pl.DataFrame([{"lead_id": "l1", "person_id": "p1", "motion": "b2b", "is_open": True}])

    def due(tx) -> bool:
        return bool(leads.get(tx, pl.Series(["l1"]))["feedback_due"].item())

    quiet = pl.lit(value=False)
    with hub.begin() as tx:
        leads.upsert(tx, lead, "r1", now)
        assert due(tx)
        leads.amend(tx, pl.DataFrame({"lead_id": ["l1"]}).with_columns(feedback_due=quiet), "r1", now)
        assert not due(tx)
        leads.amend(tx, pl.DataFrame({"lead_id": ["l1"], "status": ["recycled"]}), "r1", now)
        assert due(tx)
        leads.upsert(tx, lead.with_columns(feedback_due=quiet), "r2", now)
        assert not due(tx)
        leads.upsert(tx, lead, "r3", now)
        assert due(tx)


def test_a_record_that_is_gone_stays_known_as_whose_it_was(hub: Hub, now) -> None:
    link = {"system": "crm", "object": "Lead", "record_id": "q1", "person_id": "p1", "lead_id": "l1"}
    with hub.begin() as tx:
        links.put(tx, pl.DataFrame([{**link, "state": "linked", "via": "delivery"}]), now)
        assert links.close(tx, pl.DataFrame([link]), now) == 1
        found = links.by_record(tx, "crm", "Lead", pl.Series(["q1", "q2"]))
        assert found.rows() == [("q1", "p1", "l1", "closed")]
        assert links.by_record(tx, "crm", "Contact", pl.Series(["q1"])).is_empty()


def test_an_action_follows_its_record_into_another_one(hub: Hub, now) -> None:
    action = {"action_id": "a", "target": "crm", "object": "Lead", "external_id": "l1", "lead_id": "l1"}
    blank = pl.lit(None, pl.String)
    frame = pl.DataFrame([{**action, "desired": "{}", "desired_hash": "h"}]).with_columns(depends_on=blank)
    done = {"action_id": "a", "state": "done", "outcome": "created", "record_id": "q1"}
    with hub.begin() as tx:
        outbox.enqueue(tx, frame, "r1", now)
        outbox.claim(tx, "crm", "Lead", 9, "r1", now, 60)
        outbox.settle(tx, pl.DataFrame([done]).with_columns(reason=blank, sent_hash=blank), "r1", now)
        moved = pl.DataFrame([{"target": "crm", "object": "Lead", "lead_id": "l1", "record_id": "q9"}])
        assert outbox.follow(tx, moved.clear(), now) == 0
        assert outbox.follow(tx, moved, now) == 1
        [row] = outbox.get(tx, pl.Series(["a"])).rows(named=True)
    assert (row["record_id"], row["state"], row["sent_hash"]) == ("q9", "pending", None)
