"""HubSpot's rate limits: the headers every reply carries, and the two different 429 bodies."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

Headers = dict[str, str]


@dataclass
class Limits:
    """Off by default: a test switches them on through the control API. Numbers of a Professional account [3P]."""

    enforce: bool = False
    ten_secondly: int = 190
    search_per_second: int = 5
    daily: int = 625_000


class RateLimited(Exception):
    """A 429: its body without the correlation id, and its headers."""

    def __init__(self, body: dict[str, Any], headers: Headers) -> None:
        super().__init__(body["message"])
        self.body = body
        self.headers = headers


class RateGate:
    """Counts requests over rolling windows; refuses only when limits are enforced."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.forget()

    def forget(self) -> None:
        self._burst: deque[float] = deque()
        self._searches: deque[float] = deque()
        self._second = (0, 0)
        self._today = 0

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

    def admit(self, elapsed: float, *, search: bool) -> Headers:
        """The headers of a reply to a request that came now; raises RateLimited when it is one too many.

        Search has a limit of its own, per account, and its replies carry the reduced header set [REC].
        """
        enforce = self.limits.enforce
        if enforce and self._today >= self.limits.daily:
            raise RateLimited(_gateway("daily", "DAILY", "private_app-api-calls-daily"), self._daily())
        if search:
            _forget_before(self._searches, elapsed - 1.0)
            if enforce and len(self._searches) >= self.limits.search_per_second:
                raise RateLimited(_SEARCH_429, self._daily())
            self._searches.append(elapsed)
            self._today += 1
            return self._daily()
        _forget_before(self._burst, elapsed - 10.0)
        if enforce and len(self._burst) >= self.limits.ten_secondly:
            body = _gateway("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", "private_app-api-calls-ten-secondly")
            # Which headers this one carries, and whether Retry-After is among them, is [UNV]; none is safest.
            raise RateLimited(body, self._daily())
        self._burst.append(elapsed)
        self._today += 1
        second = int(elapsed)
        self._second = (second, self._second[1] + 1 if self._second[0] == second else 1)
        secondly = max(1, self.limits.ten_secondly // 10)
        return {
            **self._daily(),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.limits.ten_secondly),
            "X-HubSpot-RateLimit-Remaining": str(max(0, self.limits.ten_secondly - len(self._burst))),
            "X-HubSpot-RateLimit-Secondly": str(secondly),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, secondly - self._second[1])),
        }

    def _daily(self) -> Headers:
        return {
            "X-HubSpot-RateLimit-Daily": str(self.limits.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.limits.daily - self._today)),
        }


def _forget_before(window: deque[float], moment: float) -> None:
    while window and window[0] <= moment:
        window.popleft()


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
