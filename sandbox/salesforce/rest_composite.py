"""composite: up to 25 subrequests in one call, later ones may use @{reference.path} of earlier replies."""

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.call import Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.rest_meta import V

_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
_SUBREQUESTS, _QUERIES = 25, 5


class _Unresolved(Exception):
    """A reference to a subrequest that failed or does not exist."""


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


async def _inner(request: Request, method: str, url: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """Run a subrequest through the same application, without counting it as a call [DOC]."""
    path, _, query = url.partition("?")
    raw = b"" if body is None else orjson.dumps(body)
    sent = {"content-type": "application/json", **{k.lower(): v for k, v in request.headers.items()}}
    sent.update({k.lower(): str(v) for k, v in headers.items()})
    sent.pop("content-length", None)
    scope: MutableMapping[str, Any] = {
        "type": "http", "asgi": request.scope["asgi"], "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(k.encode(), v.encode()) for k, v in sent.items()], "server": request.scope.get("server"),
        "client": request.scope.get("client"), "state": {}, "sandbox.inner": True,
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
    return got


async def composite(request: Request) -> Response:
    call = call_of(request)
    body = await json_body(request)
    subrequests = body.get("compositeRequest")
    if not isinstance(subrequests, list) or not 1 <= len(subrequests) <= _SUBREQUESTS:
        raise SalesforceError("INVALID_INPUT", f"Between 1 and {_SUBREQUESTS} subrequests are allowed")
    if sum("/query" in str(s.get("url")) for s in subrequests) > _QUERIES:
        raise SalesforceError("LIMIT_EXCEEDED", f"At most {_QUERIES} subrequests may be queries")
    all_or_none = bool(body.get("allOrNone"))
    replies: dict[str, Any] = {}
    shown: list[dict[str, Any]] = []
    with call.org.all_or_none() as failed:
        for sub in subrequests:
            reference = str(sub.get("referenceId"))
            one = await _subrequest(request, sub, replies)
            shown.append({**one, "referenceId": reference})
            if one["httpStatusCode"] < 300:
                replies[reference] = one["body"]
            elif all_or_none:
                failed.append(True)
    if any(failed):
        text = "The transaction was rolled back since another operation in the same transaction failed."
        halted = [{"errorCode": "PROCESSING_HALTED", "message": text}]
        shown = [
            {**s, "body": halted, "httpHeaders": {}, "httpStatusCode": 400} if s["httpStatusCode"] < 300 else s
            for s in shown
        ]
    return Json({"compositeResponse": shown})


async def _subrequest(request: Request, sub: dict[str, Any], replies: dict[str, Any]) -> dict[str, Any]:
    try:
        url, body = _resolve(str(sub.get("url")), replies), _resolve(sub.get("body"), replies)
    except _Unresolved as missing:
        text = f"Invalid reference specified. No value for {missing} found"
        return {"body": [{"errorCode": "PROCESSING_HALTED", "message": text}], "httpHeaders": {}, "httpStatusCode": 400}
    got = await _inner(request, str(sub.get("method")).upper(), url, body, sub.get("httpHeaders") or {})
    headers = {k.decode().title(): v.decode() for k, v in got["headers"] if k.lower() == b"location"}
    body = orjson.loads(got["body"]) if got["body"] else None
    return {"body": body, "httpHeaders": headers, "httpStatusCode": got["status"]}


ROUTES = [
    Route(V + "/composite", composite, methods=["POST"]),
    Route(V + "/composite/", composite, methods=["POST"]),
]
