"""HubSpot's rate limits: the headers every reply carries, and the two different 429 bodies."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

Headers = dict[str, str]

UNREACHED = 1_000_000


class Allowance(Enum):
    """What a request is charged to. Search and associations have limits of their own."""

    CALLS = "calls"
    SEARCH = "search"
    ASSOCIATIONS = "associations"


@dataclass
class Limits:
    """Off by default: a test switches them on through the control API. Numbers of a Professional account.

    Those of the associations API are documented [DOC], the others are told by several others [3P].
    """

    enforce: bool = False
    ten_secondly: int = 190
    search_per_second: int = 5
    daily: int = 625_000
    associations_ten_secondly: int = 150
    associations_daily: int = 500_000


class RateLimited(Exception):
    """A 429: its body without the correlation id, and its headers."""

    def __init__(self, body: dict[str, Any], headers: Headers) -> None:
        super().__init__(body["message"])
        self.body = body
        self.headers = headers


class _Window:
    """The requests of the last ten seconds, and of today."""

    def __init__(self, burst: int, daily: int) -> None:
        self.burst, self.daily = burst, daily
        self.today = 0
        self._recent: deque[float] = deque()
        self._second = (0, 0)

    def full(self, elapsed: float) -> bool:
        _forget_before(self._recent, elapsed - 10.0)
        return len(self._recent) >= self.burst

    def count(self, elapsed: float) -> None:
        self._recent.append(elapsed)
        self.today += 1
        second = int(elapsed)
        self._second = (second, self._second[1] + 1 if self._second[0] == second else 1)

    def day(self) -> Headers:
        return {
            "X-HubSpot-RateLimit-Daily": str(self.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.daily - self.today)),
        }

    def moment(self) -> Headers:
        secondly = max(1, self.burst // 10)
        return _moment(self.burst, self.burst - len(self._recent), secondly, secondly - self._second[1])


class RateGate:
    """Counts requests over rolling windows; refuses only when limits are enforced."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.forget()

    def forget(self) -> None:
        limits = self.limits
        self._calls = _Window(limits.ten_secondly, limits.daily)
        self._associations = _Window(limits.associations_ten_secondly, limits.associations_daily)
        self._searches: deque[float] = deque()

    def settings(self) -> dict[str, Any]:
        return asdict(self.limits)

    def change(self, wanted: dict[str, Any]) -> None:
        """Set some of the limits; the windows start anew. Raises ValueError on what is not a limit."""
        known = asdict(self.limits)
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"no such limit: {name}; there are {', '.join(known)}")
            if type(value) is not type(known[name]) or (name != "enforce" and value < 1):
                raise ValueError(f"limits.{name} cannot be {value!r}")
        self.limits = Limits(**{**known, **wanted})
        self.forget()

    def admit(self, elapsed: float, allowance: Allowance) -> Headers:
        """The headers of a reply to a request that came now; raises RateLimited when it is one too many.

        Search replies carry the reduced header set [REC]. While nothing is enforced the headers state a burst limit
        that nobody reaches, so that a client which heeds them is not slowed by a limit that does not exist [INV].
        """
        window = self._associations if allowance is Allowance.ASSOCIATIONS else self._calls
        searching = allowance is Allowance.SEARCH
        if not self.limits.enforce:
            window.today += 1
            return window.day() if searching else {**window.day(), **_UNLIMITED}
        if window.today >= window.daily:
            raise RateLimited(_gateway("daily", "DAILY", "private_app-api-calls-daily"), window.day())
        if searching:
            _forget_before(self._searches, elapsed - 1.0)
            if len(self._searches) >= self.limits.search_per_second:
                raise RateLimited(_SEARCH_429, window.day())
            self._searches.append(elapsed)
            window.today += 1
            return window.day()
        if window.full(elapsed):
            body = _gateway("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", "private_app-api-calls-ten-secondly")
            # Which headers this one carries, and whether Retry-After is among them, is [UNV]; none is safest.
            raise RateLimited(body, window.day())
        window.count(elapsed)
        return {**window.day(), **window.moment()}


def _forget_before(window: deque[float], moment: float) -> None:
    while window and window[0] <= moment:
        window.popleft()


def _moment(most: int, left: int, secondly: int, secondly_left: int) -> Headers:
    return {
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Max": str(most),
        "X-HubSpot-RateLimit-Remaining": str(max(0, left)),
        "X-HubSpot-RateLimit-Secondly": str(secondly),
        "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, secondly_left)),
    }


_UNLIMITED = _moment(UNREACHED, UNREACHED, UNREACHED, UNREACHED)

# The search service says `category` [REC, 69 recordings]; the gateway says `errorType` [3P].
_SEARCH_429 = {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}


def _gateway(window: str, policy: str, group: str) -> dict[str, Any]:
    return {
        "status": "error",
        "message": f"You have reached your {window} limit.",
        "errorType": "RATE_LIMIT",
        "policyName": policy,
        "groupName": f"publicapi:{group}:48000155",
    }
