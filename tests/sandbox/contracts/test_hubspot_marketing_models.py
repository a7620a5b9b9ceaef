"""Lists, forms, marketing events, subscriptions and OAuth, key by key against the models of HubSpot's own client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.contracts.conftest import Wire
from tests.sandbox.contracts.models import departures
from tests.sandbox.contracts.test_hubspot_models import Case, checked

FORM: dict[str, Any] = json.loads((Path(__file__).parents[1] / "hubspot_form.json").read_text())
ADDRESS = "person0@example.org"
LIST_ = {"name": "Contract list {n}", "objectTypeId": "0-1", "processingType": "MANUAL"}
EVENT = {
    "externalAccountId": "zoom-1",
    "externalEventId": "web-{n}",
    "eventName": "Sleep and the heart",
    "eventOrganizer": "Lakeshore",
    "eventType": "WEBINAR",
    "startDateTime": "2026-11-17T15:00:00Z",
    "endDateTime": "2026-11-17T16:00:00Z",
}
WHO = {"inputs": [{"email": ADDRESS, "interactionDateTime": 1_794_927_600_000}]}


@pytest.fixture(scope="module")
def made(portal: Wire) -> Wire:
    """The portal with a list that the first contact is on, a form, a marketing event and a subscription type."""
    portal.renumber()
    answers = {
        "list": portal.ask("POST", "/crm/v3/lists", LIST_).json()["list"]["listId"],
        "form": portal.ask("POST", "/marketing/v3/forms", FORM).json()["id"],
        "event": portal.ask("POST", "/marketing/v3/marketing-events/events", EVENT).json()["objectId"],
    }
    portal.ids.update(answers, external=f"web-{portal.ids['n']}")
    definitions = portal.ask("GET", "/communication-preferences/v3/definitions").json()["subscriptionDefinitions"]
    portal.ids["subscription"] = definitions[0]["id"]
    added = portal.ask("PUT", "/crm/v3/lists/{list}/memberships/add", ["{contacts}"])
    assert added.json()["recordsIdsAdded"] == [portal.ids["contacts"]]
    return portal


L, F, E = "/crm/v3/lists", "/marketing/v3/forms", "/marketing/v3/marketing-events"
P = "/communication-preferences/v3"
LISTS = [
    Case(method, path, body, status, model, "crm.lists")
    for method, path, body, status, model in [
        ("POST", L, LIST_, 200, "ListCreateResponse"),
        ("POST", L, {"name": "x"}, 400, "Error"),
        ("GET", f"{L}/{{list}}", None, 200, "ListFetchResponse"),
        ("GET", f"{L}?listIds={{list}}", None, 200, "ListsByIdResponse"),
        ("GET", f"{L}/4711", None, 404, "Error"),
        ("POST", f"{L}/search", {"query": "contract"}, 200, "ListSearchResponse"),
        ("PUT", f"{L}/{{list}}/update-list-name?listName=Renamed%20{{n}}", None, 200, "ListUpdateResponse"),
        ("PUT", f"{L}/{{list}}/memberships/add", ["{contacts}"], 200, "MembershipsUpdateResponse"),
        ("GET", f"{L}/{{list}}/memberships", None, 200, "ApiCollectionResponseJoinTimeAndRecordId"),
        ("GET", f"{L}/{{list}}/memberships/join-order", None, 200, "ApiCollectionResponseJoinTimeAndRecordId"),
        ("GET", f"{L}/records/0-1/{{contacts}}/memberships", None, 200,
         "ApiCollectionResponseRecordListMembershipNoPaging"),
    ]
]  # fmt: skip
FORMS = [
    Case(method, path, body, status, model, "marketing.forms")
    for method, path, body, status, model in [
        ("POST", F, FORM, 201, "HubSpotFormDefinition"),
        ("POST", F, {}, 400, "Error"),
        ("GET", f"{F}/{{form}}", None, 200, "HubSpotFormDefinition"),
        ("GET", f"{F}?limit=1", None, 200, "CollectionResponseFormDefinitionBaseForwardPaging"),
        ("PATCH", f"{F}/{{form}}", {"name": "Another"}, 200, "HubSpotFormDefinition"),
        ("GET", f"{F}/00000000-0000-0000-0000-000000000000", None, 404, "Error"),
    ]
]
EVENTS = [
    Case(method, path, body, status, model, "marketing.events")
    for method, path, body, status, model in [
        ("GET", f"{E}/events/{{external}}?externalAccountId=zoom-1", None, 200, "MarketingEventPublicReadResponse"),
        ("PUT", f"{E}/events/{{external}}", {**EVENT, "externalEventId": "{external}"}, 200,
         "MarketingEventPublicDefaultResponse"),
        ("PATCH", f"{E}/events/{{external}}?externalAccountId=zoom-1", {"eventName": "Sleep"}, 200,
         "MarketingEventPublicDefaultResponse"),
        ("GET", f"{E}/events/search?q={{external}}", None, 200,
         "CollectionResponseSearchPublicResponseWrapperNoPaging"),
        ("GET", f"{E}/{{event}}", None, 200, "MarketingEventPublicReadResponseV2"),
        ("GET", f"{E}/?limit=1", None, 200, "CollectionResponseMarketingEventPublicReadResponseV2ForwardPaging"),
        ("PATCH", f"{E}/{{event}}", {"eventName": "Heart"}, 200, "MarketingEventPublicDefaultResponseV2"),
        ("POST", f"{E}/{{event}}/attendance/register/email-create", WHO, 200,
         "BatchResponseSubscriberEmailResponse"),
        ("GET", f"{E}/participations/{{event}}", None, 200, "AttendanceCounters"),
        ("GET", f"{E}/participations/{{event}}/breakdown", None, 200,
         "CollectionResponseWithTotalParticipationBreakdownForwardPaging"),
        ("GET", f"{E}/4711", None, 404, "Error"),
    ]
]  # fmt: skip
CHOICE = {"emailAddress": ADDRESS, "subscriptionId": "{subscription}"}
PREFERENCES = [
    Case(method, path, body, status, model, "communication_preferences")
    for method, path, body, status, model in [
        ("GET", f"{P}/definitions", None, 200, "SubscriptionDefinitionsResponse"),
        ("GET", f"{P}/status/email/{ADDRESS}", None, 200, "PublicSubscriptionStatusesResponse"),
        ("POST", f"{P}/unsubscribe", CHOICE, 200, "PublicSubscriptionStatus"),
        ("POST", f"{P}/unsubscribe", CHOICE, 400, "Error"),
    ]
]


@pytest.mark.parametrize("case", [*LISTS, *FORMS, *EVENTS, *PREFERENCES], ids=str)
def test_a_reply(made: Wire, case: Case) -> None:
    made.renumber()
    checked(made, case)


def test_a_new_marketing_event(made: Wire) -> None:
    made.renumber()
    checked(made, Case("POST", f"{E}/events", EVENT, 200, "MarketingEventDefaultResponse", "marketing.events"))


def test_tokens(portal: Wire) -> None:
    known, ask = portal.sandbox.hubspot, portal.sandbox.session
    form = {key: known[key] for key in ("client_id", "client_secret", "refresh_token")}
    answer = ask.post(f"{known['url']}/oauth/v1/token", data={"grant_type": "refresh_token", **form}, timeout=30)
    assert departures(answer.json(), "oauth", "TokenResponseIF") == []
    for kind, model in (("access", "AccessTokenInfoResponse"), ("refresh", "RefreshTokenInfoResponse")):
        token = answer.json()[f"{kind}_token"]
        info = ask.get(f"{known['url']}/oauth/v1/{kind}-tokens/{token}", timeout=30)
        assert info.status_code == 200
        assert departures(info.json(), "oauth", model) == []
