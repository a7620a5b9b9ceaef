"""HubSpot's wire: the official client's connection, with our own timeouts, counting, pacing and error names.

The official client is used one level below its generated methods (``ApiClient.request``): those know only ``v3`` paths,
build models at 30 times the cost of reading the bytes, and on a refusal decode the body as UTF-8, which turns a
gateway's Latin-1 page or a TLS error into an error of their own.
"""

import re
import time
from collections.abc import Callable, Mapping

from hubspot import HubSpot  # type: ignore[import-untyped]  # the vendor ships no types
from hubspot.crm.objects.exceptions import ApiException  # type: ignore[import-untyped]
from urllib3.exceptions import HTTPError, LocationParseError, LocationValueError, NewConnectionError
from urllib3.exceptions import TimeoutError as NoAnswerInTimeError

from connectors.hubspot.errors import RULES, VENDOR, refusal
from connectors.hubspot.search import Body
from crosswalk.errors import ConfigError, CrosswalkError
from crosswalk.platform.http import CallCounter, Pacer, Refusal, classify, retrying

CONNECT_SECONDS = 10.0
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
        self._sleep = sleep
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

    def properties(self, kind: str) -> bytes:
        """Definitions of all properties of a kind of object."""
        return self._retried("GET", self._path("properties", kind), self._pacer)

    def _path(self, family: str, kind: str) -> str:
        """HubSpot puts ``v3`` before the family, and a dated version behind it."""
        if self._version == "v3":
            return f"/crm/v3/{family}/{kind}"
        return f"/crm/{family}/{self._version}/{kind}"

    def _retried(self, method: str, path: str, pacer: Pacer, body: Body | None = None) -> bytes:
        return retrying(lambda: self._send(method, path, pacer, body), sleep=self._sleep)

    def _send(self, method: str, path: str, pacer: Pacer, body: Body | None) -> bytes:
        """One request; only a 200 is an answer, all else is an error of ours."""
        pacer.wait()
        self.calls.add()
        status, headers, data = self._exchange(method, path, body)
        if status == 200:
            return data
        raise self._named(status, headers, data)

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
