"""What the HTTP sides of ingest and query jobs share."""

from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from sandbox.salesforce import bulk
from sandbox.salesforce.bulk import Job
from sandbox.salesforce.call import Json, call_of
from sandbox.salesforce.csv_text import DELIMITERS, LINE_ENDINGS
from sandbox.salesforce.errors import SalesforceError, not_found

_PAGE = 1000  # jobs of one listing [DOC]

J = TypeVar("J", bound=Job)


def invalid(message: str) -> SalesforceError:
    return SalesforceError("INVALIDJOB", f"InvalidJob : {message}")


def named(request: Request, kind: type[J]) -> J:
    """The job that the path names, if it is of this kind."""
    found = bulk.kept(call_of(request).org).get(request.path_params["job"])
    if not isinstance(found, kind):
        raise not_found()
    return found


def layout(body: dict[str, Any]) -> tuple[str, str]:
    """Line ending and delimiter of a job's CSV."""
    line_ending, delimiter = body.get("lineEnding") or "LF", body.get("columnDelimiter") or "COMMA"
    if line_ending not in LINE_ENDINGS or delimiter not in DELIMITERS:
        raise invalid("lineEnding or columnDelimiter is not one of the known values")
    if (body.get("contentType") or "CSV") != "CSV":
        raise invalid(f"Unsupported content type: {body.get('contentType')}")
    return line_ending, delimiter


def remove(request: Request, job: Job) -> Response:
    bulk.delete(call_of(request).org, job)
    return Response(status_code=204)


async def listing(request: Request, kinds: tuple[str, ...]) -> Response:
    """Jobs of these kinds, 1,000 a page; filters isPkChunkingEnabled, jobType, concurrencyMode [DOC]."""
    call, asked = call_of(request), request.query_params
    jobs = [job for job in bulk.kept(call.org).values() if job.kind in kinds]
    if "jobType" in asked:
        jobs = [job for job in jobs if job.kind == asked["jobType"]]
    if asked.get("isPkChunkingEnabled", "false").lower() == "true":
        jobs = [job for job in jobs if job.chunked]
    if asked.get("concurrencyMode", "parallel").lower() != "parallel":
        jobs = []
    start = _start(asked.get("queryLocator"))
    stop = start + _PAGE
    shown = [{**job.shown(), "jobType": job.kind} for job in jobs[start:stop]]
    more = (
        f"{request.url.path.rstrip('/')}?queryLocator={call.org.organization_id}-{stop}" if stop < len(jobs) else None
    )
    return Json({"done": more is None, "records": shown, "nextRecordsUrl": more})


def _start(locator: str | None) -> int:
    if locator is None:
        return 0
    start = locator.partition("-")[2]
    if not start.isdigit():
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(start)
