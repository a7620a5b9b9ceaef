"""Single records: create, read, update, delete, and upsert by external id. Tooling CustomField as well."""

from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.salesforce import conditional
from sandbox.salesforce.call import Call, Json, call_of, json_body
from sandbox.salesforce.errors import SalesforceError, no_such_record, not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.locks import patiently
from sandbox.salesforce.rest_meta import V, basic, location
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.writes import delete, insert, live, prepare, update


def external_field(view: View, name: str) -> Field | None:
    """A field that may identify a record in an upsert: the Id, an external id or an idLookup field."""
    field = view.find(name)
    if field is None or not (field.type == "id" or field.external_id or field.id_lookup):
        return None
    return field


def ambiguous(call: Call, view: View, found: list[Record]) -> SalesforceError:
    """300 Multiple Choices: the body lists the records' addresses [DOC]."""
    urls = [location(call.version, view.kind.name, r["Id"]) for r in found]
    return SalesforceError("MULTIPLE_CHOICES", "more than one record found", status=300, body=urls)


def shown(call: Call, view: View, record: Record, fields: str | None) -> dict[str, Any]:
    """A record as GET shows it: all readable fields, nulls included, or those of ?fields=."""
    names = list(view.fields)
    if fields:
        names = []
        for name in fields.split(","):
            field = view.find(name.strip())
            if field is None:
                text = f"No such column '{name.strip()}' on sobject of type {view.kind.name}"
                raise SalesforceError("INVALID_FIELD", text)
            names.append(field.name)
    url = location(call.version, view.kind.name, record["Id"])
    return {"attributes": {"type": view.kind.name, "url": url}, **{name: record.get(name) for name in names}}


def existing(call: Call, view: View) -> Record:
    """The record that the path names by Id."""
    asked = call.request.path_params["key"]
    key = normalise(asked)
    if key is None or not key.startswith(view.kind.prefix):
        raise no_such_record(asked)
    record = call.org.tables[view.kind.name].rows.get(key)
    if record is None:
        raise not_found()
    return record


async def create(request: Request) -> Response:
    call = call_of(request)
    view = call.view()
    body = await json_body(request)
    values, rule, how = prepare(call.org, view, body, True), call.rule(), call.duplicates()
    key = await patiently(call.org, lambda: insert(call.org, view, values, call.org.stamp(), rule, how=how))
    where = {"Location": location(call.version, view.kind.name, key)}
    return Json({"id": key, "success": True, "errors": []}, 201, where)


async def by_id(request: Request) -> Response:
    call = call_of(request)
    view, org = call.view(), call.org
    record = existing(call, view)
    if request.method == "GET":
        if record.get("IsDeleted"):
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
        content = shown(call, view, record, request.query_params.get("fields"))
        return conditional.reply(request, content, changed_at(record), tagged=view.kind.name == "Account")
    conditional.require(request, changed_at(record), None)
    if request.method == "DELETE":
        await patiently(org, lambda: delete(org, view, record, org.stamp()))
        return Response(status_code=204)
    values, rule, how = prepare(org, view, await json_body(request), False), call.rule(), call.duplicates()
    await patiently(org, lambda: update(org, view, record, values, org.stamp(), rule, how=how))
    return Response(status_code=204)


def changed_at(record: Record) -> datetime:
    return datetime.fromisoformat(str(record["LastModifiedDate"]))


async def by_external_id(request: Request) -> Response:
    """sobjects/X/{ExtField}/{value}: GET reads, PATCH upserts."""
    call = call_of(request)
    view, org = call.view(), call.org
    field = external_field(view, request.path_params["field"])
    if field is None:
        raise no_such_record(request.path_params["field"])
    value = view.kind.convert[field.name](request.path_params["value"])
    found = live(org, view.kind.name, field.name, value)
    if len(found) > 1:
        raise ambiguous(call, view, found)
    if request.method != "PATCH":
        if not found:
            raise not_found()
        if request.method == "DELETE":
            await patiently(org, lambda: delete(org, view, found[0], org.stamp()))
            return Response(status_code=204)
        return Json(shown(call, view, found[0], request.query_params.get("fields")))
    body = await json_body(request)
    if any(name.lower() == field.name.lower() for name in body):
        text = f"The {field.name} field should not be specified in the sobject data."
        raise SalesforceError("INVALID_FIELD", text)
    rule, how = call.rule(), call.duplicates()
    if found:
        values = prepare(org, view, body, False)
        await patiently(org, lambda: update(org, view, found[0], values, org.stamp(), rule, how=how))
        return Json({"id": found[0]["Id"], "success": True, "errors": [], "created": False})
    if request.query_params.get("updateOnly", "").lower() == "true":
        raise not_found()
    values = prepare(org, view, body, True)
    if field.type != "id":
        values[field.name] = value
    key = await patiently(org, lambda: insert(org, view, values, org.stamp(), rule, how=how))
    where = {"Location": location(call.version, view.kind.name, key)}
    return Json({"id": key, "success": True, "errors": [], "created": True}, 201, where)


async def define(request: Request) -> Response:
    """Tooling: create a custom field. It stays invisible until field-level security is granted [DOC]."""
    call = call_of(request)
    body = await json_body(request)
    full_name, metadata = body.get("FullName"), body.get("Metadata")
    missing = [name for name, value in (("FullName", full_name), ("Metadata", metadata)) if not value]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"
        raise SalesforceError("REQUIRED_FIELD_MISSING", text, missing)
    key = call.org.define_field(str(full_name), dict(metadata), visible=False)
    return Json({"id": key, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


async def definition(request: Request) -> Response:
    call = call_of(request)
    record = call.org.tables["CustomField"].rows.get(normalise(request.path_params["key"]) or "")
    if record is None:
        raise not_found()
    url = f"/services/data/v{call.version}/tooling/sobjects/CustomField/{record['Id']}"
    return Json({"attributes": {"type": "CustomField", "url": url}, **record})


ROUTES = [
    Route(V + "/sobjects/{object}", create, methods=["POST"]),
    Route(V + "/sobjects/{object}/", create, methods=["POST"]),
    Route(V + "/sobjects/{object}", basic, methods=["GET"]),
    Route(V + "/sobjects/{object}/", basic, methods=["GET"]),
    Route(V + "/sobjects/{object}/{key}", by_id, methods=["GET", "PATCH", "DELETE"]),
    Route(V + "/sobjects/{object}/{field}/{value:path}", by_external_id, methods=["GET", "PATCH", "DELETE"]),
    Route(V + "/tooling/sobjects/CustomField", define, methods=["POST"]),
    Route(V + "/tooling/sobjects/CustomField/", define, methods=["POST"]),
    Route(V + "/tooling/sobjects/CustomField/{key}", definition, methods=["GET"]),
]
