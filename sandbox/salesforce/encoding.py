"""gzip in both directions: request bodies are unpacked; replies are packed if the org is set so and the client accepts.

Replies are plain by default: on one's own machine packing costs more than it saves.
"""

from __future__ import annotations

import zlib

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.wire import Json

_SMALLEST = 1024  # bytes of a reply worth packing


class Encoding:
    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._packing = GZipMiddleware(app, minimum_size=_SMALLEST, compresslevel=1)
        self._org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._packing if self._org.compress else self._app
        if scope["type"] == "http" and (b"content-encoding", b"gzip") in scope["headers"]:
            try:
                receive = _whole(zlib.decompress(await Request(scope, receive).body(), wbits=31))
            except zlib.error:
                refused = SalesforceError("MALFORMED_REQUEST", "The entity is not in gzip format")  # [UNV]
                await Json(refused.rest_body(), refused.status)(scope, receive, send)
                return
            except ClientDisconnect:
                return
        await app(scope, receive, send)


def _whole(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
