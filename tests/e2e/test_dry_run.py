"""A dry run changes nothing at all: no cursor, counter, alert, file or vendor record."""

from pathlib import Path
from typing import Any

import pytest

from tests.home import Home
from tests.vendors import Vendors

SIDE_FILES = ("-wal", "-shm")
"""SQLite's own, which come and go with whoever has the database open."""
REHEARSALS = {
    "sync": ("sync", "--dry-run"),
    "return": ("return-outcomes", "--dry-run"),
    "link": ("link", "--dry-run"),
    "redecide": ("redecide",),
    "release": ("quarantine", "release", "--reason", "NOT_CONTACTABLE", "--why", "only to see"),
    "discard": ("quarantine", "discard", "--reason", "NOT_CONTACTABLE", "--why", "only to see"),
}


def everything(vendors: Vendors, home: Home) -> dict[str, Any]:
    """All that a command could have changed: every row of the hub, every record of both vendors, every file."""
    files = {name: digest for name, (_, digest) in home.files().items() if not name.endswith(SIDE_FILES)}
    return {"hub": home.content(), "vendors": vendors.dump(), "files": files}


def counts(document: dict[str, object]) -> object:
    return (
        document["written"],
        document["reasons"],
        [{name: step[name] for name in ("step", "in", "passed", "emitted")} for step in document["steps"]],
    )


@pytest.mark.feature("NRM-03")
def test_before_the_first_run(vendors: Vendors, home: Home) -> None:
    """There is no database yet, and no key; there is none afterwards either."""
    vendors.load(150)
    files, world = home.files(), vendors.dump()
    promised = home.sync("--dry-run")
    assert promised["dry_run"] is True and promised["written"]["salesforce"]["Lead"]["created"] > 50
    assert home.files() == files
    assert not (home.folder / ".crosswalk").exists()
    assert vendors.dump() == world and vendors.writes() == {}
    assert counts(home.sync()) == counts(promised), "what was promised is what is done"


@pytest.mark.slow
@pytest.mark.feature("NRM-03")
def test_between_two_runs(vendors: Vendors, home: Home, database_url: str) -> None:
    if database_url:
        home.settings["CROSSWALK_DATABASE_URL"] = home.database = database_url
    contacts = vendors.create([vendors.inquiry() for _ in range(20)])
    home.sync()
    vendors.create([vendors.inquiry() for _ in range(5)] + [vendors.inquiry(email="", phone="")])
    vendors.change(contacts[0], desired_timeline="Within a month")
    world, hub, files = vendors.dump(), home.content(), home.files()
    vendors.forget_requests()
    promised = home.sync("--dry-run")
    assert promised["written"]["salesforce"]["Lead"] == {"created": 5, "updated": 1, "unchanged": 0, "failed": 0}
    assert vendors.dump() == world and vendors.writes() == {}
    assert home.content() == hub
    assert home.files() == files
    assert promised["run_id"] not in {run["run_id"] for run in home.rows("run", volatile=True)}
    assert counts(home.sync()) == counts(promised)


def test_a_dry_run_that_fails_leaves_nothing_either(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry(email="" if n % 2 else f"p{n}@inbox.example.org") for n in range(40)])
    files = home.files()
    ended = home.run("sync", "--dry-run")
    assert ended.code == 1 and "raw" in ended.err
    assert home.files() == files


def test_a_planned_link_stores_nothing(vendors: Vendors, home: Home) -> None:
    vendors.load(100)
    planned = home.do("link", "--dry-run")
    assert home.rows("link") == [] and home.rows("person") == []
    assert home.do("link")["counts"] == planned["counts"]
    assert Path(home.folder / ".crosswalk").exists()


@pytest.mark.slow
@pytest.mark.feature("GOV-09")
def test_a_hub_with_history(vendors: Vendors, home: Home, database_url: str) -> None:
    """After real runs and real work of sales there is something to do for every command; none of it is done."""
    if database_url:
        home.settings["CROSSWALK_DATABASE_URL"] = home.database = database_url
    vendors.load(200)
    home.do("setup")
    home.sync()
    vendors.control("work", {"steps": 3})
    home.do("return-outcomes")
    vendors.control("work", {"steps": 2, "seed": 2})
    contacts = vendors.create([vendors.inquiry() for _ in range(3)])
    vendors.change(contacts[0], desired_timeline="Within a month")
    home.write("mappings/rules/qualification.yaml", "patient: {fit: 40, intent: 30}", "patient: {fit: 20, intent: 20}")
    before = everything(vendors, home)
    vendors.forget_requests()
    told = {name: home.run(*command, "--json") for name, command in REHEARSALS.items()}
    assert {name: (ended.code, ended.err) for name, ended in told.items()} == dict.fromkeys(REHEARSALS, (0, ""))
    assert told["sync"].document["written"]["salesforce"]["Lead"]["created"] >= 3
    assert told["return"].document["written"]["hubspot"]["contacts"]["updated"] > 0
    assert told["redecide"].document["moves"] and told["release"].document
    assert vendors.writes() == {}, "every request only read"
    after = everything(vendors, home)
    assert [name for name in before["hub"] if before["hub"][name] != after["hub"][name]] == []
    assert before["files"] == after["files"]
    assert before["vendors"] == after["vendors"]
    promised = told["return"].document
    assert counts(home.do("return-outcomes")) == counts(promised), "what was promised is what is done"
    assert vendors.writes() != {}, "and the log of requests would have shown it"
