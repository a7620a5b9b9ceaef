"""What the doctor hears about HubSpot."""

from collections.abc import Sequence

import pytest

from connectors.hubspot.client import Client
from connectors.hubspot.probe import HubSpotProbe
from crosswalk.ports import Health
from tests.connectors.wire import CONTACTS, CannedServer, Portal, Reply, hubspot


def health(url: str, token: str, properties: Sequence[str] = ("email",)) -> list[Health]:
    client = Client(url, token, timeout=0.5, sleep=lambda _: None)
    return HubSpotProbe(client, {"contacts": CONTACTS}, {"contacts": properties}).health()


def test_a_healthy_portal_costs_two_calls(portal: Portal) -> None:
    connector = portal.connect()
    assert connector.probe
    assert connector.calls
    lines = connector.probe.health()
    assert [(line.subject, line.ok, line.advice) for line in lines] == [
        ("HubSpot account", True, ""),
        ("HubSpot contacts: search", True, ""),
        ("HubSpot contacts: properties", True, ""),
    ]
    assert connector.calls.made == 2


def test_each_property_that_the_portal_lacks_is_named(portal: Portal) -> None:
    lines = health(portal.url, portal.token, ["email", "shoe_size", "hat_size"])
    sick = [line for line in lines if not line.ok]
    assert [line.subject for line in sick] == [
        "HubSpot contacts: property shoe_size",
        "HubSpot contacts: property hat_size",
    ]
    assert "create it" in sick[0].advice


def test_a_wrong_token_is_the_only_line(portal: Portal) -> None:
    (line,) = health(portal.url, "pat-wrong")
    assert (line.subject, line.ok) == ("HubSpot account", False)
    assert "CROSSWALK_HUBSPOT_TOKEN" in line.advice
    assert "pat-wrong" not in line.advice


def test_a_missing_scope_is_named_and_the_other_questions_are_asked(canned: CannedServer) -> None:
    missing = {
        "category": "MISSING_SCOPES",
        "errors": [{"context": {"requiredGranularScopes": ["crm.objects.contacts.read"]}}],
    }
    canned.replies = [
        Reply.json(403, missing),
        Reply.json(200, {"results": [{"name": "email"}, {"name": "lastmodifieddate"}]}),
    ]
    account, search, properties = health(canned.url, "token")
    assert account.ok
    assert not search.ok
    assert "crm.objects.contacts.read" in search.advice
    assert properties.ok


def test_an_unreachable_vendor_is_a_line_and_no_error() -> None:
    (line,) = health("http://127.0.0.1:9", "token")
    assert not line.ok
    assert "CROSSWALK_HUBSPOT_BASE_URL" in line.advice


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"results":[{}]}'])
def test_an_unreadable_list_of_properties_is_a_line(canned: CannedServer, body: bytes) -> None:
    canned.replies = [Reply.json(200, {"results": []}), Reply(200, body)]
    lines = health(canned.url, "token")
    assert [line.ok for line in lines] == [True, True, False]


def test_opening_a_connector_calls_nobody(canned: CannedServer) -> None:
    hubspot(canned.url, "token")
    assert canned.asked == []
