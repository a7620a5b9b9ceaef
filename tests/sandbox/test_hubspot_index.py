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
from sandbox.hubspot.store import Store

CITIES = ("Gary", "Hammond", "")
IN_GARY = {"propertyName": "city", "operator": "EQ", "value": "gary"}
steps = st.lists(
    st.tuples(
        st.sampled_from(("create", "move", "rename", "archive", "merge", "purge", "wait")),
        st.integers(0, 7),
        st.sampled_from(CITIES),
    ),
    max_size=40,
)


def play(history: list[tuple[str, int, str]], lag: float, many: int) -> tuple[Store, Clock]:
    """A portal's contacts after all this happened; refused writes included."""
    clock = Clock(datetime(2026, 11, 16, 15, tzinfo=UTC))
    clock.freeze()
    portal = Portal(clock)
    portal.index_lag_seconds = lag
    store = portal.stores["contacts"]
    store.index.many = many
    for turn, (verb, number, city) in enumerate(history):
        record = store.records[store.live[number % len(store.live)]] if store.live else None
        if verb == "create" and store.lookup(f"p{number}@example.org", "email") is None:
            store.create({"email": f"p{number}@example.org", "city": city})
        elif verb == "move" and record is not None:
            store.update(record, {"city": city})
        elif verb == "rename" and record is not None:
            store.update(record, {"email": f"q{turn}@example.org"})
        elif verb == "archive" and record is not None:
            store.archive(record)
        elif verb == "purge" and record is not None:
            store.purge(record)
        elif verb == "merge" and record is not None and len(store.live) > 1:
            other = store.records[store.live[(number + 1) % len(store.live)]]
            store.merge(record, other, {**other.properties, **record.properties})
        elif verb == "wait":
            clock.advance(7)
            # Whatever answer is kept now must stay true through the next writes.
            ids(store, clock, [IN_GARY], counted=False)
            ids(store, clock, [IN_GARY], sort="city", counted=False)
            ids(store, clock, counted=False)
    return store, clock


def ids(
    store: Store,
    clock: Clock,
    *groups: list[dict[str, str]],
    sort: str = "hs_object_id",
    descending: bool = False,
    counted: bool = True,
) -> list[int]:
    body: dict[str, Any] = {
        "filterGroups": [{"filters": group} for group in groups],
        "sorts": [{"propertyName": sort, "direction": "DESCENDING" if descending else "ASCENDING"}],
        "limit": 200,
    }
    answer = search(store, body, 0, clock.elapsed())
    assert not counted or answer["total"] == len(answer["results"])
    return [int(row["id"]) for row in answer["results"]]


@settings(max_examples=80, deadline=None)
@given(steps, st.sampled_from((0.0, 5.0)), st.sampled_from((0, 2, 2_000)))
def test_search_agrees_with_looking_at_everyone(history: list[tuple[str, int, str]], lag: float, many: int) -> None:
    store, clock = play(history, lag, many)
    clock.advance(lag)
    everyone: list[Record] = [store.records[key] for key in store.live]
    assert ids(store, clock) == [record.id for record in everyone]
    assert ids(store, clock, descending=True) == [record.id for record in everyone][::-1]
    newest = sorted(everyone, key=lambda record: (record.updated, record.id))
    by_time = [record.id for record in newest]
    assert ids(store, clock, sort="lastmodifieddate") == by_time
    assert ids(store, clock, sort="lastmodifieddate", descending=True) == by_time[::-1]
    assert ids(store, clock, [IN_GARY]) == [record.id for record in everyone if record.properties.get("city") == "Gary"]
    for place, record in enumerate(newest):
        by_email = {"propertyName": "email", "operator": "EQ", "value": record.properties["email"]}
        assert ids(store, clock, [by_email]) == [record.id]
        moment = {"propertyName": "lastmodifieddate", "value": iso_ms(record.updated)}
        since, at, past = ({**moment, "operator": operator} for operator in ("GTE", "EQ", "GT"))
        after = {"propertyName": "hs_object_id", "operator": "GT", "value": str(record.id)}
        expected = [other.id for other in everyone if other.updated >= record.updated]
        assert ids(store, clock, [since]) == expected
        assert ids(store, clock, [since, after]) == [key for key in expected if key > record.id]
        # Keyset by time: what comes later, and what comes at the same moment with a higher id.
        assert ids(store, clock, [past], [at, after], sort="lastmodifieddate") == by_time[place + 1 :]
        mixed = ids(store, clock, [past], [at, after], [IN_GARY], sort="lastmodifieddate", descending=True)
        assert mixed == [
            other.id
            for spot, other in reversed(list(enumerate(newest)))
            if spot > place or other.properties.get("city") == "Gary"
        ]


def test_a_page_in_order_of_modification_reaches_over_gaps() -> None:
    clock = Clock(datetime(2026, 11, 16, 15, tzinfo=UTC))
    clock.freeze()
    store = Portal(clock).stores["contacts"]
    for number in range(12):
        store.create({"email": f"p{number}@example.org"})
        clock.advance(60)
    stamp = [iso_ms(store.records[key].updated) for key in store.live]
    early = {"propertyName": "lastmodifieddate", "operator": "LTE", "value": stamp[3]}
    late = {"propertyName": "lastmodifieddate", "operator": "GT", "value": stamp[7]}
    expected = store.live[:4] + store.live[8:]
    for direction, order in (("ASCENDING", expected), ("DESCENDING", expected[::-1])):
        body = {
            "filterGroups": [{"filters": [late]}, {"filters": [early]}],
            "sorts": [{"propertyName": "lastmodifieddate", "direction": direction}],
            "limit": 3,
        }
        pages = [search(store, {**body, "after": str(after)}, 0, clock.elapsed()) for after in (0, 3, 6)]
        assert [int(row["id"]) for page in pages for row in page["results"]] == order
        assert {page["total"] for page in pages} == {8}
