"""Conditional requests: Last-Modified and ETag, and what a client may ask by them [REC for the headers].

Dates are known of every record, of describes and of the global describe; ETags of accounts and describes [DOC].
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox.salesforce.errors import SalesforceError
from sandbox.wire import Json


def reply(request: Request, content: Any, changed: datetime, *, tagged: bool) -> Response:
    """The content with its headers, or 304 when the client has it already. Raises SalesforceError 412."""
    body = orjson.dumps(content)
    tag = f'"{zlib.crc32(body):08x}"' if tagged else None
    headers = {"Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True)}
    if tag is not None:
        headers["ETag"] = tag
    require(request, changed, tag)
    if _is_known(request, changed, tag):
        return Response(status_code=304, headers=headers)
    return Json(body, headers=headers)


def require(request: Request, changed: datetime, tag: str | None) -> None:
    """412 when If-Match or If-Unmodified-Since are not met."""
    asked = request.headers.get("if-match")
    since = _moment(request.headers.get("if-unmodified-since"))
    if tag is not None and asked is not None:
        met = asked.strip() == "*" or tag in _tags(asked)
    else:
        met = since is None or changed.replace(microsecond=0) <= since
    if not met:
        text = "A precondition of the request has failed"  # [UNV]
        raise SalesforceError("PRECONDITION_FAILED", text, status=412)


def _is_known(request: Request, changed: datetime, tag: str | None) -> bool:
    asked = request.headers.get("if-none-match")
    if tag is not None and asked is not None:
        return asked.strip() == "*" or tag in _tags(asked)
    since = _moment(request.headers.get("if-modified-since"))
    return since is not None and changed.replace(microsecond=0) <= since


def _tags(text: str) -> list[str]:
    """The tags of a header; weak ones and those of a compressed reply count as the plain one."""
    return [part.strip().removeprefix("W/").replace("-gzip", "") for part in text.split(",")]


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
