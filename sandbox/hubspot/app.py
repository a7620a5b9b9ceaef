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
from sandbox.hubspot import TOKEN, batches, directory, objects
from sandbox.hubspot.calls import Call, Endpoint
from sandbox.hubspot.errors import HubSpotError, bad_request, unauthenticated
from sandbox.hubspot.limits import RateLimited
from sandbox.hubspot.portal import Portal
from sandbox.wire import Json

# The undated paths and the date-versioned ones of 2026 reach one implementation [DOC].
_OBJECTS = ("/crm/v3/objects/{object_type}", "/crm/objects/{version}/{object_type}")
_PROPERTIES = ("/crm/v3/properties/{object_type}", "/crm/properties/{version}/{object_type}")
_OWNERS = ("/crm/v3/owners", "/crm/owners/{version}")
_ACCOUNT = ("/account-info/v3/details", "/account-info/{version}/details")
VERSIONS = ("2026-03", "2026-09")
CONTACT_NAMES = frozenset(("contacts", "contact", "0-1"))
_OTHER_TYPES = """
companies company 0-2 deals deal 0-3 tickets ticket 0-5 tasks task 0-27 notes note 0-46 meetings meeting 0-47
calls call 0-48 emails email 0-49 marketing_events 0-54 leads lead 0-136 products line_items quotes
"""
OTHER_TYPES = frozenset(_OTHER_TYPES.split())

TABLE: list[tuple[str, tuple[str, ...], str, Endpoint]] = [
    ("GET", _OBJECTS, "", objects.list_contacts),
    ("POST", _OBJECTS, "", objects.create_contact),
    ("POST", _OBJECTS, "/search", objects.search_contacts),
    ("POST", _OBJECTS, "/batch/read", batches.batch_read),
    ("POST", _OBJECTS, "/batch/create", batches.batch_create),
    ("POST", _OBJECTS, "/batch/update", batches.batch_update),
    ("POST", _OBJECTS, "/batch/upsert", batches.batch_upsert),
    ("POST", _OBJECTS, "/batch/archive", batches.batch_archive),
    ("GET", _OBJECTS, "/{object_id}", objects.read_contact),
    ("PATCH", _OBJECTS, "/{object_id}", objects.update_contact),
    ("DELETE", _OBJECTS, "/{object_id}", objects.archive_contact),
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
        Route(prefix + tail, _endpoint(portal, clock, handler), methods=[method])
        for method, prefixes, tail, handler in TABLE
        for prefix in prefixes
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_endpoint})
    app.router.redirect_slashes = False
    return app


def _endpoint(portal: Portal, clock: Clock, handler: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    searching = handler is objects.search_contacts

    async def respond(request: Request) -> Response:
        correlation_id = str(uuid4())
        headers = {"X-HubSpot-Correlation-Id": correlation_id}
        try:
            body = await request.body() if request.method in ("POST", "PATCH") else b""
            _authenticate(request)
            headers.update(portal.gate.admit(clock.elapsed(), search=searching))
            _check_path(request.path_params)
            url = f"{request.url.scheme}://{request.url.netloc}{request.url.path}"
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


def _check_path(parameters: dict[str, str]) -> None:
    version, object_type = parameters.get("version"), parameters.get("object_type")
    if version is not None and version not in VERSIONS:
        raise HubSpotError(404, f"There is no API version {version}", "OBJECT_NOT_FOUND")
    if object_type is None or object_type.lower() in CONTACT_NAMES:
        return
    if object_type.lower() in OTHER_TYPES:
        # Honest rather than faithful: these exist at HubSpot.
        raise HubSpotError(501, f"The sandbox does not simulate the object type {object_type}.", "NOT_SIMULATED")
    raise bad_request(f"Unable to infer object type from: {object_type}")


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
