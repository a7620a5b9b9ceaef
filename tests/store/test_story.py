"""Story: what one inquiry left in the tables is read by its keys, in a hub of any size (HND-07)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Connection

from crosswalk.store import links, payloads, story
from crosswalk.store.hub import Hub

pytestmark = pytest.mark.feature("HND-07")


def landed(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "payload_id": [f"{stream}/{key}/{digest}" for stream, key, digest in rows],
            "source": "forms",
            "stream": [stream for stream, _, _ in rows],
            "external_id": [key for _, key, _ in rows],
            "hash": [digest for _, _, digest in rows],
            "body": [digest.encode() for _, _, digest in rows],
        }
    )


def test_rows_are_found_by_stream_and_id(hub: Hub, now: datetime) -> None:
    with hub.begin() as tx:
        payloads.land(tx, landed(("a", "1", "x"), ("b", "1", "y"), ("a", "2", "z")), "r1", now)
        payloads.land(tx, landed(("a", "1", "w")), "r2", now)
        assert story.was_read(tx, [("forms", "a"), ("forms", "c")], "1") == [("forms", "a", "1")]
        assert story.was_read(tx, [("forms", "a")], "9") == []
        found = story.payloads(tx, [("forms", "a", "1"), ("forms", "b", "2")])
        assert sorted(one["payload_id"] for one in found) == ["a/1/w", "a/1/x"], "a key is all of its parts"
        assert "body" not in found[0]
        assert story.payloads(tx, []) == []
        assert sorted(story.sealed(tx, [("forms", "a")])) == [(("forms", "a", "1"), b"w"), (("forms", "a", "2"), b"z")]


def test_records_are_found_whatever_they_are(hub: Hub, now: datetime) -> None:
    rows = {"object": ["Lead", "Contact"], "record_id": ["1", "1"], "person_id": ["p", "q"], "lead_id": ["l", None]}
    frame = pl.DataFrame(rows).with_columns(system=pl.lit("crm"), state=pl.lit("linked"), via=pl.lit("link"))
    with hub.begin() as tx:
        links.put(tx, frame, now)
        objects = [("crm", "Lead"), ("crm", "Task")]
        assert [one["lead_id"] for one in story.linked(tx, objects, ["1", "2"])] == ["l"]
        assert [one["object"] for one in story.links(tx, "q")] == ["Contact"]


def test_no_large_table_is_read_to_its_end(hub: Hub) -> None:
    """Payloads of a row are the one exception: they have no index by row, and each is asked for once."""
    if hub._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by size")
    one, key = ["x"], [("s", "t", "1")]
    with hub.read() as tx:
        plans = {
            "was_read": plan(tx, lambda: story.was_read(tx, [("s", "t")], "1")),
            "linked": plan(tx, lambda: story.linked(tx, [("s", "o")], one)),
            "links": plan(tx, lambda: story.links(tx, "x")),
            "findings": plan(tx, lambda: story.findings(tx, one)),
            "verdicts": plan(tx, lambda: story.verdicts(tx, one, one, one, "x")),
            "quarantined": plan(tx, lambda: story.quarantined(tx, key)),
            "interventions": plan(tx, lambda: story.interventions(tx, [1], one, "x")),
            "started": plan(tx, lambda: story.started(tx, [])),
            "actions": plan(tx, lambda: story.actions(tx, "x")),
            "receipts": plan(tx, lambda: story.receipts(tx, one)),
            "outcomes": plan(tx, lambda: story.outcomes(tx, "x")),
            "conflicts": plan(tx, lambda: story.conflicts(tx, "x")),
        }
    tables = {"seen", "link", "finding", "verdict", "quarantine", "intervention", "run", "outbox", "receipt"}
    tables |= {"outcome", "conflict"}
    with hub.read() as tx:
        assert "SCAN payload" in plan(tx, lambda: story.payloads(tx, key)), (
            "so that the question can be answered at all"
        )
    assert {name: steps for name, steps in plans.items() if any(f"SCAN {table}" in steps for table in tables)} == {}


def plan(tx: Connection, ask: Callable[[], object]) -> list[str]:
    """How SQLite goes about the statements of a question."""
    asked: list[str] = []
    driver: Any = tx.connection.driver_connection
    driver.set_trace_callback(asked.append)
    ask()
    driver.set_trace_callback(None)
    return [row[3] for statement in asked for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}")]
