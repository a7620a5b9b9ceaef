"""Our own requests session for Salesforce: signed in when needed, counted, paced, timed and retried.

simple-salesforce runs on it, so that its calls get all of that too. It hard-codes ``https://``, has no time-outs, loses
headers when it signs in again and quotes answers in its errors; nothing of that is reached, because every answer is
judged here first.
"""

import ipaddress
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from connectors.salesforce.errors import failure
from crosswalk.errors import ConfigError, TerminalError, TransientError
from crosswalk.platform.http import BACKOFF, CallCounter, Pacer, is_whole, retrying

API_VERSION = "62.0"
T = TypeVar("T")

ATTEMPTS = 4
POOL = 16
REPEATABLE = frozenset({"GET", "HEAD", "PATCH"})
"""Methods that find their own work when repeated: upserts by external id and updates by id are PATCH."""

_LIMIT = re.compile(r"api-usage=(\d+)/(\d+)")
_VERSION = re.compile(r"v?(\d+)(?:\.0)?")


class Usage(NamedTuple):
    """How many API requests the org has used of its rolling 24-hour allowance."""

    used: int
    total: int


class LoopbackAdapter(HTTPAdapter):
    """Lets the hard-coded ``https://`` reach a plain-HTTP server on this machine; mounted for no other host."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send over plain HTTP."""
        request.url = "http" + str(request.url).removeprefix("https")
        return super().send(request, *args, **kwargs)


class SalesforceSession(requests.Session):
    """A session bound to one org. Makes no call before it is needed."""

    def __init__(
        self,
        instance_url: str,
        client_id: str,
        client_secret: SecretStr,
        *,
        version: str = API_VERSION,
        timeout: float = 30.0,
        calls: CallCounter | None = None,
        pacer: Pacer | None = None,
        sleep: Callable[[float], object] = time.sleep,
        backoff: float = BACKOFF,
    ) -> None:
        super().__init__()
        self._client_id, self._client_secret = client_id, client_secret
        self._timeout, self._pacer = timeout, pacer or Pacer.unlimited()
        self.sleep, self._backoff = sleep, backoff
        self.calls = calls or CallCounter()
        self.usage: Usage | None = None
        self.version = _version(version)
        self._token, self._lock = "", threading.Lock()
        self._opened: datetime | None = None
        self.host = self._bind(instance_url)
        self.origin = f"https://{self.host}"
        self.data_path = f"/services/data/v{self.version}/"
        self.headers["User-Agent"] = "crosswalk-hub"
        self.auth = _keep  # else requests would put a password from ~/.netrc on the token request
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def _bind(self, instance_url: str) -> str:
        """Mount the transport that the address needs and return its host and port.

        Raises:
            ConfigError: not an https address, nor http on this machine.
        """
        parts = urlsplit(instance_url)
        host = parts.netloc.rpartition("@")[2].lower()
        plain = parts.scheme == "http"
        if parts.scheme not in ("http", "https") or not parts.hostname or (plain and not _loopback(parts.hostname)):
            raise ConfigError(
                "must be https://… (plain http only for an address of this machine)",
                key="CROSSWALK_SALESFORCE_INSTANCE_URL",
            )
        self.mount("https://", HTTPAdapter(pool_connections=2, pool_maxsize=POOL, max_retries=0))
        if plain:
            self.trust_env = False
            self.mount(f"https://{host}/", LoopbackAdapter(pool_connections=2, pool_maxsize=POOL, max_retries=0))
        return host

    @cached_property
    def rest(self) -> Salesforce:
        """simple-salesforce on this session; the token that it is given is replaced when a request is sent."""
        rest = Salesforce(
            session_id="set-when-sent", instance=self.host, version=self.version, session=self, object_pairs_hook=None
        )
        rest.headers.pop("X-PrettyPrint")
        return rest

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> requests.Response:
        """Call a resource under ``/services/data/vXX.0/``, or any path that begins with ``/``."""
        url = self.origin + (path if path.startswith("/") else self.data_path + path)
        sent = {**(headers or {}), **({"Content-Type": content_type} if body is not None else {})}
        return self.request(method, url, data=body, headers=sent)

    def opened(self) -> datetime:
        """Return the vendor's time when it first answered this session; signs in if nothing was asked so far.

        Raises:
            TerminalError: the vendor does not say what time it has.
        """
        if self._opened is None:
            self._sign_in("")
        if self._opened is None:
            raise TerminalError("Salesforce's answers have no Date: what stands in between?", code="NO_DATE")
        return self._opened

    def query(self, soql: str, *, deleted: bool = False) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages of a query; with ``deleted`` also what is in the recycle bin or archived."""
        answer = self.rest.query(soql, include_deleted=deleted)
        yield answer["records"]
        while not answer["done"]:
            answer = self.rest.query_more(answer["nextRecordsUrl"], identifier_is_url=True)
            yield answer["records"]

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send a request signed in; retry what may be repeated; raise the hub's error for any refusal."""
        if urlsplit(str(request.url)).netloc.lower() != self.host:
            raise TerminalError("Salesforce pointed to another host: not followed", code="FOREIGN_HOST")
        attempts = ATTEMPTS if request.method in REPEATABLE else 1
        return self.retrying(lambda: self._signed(request, kwargs), attempts)

    def retrying(self, call: Callable[[], T], attempts: int = ATTEMPTS) -> T:
        """Call again, after a while, when it fails in a way that may pass."""
        return retrying(call, attempts=attempts, sleep=self.sleep, backoff=self._backoff)

    def _signed(self, request: requests.PreparedRequest, kwargs: dict[str, Any]) -> requests.Response:
        """Send once; when the token has expired get a new one and send the very same request once more."""
        token = self._token or self._sign_in("")
        reply = self._once(request, token, kwargs)
        if _expired(reply):
            reply = self._once(request, self._sign_in(token), kwargs)
        return _judged(reply)

    def _once(self, request: requests.PreparedRequest, token: str, kwargs: dict[str, Any]) -> requests.Response:
        """Put one request on the wire: paced, counted and timed, following no redirect."""
        sent = request.copy()
        if token:
            sent.headers["Authorization"] = f"Bearer {token}"
        self._pacer.wait()
        self.calls.add()
        try:
            reply = super().send(sent, **{**kwargs, "timeout": self._timeout, "allow_redirects": False})
        except requests.exceptions.SSLError:
            raise ConfigError("Salesforce's certificate is not trusted here; check proxy and CA settings") from None
        except requests.exceptions.Timeout:
            raise TransientError(f"Salesforce did not answer within {self._timeout:g} s") from None
        except requests.exceptions.RequestException as error:
            raise TransientError(f"Salesforce could not be reached ({type(error).__name__})") from None
        self._opened = self._opened or dated(reply)
        if found := _LIMIT.search(reply.headers.get("Sforce-Limit-Info", "")):
            self.usage = Usage(int(found.group(1)), int(found.group(2)))
        return reply

    def _sign_in(self, stale: str) -> str:
        """Return a token other than ``stale``; of several threads one asks for it.

        Raises:
            ConfigError: the client id, the secret or the app's settings are wrong.
        """
        with self._lock:
            if self._token == stale:
                self._token = self.retrying(self._new_token)
            return self._token

    def _new_token(self) -> str:
        """Ask for a token by client credentials (SOAP login is being retired)."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        request = requests.Request(
            "POST",
            f"{self.origin}/services/oauth2/token",
            data=urlencode(form),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        )
        prepared = self.prepare_request(request)
        environment = self.merge_environment_settings(prepared.url, {}, False, None, None)
        return str(_judged(self._once(prepared, "", dict(environment))).json()["access_token"])


def dated(reply: requests.Response) -> datetime | None:
    """Return the vendor's time when it answered, in whole seconds; None where it does not say."""
    try:
        return parsedate_to_datetime(reply.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _keep(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave a request's authorization as it is."""
    return request


def _judged(reply: requests.Response) -> requests.Response:
    """Return a success, and raise the hub's error for anything else.

    A page for people with status 200 is a portal or a login page in the way.
    """
    if reply.status_code >= 300:
        raise failure(reply)
    if "html" in reply.headers.get("Content-Type", ""):
        raise TerminalError("Salesforce answered with a web page: check the instance address", code="NOT_AN_API")
    if "json" in reply.headers.get("Content-Type", "") and not is_whole(reply.content):
        raise TransientError("Salesforce sent an answer that is not whole")
    return reply


def _expired(reply: requests.Response) -> bool:
    """Whether the token is the trouble; ``userinfo`` says so with a 403 of plain text."""
    if reply.status_code == 401:
        return b"INVALID_SESSION_ID" in reply.content
    return reply.status_code == 403 and reply.content.strip() == b"Bad_OAuth_Token"


def _loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _version(text: str) -> str:
    """Return ``62.0`` for v62.0, 62.0 or 62."""
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise ConfigError("must look like v62.0", key="api_version")
    return f"{found.group(1)}.0"
