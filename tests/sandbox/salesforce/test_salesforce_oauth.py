"""Tokens by every grant that orgs still allow, what ends them, and what is said about them."""

from __future__ import annotations

import base64
import hashlib
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce

from sandbox.clock import Clock
from sandbox.salesforce.auth import CLIENT_ID, CLIENT_SECRET, PRIVATE_KEY
from sandbox.salesforce.oauth import JWT_BEARER
from tests.sandbox.salesforce.conftest import VERSION, LoopbackAdapter

USERNAME = "integration@crosswalk.example.org"
CALLBACK = "http://localhost:1717/OauthRedirect"
CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def post(wire, path="token", **form):
    return requests.post(f"{wire.url}/services/oauth2/{path}", data=form, timeout=10)


def assertion(key=None, **claims):
    given = {"iss": CLIENT_ID, "sub": USERNAME, "aud": "https://login.salesforce.com", "exp": int(time.time()) + 180}
    return jwt.encode({**given, **claims}, key or PRIVATE_KEY.read_bytes(), algorithm="RS256")


def by_jwt(wire, key=None, **claims):
    return post(wire, grant_type=JWT_BEARER, assertion=assertion(key, **claims))


def opens(wire, token):
    wire.token = token
    return wire.ask("GET", "limits").status_code == 200


def test_a_signed_assertion_gets_a_token(wire):
    reply = by_jwt(wire)
    assert reply.status_code == 200
    assert set(reply.json()) == {"access_token", "scope", "instance_url", "id", "token_type"}
    assert opens(wire, reply.json()["access_token"])
    for audience in ("https://test.salesforce.com", "https://acme.my.salesforce.com", wire.url):
        assert by_jwt(wire, aud=audience).status_code == 200


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "other"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@example.org"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"aud": "https://login.example.org"}, "invalid_grant", "audience is invalid"),
        ({"exp": 1_600_000_000}, "invalid_grant", "expired authorization code"),
        ({"exp": 4_000_000_000}, "invalid_grant", "invalid assertion"),
        ({"exp": None}, "invalid_grant", "invalid assertion"),
    ],
)
def test_assertions_that_are_refused(wire, claims, error, description):
    given = {name: value for name, value in claims.items() if value is not None}
    text = assertion(**given)
    if None in claims.values():
        body = {"iss": CLIENT_ID, "sub": USERNAME, "aud": "https://login.salesforce.com"}
        text = jwt.encode(body, PRIVATE_KEY.read_bytes(), algorithm="RS256")
    reply = post(wire, grant_type=JWT_BEARER, assertion=text)
    assert reply.status_code == 400
    assert reply.json() == {"error": error, "error_description": description}


def test_only_the_key_of_the_connected_app_counts(wire):
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused = {"error": "invalid_grant", "error_description": "invalid assertion"}
    assert by_jwt(wire, stranger).json() == refused
    assert post(wire, grant_type=JWT_BEARER, assertion="a.b").json() == refused
    unsigned = jwt.encode({"iss": CLIENT_ID}, None, algorithm="none")
    assert post(wire, grant_type=JWT_BEARER, assertion=unsigned).json() == refused
    public = stranger.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    wire.org.change({"jwt_certificate": public.decode()})
    assert by_jwt(wire, stranger).status_code == 200 and by_jwt(wire).json() == refused
    with pytest.raises(ValueError, match="jwt_certificate"):
        wire.org.change({"jwt_certificate": "no key"})


def test_an_assertion_is_judged_by_the_clock_of_the_sandbox(wire):
    wire.org.clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    now = int(wire.org.clock.now().timestamp())
    assert by_jwt(wire, exp=now + 200).status_code == 200
    wire.org.clock.advance(300)
    assert by_jwt(wire, exp=now + 200).json()["error_description"] == "expired authorization code"


def test_a_deactivated_user_gets_no_token(wire):
    user = wire.org.tables["User"].rows[wire.org.user_id]
    wire.org.put("User", {**user, "IsActive": False})
    assert by_jwt(wire).json()["error"] == "inactive_user"


def test_the_official_client_signs_in_with_its_key(wire, served_org):
    with requests.Session() as session:
        session.mount("https://", LoopbackAdapter(served_org[1]))
        found = Salesforce(username=USERNAME, consumer_key=CLIENT_ID, privatekey_file=str(PRIVATE_KEY),
                           session=session, version=VERSION)  # fmt: skip
        assert found.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def consent(wire, **more):
    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": CALLBACK, "state": "s 1", **more}
    return requests.get(f"{wire.url}/services/oauth2/authorize", params=asked, timeout=10, allow_redirects=False)


def exchange(wire, code, **more):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **CLIENT, **more}
    return post(wire, **form)


def code_of(reply):
    assert reply.status_code == 302 and reply.headers["Location"].startswith(CALLBACK + "?")
    asked = parse_qs(urlsplit(reply.headers["Location"]).query)
    assert asked["state"] == ["s 1"]
    return asked["code"][0]


def test_the_web_server_flow_and_refreshing(wire):
    code = code_of(consent(wire))
    reply = exchange(wire, code).json()
    assert {"access_token", "refresh_token", "signature", "issued_at", "id", "instance_url"} <= reply.keys()
    assert exchange(wire, code).json()["error"] == "invalid_grant"  # a code is good for one use
    wire.org.expire_tokens()
    assert not opens(wire, reply["access_token"])
    again = post(wire, grant_type="refresh_token", refresh_token=reply["refresh_token"], **CLIENT).json()
    assert "refresh_token" not in again and opens(wire, again["access_token"])
    refused = post(wire, grant_type="refresh_token", refresh_token="none", **CLIENT)
    assert refused.json() == {"error": "invalid_grant", "error_description": "expired access/refresh token"}


def test_what_the_web_server_flow_refuses(wire):
    assert consent(wire, redirect_uri="https://elsewhere.example.org/").json()["error"] == "redirect_uri_mismatch"
    assert consent(wire, client_id="other").json()["error"] == "invalid_client_id"
    assert "error=unsupported_response_type" in consent(wire, response_type="token").headers["Location"]
    elsewhere = exchange(wire, code_of(consent(wire)), redirect_uri="http://localhost:9/")
    assert elsewhere.json()["error"] == "redirect_uri_mismatch"
    assert exchange(wire, code_of(consent(wire)), client_secret="no").json()["error"] == "invalid_client"
    wire.org.clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    late = code_of(consent(wire))
    wire.org.clock.advance(16 * 60)
    assert exchange(wire, late).json()["error_description"] == "expired authorization code"


def test_a_code_asked_for_with_a_challenge_needs_its_verifier(wire):
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert exchange(wire, code_of(consent(wire, code_challenge=challenge))).json()["error"] == "invalid_grant"
    code = code_of(consent(wire, code_challenge=challenge))
    assert exchange(wire, code, code_verifier=verifier).status_code == 200


def test_passwords_are_refused(wire):
    reply = post(wire, grant_type="password", username=USERNAME, password="x", **CLIENT)
    assert reply.json() == {"error": "invalid_grant", "error_description": "authentication failure"}


def test_introspection(wire):
    live = post(wire, "introspect", token=wire.token, token_type_hint="access_token", **CLIENT).json()
    assert live["active"] is True and live["username"] == USERNAME and live["client_id"] == CLIENT_ID
    assert live["exp"] - live["iat"] == 7200 and live["token_type"] == "access_token"
    assert live["sub"].endswith(wire.org.user_id)
    assert post(wire, "introspect", token="none", **CLIENT).json() == {"active": False}
    stranger = post(wire, "introspect", token=wire.token, client_id="other")
    assert stranger.status_code == 401 and stranger.json()["error"] == "invalid_client_id"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_revocation(wire, method):
    where = f"{wire.url}/services/oauth2/revoke"
    values = {"token": wire.token}
    reply = requests.request(method, where, params=values if method == "GET" else None,
                             data=values if method == "POST" else None, timeout=10)  # fmt: skip
    assert reply.status_code == 200 and not opens(wire, wire.token)
    assert requests.get(where, params=values, timeout=10).json()["error"] == "invalid_token"


def test_who_a_token_stands_for(wire):
    headers = {"Authorization": f"Bearer {wire.token}"}
    identity = wire.sign_in()["id"]
    shown = requests.get(identity, headers=headers, timeout=10).json()
    assert shown["username"] == USERNAME and shown["urls"]["rest"] == f"{wire.url}/services/data/v{{version}}/"
    assert requests.get(identity, params={"oauth_token": wire.token}, timeout=10).ok
    info = requests.get(f"{wire.url}/services/oauth2/userinfo", headers=headers, timeout=10).json()
    assert (info["sub"], info["preferred_username"]) == (identity, USERNAME)
    wrong = requests.get(f"{wire.url}/services/oauth2/userinfo", headers={"Authorization": "Bearer x"}, timeout=10)
    assert (wrong.status_code, wrong.text) == (403, "Bad_OAuth_Token")
    other = identity.replace(wire.org.organization_id, "00D000000000000AAA")
    assert requests.get(other, headers=headers, timeout=10).text == "Wrong_Org"
    assert requests.get(identity, timeout=10).text == "Missing_OAuth_Token"


def test_sessions_end_when_nobody_uses_them(wire):
    wire.org.clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    wire.sign_in()
    wire.org.change({"session_seconds": 7200})
    wire.org.clock.advance(7000)
    assert opens(wire, wire.token)
    wire.org.clock.advance(7000)
    assert opens(wire, wire.token)  # used meanwhile
    wire.org.clock.advance(7300)
    assert wire.ask("GET", "limits").json()[0]["errorCode"] == "INVALID_SESSION_ID"
    wire.org.change({"session_seconds": None})
