"""`/_sandbox/`: what only a test may do."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

PLAN = {"scenario": "lakeshore", "contacts": 150, "seed": 3}


def test_the_routes_describe_themselves(sandbox: Sandbox) -> None:
    routes = sandbox.control("GET", "/")["routes"]
    assert {(route["method"], route["path"]) for route in routes} >= {
        ("POST", "/_sandbox/reset"),
        ("GET", "/_sandbox/inspect"),
        ("GET", "/_sandbox/dump"),
        ("DELETE", "/_sandbox/requests"),
        ("POST", "/_sandbox/clock"),
        ("POST", "/_sandbox/settings"),
    }
    assert all(route["does"] for route in routes)


def test_reset_returns_to_the_scenario_it_was_started_with(sandbox: Sandbox) -> None:
    loaded = sandbox.control("POST", "/load", **PLAN)
    assert loaded["hubspot"]["contacts"] > 100
    assert loaded["truth"]
    assert sandbox.control("POST", "/reset")["hubspot"]["contacts"] == 0
    assert sandbox.control("POST", "/reset", **PLAN)["hubspot"] == loaded["hubspot"]


def test_the_same_plan_makes_the_same_world_and_a_write_shows_in_the_dump(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/load", **PLAN)
    first = sandbox.control("GET", "/dump")
    sandbox.control("POST", "/load", **PLAN)
    assert sandbox.control("GET", "/dump") == first
    assert set(first) == {"hubspot", "salesforce"}
    contact = first["hubspot"]["contacts"][0]
    sandbox.ask("PATCH", f"/crm/v3/objects/contacts/{contact['id']}", {"properties": {"city": "Nowhere"}})
    after = sandbox.control("GET", "/dump?system=hubspot")
    assert set(after) == {"hubspot"}
    assert after["hubspot"]["contacts"][0]["properties"]["city"] == "Nowhere"
    assert after["hubspot"]["contacts"][1:] == first["hubspot"]["contacts"][1:]
    slim = sandbox.control("GET", "/dump?exclude=city,phone")
    assert all("city" not in row["properties"] for row in slim["hubspot"]["contacts"])


def test_inspect_shows_records_a_page_at_a_time(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/load", **PLAN)
    page = sandbox.control("GET", "/inspect?system=hubspot&object=contacts&limit=3&offset=2")
    assert len(page["records"]) == 3
    assert page["total"] > 100
    assert page["records"] == sandbox.control("GET", "/dump?times=true")["hubspot"]["contacts"][2:5]
    assert sandbox.control("GET", "/inspect?system=salesforce&object=Lead&limit=1")["system"] == "salesforce"


def test_requests_are_counted_per_system_and_endpoint(sandbox: Sandbox) -> None:
    sandbox.ask("GET", "/crm/v3/objects/contacts")
    sandbox.ask("GET", "/crm/v3/objects/contacts/1")
    sandbox.ask("GET", "/crm/v3/objects/contacts/2")
    sandbox.ask("GET", "/crm/objects/2026-03/contacts")
    sandbox.ask("GET", "/no/such/thing")
    counts = sandbox.control("GET", "/requests")
    first, last = counts["hubspot"].pop("first"), counts["hubspot"].pop("last")
    assert first.keys() == last.keys() == counts["hubspot"]["by_endpoint"].keys()
    assert all((first[name] < last[name]) == (count > 1) for name, count in counts["hubspot"]["by_endpoint"].items())
    assert counts["hubspot"] == {
        "total": 5,
        "by_endpoint": {
            "GET (no such endpoint)": 1,
            "GET /crm/objects/{version}/{object_type}": 1,
            "GET /crm/v3/objects/{object_type}": 1,
            "GET /crm/v3/objects/{object_type}/{object_id}": 2,
        },
        "by_status": {"200": 2, "404": 3},
    }
    assert counts["salesforce"]["total"] == 0
    assert counts["control"]["total"] >= 1
    assert sandbox.control("DELETE", "/requests")["hubspot"]["total"] == 0


def test_the_clock_can_be_frozen_moved_and_let_go(sandbox: Sandbox) -> None:
    frozen = sandbox.control("POST", "/clock", now="2027-01-02T03:04:05Z", frozen=True)
    assert frozen == {"now": "2027-01-02T03:04:05.000Z", "frozen": True}
    assert sandbox.control("GET", "/clock") == frozen
    moved = sandbox.control("POST", "/clock", advance_seconds=90)
    assert moved["now"] == "2027-01-02T03:05:35.000Z"
    answer = sandbox.ask("GET", "/crm/v3/objects/contacts")
    assert parsedate_to_datetime(answer.headers["Date"]) == datetime.fromisoformat("2027-01-02T03:05:35Z")
    made = sandbox.ask("POST", "/crm/v3/objects/contacts", {"properties": {"email": "kim@example.org"}}).json()
    assert made["createdAt"] == "2027-01-02T03:05:35.000Z"
    sandbox.control("POST", "/clock", frozen=False)
    assert not sandbox.control("GET", "/clock")["frozen"]
    sandbox.control("POST", "/reset")
    assert sandbox.control("GET", "/clock")["now"] < "2026-11-17"


def test_both_ports_carry_the_control_api_and_the_sandbox_date(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/clock", now="2027-01-02T03:04:05Z", frozen=True)
    for system in (sandbox.hubspot, sandbox.salesforce):
        answer = sandbox.session.get(system["url"] + "/_sandbox/clock", timeout=10)
        assert answer.json()["now"] == "2027-01-02T03:04:05.000Z"
        assert answer.headers["Date"] == "Sat, 02 Jan 2027 03:04:05 GMT"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/load", {"scenario": "atlantis"}),
        ("POST", "/load", {"contacts": "many"}),
        ("POST", "/load", {"contact": 3}),
        ("POST", "/settings", {"latency": 3}),
        ("POST", "/settings", {"latency_ms": -3}),
        ("POST", "/settings", {"limits": {"enforce": "yes"}}),
        ("POST", "/settings", {"limits": {"hourly": 3}}),
        ("POST", "/clock", {"now": "noon"}),
        ("POST", "/clock", {"advance": 1}),
        ("POST", "/clock", {"advance_seconds": 1e12}),
        ("GET", "/inspect?system=marketo", None),
        ("GET", "/inspect?system=hubspot&object=invoices", None),
        ("GET", "/inspect?system=hubspot&limit=x", None),
    ],
)
def test_nonsense_is_refused_with_a_reason(sandbox: Sandbox, method: str, path: str, body: Any) -> None:
    answer = sandbox.session.request(method, f"{sandbox.hubspot['url']}/_sandbox{path}", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_settings_are_shown_as_set(sandbox: Sandbox) -> None:
    changed = sandbox.control(
        "POST", "/settings", latency_ms=1, index_lag_seconds=0.25, limits={"search_per_second": 4}
    )
    assert changed == sandbox.control("GET", "/settings")
    assert changed["limits"]["search_per_second"] == 4
    assert changed["limits"]["ten_secondly"] == 190
