"""One fault: where it strikes, when, and what it does; and how a description in JSON becomes one."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Every kind of fault with its own keys: the default, or the type of one that must be given. docs/sandbox.md explains.
KINDS: dict[str, dict[str, Any]] = {
    "status": {"status": int, "body": None, "headers": {}, "when": "before"},
    "rate_limit": {"limit": "burst", "headers": {}},
    "latency": {"milliseconds": int},
    "reset": {"when": "before"},
    "truncated": {"share": 0.5, "honest_length": False},
    "garbled": {"bytes": 8},
    "content_type": {"content_type": "text/html; charset=utf-8", "body": None},
    "partial": {"rows": list, "code": "", "message": "refused by a fault of the sandbox", "fields": []},
    "expire_token": {},
    "duplicate": {"what": "request"},
    "stale": {"snapshot": ""},
    "schema": {"object": str, "field": str, "change": dict},
    "lock": {"record": str, "seconds": 10.0},
}
CHOICES = {
    "when": ("before", "after"),
    "limit": ("burst", "search", "daily", "requests", "concurrent"),
    "what": ("request", "rows"),
}
_WHEN = ("nth", "every", "probability", "seed", "times")
_COMMON = ("kind", "system", "endpoint", *_WHEN)
SYSTEMS = ("hubspot", "salesforce")


class BadFault(ValueError):
    """The description makes no fault; the message says why."""


@dataclass
class Fault:
    """A fault as set, with how many calls it has seen and how often it struck.

    `endpoint` is `METHOD path`, either part may be left out; `{name}` stands for one part of a path, `*` for anything.
    Calls are counted from 1 since the fault was set, over the calls that `system` and `endpoint` fit.
    """

    id: int
    kind: str
    system: str | None
    endpoint: str
    nth: tuple[int, ...] = ()
    every: int = 0
    probability: float = 1.0
    seed: int = 1
    times: int = 0  # at most; 0 is without end
    parameters: dict[str, Any] = field(default_factory=dict)
    matched: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        """The pattern and the dice, made once."""
        self._pattern = _pattern(self.endpoint)
        self._chance = random.Random(f"{self.seed}/{self.endpoint}/{self.kind}")

    def strikes(self, system: str, method: str, path: str) -> bool:
        """Whether this call is one of its; counts it."""
        if self.system not in (None, system) or not self._pattern.fullmatch(f"{method} {path}"):
            return False
        self.matched += 1
        drawn = self._chance.random()  # at every call, so that what else is set does not shift the draw
        if self.times and self.struck >= self.times:
            return False
        due = self.matched in self.nth if self.nth else not self.every or self.matched % self.every == 0
        if not due or drawn >= self.probability:
            return False
        self.struck += 1
        return True

    def draw(self) -> random.Random:
        """Chance for what it does when it strikes: the same for the same seed and strike."""
        return random.Random(f"{self.seed}/{self.struck}")

    def __getitem__(self, name: str) -> Any:
        """A parameter of its kind."""
        return self.parameters[name]

    def shown(self) -> dict[str, Any]:
        when: dict[str, Any] = {"nth": list(self.nth)} if self.nth else {"every": self.every} if self.every else {}
        if self.probability < 1:
            when |= {"probability": self.probability, "seed": self.seed}
        return {
            "id": self.id,
            "kind": self.kind,
            "system": self.system,
            "endpoint": self.endpoint,
            **when,
            "times": self.times or None,
            **self.parameters,
            "matched": self.matched,
            "struck": self.struck,
        }


def fault_of(key: int, given: Mapping[str, Any]) -> Fault:
    """The fault that a JSON object describes. Raises BadFault, which names the key that is wrong."""
    kind = given.get("kind")
    if kind not in KINDS:
        raise BadFault(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    own = KINDS[str(kind)]
    unknown = given.keys() - {*_COMMON, *own}
    if unknown:
        known = ", ".join((*_COMMON, *own))
        raise BadFault(f"a fault of kind {kind} has no key {', '.join(sorted(unknown))}; there are {known}")
    system, endpoint = given.get("system"), given.get("endpoint", "*")
    if system not in (None, *SYSTEMS):
        raise BadFault(f"system must be one of {', '.join(SYSTEMS)}")
    if not isinstance(endpoint, str) or not endpoint.strip():
        raise BadFault("endpoint is text like 'POST /crm/v3/objects/{object_type}/batch/update'")
    nth = given.get("nth", ())
    numbers = (nth,) if isinstance(nth, int) else tuple(nth) if isinstance(nth, list | tuple) else (0,)
    if any(type(number) is not int or number < 1 for number in numbers):
        raise BadFault("nth is a number from 1 on, or a list of them")
    fault = Fault(
        key,
        str(kind),
        system,
        endpoint.strip(),
        numbers,
        every=_whole(given, "every", 0),
        probability=_share(given, "probability", 1.0),
        seed=_whole(given, "seed", 1),
        times=_whole(given, "times", 0),
        parameters={name: _parameter(name, default, given) for name, default in own.items()},
    )
    if fault.nth and fault.every:
        raise BadFault("nth and every exclude each other")
    return fault


def _parameter(name: str, default: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(default, type):
        if not isinstance(given.get(name), default) or isinstance(given[name], bool):
            raise BadFault(f"{name} must be given, as {default.__name__}")
        if name == "status" and not 200 <= given[name] <= 599:
            raise BadFault(f"status is one from 200 to 599, not {given[name]}")
        if name == "milliseconds" and given[name] < 0:
            raise BadFault("milliseconds cannot be negative")
        return given[name]
    value = given.get(name, default)
    if name in CHOICES and value not in CHOICES[name]:
        raise BadFault(f"{name} must be one of {', '.join(CHOICES[name])}")
    if name == "share":
        return _share(given, name, default)
    wanted = type(default)
    if isinstance(default, float) and type(value) is int:
        value = float(value)
    if name in ("bytes", "seconds") and isinstance(value, int | float) and value < 0:
        raise BadFault(f"{name} cannot be negative")
    if default is not None and type(value) is not wanted:
        raise BadFault(f"{name} must be {wanted.__name__}, not {value!r}")
    return value


def _whole(given: Mapping[str, Any], name: str, default: int) -> int:
    value = given.get(name, default)
    if type(value) is not int or value < 0:
        raise BadFault(f"{name} must be a whole number, not {value!r}")
    return value


def _share(given: Mapping[str, Any], name: str, default: float) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise BadFault(f"{name} must be a number from 0 to 1, not {value!r}")
    return float(value)


def _pattern(endpoint: str) -> re.Pattern[str]:
    """`POST /crm/v3/objects/{object_type}/batch/*` as a pattern over `METHOD path`; without a method, any."""
    method, _, path = endpoint.partition(" ") if re.match(r"[A-Z]+ ", endpoint) else ("*", "", endpoint)
    if path != "*" and not path.startswith(("/", "*")):
        raise BadFault(f"the endpoint's path begins with / or *: {endpoint!r}")
    parts = re.split(r"(\{[^}]*\}|\*)", path)
    spelled = "".join(".*" if p == "*" else "[^/]+" if p.startswith("{") else re.escape(p) for p in parts)
    return re.compile(f"{'[A-Z]+' if method == '*' else method} {spelled}")
