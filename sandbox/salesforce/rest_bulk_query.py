"""The HTTP side of Bulk API 2.0 query jobs."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.salesforce import bulk, bulk_query, csv_text
from sandbox.salesforce.bulk_query import QueryJob
from sandbox.salesforce.call import Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.rest_bulk_jobs import invalid, layout, listing, named, remove
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.soql_run import Asked, check, table_of

_PARALLEL = 5  # addresses of one answer of resultPages [DOC]
_PARALLEL_SINCE = 58.0  # [DOC]


async def create(request: Request) -> Response:
    """POST: the query is checked at once and runs in the background."""
    call = call_of(request)
    body = await json_body(request)
    operation, text = body.get("operation"), body.get("query")
    if operation not in ("query", "queryAll"):
        raise invalid(f"Unsupported operation: {operation}")
    if not isinstance(text, str) or not text.strip():
        raise invalid("The query of a query job must be specified")
    line_ending, delimiter = layout(body)
    asked = Asked(text, call.version, deleted=operation == "queryAll")
    unwanted = bulk_query.unsupported(text)
    if unwanted:  # text [3P] for "Aggregate Relationships", else [UNV]
        raise SalesforceError("API_ERROR", f"{unwanted} not supported in Bulk V2 Query with CSV content type")
    found = table_of(call.org, asked)
    check(call.org, asked)
    made = QueryJob(
        key=call.org.new_id("750"), operation=operation, object=found.object, version=call.version,
        created=call.org.stamp(), created_by=call.org.user_id, line_ending=line_ending, delimiter=delimiter,
        state="UploadComplete", text=text,
    )  # fmt: skip
    call.org.jobs[made.key] = made
    bulk.start(call.org, made)
    return Json(made.shown())


async def job(request: Request) -> Response:
    """GET status, PATCH to abort, DELETE."""
    org, found = call_of(request).org, named(request, QueryJob)
    if request.method == "GET":
        return Json(found.shown_in_full())
    if request.method == "DELETE":
        return remove(request, found)
    wanted = (await json_body(request)).get("state")
    if wanted != "Aborted" or found.ended:
        raise SalesforceError("INVALIDJOBSTATE", f"Cannot change the state of the job from {found.state} to {wanted}")
    found.enter(org, "Aborted")
    return Json(found.shown())


async def jobs(request: Request) -> Response:
    return await listing(request, ("V2Query", "Classic"))


def _complete(request: Request) -> QueryJob:
    """The job, when it has results for a caller of this version [DOC], texts [UNV]."""
    found = named(request, QueryJob)
    if call_of(request).version != found.version:
        text = f"The job was created with API version {found.version}: get its results with the same version"
        raise SalesforceError("API_VERSION_MISMATCH", text, status=409)
    if found.state != "JobComplete":
        raise SalesforceError("INVALIDJOBSTATE", f"Results are not available while the job is {found.state}")
    return found


async def results(request: Request) -> Response:
    """A set of results. Sforce-Locator names the next one, "null" says that there is none [DOC]."""
    found = _complete(request)
    start, stop = _window(request, found)
    header, rows = found.lines(call_of(request).org, start, stop)
    headers = {
        "Sforce-Locator": bulk_query.locator(stop) if stop < len(found.records) else "null",
        "Sforce-NumberOfRecords": str(max(0, min(stop, len(found.records)) - start)),
    }
    body = csv_text.written(header, rows, found.delimiter, found.line_ending)
    return StreamingResponse(body, media_type="text/csv", headers=headers)


def _window(request: Request, job: QueryJob) -> tuple[int, int]:
    most = request.query_params.get("maxRecords", str(bulk_query.PAGE))
    if not most.isdigit() or int(most) == 0:
        raise SalesforceError("INVALIDREQUEST", f"maxRecords must be a positive number: {most}")  # [UNV]
    start = _start(request.query_params.get("locator"))
    if start > len(job.records):
        raise _no_locator()
    return start, start + int(most)


def _start(locator: str | None) -> int:
    try:
        return bulk_query.place(locator) if locator else 0
    except ValueError:
        raise _no_locator() from None


def _no_locator() -> SalesforceError:
    return SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")  # [UNV]


async def result_pages(request: Request) -> Response:
    """Up to five addresses of sets of results, to be fetched side by side [DOC]."""
    found = _complete(request)
    if float(found.version) < _PARALLEL_SINCE:
        raise not_found()
    first = _start(request.query_params.get("locator"))
    base = f"/services/data/v{found.version}/jobs/query/{found.key}"
    starts = list(range(first, max(len(found.records), 1), bulk_query.PAGE))
    pages = [{"resultUrl": f"{base}/results?locator={bulk_query.locator(start)}"} for start in starts[:_PARALLEL]]
    shown: dict[str, Any] = {"resultPages": pages, "done": len(starts) <= _PARALLEL}
    if len(starts) > _PARALLEL:
        shown["nextRecordsUrl"] = f"{base}/resultPages?locator={bulk_query.locator(starts[_PARALLEL])}"
    return Json(shown)


_QUERY = V + "/jobs/query"
ROUTES = [
    Route(path + slash, endpoint, methods=methods)
    for path, endpoint, methods in (
        (_QUERY, create, ["POST"]),
        (_QUERY, jobs, ["GET"]),
        (_QUERY + "/{job}", job, ["GET", "PATCH", "DELETE"]),
        (_QUERY + "/{job}/results", results, ["GET"]),
        (_QUERY + "/{job}/resultPages", result_pages, ["GET"]),
    )
    for slash in ("", "/")
]
