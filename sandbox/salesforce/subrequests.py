"""Requests inside a request: run through the same application, not counted as calls of their own [DOC]."""

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.requests import Request

from sandbox.salesforce.errors import SalesforceError

Reply = dict[str, Any]
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_NAME = re.compile(r"[A-Za-z0-9_]+\Z")
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD")
_HEADERS = (b"location", b"etag", b"last-modified")
HALTED = "The transaction was rolled back since another operation in the same transaction failed."  # [3P]


class _Unresolved(Exception):
    """A reference to a subrequest that failed or does not exist."""


def checked(subrequests: Any, most: int) -> list[dict[str, Any]]:
    """The subrequests of a composite request or of a graph: each with a method, a URL and a name of its own."""
    if not isinstance(subrequests, list) or not 1 <= len(subrequests) <= most:
        raise SalesforceError("INVALID_INPUT", f"Between 1 and {most} subrequests are allowed")  # text [UNV]
    names = set()
    for sub in subrequests:
        if not isinstance(sub, dict) or not sub.get("url") or str(sub.get("method")).upper() not in _METHODS:
            raise SalesforceError("INVALID_INPUT", "Each subrequest needs a method and a url")  # [UNV]
        name = sub.get("referenceId")
        if not isinstance(name, str) or not _NAME.match(name):
            text = "Provided referenceId ('%s') must start with a letter or a number, and it can contain only letters, "
            raise SalesforceError("INVALID_INPUT", text % name + "numbers and underscores ('_').")  # [3P]
        if name in names:
            raise SalesforceError("INVALID_INPUT", f"Duplicate referenceId provided: {name}")  # [UNV]
        names.add(name)
    return subrequests


async def transaction(request: Request, subrequests: list[dict[str, Any]], *, all_or_none: bool) -> list[Reply]:
    """Run subrequests in order; with `all_or_none` the first that fails stops the others and undoes those before it."""
    org = request.app.state.org
    replies: dict[str, Any] = {}
    shown: list[Reply] = []
    with org.all_or_none() as failed:
        for sub in subrequests:
            one = halted(sub) if any(failed) else {**await _named(request, sub, replies), **_name(sub)}
            shown.append(one)
            if one["httpStatusCode"] < 300:
                replies[sub["referenceId"]] = one["body"]
            elif all_or_none:
                failed.append(True)
    return [halted(sub) if any(failed) and one["httpStatusCode"] < 300 else one
            for sub, one in zip(subrequests, shown, strict=True)]  # fmt: skip


def halted(sub: dict[str, Any]) -> Reply:
    """What a subrequest shows that another one took down."""
    body = [{"errorCode": "PROCESSING_HALTED", "message": HALTED}]
    return {"body": body, "httpHeaders": {}, "httpStatusCode": 400, **_name(sub)}


def _name(sub: dict[str, Any]) -> dict[str, Any]:
    return {"referenceId": sub["referenceId"]}


async def _named(request: Request, sub: dict[str, Any], replies: dict[str, Any]) -> Reply:
    try:
        url, body = _resolve(str(sub["url"]), replies), _resolve(sub.get("body"), replies)
    except _Unresolved as missing:
        text = f"Invalid reference specified. No value for {missing} found"
        return {"body": [{"errorCode": "PROCESSING_HALTED", "message": text}], "httpHeaders": {}, "httpStatusCode": 400}
    status, headers, content = await run(request, str(sub["method"]), url, body, sub.get("httpHeaders") or {})
    kept = {k.decode().title().replace("Etag", "ETag"): v.decode() for k, v in headers if k.lower() in _HEADERS}
    return {"body": content, "httpHeaders": kept, "httpStatusCode": status}


def _resolve(value: Any, replies: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {k: _resolve(v, replies) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolve(v, replies) for v in value]
    return _REFERENCE.sub(lambda m: _lookup(m, replies), value) if isinstance(value, str) else value


def _lookup(match: re.Match[str], replies: dict[str, Any]) -> str:
    found = replies.get(match.group(1))
    for step in _STEP.finditer(match.group(2)):
        try:
            found = found[step.group(1)] if step.group(1) else found[int(step.group(2))]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            raise _Unresolved(match.group(0)) from None
    if found is None:
        raise _Unresolved(match.group(0))
    return str(found)


async def run(
    request: Request, method: str, url: str, body: Any, headers: dict[str, Any]
) -> tuple[int, list[tuple[bytes, bytes]], Any]:
    """The status, headers and body of one subrequest. The outer request's headers reach it too [UNV]."""
    path, _, query = url.partition("?")
    raw = b"" if body is None else orjson.dumps(body)
    sent = {**{k.lower(): v for k, v in request.headers.items()}, "content-type": "application/json"}
    sent.update({k.lower(): str(v) for k, v in headers.items()})
    for name in ("content-length", "content-encoding", "accept-encoding"):
        sent.pop(name, None)
    scope: MutableMapping[str, Any] = {
        "type": "http", "asgi": request.scope["asgi"], "http_version": "1.1", "method": method.upper(),
        "scheme": "http", "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
        "server": request.scope.get("server"), "client": request.scope.get("client"), "state": {},
        "sandbox.inner": True,
    }  # fmt: skip
    got: dict[str, Any] = {"status": 500, "headers": [], "body": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            got["status"], got["headers"] = message["status"], message.get("headers", [])
        else:
            got["body"] += message.get("body", b"")

    await request.app(scope, receive, send)
    return got["status"], got["headers"], orjson.loads(got["body"]) if got["body"] else None
