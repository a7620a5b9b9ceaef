"""The HTTP side of the older Bulk API, under /services/async.

Replies are JSON for jobs whose content type is JSON, and for calls with a JSON body; else XML, results of CSV jobs
excepted [DOC]. Errors are {exceptionCode, exceptionMessage}, all with the status 400 [3P].
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import assignment, bulk
from sandbox.salesforce.bulk_classic import QUERIES, Batch, Classic
from sandbox.salesforce.bulk_rows import check_hard_delete
from sandbox.salesforce.call import Json, org_of
from sandbox.salesforce.classic_formats import read_object, xml
from sandbox.salesforce.classic_results import query_results, verdicts
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest_meta import FIRST_VERSION, LAST_VERSION
from sandbox.salesforce.rest_sobjects import external_field

_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete", *QUERIES)
_CHUNK, _LARGEST_CHUNK = 100_000, 250_000  # records of a batch that PK chunking makes [DOC]
_LARGEST = 10_000_000  # bytes of a batch [DOC]

Endpoint = Callable[[Request], Awaitable[Response]]


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Version, session and request limit, and errors in this API's own form."""

    async def guarded(request: Request) -> Response:
        org = org_of(request)
        try:
            _check(org, request)
            return await endpoint(request)
        except SalesforceError as refused:
            shown = {"exceptionCode": refused.code, "exceptionMessage": refused.message}
            return _Bare(shown, 400) if _json_asked(request) else _xml("error", shown, 400)

    return guarded


def _check(org: Org, request: Request) -> None:
    version = request.path_params["version"]
    number, _, rest = version.partition(".")
    if not number.isdigit() or rest != "0" or not FIRST_VERSION <= int(number) <= LAST_VERSION:
        raise SalesforceError("InvalidVersion", f"Api version not supported {version}")
    token = request.headers.get("x-sfdc-session")
    header = f"Bearer {token}" if token else request.headers.get("authorization")
    try:
        org.tokens.check(header, org.clock.now(), org.session_seconds)
    except SalesforceError:
        raise SalesforceError("InvalidSessionId", "Invalid session id") from None
    if org.api_usage >= org.api_limit:
        raise SalesforceError("ExceededQuota", "TotalRequests Limit exceeded.")  # code [UNV]
    org.api_usage += 1


def _json_asked(request: Request) -> bool:
    return "json" in request.headers.get("content-type", "").lower()


class _Bare(Json):
    """Bulk API's JSON names no charset; a published client looks for exactly this [3P]."""

    media_type = "application/json"


def _xml(name: str, value: Any, status: int = 200) -> Response:
    return Response(xml(name, value), status, media_type="application/xml")


def _job(request: Request) -> Classic:
    found = bulk.kept(org_of(request)).get(request.path_params["job"])
    if not isinstance(found, Classic):
        raise SalesforceError("InvalidJob", f"Invalid job id: {request.path_params['job']}")
    return found


def _batch(request: Request) -> tuple[Classic, Batch]:
    job = _job(request)
    batch = job.batches.get(request.path_params["batch"])
    if batch is None:
        raise SalesforceError("InvalidBatch", f"Invalid batch id: {request.path_params['batch']}")
    return job, batch


# -- jobs ---------------------------------------------------------------------------------------------------------


async def create(request: Request) -> Response:
    org, as_json = org_of(request), _json_asked(request)
    body = read_object(await request.body(), as_json)
    job = _made(org, body, request)
    org.jobs[job.key] = job
    return _shown(_info(job), "jobInfo", as_json, 201)


def _made(org: Org, body: dict[str, Any], request: Request) -> Classic:
    operation, name = body.get("operation"), str(body.get("object"))
    if operation not in _OPERATIONS:
        raise SalesforceError("InvalidJob", f"Unsupported operation: {operation}")
    if operation == "hardDelete":
        try:
            check_hard_delete(org)
        except SalesforceError as refused:
            raise SalesforceError("FeatureNotEnabled", refused.message) from None  # [REC]
    kind = org.find_kind(name)
    if kind is None:
        raise SalesforceError("InvalidJob", f"Unable to find object: {name}")
    content_type = body.get("contentType") or "XML"
    if content_type not in ("CSV", "JSON", "XML"):
        raise SalesforceError("InvalidJob", f"Unsupported content type: {content_type}")
    external = body.get("externalIdFieldName")
    if operation == "upsert":
        found = external_field(org.view(kind.name), str(external)) if external else None
        if found is None:
            raise SalesforceError("InvalidJob", f"External ID field is missing or unknown: {external}")
        external = found.name
    rule = body.get("assignmentRuleId")
    return Classic(
        key=org.new_id("750"), operation=operation, object=kind.name, version=request.path_params["version"],
        created=org.stamp(), created_by=org.user_id, content_type=content_type,
        concurrency="Serial" if body.get("concurrencyMode") in ("Serial", 1) else "Parallel",
        external_id_field=external if operation == "upsert" else None,
        assignment_rule=assignment.known(org, str(rule)) if rule else None, chunk=_chunk(request),
    )  # fmt: skip


def _chunk(request: Request) -> int | None:
    """Sforce-Enable-PKChunking: TRUE, or chunkSize=50000 [DOC]."""
    header = request.headers.get("sforce-enable-pkchunking", "").strip()
    if header.lower() in ("", "false"):
        return None
    for part in header.split(";"):
        name, _, value = part.partition("=")
        if name.strip().lower() == "chunksize" and value.strip().isdigit():
            return max(1, min(int(value), _LARGEST_CHUNK))
    return _CHUNK


async def job(request: Request) -> Response:
    """GET a job, or POST its new state."""
    found = _job(request)
    as_json = found.content_type == "JSON"
    if request.method == "POST":
        as_json = _json_asked(request)
        found.turn(org_of(request), str(read_object(await request.body(), as_json).get("state")))
    return _shown(_info(found), "jobInfo", as_json)


def _info(job: Classic) -> dict[str, Any]:
    states = [batch.state for batch in job.batches.values()]
    return {
        "id": job.key,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.created_by,
        "createdDate": job.created,
        "systemModstamp": job.modified or job.created,
        "state": job.state,
        "externalIdFieldName": job.external_id_field,
        "concurrencyMode": job.concurrency,
        "contentType": job.content_type,
        "numberBatchesQueued": states.count("Queued"),
        "numberBatchesInProgress": states.count("InProgress"),
        "numberBatchesCompleted": states.count("Completed"),
        "numberBatchesFailed": states.count("Failed"),
        "numberBatchesTotal": len(states),
        "numberRecordsProcessed": sum(len(b.verdicts) + len(b.records) for b in job.batches.values()),
        "numberRetries": 0,
        "apiVersion": float(job.version),
        "assignmentRuleId": job.assignment_rule,
        "numberRecordsFailed": sum(batch.failures for batch in job.batches.values()),
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


def _shown(info: dict[str, Any], name: str, as_json: bool, status: int = 200) -> Response:
    return _Bare(dict(sorted(info.items())), status) if as_json else _xml(name, info, status)


# -- batches ------------------------------------------------------------------------------------------------------


async def add(request: Request) -> Response:
    org, found = org_of(request), _job(request)
    data = await request.body()
    if len(data) > _LARGEST:
        raise SalesforceError("ClientInputError", "The batch is larger than 10 MB")  # code and text [UNV]
    batch = found.add(org, data)
    if found.task is None or found.task.done():
        bulk.start(org, found)
    return _shown(_about(found, batch), "batchInfo", found.content_type == "JSON", 201)


async def batches(request: Request) -> Response:
    found = _job(request)
    infos = [_about(found, batch) for batch in found.batches.values()]
    if found.content_type == "JSON":
        return _Bare({"batchInfo": [dict(sorted(info.items())) for info in infos]})
    return _xml("batchInfoList", {"batchInfo": infos})


async def batch(request: Request) -> Response:
    found, one = _batch(request)
    return _shown(_about(found, one), "batchInfo", found.content_type == "JSON")


def _about(job: Classic, batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.key,
        "jobId": job.key,
        "state": batch.state,
        "stateMessage": batch.message,
        "createdDate": batch.created,
        "systemModstamp": batch.modified or batch.created,
        "numberRecordsProcessed": len(batch.verdicts) + len(batch.records),
        "numberRecordsFailed": batch.failures,
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }


async def sent(request: Request) -> Response:
    """The batch as the client sent it."""
    found, one = _batch(request)
    return Response(one.data, media_type=_MEDIA[found.content_type])


_MEDIA = {"CSV": "text/csv", "JSON": "application/json", "XML": "application/xml"}


async def result(request: Request) -> Response:
    """The verdicts of a batch, in its order; of a query the ids of its results."""
    found, one = _batch(request)
    if one.state != "Completed":
        raise SalesforceError("InvalidBatch", f"Batch not completed: {one.state}")  # text [UNV]
    if found.operation not in QUERIES:
        return Response(verdicts(one, found.content_type), media_type=_MEDIA[found.content_type])
    return _Bare([one.result]) if found.content_type == "JSON" else _xml("result-list", {"result": [one.result]})


async def records(request: Request) -> Response:
    """The records that a query found."""
    found, one = _batch(request)
    if one.result is None or one.result != request.path_params["result"]:
        raise SalesforceError("InvalidBatch", f"Invalid result id: {request.path_params['result']}")  # text [UNV]
    return query_results(org_of(request), found, one, _MEDIA[found.content_type])


_JOB = "/services/async/{version}/job"
_BATCH = _JOB + "/{job}/batch"
ROUTES = [
    Route(path, _guarded(endpoint), methods=methods)
    for path, endpoint, methods in (
        (_JOB, create, ["POST"]),
        (_JOB + "/{job}", job, ["GET", "POST"]),
        (_BATCH, add, ["POST"]),
        (_BATCH, batches, ["GET"]),
        (_BATCH + "/{batch}", batch, ["GET"]),
        (_BATCH + "/{batch}/request", sent, ["GET"]),
        (_BATCH + "/{batch}/result", result, ["GET"]),
        (_BATCH + "/{batch}/result/{result}", records, ["GET"]),
    )
]
