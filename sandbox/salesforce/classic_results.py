"""Results of the older Bulk API: verdicts on records, and records that queries found."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse

from sandbox.salesforce import csv_text
from sandbox.salesforce.bulk_classic import Batch, Classic
from sandbox.salesforce.classic_formats import DECLARATION, NAMESPACE, element, xml
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_parse import parse
from sandbox.salesforce.soql_run import render_with, table_of

_CHUNK = 2000  # records written between two turns of the event loop


def verdicts(batch: Batch, content_type: str) -> bytes:
    """Id, success, created and errors of each record, in the order in which they were sent [DOC]."""
    if content_type == "JSON":
        keys = ("success", "created", "id", "errors")
        return orjson.dumps([{key: verdict[key] for key in keys} for verdict in batch.verdicts])
    if content_type == "CSV":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(("Id", "Success", "Created", "Error"))
        for v in batch.verdicts:
            writer.writerow((v["id"] or "", csv_text.cell(v["success"]), csv_text.cell(v["created"]), v["text"]))
        return text.getvalue().encode()
    results = [
        {
            "errors": [dict(sorted(error.items())) for error in v["errors"]],
            "id": v["id"],
            "success": v["success"],
            "created": v["created"],
        }
        for v in batch.verdicts
    ]
    return xml("results", {"result": results}).encode()


def query_results(org: Org, job: Classic, batch: Batch, media: str) -> Response:
    """The records of a query, written as they are read."""
    if job.content_type == "CSV":
        if not batch.records:
            return Response("Records not found for this query", media_type=media)  # [3P]
        table = table_of(org, job.asked(batch))
        rows = ([csv_text.cell(value) for value in table.cells(record)] for record in batch.records)
        return StreamingResponse(csv_text.written(table.header, rows, "COMMA", "LF"), media_type=media)
    write = _as_json if job.content_type == "JSON" else _as_xml
    return StreamingResponse(write(batch.records, _shown(org, job, batch)), media_type=media)


def _shown(org: Org, job: Classic, batch: Batch) -> Callable[[Record], dict[str, Any]]:
    asked = job.asked(batch)
    return render_with(org, parse(asked.text), asked)


async def _as_json(records: list[Record], show: Callable[[Record], dict[str, Any]]) -> AsyncIterator[bytes]:
    yield b"["
    for start in range(0, len(records), _CHUNK):
        chunk = records[start : start + _CHUNK]
        rows = b",".join(orjson.dumps(_in_milliseconds(show(record))) for record in chunk)
        yield b"," + rows if start else rows
        await asyncio.sleep(0)
    yield b"]"


def _in_milliseconds(value: Any) -> Any:
    """JSON of this API gives date-times as milliseconds since 1970 [3P]."""
    if isinstance(value, dict):
        return {key: _in_milliseconds(inner) for key, inner in value.items()}
    if isinstance(value, str) and len(value) == 28 and value.endswith(".000+0000"):
        moment = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.000+0000").replace(tzinfo=UTC)
        return int(moment.timestamp() * 1000)
    return value


async def _as_xml(records: list[Record], show: Callable[[Record], dict[str, Any]]) -> AsyncIterator[bytes]:
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    yield f'{DECLARATION}<queryResult xmlns="{NAMESPACE}" xmlns:xsi="{xsi}">'.encode()
    for start in range(0, len(records), _CHUNK):
        chunk = records[start : start + _CHUNK]
        yield "".join(_sobject("records", show(record)) for record in chunk).encode()
        await asyncio.sleep(0)
    yield b"</queryResult>"


def _sobject(name: str, shown: dict[str, Any]) -> str:
    """An sObject: its type, then its fields; null is xsi:nil."""
    inside = [element("type", shown["attributes"]["type"])]
    for field, value in shown.items():
        if isinstance(value, dict) and field != "attributes":
            inside.append(_sobject(field, value))
        elif field != "attributes":
            inside.append(f'<{field} xsi:nil="true"/>' if value is None else element(field, value))
    return f'<{name} xsi:type="sObject">{"".join(inside)}</{name}>'
