"""Rate limits: what the headers say, and the two ways of being told off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.hubspot.limits import RateGate, RateLimited

if TYPE_CHECKING:
    from conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"
DAILY = {"X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining"}
FULL = DAILY | {
    "X-HubSpot-RateLimit-Interval-Milliseconds",
    "X-HubSpot-RateLimit-Max",
    "X-HubSpot-RateLimit-Remaining",
    "X-HubSpot-RateLimit-Secondly",
    "X-HubSpot-RateLimit-Secondly-Remaining",
}


def test_search_replies_carry_the_reduced_headers(sandbox: Sandbox) -> None:
    listed, searched = sandbox.ask("GET", CONTACTS), sandbox.ask("POST", f"{CONTACTS}/search", {})
    for answer, expected in ((listed, FULL), (searched, DAILY)):
        lower = {name.lower() for name in expected}
        assert {name.lower() for name in answer.headers if "ratelimit" in name.lower()} == lower
        assert answer.headers["X-HubSpot-Correlation-Id"]
    assert listed.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert listed.headers["X-HubSpot-RateLimit-Max"] == "190"
    before = int(listed.headers["X-HubSpot-RateLimit-Remaining"])
    assert int(sandbox.ask("GET", CONTACTS).headers["X-HubSpot-RateLimit-Remaining"]) < before


def test_limits_are_off_until_switched_on(sandbox: Sandbox) -> None:
    assert {sandbox.ask("POST", f"{CONTACTS}/search", {}).status_code for _ in range(12)} == {200}
    sandbox.control("POST", "/settings", limits={"enforce": True, "ten_secondly": 3, "search_per_second": 2})
    answers = [sandbox.ask("POST", f"{CONTACTS}/search", {}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    body = answers[-1].json()
    assert body.pop("correlationId") == answers[-1].headers["X-HubSpot-Correlation-Id"]
    assert body == {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
    assert "Retry-After" not in answers[-1].headers

    answers = [sandbox.ask("GET", CONTACTS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    body = answers[-1].json()
    assert body["errorType"] == "RATE_LIMIT"
    assert body["policyName"] == "TEN_SECONDLY_ROLLING"
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert "category" not in body
    sandbox.control("POST", "/clock", advance_seconds=10)
    assert sandbox.ask("GET", CONTACTS).status_code == 200


def test_the_windows_roll() -> None:
    gate = RateGate()
    gate.change({"enforce": True, "ten_secondly": 2, "search_per_second": 1, "daily": 6})
    gate.admit(0.0, search=False)
    gate.admit(6.0, search=False)
    with pytest.raises(RateLimited):
        gate.admit(9.9, search=False)
    gate.admit(9.9, search=True)
    gate.admit(10.0, search=False)  # the first has left the window, the refused one was never in it
    with pytest.raises(RateLimited):
        gate.admit(15.9, search=False)
    gate.admit(16.0, search=False)
    headers = gate.admit(26.5, search=False)
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    with pytest.raises(RateLimited) as refused:
        gate.admit(99.0, search=False)
    assert refused.value.body["policyName"] == "DAILY"
