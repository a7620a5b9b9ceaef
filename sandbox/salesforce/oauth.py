"""The grants of the token endpoint: client credentials, JWT bearer, authorization code, refresh token.

User name and password are refused as new orgs refuse them. Texts of refusals [3P] unless said otherwise.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from sandbox.salesforce.auth import SCOPE, ConnectedApp, OAuthError

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LONGEST = 300  # seconds that an assertion may still be good; Salesforce says three minutes, its own clients take five
_AUDIENCE = re.compile(
    r"https://(?:login|test|[A-Za-z0-9-]+(?:--[A-Za-z0-9-]+)?(?:\.sandbox)?\.my)\.salesforce\.com/?\Z"
)
Form = dict[str, str]
Reply = dict[str, Any]


def grant(org: Org, form: Form, authorization: str | None, host: str) -> Reply:
    """The token endpoint's reply to a form. There is no expires_in in it [UNV]. Raises OAuthError."""
    kind = form.get("grant_type")
    if kind == JWT_BEARER:
        check_assertion(org, form.get("assertion", ""), host)
        return _reply(org, host)
    if kind == "password":
        raise OAuthError("invalid_grant", "authentication failure")
    if kind not in ("client_credentials", "authorization_code", "refresh_token"):
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    check_client(org.tokens.app, form, authorization)
    if kind == "authorization_code":
        return _exchange(org, form, host)
    if kind == "refresh_token" and not org.tokens.may_refresh(form.get("refresh_token", "")):
        raise OAuthError("invalid_grant", "expired access/refresh token")  # [DOC]
    return _reply(org, host) | _stamped(org)


def _reply(org: Org, host: str) -> Reply:
    return {
        "access_token": org.tokens.issue(org.clock.now()),
        "scope": SCOPE,
        "instance_url": host,
        "id": identity_url(org, host),
        "token_type": "Bearer",
    }


def _stamped(org: Org) -> Reply:
    issued = str(int(org.clock.now().timestamp() * 1000))
    return {"signature": "c2FuZGJveC1zaWduYXR1cmU=", "issued_at": issued}


def identity_url(org: Org, host: str) -> str:
    return f"{host}/id/{org.organization_id}/{org.user_id}"


def check_client(app: ConnectedApp, form: Form, authorization: str | None) -> None:
    """Accept the connected app, named in the form or as HTTP Basic; raise OAuthError otherwise."""
    client, secret = form.get("client_id"), form.get("client_secret")
    if client is None and authorization and authorization.lower().startswith("basic "):
        try:
            client, _, secret = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = None
        else:
            client, secret = unquote_plus(client), unquote_plus(secret)
    if client != app.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if secret != app.secret:
        raise OAuthError("invalid_client", "invalid client credentials")


# -- the web server flow ----------------------------------------------------------------------------------------------


def authorize(org: Org, asked: Form) -> tuple[str, dict[str, str]]:
    """Where the browser is sent after consent, which is given at once, and with what. Raises OAuthError."""
    if asked.get("client_id") != org.tokens.app.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    target = asked.get("redirect_uri", "")
    if not is_callback(target):
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    state = {"state": asked["state"]} if "state" in asked else {}
    if asked.get("response_type") != "code":
        refusal = {"error": "unsupported_response_type", "error_description": "response type not supported"}
        return target, {**refusal, **state}
    code = org.tokens.issue_code(target, asked.get("code_challenge") or None, org.clock.now())
    return target, {"code": code, **state}


def is_callback(target: str) -> bool:
    """The connected app's callback URLs are all those on this machine."""
    parts = urlsplit(target)
    return parts.scheme in ("http", "https") and parts.hostname in ("localhost", "127.0.0.1", "::1")


def _exchange(org: Org, form: Form, host: str) -> Reply:
    code = org.tokens.redeem(form.get("code", ""), org.clock.now())
    if form.get("redirect_uri") != code.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    if code.challenge is not None:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code.challenge.rstrip("="):
            raise OAuthError("invalid_grant", "invalid code verifier")  # text [UNV]
    return _reply(org, host) | _stamped(org) | {"refresh_token": org.tokens.issue_refresh(org.clock.now())}


# -- JWT bearer -------------------------------------------------------------------------------------------------------


def check_assertion(org: Org, assertion: str, host: str) -> None:
    """Accept a JWT that the connected app's certificate verifies and that names the integration user [DOC]."""
    header, claims, signed, signature = _parts(assertion)
    app = org.tokens.app
    if claims.get("iss") != app.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    key = app.public_key()
    if header.get("alg") != "RS256" or key is None:
        raise _bad("invalid assertion")
    try:
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        raise _bad("invalid assertion") from None
    audience = claims.get("aud")
    if not isinstance(audience, str) or not (_AUDIENCE.match(audience) or audience.rstrip("/") == host):
        raise _bad("audience is invalid")
    _check_life(org, claims.get("exp"))
    user = org.tables["User"].rows[org.user_id]
    if str(claims.get("sub", "")).lower() != str(user["Username"]).lower():
        raise _bad("user hasn't approved this consumer")
    if not user.get("IsActive"):
        raise OAuthError("inactive_user", "user is inactive")  # [DOC]


def _check_life(org: Org, expiry: Any) -> None:
    """Not over and not good for longer than Salesforce allows.

    By the sandbox's clock or by this machine's, with which a client stamps that knows nothing of the sandbox [INV].
    """
    try:
        left = [float(expiry) - now for now in (org.clock.now().timestamp(), time.time())]
    except (TypeError, ValueError):
        raise _bad("invalid assertion") from None
    if not any(0 < seconds <= _LONGEST for seconds in left):
        raise _bad("expired authorization code" if min(left) <= 0 else "invalid assertion")


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Header, claims, what is signed, and the signature."""
    pieces = assertion.split(".")
    try:
        header, claims, signature = (base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in pieces)
        read = orjson.loads(header), orjson.loads(claims)
    except ValueError:
        raise _bad("invalid assertion") from None
    if not all(isinstance(part, dict) for part in read):
        raise _bad("invalid assertion")
    return *read, assertion.rpartition(".")[0].encode(), signature


def _bad(description: str) -> OAuthError:
    return OAuthError("invalid_grant", description)
