"""query, queryAll, tooling/query, and their further pages."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import cursors, soql_run
from sandbox.salesforce.call import Json, call_of
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.rest_meta import V

_SMALLEST = 200  # records of a page that a client may ask for [DOC]


async def query(request: Request) -> Response:
    call = call_of(request)
    text = request.query_params.get("q")
    if not text:
        raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
    path = request.url.path
    deleted = path.rstrip("/").lower().endswith("/queryall")
    asked = soql_run.Asked(text, call.version, deleted, tooling="/tooling/" in path)
    return Json(cursors.first_page(call.org, soql_run.run(call.org, asked), _page_size(request)))


async def query_more(request: Request) -> Response:
    call = call_of(request)
    return Json(cursors.next_page(call.org, request.path_params["locator"], call.version))


def _page_size(request: Request) -> int:
    """`Sforce-Query-Options: batchSize=200`, between 200 and 2,000 [DOC]."""
    for part in request.headers.get("sforce-query-options", "").split(","):
        key, _, value = part.partition("=")
        if key.strip().lower() == "batchsize" and value.strip().isdigit():
            return min(max(int(value), _SMALLEST), cursors.PAGE)
    return cursors.PAGE


ROUTES = [
    *(
        Route(V + path + slash, query, methods=["GET"])
        for path in ("/query", "/queryAll", "/tooling/query")
        for slash in ("", "/")
    ),
    *(Route(V + path, query_more, methods=["GET"]) for path in ("/query/{locator}", "/queryAll/{locator}")),
]
