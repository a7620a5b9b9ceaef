"""A dry run changes nothing at all: no cursor, counter, alert, file or vendor record."""

from pathlib import Path

import pytest

from tests.home import Home
from tests.vendors import Vendors


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
