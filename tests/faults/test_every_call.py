"""Each fault at each call of a run in turn: run again, the vendors and the hub end as after one clean run."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.faults.again import Road, noting
from tests.forks import DIES_AT_COMMIT

pytestmark = [pytest.mark.slow, pytest.mark.feature("NRM-03", "HND-04"), pytest.mark.timeout(300)]

FAULTS: dict[str, dict[str, Any]] = {
    "server-error": {"kind": "status", "status": 500},
    "gateway": {"kind": "status", "status": 502},
    "unavailable": {"kind": "status", "status": 503},
    "lost-answer": {"kind": "status", "status": 504, "when": "after"},
    "burst-limit": {"kind": "rate_limit", "limit": "burst"},
    "daily-limit": {"kind": "rate_limit", "limit": "daily"},
    "locked": {"kind": "status", "status": 423},
    "reset-before": {"kind": "reset", "when": "before"},
    "reset-after": {"kind": "reset", "when": "after"},
    "truncated": {"kind": "truncated"},
    "cut-off": {"kind": "truncated", "honest_length": True},
    "garbled": {"kind": "garbled"},
    "maintenance-page": {"kind": "content_type"},
    "expired-token": {"kind": "expire_token", "system": "salesforce"},
    "delivered-twice": {"kind": "duplicate", "what": "request"},
    "row-twice": {"kind": "duplicate", "what": "rows"},
    "stale-read": {"kind": "stale", "endpoint": "GET *"},
}


def at_every_call(road: Road, fault: dict[str, Any]) -> None:
    strikes = 0
    for number, call in enumerate(road.calls, start=1):
        with noting(f"{fault} at call {number}: {call}"):
            strikes += road.strike(fault, number)
            road.compare()
    assert strikes > len(road.calls) // 3


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


def test_killed_at_each_step_on_the_way_there(there: Road) -> None:
    at_every_boundary(there)


def test_killed_at_each_step_on_the_way_back(back: Road) -> None:
    at_every_boundary(back)
