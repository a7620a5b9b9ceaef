"""Tokens: private apps, the OAuth app, scopes; at the wire and through the official client."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hubspot import HubSpot
from hubspot.oauth.exceptions import ApiException

from sandbox.clock import Clock
from sandbox.hubspot.access import Access, Grant
from sandbox.hubspot.errors import HubSpotError
from sandbox.scenarios.model import SCENARIO_NOW

if TYPE_CHECKING:
    import requests
    from conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"
REDIRECT = "http://127.0.0.1:1/callback?app=1"


def form(sandbox: Sandbox, path: str, **fields: str) -> requests.Response:
    return sandbox.session.post(sandbox.hubspot["url"] + path, data=fields, timeout=30)


def client_fields(sandbox: Sandbox) -> dict[str, str]:
    return {name: sandbox.hubspot[name] for name in ("client_id", "client_secret")}


def refreshed(sandbox: Sandbox, path: str = "/oauth/v1/token", **fields: str) -> requests.Response:
    asked = {**client_fields(sandbox), "refresh_token": sandbox.hubspot["refresh_token"], **fields}
    return form(sandbox, path, grant_type="refresh_token", **asked)


def with_token(
    sandbox: Sandbox, token: str, path: str = CONTACTS, method: str = "GET", **more: Any
) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return sandbox.session.request(method, sandbox.hubspot["url"] + path, headers=headers, timeout=30, **more)


def allowed(sandbox: Sandbox, **query: str) -> requests.Response:
    asked = {"client_id": sandbox.hubspot["client_id"], "redirect_uri": REDIRECT, "scope": "crm.objects.contacts.read"}
    url = sandbox.hubspot["url"] + "/oauth/authorize"
    return sandbox.session.get(url, params={**asked, **query}, allow_redirects=False, timeout=30)


@pytest.mark.parametrize("path", ["/oauth/v1/token", "/oauth/v3/token", "/oauth/2026-03/token"])
def test_a_refresh_token_gives_access_tokens_that_end(sandbox: Sandbox, path: str) -> None:
    answer = refreshed(sandbox, path)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["token_use"]) == ("bearer", 1800, "access_token")
    assert body["refresh_token"] == sandbox.hubspot["refresh_token"]
    assert with_token(sandbox, body["access_token"]).status_code == 200
    sandbox.control("POST", "/clock", advance_seconds=1799)
    second = refreshed(sandbox, path).json()["access_token"]
    assert with_token(sandbox, body["access_token"]).status_code == 200
    sandbox.control("POST", "/clock", advance_seconds=302)
    assert with_token(sandbox, second).status_code == 200
    ended = with_token(sandbox, body["access_token"])
    assert ended.status_code == 401
    assert ended.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert ended.json()["message"] == "The OAuth token used to make this call expired 5 minute(s) ago."
    assert list(ended.json()["context"]) == ["expire time"]


def test_a_person_allows_and_the_code_is_good_for_once(sandbox: Sandbox) -> None:
    answer = allowed(sandbox, state="x y")
    assert answer.status_code == 302
    given = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert answer.headers["Location"].startswith(REDIRECT + "&")
    assert (given["app"], given["state"]) == ("1", "x y")
    asked = {"grant_type": "authorization_code", "code": given["code"], **client_fields(sandbox)}
    wrong = form(sandbox, "/oauth/v3/token", redirect_uri="http://127.0.0.1:2/", **asked)
    assert (wrong.status_code, wrong.json()["status"]) == (400, "MISMATCH_REDIRECT_URI_AUTH_CODE")
    made = form(sandbox, "/oauth/v3/token", redirect_uri=REDIRECT, **asked).json()
    assert made["scopes"] == ["crm.objects.contacts.read", "oauth"]
    again = form(sandbox, "/oauth/v3/token", redirect_uri=REDIRECT, **asked)
    assert (again.status_code, again.json()["status"]) == (400, "BAD_AUTH_CODE")
    assert again.json()["error"] == "invalid_grant"
    renewed = refreshed(sandbox, refresh_token=made["refresh_token"]).json()
    assert renewed["scopes"] == made["scopes"]
    assert with_token(sandbox, renewed["access_token"]).status_code == 200
    refused = with_token(sandbox, renewed["access_token"], "/crm/v3/objects/companies")
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")

    late = dict(parse_qsl(urlsplit(allowed(sandbox).headers["Location"]).query))["code"]
    sandbox.control("POST", "/clock", advance_seconds=601)
    ended = form(sandbox, "/oauth/v1/token", redirect_uri=REDIRECT, **{**asked, "code": late})
    assert ended.json()["status"] == "EXPIRED_AUTH_CODE"


@pytest.mark.parametrize("query", [{"client_id": "another"}, {"redirect_uri": "x"}, {"scope": ""}, {"scope": "all"}])
def test_what_nobody_can_allow(sandbox: Sandbox, query: dict[str, str]) -> None:
    assert allowed(sandbox, **query).status_code == 400


@pytest.mark.parametrize(
    ("fields", "error", "status"),
    [
        ({"client_id": "x"}, "invalid_client", "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "invalid_client", "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "invalid_grant", "BAD_REFRESH_TOKEN"),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(
    sandbox: Sandbox, fields: dict[str, str], error: str, status: str
) -> None:
    answer = refreshed(sandbox, **fields)
    assert answer.status_code == 400
    body = answer.json()
    assert (body["error"], body["status"]) == (error, status)
    assert body["error_description"] == body["message"]


def test_the_token_endpoint_takes_forms_only(sandbox: Sandbox) -> None:
    asked = {"grant_type": "password", **client_fields(sandbox)}
    assert form(sandbox, "/oauth/v3/token", **asked).json()["status"] == "BAD_GRANT_TYPE"
    assert form(sandbox, "/oauth/v3/token", **{**asked, "grant_type": "client_credentials"}).status_code == 501
    as_json = sandbox.session.post(sandbox.hubspot["url"] + "/oauth/v3/token", json=asked, timeout=30)
    assert as_json.status_code == 415
    in_query = {
        "grant_type": "refresh_token",
        "refresh_token": sandbox.hubspot["refresh_token"],
        **client_fields(sandbox),
    }
    for path, expected in (("/oauth/v1/token", 200), ("/oauth/v3/token", 400)):
        answer = sandbox.session.post(sandbox.hubspot["url"] + path, params=in_query, timeout=30)
        assert answer.status_code == expected
    as_form = with_token(sandbox, sandbox.hubspot["token"], CONTACTS, "POST", data={"properties": "1"})
    assert as_form.status_code == 415


def test_what_a_token_is_and_taking_it_back(sandbox: Sandbox) -> None:
    refresh = sandbox.hubspot["refresh_token"]
    token = refreshed(sandbox).json()["access_token"]
    for path in ("/oauth/v3/token/introspect", "/oauth/v3/introspect", "/oauth/2026-03/token/introspect"):
        known = form(sandbox, path, token=token, **client_fields(sandbox)).json()
        assert (known["active"], known["token_use"], known["token_type"]) == (True, "access_token", "access")
        assert 1790 < known["expires_in"] <= 1800
    kept = form(sandbox, "/oauth/v3/token/introspect", token=refresh, **client_fields(sandbox)).json()
    assert (kept["active"], kept["token_use"], kept["hub_id"]) == (True, "refresh_token", known["hub_id"])
    unknown = form(sandbox, "/oauth/v3/token/introspect", token="x", **client_fields(sandbox))
    assert (unknown.status_code, unknown.json()) == (200, {"active": False})
    assert form(sandbox, "/oauth/v3/token/introspect", token=token).status_code == 400
    assert form(sandbox, "/oauth/v3/token/revoke", token=refresh, **client_fields(sandbox)).status_code == 204
    assert refreshed(sandbox).json()["status"] == "BAD_REFRESH_TOKEN"
    assert with_token(sandbox, token).status_code == 200  # until its own end
    sandbox.reset()
    assert refreshed(sandbox).status_code == 200


def test_the_official_client_renews_and_inspects(sandbox: Sandbox) -> None:
    api = HubSpot(host=sandbox.hubspot["url"]).oauth
    made = api.tokens_api.create(
        grant_type="refresh_token", refresh_token=sandbox.hubspot["refresh_token"], **client_fields(sandbox)
    )
    known = api.access_tokens_api.get(made.access_token)
    assert (known.token, known.token_type, known.hub_id) == (made.access_token, "access", 48000155)
    assert "crm.objects.contacts.read" in known.scopes
    behind = api.refresh_tokens_api.get(made.refresh_token)
    assert (behind.client_id, behind.token_type) == (sandbox.hubspot["client_id"], "refresh")
    client = HubSpot(access_token=made.access_token, host=sandbox.hubspot["url"])
    assert client.crm.contacts.basic_api.get_page().results == []
    api.refresh_tokens_api.archive(made.refresh_token)
    with pytest.raises(ApiException) as gone:
        api.refresh_tokens_api.get(made.refresh_token)
    assert gone.value.status == 404


def test_a_private_app_may_do_what_its_scopes_say(sandbox: Sandbox) -> None:
    token = "pat-na1-narrow"
    assert with_token(sandbox, token).json()["category"] == "INVALID_AUTHENTICATION"
    scopes = ["crm.objects.contacts.read", "crm.objects.companies.write", "tickets", "crm.lists.read"]
    sandbox.control("POST", "/private-app", token=token, scopes=scopes)
    may: list[tuple[str, str, Any]] = [
        ("GET", CONTACTS, None),
        ("GET", "/crm/objects/2026-03/0-1", None),
        ("POST", f"{CONTACTS}/search", {}),
        ("POST", f"{CONTACTS}/batch/read", {"inputs": []}),
        ("GET", "/crm/v3/objects/notes", None),  # activities go with contacts
        ("POST", "/crm/v3/objects/companies", {"properties": {"name": "Lakeview"}}),
        ("POST", "/crm/v3/objects/tickets/search", {}),
        ("POST", "/crm/v4/associations/contacts/companies/batch/read", {"inputs": []}),
        ("GET", "/crm/v3/properties/contacts", None),
        ("POST", "/crm/v3/lists/search", {}),
        ("GET", "/account-info/v3/details", None),
    ]
    for method, path, body in may:
        answer = with_token(sandbox, token, path, method, json=body)
        assert answer.status_code in (200, 201), (path, answer.text)
    may_not: list[tuple[str, str, Any, list[str]]] = [
        ("POST", CONTACTS, {"properties": {}}, ["crm.objects.contacts.write"]),
        ("DELETE", f"{CONTACTS}/1", None, ["crm.objects.contacts.write"]),
        ("POST", "/crm/v3/objects/notes/batch/create", {"inputs": []}, ["crm.objects.contacts.write"]),
        ("GET", "/crm/v3/objects/companies", None, ["crm.objects.companies.read"]),
        ("POST", "/crm/objects/2026-03/deals/search", {}, ["crm.objects.deals.read"]),
        ("GET", "/crm/v3/owners", None, ["crm.objects.owners.read"]),
        ("POST", "/crm/v3/properties/contacts", {}, ["crm.schemas.contacts.write"]),
        ("POST", "/crm/v3/lists", {}, ["crm.lists.write"]),
        (
            "PUT",
            "/crm/v4/objects/deals/1/associations/default/contacts/1",
            None,
            ["crm.objects.deals.write", "crm.objects.contacts.write"],
        ),
    ]
    for method, path, body, wanted in may_not:
        answer = with_token(sandbox, token, path, method, json=body)
        assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES"), path
        [error] = answer.json()["errors"]
        assert error["context"] == {"requiredGranularScopes": wanted}
    info = with_token(
        sandbox, "", "/oauth/v2/private-apps/get/access-token-info", "POST", json={"tokenKey": token}
    ).json()
    assert (info["hubId"], info["scopes"]) == (48000155, sorted(scopes))
    assert set(info) == {"userId", "hubId", "appId", "scopes"}


@pytest.mark.parametrize("header", [None, "Basic cGF0", "Bearer", "Bearer "])
def test_without_a_token_nothing_is_told(sandbox: Sandbox, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = sandbox.session.get(sandbox.hubspot["url"] + CONTACTS, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
    assert "Authentication credentials not found" in answer.json()["message"]


def test_a_job_goes_on_after_its_token_has_ended(sandbox: Sandbox) -> None:
    """What an OAuth client must do: 401 in the middle, one renewal, the same call again."""
    token = refreshed(sandbox).json()["access_token"]
    sandbox.control("POST", "/faults", kind="expire_token", system="hubspot", endpoint="GET *", nth=2)
    try:
        assert with_token(sandbox, token).status_code == 200
        ended = with_token(sandbox, token)
        assert (ended.status_code, ended.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
        assert with_token(sandbox, refreshed(sandbox).json()["access_token"]).status_code == 200
    finally:
        sandbox.control("DELETE", "/faults")


@pytest.fixture
def access() -> Access:
    clock = Clock(SCENARIO_NOW)
    clock.freeze()
    return Access(clock)


def test_all_oauth_tokens_can_end_in_the_middle_of_a_job(access: Access) -> None:
    token = access.issue(Grant(frozenset(("oauth",))))
    assert access.admit(token.value).oauth
    assert access.expire_all() == 1
    with pytest.raises(HubSpotError) as ended:
        access.admit(token.value)
    assert ended.value.category == "EXPIRED_AUTHENTICATION"
    assert ended.value.message == "The OAuth token used to make this call expired 0 second(s) ago."
    assert access.expire_all() == 0
    assert access.admit("pat-na1-sandbox").scopes is None
    assert access.expire_all(private=True) == 1
    with pytest.raises(HubSpotError) as revoked:
        access.admit("pat-na1-sandbox")
    assert revoked.value.category == "INVALID_AUTHENTICATION"


def test_access_survives_a_snapshot(access: Access) -> None:
    token = access.issue(access.refresh_tokens["na1-sandbox-refresh-token"])
    access.add_private_app("pat-na1-other", ["crm.lists.read"])
    again: Access = pickle.loads(pickle.dumps(access))
    assert again.admit(token.value) == token
    assert again.admit("pat-na1-other").scopes == frozenset(("crm.lists.read",))
    assert again.issue(Grant(frozenset())).value == access.issue(Grant(frozenset())).value


def test_a_restored_world_has_its_tokens_labels_and_lists(sandbox: Sandbox) -> None:
    token = refreshed(sandbox).json()["access_token"]
    labels = "/crm/v4/associations/contacts/companies/labels"
    sandbox.ask("POST", labels, {"name": "referrer", "label": "Refers to"})
    sandbox.ask("POST", "/crm/v3/lists", {"name": "A", "objectTypeId": "0-1", "processingType": "MANUAL"})
    sandbox.control("POST", "/snapshot", name="access")
    sandbox.reset()
    assert with_token(sandbox, token).status_code == 401
    sandbox.control("POST", "/restore", name="access")
    assert with_token(sandbox, token).status_code == 200
    assert [kind["label"] for kind in sandbox.ask("GET", labels).json()["results"]] == [None, "Primary", "Refers to"]
    assert sandbox.ask("POST", "/crm/v3/lists/search", {}).json()["total"] == 1
    later = refreshed(sandbox).json()["access_token"]
    assert later != token
