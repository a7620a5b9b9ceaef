"""The HTTP application of the org."""

import re
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.salesforce import (
    layouts,
    rest_bulk,
    rest_bulk_classic,
    rest_bulk_query,
    rest_collections,
    rest_composite,
    rest_meta,
    rest_oauth,
    rest_query,
    rest_replication,
    rest_search,
    rest_sobjects,
    rest_tree,
)
from sandbox.salesforce.call import Json
from sandbox.salesforce.encoding import Encoding
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.org import Org
from sandbox.salesforce.stamps import Clock

_ROOM = 16_384  # bytes of a URI, and of URI and headers together [DOC]
_VERSIONED = re.compile(r"/services/data/v(\d+)\.(\d)(?:/|\Z)")


class Guard:
    """In front of every data resource: length, version, session, request limit, and the usage header on the reply."""

    def __init__(self, app: ASGIApp, org: Org) -> None:
        self._app = app
        self._org = org

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        too_long = _too_long(scope)
        if too_long is not None:
            await too_long(scope, receive, send)
            return
        if not scope["path"].startswith("/services/data/v") or scope.get("sandbox.inner"):
            await self._app(scope, receive, send)
            return
        org = self._org
        try:
            _check_version(scope["path"])
            authorization = Request(scope).headers.get("authorization")
            org.tokens.check(authorization, org.clock.now(), org.session_seconds)
        except SalesforceError as refused:
            await refusal(refused)(scope, receive, send)
            return
        app: ASGIApp = self._app
        if org.api_usage >= org.api_limit:
            text = "TotalRequests Limit exceeded."  # [3P]
            app = refusal(SalesforceError("REQUEST_LIMIT_EXCEEDED", text, status=403))
        else:
            org.api_usage += 1
        usage = f"api-usage={org.api_usage}/{org.api_limit}".encode()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"sforce-limit-info", usage)]}
            await send(message)

        await app(scope, receive, counted)


def _too_long(scope: Scope) -> Response | None:
    uri = len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string") or b"") + 1
    if uri > _ROOM:
        return _bad_message(414, "URI Too Long")
    if uri + sum(len(k) + len(v) + 4 for k, v in scope["headers"]) > _ROOM + 1024:
        # A little room is left for the request line and what proxies add [UNV].
        return _bad_message(431, "Request Header Fields Too Large")
    return None


def _bad_message(status: int, reason: str) -> Response:
    """These come from the web server in front and are not JSON [UNV]."""
    text = f"<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>"
    return PlainTextResponse(text, status, media_type="text/html")


def _check_version(path: str) -> None:
    match = _VERSIONED.match(path)
    number = int(match.group(1)) if match else 0
    if not match or number > rest_meta.LAST_VERSION or match.group(2) != "0":
        raise not_found()
    if number < rest_meta.FIRST_VERSION:
        text = f"The requested API version {number}.0 is no longer supported."
        raise SalesforceError("UNSUPPORTED_API_VERSION", text, status=410)  # status [DOC], body [UNV]


def refusal(error: SalesforceError) -> Response:
    return Json(error.rest_body(), error.status)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, SalesforceError)
    return refusal(error)


async def _http_error(request: Request, error: Exception) -> Response:
    """Unknown path or wrong method, as the API says it."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        text = f"HTTP Method '{request.method}' not allowed. Allowed are {allowed.replace(' ', '')}"
        return refusal(SalesforceError("METHOD_NOT_ALLOWED", text, status=405))
    return refusal(not_found())


def create_app(org: Org, clock: Clock) -> Starlette:
    """The app for the root of the Salesforce port."""
    org.clock = clock
    handlers: dict[Any, Any] = {SalesforceError: _refused, HTTPException: _http_error}
    routes = [
        *rest_collections.ROUTES, *rest_composite.ROUTES, *rest_tree.ROUTES, *rest_bulk.ROUTES, *rest_bulk_query.ROUTES,
        *rest_bulk_classic.ROUTES,
        *rest_meta.ROUTES, *layouts.ROUTES, *rest_query.ROUTES, *rest_search.ROUTES,
        *rest_oauth.ROUTES, *rest_replication.ROUTES, *rest_sobjects.ROUTES,
    ]  # fmt: skip
    middleware = [Middleware(Guard, org=org), Middleware(Encoding, org=org)]
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=middleware)
    app.router.redirect_slashes = False
    app.state.org = org
    return app
