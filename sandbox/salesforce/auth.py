"""The connected app, and the tokens that it was given."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox.salesforce.errors import SalesforceError

CLIENT_ID = "3MVG9sandbox"
CLIENT_SECRET = "sandbox-secret"
SCOPE = "api refresh_token"
#: The private key that signs JWT assertions for the sandbox, and the certificate that its connected app holds.
PRIVATE_KEY = Path(__file__).parent / "keys" / "public_on_purpose.key.pem"
_CERTIFICATE = Path(__file__).parent / "keys" / "public_on_purpose.crt.pem"
_CODE_SECONDS = 15 * 60  # [DOC]


class OAuthError(Exception):
    """An object {error, error_description}, not the list that REST errors are [DOC]."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


@dataclass(frozen=True)
class ConnectedApp:
    """What the org knows of the client. Only the integration user is pre-authorised."""

    client_id: str = CLIENT_ID
    secret: str = CLIENT_SECRET
    certificate: str = ""  # PEM, of a certificate or a public key; empty: the sandbox's own

    def public_key(self) -> RSAPublicKey | None:
        """The key that checks JWT assertions; None when the certificate cannot be read."""
        return _public_key(self.certificate or _CERTIFICATE.read_text())


@cache
def _public_key(pem: str) -> RSAPublicKey | None:
    data = pem.encode()
    try:
        key = x509.load_pem_x509_certificate(data).public_key() if "CERTIFICATE" in pem else load_pem_public_key(data)
    except ValueError:
        return None
    return key if isinstance(key, RSAPublicKey) else None


@dataclass
class Session:
    """An access token's life."""

    issued: datetime
    used: datetime


@dataclass(frozen=True)
class Code:
    """What an authorization code was given for. `challenge` is PKCE's, None when the client sent none."""

    redirect_uri: str
    challenge: str | None
    issued: datetime


class Tokens:
    """Issued access tokens, refresh tokens and authorization codes. All act for the integration user."""

    def __init__(self, organization: str) -> None:
        self.app = ConnectedApp()
        self._organization = organization
        self._issued = 0
        self._live: dict[str, Session] = {}
        self._refresh: dict[str, datetime] = {}
        self._codes: dict[str, Code] = {}

    def issue(self, now: datetime) -> str:
        token = f"{self._organization[:15]}!AQ{self._secret()}"
        self._live[token] = Session(now, now)
        return token

    def issue_refresh(self, now: datetime) -> str:
        token = f"5Aep861{self._secret()}"
        self._refresh[token] = now
        return token

    def issue_code(self, redirect_uri: str, challenge: str | None, now: datetime) -> str:
        code = f"aPrx{self._secret()[:52]}=="
        self._codes[code] = Code(redirect_uri, challenge, now)
        return code

    def _secret(self) -> str:
        self._issued += 1
        return hashlib.sha256(f"{self._organization}/{self._issued}".encode()).hexdigest()

    def redeem(self, code: str, now: datetime) -> Code:
        """What a code was given for; it is good for one use within 15 minutes [DOC]."""
        found = self._codes.pop(code, None)
        if found is None:
            raise OAuthError("invalid_grant", "invalid authorization code")
        if (now - found.issued).total_seconds() > _CODE_SECONDS:
            raise OAuthError("invalid_grant", "expired authorization code")
        return found

    def may_refresh(self, token: str) -> bool:
        return token in self._refresh

    def expire(self) -> None:
        """End all sessions. Refresh tokens survive."""
        self._live.clear()

    def revoke(self, token: str) -> bool:
        """End one token; whether there was such a one."""
        return (self._live.pop(token, None) or self._refresh.pop(token, None)) is not None

    def about(self, token: str) -> tuple[str, datetime] | None:
        """The kind of a live token and when it was issued."""
        if token in self._live:
            return "access_token", self._live[token].issued
        return ("refresh_token", self._refresh[token]) if token in self._refresh else None

    def is_live(self, token: str, now: datetime, seconds: float | None) -> bool:
        """Whether a session is open. `seconds`: how long it stays so unused; each use counts anew [DOC]."""
        session = self._live.get(token)
        if session is None:
            return False
        if seconds is not None and (now - session.used).total_seconds() > seconds:
            del self._live[token]
            return False
        session.used = now
        return True

    def check(self, header: str | None, now: datetime, seconds: float | None) -> str:
        """The token of an Authorization header, when it is live."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() not in ("bearer", "oauth") or not self.is_live(token.strip(), now, seconds):
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)  # [DOC]
        return token.strip()
