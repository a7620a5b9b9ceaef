"""The HubSpot API as an ASGI application: routes, bearer token, limits, error bodies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl
from uuid import uuid4

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import Clock
from sandbox.hubspot import (
    association_calls,
    association_labels,
    associations_v3,
    batches,
    custom_object_calls,
    directory,
    gdpr,
    legacy,
    legacy_engagements,
    list_calls,
    list_memberships,
    merging,
    oauth,
    objects,
    pipeline_calls,
    properties,
    scopes,
    validation_rules,
)
from sandbox.hubspot.access import Token
from sandbox.hubspot.calls import Call, Way
from sandbox.hubspot.errors import HubSpotError, bad_request, unauthenticated
from sandbox.hubspot.limits import RateLimited
from sandbox.hubspot.marketing import ways as marketing
from sandbox.hubspot.portal import Portal
from sandbox.wire import Json

VERSIONS = ("2026-03", "2026-09")
MAX_URI = 16_384  # bytes

# Tried in this order: the busiest come first.
WAYS: list[Way] = [
    *objects.WAYS,
    *batches.WAYS,
    *association_calls.WAYS,
    *association_labels.WAYS,
    *associations_v3.WAYS,
    *merging.WAYS,
    *gdpr.WAYS,
    *properties.WAYS,
    *validation_rules.WAYS,
    *pipeline_calls.WAYS,
    *custom_object_calls.WAYS,
    *directory.WAYS,
    *list_memberships.WAYS,
    *list_calls.WAYS,
    *oauth.WAYS,
    *marketing.WAYS,
    *legacy.WAYS,
    *legacy_engagements.WAYS,
]


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
    asked = scopes.stated(way)

    async def respond(request: Request) -> Response:
        correlation_id = str(uuid4())
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            _check_length(request)
            body = await request.body() if request.method in ("POST", "PATCH", "PUT") else b""
            token = None if way.open else _authenticate(portal, request)
            if token:
                portal.gate.turn(clock.now_ms())
                headers.update(portal.gate.admit(clock.elapsed(), way.allowance, token.app, oauth=token.oauth))
            _check_version(request.path_params)
            url = f"{request.scope['scheme']}://{request.headers.get('host', '')}{request.scope['path']}"
            content = _decoded(request, body, way)
            app = token.app if token else 0
            call = Call(
                portal, request.path_params, request.query_params, content, len(body.decode(errors="replace")), url, app
            )
            if asked and token and token.scopes is not None:
                scopes.check(token.scopes, asked, call)
            status, content = way.handler(call)
        except HubSpotError as refused:
            return Json(refused.body(correlation_id), refused.status, headers)
        except RateLimited as limited:
            return Json({**limited.body, "correlationId": correlation_id}, 429, {**headers, **limited.headers})
        if status == 302:
            return Response(status_code=status, headers={**headers, "Location": content})
        if content is None:
            return Response(status_code=status, headers=headers)
        return Json(content, status, headers)

    return respond


def _authenticate(portal: Portal, request: Request) -> Token:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated(
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more"
            " details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
        )
    return portal.access.admit(token.strip())


def _check_length(request: Request) -> None:
    """That it is refused is documented [DOC], from what length on is told by clients [3P], with which body [UNV]."""
    if len(request.scope["raw_path"]) + len(request.scope["query_string"]) > MAX_URI:
        raise HubSpotError(414, "Request-URI Too Long", "VALIDATION_ERROR")


def _check_version(parameters: dict[str, str]) -> None:
    version = parameters.get("version")
    if version is not None and version not in VERSIONS:
        raise HubSpotError(404, f"There is no API version {version}", "OBJECT_NOT_FOUND")


def _decoded(request: Request, body: bytes, way: Way) -> object:
    """The body as the endpoint wants it; what says that it is something else is refused [UNV]."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if way.form:
        if body and media_type != "application/x-www-form-urlencoded":
            raise HubSpotError(415, "Unsupported Media Type", "VALIDATION_ERROR")
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if not body:
        return None
    if media_type not in ("", "application/json") and not media_type.endswith("+json"):
        raise HubSpotError(415, "Unsupported Media Type", "VALIDATION_ERROR")
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
