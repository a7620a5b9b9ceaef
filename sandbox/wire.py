"""What both vendors share on the wire: orjson replies, request counts, latency and the `Date` header.

Plain ASGI, no Starlette middleware: a simulated portal is paged a thousand times in a test, so each layer counts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.faults.reply import answer
from sandbox.faults.strike import Struck
from sandbox.spelling import spelled

if TYPE_CHECKING:
    from sandbox.world import World

CONTROL_PREFIX = "/_sandbox"


class Json(Response):
    """A JSON reply rendered by orjson."""

    media_type = "application/json;charset=utf-8"

    def render(self, content: Any) -> bytes:
        return content if isinstance(content, bytes) else orjson.dumps(content)


@dataclass
class Latency:
    """How long a vendor's network and servers take; a mutable cell, because the control API turns it."""

    milliseconds: float = 0.0


class Front:
    """The ASGI application on a vendor's port: control routes aside, everything is counted, delayed, dated, struck."""

    def __init__(self, system: str, vendor: ASGIApp, control: ASGIApp, world: World) -> None:
        self._system = system
        self._vendor = vendor
        self._control = control
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        world = self._world
        is_control = scope["path"].startswith(CONTROL_PREFIX)
        system, app = ("control", self._control) if is_control else (self._system, self._vendor)
        if not is_control and world.latency.milliseconds > 0:
            await asyncio.sleep(world.latency.milliseconds / 1000)

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(spelled(name), value) for name, value in message.get("headers", ())]
                date = (spelled(b"date"), world.clock.http_date().encode("latin-1"))
                message = {**message, "headers": [*headers, date]}
                # Counted before the last byte leaves, so that a client that asks right away finds its own request.
                world.requests.add(system, scope["method"], scope["path"], _endpoint(app, scope), message["status"])
            await send(message)

        faults = () if is_control else world.faults.striking(system, scope["method"], scope["path"])
        if not faults:
            await app(scope, receive, dated)
            return
        struck = Struck(world, system, app, faults)
        reply = await struck.serve(scope, receive)
        if reply.lost:
            world.requests.add(system, scope["method"], scope["path"], _endpoint(app, scope), "reset")
        await answer(reply, scope, receive, dated)


def _endpoint(app: ASGIApp, scope: Scope) -> str:
    """`GET /crm/v3/objects/{object_type}`: the route's template, never the ids in the path."""
    route = scope.get("route") or _route(app, scope)
    template = getattr(route, "path", None) or "(no such endpoint)"
    return f"{scope['method']} {template}"


def _route(app: ASGIApp, scope: Scope) -> BaseRoute | None:
    """The route that a call would have taken, had a fault not answered in its place."""
    routes: list[BaseRoute] = getattr(app, "routes", [])
    return next((route for route in routes if route.matches(scope)[0] is Match.FULL), None)
