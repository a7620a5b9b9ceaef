"""OAuth tokens: client_credentials only, as SOAP login() and password flows are going [DOC]."""

import base64
import binascii
import hashlib
from urllib.parse import parse_qsl, unquote_plus

from sandbox.salesforce.errors import SalesforceError

CLIENT_ID = "3MVG9sandbox"
CLIENT_SECRET = "sandbox-secret"


class OAuthError(Exception):
    """An object {error, error_description}, not the list that REST errors are [DOC]."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class Tokens:
    """Issued access tokens. They carry no expiry of their own; the org can end them all."""

    def __init__(self, organization: str) -> None:
        self._organization = organization
        self._issued = 0
        self._live: set[str] = set()

    def issue(self) -> str:
        self._issued += 1
        secret = hashlib.sha256(f"{self._organization}/{self._issued}".encode()).hexdigest()
        token = f"{self._organization[:15]}!AQ{secret}"
        self._live.add(token)
        return token

    def expire(self) -> None:
        self._live.clear()

    def revoke(self, token: str) -> None:
        self._live.discard(token)

    def check(self, header: str | None) -> str:
        """The token of an Authorization header, when it is live."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or token.strip() not in self._live:
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)  # [DOC]
        return token.strip()


def check_client(body: bytes, authorization: str | None) -> None:
    """Accept the sandbox's client, given in the form or as HTTP Basic; raise OAuthError otherwise."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    grant = form.get("grant_type")
    if not grant:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    if grant != "client_credentials":
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    client, secret = form.get("client_id"), form.get("client_secret")
    if client is None and authorization and authorization.lower().startswith("basic "):
        try:
            client, _, secret = base64.b64decode(authorization[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            client = None
        else:
            client, secret = unquote_plus(client), unquote_plus(secret)
    if client != CLIENT_ID:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if secret != CLIENT_SECRET:
        raise OAuthError("invalid_client", "invalid client credentials")
