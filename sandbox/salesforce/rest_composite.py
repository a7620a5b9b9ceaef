"""composite, composite/batch and composite/graph: several requests in one call, which counts once."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.call import Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.subrequests import checked, run, transaction

_SUBREQUESTS, _QUERIES = 25, 5  # of a composite request [DOC]
_NODES, _GRAPHS = 500, 75  # of all graphs of a call [DOC]; how many graphs [UNV]


async def index(request: Request) -> Response:
    base = f"/services/data/v{call_of(request).version}/composite/"
    return Json({name: base + name for name in ("tree", "batch", "sobjects", "graph")})


async def composite(request: Request) -> Response:
    """Subrequests may use @{reference.path} of earlier replies."""
    body = await json_body(request)
    subrequests = checked(body.get("compositeRequest"), _SUBREQUESTS)
    if sum("/query" in str(s.get("url")) for s in subrequests) > _QUERIES:
        raise SalesforceError("LIMIT_EXCEEDED", f"At most {_QUERIES} subrequests may be queries")
    shown = await transaction(request, subrequests, all_or_none=bool(body.get("allOrNone")))
    return Json({"compositeResponse": shown})


async def graph(request: Request) -> Response:
    """Each graph is done as a whole or not at all, whatever becomes of the others [DOC]."""
    graphs = (await json_body(request)).get("graphs")
    if not isinstance(graphs, list) or not 1 <= len(graphs) <= _GRAPHS:
        raise SalesforceError("INVALID_INPUT", f"Between 1 and {_GRAPHS} graphs are allowed")
    names = [one.get("graphId") if isinstance(one, dict) else None for one in graphs]
    if None in names or len(set(names)) < len(names):
        raise SalesforceError("INVALID_INPUT", "Each graph needs a graphId of its own")
    nodes = [checked(one.get("compositeRequest"), _NODES) for one in graphs]
    if sum(map(len, nodes)) > _NODES:
        raise SalesforceError("LIMIT_EXCEEDED", f"At most {_NODES} nodes are allowed in a call")
    for sub in (sub for one in nodes for sub in one):
        if "/sobjects/" not in str(sub["url"]) or "/composite/" in str(sub["url"]):
            raise SalesforceError("INVALID_INPUT", "A graph takes requests of sobjects resources only")
    done = [(name, await transaction(request, subs, all_or_none=True)) for name, subs in zip(names, nodes, strict=True)]
    return Json({
        "graphs": [
            {
                "graphId": name,
                "graphResponse": {"compositeResponse": replies},
                "isSuccessful": all(reply["httpStatusCode"] < 300 for reply in replies),
            }
            for name, replies in done
        ]
    })  # fmt: skip


async def batch(request: Request) -> Response:
    """Independent requests, `{method, url, richInput}`, the URLs relative to /services/data/ [DOC]."""
    body = await json_body(request)
    asked, halting = body.get("batchRequests"), bool(body.get("haltOnError"))
    if not isinstance(asked, list) or not 1 <= len(asked) <= _SUBREQUESTS:
        raise SalesforceError("INVALID_INPUT", f"Between 1 and {_SUBREQUESTS} subrequests are allowed")
    if not all(isinstance(sub, dict) and sub.get("method") and sub.get("url") for sub in asked):
        raise SalesforceError("INVALID_INPUT", "Each subrequest needs a method and a url")
    results: list[dict[str, Any]] = []
    for sub in asked:
        if halting and any(result["statusCode"] >= 400 for result in results):
            text = "Batch processing halted per request"
            refused = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": text}]  # status and code [DOC]
            results.append({"statusCode": 412, "result": refused})
            continue
        path = str(sub["url"]).removeprefix("/").removeprefix("services/data/")
        status, _, content = await run(request, str(sub["method"]), f"/services/data/{path}", sub.get("richInput"), {})
        results.append({"statusCode": status, "result": content})
    return Json({"hasErrors": any(result["statusCode"] >= 400 for result in results), "results": results})


ROUTES = [
    *(
        Route(f"{V}/composite{path}{slash}", handler, methods=["POST"])
        for path, handler in (("", composite), ("/graph", graph), ("/batch", batch))
        for slash in ("", "/")
    ),
    Route(V + "/composite", index, methods=["GET"]),
]
