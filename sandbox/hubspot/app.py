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
from sandbox.hubspot.calls import Call, Endpoint
from sandbox.hubspot.errors import HubSpotError, bad_request, unauthenticated
from sandbox.hubspot.limits import Allowance, RateLimited
from sandbox.hubspot.portal import Portal
from sandbox.wire import Json

# The undated paths and the date-versioned ones of 2026 reach one implementation [DOC].
_OBJECTS = ("/crm/v3/objects/{object_type}", "/crm/objects/{version}/{object_type}")
_LINKS = (
    "/crm/v4/objects/{object_type}/{object_id}/associations",
    "/crm/objects/{version}/{object_type}/{object_id}/associations",
)
_LINK_BATCHES = (
    "/crm/v4/associations/{object_type}/{to_type}/batch",
    "/crm/associations/{version}/{object_type}/{to_type}/batch",
)
_PROPERTIES = ("/crm/v3/properties/{object_type}", "/crm/properties/{version}/{object_type}")
_OWNERS = ("/crm/v3/owners", "/crm/owners/{version}")
_ACCOUNT = ("/account-info/v3/details", "/account-info/{version}/details")
VERSIONS = ("2026-03", "2026-09")

# Tried in this order: the busiest come first.
TABLE: list[tuple[str, tuple[str, ...], str, Endpoint]] = [
    ("GET", _OBJECTS, "", objects.list_objects),
    ("POST", _OBJECTS, "", objects.create_object),
    ("POST", _OBJECTS, "/search", objects.search_objects),
    ("POST", _OBJECTS, "/batch/read", batches.batch_read),
    ("POST", _OBJECTS, "/batch/create", batches.batch_create),
    ("POST", _OBJECTS, "/batch/update", batches.batch_update),
    ("POST", _OBJECTS, "/batch/upsert", batches.batch_upsert),
    ("POST", _OBJECTS, "/batch/archive", batches.batch_archive),
    ("GET", _OBJECTS, "/{object_id}", objects.read_object),
    ("PATCH", _OBJECTS, "/{object_id}", objects.update_object),
    ("DELETE", _OBJECTS, "/{object_id}", objects.archive_object),
    ("PUT", _LINKS, "/default/{to_type}/{to_id}", association_calls.associate_default),
    ("PUT", _LINKS, "/{to_type}/{to_id}", association_calls.associate),
    ("GET", _LINKS, "/{to_type}", association_calls.list_associations),
    ("DELETE", _LINKS, "/{to_type}/{to_id}", association_calls.dissociate),
    ("POST", _LINK_BATCHES, "/read", association_calls.batch_read),
    ("POST", _LINK_BATCHES, "/create", association_calls.batch_associate),
    ("POST", _LINK_BATCHES, "/associate/default", association_calls.batch_associate_default),
    ("POST", _LINK_BATCHES, "/archive", association_calls.batch_dissociate),
    ("GET", _PROPERTIES, "", directory.list_properties),
    ("POST", _PROPERTIES, "", directory.create_property),
    ("GET", _PROPERTIES, "/{name}", directory.read_property),
    ("GET", _OWNERS, "", directory.list_owners),
    ("GET", _OWNERS, "/", directory.list_owners),  # the official client's spelling
    ("GET", _OWNERS, "/{owner_id}", directory.read_owner),
    ("GET", _ACCOUNT, "", directory.account_details),
]


def create_app(portal: Portal, clock: Clock) -> Starlette:
    """The portal behind HubSpot's paths. The clock is the portal's own; it times the rate windows."""
    routes = [
        Route(prefix + tail, _endpoint(portal, clock, handler, _allowance(prefixes, handler)), methods=[method])
        for method, prefixes, tail, handler in TABLE
        for prefix in prefixes
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_endpoint})
    app.router.redirect_slashes = False
    return app


def _allowance(prefixes: tuple[str, ...], handler: Endpoint) -> Allowance:
    if handler is objects.search_objects:
        return Allowance.SEARCH
    return Allowance.ASSOCIATIONS if prefixes in (_LINKS, _LINK_BATCHES) else Allowance.CALLS


def _endpoint(
    portal: Portal, clock: Clock, handler: Endpoint, allowance: Allowance
) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        correlation_id = str(uuid4())
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            body = await request.body() if request.method in ("POST", "PATCH", "PUT") else b""
            _authenticate(request)
            headers.update(portal.gate.admit(clock.elapsed(), allowance))
            _check_version(request.path_params)
            url = f"{request.scope['scheme']}://{request.headers.get('host', '')}{request.scope['path']}"
            call = Call(portal, request.path_params, request.query_params, _decoded(body), len(body.decode()), url)
            status, content = handler(call)
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
