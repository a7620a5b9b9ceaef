"""Two servers in one process and one event loop, until a signal says stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from sandbox.control import create_control
from sandbox.faults.reply import RESET
from sandbox.hubspot import TOKEN, access
from sandbox.hubspot.app import create_app as create_hubspot
from sandbox.salesforce.app import create_app as create_salesforce
from sandbox.salesforce.auth import CLIENT_ID, CLIENT_SECRET
from sandbox.tls import Certificate
from sandbox.wire import Front
from sandbox.world import World

HOST = "127.0.0.1"  # never anything wider: the control API asks for no credentials


class _Protocol(HttpToolsProtocol):
    """HTTP whose connections a fault may break off."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {RESET: {"now": self._reset}}

    def _reset(self) -> None:
        """Close at once; the client's kernel is told by a TCP reset, not by an orderly end, if nothing was sent."""
        connection = self.transport.get_extra_info("socket")
        if not self.cycle.response_started:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.transport.close()


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to `serve`: there are two of them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises OSError when the port is taken."""
    # With the protocol spelled out: asyncio sets TCP_NODELAY only then, and without it small replies wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def fronts(world: World) -> dict[str, ASGIApp]:
    """The application for each vendor's port."""
    control = create_control(world)
    vendors: dict[str, ASGIApp] = {
        "hubspot": create_hubspot(world.hubspot, world.clock),
        "salesforce": create_salesforce(world.salesforce, world.clock),
    }
    return {system: Front(system, app, control, world) for system, app in vendors.items()}


async def serve(world: World, sockets: dict[str, socket.socket], tls: Certificate | None = None) -> None:
    """Serve both vendors, say so in one line on stdout, and return after SIGTERM or SIGINT."""
    servers = {system: _Server(_config(app, tls)) for system, app in fronts(world).items()}
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for server in servers.values():
            server.should_exit = True

    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop)
    running = [asyncio.create_task(server.serve(sockets=[sockets[system]])) for system, server in servers.items()]
    # uvicorn says that it is ready by a flag, not by an event.
    while not all(server.started for server in servers.values()) and not any(task.done() for task in running):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    if all(server.started for server in servers.values()):
        sys.stdout.buffer.write(orjson.dumps(_ready_line(sockets, tls)) + b"\n")
        sys.stdout.buffer.flush()
    await asyncio.gather(*running)


def _config(app: ASGIApp, tls: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        log_config=None,
        log_level="warning",
        access_log=False,
        date_header=False,  # the date comes from the sandbox's clock
        server_header=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        ssl_certfile=tls.chain if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )


def _ready_line(sockets: dict[str, socket.socket], tls: Certificate | None) -> dict[str, Any]:
    scheme = "https" if tls else "http"
    url = {system: f"{scheme}://{HOST}:{listener.getsockname()[1]}" for system, listener in sockets.items()}
    ready = {
        "hubspot": {
            "url": url["hubspot"],
            "token": TOKEN,
            "client_id": access.CLIENT_ID,
            "client_secret": access.CLIENT_SECRET,
            "refresh_token": access.REFRESH_TOKEN,
        },
        "salesforce": {"url": url["salesforce"], "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    }
    if tls:
        ready["tls"] = {"ca": str(tls.authority)}
    return ready
