"""The search index after any history of writes, against a search that just looks at every contact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock, iso_ms
from sandbox.hubspot.index import Record
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.search import search

CITIES = ("Gary", "Hammond", "")
steps = st.lists(
    st.tuples(
        st.sampled_from(("create", "move", "rename", "archive", "wait")), st.integers(0, 7), st.sampled_from(CITIES)
    ),
    max_size=40,
)


def play(history: list[tuple[str, int, str]], lag: float) -> tuple[Portal, Clock]:
    """A portal in which all this happened; refused writes included."""
    clock = Clock(datetime(2026, 11, 16, 15, tzinfo=UTC))
    clock.freeze()
    portal = Portal(clock)
    portal.index_lag_seconds = lag
    for turn, (verb, number, city) in enumerate(history):
        record = portal.records[portal.live[number % len(portal.live)]] if portal.live else None
        if verb == "create" and portal.lookup(f"p{number}@example.org", "email") is None:
            portal.create({"email": f"p{number}@example.org", "city": city})
        elif verb == "move" and record is not None:
            portal.update(record, {"city": city})
        elif verb == "rename" and record is not None:
            portal.update(record, {"email": f"q{turn}@example.org"})
        elif verb == "archive" and record is not None:
            portal.archive(record)
        elif verb == "wait":
            clock.advance(7)
            search(portal, {}, 2)  # whatever is cached now must not outlive the next write
    return portal, clock


def ids(portal: Portal, *filters: dict[str, str], sort: str = "hs_object_id", descending: bool = False) -> list[int]:
    body: dict[str, Any] = {
        "filterGroups": [{"filters": list(filters)}] if filters else [],
        "sorts": [{"propertyName": sort, "direction": "DESCENDING" if descending else "ASCENDING"}],
        "limit": 200,
    }
    answer = search(portal, body, 0)
    assert answer["total"] == len(answer["results"])
    return [int(row["id"]) for row in answer["results"]]


@settings(max_examples=80, deadline=None)
@given(steps, st.sampled_from((0.0, 5.0)))
def test_search_agrees_with_looking_at_everyone(history: list[tuple[str, int, str]], lag: float) -> None:
    portal, clock = play(history, lag)
    clock.advance(lag)
    everyone: list[Record] = [portal.records[key] for key in portal.live]
    assert ids(portal) == [record.id for record in everyone]
    assert ids(portal, descending=True) == [record.id for record in everyone][::-1]
    newest = sorted(everyone, key=lambda record: (record.updated, record.id))
    assert ids(portal, sort="lastmodifieddate") == [record.id for record in newest]
    assert ids(portal, sort="lastmodifieddate", descending=True) == [record.id for record in newest][::-1]
    in_gary = {"propertyName": "city", "operator": "EQ", "value": "gary"}
    assert ids(portal, in_gary) == [record.id for record in everyone if record.properties.get("city") == "Gary"]
    for record in everyone:
        by_email = {"propertyName": "email", "operator": "EQ", "value": record.properties["email"]}
        assert ids(portal, by_email) == [record.id]
        since = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": iso_ms(record.updated)}
        after = {"propertyName": "hs_object_id", "operator": "GT", "value": str(record.id)}
        expected = [other.id for other in everyone if other.updated >= record.updated]
        assert ids(portal, since) == expected
        assert ids(portal, since, after) == [key for key in expected if key > record.id]
