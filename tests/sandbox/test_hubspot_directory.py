"""Owners, the account, and how paths and bodies that are none are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.scenarios.model import SCENARIO_NOW, Scenario

if TYPE_CHECKING:
    from conftest import Sandbox

PORTAL_ID = 48_000_155


@pytest.fixture
def lakeshore(sandbox: Sandbox) -> Sandbox:
    sandbox.reset(scenario="lakeshore", contacts=150)
    return sandbox


def test_owners_are_listed_paged_and_found(lakeshore: Sandbox) -> None:
    owners = lakeshore.ask("GET", "/crm/v3/owners?limit=500").json()["results"]
    assert len(owners) > 2
    assert {owner["archived"] for owner in owners} == {False}
    seen: list[str] = []
    after = ""
    while True:
        page = lakeshore.ask("GET", f"/crm/v3/owners?limit=2{after}").json()
        seen += [owner["id"] for owner in page["results"]]
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert seen == [owner["id"] for owner in owners]
    first = owners[0]
    assert first["id"] != str(first["userId"])
    by_mail = lakeshore.ask("GET", f"/crm/v3/owners?email={first['email'].upper()}").json()["results"]
    assert [owner["id"] for owner in by_mail] == [first["id"]]
    by_user = lakeshore.ask("GET", f"/crm/owners/2026-03/{first['userId']}?idProperty=userId").json()
    assert by_user == lakeshore.ask("GET", f"/crm/v3/owners/{first['id']}").json() == first
    assert lakeshore.ask("GET", f"/crm/v3/owners/{first['id']}?archived=true").status_code == 404
    assert lakeshore.ask("GET", "/crm/v3/owners/4711").json()["category"] == "OBJECT_NOT_FOUND"
    assert lakeshore.ask("GET", "/crm/v3/owners?limit=501").status_code == 400


def test_an_owner_may_be_in_teams() -> None:
    teams = [{"id": "12", "name": "Imaging", "primary": True}]
    owner = {"id": 5, "email": "kim@example.org", "firstName": "Kim", "lastName": "Lee", "userId": 9, "teams": teams}
    scenario = Scenario("teams", SCENARIO_NOW, [], [owner], [], {})
    portal = Portal(Clock(SCENARIO_NOW))
    portal.load(scenario)
    assert portal.owners[0]["teams"] == teams
    assert (portal.owners[0]["id"], portal.owners[0]["userIdIncludingInactive"]) == ("5", 9)


def test_the_legacy_owners_endpoint(lakeshore: Sandbox) -> None:
    current = lakeshore.ask("GET", "/crm/v3/owners?limit=500").json()["results"]
    gone = lakeshore.ask("GET", "/crm/v3/owners?limit=500&archived=true").json()["results"]
    legacy = lakeshore.ask("GET", "/owners/v2/owners").json()
    assert [owner["ownerId"] for owner in legacy] == [int(owner["id"]) for owner in current]
    assert legacy[0]["portalId"] == PORTAL_ID
    assert isinstance(legacy[0]["createdAt"], int)
    assert legacy[0]["remoteList"][0]["remoteId"] == str(current[0]["userId"])
    everybody = lakeshore.ask("GET", "/owners/v2/owners/?includeInactive=true").json()
    assert len(everybody) == len(current) + len(gone)
    assert [owner["isActive"] for owner in everybody].count(False) == len(gone)
    assert lakeshore.ask("GET", f"/owners/v2/owners/{current[0]['id']}").json() == legacy[0]
    assert lakeshore.ask("GET", "/owners/v2/owners/4711").status_code == 404


def test_the_account(sandbox: Sandbox) -> None:
    assert sandbox.ask("GET", "/integrations/v1/me").json() == {
        "portalId": PORTAL_ID,
        "timeZone": "US/Eastern",
        "currency": "USD",
        "utcOffsetMilliseconds": -18_000_000,
        "utcOffset": "-05:00",
    }
    for path in ("/account-info/v3", "/account-info/2026-03"):
        assert sandbox.ask("GET", f"{path}/details").json()["portalId"] == PORTAL_ID
    before = sandbox.ask("GET", "/account-info/v3/api-usage/daily/private-apps").json()["results"][0]
    after = sandbox.ask("GET", "/account-info/2026-03/api-usage/daily/private-apps").json()["results"][0]
    assert after["currentUsage"] == before["currentUsage"] + 1
    assert (after["usageLimit"], after["fetchStatus"]) == (625_000, "SUCCESS")
    assert after["resetsAt"] == "2026-11-17T05:00:00.000Z"  # midnight on the US East coast


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/crm/v3/nothing", 404, "resource not found"),
        ("GET", "/", 404, "resource not found"),
        ("DELETE", "/crm/v3/owners", 405, "HTTP method not allowed for this resource"),
        ("PUT", "/crm/v3/objects/contacts", 405, "HTTP method not allowed for this resource"),
    ],
)
def test_paths_and_methods_that_are_none(sandbox: Sandbox, method: str, path: str, status: int, message: str) -> None:
    answer = sandbox.ask(method, path)
    assert (answer.status_code, answer.json()["message"]) == (status, message)
    assert answer.json()["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


def test_an_api_version_that_is_none(sandbox: Sandbox) -> None:
    assert sandbox.ask("GET", "/crm/objects/2024-01/contacts").status_code == 404
    assert sandbox.ask("GET", "/crm/lists/2024-01/1").status_code == 404
