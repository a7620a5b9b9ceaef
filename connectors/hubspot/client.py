"""HubSpot's wire: the official client's connection, with our own timeouts, counting, pacing and error names.

The official client is used one level below its generated methods (``ApiClient.request``): those know only ``v3`` paths,
build models at 30 times the cost of reading the bytes, and on a refusal decode the body as UTF-8, which turns a
gateway's Latin-1 page or a TLS error into an error of their own.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from hubspot import HubSpot  # type: ignore[import-untyped]  # the vendor ships no types
from hubspot.crm.objects.exceptions import ApiException  # type: ignore[import-untyped]
from urllib3.exceptions import HTTPError, LocationParseError, LocationValueError, NewConnectionError
from urllib3.exceptions import TimeoutError as NoAnswerInTimeError

from connectors.hubspot import listing
from connectors.hubspot.errors import RULES, VENDOR, refusal
from connectors.hubspot.search import Body
from crosswalk.errors import ConfigError, CrosswalkError, TransientError
from crosswalk.platform.http import BACKOFF, CallCounter, Pacer, Refusal, classify, is_whole, retrying

CONNECT_SECONDS = 10.0
WHOLE, MADE, PARTLY = (200,), (201,), (200, 207)
"""What endpoints answer when they succeed; a batch may succeed for some records only."""
_LIMIT = "X-HubSpot-RateLimit"
_DATED = re.compile(r"20\d\d-(03|09)")


class Client:
    """One account's connection. Keep it: each new one opens sockets of its own."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeout: float = 30.0,
        api_version: str = "",
        calls: CallCounter | None = None,
        pacer: Pacer | None = None,
        search_pacer: Pacer | None = None,
        sleep: Callable[[float], object] = time.sleep,
        backoff: float = BACKOFF,
    ) -> None:
        if not token.isascii() or not token.isprintable() or " " in token:
            # http.client would quote the header, and with it the secret, in its error.
            raise ConfigError("holds characters that no token has", key="CROSSWALK_HUBSPOT_TOKEN")
        self.calls = calls or CallCounter()
        self._base = base_url.rstrip("/")
        self._timeout = (min(CONNECT_SECONDS, timeout), timeout)
        self._version = _version(api_version)
        self._pacer = pacer or Pacer.unlimited()
        self._search_pacer = search_pacer or Pacer.unlimited()
        self._sleep, self._backoff = sleep, backoff
        self._api = HubSpot(access_token=token, host=self._base, retry=False).crm.objects.search_api.api_client
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Content-Type": "application/json",
            "User-Agent": "crosswalk",
        }

    def search(self, kind: str, body: Body) -> bytes:
        """Answer of a search among the objects of a kind (contacts, companies, 2-123)."""
        return self._retried("POST", f"{self._path('objects', kind)}/search", self._search_pacer, body)

    def list(self, kind: str, properties: Sequence[str], after: str | None) -> bytes:
        """A page of the list of all objects of a kind."""
        return self._retried("GET", self._path("objects", kind) + listing.query(properties, after), self._pacer)

    def read(self, kind: str, ids: Sequence[str], properties: Sequence[str]) -> bytes:
        """Up to 100 objects by their ids; what is not there is left out."""
        body = {"inputs": [{"id": one} for one in ids], "properties": list(properties)}
        return self._retried("POST", f"{self._path('objects', kind)}/batch/read", self._pacer, body, PARTLY)

    def update(self, kind: str, body: Body) -> bytes:
        """Answer to a batch of updates, which goes by ids and may therefore be repeated."""
        return self._retried("POST", f"{self._path('objects', kind)}/batch/update", self._pacer, body, PARTLY)

    def properties(self, kind: str) -> bytes:
        """Definitions of all properties of a kind of object."""
        return self._retried("GET", self._path("properties", kind), self._pacer)

    def create_property(self, kind: str, definition: Body) -> bytes:
        """The property as it was made; a repeat finds that it exists."""
        return self._retried("POST", self._path("properties", kind), self._pacer, definition, MADE)

    def _path(self, family: str, kind: str) -> str:
        """HubSpot puts ``v3`` before the family, and a dated version behind it."""
        if self._version == "v3":
            return f"/crm/v3/{family}/{kind}"
        return f"/crm/{family}/{self._version}/{kind}"

    def _retried(
        self, method: str, path: str, pacer: Pacer, body: Body | None = None, answers: Sequence[int] = WHOLE
    ) -> bytes:
        send = partial(self._send, method, path, pacer, body, answers)
        return retrying(send, sleep=self._sleep, backoff=self._backoff)

    def _send(self, method: str, path: str, pacer: Pacer, body: Body | None, answers: Sequence[int]) -> bytes:
        """One request; only a status that its endpoint is known to give is an answer, all else is an error of ours."""
        pacer.wait()
        self.calls.add()
        status, headers, data = self._exchange(method, path, body)
        if pacer is self._pacer:
            self._heed(headers)
        if status in answers:
            if not is_whole(data):
                raise TransientError(f"{VENDOR} sent an answer that is not whole")
            return data
        raise self._named(status, headers, data)

    def _heed(self, headers: Mapping[str, str]) -> None:
        """Keep to the burst allowance that HubSpot states, which depends on what the account has paid for."""
        calls, milliseconds = headers.get(f"{_LIMIT}-Max", ""), headers.get(f"{_LIMIT}-Interval-Milliseconds", "")
        if calls.isdecimal() and milliseconds.isdecimal() and int(calls) > 0:
            self._pacer.learn(int(calls), int(milliseconds) / 1000)

    def _named(self, status: int, headers: Mapping[str, str], data: bytes) -> CrosswalkError:
        told = refusal(status, headers, data) if status else Refusal(0, data.decode("ascii"))
        return classify(told, RULES, VENDOR)

    def _exchange(self, method: str, path: str, body: Body | None) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body. Without an answer the status is 0 and the body our own code for why.

        The vendor's exceptions carry the body, which is personal: none may survive as the cause of ours.
        """
        try:
            answer = self._api.request(
                method,
                self._base + path,
                headers=dict(self._headers),
                body=body,
                _preload_content=False,
                _request_timeout=self._timeout,
            )
            return int(answer.status), answer.headers, bytes(answer.data)
        except ApiException as error:
            if error.status:
                return int(error.status), error.headers, bytes(error.body)
            return 0, {}, b"TLS_CERTIFICATE" if "CERTIFICATE" in str(error.reason) else b"TLS"
        except NewConnectionError:  # urllib3 counts it among the timeouts
            return 0, {}, b"CONNECTION"
        except NoAnswerInTimeError:
            return 0, {}, b"TIMEOUT"
        except (LocationParseError, LocationValueError):
            return 0, {}, b"ADDRESS"
        except HTTPError:
            return 0, {}, b"CONNECTION"


def _version(setting: str) -> str:
    """``v3``, or one of HubSpot's half-yearly versions.

    Raises:
        ConfigError: neither.
    """
    if setting in ("", "v3"):
        return "v3"
    if _DATED.fullmatch(setting):
        return setting
    raise ConfigError("is neither v3 nor a dated version such as 2026-09", key="api_version")
