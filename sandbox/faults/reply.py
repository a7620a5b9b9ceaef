"""A reply taken whole from an application, so that it can be altered before it is sent, and requests sent twice."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]
RESET = "sandbox.reset"  # the extension that the server offers: drop the connection at once


@dataclass(frozen=True)
class Reply:
    """Status, headers without the length, body; `cut` sends only so many bytes, `lost` none at all."""

    status: int
    headers: Headers
    body: bytes
    cut: int | None = None
    lost: bool = False

    def typed(self, content_type: str) -> Reply:
        headers = [(name, value) for name, value in self.headers if name != b"content-type"]
        return replace(self, headers=[*headers, (b"content-type", content_type.encode())])


LOST = Reply(0, [], b"", lost=True)


async def body_of(receive: Receive) -> bytes:
    """The whole request body."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


async def ask(app: ASGIApp, scope: Scope, body: bytes) -> Reply:
    """Serve a request to the end and keep the reply."""
    status, headers, parts = 500, Headers(), list[bytes]()
    sent = False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()  # the client stays on the line; whoever streams gives up waiting by itself
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = [(name, value) for name, value in message["headers"] if name.lower() != b"content-length"]
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return Reply(status, headers, b"".join(parts))


async def answer(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    """Send it, or as much of it as the fault lets through, and break the connection off where it says so."""
    if reply.lost:
        await _drop(scope, receive)
        return
    length = [] if reply.status == 204 else [(b"content-length", str(len(reply.body)).encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, *length]})
    if reply.cut is None or reply.cut >= len(reply.body):
        await send({"type": "http.response.body", "body": reply.body})
        return
    await send({"type": "http.response.body", "body": reply.body[: reply.cut], "more_body": True})
    await _drop(scope, receive)


async def _drop(scope: Scope, receive: Receive) -> None:
    scope["extensions"][RESET]["now"]()
    while (await receive())["type"] != "http.disconnect":
        pass
