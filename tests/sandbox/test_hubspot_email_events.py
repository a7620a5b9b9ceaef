"""E-mail events, campaigns: what taps read, over seeds of a scenario."""

from __future__ import annotations

import pickle
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot

from sandbox.clock import Clock
from sandbox.hubspot import TOKEN
from sandbox.hubspot.portal import Portal
from sandbox.scenarios.model import SCENARIO_NOW, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api

NOW_MS = 1_794_841_200_000
EVENTS = "/email/public/v1/events"
LIFE = ("SENT", "PROCESSED", "DELIVERED", "OPEN", "CLICK")


def seeds(people: int) -> list[dict[str, Any]]:
    """Each person gets an e-mail of campaign 900 or 901 a second after the one before, and goes through its life."""
    rows = [
        {
            "type": kind,
            "recipient": f"p{number}@example.org",
            "created": NOW_MS - (people - number) * 1000 + step * 100,
            "emailCampaignId": 900 + number % 2,
        }
        for number in range(people)
        for step, kind in enumerate(LIFE[: 1 + number % len(LIFE)])
    ]
    rows[-1] |= {"url": "https://www.example.org", "deviceType": "COMPUTER"}
    return rows


def portal_of(rows: list[dict[str, Any]]) -> Portal:
    contact = {
        "hs_object_id": "101",
        "email": "p4@example.org",
        "createdate": "2026-01-01T00:00:00Z",
        "lastmodifieddate": "2026-01-01T00:00:00Z",
    }
    portal = Portal(Clock(SCENARIO_NOW))
    portal.load(Scenario("seeded", SCENARIO_NOW, [], [], [contact], {}, hubspot_email_events=rows))
    return portal


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return seeds(100)


@pytest.fixture
def portal(rows: list[dict[str, Any]]) -> Portal:
    return portal_of(rows)


@pytest.fixture
def client(portal: Portal, serve_portal: Callable[[Portal], Api]) -> Api:
    return serve_portal(portal)


def read_all(client: Api, **query: Any) -> list[dict[str, Any]]:
    """As a tap reads: page after page by `offset` as long as `hasMore`."""
    found: list[dict[str, Any]] = []
    page = client.ask("GET", EVENTS, **query).json()
    while True:
        found += page["events"]
        if not page["hasMore"]:
            return found
        page = client.ask("GET", EVENTS, **{**query, "offset": page["offset"]}).json()


def test_all_of_them_newest_first(client: Api, rows: list[dict[str, Any]]) -> None:
    found = read_all(client, limit=37)
    assert len({one["id"] for one in found}) == len(found) == len(rows)
    times = [one["created"] for one in found]
    assert times == sorted(times, reverse=True)
    assert Counter(one["type"] for one in found) == Counter(one["type"] for one in rows)
    assert len(client.ask("GET", EVENTS).json()["events"]) == 10


def test_windows_and_filters(client: Api, rows: list[dict[str, Any]]) -> None:
    low, high = NOW_MS - 50_000, NOW_MS - 40_000
    expected = sum(low <= one["created"] <= high for one in rows)
    assert len(read_all(client, startTimestamp=low, endTimestamp=high, limit=5)) == expected > 10
    opens = read_all(client, eventType="OPEN", limit=7)
    assert len(opens) == sum(one["type"] == "OPEN" for one in rows)
    mine = read_all(client, recipient="P4@example.org")
    assert [one["type"] for one in mine] == list(reversed(LIFE))
    clicks = read_all(client, recipient="p4@example.org", eventType="CLICK")
    assert [one["type"] for one in clicks] == ["CLICK"]
    odd = read_all(client, campaignId=901, appId=113, limit=11)
    assert len(odd) == sum(one["emailCampaignId"] == 901 for one in rows)
    assert read_all(client, campaignId=901, appId=7) == []


@pytest.mark.parametrize(
    "query", ["limit=1001", "limit=0", "eventType=GUESS", "startTimestamp=today", "campaignId=901", "offset=xyz"]
)
def test_what_makes_no_sense(client: Api, query: str) -> None:
    reply = client.ask("GET", f"{EVENTS}?{query}")
    assert reply.status_code == 400
    assert reply.json()["category"] == "VALIDATION_ERROR"


def test_an_event_knows_what_began_it(client: Api) -> None:
    click, *_, sent = read_all(client, recipient="p99@example.org")
    assert click["sentBy"] == {"id": sent["id"], "created": sent["created"]}
    assert (click["url"], click["deviceType"], click["emailCampaignId"]) == ("https://www.example.org", "COMPUTER", 901)
    assert "sentBy" not in sent
    assert sent["subject"]
    assert client.ask("GET", f"{EVENTS}/{click['created']}/{click['id']}").json() == click
    assert client.ask("GET", f"{EVENTS}/{click['created']}/{sent['id']}").status_code == 404


def test_campaigns(client: Api, rows: list[dict[str, Any]]) -> None:
    first = client.ask("GET", "/email/public/v1/campaigns/by-id?limit=1").json()
    rest = client.ask("GET", f"/email/public/v1/campaigns/by-id?limit=1&offset={first['offset']}").json()
    assert [one["id"] for one in first["campaigns"] + rest["campaigns"]] == [900, 901]
    assert (first["hasMore"], rest["hasMore"]) == (True, False)
    one = client.ask("GET", "/email/public/v1/campaigns/900?appId=113").json()
    counted = Counter(row["type"].lower() for row in rows if row["emailCampaignId"] == 900)
    assert one["counters"] == dict(counted)
    assert client.ask("GET", "/email/public/v1/campaigns/7").status_code == 404


def test_the_official_client_reads_marketing_emails(client: Api, rows: list[dict[str, Any]]) -> None:
    api = HubSpot(access_token=TOKEN, host=client.url).marketing.emails.marketing_emails_api
    page = api.get_page(limit=1, include_stats=True)
    assert page.total == 2
    (first,) = page.results
    assert first.stats.counters["sent"] == sum(row["type"] == "SENT" and row["emailCampaignId"] == 900 for row in rows)
    (second,) = api.get_page(limit=1, after=page.paging.next.after).results
    assert (first.id, second.id) == ("900", "901")
    assert api.get_by_id("901").name == second.name
    assert client.ask("GET", "/marketing/v3/emails/7").status_code == 404
    assert client.ask("GET", "/marketing/emails/2026-03").json()["total"] == 2


def test_what_happens_shows_on_the_contact(portal: Portal, client: Api) -> None:
    emails = portal.marketing.emails
    emails.happen("SENT", "p4@example.org", 902)
    emails.happen("DELIVERED", "p4@example.org", 902)
    for _ in range(2):
        emails.happen("OPEN", "p4@example.org", 902)
    names = "hs_email_open,hs_email_delivered,hs_email_first_open_date,hs_email_last_email_name,hs_email_click"
    contact = client.ask("GET", f"/crm/v3/objects/contacts/101?properties={names}").json()["properties"]
    assert (contact["hs_email_open"], contact["hs_email_delivered"], contact["hs_email_click"]) == ("2", "1", None)
    assert contact["hs_email_last_email_name"] == "E-mail 902"
    assert contact["hs_email_first_open_date"].startswith("2026-11-16T15:00")
    assert [one["type"] for one in read_all(client, recipient="p4@example.org")][:4] == [
        "OPEN",
        "OPEN",
        "DELIVERED",
        "SENT",
    ]


def test_the_state_can_be_pickled(portal: Portal, client: Api) -> None:
    portal.marketing.emails.happen("SENT", "p4@example.org", 902)
    copy = pickle.loads(pickle.dumps(portal.marketing))
    assert len(copy.emails.log) == len(portal.marketing.emails.log)
    assert copy.emails.log.entries == portal.marketing.emails.log.entries
