"""Pauses: one switch for each connection; what ended is kept, and reading it is one indexed query (GOV-09)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from crosswalk.store import pauses, runs
from crosswalk.store.hub import Hub
from crosswalk.store.tables import pause

pytestmark = pytest.mark.feature("GOV-09")
HOUR = timedelta(hours=1)


def test_a_switch_is_off_or_on(hub: Hub, now: datetime) -> None:
    with hub.begin() as tx:
        assert not pauses.end(tx, "crm", "ann", now), "it was on"
        assert pauses.begin(tx, "crm", "ann", "release", now)
        assert not pauses.begin(tx, "crm", "bob", "me too", now + HOUR), "it is off already"
        assert pauses.begin(tx, "forms", "bob", None, now + HOUR)
        assert (pauses.is_standing(tx, "crm"), pauses.is_standing(tx, "other")) == (True, False)
        assert [(one["connection"], one["actor"], one["why"], one["at"]) for one in pauses.standing(tx)] == [
            ("crm", "ann", "release", now),
            ("forms", "bob", None, now + HOUR),
        ]
        assert pauses.end(tx, "crm", "cat", now + 2 * HOUR)
        assert not pauses.is_standing(tx, "crm")
        assert pauses.begin(tx, "crm", "ann", None, now + 3 * HOUR), "once more"
        rows = tx.execute(select(pause.c.ended_at, pause.c.ended_by).where(pause.c.connection == "crm")).all()
        assert sorted(rows, key=str) == sorted([(now + 2 * HOUR, "cat"), (None, None)], key=str)


def test_the_switch_is_read_by_its_index(hub: Hub) -> None:
    if hub._engine.dialect.name != "sqlite":  # a small table is scanned by any planner
        pytest.skip("PostgreSQL chooses by size")
    with hub.read() as tx:
        plan = tx.execute(
            text("EXPLAIN QUERY PLAN SELECT id FROM pause WHERE connection = 'crm' AND ended_at IS NULL LIMIT 1")
        ).all()
    assert "USING INDEX ix_pause_connection" in str(plan)


def test_the_last_success_is_by_who_was_called(hub: Hub, now: datetime) -> None:
    ends = [
        ("r1", "done", {"crm": 4, "forms": 2}, False),
        ("r2", "done", {"crm": 0, "forms": 3}, False),
        ("r3", "failed", {"crm": 9, "forms": 9}, False),
        ("r4", "done", {"crm": 1}, True),
    ]
    with hub.begin() as tx:
        for hours, (run_id, state, calls, dry) in enumerate(ends):
            runs.start(tx, run_id, "sync", None, now + hours * HOUR, "1", dry)
            runs.finish(tx, run_id, now + hours * HOUR, state, api_calls=calls)
        assert runs.last_success(tx) == {"crm": now, "forms": now + HOUR}
