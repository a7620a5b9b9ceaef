"""Subscription preferences: v3, v4 and date-versioned, and what an opt-out leaves on the contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.communication_preferences import PublicUpdateSubscriptionStatusRequest
from hubspot.communication_preferences.exceptions import ApiException

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.scenarios.model import SCENARIO_NOW, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Api, Sandbox

EMAIL = "kim@example.org"
V4 = "/communication-preferences/v4"
PREFIXES = [V4, "/communication-preferences/2026-03"]


@pytest.fixture
def portal(sandbox: Sandbox) -> Sandbox:
    sandbox.hubspot_contacts(EMAIL)
    return sandbox


@pytest.fixture
def strict(portal: Sandbox) -> Iterator[Sandbox]:
    """A portal whose data privacy settings are on, without Marketing Hub Enterprise."""
    portal.control("POST", "/settings", hubspot={"data_privacy": True, "enterprise": False})
    yield portal
    portal.control("POST", "/settings", hubspot={"data_privacy": False, "enterprise": True})


def types(portal: Sandbox) -> list[int]:
    definitions = portal.ask("GET", f"{V4}/definitions").json()["results"]
    return [int(one["id"]) for one in definitions]


def statuses(portal: Sandbox, email: str = EMAIL, prefix: str = V4) -> dict[int, str]:
    reply = portal.ask("GET", f"{prefix}/statuses/{email}?channel=EMAIL")
    assert reply.status_code == 200, reply.text
    return {one["subscriptionId"]: one["status"] for one in reply.json()["results"]}


def write(portal: Sandbox, state: str, key: int, prefix: str = V4, **more: Any) -> Any:
    body = {"channel": "EMAIL", "statusState": state, "subscriptionId": key, **more}
    return portal.ask("POST", f"{prefix}/statuses/{EMAIL}", body)


def shown(portal: Sandbox, *names: str) -> list[str | None]:
    path = f"/crm/v3/objects/contacts/{EMAIL}?idProperty=email&properties={','.join(names)}"
    properties = portal.ask("GET", path).json()["properties"]
    return [properties[name] for name in names]


def test_the_official_client_subscribes_and_unsubscribes(portal: Sandbox) -> None:
    api = HubSpot(access_token=portal.hubspot["token"], host=portal.hubspot["url"]).communication_preferences
    definitions = api.definition_api.get_page().subscription_definitions
    key = definitions[0].id
    assert definitions[0].is_active
    request = PublicUpdateSubscriptionStatusRequest(email_address=EMAIL, subscription_id=key)
    told = api.status_api.subscribe(request)
    assert (told.id, told.status, told.source_of_status) == (key, "SUBSCRIBED", "SUBSCRIPTION_STATUS")
    with pytest.raises(ApiException) as refused:
        api.status_api.subscribe(request)
    assert refused.value.status == 400
    assert api.status_api.unsubscribe(request).status == "NOT_SUBSCRIBED"
    kept = api.status_api.get_email_status(EMAIL)
    assert kept.recipient == EMAIL
    assert {one.id: one.status for one in kept.subscription_statuses}[key] == "NOT_SUBSCRIBED"
    # Who has opted out is not won back here [DOC].
    with pytest.raises(ApiException) as refused:
        api.status_api.subscribe(request)
    assert refused.value.status == 400
    assert "have unsubscribed" in refused.value.body


@pytest.mark.parametrize("body", [{}, {"emailAddress": EMAIL}, {"emailAddress": "kim", "subscriptionId": "7100001"}])
def test_v3_refuses_what_is_not_whole(portal: Sandbox, body: dict[str, str]) -> None:
    for deed in ("subscribe", "unsubscribe"):
        assert portal.ask("POST", f"/communication-preferences/v3/{deed}", body).status_code == 400
    unknown = {"emailAddress": EMAIL, "subscriptionId": "1"}
    assert portal.ask("POST", "/communication-preferences/v3/subscribe", unknown).status_code == 400


@pytest.mark.parametrize("prefix", PREFIXES)
def test_v4_keeps_three_states(portal: Sandbox, prefix: str) -> None:
    first, second = types(portal)
    assert statuses(portal, prefix=prefix) == {first: "NOT_SPECIFIED", second: "NOT_SPECIFIED"}
    (told,) = write(portal, "SUBSCRIBED", first, prefix).json()["results"]
    assert (told["status"], told["setStatusSuccessReason"]) == ("SUBSCRIBED", "REQUESTED_CHANGE_OCCURRED")
    assert told["subscriberIdString"] == EMAIL
    (again,) = write(portal, "SUBSCRIBED", first, prefix).json()["results"]
    assert again["setStatusSuccessReason"] == "NO_STATUS_CHANGE"
    write(portal, "UNSUBSCRIBED", first, prefix)
    optouts = (f"hs_email_optout_{first}", f"hs_email_optout_{second}", "hs_email_optout")
    assert shown(portal, *optouts) == ["true", None, None]
    (back,) = write(portal, "SUBSCRIBED", first, prefix).json()["results"]
    assert back["setStatusSuccessReason"] == "RESUBSCRIBE_OCCURRED"
    assert shown(portal, *optouts) == ["false", None, None]
    assert statuses(portal, prefix=prefix) == {first: "SUBSCRIBED", second: "NOT_SPECIFIED"}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_opt_out_from_everything_wins(portal: Sandbox, prefix: str) -> None:
    first, second = types(portal)
    write(portal, "SUBSCRIBED", first)
    way = f"{prefix}/statuses/{EMAIL}/unsubscribe-all?channel=EMAIL"
    assert portal.ask("GET", way).json()["results"] == []
    assert portal.ask("POST", way).json()["results"] == []
    (wide,) = portal.ask("GET", way).json()["results"]
    assert (wide["status"], wide["wideStatusType"]) == ("UNSUBSCRIBED", "PORTAL_WIDE")
    assert statuses(portal) == {first: "UNSUBSCRIBED", second: "UNSUBSCRIBED"}
    assert shown(portal, "hs_email_optout") == ["true"]
    assert write(portal, "SUBSCRIBED", first).status_code == 400
    again = portal.ask("POST", f"{way}&verbose=true").json()["results"]
    assert {one["status"] for one in again} == {"UNSUBSCRIBED"}
    old = portal.ask("GET", f"/communication-preferences/v3/status/email/{EMAIL}").json()["subscriptionStatuses"]
    assert {(one["status"], one["sourceOfStatus"]) for one in old} == {("NOT_SUBSCRIBED", "PORTAL_WIDE_STATUS")}
    found = {"filterGroups": [{"filters": [{"propertyName": "hs_email_optout", "operator": "EQ", "value": "true"}]}]}
    assert portal.ask("POST", "/crm/v3/objects/contacts/search", found).json()["total"] == 1


def test_an_opt_out_is_no_property_that_an_app_writes(portal: Sandbox) -> None:
    first, _ = types(portal)
    for name in ("hs_email_optout", f"hs_email_optout_{first}"):
        path = f"/crm/v3/objects/contacts/{EMAIL}?idProperty=email"
        assert portal.ask("PATCH", path, {"properties": {name: "true"}}).status_code == 400


def test_v4_refuses(portal: Sandbox) -> None:
    first, _ = types(portal)
    assert portal.ask("GET", f"{V4}/statuses/{EMAIL}").status_code == 400
    assert portal.ask("GET", f"{V4}/statuses/{EMAIL}?channel=SMS").status_code == 400
    assert portal.ask("GET", f"{V4}/statuses/kim?channel=EMAIL").status_code == 400
    assert write(portal, "MAYBE", first).status_code == 400
    assert write(portal, "SUBSCRIBED", 1).status_code == 400
    assert write(portal, "SUBSCRIBED", first, legalBasis="BECAUSE").status_code == 400
    assert portal.ask("GET", "/communication-preferences/2020-01/definitions").status_code == 404


def test_privacy_settings_ask_for_a_legal_basis(strict: Sandbox) -> None:
    first, _ = types(strict)
    assert write(strict, "SUBSCRIBED", first).status_code == 400
    old = {"emailAddress": EMAIL, "subscriptionId": str(first)}
    assert strict.ask("POST", "/communication-preferences/v3/subscribe", old).status_code == 400
    basis = {"legalBasis": "CONSENT_WITH_NOTICE", "legalBasisExplanation": "asked at the front desk"}
    (told,) = write(strict, "SUBSCRIBED", first, **basis).json()["results"]
    assert {key: told[key] for key in basis} == basis
    assert strict.ask("POST", f"{V4}/statuses/batch/read?channel=EMAIL", {"inputs": [EMAIL]}).status_code == 403


@pytest.mark.parametrize("prefix", PREFIXES)
def test_batches(portal: Sandbox, prefix: str) -> None:
    first, second = types(portal)
    entry = {"channel": "EMAIL", "statusState": "SUBSCRIBED", "subscriptionId": first}
    inputs = [{**entry, "subscriberIdString": email} for email in (EMAIL, "lee@example.org", "nobody")]
    written = portal.ask("POST", f"{prefix}/statuses/batch/write", {"inputs": inputs})
    assert written.status_code == 200
    assert [one["subscriberIdString"] for one in written.json()["results"]] == [EMAIL, "lee@example.org"]
    assert written.json()["numErrors"] == 1
    read = portal.ask("POST", f"{prefix}/statuses/batch/read?channel=EMAIL", {"inputs": [EMAIL, "nobody"]})
    assert read.status_code == 207
    (one,) = read.json()["results"]
    assert {status["subscriptionId"]: status["status"] for status in one["statuses"]} == {
        first: "SUBSCRIBED",
        second: "NOT_SPECIFIED",
    }
    ask = {"inputs": ["lee@example.org"]}
    gone = portal.ask("POST", f"{prefix}/statuses/batch/unsubscribe-all?channel=EMAIL&verbose=true", ask).json()
    assert {status["status"] for status in gone["results"][0]["statuses"]} == {"UNSUBSCRIBED"}
    ask = {"inputs": ["lee@example.org", EMAIL]}
    wide = portal.ask("POST", f"{prefix}/statuses/batch/unsubscribe-all/read?channel=EMAIL", ask).json()
    assert [len(one["wideStatuses"]) for one in wide["results"]] == [1, 0]
    many = {"inputs": [EMAIL] * 101}
    assert portal.ask("POST", f"{prefix}/statuses/batch/read?channel=EMAIL", many).status_code == 400


def test_seeded_choices_show_everywhere(serve_portal: Callable[[Portal], Api]) -> None:
    contact = {
        "hs_object_id": "101",
        "email": "Kim@example.org",
        "createdate": "2026-01-01T00:00:00Z",
        "lastmodifieddate": "2026-01-01T00:00:00Z",
    }
    kinds = [{"id": "8001", "name": "News"}, {"id": "8002", "name": "Offers"}]
    choices = [
        {"email": "KIM@example.org", "subscriptionId": "8001", "status": "UNSUBSCRIBED", "at": 1_790_000_000_000},
        {"email": "lee@example.org", "status": "UNSUBSCRIBED", "at": 1_790_000_000_001},
    ]
    scenario = Scenario(
        *("seeded", SCENARIO_NOW, [], [], [contact], {}),
        hubspot_subscription_types=kinds,
        hubspot_subscriptions=choices,
    )
    portal = Portal(Clock(SCENARIO_NOW))
    portal.load(scenario)
    api = serve_portal(portal)
    (one, other) = api.ask("GET", f"{V4}/statuses/{EMAIL}", channel="EMAIL").json()["results"]
    assert (one["status"], one["timestamp"]) == ("UNSUBSCRIBED", "2026-09-21T14:13:20.000Z")
    assert other["status"] == "NOT_SPECIFIED"
    path = "/crm/v3/objects/contacts/101"
    assert (
        api.ask("GET", path, properties="hs_email_optout_8001").json()["properties"]["hs_email_optout_8001"] == "true"
    )
    assert len(api.ask("GET", f"{V4}/statuses/lee@example.org/unsubscribe-all", channel="EMAIL").json()["results"]) == 1
    told = api.ask("GET", "/email/public/v1/subscriptions/timeline").json()["timeline"]
    assert [entry["recipient"] for entry in told] == ["lee@example.org", EMAIL]


def test_the_timeline_tells_every_change(portal: Sandbox) -> None:
    portal.control("POST", "/clock", now="2026-11-17T15:00:00Z", frozen=True)
    first, _ = types(portal)
    write(portal, "UNSUBSCRIBED", first)
    portal.control("POST", "/clock", advance_seconds=1)
    portal.ask("POST", f"{V4}/statuses/lee@example.org/unsubscribe-all?channel=EMAIL")
    path = "/email/public/v1/subscriptions/timeline"
    page = portal.ask("GET", f"{path}?limit=1").json()
    assert page["hasMore"] is True
    rest = portal.ask("GET", f"{path}?limit=1&offset={page['offset']}").json()
    assert rest["hasMore"] is False
    told = [*page["timeline"], *rest["timeline"]]
    assert [one["recipient"] for one in told] == ["lee@example.org", EMAIL]
    assert [one["changes"][0]["changeType"] for one in told] == ["PORTAL_STATUS", "SUBSCRIPTION_STATUS"]
    assert told[1]["changes"][0]["subscriptionId"] == first
    since = told[0]["timestamp"]
    assert portal.ask("GET", f"{path}?startTimestamp={since}").json()["timeline"] == told[:1]
