"""What was asked of the sandbox: counts per endpoint and status, and the last calls one by one."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

KEPT = 20_000  # calls; the counts go on


class Entry(NamedTuple):
    number: int  # from 1, over both systems
    at: float  # seconds of a monotonic clock
    system: str
    method: str
    path: str
    endpoint: str
    status: int | str  # "reset" when the connection was broken off unanswered


@dataclass
class RequestLog:
    """Requests served: per system, per `METHOD /endpoint/{template}` with its first and last moment, per status.

    Moments are seconds of a monotonic clock: only their differences mean something.
    """

    by_endpoint: dict[str, Counter[str]] = field(default_factory=dict)
    by_status: dict[str, Counter[str]] = field(default_factory=dict)
    first: dict[str, dict[str, float]] = field(default_factory=dict)
    last: dict[str, dict[str, float]] = field(default_factory=dict)
    entries: deque[Entry] = field(default_factory=lambda: deque(maxlen=KEPT))
    number: int = 0

    def add(self, system: str, method: str, path: str, endpoint: str, status: int | str) -> None:
        now = time.monotonic()
        self.by_endpoint.setdefault(system, Counter())[endpoint] += 1
        self.by_status.setdefault(system, Counter())[str(status)] += 1
        self.first.setdefault(system, {}).setdefault(endpoint, now)
        self.last.setdefault(system, {})[endpoint] = now
        if system != "control":
            self.number += 1
            self.entries.append(Entry(self.number, now, system, method, path, endpoint, status))

    def clear(self) -> None:
        for kept in (self.by_endpoint, self.by_status, self.first, self.last):
            kept.clear()
        self.entries.clear()
        self.number = 0

    def after(self, number: int, system: str | None) -> Iterator[Entry]:
        """The calls later than this one, oldest first, of one system or both."""
        return (entry for entry in self.entries if entry.number > number and system in (None, entry.system))

    def report(self, systems: tuple[str, ...]) -> dict[str, Any]:
        return {
            system: {
                "total": sum(self.by_endpoint.get(system, Counter()).values()),
                "by_endpoint": dict(sorted(self.by_endpoint.get(system, Counter()).items())),
                "by_status": dict(sorted(self.by_status.get(system, Counter()).items())),
                "first": dict(sorted(self.first.get(system, {}).items())),
                "last": dict(sorted(self.last.get(system, {}).items())),
            }
            for system in systems
        }
