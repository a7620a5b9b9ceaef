"""HubSpot's rate limits: the headers every reply carries, and the two different 429 bodies."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

Headers = dict[str, str]

UNREACHED = 1_000_000
DAY_MS = 86_400_000
ACCOUNT_UTC_OFFSET_MS = -18_000_000  # US Eastern, all year: the account keeps no summer time [INV]


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
    oauth_ten_secondly: int = 110
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


class _Burst:
    """One app's requests of the last ten seconds."""

    def __init__(self) -> None:
        self.recent: deque[float] = deque()
        self._second = (0, 0)

    def full(self, elapsed: float, most: int) -> bool:
        _forget_before(self.recent, elapsed - 10.0)
        return len(self.recent) >= most

    def count(self, elapsed: float) -> None:
        self.recent.append(elapsed)
        second = int(elapsed)
        self._second = (second, self._second[1] + 1 if self._second[0] == second else 1)

    def headers(self, most: int) -> Headers:
        secondly = max(1, most // 10)
        return _moment(most, most - len(self.recent), secondly, secondly - self._second[1])


class RateGate:
    """Counts requests over rolling windows; refuses only when limits are enforced.

    Bursts are counted per app; a day's requests and searches per account, whichever app they come from [3P].
    """

    def __init__(self) -> None:
        self.limits = Limits()
        self.forget()

    def forget(self) -> None:
        self._bursts: dict[tuple[int, bool], _Burst] = {}
        self._searches: deque[float] = deque()
        self._day = -1
        self.used: Counter[Allowance] = Counter()  # today, of CALLS and of ASSOCIATIONS

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

    def turn(self, now_ms: int) -> None:
        """Let a new day begin when it does: at midnight of the account's time zone [3P]."""
        day = (now_ms + ACCOUNT_UTC_OFFSET_MS) // DAY_MS
        if day != self._day:
            self._day = day
            self.used.clear()

    def admit(self, elapsed: float, allowance: Allowance, app: int = 0, *, oauth: bool = False) -> Headers:
        """The headers of a reply to a request that came now; raises RateLimited when it is one too many.

        Search replies carry the reduced header set [REC], those to OAuth apps no daily pair [3P]. While nothing is
        enforced the headers state a burst limit that nobody reaches, so that a client which heeds them is not slowed
        by a limit that does not exist [INV].
        """
        limits, linking, searching = self.limits, allowance is Allowance.ASSOCIATIONS, allowance is Allowance.SEARCH
        counted = Allowance.ASSOCIATIONS if linking else Allowance.CALLS
        daily = limits.associations_daily if linking else limits.daily
        if not limits.enforce:
            self.used[counted] += 1
            day = self._today(counted, daily, oauth)
            return day if searching else {**day, **_UNLIMITED}
        if self.used[counted] >= daily:
            raise RateLimited(
                gateway("daily", "DAILY", "private_app-api-calls-daily"), self._today(counted, daily, oauth)
            )
        if searching:
            _forget_before(self._searches, elapsed - 1.0)
            if len(self._searches) >= limits.search_per_second:
                raise RateLimited(SEARCH_429, self._today(counted, daily, oauth))
            self._searches.append(elapsed)
            self.used[counted] += 1
            return self._today(counted, daily, oauth)
        most = limits.ten_secondly
        if linking:
            most = limits.associations_ten_secondly
        elif oauth:
            most = limits.oauth_ten_secondly
        burst = self._bursts.setdefault((app, linking), _Burst())
        if burst.full(elapsed, most):
            group = f"{'oauth' if oauth else 'private_app'}-api-calls-ten-secondly"
            body = gateway("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", group)
            # Which headers this one carries, and whether Retry-After is among them, is [UNV]; none is safest.
            raise RateLimited(body, self._today(counted, daily, oauth))
        burst.count(elapsed)
        self.used[counted] += 1
        return {**self._today(counted, daily, oauth), **burst.headers(most)}

    def _today(self, counted: Allowance, daily: int, oauth: bool) -> Headers:
        if oauth:
            return {}
        return {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, daily - self.used[counted])),
        }


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
SEARCH_429 = {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}


def gateway(window: str, policy: str, group: str) -> dict[str, Any]:
    return {
        "status": "error",
        "message": f"You have reached your {window} limit.",
        "errorType": "RATE_LIMIT",
        "policyName": policy,
        "groupName": f"publicapi:{group}:48000155",
    }
