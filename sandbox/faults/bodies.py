"""What the vendors' own servers, and the gateways in front of them, say when something is wrong with them.

HubSpot: statuses and which of them may be tried again [DOC], the bodies of 5xx come from the gateway [UNV]. Salesforce:
a list of errors [DOC]; the text of a server error [3P].
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from sandbox.faults.reply import Reply
from sandbox.hubspot.limits import SEARCH_429, gateway

JSON = "application/json;charset=utf-8"
HTML = "text/html; charset=UTF-8"
CORRELATION = str(UUID(int=0xFA017))

_GATEWAY = {502: "Bad Gateway", 504: "Gateway Time-out", 521: "Web server is down", 522: "Connection timed out",
            523: "Origin is unreachable", 524: "A timeout occurred"}  # fmt: skip
_HUBSPOT = {
    401: ("INVALID_AUTHENTICATION", "Authentication credentials not found."),
    403: ("MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call."),
    404: ("OBJECT_NOT_FOUND", "resource not found"),
    423: ("LOCKED", "Resource is locked. Wait and try again."),
    477: ("MIGRATION_IN_PROGRESS", "The account is being moved to another data hosting location."),
    500: ("INTERNAL_ERROR", "internal error"),
    503: ("SERVICE_UNAVAILABLE", "Service Unavailable"),
}
_SALESFORCE = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 0-0"),
    503: ("SERVER_UNAVAILABLE", "The server is temporarily unavailable."),
}
_HUBSPOT_LIMITS: dict[str, dict[str, Any]] = {
    "burst": gateway("ten_secondly_rolling", "TEN_SECONDLY_ROLLING", "private_app-api-calls-ten-secondly"),
    "search": SEARCH_429,
    "daily": gateway("daily", "DAILY", "private_app-api-calls-daily"),
}
_SALESFORCE_LIMITS = {
    "requests": (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    "concurrent": (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
}


def answer(system: str, status: int) -> Reply:
    """What this vendor answers with this status when nothing else is said."""
    if status in _GATEWAY:
        title = f"{status} {_GATEWAY[status]}"
        page = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
        return reply(status, page.encode(), HTML)
    if system == "hubspot":
        category, message = _HUBSPOT.get(status, ("INTERNAL_ERROR", f"status {status}"))
        headers = {"Retry-After": "60"} if status == 477 else {}
        return reply(status, _hubspot(message, {"category": category}), JSON, headers)
    code, message = _SALESFORCE.get(status, ("UNKNOWN_EXCEPTION", f"status {status}"))
    return reply(status, [{"message": message, "errorCode": code}], JSON)


def limited(system: str, limit: str) -> Reply:
    """The 429 of one of HubSpot's limits, or Salesforce's 403; a limit of the other vendor's is its nearest here."""
    if system == "hubspot":
        body = _HUBSPOT_LIMITS[{"concurrent": "burst", "requests": "daily"}.get(limit, limit)]
        return reply(429, {**body, "correlationId": CORRELATION}, JSON)
    status, code, message = _SALESFORCE_LIMITS[
        {"burst": "concurrent", "search": "concurrent", "daily": "requests"}.get(limit, limit)
    ]
    return reply(status, [{"message": message, "errorCode": code}], JSON)


def _hubspot(message: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"status": "error", "message": message, "correlationId": CORRELATION, **more}


def reply(status: int, body: Any, content_type: str, headers: dict[str, str] | None = None) -> Reply:
    """A reply of one's own; anything but bytes and text becomes JSON."""
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else orjson.dumps(body)
    named = {"content-type": content_type, **(headers or {})}
    return Reply(status, [(k.lower().encode(), v.encode()) for k, v in named.items()], raw)
