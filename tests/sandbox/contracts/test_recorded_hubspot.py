"""What recorded HubSpot traffic shows, key by key: requests like the recorded ones, and the keys that came back.

The recordings are of 2021 and 2022, from a public test suite of a data-sync product; facts only, no text of theirs.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.sandbox.contracts.conftest import Wire

SYSTEM = {"createdate", "hs_lastmodifieddate", "hs_object_id"}
RECORD = {"id", "properties", "createdAt", "updatedAt", "archived"}
BATCH = {"status", "results", "startedAt", "completedAt"}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def batch(portal: Wire, kind: str, verb: str, *inputs: dict[str, Any]) -> list[dict[str, Any]]:
    answer = portal.ask("POST", f"/crm/v3/objects/{kind}/batch/{verb}", {"inputs": list(inputs)})
    assert answer.status_code == {"create": 201, "update": 200}[verb], answer.text
    body = answer.json()
    assert body.keys() == BATCH
    assert body["status"] == "COMPLETE"
    assert MOMENT.fullmatch(body["startedAt"])
    assert MOMENT.fullmatch(body["completedAt"])
    results: list[dict[str, Any]] = body["results"]
    assert all(result.keys() == RECORD for result in results)
    return results


def test_a_contact_create_echoes_what_hubspot_derives(portal: Wire) -> None:
    given = {"email": "john@clinic.example.org", "firstname": "John"}
    made = batch(portal, "CONTACT", "create", {"properties": given})[0]
    assert made["properties"].keys() == {
        *given, "createdate", "hs_all_contact_vids", "hs_email_domain", "hs_is_contact", "hs_is_unworked",
        "hs_object_id", "hs_pipeline", "lastmodifieddate",
    }  # fmt: skip
    assert made["properties"]["hs_email_domain"] == "clinic.example.org"
    assert made["properties"]["hs_all_contact_vids"] == made["properties"]["hs_object_id"] == made["id"]
    assert made["createdAt"] == made["updatedAt"] == made["properties"]["createdate"]
    assert made["archived"] is False


def test_a_contact_update_echoes_less(portal: Wire) -> None:
    key = batch(portal, "contacts", "create", {"properties": {"email": "jo@example.org", "firstname": "Jo"}})[0]["id"]
    given = {"email": "jo@example.org", "firstname": "Jo", "lastname": "Doe", "annualrevenue": "3039"}
    changed = batch(portal, "CONTACT", "update", {"id": key, "properties": given})[0]
    assert changed["properties"].keys() == {*given, "hs_email_domain", "lastmodifieddate"}


def test_a_company_gets_its_website_from_its_domain(portal: Wire) -> None:
    given = {"domain": "imaging.example.org", "name": "Imaging"}
    made = batch(portal, "COMPANY", "create", {"properties": given})[0]
    assert made["properties"].keys() == {*given, *SYSTEM, "website"}
    assert made["properties"]["website"] == "imaging.example.org"
    own = {**given, "website": "www.example.org"}
    changed = batch(portal, "COMPANY", "update", {"id": made["id"], "properties": own})[0]
    assert changed["properties"].keys() == {*own, *SYSTEM}
    assert changed["properties"]["website"] == "www.example.org"


def test_a_property_that_is_cleared_is_not_echoed(portal: Wire) -> None:
    made = batch(portal, "companies", "create", {"properties": {"name": "Cleared", "city": "Gary"}})[0]
    changed = batch(portal, "companies", "update", {"id": made["id"], "properties": {"name": "Cleared", "city": ""}})[0]
    assert changed["properties"].keys() == {"name", *SYSTEM}


def test_a_batch_comes_back_in_an_order_of_its_own(portal: Wire) -> None:
    """Nineteen of twenty-two recorded batches with more than one input did: match by a value, never by the place."""
    emails = [f"order{n}@example.org" for n in range(10)]
    made = batch(portal, "contacts", "create", *({"properties": {"email": email}} for email in emails))
    answered = [result["properties"]["email"] for result in made]
    assert sorted(answered) == sorted(emails)
    assert answered != emails
    again = batch(portal, "contacts", "update", *({"id": row["id"], "properties": {"city": "Gary"}} for row in made))
    assert {row["id"] for row in again} == {row["id"] for row in made}


def test_an_archive_answers_nothing(portal: Wire) -> None:
    key = batch(portal, "contacts", "create", {"properties": {"email": "gone@example.org"}})[0]["id"]
    answer = portal.ask("POST", "/crm/v3/objects/CONTACT/batch/archive", {"inputs": [{"id": key}]})
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_search_shows_defined_and_empty_as_null_and_undefined_not_at_all(portal: Wire) -> None:
    batch(portal, "contacts", "create", {"properties": {"email": "sought@example.org", "firstname": "John"}})
    asked = {
        "filterGroups": [
            {"filters": [{"propertyName": "email", "operator": "EQ", "value": value}]}
            for value in ("sought@example.org", "nobody@example.org")
        ],
        "properties": ["firstname", "lastname", "no_such_property"],
        "limit": 100,
    }
    body = portal.ask("POST", "/crm/v3/objects/CONTACT/search", asked).json()
    assert body.keys() == {"total", "results"}
    assert body["total"] == 1
    assert body["results"][0].keys() == RECORD
    shown = body["results"][0]["properties"]
    assert shown.keys() == {"createdate", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert (shown["firstname"], shown["lastname"]) == ("John", None)
    asked["filterGroups"] = asked["filterGroups"][1:]
    assert portal.ask("POST", "/crm/v3/objects/CONTACT/search", asked).json() == {"total": 0, "results": []}


DAILY = {"x-hubspot-ratelimit-daily", "x-hubspot-ratelimit-daily-remaining"}
WINDOW = {f"x-hubspot-ratelimit-{name}" for name in
          ("interval-milliseconds", "max", "remaining", "secondly", "secondly-remaining")}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("GET", "/crm/v3/objects/contacts", None, DAILY | WINDOW),
        ("POST", "/crm/v3/objects/contacts/batch/archive", {"inputs": []}, DAILY | WINDOW),
        ("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": "none"}, DAILY | WINDOW),
        ("POST", "/crm/v3/objects/contacts/search", {}, DAILY),
    ],
)
def test_the_headers_of_replies(portal: Wire, method: str, path: str, body: Any, expected: set[str]) -> None:
    answer = portal.ask(method, path, body)
    headers = {name.lower() for name in answer.headers}
    assert {name for name in headers if "ratelimit" in name} == expected
    assert "x-hubspot-correlation-id" in headers
    if answer.content:
        assert answer.headers["Content-Type"].lower() == "application/json;charset=utf-8"


def test_the_429_of_searches(portal: Wire) -> None:
    portal.sandbox.control("POST", "/settings", limits={"enforce": True, "search_per_second": 1})
    portal.sandbox.control("POST", "/clock", frozen=True)
    try:
        answers = [portal.ask("POST", "/crm/v3/objects/COMPANY/search", {}) for _ in range(2)]
    finally:
        portal.sandbox.control("POST", "/clock", frozen=False)
        portal.sandbox.control("POST", "/settings", limits={"enforce": False, "search_per_second": 5})
    assert [answer.status_code for answer in answers] == [200, 429]
    body = answers[1].json()
    assert body == {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "correlationId": body["correlationId"],
        "category": "RATE_LIMITS",
    }
    headers = {name.lower() for name in answers[1].headers}
    assert {name for name in headers if "ratelimit" in name} == DAILY
    assert "retry-after" not in headers
    assert answers[1].headers["X-HubSpot-Correlation-Id"] == body["correlationId"]
