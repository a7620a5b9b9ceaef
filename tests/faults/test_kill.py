"""Killed at any instant and run again, the vendors and the hub end as after one clean run (promise 2)."""

import random
from pathlib import Path

import pytest

from tests.faults.deaths import AtCall, AtTime, Death, Deaths, assert_nothing_twice, crm, hub
from tests.home import assert_conserved
from tests.vendors import Vendors

pytestmark = [pytest.mark.slow, pytest.mark.feature("NRM-03", "HND-04"), pytest.mark.timeout(300)]

KILLS = 50
KILLS_ON_POSTGRESQL = 5
CONTACTS = 100


class Road:
    """One world from before the first inquiry to delivered, again and again."""

    def __init__(self, vendors: Vendors, deaths: Deaths, folder: Path) -> None:
        self.vendors, self.deaths, self.home, self.folder = vendors, deaths, deaths.home, folder
        vendors.load(CONTACTS)
        self.home.do("link")
        if not self.home.settings.get("CROSSWALK_DATABASE_URL"):
            self.home.keep(folder)
            vendors.control("snapshot", {"name": "linked"})
        addresses = [one["Email"].lower() for one in vendors.records("Lead") if one.get("Email")]
        self.twins = {one for one in addresses if addresses.count(one) > 1}

    def clean(self) -> None:
        """Run once without trouble; everything else is compared with how this ends."""
        ended = self.deaths.run()
        assert ended.code == 0, ended.err
        self.calls = sum(ended.document["api_calls"].values())
        self.seconds = ended.document["seconds"]
        self.crm, self.hub = crm(self.vendors), hub(self.home)
        assert len(self.vendors.ours("Lead")) > CONTACTS // 3

    def start_anew(self) -> None:
        self.vendors.control("restore", {"name": "linked"})
        self.home.restore(self.folder)

    def finish(self) -> None:
        """Run to the end and compare."""
        ended = self.deaths.run()
        assert ended.code == 0, ended.err
        assert_conserved(ended.document["steps"])
        assert_nothing_twice(self.vendors, self.twins)
        assert crm(self.vendors) == self.crm
        found = hub(self.home)
        for table, rows in self.hub.items():
            assert found[table] == rows, table


def next_death(chance: random.Random, left: int, seconds: float) -> Death:
    """Some way into what is left to do: at a call, or between two."""
    if chance.random() < 0.3:
        return AtTime(chance.uniform(0, seconds))
    return AtCall(chance.randint(1, max(3, left // 2)), chance.choice(("before", "after")))


def test_killed_again_and_again(vendors: Vendors, deaths: Deaths, tmp_path: Path) -> None:
    """Roads of several deaths each, from the first call to the last, until there have been enough."""
    chance = random.Random(20261116)
    road = Road(vendors, deaths, tmp_path / "linked")
    road.clean()
    killed = 0
    while killed < KILLS:
        road.start_anew()
        died: list[Death] = []
        left = road.calls
        while left > 2 and killed < KILLS:
            died.append(next_death(chance, left, road.seconds * left / road.calls))
            if deaths.die(died[-1]).code != -9:
                break  # it was over before
            killed += 1
            left -= max(len(deaths.calls) - 2, 1)
        try:
            road.finish()
        except AssertionError as error:
            error.add_note(f"after {died}")
            raise


def test_killed_on_postgresql(vendors: Vendors, deaths: Deaths, postgres_url: str, tmp_path: Path) -> None:
    """The server frees what a dead run held."""
    deaths.home.settings["CROSSWALK_DATABASE_URL"] = deaths.home.database = postgres_url
    road = Road(vendors, deaths, tmp_path / "linked")
    chance = random.Random(7)
    for _ in range(KILLS_ON_POSTGRESQL):
        deaths.die(next_death(chance, 10, 1.0))
    ended = deaths.run()
    assert ended.code == 0, ended.err
    assert_conserved(ended.document["steps"])
    assert_nothing_twice(vendors, road.twins)
    after = crm(vendors)
    again = deaths.run()
    assert again.document["written"] == {} and crm(vendors) == after

    deaths.home.database = f"sqlite:///{deaths.home.folder}/.crosswalk/hub.db"
    del deaths.home.settings["CROSSWALK_DATABASE_URL"]
    clean = Road(vendors, deaths, tmp_path / "clean")
    clean.clean()
    assert clean.crm == after, "both databases end the same"
