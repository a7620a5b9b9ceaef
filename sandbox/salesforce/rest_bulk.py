"""The HTTP side of Bulk API 2.0 ingest."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.salesforce import bulk
from sandbox.salesforce.bulk import DELIMITERS, LINE_ENDINGS, Job
from sandbox.salesforce.call import Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.rest_sobjects import external_field

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_LARGEST = 150_000_000  # bytes of a job's data [DOC]
_CHUNK = 2000  # result rows written between two turns of the event loop


def _invalid(message: str, code: str = "INVALIDJOB") -> SalesforceError:
    return SalesforceError(code, f"InvalidJob : {message}" if code == "INVALIDJOB" else message)


def _job(request: Request) -> Job:
    job = call_of(request).org.jobs.get(request.path_params["job"])
    if job is None:
        raise not_found()
    return job


async def create(request: Request) -> Response:
    call = call_of(request)
    org = call.org
    body = await json_body(request)
    operation, name = body.get("operation"), body.get("object")
    if operation not in _OPERATIONS:
        raise _invalid(f"Unsupported operation: {operation}")
    kind = org.find_kind(str(name))
    if kind is None:
        raise _invalid(f"Unable to find object: {name}")
    line_ending, delimiter = body.get("lineEnding") or "LF", body.get("columnDelimiter") or "COMMA"
    if line_ending not in LINE_ENDINGS or delimiter not in DELIMITERS:
        raise _invalid("lineEnding or columnDelimiter is not one of the known values")
    if (body.get("contentType") or "CSV") != "CSV":
        raise _invalid(f"Unsupported content type: {body.get('contentType')}")
    external = body.get("externalIdFieldName")
    if operation == "upsert":
        if not external:
            raise _invalid("External ID was blank for upsert operation. An External ID must be specified for upsert.")
        found = external_field(org.view(kind.name), str(external))
        if found is None:
            text = f"Field name provided, '{external}' does not match an External ID, Salesforce Id, or indexed field"
            raise _invalid(f"{text} for '{kind.name}'")
        external = found.name
    job = Job(
        key=org.new_id("750"), operation=operation, object=kind.name, external_id_field=external,
        line_ending=line_ending, delimiter=delimiter, assignment_rule=body.get("assignmentRuleId"),
        version=call.version, created=org.stamp(),
    )  # fmt: skip
    org.jobs[job.key] = job
    return Json(job.shown(org, full=False))


async def upload(request: Request) -> Response:
    """PUT the whole CSV: once per job [3P]."""
    job = _job(request)
    if job.state != "Open":
        raise SalesforceError("INVALIDJOBSTATE", f"Job state must be Open, it is {job.state}")
    if job.content is not None:
        text = (
            f"Found multiple contents for job: <{job.key}>, please 'Close' / 'Abort' / 'Delete' the current Job then "
            "create a new Job and make sure you only do 'PUT' once on a given Job."
        )
        raise SalesforceError("CLIENT_INPUT_ERROR", text)
    content = await request.body()
    if len(content) > _LARGEST:
        raise SalesforceError("CLIENT_INPUT_ERROR", "The data is larger than 150 MB", status=413)
    job.content = content
    return Response(status_code=201)


async def job(request: Request) -> Response:
    """GET status, PATCH state, DELETE."""
    org, found = call_of(request).org, _job(request)
    if request.method == "GET":
        return Json(found.shown(org, full=True))
    if request.method == "DELETE":
        if found.state not in ("UploadComplete", "JobComplete", "Aborted", "Failed"):
            text = f"Error encountered when deleting the job because the job is {found.state}"
            raise SalesforceError("API_ERROR", text)
        del org.jobs[found.key]
        return Response(status_code=204)
    wanted = (await json_body(request)).get("state")
    if wanted == "UploadComplete" and found.state == "Open":
        found.state, found.modified = "UploadComplete", org.stamp()
        bulk.start(org, found)
    elif wanted == "Aborted" and not found.ended:
        bulk.abort(org, found)
    else:
        raise SalesforceError("INVALIDJOBSTATE", f"Cannot change the state of the job from {found.state} to {wanted}")
    return Json(found.shown(org, full=False))


async def listing(request: Request) -> Response:
    org = call_of(request).org
    records = [j.shown(org, full=False) for j in org.jobs.values()]
    return Json({"done": True, "nextRecordsUrl": None, "records": records})


def _stream(job: Job, header: list[str], rows: Sequence[Any], line: Callable[[Any], list[str]]) -> Response:
    """Every cell quoted, as Salesforce writes its results."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, max(len(rows), 1), _CHUNK):
            text = io.StringIO()
            writer = csv.writer(text, delimiter=DELIMITERS[job.delimiter], lineterminator=LINE_ENDINGS[job.line_ending],
                                quoting=csv.QUOTE_ALL)  # fmt: skip
            if start == 0:
                writer.writerow(header)
            writer.writerows(line(row) for row in rows[start : start + _CHUNK])
            yield text.getvalue().encode()
            await asyncio.sleep(0)

    return StreamingResponse(chunks(), media_type="text/csv", headers={"Sforce-NumberOfRecords": str(len(rows))})


def _ended(request: Request) -> Job:
    found = _job(request)
    if not found.ended:
        raise SalesforceError("INVALIDJOBSTATE", f"Results are not available while the job is {found.state}")
    return found


async def successful(request: Request) -> Response:
    found = _ended(request)
    rows = bulk.shuffled(found, found.succeeded)
    header = ["sf__Id", "sf__Created", *found.header]
    return _stream(found, header, rows, lambda row: [row[0], "true" if row[1] else "false", *row[2]])


async def failed(request: Request) -> Response:
    found = _ended(request)
    rows = bulk.shuffled(found, found.failed)
    return _stream(found, ["sf__Id", "sf__Error", *found.header], rows, lambda row: [row[0], row[1], *row[2]])


async def unprocessed(request: Request) -> Response:
    found = _ended(request)
    return _stream(found, found.header, found.unprocessed, list)


_INGEST = V + "/jobs/ingest"
ROUTES = [
    Route(_INGEST, create, methods=["POST"]),
    Route(_INGEST + "/", create, methods=["POST"]),
    Route(_INGEST, listing, methods=["GET"]),
    Route(_INGEST + "/", listing, methods=["GET"]),
    Route(_INGEST + "/{job}", job, methods=["GET", "PATCH", "DELETE"]),
    Route(_INGEST + "/{job}/", job, methods=["GET", "PATCH", "DELETE"]),
    Route(_INGEST + "/{job}/batches", upload, methods=["PUT"]),
    Route(_INGEST + "/{job}/batches/", upload, methods=["PUT"]),
    Route(_INGEST + "/{job}/successfulResults", successful, methods=["GET"]),
    Route(_INGEST + "/{job}/successfulResults/", successful, methods=["GET"]),
    Route(_INGEST + "/{job}/failedResults", failed, methods=["GET"]),
    Route(_INGEST + "/{job}/failedResults/", failed, methods=["GET"]),
    Route(_INGEST + "/{job}/unprocessedrecords", unprocessed, methods=["GET"]),
    Route(_INGEST + "/{job}/unprocessedRecords", unprocessed, methods=["GET"]),
    Route(_INGEST + "/{job}/unprocessedrecords/", unprocessed, methods=["GET"]),
]
