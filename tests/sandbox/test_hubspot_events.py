"""Web events: which pages a known visitor has seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hubspot import HubSpot
from hubspot.events.exceptions import ApiException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Sandbox

START = datetime(2026, 11, 17, 15, tzinfo=UTC)
FORM = json.loads((Path(__file__).parent / "hubspot_form.json").read_text())
PATHS = ["/events/v3/events", "/events/event-occurrences/2026-03"]


@pytest.fixture
def portal(sandbox: Sandbox) -> Sandbox:
    """Three submissions, a minute apart, from pages 0 to 2; the second is of another person."""
    sandbox.control("POST", "/clock", now=START.isoformat(), frozen=True)
    form = sandbox.ask("POST", "/marketing/v3/forms", FORM).json()["id"]
    for number, name in enumerate(("kim", "lee", "kim")):
        context = {"pageUri": f"https://www.example.org/{number}", "pageName": f"Page {number}"}
        body = {"fields": [{"name": "email", "value": f"{name}@example.org"}], "context": context}
        reply = sandbox.ask("POST", f"/submissions/v3/integration/secure/submit/48000155/{form}", body)
        assert reply.status_code == 200, reply.text
        sandbox.control("POST", "/clock", advance_seconds=60)
    return sandbox


@pytest.fixture
def small(portal: Sandbox) -> Iterator[Sandbox]:
    portal.control("POST", "/settings", hubspot={"enterprise": False})
    yield portal
    portal.control("POST", "/settings", hubspot={"enterprise": True})


def test_the_official_client_reads_events(portal: Sandbox) -> None:
    api = HubSpot(access_token=portal.hubspot["token"], host=portal.hubspot["url"]).events.events_api
    kim = portal.ask("GET", "/crm/v3/objects/contacts/kim@example.org?idProperty=email").json()["id"]
    page = api.get_page(object_type="contact", object_id=int(kim))
    assert [one.properties["hs_url"] for one in page.results] == [f"https://www.example.org/{n}" for n in (2, 0)]
    assert {(one.event_type, one.object_type, one.object_id) for one in page.results} == {
        ("e_visited_page", "CONTACT", kim)
    }
    assert page.results[1].occurred_at == START
    assert api.get_types().event_types == ["e_visited_page"]


@pytest.mark.parametrize("path", PATHS)
def test_windows_pages_and_order(portal: Sandbox, path: str) -> None:
    window = "occurredAfter=2026-11-17T15:01:00Z&occurredBefore=2026-11-17T15:02:00Z"
    found = portal.ask("GET", f"{path}?{window}&eventType=e_visited_page").json()["results"]
    assert [one["properties"]["hs_title"] for one in found] == ["Page 2", "Page 1"]
    first = portal.ask("GET", f"{path}?limit=2&sort=occurredAt").json()
    after = first["paging"]["next"]["after"]
    second = portal.ask("GET", f"{path}?limit=2&sort=occurredAt&after={after}").json()
    assert "paging" not in second
    titles = [one["properties"]["hs_title"] for one in (*first["results"], *second["results"])]
    assert titles == ["Page 0", "Page 1", "Page 2"]
    key = found[0]["id"]
    assert [one["id"] for one in portal.ask("GET", f"{path}?id={key}").json()["results"]] == [key]


@pytest.mark.parametrize("query", ["eventType=e_guess", "limit=101", "sort=size", "objectId=1", "occurredAfter=soon"])
def test_what_makes_no_sense(portal: Sandbox, query: str) -> None:
    assert portal.ask("GET", f"{PATHS[0]}?{query}").status_code == 400


def test_only_for_enterprise(small: Sandbox) -> None:
    api = HubSpot(access_token=small.hubspot["token"], host=small.hubspot["url"]).events.events_api
    with pytest.raises(ApiException) as refused:
        api.get_page()
    assert refused.value.status == 403


def test_a_contact_deleted_for_privacy_leaves_nothing(portal: Sandbox) -> None:
    kim = portal.ask("GET", "/crm/v3/objects/contacts/kim@example.org?idProperty=email").json()["id"]
    webinar = {"externalAccountId": "z", "externalEventId": "w", "eventName": "W", "eventOrganizer": "L"}
    event = portal.ask("POST", "/marketing/v3/marketing-events/events", webinar).json()["objectId"]
    attend = {"inputs": [{"vid": int(kim), "interactionDateTime": 1}]}
    portal.ask("POST", f"/marketing/v3/marketing-events/{event}/attendance/register/create", attend)
    portal.control("POST", "/work", team="marketing", seed=1)
    body = {"objectId": kim}
    assert portal.ask("POST", "/crm/v3/objects/contacts/gdpr-delete", body).status_code == 204
    assert portal.ask("GET", f"{PATHS[0]}?objectType=contact&objectId={kim}").json()["results"] == []
    assert portal.ask("GET", f"/marketing/v3/marketing-events/{event}").json()["registrants"] == 0
    form = portal.ask("GET", "/marketing/v3/forms").json()["results"][0]["id"]
    told = portal.ask("GET", f"/form-integrations/v1/submissions/forms/{form}").json()["results"]
    addresses = [value["value"] for one in told for value in one["values"] if value["name"] == "email"]
    assert "kim@example.org" not in addresses
    assert "lee@example.org" in addresses
    assert portal.ask("GET", "/email/public/v1/events?recipient=kim@example.org").json()["events"] == []
    portal.control("POST", "/work", team="marketing", seed=1)
    events = portal.ask("GET", "/email/public/v1/events?limit=1000").json()["events"]
    assert len({one["id"] for one in events}) == len(events)
