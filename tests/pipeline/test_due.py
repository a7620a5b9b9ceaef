"""Second chances: what waited goes on when its time has come, and what sales has stays with sales."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import create_engine, update

from crosswalk.pipeline.due import due_batch
from crosswalk.pipeline.sync import sync
from crosswalk.store.tables import lead
from tests.home import Home
from tests.pipeline.conftest import Pipeline
from tests.pipeline.test_batch_sizes import pages_of
from tests.vendors import Vendors
from tests.way import Fault, Way

MONDAY = "2026-11-16T15:00:00Z"
WHY = ("--why", "a person has looked")


def at(home: Home, instant: str = MONDAY) -> dict[str, Any]:
    return home.sync("--as-of", instant)


def step(document: dict[str, Any], name: str) -> dict[str, Any]:
    return next((one for one in document["steps"] if one["step"] == name), {"in": 0})


def sales_says(home: Home, **values: object) -> None:
    """Put a lead where sales has left it."""
    engine = create_engine(home.database)
    with engine.begin() as tx:
        tx.execute(update(lead).values(**values))
    engine.dispose()


def status_in_crm(vendors: Vendors) -> str:
    [found] = vendors.ours("Lead").values()
    return str(found["Crosswalk_Status__c"])


@pytest.mark.feature("RTE-05")
def test_a_closed_service_line_opens_on_its_day(vendors: Vendors, pipeline: Pipeline) -> None:
    home = pipeline.home
    vendors.create([vendors.inquiry(service_line_interest="Neurology") for _ in range(5)])
    assert at(home)["reasons"]["SERVICE_LINE_CLOSED"] == 5
    assert {(row["processing_state"], row["resume_on"]) for row in home.rows("lead")} == {
        ("held_capacity", date(2026, 12, 1))
    }
    early = at(home, "2026-11-30T15:00:00Z")
    assert step(early, "replay")["in"] == 0 and early["written"] == {}
    opened = at(home, "2026-12-01T15:00:00Z")
    assert step(opened, "replay")["in"] == 5
    assert opened["written"]["salesforce"]["Lead"]["created"] == opened["written"]["salesforce"]["Task"]["created"] == 5
    assert {(row["processing_state"], row["status"], row["resume_on"]) for row in home.rows("lead")} == {
        ("accepted", "assigned", None)
    }
    again = at(home, "2026-12-01T16:00:00Z")
    assert step(again, "replay")["in"] == 0 and again["written"] == {}


@pytest.mark.feature("RTE-05")
def test_who_waited_comes_before_who_asks_now_the_oldest_first(vendors: Vendors, pipeline: Pipeline) -> None:
    """One owner with room for three, four who have waited, and one who asks on the very day."""
    home = pipeline.home
    home.write("mappings/routing/rules.yaml", "motion: patient}, pool: intake,", "motion: patient}, pool: narrow,")
    narrow = "pools:\n  narrow:\n    owners: [intake01]\n"
    home.write("mappings/routing/rules.yaml", "pools:\n", narrow)
    owners = home.folder / "mappings/routing/owners.yaml"
    first, rest = owners.read_text().split("  - code: intake02", 1)
    lines = [line for line in first.splitlines() if "service_lines" not in line]
    owners.write_text("\n".join(lines).replace("open_cap: 400", "open_cap: 3") + "\n  - code: intake02" + rest)
    hours = ["12", "09", "11", "10"]
    asked = [f"2026-11-16T{hour}:00:00Z" for hour in hours]
    vendors.create([vendors.inquiry(service_line_interest="Neurology", inquiry_at=one) for one in asked])
    at(home)
    vendors.create([vendors.inquiry(inquiry_at="2026-12-01T09:00:00Z")])
    at(home, "2026-12-01T15:00:00Z")
    placed = {str(row["received_at"])[:13]: row["owner_id"] for row in home.rows("lead")}
    assert placed == {
        "2026-11-16 09": "intake01",
        "2026-11-16 10": "intake01",
        "2026-11-16 11": "intake01",
        "2026-11-16 12": None,
        "2026-12-01 09": None,
    }
    assert {row["reason"] for row in home.rows("lead") if row["owner_id"] is None} == {"NO_CAPACITY"}


@pytest.mark.feature("STG-03")
def test_a_recycled_lead_is_reopened_on_its_day_and_not_by_a_visit_before(vendors: Vendors, pipeline: Pipeline) -> None:
    home = pipeline.home
    [contact] = vendors.create([vendors.inquiry()])
    at(home)
    sales_says(home, status="recycled", reason="not_now", resume_on=date(2027, 2, 1))
    vendors.change(contact, phone="(312) 555-0177")
    rested = at(home, "2026-11-20T15:00:00Z")
    assert rested["reasons"] == {"GIVEN_BACK": 1} and rested["written"] == {}
    [row] = home.rows("lead")
    assert (row["status"], row["reason"], row["resume_on"]) == ("recycled", "not_now", date(2027, 2, 1))
    [person] = home.rows("person")
    assert person["phone"] == "+13125550177", "who they are is known all the same"
    resumed = at(home, "2027-02-01T15:00:00Z")
    assert step(resumed, "replay")["in"] == 1
    [row] = home.rows("lead")
    assert (row["status"], row["resume_on"]) == ("assigned", None)
    assert status_in_crm(vendors) == "assigned"
    moves = [(one["old"], one["new"]) for one in home.rows("history") if one["axis"] == "status"]
    assert ("recycled", "marketing_qualified") in moves


@pytest.mark.feature("STG-03")
def test_who_asks_again_does_not_wait(vendors: Vendors, pipeline: Pipeline) -> None:
    home = pipeline.home
    [contact] = vendors.create([vendors.inquiry()])
    at(home)
    sales_says(home, status="recycled", reason="not_now", resume_on=date(2027, 2, 1))
    vendors.change(contact, inquiry_at="2026-11-19T09:00:00Z")
    at(home, "2026-11-20T15:00:00Z")
    [row] = home.rows("lead")
    assert row["status"] == "assigned" and row["reason"] is None


@pytest.mark.feature("QUA-02")
def test_what_sales_has_is_never_taken_away(vendors: Vendors, pipeline: Pipeline) -> None:
    """Not by a day that was left standing, nor by a rule that would refuse it now."""
    home = pipeline.home
    vendors.create([vendors.inquiry()])
    at(home)
    sales_says(home, status="accepted", resume_on=date(2026, 11, 17))
    before = home.rows("lead")
    home.write("mappings/rules/qualification.yaml", "require: {country: US}", "require: {country: CA}")
    document = at(home, "2026-11-20T15:00:00Z")
    assert step(document, "replay")["in"] == 0
    assert home.rows("lead") == before
    preview = home.do("redecide")
    assert (preview["selected"], preview["with_sales"], preview["moves"]) == (0, 1, [])


def test_a_resumed_lead_that_a_gate_refuses_is_not_tried_for_ever(vendors: Vendors, pipeline: Pipeline) -> None:
    home = pipeline.home
    vendors.create([vendors.inquiry(service_line_interest="Neurology", message="About your prices.")])
    at(home)
    home.write("mappings/rules/screening.yaml", r"      - \bside[- ]effects?\b", r"      - \bprices\b")
    document = at(home, "2026-12-01T15:00:00Z")
    assert document["reasons"] == {"SAFETY_REVIEW": 1, "UNCHANGED": 1}
    [row] = home.rows("lead")
    assert (row["processing_state"], row["reason"], row["resume_on"]) == ("held_review", "SAFETY_REVIEW", None)
    assert step(at(home, "2026-12-02T15:00:00Z"), "replay")["in"] == 0
    [waiting] = home.do("quarantine", "list")
    home.do("quarantine", "release", str(waiting["id"]), *WHY, "--yes")
    at(home, "2026-12-03T15:00:00Z")
    [row] = home.rows("lead")
    assert row["processing_state"] == "accepted" and len(vendors.ours("Lead")) == 1


@pytest.mark.feature("HND-04")
def test_an_owner_that_has_come_frees_what_waited_for_them(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    home = pipeline.home
    vendors.create([vendors.inquiry() for _ in range(3)])
    away = [one["Id"] for one in vendors.records("User") if str(one.get("Email", "")).startswith("intake")]
    for user in away:
        vendors.edit("User", user, IsActive=False)
    assert at(home)["waiting"] == {"salesforce": {"held": 6}}
    found = [one for one in home.do("waiting", "--as-of", MONDAY) if one["place"] == "outbox"]
    assert {(one["reason"], one["n"]) for one in found} == {("OWNER_UNKNOWN", 3)} and len(found) == 2
    for user in away:
        vendors.edit("User", user, IsActive=True)
    ways[1].asked.clear()
    soon = at(home, "2026-11-16T15:30:00Z")
    assert step(soon, "claim")["in"] == 0, "what has just been tried is left alone for a while"
    freed = at(home, "2026-11-16T16:30:00Z")
    assert freed["written"]["salesforce"]["Lead"]["created"] == 3
    assert freed["written"]["salesforce"]["Task"]["created"] == 3
    assert freed["waiting"] == {"salesforce": {}}


def test_what_is_still_held_keeps_its_reason(vendors: Vendors, pipeline: Pipeline) -> None:
    home = pipeline.home
    for _ in range(2):
        vendors.insert("Lead", LastName="Twin", Company="Example", Email="twin@inbox.example.org")
    vendors.create([vendors.inquiry(email="twin@inbox.example.org")])
    at(home)
    again = at(home, "2026-11-16T17:00:00Z")
    assert step(again, "plan")["held"] == 1
    held = {(row["object"], row["state"], row["reason"]) for row in home.rows("outbox")}
    assert ("Lead", "held", "CRM_AMBIGUOUS") in held


def test_nothing_due_costs_nothing(vendors: Vendors, pipeline: Pipeline) -> None:
    vendors.create([vendors.inquiry(), vendors.inquiry(service_line_interest="Neurology")])
    pipeline.sync()
    with pipeline.work() as work:
        assert due_batch(work) is False
        assert not work.gates_used
    with pipeline.work() as work:
        summary = sync(work)
        assert summary.written == {} and not work.gates_used


def test_a_dry_run_replays_without_a_trace(vendors: Vendors, pipeline: Pipeline) -> None:
    home = pipeline.home
    vendors.create([vendors.inquiry(service_line_interest="Neurology") for _ in range(3)])
    at(home)
    before, world = home.content(), vendors.dump()
    day = ("--as-of", "2026-12-01T15:00:00Z")
    promised = home.sync("--dry-run", *day)
    assert promised["written"]["salesforce"]["Lead"]["created"] == 3
    assert home.content() == before and vendors.dump() == world
    assert home.sync(*day)["written"] == promised["written"]


@pytest.mark.feature("HND-04")
def test_killed_after_the_replay_and_run_again(vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    """At the first call to the source everything that was due has been committed, and nothing delivered."""
    home = pipeline.home
    vendors.create([vendors.inquiry(email="", phone="") for _ in range(3)] + [vendors.inquiry() for _ in range(9)])
    at(home)
    for row in home.do("quarantine", "list"):
        mended = f"email=mended.{row['id']}@inbox.example.org"
        home.do("quarantine", "edit", str(row["id"]), "--set", mended, *WHY)
    home.do("quarantine", "release", "--reason", "NOT_CONTACTABLE", *WHY, "--yes")
    running = home.start("sync", "--json", "--as-of", MONDAY)
    ways[0].watch = lambda when, method, path: running.kill() if when == "before" else None
    assert running.wait().code == -9
    ways[0].watch = None
    assert {row["state"] for row in home.rows("quarantine")} == {"replayed"}
    document = at(home)
    assert step(document, "replay")["in"] == 0
    assert document["written"]["salesforce"]["Lead"]["created"] == 3
    assert len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 12
    assert at(home)["written"] == {}


@pytest.mark.feature("NRM-03")
def test_three_batches_about_one_lead(vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]) -> None:
    """Each asks for the same records; the third as well as the second finds them queued."""
    given = vendors.inquiry()
    contacts = [{**given, "email": f"same.{n}@inbox.example.org"} for n in range(4)]
    vendors.create(contacts)
    ways[0].faults.append(pages_of(1))
    summary = pipeline.sync(batch_size=1)
    assert summary.written["salesforce"]["Lead"]["created"] == 1
    assert len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 1


def test_a_source_that_is_away_does_not_keep_what_is_due(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    home = pipeline.home
    vendors.create([vendors.inquiry(service_line_interest="Neurology")])
    at(home)
    ways[0].faults.append(Fault("POST", "/search", 418, json.dumps({"message": "teapot"}).encode(), times=9))
    assert home.run("sync", "--as-of", "2026-12-01T15:00:00Z").code == 1
    assert len(vendors.ours("Lead")) == 1
