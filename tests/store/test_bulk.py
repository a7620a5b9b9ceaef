"""Many rows at once keep every value, on both dialects."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from sqlalchemy import select

from crosswalk.errors import TerminalError
from crosswalk.store import bulk, tables
from crosswalk.store.hub import Hub

HOSTILE = [
    "",
    " ",
    "a,b",
    'say "x"',
    "two\nlines\r\n",
    "\\.",
    "\\N",
    "NULL",
    "null",
    "'; DROP TABLE person; --",
    "naïve 🩺",
    "\t",
    None,
]


def people(values: list[str | None], now: datetime) -> pl.DataFrame:
    rows = pl.DataFrame({"person_id": [f"p{n}" for n in range(len(values))], "company": values})
    return rows.with_columns(
        is_existing_patient=pl.Series([True, False, None] * len(values)).head(len(values)),
        created_at=bulk.instant(now),
        updated_at=bulk.instant(now),
        run_id=pl.lit("r"),
    )


def test_every_value_comes_back(hub: Hub, now) -> None:
    rows = people(HOSTILE, now)
    with hub.begin() as tx:
        assert bulk.append(tx, tables.person, rows) == rows.height
    with hub.read() as tx:
        found = bulk.lookup(tx, tables.person, rows.columns, rows.select("person_id"))
    assert found.sort("person_id").equals(rows.sort("person_id"))
    assert found.schema == rows.schema


def test_keys_are_values_too(hub: Hub, now) -> None:
    values = [value for value in HOSTILE if value is not None]
    keys = pl.DataFrame({"kind": "email", "value": values, "person_id": values})
    with hub.begin() as tx:
        bulk.upsert(tx, tables.person_key, keys, key=("kind", "value"), update=())
    with hub.read() as tx:
        found = bulk.lookup(tx, tables.person_key, keys.columns, keys.select("kind", "value"))
    assert found.sort("value").equals(keys.sort("value"))


def test_instants_dates_json_and_bytes(hub: Hub) -> None:
    times = [datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC), None]
    rows = pl.DataFrame(
        {
            "lead_id": ["a", "b", "c"],
            "person_id": ["a", "b", "c"],
            "motion": "b2b",
            "is_open": [True, False, True],
            "received_at": pl.Series(times, dtype=bulk.UTC).dt.convert_time_zone("America/Chicago"),
            "created_at": pl.Series([times[1]] * 3, dtype=bulk.UTC),
            "updated_at": pl.Series([times[0]] * 3, dtype=bulk.UTC).dt.cast_time_unit("ns"),
            "resume_on": [date(2026, 2, 28), None, date(1900, 1, 1)],
            "attributes": pl.Series([["x", "ü"], None, []], dtype=pl.List(pl.String)),
            "fit": [None, 0, -5],
            "run_id": "r",
        }
    )
    with hub.begin() as tx:
        bulk.append(tx, tables.lead, rows)
        columns = [*rows.columns]
        found = bulk.lookup(tx, tables.lead, columns, rows.select("lead_id")).sort("lead_id")
        core = tx.execute(select(tables.lead).order_by(tables.lead.c.lead_id)).mappings().all()
    assert found["received_at"].to_list() == times == [row["received_at"] for row in core]
    assert found["updated_at"].to_list() == [times[0]] * 3
    assert found["resume_on"].to_list() == rows["resume_on"].to_list() == [row["resume_on"] for row in core]
    assert found["attributes"].to_list() == ['["x","ü"]', None, "[]"]
    assert [row["attributes"] for row in core] == [["x", "ü"], None, []]
    assert found["fit"].to_list() == [None, 0, -5]
    assert core[0]["received_at"].tzinfo is UTC
    body = bytes(range(256))
    with hub.begin() as tx:
        landed = pl.DataFrame({"payload_id": ["p"], "source": "s", "stream": "t", "external_id": "e", "hash": "h"})
        landed = landed.with_columns(body=pl.Series([body]), landed_at=bulk.instant(times[1]), run_id=pl.lit("r"))
        bulk.append(tx, tables.payload, landed)
        assert bulk.lookup(tx, tables.payload, ["body"], landed.select("payload_id"))["body"].to_list() == [body]


def test_a_time_without_a_zone_is_refused(hub: Hub, now) -> None:
    rows = people(["x"], now).with_columns(created_at=pl.lit(datetime(2026, 1, 1)))  # noqa: DTZ001
    with pytest.raises(ValueError, match="created_at"), hub.begin() as tx:
        bulk.append(tx, tables.person, rows)
    with pytest.raises(ValueError, match="zone"):
        bulk.instant(datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_empty_frame_is_no_work(hub: Hub, now) -> None:
    none = people(["x"], now).clear()
    with hub.begin() as tx:
        assert bulk.append(tx, tables.person, none) == 0
        assert bulk.upsert(tx, tables.person, none, key=("person_id",)) == 0
        assert bulk.amend(tx, tables.person, none, key=("person_id",)) == 0
        found = bulk.lookup(tx, tables.person, ["person_id", "created_at"], none.select("person_id"))
    assert found.schema == {"person_id": pl.String, "created_at": bulk.UTC}


def test_of_equal_keys_the_last_row_counts_unless_the_first_one_stays(hub: Hub) -> None:
    keys = pl.DataFrame({"kind": "email", "value": ["x", "x", "y"], "person_id": ["1", "2", "3"]})
    with hub.begin() as tx:
        assert bulk.upsert(tx, tables.person_key, keys, key=("kind", "value"), update=()) == 2
        assert bulk.lookup(tx, tables.person_key, ["person_id"], keys[:1, :2]).item() == "1"
        assert bulk.upsert(tx, tables.person_key, keys, key=("kind", "value")) == 2
        assert bulk.lookup(tx, tables.person_key, ["person_id"], keys[:1, :2]).item() == "2"


def test_appending_a_known_key_is_an_error_and_nothing_of_it_stays(hub: Hub, now) -> None:
    with hub.begin() as tx:
        bulk.append(tx, tables.person, people(["x"], now))
    with pytest.raises(TerminalError, match="person") as refused, hub.begin() as tx:
        bulk.append(tx, tables.person, people(["secret", "y"], now).reverse())
    assert "secret" not in str(refused.value)
    with hub.read() as tx:
        assert bulk.fetch(tx, select(tables.person.c.company)).to_series().to_list() == ["x"]


def test_a_missing_value_is_refused_without_showing_the_row(hub: Hub, now) -> None:
    rows = people(["secret"], now).with_columns(run_id=pl.lit(None, pl.String))
    with pytest.raises(TerminalError, match="run_id") as refused, hub.begin() as tx:
        bulk.append(tx, tables.person, rows)
    assert "secret" not in str(refused.value)


def test_amending_leaves_the_unknown_and_the_other_columns(hub: Hub, now) -> None:
    with hub.begin() as tx:
        bulk.append(tx, tables.person, people(["x", "y"], now))
        new = pl.DataFrame({"person_id": ["p1", "p9"], "city": ["Peoria", "Cairo"]})
        assert bulk.amend(tx, tables.person, new, key=("person_id",)) == 1
        found = bulk.fetch(tx, select(tables.person.c["person_id", "company", "city"]).order_by("person_id"))
    assert found.rows() == [("p0", "x", None), ("p1", "y", "Peoria")]


def test_many_rows_go_in_several_chunks(hub: Hub) -> None:
    n = bulk.CHUNK * 2 + 1
    values = pl.Series(range(n)).cast(pl.String)
    keys = pl.DataFrame({"kind": pl.repeat("email", n, eager=True), "value": values, "person_id": values})
    with hub.begin() as tx:
        assert bulk.upsert(tx, tables.person_key, keys, key=("kind", "value"), update=()) == n
        assert bulk.upsert(tx, tables.person_key, keys, key=("kind", "value"), update=()) == 0
        assert bulk.lookup(tx, tables.person_key, ["person_id"], keys.select("kind", "value")).height == n
