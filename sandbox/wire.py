"""What both vendors share on the wire: orjson replies, request counts, latency and the `Date` header.

Plain ASGI, no Starlette middleware: a simulated portal is paged a thousand times in a test, so each layer counts.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.clock import Clock

CONTROL_PREFIX = "/_sandbox"


class Json(Response):
    """A JSON reply rendered by orjson."""

    media_type = "application/json;charset=utf-8"

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else orjson.dumps(content)


@dataclass
class Counts:
    """Requests served: per system, per `METHOD /endpoint/{template}` with its first and last moment, per status.

    Moments are seconds of a monotonic clock: only their differences mean something.
    """

    by_endpoint: dict[str, Counter[str]] = field(default_factory=dict)
    by_status: dict[str, Counter[str]] = field(default_factory=dict)
    first: dict[str, dict[str, float]] = field(default_factory=dict)
    last: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, system: str, endpoint: str, status: int) -> None:
        now = time.monotonic()
        self.by_endpoint.setdefault(system, Counter())[endpoint] += 1
        self.by_status.setdefault(system, Counter())[str(status)] += 1
        self.first.setdefault(system, {}).setdefault(endpoint, now)
        self.last.setdefault(system, {})[endpoint] = now

    def clear(self) -> None:
        for kept in (self.by_endpoint, self.by_status, self.first, self.last):
            kept.clear()

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


@dataclass
class Latency:
    """How long a vendor's network and servers take; a mutable cell, because the control API turns it."""

    milliseconds: float = 0.0


class Front:
    """The ASGI application on a vendor's port: control routes aside, everything is counted, delayed and dated."""

    def __init__(
        self, system: str, vendor: ASGIApp, control: ASGIApp, counts: Counts, latency: Latency, clock: Clock
    ) -> None:
        self._system = system
        self._vendor = vendor
        self._control = control
        self._counts = counts
        self._latency = latency
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        is_control = scope["path"].startswith(CONTROL_PREFIX)
        system, app = ("control", self._control) if is_control else (self._system, self._vendor)
        if not is_control and self._latency.milliseconds > 0:
            await asyncio.sleep(self._latency.milliseconds / 1000)
        status = 500

        async def dated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                date = (b"date", self._clock.http_date().encode("latin-1"))
                message = {**message, "headers": [*message.get("headers", ()), date]}
                # Counted before the last byte leaves, so that a client that asks right away finds its own request.
                self._counts.add(system, _endpoint(scope), status)
            await send(message)

        await app(scope, receive, dated)


def _endpoint(scope: Scope) -> str:
    """`GET /crm/v3/objects/{object_type}`: the route's template, never the ids in the path."""
    route = scope.get("route")
    template = getattr(route, "path", None) or "(no such endpoint)"
    return f"{scope['method']} {template}"
