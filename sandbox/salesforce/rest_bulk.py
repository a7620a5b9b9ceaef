"""The HTTP side of Bulk API 2.0 ingest jobs."""

from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.salesforce import assignment, bulk, csv_text
from sandbox.salesforce.bulk_ingest import Ingest, Row
from sandbox.salesforce.bulk_rows import check_hard_delete
from sandbox.salesforce.call import Call, Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.rest_bulk_jobs import invalid, layout, listing, named, remove
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.rest_sobjects import external_field

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
_LARGEST = 150_000_000 * 3 // 4  # bytes of a job's data, which may be 150 MB when encoded in base64 [DOC]
_LARGEST_PART = 100_000  # characters of the data of a multipart creation [DOC]


async def create(request: Request) -> Response:
    """POST: an open job, or with a multipart body one that is uploaded and on its way [DOC]."""
    call = call_of(request)
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        body, content = _parts(request.headers["content-type"], await request.body())
        made = _made(call, body)
        made.content, made.state = content, "UploadComplete"
        bulk.start(call.org, made)
    else:
        made = _made(call, await json_body(request))
    call.org.jobs[made.key] = made
    return Json(made.shown())


def _made(call: Call, body: dict[str, Any]) -> Ingest:
    org = call.org
    operation, name = body.get("operation"), body.get("object")
    if operation not in _OPERATIONS:
        raise invalid(f"Unsupported operation: {operation}")
    if operation == "hardDelete":
        check_hard_delete(org)
    kind = org.find_kind(str(name))
    if kind is None:
        raise invalid(f"Unable to find object: {name}")
    line_ending, delimiter = layout(body)
    rule = body.get("assignmentRuleId")
    external = body.get("externalIdFieldName")
    if operation == "upsert":
        if not external:
            raise invalid("External ID was blank for upsert operation. An External ID must be specified for upsert.")
        found = external_field(org.view(kind.name), str(external))
        if found is None:
            text = f"Field name provided, '{external}' does not match an External ID, Salesforce Id, or indexed field"
            raise invalid(f"{text} for '{kind.name}'")
        external = found.name
    return Ingest(
        key=org.new_id("750"), operation=operation, object=kind.name, version=call.version, created=org.stamp(),
        created_by=org.user_id, line_ending=line_ending, delimiter=delimiter, external_id_field=external,
        assignment_rule=assignment.known(org, str(rule)) if rule else None,
    )  # fmt: skip


def _parts(content_type: str, raw: bytes) -> tuple[dict[str, Any], bytes]:
    """The job and the data of a multipart body."""
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + raw
    )
    parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
    if "job" not in parts or "content" not in parts:
        raise SalesforceError("CLIENT_INPUT_ERROR", "A multipart request needs the parts job and content")  # [UNV]
    content = _payload(parts["content"])
    if len(content.decode("utf-8", "replace")) > _LARGEST_PART:
        text = f"The data of a multipart request is larger than {_LARGEST_PART} characters"  # [UNV]
        raise SalesforceError("CLIENT_INPUT_ERROR", text)
    try:
        body = orjson.loads(_payload(parts["job"]))
    except orjson.JSONDecodeError as wrong:
        text = f"{wrong.msg} at [line:{wrong.lineno}, column:{wrong.colno}]"
        raise SalesforceError("JSON_PARSER_ERROR", text) from None
    if not isinstance(body, dict):
        raise SalesforceError("JSON_PARSER_ERROR", "The part job is not an object")
    return body, content


def _payload(part: Any) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


async def upload(request: Request) -> Response:
    """PUT the whole CSV: once per job [3P]."""
    job = named(request, Ingest)
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
        raise SalesforceError("CLIENT_INPUT_ERROR", "The data is larger than 150 MB in base64", status=413)
    job.content = content
    return Response(status_code=201)


async def job(request: Request) -> Response:
    """GET status, PATCH state, DELETE."""
    org, found = call_of(request).org, named(request, Ingest)
    if request.method == "GET":
        return Json(found.shown_in_full())
    if request.method == "DELETE":
        return remove(request, found)
    wanted = (await json_body(request)).get("state")
    if wanted == "UploadComplete" and found.state == "Open":
        found.enter(org, "UploadComplete")
        bulk.start(org, found)
    elif wanted == "Aborted" and not found.ended:
        found.abort(org)
    else:
        raise SalesforceError("INVALIDJOBSTATE", f"Cannot change the state of the job from {found.state} to {wanted}")
    return Json(found.shown())


async def jobs(request: Request) -> Response:
    return await listing(request, ("V2Ingest", "Classic"))


def _ended(request: Request) -> Ingest:
    found = named(request, Ingest)
    if not found.ended:
        raise SalesforceError("INVALIDJOBSTATE", f"Results are not available while the job is {found.state}")
    return found


def _csv(job: Ingest, header: Row, rows: Iterable[Row], count: int) -> Response:
    body = csv_text.written(header, rows, job.delimiter, job.line_ending)
    return StreamingResponse(body, media_type="text/csv", headers={"Sforce-NumberOfRecords": str(count)})


async def successful(request: Request) -> Response:
    found = _ended(request)
    rows = ([key, csv_text.cell(created), *row] for key, created, row in found.shuffled(found.succeeded))
    return _csv(found, ["sf__Id", "sf__Created", *found.header], rows, len(found.succeeded))


async def failed(request: Request) -> Response:
    found = _ended(request)
    rows = ([key, error, *row] for key, error, row in found.shuffled(found.failed))
    return _csv(found, ["sf__Id", "sf__Error", *found.header], rows, len(found.failed))


async def unprocessed(request: Request) -> Response:
    found = _ended(request)
    return _csv(found, found.header, found.unprocessed, len(found.unprocessed))


_INGEST = V + "/jobs/ingest"
ROUTES = [
    Route(path + slash, endpoint, methods=methods)
    for path, endpoint, methods in (
        (_INGEST, create, ["POST"]),
        (_INGEST, jobs, ["GET"]),
        (_INGEST + "/{job}", job, ["GET", "PATCH", "DELETE"]),
        (_INGEST + "/{job}/batches", upload, ["PUT"]),
        (_INGEST + "/{job}/successfulResults", successful, ["GET"]),
        (_INGEST + "/{job}/failedResults", failed, ["GET"]),
        (_INGEST + "/{job}/unprocessedrecords", unprocessed, ["GET"]),
        (_INGEST + "/{job}/unprocessedRecords", unprocessed, ["GET"]),
    )
    for slash in ("", "/")
]
