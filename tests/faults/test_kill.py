"""Killed at any instant and run again, the vendors and the hub end as after one clean run (promise 2)."""

import random
from pathlib import Path

import pytest

from tests.faults.deaths import AtCall, AtTime, Death, Deaths, assert_nothing_twice, crm, hub
from tests.home import Home, assert_conserved
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
        self.vendors.load(CONTACTS)
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


def plan(chance: random.Random, calls: int, seconds: float, kills: int) -> list[list[Death]]:
    """So many deaths, in roads of one to five each, spread over all calls and over the time between them."""
    deaths: list[Death] = []
    for number in range(kills):
        if number % 3 == 2:
            deaths.append(AtTime(chance.uniform(0, seconds)))
        else:
            spread = 1 + (number * calls) // kills
            deaths.append(AtCall(min(calls, spread + chance.randint(0, 1)), chance.choice(("before", "after"))))
    chance.shuffle(deaths)
    roads: list[list[Death]] = []
    while deaths:
        size = min(len(deaths), chance.choice((4, 5, 6)))
        roads.append([deaths.pop() for _ in range(size)])
    return roads


def test_killed_again_and_again(vendors: Vendors, deaths: Deaths, tmp_path: Path) -> None:
    road = Road(vendors, deaths, tmp_path / "linked")
    road.clean()
    killed = 0
    for number, some in enumerate(plan(random.Random(20261116), road.calls, road.seconds, KILLS)):
        road.start_anew()
        for death in some:
            killed += deaths.die(death).code == -9
        try:
            road.finish()
        except AssertionError as error:
            error.add_note(f"road {number}: {some}")
            raise
    # A run that resumes near its end may be over before its death; most must have died.
    assert killed >= KILLS * 0.6, killed
    while killed < KILLS:
        road.start_anew()
        killed += deaths.die(AtCall(1 + killed % road.calls, "after")).code == -9
        road.finish()


def test_killed_on_postgresql(vendors: Vendors, deaths: Deaths, postgres_url: str, tmp_path: Path) -> None:
    """The server frees what a dead run held."""
    deaths.home.settings["CROSSWALK_DATABASE_URL"] = deaths.home.database = postgres_url
    road = Road(vendors, deaths, tmp_path / "linked")
    chance = random.Random(7)
    for _ in range(KILLS_ON_POSTGRESQL):
        deaths.die(AtCall(chance.randint(1, 14), chance.choice(("before", "after"))))
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
