"""Rate limits: what the headers say, and the two ways of being told off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.hubspot.limits import Allowance, RateGate, RateLimited

if TYPE_CHECKING:
    import requests
    from conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"
LINKS = "/crm/v4/associations/contacts/companies/batch"
DAILY = {"X-HubSpot-RateLimit-Daily", "X-HubSpot-RateLimit-Daily-Remaining"}
FULL = DAILY | {
    "X-HubSpot-RateLimit-Interval-Milliseconds",
    "X-HubSpot-RateLimit-Max",
    "X-HubSpot-RateLimit-Remaining",
    "X-HubSpot-RateLimit-Secondly",
    "X-HubSpot-RateLimit-Secondly-Remaining",
}


def enforce(sandbox: Sandbox, **limits: int) -> None:
    sandbox.control("POST", "/settings", limits={"enforce": True, **limits})


@pytest.mark.parametrize("enforced", [False, True])
def test_search_replies_carry_the_reduced_headers(sandbox: Sandbox, enforced: bool) -> None:
    sandbox.control("POST", "/settings", limits={"enforce": enforced})
    listed, searched = sandbox.ask("GET", CONTACTS), sandbox.ask("POST", f"{CONTACTS}/search", {})
    linked = sandbox.ask("POST", f"{LINKS}/read", {"inputs": []})
    for answer, expected in ((listed, FULL), (searched, DAILY), (linked, FULL)):
        lower = {name.lower() for name in expected}
        assert {name.lower() for name in answer.headers if "ratelimit" in name.lower()} == lower
        assert answer.headers["X-HubSpot-Correlation-Id"]
    assert listed.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"


def test_the_headers_state_the_limits_that_are_enforced(sandbox: Sandbox) -> None:
    enforce(sandbox)
    listed = sandbox.ask("GET", CONTACTS).headers
    assert listed["X-HubSpot-RateLimit-Max"] == "190"
    assert listed["X-HubSpot-RateLimit-Remaining"] == "189"
    assert listed["X-HubSpot-RateLimit-Secondly"] == "19"
    assert sandbox.ask("GET", CONTACTS).headers["X-HubSpot-RateLimit-Remaining"] == "188"
    assert sandbox.ask("POST", f"{LINKS}/read", {"inputs": []}).headers["X-HubSpot-RateLimit-Max"] == "150"


def test_while_nothing_is_enforced_the_headers_state_what_nobody_reaches(sandbox: Sandbox) -> None:
    for path in (CONTACTS, CONTACTS, "/crm/v3/owners"):
        headers = sandbox.ask("GET", path).headers
        for name in ("Max", "Remaining", "Secondly", "Secondly-Remaining"):
            assert headers[f"X-HubSpot-RateLimit-{name}"] == "1000000"


def test_limits_are_off_until_switched_on(sandbox: Sandbox) -> None:
    assert {sandbox.ask("POST", f"{CONTACTS}/search", {}).status_code for _ in range(12)} == {200}
    enforce(sandbox, ten_secondly=3, search_per_second=2)
    answers = [sandbox.ask("POST", f"{CONTACTS}/search", {}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    body = answers[-1].json()
    assert body.pop("correlationId") == answers[-1].headers["X-HubSpot-Correlation-Id"]
    assert body == {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
    assert "Retry-After" not in answers[-1].headers

    answers = [sandbox.ask("GET", CONTACTS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert_gateway(answers[-1].json(), "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.")
    sandbox.control("POST", "/clock", advance_seconds=10)
    assert sandbox.ask("GET", CONTACTS).status_code == 200


def assert_gateway(body: dict[str, Any], policy: str, message: str) -> None:
    assert (body["errorType"], body["policyName"], body["message"]) == ("RATE_LIMIT", policy, message)
    assert "category" not in body


CALLS: list[tuple[str, str, Any]] = [
    ("GET", CONTACTS, None),
    ("GET", "/crm/v3/objects/deals/1", None),
    ("POST", "/crm/v3/objects/notes", {"properties": {}}),
    ("POST", "/crm/v3/objects/companies/batch/read", {"inputs": []}),
    ("POST", "/crm/v3/objects/contacts/batch/upsert", {"inputs": []}),
    ("GET", "/crm/v3/properties/tasks", None),
    ("GET", "/crm/v3/owners", None),
    ("GET", "/account-info/v3/details", None),
]
LINK_CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/crm/v4/objects/contacts/1/associations/companies", None),
    ("PUT", "/crm/v4/objects/contacts/1/associations/default/companies/1", None),
    ("DELETE", "/crm/objects/2026-03/contacts/1/associations/companies/1", None),
    ("POST", f"{LINKS}/read", {"inputs": []}),
    ("POST", f"{LINKS}/create", {"inputs": []}),
    ("POST", "/crm/associations/2026-09/deals/contacts/batch/archive", {"inputs": []}),
]
SEARCHES: list[tuple[str, str, Any]] = [
    ("POST", f"/crm/v3/objects/{name}/search", {}) for name in ("contacts", "companies", "notes")
]


@pytest.mark.parametrize(
    ("calls", "limits", "policy"),
    [
        (CALLS, {"ten_secondly": 1}, "TEN_SECONDLY_ROLLING"),
        (CALLS + SEARCHES, {"daily": 1}, "DAILY"),
        (LINK_CALLS, {"associations_ten_secondly": 1}, "TEN_SECONDLY_ROLLING"),
        (LINK_CALLS, {"associations_daily": 1}, "DAILY"),
        (SEARCHES, {"search_per_second": 1}, None),
    ],
)
def test_every_endpoint_is_charged_to_its_allowance(
    sandbox: Sandbox, calls: list[tuple[str, str, Any]], limits: dict[str, int], policy: str | None
) -> None:
    enforce(sandbox, **{"associations_ten_secondly": 150, "associations_daily": 500_000, **limits})
    assert sandbox.ask(*calls[0]).status_code != 429
    for call in calls:
        refused = sandbox.ask(*call)
        assert refused.status_code == 429, call
        assert refused.json().get("policyName") == policy, call
    others = [call for table in (CALLS, LINK_CALLS) if calls[0] not in table for call in table]
    assert {sandbox.ask(*call).status_code for call in others}.isdisjoint({429})


def test_the_windows_roll() -> None:
    gate = RateGate()
    gate.change({"enforce": True, "ten_secondly": 2, "search_per_second": 1, "daily": 6})
    gate.admit(0.0, Allowance.CALLS)
    gate.admit(6.0, Allowance.CALLS)
    with pytest.raises(RateLimited):
        gate.admit(9.9, Allowance.CALLS)
    gate.admit(9.9, Allowance.SEARCH)
    gate.admit(10.0, Allowance.CALLS)  # the first has left the window, the refused one was never in it
    with pytest.raises(RateLimited):
        gate.admit(15.9, Allowance.CALLS)
    gate.admit(16.0, Allowance.CALLS)
    headers = gate.admit(26.5, Allowance.CALLS)
    assert headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    with pytest.raises(RateLimited) as refused:
        gate.admit(99.0, Allowance.CALLS)
    assert refused.value.body["policyName"] == "DAILY"
    gate.admit(99.0, Allowance.ASSOCIATIONS)


def test_each_app_has_a_burst_of_its_own_and_all_share_the_rest(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/private-app", token="pat-na1-other", scopes=["crm.objects.contacts.read"])
    names = ("client_id", "client_secret", "refresh_token")
    asked = {"grant_type": "refresh_token", **{name: sandbox.hubspot[name] for name in names}}
    granted = sandbox.session.post(sandbox.hubspot["url"] + "/oauth/v3/token", data=asked, timeout=30)
    assert not [name for name in granted.headers if "ratelimit" in name.lower()]  # it is charged to nobody
    oauth = granted.json()["access_token"]

    def listed(token: str, tail: str = "", method: str = "GET") -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"}
        body: dict[str, Any] | None = {} if method == "POST" else None
        url = sandbox.hubspot["url"] + CONTACTS + tail
        return sandbox.session.request(method, url, json=body, headers=headers, timeout=30)

    enforce(sandbox, ten_secondly=2, oauth_ten_secondly=3, search_per_second=2, daily=10)
    own = sandbox.hubspot["token"]
    assert [listed(own).status_code for _ in range(3)] == [200, 200, 429]
    assert [listed("pat-na1-other").status_code for _ in range(2)] == [200, 200]
    answers = [listed(oauth) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "3"
    assert not [name for name in answers[0].headers if "daily" in name.lower()]
    searches = [listed(token, "/search", "POST") for token in (own, oauth, "pat-na1-other")]
    assert [answer.status_code for answer in searches] == [200, 200, 429]
    assert searches[2].json()["category"] == "RATE_LIMITS"
    sandbox.control("POST", "/clock", advance_seconds=11)
    assert listed(oauth).status_code == 200
    spent = listed("pat-na1-other")
    assert (spent.status_code, spent.json()["policyName"]) == (429, "DAILY")
    sandbox.control("POST", "/clock", advance_seconds=86_400)  # midnight passes
    assert listed("pat-na1-other").headers["X-HubSpot-RateLimit-Daily-Remaining"] == "9"
