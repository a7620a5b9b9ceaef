"""Marketing events: webinars, and who registered, came, cancelled or stayed away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.marketing.events import (
    BatchInputMarketingEventEmailSubscriber,
    BatchInputMarketingEventSubscriber,
    MarketingEventCompleteRequestParams,
    MarketingEventCreateRequestParams,
    MarketingEventEmailSubscriber,
    MarketingEventSubscriber,
    MarketingEventUpdateRequestParams,
)
from hubspot.marketing.events.exceptions import ApiException

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.scenarios.model import SCENARIO_NOW, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Api, Sandbox

START, END = datetime(2026, 11, 17, 15, tzinfo=UTC), datetime(2026, 11, 17, 16, tzinfo=UTC)
NOW_MS = 1_794_927_600_000
V3, DATED = "/marketing/v3/marketing-events", "/marketing/marketing-events/2026-03"
WEBINAR = {
    "externalAccountId": "zoom-1",
    "externalEventId": "web-1",
    "eventName": "Sleep and the heart",
    "eventOrganizer": "Lakeshore",
    "eventType": "WEBINAR",
    "startDateTime": "2026-11-17T15:00:00Z",
    "endDateTime": "2026-11-17T16:00:00Z",
}


@pytest.fixture
def client(sandbox: Sandbox) -> Any:
    sandbox.control("POST", "/clock", now=START.isoformat(), frozen=True)
    return HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"]).marketing.events


@pytest.fixture
def webinar(sandbox: Sandbox, client: Any) -> str:
    """The object id of an event of the private app."""
    reply = sandbox.ask("POST", f"{V3}/events", WEBINAR)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["objectId"])


def by_email(*emails: str, at: int = NOW_MS, **more: Any) -> BatchInputMarketingEventEmailSubscriber:
    inputs = [MarketingEventEmailSubscriber(email=email, interaction_date_time=at, **more) for email in emails]
    return BatchInputMarketingEventEmailSubscriber(inputs=inputs)


def attend(sandbox: Sandbox, event: str, state: str, *emails: str, at: int = NOW_MS, **more: Any) -> Any:
    inputs = [{"email": email, "interactionDateTime": at, **more} for email in emails]
    return sandbox.ask("POST", f"{V3}/{event}/attendance/{state}/email-create", {"inputs": inputs})


def test_the_official_client_keeps_events(client: Any) -> None:
    basic = client.basic_api
    request = MarketingEventCreateRequestParams(
        external_account_id="zoom-1",
        external_event_id="web-1",
        event_name="Sleep",
        event_organizer="Lakeshore",
        start_date_time=START,
    )
    made = basic.create(request)
    assert (made.event_name, made.event_completed, made.start_date_time) == ("Sleep", False, START)
    again = basic.upsert("web-1", request)
    assert again.object_id == made.object_id
    changed = basic.update("web-1", "zoom-1", MarketingEventUpdateRequestParams(event_name="Sleep well"))
    assert changed.event_name == "Sleep well"
    read = basic.get_details("web-1", "zoom-1")
    assert (read.external_event_id, read.registrants, read.id) == ("web-1", 0, made.object_id)
    by_object = basic.get_by_object_id(made.object_id)
    assert (by_object.event_name, by_object.object_id) == ("Sleep well", made.object_id)
    (listed,) = basic.get_all().results
    assert listed.object_id == made.object_id
    (found,) = client.identifiers_api.do_search("web-1").results
    assert found.object_id == made.object_id
    assert client.identifiers_api.search_portal_events("web-1").total == 1
    assert client.change_property_api.cancel("web-1", "zoom-1").event_cancelled is True
    basic.archive("web-1", "zoom-1")
    for gone in (lambda: basic.get_details("web-1", "zoom-1"), lambda: basic.get_by_object_id(made.object_id)):
        with pytest.raises(ApiException) as refused:
            gone()
        assert refused.value.status == 404


def test_the_odd_list_path_and_the_dated_one(sandbox: Sandbox, webinar: str) -> None:
    for number in range(11):
        sandbox.ask("POST", f"{V3}/events", {**WEBINAR, "externalEventId": f"more-{number}"})
    for path in ("/marketing/marketing-events/v3", f"{V3}/", DATED):
        first = sandbox.ask("GET", path).json()
        rest = sandbox.ask("GET", f"{path}?after={first['paging']['next']['after']}").json()
        assert (len(first["results"]), len(rest["results"]), "paging" in rest) == (10, 2, False)
        assert first["results"][0]["objectId"] == webinar
    assert sandbox.ask("GET", f"{DATED}/events/web-1?externalAccountId=zoom-1").status_code == 200


def test_batches_of_events(sandbox: Sandbox, webinar: str) -> None:
    inputs = [{**WEBINAR, "eventName": "New name"}, {**WEBINAR, "externalEventId": "web-2"}]
    told = sandbox.ask("POST", f"{V3}/events/upsert", {"inputs": inputs}).json()["results"]
    assert [one["eventName"] for one in told] == ["New name", "Sleep and the heart"]
    assert told[0]["objectId"] == webinar
    ids = [{"objectId": webinar, "eventType": "TALK"}, {"objectId": "1", "eventType": "TALK"}]
    updated = sandbox.ask("POST", f"{V3}/batch/update", {"inputs": ids})
    assert (updated.status_code, updated.json()["numErrors"]) == (207, 1)
    app = sandbox.ask("GET", f"{V3}/{webinar}").json()["appInfo"]["id"]
    other = {"externalAccountId": "zoom-1", "externalEventId": "web-2"}
    for owner, left in (("1", 2), (app, 1)):
        answer = sandbox.ask("POST", f"{V3}/events/delete", {"inputs": [{**other, "appId": owner}]})
        assert answer.status_code == 204
        assert len(sandbox.ask("GET", f"{V3}/").json()["results"]) == left
    assert sandbox.ask("POST", f"{V3}/batch/archive", {"inputs": [{"objectId": webinar}]}).status_code == 204
    assert sandbox.ask("POST", f"{V3}/batch/archive", {"inputs": [{"objectId": webinar}]}).status_code == 207


@pytest.mark.parametrize("missing", ["externalAccountId", "externalEventId", "eventName", "eventOrganizer"])
def test_an_event_must_be_whole(sandbox: Sandbox, missing: str) -> None:
    body = {key: value for key, value in WEBINAR.items() if key != missing}
    reply = sandbox.ask("POST", f"{V3}/events", body)
    assert reply.status_code == 400
    assert missing in reply.json()["message"]
    assert sandbox.ask("POST", f"{V3}/events", {**WEBINAR, "startDateTime": "soon"}).status_code == 400
    assert sandbox.ask("GET", f"{V3}/events/web-1").status_code == 400


def test_attendance_by_the_official_client(sandbox: Sandbox, client: Any, webinar: str) -> None:
    known, other = sandbox.hubspot_contacts("kim@example.org", "lee@example.org")
    api = client.add_event_attendees_api
    told = api.record_by_contact_emails("web-1", "register", by_email("kim@example.org"), external_account_id="zoom-1")
    assert [(one.vid, one.email) for one in told.results] == [(int(known), "kim@example.org")]
    by_id = BatchInputMarketingEventSubscriber(
        inputs=[MarketingEventSubscriber(vid=int(key), interaction_date_time=NOW_MS) for key in (other, "7")]
    )
    told = api.record_by_contact_ids("web-1", "register", by_id, external_account_id="zoom-1")
    assert ([one.vid for one in told.results], told.num_errors) == ([int(other)], 1)
    joined = {"joinedAt": "2026-11-17T15:15:00Z", "leftAt": "2026-11-17T15:45:00Z"}
    api.record_by_email(webinar, "attend", by_email("kim@example.org", properties=joined))
    counters = client.retrieve_participant_state_api.get_participations_counters_by_marketing_event_id(int(webinar))
    assert (counters.registered, counters.attended, counters.no_shows) == (2, 1, 0)
    page = client.retrieve_participant_state_api.get_participations_breakdown_by_marketing_event_id(int(webinar))
    rows = {row.associations.contact.email: row for row in page.results}
    assert page.total == 2
    kim = rows["kim@example.org"].properties
    assert (kim.attendance_state, kim.attendance_duration_seconds, kim.attendance_percentage) == (
        "ATTENDED",
        1800,
        "0.50",
    )
    assert rows["lee@example.org"].properties.attendance_state == "REGISTERED"
    assert rows["lee@example.org"].associations.contact.contact_id == other
    assert rows["lee@example.org"].associations.marketing_event.external_event_id == "web-1"
    done = MarketingEventCompleteRequestParams(start_date_time=START, end_date_time=END)
    assert client.change_property_api.complete("web-1", "zoom-1", done).event_completed is True
    assert client.basic_api.get_by_object_id(webinar).no_shows == 1
    mine = client.retrieve_participant_state_api.get_participations_breakdown_by_contact_id("lee@example.org")
    assert [row.properties.attendance_state for row in mine.results] == ["NO_SHOW"]


def test_attendance_makes_contacts_where_hubspot_does(sandbox: Sandbox, webinar: str) -> None:
    attend(sandbox, webinar, "register", "new@example.org", contactProperties={"firstname": "New"})
    attend(sandbox, webinar, "register", "new@example.org", contactProperties={"firstname": "Other"})
    path = "/crm/v3/objects/contacts/new@example.org?idProperty=email&properties=firstname"
    assert sandbox.ask("GET", path).json()["properties"]["firstname"] == "New"
    body = {"inputs": [{"email": "nobody@example.org", "interactionDateTime": NOW_MS}]}
    older = f"{V3}/events/web-1/register/email-upsert?externalAccountId=zoom-1"
    assert sandbox.ask("POST", older, body).status_code == 204
    assert sandbox.ask("GET", path.replace("new@", "nobody@")).status_code == 404
    assert sandbox.ask("GET", f"{V3}/participations/{webinar}").json() == {
        "registered": 1,
        "attended": 0,
        "cancelled": 0,
        "noShows": 0,
    }
    body["inputs"][0]["email"] = "new@example.org"
    assert sandbox.ask("POST", older.replace("register", "cancel"), body).status_code == 204
    assert sandbox.ask("GET", f"{V3}/{webinar}").json()["cancellations"] == 1


def test_attendance_refuses(sandbox: Sandbox, webinar: str) -> None:
    assert attend(sandbox, webinar, "watch", "a@example.org").status_code == 400
    assert attend(sandbox, webinar, "attend", "a at example").status_code == 400
    assert attend(sandbox, webinar, "attend", "a@example.org", at="today").status_code == 400
    assert attend(sandbox, webinar, "register", "a@example.org", properties={"joinedAt": "x"}).status_code == 400
    assert attend(sandbox, webinar, "attend", "a@example.org", properties={"seat": "4"}).status_code == 400
    assert attend(sandbox, "1", "attend", "a@example.org").status_code == 404
    assert sandbox.ask("GET", f"{V3}/participations/{webinar}/breakdown?state=ASLEEP").status_code == 400
    assert sandbox.control("GET", "/inspect")["hubspot"]["contacts"] == 0


@pytest.mark.parametrize("prefix", [V3, DATED])
def test_breakdowns_page_and_filter(sandbox: Sandbox, webinar: str, prefix: str) -> None:
    emails = [f"kim.{number:02}@example.org" for number in range(15)]
    attend(sandbox, webinar, "register", *emails)
    attend(sandbox, webinar, "cancel", *emails[:4], at=NOW_MS + 1)
    path = f"{prefix}/participations/zoom-1/web-1/breakdown"
    first = sandbox.ask("GET", f"{path}?state=REGISTERED").json()
    rest = sandbox.ask("GET", f"{path}?state=REGISTERED&after={first['paging']['next']['after']}").json()
    assert (first["total"], len(first["results"]), len(rest["results"])) == (11, 10, 1)
    (one,) = sandbox.ask("GET", f"{path}?contactIdentifier={emails[0]}").json()["results"]
    assert one["properties"]["attendanceState"] == "CANCELLED"
    assert sandbox.ask("GET", f"{prefix}/participations/zoom-1/web-1").json()["cancelled"] == 4
    assert sandbox.ask("GET", f"{prefix}/participations/zoom-2/web-1").status_code == 404


def test_external_ids_are_the_creating_apps_alone(sandbox: Sandbox, webinar: str) -> None:
    given = sandbox.hubspot
    form = {
        "grant_type": "refresh_token",
        "client_id": given["client_id"],
        "client_secret": given["client_secret"],
        "refresh_token": given["refresh_token"],
    }
    token = sandbox.session.post(f"{given['url']}/oauth/v3/token", data=form, timeout=10).json()["access_token"]
    other = HubSpot(access_token=token, host=given["url"]).marketing.events
    with pytest.raises(ApiException) as refused:
        other.basic_api.get_details("web-1", "zoom-1")
    assert refused.value.status == 404
    assert other.identifiers_api.do_search("web-1").results == []
    assert other.basic_api.get_by_object_id(webinar).event_name == WEBINAR["eventName"]
    made = sandbox.session.post(
        f"{given['url']}{V3}/events", json=WEBINAR, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert made.json()["objectId"] != webinar


def test_merged_contacts_keep_their_participations(sandbox: Sandbox, webinar: str) -> None:
    first, second = sandbox.hubspot_contacts("kim@example.org", "lee@example.org")
    attend(sandbox, webinar, "register", "lee@example.org")
    merge = {"primaryObjectId": first, "objectIdToMerge": second}
    heir = sandbox.ask("POST", "/crm/v3/objects/contacts/merge", merge).json()["id"]
    (row,) = sandbox.ask("GET", f"{V3}/participations/{webinar}/breakdown").json()["results"]
    assert row["associations"]["contact"] == {"contactId": heir, "email": "kim@example.org"}


@pytest.fixture
def seeded(serve_portal: Callable[[Portal], Api]) -> Api:
    """A portal with two seeded events, the second of another app."""
    contacts = [
        {
            "hs_object_id": str(number),
            "email": f"c{number}@example.org",
            "createdate": "2026-01-01T00:00:00Z",
            "lastmodifieddate": "2026-01-01T00:00:00Z",
        }
        for number in (1, 2)
    ]
    attendances = [
        {"contact": "1", "state": "registered", "at": NOW_MS},
        {"contact": "1", "state": "attended", "at": NOW_MS + 5},
        {"contact": "2", "state": "registered", "at": NOW_MS},
    ]
    events = [
        {**WEBINAR, "objectId": "500", "eventCompleted": True, "attendances": attendances},
        {**WEBINAR, "objectId": "501", "appId": 7},
    ]
    portal = Portal(Clock(SCENARIO_NOW))
    portal.load(Scenario("seeded", SCENARIO_NOW, [], [], contacts, {}, hubspot_marketing_events=events))
    return serve_portal(portal)


def test_seeds_and_events_of_other_apps(seeded: Api) -> None:
    own, other = seeded.ask("GET", f"{V3}/500").json(), seeded.ask("GET", f"{V3}/501").json()
    assert (own["registrants"], own["attendees"], own["noShows"]) == (2, 1, 1)
    assert other["appInfo"]["id"] == "7"
    one = seeded.ask("GET", f"{V3}/events/web-1?externalAccountId=zoom-1").json()
    assert one["objectId"] == "500"
    assert seeded.ask("GET", f"{V3}/web-1/identifiers").json()["total"] == 2
    assert [one["objectId"] for one in seeded.ask("GET", f"{V3}/events/search?q=web-1").json()["results"]] == ["500"]
    seeded.ask("DELETE", f"{V3}/500")
    assert seeded.ask("GET", f"{V3}/events/web-1?externalAccountId=zoom-1").status_code == 404
    made = seeded.ask("POST", f"{V3}/events", WEBINAR).json()
    assert int(made["objectId"]) > 501
