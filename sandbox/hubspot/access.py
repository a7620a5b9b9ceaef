"""Who may call the portal: private apps with tokens that last, and an OAuth app whose tokens expire and are renewed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import NAMESPACE_URL, uuid5

from sandbox.clock import Clock, iso_ms
from sandbox.hubspot import TOKEN
from sandbox.hubspot.errors import HubSpotError, unauthenticated
from sandbox.hubspot.scopes import ALL_SCOPES

CLIENT_ID = "5a2d0c1e-7b64-4f0a-9a35-c0ffee000155"
CLIENT_SECRET = "sandbox-client-secret"
REFRESH_TOKEN = "na1-sandbox-refresh-token"  # the OAuth app is installed from the start

LIFETIME_MS = 1_800_000  # of an access token [DOC, SPEC]
CODE_LIFETIME_MS = 600_000  # of an authorization code [UNV]
USER_ID, USER = 9_000_155, "admin@example.org"
PRIVATE_APP_ID, OAUTH_APP_ID = 1_550_001, 1_550_002


@dataclass(frozen=True)
class Token:
    """An access token; without `scopes` it may do everything, without `expires` (ms) it lasts."""

    value: str
    app: int
    scopes: frozenset[str] | None
    expires: int | None = None
    oauth: bool = False

    @property
    def listed(self) -> list[str]:
        return sorted(ALL_SCOPES if self.scopes is None else self.scopes)


@dataclass(frozen=True)
class Grant:
    """What a person has allowed the OAuth app: behind an authorization code, and later behind a refresh token."""

    scopes: frozenset[str]
    redirect_uri: str = ""
    expires: int = 0


class Access:
    """The portal's apps and tokens. Token values are counted up, so that two runs are alike."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._private = {TOKEN: Token(TOKEN, PRIVATE_APP_ID, None)}
        self._issued: dict[str, Token] = {}
        self.codes: dict[str, Grant] = {}
        self.refresh_tokens = {REFRESH_TOKEN: Grant(frozenset(ALL_SCOPES))}
        self._count = 0

    def admit(self, value: str) -> Token:
        """The token a request came with; raises the 401 when there is none such, or no longer."""
        token = self.find(value)
        if token is None:
            raise unauthenticated("The access token used to make this call is invalid or has been deactivated.")
        if token.expires is not None and token.expires <= self._clock.now_ms():
            raise self._expired(token.expires)
        return token

    def find(self, value: str) -> Token | None:
        return self._private.get(value) or self._issued.get(value)

    def seconds_left(self, token: Token) -> int:
        return max(0, ((token.expires or 0) - self._clock.now_ms()) // 1000)

    def add_private_app(self, token: str, scopes: Iterable[str]) -> Token:
        """A private app with these scopes only; a token that is there already gets them instead."""
        known = self._private.get(token)
        self._count += 1
        app = known.app if known else OAUTH_APP_ID + self._count
        self._private[token] = Token(token, app, frozenset(scopes))
        return self._private[token]

    def allow(self, scopes: Iterable[str], redirect_uri: str) -> str:
        """A person clicks "allow": an authorization code for the OAuth app."""
        code = self._new("code")
        self.codes[code] = Grant(frozenset(scopes), redirect_uri, self._clock.now_ms() + CODE_LIFETIME_MS)
        return code

    def code_expired(self, grant: Grant) -> bool:
        return grant.expires <= self._clock.now_ms()

    def keep(self, grant: Grant) -> str:
        """A refresh token for what was granted; it lasts until it is revoked [DOC]."""
        value = self._new("refresh")
        self.refresh_tokens[value] = grant
        return value

    def issue(self, grant: Grant) -> Token:
        """A new access token; earlier ones go on to their own end [DOC]."""
        value = self._new("access")
        self._issued[value] = Token(
            value, OAUTH_APP_ID, grant.scopes, expires=self._clock.now_ms() + LIFETIME_MS, oauth=True
        )
        return self._issued[value]

    def expire_all(self, *, private: bool = False) -> int:
        """End every OAuth access token now, and with `private` take the private apps' away; returns how many."""
        now = self._clock.now_ms()
        live = [token for token in self._issued.values() if token.expires is None or token.expires > now]
        for token in live:
            self._issued[token.value] = replace(token, expires=now)
        ended = len(live)
        if private:
            ended += len(self._private)
            self._private.clear()
        return ended

    def _new(self, kind: str) -> str:
        self._count += 1
        return f"na1-{uuid5(NAMESPACE_URL, f'{kind}/{self._count}')}"

    def _expired(self, expires: int) -> HubSpotError:
        """As clients' bug reports quote it, unit and context included [3P]."""
        past = (self._clock.now_ms() - expires) // 1000
        for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
            if past >= seconds or unit == "second":
                message = f"The OAuth token used to make this call expired {past // seconds} {unit}(s) ago."
                break
        return HubSpotError(401, message, "EXPIRED_AUTHENTICATION", context={"expire time": [iso_ms(expires)]})
