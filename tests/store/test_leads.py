"""Leads, their history, the decisions about them, and who has them."""

from datetime import date, timedelta

import polars as pl
import pytest

from crosswalk.errors import TerminalError
from crosswalk.store import leads
from crosswalk.store.hub import Hub

HOUR = timedelta(hours=1)
TODAY, TOMORROW = date(2026, 11, 3), date(2026, 11, 4)


def lead(lead_id: str, person_id: str = "p1", motion: str = "b2b", is_open: bool = True, **others) -> pl.DataFrame:
    row = {"lead_id": lead_id, "person_id": person_id, "motion": motion, "is_open": is_open, "status": "new"}
    return pl.DataFrame([{**row, **others}])


def test_open_leads_are_found_by_person_and_motion(hub: Hub, now) -> None:
    asked = pl.DataFrame({"person_id": ["p1", "p1", "p9"], "motion": ["b2b", "hcp", "b2b"], "other": 1})
    with hub.begin() as tx:
        leads.upsert(tx, lead("old", is_open=False), "r1", now)
        leads.upsert(tx, lead("l1", received_at=now, resume_on=TODAY, fit=70, attributes='{"a":1}'), "r1", now)
        found = leads.open_leads(tx, asked)
        assert found.columns == list(leads.COLUMNS)
        assert found.select("lead_id", "received_at", "resume_on", "fit", "attributes", "is_open").rows() == [
            ("l1", now, TODAY, 70, '{"a":1}', True)
        ]
        assert sorted(leads.of_people(tx, pl.Series(["p1"]))["lead_id"]) == ["l1", "old"]
        assert leads.get(tx, pl.Series(["old", "none"]))["is_open"].to_list() == [False]


def test_an_update_keeps_what_is_not_given(hub: Hub, now) -> None:
    with hub.begin() as tx:
        leads.upsert(tx, lead("l1", fit=70, payer="aetna"), "r1", now)
        leads.upsert(tx, lead("l1", fit=80, status="working"), "r2", now + HOUR)
        changes = pl.DataFrame({"lead_id": ["l1", "l2"], "stage": ["mql", "sql"]})
        assert leads.amend(tx, changes, "r3", now + 2 * HOUR) == 1
        found = leads.get(tx, pl.Series(["l1", "l2"])).row(0, named=True)
    assert (found["fit"], found["payer"], found["status"], found["stage"]) == (80, "aetna", "working", "mql")
    assert (found["created_at"], found["updated_at"], found["run_id"]) == (now, now + 2 * HOUR, "r3")


def test_one_open_lead_per_person_and_motion(hub: Hub, now) -> None:
    with hub.begin() as tx:
        leads.upsert(tx, lead("l1"), "r1", now)
    with pytest.raises(TerminalError, match=r"person_id|uq_lead_open"), hub.begin() as tx:
        leads.upsert(tx, lead("l2"), "r2", now)
    with hub.begin() as tx:  # a new one may come when the old one closes, in whatever order they are given
        leads.upsert(tx, pl.concat([lead("l2"), lead("l1", is_open=False)]), "r2", now)
        leads.upsert(tx, lead("l3", motion="hcp"), "r2", now)
        both = pl.DataFrame({"person_id": ["p1", "p1"], "motion": ["b2b", "hcp"]})
        assert sorted(leads.open_leads(tx, both)["lead_id"]) == ["l2", "l3"]


def change(lead_id: str, old: str | None, new: str) -> pl.DataFrame:
    row = {"lead_id": lead_id, "axis": "status", "old": old, "new": new}
    strings = dict.fromkeys((*row, "actor", "rule", "reason", "version"), pl.String)
    return pl.DataFrame([{**row, "actor": "hub", "rule": "q1", "reason": "fit", "version": "v1"}], schema=strings)


def test_history_goes_on_where_it_ended(hub: Hub, now) -> None:
    with hub.begin() as tx:
        leads.append_history(tx, pl.concat([change("b", None, "new"), change("a", None, "new")]), "r1", now)
        both = pl.concat([change("a", "new", "working"), change("b", "new", "lost"), change("a", "working", "sql")])
        leads.append_history(tx, both, "r2", now + HOUR)
        leads.append_history(tx, both.clear(), "r2", now + HOUR)
        story = leads.history(tx, "a")
    assert [(step["seq"], step["old"], step["new"], step["run_id"]) for step in story] == [
        (1, None, "new", "r1"),
        (2, "new", "working", "r2"),
        (3, "working", "sql", "r2"),
    ]
    assert story[0]["at"] == now


def test_decisions_are_kept_as_they_were(hub: Hub, now) -> None:
    rows = pl.DataFrame(
        {
            "lead_id": ["a", "b"],
            "step": "qualify",
            "rule": "q1",
            "version": "v1",
            "result": "mql",
            "detail": '{"fit":70}',
        }
    )
    with hub.begin() as tx:
        assert leads.append_decisions(tx, rows, "r1", now) == 2
        assert leads.append_decisions(tx, rows.with_columns(result=pl.lit("lost")), "r1", now) == 0
        assert leads.append_decisions(tx, rows.with_columns(step=pl.lit("route")), "r1", now) == 2
        assert leads.append_decisions(tx, rows, "r2", now + HOUR) == 2
        trail = leads.trail(tx, "a")
    assert [(row["run_id"], row["step"], row["result"]) for row in trail] == [
        ("r1", "qualify", "mql"),
        ("r1", "route", "mql"),
        ("r2", "qualify", "mql"),
    ]
    assert trail[0]["detail"] == {"fit": 70}


def given_to(*pairs: tuple[str, str | None], day: date = TODAY) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "lead_id": [lead_id for lead_id, _ in pairs],
            "owner_id": pl.Series([owner for _, owner in pairs], dtype=pl.String),
            "owner_kind": "person",
            "rule_id": "t1",
            "territory": None,
            "route": "owner",
            "load_day": day,
            "trace": '{"candidates":[]}',
        }
    )


def test_assignments_and_loads(hub: Hub, now) -> None:
    with hub.begin() as tx:
        leads.upsert(tx, pl.concat([lead("a", "p1"), lead("b", "p2"), lead("c", "p3")]), "r1", now)
        assert leads.assign(tx, given_to(("a", "ann"), ("b", "ann"), ("c", "bob")), "r1", now) == 3
        assert leads.assign(tx, given_to(("a", "ann"), ("b", "ann"), day=TOMORROW), "r2", now) == 0
        assert leads.assign(tx, given_to(("a", "ann"), ("b", "bob"), ("c", None), day=TOMORROW), "r3", now + HOUR) == 1
        assert leads.loads(tx).rows() == [("ann", TODAY, 1), ("bob", TOMORROW, 1)]
        assert leads.loads(tx, since=TOMORROW).rows() == [("bob", TOMORROW, 1)]
        assert leads.loads(tx).columns == ["owner_id", "load_day", "daily"]
        assert leads.open_loads(tx).rows() == [("ann", 1), ("bob", 1)]
        assert leads.by_owner(tx, "r1").rows() == [("ann", "person", "owner", 2), ("bob", "person", "owner", 1)]
        assert leads.by_owner(tx).rows() == [("ann", "person", "owner", 1), ("bob", "person", "owner", 1)]
        leads.upsert(tx, lead("a", "p1", is_open=False), "r4", now)
        assert leads.open_loads(tx).rows() == [("bob", 1)]
        story = leads.assignments(tx, "b")
        assert [(step["seq"], step["owner_id"], step["ended_at"], step["end_reason"]) for step in story] == [
            (1, "ann", now + HOUR, "reassigned"),
            (2, "bob", None, None),
        ]
        assert story[0]["trace"] == {"candidates": []}
        assert leads.loads(tx).schema == {"owner_id": pl.String, "load_day": pl.Date, "daily": pl.Int64}
