"""Each fault at each call of a run in turn: run again, the vendors and the hub end as after one clean run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from tests.faults.again import Road, noting
from tests.forks import DIES_AT_COMMIT

pytestmark = [pytest.mark.slow, pytest.mark.feature("NRM-03", "HND-04"), pytest.mark.timeout(300)]

AT_ONCE = {"Retry-After": "0"}
PASSING: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 423, "headers": AT_ONCE},
)
"""Nothing was done and it passes: the hub takes all of them alike, so they take turns."""

FAULTS: dict[str, tuple[dict[str, Any], ...]] = {
    "passing": PASSING,
    "passing, other turns": PASSING[2:] + PASSING[:2],
    "burst-limit": ({"kind": "rate_limit", "system": "hubspot", "headers": AT_ONCE},),
    "lost-answer": ({"kind": "status", "status": 504, "when": "after"},),
    "daily-limit": ({"kind": "rate_limit", "limit": "daily"},),
    "reset-before": ({"kind": "reset", "when": "before"},),
    "reset-after": ({"kind": "reset", "when": "after"},),
    "truncated": ({"kind": "truncated"},),
    "cut-off": ({"kind": "truncated", "honest_length": True},),
    "garbled": ({"kind": "garbled"},),
    "maintenance-page": ({"kind": "content_type"},),
    "expired-token": ({"kind": "expire_token", "endpoint": "*/services/data/*"},),
    "delivered-twice": ({"kind": "duplicate", "what": "request"},),
    "row-twice": ({"kind": "duplicate", "what": "rows"},),
    "stale-read": ({"kind": "stale", "endpoint": "GET *"},),
}


def at_every_call(road: Road, faults: Sequence[dict[str, Any]]) -> None:
    """A fault that is about some endpoints only is at an end before the road is."""
    for number, call in enumerate(road.calls, start=1):
        fault = faults[number % len(faults)]
        with noting(f"{fault} at call {number}, which in a clean run is {call}"):
            if not road.strike(fault, number):
                break
            road.compare()
    assert number > 1


def at_every_boundary(road: Road) -> None:
    """Dead in the instant after each transaction that the hub commits, which is where its steps end."""
    for number in itertools.count(1):
        road.start_anew()
        road.home.settings[DIES_AT_COMMIT] = str(number)
        died = road.home.run(*road.command)
        del road.home.settings[DIES_AT_COMMIT]
        if died.code == 0:
            break
        assert died.code == -9, died.err
        with noting(f"dead after transaction {number}"):
            road.finish()
            road.compare()
    assert number > 10


@pytest.mark.parametrize("name", FAULTS)
def test_on_the_way_there(there: Road, name: str) -> None:
    at_every_call(there, FAULTS[name])


@pytest.mark.parametrize("name", FAULTS)
def test_on_the_way_back(back: Road, name: str) -> None:
    at_every_call(back, FAULTS[name])


def test_killed_at_each_step_on_the_way_there(gated_there: Road) -> None:
    at_every_boundary(gated_there)


def test_killed_at_each_step_on_the_way_back(gated_back: Road) -> None:
    at_every_boundary(gated_back)
