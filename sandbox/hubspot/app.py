"""The HubSpot API as an ASGI application: routes, bearer token, limits, error bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import uuid4

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.hubspot import TOKEN, association_calls, batches, directory, objects
from sandbox.hubspot.calls import Call, Way
from sandbox.hubspot.errors import HubSpotError, bad_request, unauthenticated
from sandbox.hubspot.limits import RateLimited
from sandbox.hubspot.portal import Portal
from sandbox.wire import Json

VERSIONS = ("2026-03", "2026-09")

# Tried in this order: the busiest come first.
WAYS: list[Way] = [*objects.WAYS, *batches.WAYS, *association_calls.WAYS, *directory.WAYS]


def create_app(portal: Portal, clock: Clock) -> Starlette:
    """The portal behind HubSpot's paths. The clock is the portal's own; it times the rate windows."""
    routes = [
        Route(prefix + way.tail, _endpoint(portal, clock, way), methods=[way.method])
        for way in WAYS
        for prefix in way.prefixes
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_endpoint})
    app.router.redirect_slashes = False
    return app


def _endpoint(portal: Portal, clock: Clock, way: Way) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        correlation_id = str(uuid4())
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            body = await request.body() if request.method in ("POST", "PATCH", "PUT") else b""
            _authenticate(request)
            headers.update(portal.gate.admit(clock.elapsed(), way.allowance))
            _check_version(request.path_params)
            url = f"{request.scope['scheme']}://{request.headers.get('host', '')}{request.scope['path']}"
            call = Call(portal, request.path_params, request.query_params, _decoded(body), len(body.decode()), url)
            status, content = way.handler(call)
        except HubSpotError as refused:
            return Json(refused.body(correlation_id), refused.status, headers)
        except RateLimited as limited:
            return Json({**limited.body, "correlationId": correlation_id}, 429, {**headers, **limited.headers})
        if content is None:
            return Response(status_code=status, headers=headers)
        return Json(content, status, headers)

    return respond


def _authenticate(request: Request) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated(
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more"
            " details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
        )
    if token.strip() != TOKEN:
        raise unauthenticated("The access token used to make this call is invalid or has been deactivated.")


def _check_version(parameters: dict[str, str]) -> None:
    version = parameters.get("version")
    if version is not None and version not in VERSIONS:
        raise HubSpotError(404, f"There is no API version {version}", "OBJECT_NOT_FOUND")


def _decoded(body: bytes) -> object:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise bad_request(f"Invalid input JSON on line {error.lineno}, column {error.colno}: {error.msg}") from None


async def _no_such_endpoint(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = "resource not found" if status == 404 else "HTTP method not allowed for this resource"
    correlation_id = str(uuid4())
    body = {"status": "error", "message": message, "correlationId": correlation_id}
    return Json(body, status, {"X-HubSpot-Correlation-Id": correlation_id})
