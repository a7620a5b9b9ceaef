"""GOV-09: a connection is switched off while a run is in progress; nothing is lost, and resuming does the rest."""

import shutil
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.home import Home
from tests.vendors import Vendors
from tests.way import Way

pytestmark = pytest.mark.feature("GOV-09")

SHORT = ("--batch-size", "5")


def paused(home: Home, name: str, *why: str) -> None:
    assert home.do("pause", name, *why) == {"connection": name, "paused": True, "changed": True}


def resumed(home: Home, name: str) -> None:
    assert home.do("resume", name) == {"connection": name, "paused": False, "changed": True}


def leads_of(vendors: Vendors) -> Mapping[str, Any]:
    """What the CRM has of our leads, but its own ids and times."""
    own = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp")
    return {
        lead_id: {name: value for name, value in record.items() if name not in own}
        for lead_id, record in vendors.ours("Lead").items()
    }


def when(way: Way, method: str, path: str, count: int, do: Callable[[], None]) -> list[str]:
    """Do something, once, after so many requests of a kind have been answered; the requests that came after."""
    later: list[str] = []
    answered = 0

    def watch(moment: str, asked: str, where: str) -> None:
        nonlocal answered
        if moment != "after":
            return
        if answered >= count:
            later.append(f"{asked} {where}")
        elif asked == method and path in where:
            answered += 1
            if answered == count:
                do()

    way.watch = watch
    return later


def test_a_target_that_is_paused_in_the_middle_of_a_run(
    vendors: Vendors, troubled: Home, ways: tuple[Way, Way], home: Home
) -> None:
    """The batch in hand is finished; no other is begun; the run ends well and says so; the next one does the rest."""
    vendors.create([vendors.inquiry() for _ in range(12)])
    later = when(ways[1], "PATCH", "composite/sobjects/Lead", 1, lambda: paused(home, "salesforce", "--why", "test"))
    summary = troubled.sync(*SHORT)
    assert summary["paused"] == ["salesforce"]
    assert summary["written"]["salesforce"]["Lead"]["created"] == 5 == len(vendors.ours("Lead"))
    assert vendors.records("Task") == [], "its other objects are left alone as well"
    assert not [one for one in later if not one.startswith("GET")], "nothing more was written"
    states = {one["external_id"]: one["state"] for one in home.rows("outbox") if one["object"] == "Lead"}
    assert sorted(states.values()) == ["done"] * 5 + ["pending"] * 7
    ways[1].clear()
    asked = vendors.requests()
    again = troubled.sync(*SHORT)
    assert again["paused"] == ["salesforce"] and again["written"] == {}
    assert vendors.requests()["salesforce"] == asked["salesforce"], "a paused connection is not even asked"
    resumed(home, "salesforce")
    last = troubled.sync(*SHORT)
    assert last["paused"] == [] and last["written"]["salesforce"]["Lead"]["created"] == 7
    assert all(line["ok"] for line in last["reconciliation"])
    assert len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 12


def test_a_run_that_is_paused_ends_as_if_it_had_not_been(
    vendors: Vendors, troubled: Home, ways: tuple[Way, Way]
) -> None:
    """Both sides are switched off after the first batch; what two runs do then is what one would have done."""
    sync = ("--batch-size", "100", "--as-of", "2026-11-22T13:00:00Z")
    vendors.load(250)
    troubled.sync(*sync)
    whole = leads_of(vendors), troubled.rows("lead"), troubled.rows("person_key"), troubled.rows("assignment")
    vendors.load(250)
    shutil.rmtree(troubled.folder / ".crosswalk")
    troubled.do("setup")

    def both() -> None:
        paused(troubled, "hubspot")
        paused(troubled, "salesforce")

    when(ways[0], "POST", "search", 1, both)
    first = troubled.sync(*sync)
    assert first["paused"] == ["hubspot", "salesforce"]
    landed = next(step for step in first["steps"] if step["step"] == "land")
    assert 0 < landed["in"] < 250 and first["reconciliation"] == [] and vendors.ours("Lead") == {}
    (cursor,) = troubled.cursor()
    assert cursor["until"] is not None, "the window stays open where it was left"
    ways[0].clear()
    for name in first["paused"]:
        resumed(troubled, name)
    rest = troubled.sync(*sync)
    assert rest["paused"] == []
    parts = leads_of(vendors), troubled.rows("lead"), troubled.rows("person_key"), troubled.rows("assignment")
    assert parts == whole


def test_what_a_source_had_told_is_delivered(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    vendors.load(250)
    when(ways[0], "POST", "search", 1, lambda: paused(troubled, "hubspot"))
    first = troubled.sync("--batch-size", "100")
    assert first["paused"] == ["hubspot"]
    written = first["written"]["salesforce"]["Lead"]
    assert len(vendors.ours("Lead")) == written["created"] + written["updated"] > 0
    assert [line["what"] for line in first["reconciliation"]] == ["hub -> salesforce Lead", "hub -> salesforce Task"]
    assert all(line["ok"] for line in first["reconciliation"])


def test_the_switch_is_listed_and_explained(vendors: Vendors, home: Home) -> None:
    (contact,) = vendors.create([vendors.inquiry()])
    home.do("setup")
    before = {one["name"]: one for one in home.do("connections")}
    assert [before[name]["ceiling"] for name in ("hubspot", "salesforce")] == [2, 3]
    assert [one["paused_since"] for one in before.values()] == [None, None]
    assert [one["last_success"] for one in before.values()] == [None, None]
    paused(home, "salesforce", "--why", "CRM release weekend")
    assert home.do("pause", "salesforce")["changed"] is False
    ended = home.run("sync")
    assert ended.code == 0 and "paused salesforce was left alone" in " ".join(ended.out.split())
    now = {one["name"]: one for one in home.do("connections")}
    assert now["salesforce"]["why"] == "CRM release weekend" and now["salesforce"]["paused_by"]
    assert now["salesforce"]["paused_since"] and not now["salesforce"]["last_success"]
    assert now["hubspot"]["last_success"] and now["hubspot"]["paused_since"] is None
    assert "CRM release" in " ".join(home.run("connections").out.split())
    ahead = home.do("explain", contact)["next"]
    assert ahead and all("the connection salesforce is paused" in one for one in ahead)
    resumed(home, "salesforce")
    assert home.do("resume", "salesforce")["changed"] is False
    home.sync()
    assert home.do("connections")[1]["last_success"]
    (row,) = home.rows("pause", volatile=True)
    assert row["ended_by"] and row["ended_at"] > row["at"], "a pause that has ended is kept"


def test_a_name_that_is_none(vendors: Vendors, home: Home) -> None:
    assert home.run("pause", "salesforce").code == 2, "there is no hub to write it down in"
    home.do("setup")
    for command in ("pause", "resume"):
        ended = home.run(command, "pipedrive")
        assert ended.code == 2 and "there are: hubspot, salesforce" in ended.err
    assert home.rows("pause") == []


def test_a_dry_run_obeys_and_keeps_nothing(vendors: Vendors, home: Home, database_url: str) -> None:
    if database_url:
        home.settings["CROSSWALK_DATABASE_URL"] = home.database = database_url
    home.do("setup")
    vendors.create([vendors.inquiry() for _ in range(3)])
    paused(home, "hubspot")
    vendors.forget_requests()
    promised = home.sync("--dry-run")
    assert promised["paused"] == ["hubspot"] and promised["written"] == {}
    assert vendors.requests()["hubspot"] == 0
    resumed(home, "hubspot")
    paused(home, "salesforce")
    assert home.sync("--dry-run")["paused"] == ["salesforce"]
    assert home.rows("lead") == []


def test_no_lock_is_needed(vendors: Vendors, home: Home) -> None:
    """A run is in progress and holds the hub; the vendor is slow, and the switch is set meanwhile."""
    vendors.create([vendors.inquiry() for _ in range(30)])
    home.do("setup")
    vendors.control("settings", {"latency_ms": 150})
    try:
        running = home.start("sync", "--batch-size", "5", "--json")
        while not home.rows("lead") and running.lives(0.05):
            time.sleep(0.05)
        paused(home, "salesforce")
        summary = running.wait().document
    finally:
        vendors.control("settings", {"latency_ms": 0})
    assert summary["paused"] == ["salesforce"]
    assert len(vendors.ours("Lead")) < 30
    resumed(home, "salesforce")
    home.sync()
    assert len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 30


def test_the_way_back_obeys_as_well(vendors: Vendors, home: Home) -> None:
    """Marketing's side rests: what sales did is learned and waits. Then sales' side rests: it is not even asked."""
    home.do("setup")
    vendors.create([vendors.inquiry() for _ in range(4)])
    home.sync()
    vendors.control("work", {"steps": 2})
    paused(home, "hubspot")
    vendors.forget_requests()
    summary = home.do("return-outcomes")
    assert summary["paused"] == ["hubspot"] and summary["outcomes"]
    assert vendors.requests()["hubspot"] == 0 and "hubspot" not in summary["written"]
    resumed(home, "hubspot")
    paused(home, "salesforce")
    vendors.control("work", {"steps": 2, "seed": 2})
    vendors.forget_requests()
    summary = home.do("return-outcomes")
    assert summary["paused"] == ["salesforce"] and summary["outcomes"] == {}
    assert vendors.requests()["salesforce"] == 0
    assert summary["written"]["hubspot"]["contacts"]["updated"] == 4, "what had waited"
    resumed(home, "salesforce")
    summary = home.do("return-outcomes")
    assert summary["paused"] == [] and summary["outcomes"], "what sales did meanwhile"
