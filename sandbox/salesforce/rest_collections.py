"""composite/sobjects: up to 200 records in one call, a verdict per row in the order of the rows."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce.call import Call, Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError, no_such_record
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest_meta import V
from sandbox.salesforce.rest_sobjects import external_field, shown
from sandbox.salesforce.rows import delete_row, update_row, upsert_row
from sandbox.salesforce.schema import View
from sandbox.salesforce.writes import insert, prepare

_ROWS = 200
_ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}
Verdict = dict[str, Any]


async def _records(request: Request) -> tuple[list[dict[str, Any]], bool]:
    body = await json_body(request)
    records = body.get("records")
    if not isinstance(records, list) or not records or not all(isinstance(r, dict) for r in records):
        raise SalesforceError("INVALID_INPUT", "Records list can not be empty.")
    if len(records) > _ROWS:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {_ROWS} records")
    types = [str((r.get("attributes") or {}).get("type") or "") for r in records]
    chunks = sum(1 for at, kind in enumerate(types) if at == 0 or kind != types[at - 1])
    if chunks > 10:
        text = "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking."
        raise SalesforceError("INVALID_INPUT", text)
    return records, bool(body.get("allOrNone"))


def _view(org: Org, record: dict[str, Any]) -> View:
    name = (record.get("attributes") or {}).get("type")
    kind = org.find_kind(str(name)) if name else None
    if kind is None:
        missing = "Missing entity type information. sObject Type information is required"
        text = f"Unable to determine object type: {name}" if name else missing
        raise SalesforceError("INVALID_TYPE", text)
    return org.view(kind.name)


def _run(org: Org, items: list[Any], one: Callable[[Any], Verdict], all_or_none: bool) -> list[Verdict]:
    """A verdict per item; failed rows carry no id [REC]."""
    with org.all_or_none() as failed:
        verdicts = []
        for item in items:
            try:
                verdicts.append(one(item))
            except SalesforceError as refused:
                verdicts.append({"success": False, "errors": refused.row_errors()})
        rolled_back = all_or_none and any(not v["success"] for v in verdicts)
        failed.append(rolled_back)
    if rolled_back:
        verdicts = [v if not v["success"] else {"success": False, "errors": [_ROLLED_BACK]} for v in verdicts]
    return verdicts


async def create(request: Request) -> Response:
    call = call_of(request)
    records, all_or_none = await _records(request)
    org, now, rule, how = call.org, call.org.stamp(), call.rule(), call.duplicates()

    def one(record: dict[str, Any]) -> Verdict:
        view = _view(org, record)
        key = insert(org, view, prepare(org, view, record, True), now, rule, how=how)
        return {"id": key, "success": True, "errors": []}

    return Json(_run(org, records, one, all_or_none))


async def change(request: Request) -> Response:
    call = call_of(request)
    records, all_or_none = await _records(request)
    org, now, rule, how = call.org, call.org.stamp(), call.rule(), call.duplicates()

    def one(record: dict[str, Any]) -> Verdict:
        view = _view(org, record)
        asked = next((v for k, v in record.items() if k.lower() == "id"), None)
        rest = {k: v for k, v in record.items() if k.lower() != "id"}
        key = update_row(org, view, asked, prepare(org, view, rest, False), now, rule, how)
        return {"id": key, "success": True, "errors": []}

    return Json(_run(org, records, one, all_or_none))


async def remove(request: Request) -> Response:
    call = call_of(request)
    ids = [i for i in request.query_params.get("ids", "").split(",") if i]
    if not ids or len(ids) > _ROWS:
        raise SalesforceError("INVALID_INPUT", f"between 1 and {_ROWS} ids are needed")
    now = call.org.stamp()
    all_or_none = request.query_params.get("allOrNone", "false").lower() == "true"
    verdicts = _run(call.org, ids, lambda i: {"id": delete_row(call.org, i, now), "success": True, "errors": []},
                    all_or_none)  # fmt: skip
    return Json(verdicts)


async def upsert(request: Request) -> Response:
    """PATCH composite/sobjects/X/ExtField: rows carry `created` [DOC]."""
    call = call_of(request)
    org, view = call.org, call.view()
    field = external_field(view, request.path_params["field"])
    if field is None:
        raise no_such_record(request.path_params["field"])
    records, all_or_none = await _records(request)
    now, rule, how = org.stamp(), call.rule(), call.duplicates()
    seen: set[Any] = set()

    def one(record: dict[str, Any]) -> Verdict:
        if _view(org, record).kind is not view.kind:
            text = f"Cannot upsert {(record.get('attributes') or {}).get('type')} as {view.kind.name}"
            raise SalesforceError("INVALID_TYPE", text)
        asked = next((v for k, v in record.items() if k.lower() == field.name.lower()), None)
        rest = {k: v for k, v in record.items() if k.lower() != field.name.lower()}
        values = prepare(org, view, rest, True)
        values[field.name] = view.kind.convert[field.name](asked)
        key, created = upsert_row(org, view, field, values, now, rule, seen, how)
        return {"id": key, "success": True, "errors": [], "created": created}

    return Json(_run(org, records, one, all_or_none))


async def retrieve(request: Request) -> Response:
    """GET ?ids=&fields= or POST {ids, fields}; null where there is no such record [DOC]."""
    call = call_of(request)
    view = call.view()
    if request.method == "POST":
        body = await json_body(request)
        ids, fields = body.get("ids") or [], ",".join(body.get("fields") or [])
    else:
        ids = [i for i in request.query_params.get("ids", "").split(",") if i]
        fields = request.query_params.get("fields", "")
    if not ids or not fields or len(ids) > 2000:
        raise SalesforceError("INVALID_INPUT", "ids and fields are needed, and at most 2000 ids")
    return Json([_one_or_null(call, view, i, fields) for i in ids])


def _one_or_null(call: Call, view: View, asked: str, fields: str) -> dict[str, Any] | None:
    record = call.org.tables[view.kind.name].rows.get(normalise(asked) or "")
    return None if record is None or record.get("IsDeleted") else shown(call, view, record, fields)


ROUTES = [
    Route(V + "/composite/sobjects", create, methods=["POST"]),
    Route(V + "/composite/sobjects", change, methods=["PATCH"]),
    Route(V + "/composite/sobjects", remove, methods=["DELETE"]),
    Route(V + "/composite/sobjects/", create, methods=["POST"]),
    Route(V + "/composite/sobjects/", change, methods=["PATCH"]),
    Route(V + "/composite/sobjects/", remove, methods=["DELETE"]),
    Route(V + "/composite/sobjects/{object}", retrieve, methods=["GET", "POST"]),
    Route(V + "/composite/sobjects/{object}/{field}", upsert, methods=["PATCH"]),
]
