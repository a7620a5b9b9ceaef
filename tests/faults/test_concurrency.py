"""One run at a time: the second says so and leaves the first alone."""

import threading
from contextlib import closing

import pytest

from crosswalk.store.hub import Hub
from tests.faults.deaths import crm
from tests.home import Home, assert_conserved
from tests.vendors import Vendors
from tests.way import Way


@pytest.mark.feature("NRM-03")
def test_two_at_once(vendors: Vendors, troubled: Home, ways: tuple[Way, Way], database_url: str) -> None:
    if database_url:
        troubled.settings["CROSSWALK_DATABASE_URL"] = troubled.database = database_url
    vendors.create([vendors.inquiry() for _ in range(20)])
    arrived, go_on = threading.Event(), threading.Event()

    def hold_the_first_write(when: str, method: str, path: str) -> None:
        if when == "before" and method == "PATCH":
            arrived.set()
            go_on.wait(60)

    ways[1].watch = hold_the_first_write
    first = troubled.start("sync", "--json")
    try:
        assert arrived.wait(60)
        second = troubled.run("sync", "--json")
        assert second.code == 1 and second.out == ""
        assert "another run is in progress" in second.err
        for command in (("ledger",), ("quarantine", "list"), ("doctor",)):
            assert troubled.run(*command).code in {0, 1}, "looking is allowed meanwhile"
        link = troubled.run("link")
        assert link.code == 1 and "another run is in progress" in link.err
    finally:
        go_on.set()
    ended = first.wait()
    assert ended.code == 0, ended.err
    assert_conserved(ended.document["steps"])
    assert ended.document["written"]["salesforce"]["Lead"]["created"] == 20
    assert len(vendors.records("Lead")) == len(vendors.records("Task")) == 20
    states = [row["state"] for row in troubled.rows("run")]
    assert states == ["done"], "the second run has left no trace"
    before = crm(vendors)
    assert troubled.sync()["written"] == {} and crm(vendors) == before


def test_several_at_once_from_the_start(vendors: Vendors, home: Home) -> None:
    """Whoever is first does it; there is not even a database yet."""
    vendors.create([vendors.inquiry() for _ in range(20)])
    ended = [running.wait() for running in [home.start("sync", "--json") for _ in range(4)]]
    assert sum(one.code == 0 for one in ended) >= 1
    assert all("another run is in progress" in one.err for one in ended if one.code), [one.err for one in ended]
    home.sync()
    assert len(vendors.records("Lead")) == len(vendors.records("Task")) == 20
    assert len(vendors.ours("Lead")) == 20


def test_a_killed_run_frees_the_hub_at_once(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    vendors.create([vendors.inquiry()])
    arrived = threading.Event()

    def stop_here(when: str, method: str, path: str) -> None:
        if when == "before" and method == "PATCH" and not arrived.is_set():
            arrived.set()
            running.kill()

    ways[1].watch = stop_here
    running = troubled.start("sync", "--json")
    assert running.wait().code == -9 and arrived.is_set()
    assert troubled.sync()["written"]["salesforce"]["Task"]["created"] == 1
    assert sorted(row["state"] for row in troubled.rows("run")) == ["abandoned", "done"]


def test_the_hub_is_free_as_soon_as_a_run_is_over(postgres_url: str) -> None:
    """A server ends a session some time after its client has gone; the next run does not wait for that."""
    with closing(Hub.open(postgres_url)) as hub:
        for _ in range(30):
            with hub.exclusive():
                pass
