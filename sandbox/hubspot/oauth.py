"""The OAuth endpoints: tokens by authorization code and refresh token, what a token is, and taking it back.

v1 and v3 do the same; v3 takes everything in the body [DOC]. Refusals have the members of RFC 6749 beside HubSpot's
older `status` and `message` [DOC for the shape and for the refresh token, 3P and UNV for the other texts].
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.hubspot.access import (
    CLIENT_ID,
    CLIENT_SECRET,
    LIFETIME_MS,
    OAUTH_APP_ID,
    USER,
    USER_ID,
    Grant,
    Token,
)
from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.scopes import ALL_SCOPES
from sandbox.hubspot.store import PORTAL_ID

HUB_DOMAIN = "sandbox.example.org"


class Refused(HubSpotError):
    """A refusal of the token endpoint."""

    def __init__(self, error: str, status: str, message: str) -> None:
        super().__init__(400, message, status)
        self._error = error

    def body(self, correlation_id: str) -> dict[str, Any]:
        return {
            "error": self._error,
            "error_description": self.message,
            "status": self.category,
            "message": self.message,
            "correlationId": correlation_id,
        }


def authorize(call: Call) -> Reply:
    """Nobody sits at the sandbox's browser: the person who would click "allow" does so at once [INV]."""
    wanted = call.query
    if wanted.get("client_id") != CLIENT_ID:
        raise bad_request("Authorization failed because there is no app with this client id.")
    redirect_uri = wanted.get("redirect_uri", "")
    if urlsplit(redirect_uri).scheme not in ("http", "https"):
        raise bad_request("Authorization failed because the redirect URL does not match the app's registered one.")
    scopes = wanted.get("scope", "").split()
    if not scopes or not set(scopes) <= set(ALL_SCOPES):
        raise bad_request("Authorization failed because the scopes asked for are not those of the app.")
    optional = set(wanted.get("optional_scope", "").split()) & set(ALL_SCOPES)
    answer = {"code": call.portal.access.allow({"oauth", *scopes, *optional}, redirect_uri)}
    if "state" in wanted:
        answer["state"] = wanted["state"]
    return 302, f"{redirect_uri}{'&' if urlsplit(redirect_uri).query else '?'}{urlencode(answer)}"


def issue_token(call: Call) -> Reply:
    return _issue(call, call.body)


def issue_token_v1(call: Call) -> Reply:
    """v1 takes what the body has from the query too [SPEC]."""
    return _issue(call, {**call.query, **call.body})


def _issue(call: Call, asked: dict[str, str]) -> Reply:
    _check_client(asked)
    grants = {"authorization_code": _by_code, "refresh_token": _by_refresh_token}
    kind = asked.get("grant_type", "")
    if kind == "client_credentials":
        # It opens an app's own settings, not a portal's data; nothing of that is here.
        raise HubSpotError(501, "The sandbox does not simulate the grant client_credentials.", "NOT_SIMULATED")
    if kind not in grants:
        raise Refused("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type")
    refresh_token, grant = grants[kind](call, asked)
    token = call.portal.access.issue(grant)
    return 200, {
        "token_type": "bearer",
        "refresh_token": refresh_token,
        "access_token": token.value,
        "expires_in": LIFETIME_MS // 1000,
        "hub_id": PORTAL_ID,
        "scopes": token.listed,
        "user_id": USER_ID,
        "token_use": "access_token",
    }


def _by_code(call: Call, asked: dict[str, str]) -> tuple[str, Grant]:
    """A code is good for once."""
    access, code = call.portal.access, asked.get("code", "")
    grant = access.codes.get(code)
    if grant is None:
        raise Refused("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
    if access.code_expired(grant):
        raise Refused("invalid_grant", "EXPIRED_AUTH_CODE", "the auth code has expired")
    if asked.get("redirect_uri") != grant.redirect_uri:
        message = "redirect uri does not match initial auth code uri"
        raise Refused("invalid_grant", "MISMATCH_REDIRECT_URI_AUTH_CODE", message)
    del access.codes[code]
    return access.keep(grant), grant


def _by_refresh_token(call: Call, asked: dict[str, str]) -> tuple[str, Grant]:
    """The refresh token stays the same."""
    value = asked.get("refresh_token", "")
    grant = call.portal.access.refresh_tokens.get(value)
    if grant is None:
        raise Refused("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
    return value, grant


def _check_client(asked: dict[str, str]) -> None:
    if asked.get("client_id") != CLIENT_ID:
        raise Refused("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    if asked.get("client_secret") != CLIENT_SECRET:
        raise Refused("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret")


# -- what a token is ---------------------------------------------------------------------------------------------


def read_access_token(call: Call) -> Reply:
    token = call.portal.access.find(call.path["token"])
    if token is None or not token.oauth:
        raise HubSpotError(404, "There is no such access token.", "OBJECT_NOT_FOUND")
    call.portal.access.admit(token.value)
    return 200, _access_info(call, token)


def read_refresh_token(call: Call) -> Reply:
    value = call.path["token"]
    grant = call.portal.access.refresh_tokens.get(value)
    if grant is None:
        raise HubSpotError(404, "There is no such refresh token.", "OBJECT_NOT_FOUND")
    return 200, _refresh_info(value, grant)


def delete_refresh_token(call: Call) -> Reply:
    """Access tokens that it gave go on to their end [DOC]."""
    if call.portal.access.refresh_tokens.pop(call.path["token"], None) is None:
        raise HubSpotError(404, "There is no such refresh token.", "OBJECT_NOT_FOUND")
    return 204, None


def introspect(call: Call) -> Reply:
    """What is known of either kind of token; of one that is none only that it is not active."""
    _check_client(call.body)
    access, value = call.portal.access, call.body.get("token", "")
    if value in access.refresh_tokens:
        info = _refresh_info(value, access.refresh_tokens[value])
        return 200, {**info, "active": True, "app_id": OAUTH_APP_ID, "token_use": "refresh_token"}
    token = access.find(value)
    if token is None or not token.oauth or not access.seconds_left(token):
        return 200, {"active": False}
    return 200, {
        **_access_info(call, token),
        "active": True,
        "client_id": CLIENT_ID,
        "token_use": "access_token",
        "signed_access_token": _signed(token),
    }


def revoke(call: Call) -> Reply:
    """A refresh token that is none is as good as revoked, as RFC 7009 has it [UNV]."""
    _check_client(call.body)
    call.portal.access.refresh_tokens.pop(call.body.get("token", ""), None)
    return 204, None


def private_app_info(call: Call) -> Reply:
    value = call.body.get("tokenKey") if isinstance(call.body, dict) else None
    if not isinstance(value, str) or not value:
        raise bad_request("Invalid input JSON. Some required fields were not set: [tokenKey]")
    token = call.portal.access.find(value)
    if token is None or token.oauth:
        raise HubSpotError(404, "There is no such private app token.", "OBJECT_NOT_FOUND")
    return 200, {"userId": USER_ID, "hubId": PORTAL_ID, "appId": token.app, "scopes": token.listed}


def _access_info(call: Call, token: Token) -> dict[str, Any]:
    return {
        "token": token.value,
        "user": USER,
        "hub_domain": HUB_DOMAIN,
        "scopes": token.listed,
        "hub_id": PORTAL_ID,
        "app_id": token.app,
        "expires_in": call.portal.access.seconds_left(token),
        "user_id": USER_ID,
        "token_type": "access",
        "is_private_distribution": False,
    }


def _refresh_info(value: str, grant: Grant) -> dict[str, Any]:
    return {
        "token": value,
        "user": USER,
        "hub_domain": HUB_DOMAIN,
        "scopes": sorted(grant.scopes),
        "hub_id": PORTAL_ID,
        "client_id": CLIENT_ID,
        "user_id": USER_ID,
        "token_type": "refresh",
    }


def _signed(token: Token) -> dict[str, Any]:
    """The members that the description requires; the signatures are none [INV]."""
    return {
        "expiresAt": token.expires,
        "scopes": "",
        "hubId": PORTAL_ID,
        "userId": USER_ID,
        "appId": token.app,
        "appInstallId": "",
        "audience": "",
        "signature": "",
        "newSignature": "",
        "scopeToScopeGroupPks": "",
        "trialScopes": "",
        "trialScopeToScopeGroupPks": "",
        "hublet": "na1",
        "isUserLevel": False,
        "isPrivateDistribution": False,
        "isServiceAccount": False,
        "installingUserId": USER_ID,
    }


_V1, _V3 = ("/oauth/v1",), ("/oauth/v3", "/oauth/{version}")
WAYS = [
    Way("GET", ("/oauth/authorize", "/oauth/{hub_id}/authorize"), "", authorize, open=True),
    Way("POST", _V1, "/token", issue_token_v1, open=True, form=True),
    Way("POST", _V3, "/token", issue_token, open=True, form=True),
    Way("POST", _V3, "/token/introspect", introspect, open=True, form=True),
    Way("POST", ("/oauth/v3",), "/introspect", introspect, open=True, form=True),
    Way("POST", _V3, "/token/revoke", revoke, open=True, form=True),
    Way("POST", ("/oauth/v3",), "/revoke", revoke, open=True, form=True),
    Way("GET", _V1, "/access-tokens/{token}", read_access_token, open=True),
    Way("GET", _V1, "/refresh-tokens/{token}", read_refresh_token, open=True),
    Way("DELETE", _V1, "/refresh-tokens/{token}", delete_refresh_token, open=True),
    Way("POST", ("/oauth/v2/private-apps/get",), "/access-token-info", private_app_info, open=True),
]
