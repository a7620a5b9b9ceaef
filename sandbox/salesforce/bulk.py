"""Bulk API 2.0 ingest: jobs and their processing, in slices so that the event loop stays responsive."""

import asyncio
import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.rows import delete_row, update_row, upsert_row
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.writes import insert, locked_fields, relation_field, resolve_reference

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_SLICE = 200  # rows between two turns of the event loop; Salesforce works in chunks of 200 as well [DOC]
NULL = "#N/A"  # empties a field; an empty cell leaves it alone [3P]

Row = list[str]


class BatchFailed(Exception):
    """The whole job fails: its data cannot be read at all."""


@dataclass
class Job:
    """One ingest job and, when processed, its results."""

    key: str
    operation: str
    object: str
    external_id_field: str | None
    line_ending: str
    delimiter: str
    assignment_rule: str | None
    version: str
    created: str
    state: str = "Open"
    modified: str = ""
    content: bytes | None = None
    header: Row = field(default_factory=list)
    succeeded: list[tuple[str, bool, Row]] = field(default_factory=list)
    failed: list[tuple[str, str, Row]] = field(default_factory=list)
    unprocessed: list[Row] = field(default_factory=list)
    error: str | None = None
    retries: int = 0
    milliseconds: int = 0
    task: asyncio.Task[None] | None = None

    @property
    def ended(self) -> bool:
        return self.state in ("JobComplete", "Failed", "Aborted")

    def shown(self, org: Org, full: bool) -> dict[str, Any]:
        """As the job resource shows it; the counts only on GET of one job [DOC]."""
        view: dict[str, Any] = {
            "id": self.key,
            "operation": self.operation,
            "object": self.object,
            "createdById": org.user_id,
            "createdDate": self.created,
            "systemModstamp": self.modified or self.created,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }
        if self.external_id_field:
            view["externalIdFieldName"] = self.external_id_field
        if self.assignment_rule:
            view["assignmentRuleId"] = self.assignment_rule
        if self.state == "Open":
            view["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.key}/batches"  # no slash [DOC]
        if full:
            view.update(
                jobType="V2Ingest",
                retries=self.retries,
                totalProcessingTime=self.milliseconds,
                apiActiveProcessingTime=self.milliseconds,
                apexProcessingTime=0,
                numberRecordsProcessed=len(self.succeeded) + len(self.failed),
                numberRecordsFailed=len(self.failed),
            )
            if self.error:
                view["errorMessage"] = self.error
        return view


def start(org: Org, job: Job) -> None:
    """Process a job in the background."""
    job.task = asyncio.get_running_loop().create_task(_process(org, job))


async def _process(org: Org, job: Job) -> None:
    loop = asyncio.get_running_loop()
    try:
        await asyncio.sleep(org.bulk_delay)
        if job.ended:
            return
        _enter(org, job, "InProgress")
        began = loop.time()
        await asyncio.sleep(org.bulk_delay)
        await _all_rows(org, job)
        job.milliseconds = int((loop.time() - began) * 1000)
        if not job.ended:
            _enter(org, job, "JobComplete")
    except BatchFailed as failure:
        job.error = str(failure)
        _enter(org, job, "Failed")
    except asyncio.CancelledError:
        raise
    except Exception as bug:  # a hole in the simulation must not look like a job that never ends
        job.error = f"InternalServerError : {type(bug).__name__}: {bug}"
        _enter(org, job, "Failed")
        raise
    finally:
        job.content = None


def _enter(org: Org, job: Job, state: str) -> None:
    job.state, job.modified = state, org.stamp()


def abort(org: Org, job: Job) -> None:
    """Rows done so far stay done; the others become unprocessed records [DOC]."""
    if job.state in ("Open", "UploadComplete") and job.content:
        rows = read_rows(job)
        job.header = next(rows, [])
        job.unprocessed = list(rows)
        job.content = None
    _enter(org, job, "Aborted")


def read_rows(job: Job) -> Iterator[Row]:
    """The CSV's rows. A declared line ending that is not the one used fails the job [3P]."""
    try:
        text = (job.content or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BatchFailed("InvalidBatch : The file contains invalid UTF-8 characters") from None
    first = text[: text.find("\n") + 1]
    if first and first.endswith("\r\n") != (job.line_ending == "CRLF"):
        raise BatchFailed(f"LineEnding is invalid on user data. Current LineEnding setting is {job.line_ending}")
    csv.field_size_limit(max(csv.field_size_limit(), 1_000_000))
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter]):
        if row:
            yield row


async def _all_rows(org: Org, job: Job) -> None:
    rows = read_rows(job)
    job.header = next(rows, [])
    writer = _Writer(org, job)
    while True:
        done = _slice(org, job, rows, writer)
        await asyncio.sleep(0)
        if job.state == "Aborted":
            job.unprocessed = list(rows)
            return
        if not done:
            return


def _slice(org: Org, job: Job, rows: Iterator[Row], writer: "_Writer") -> bool:
    now, width = org.stamp(), len(job.header)
    writer.seen.clear()
    for _ in range(_SLICE):
        row = next(rows, None)
        if row is None:
            return False
        if len(row) != width:
            # One malformed row stops the batch; rows after it were never looked at [UNV].
            job.unprocessed = [row, *rows]
            text = f"InvalidBatch : The number of fields in a row ({len(row)}) is not that of the header ({width})"
            raise BatchFailed(text)
        try:
            key, created = writer.write(row, now)
        except SalesforceError as refused:
            job.failed.append((refused_id(writer, row), refused.csv_text(), row))
        else:
            job.succeeded.append((key, created, row))
    return True


def refused_id(writer: "_Writer", row: Row) -> str:
    """sf__Id of a failed row is only known when the client gave it."""
    return row[writer.id_at] if writer.id_at is not None else ""


class _Writer:
    """The header resolved once; then each row is a loop over cells."""

    def __init__(self, org: Org, job: Job) -> None:
        self._org = org
        self._operation = job.operation
        self._rule = bool(job.assignment_rule)  # in Bulk the rule fires only when the job names it [DOC]
        view = self.view = org.view(job.object)
        self.seen: set[Any] = set()
        self.id_at: int | None = None
        self._external: Field | None = view.find(job.external_id_field) if job.external_id_field else None
        self._cells: list[tuple[int, str, Any]] = []
        self._parents: list[tuple[int, Field, str | None, str]] = []
        self._locked: list[str] = []
        writable = view.createable | view.updateable
        for at, column in enumerate(job.header):
            self._column(at, column.strip(), view, writable)
        names = {name for _, name, _ in self._cells}
        if self._external is not None and self._external.type != "id" and self._external.name not in names:
            raise BatchFailed(f"InvalidBatch : Field name not found : {self._external.name}")

    def _column(self, at: int, column: str, view: View, writable: frozenset[str]) -> None:
        field = view.find(column)
        if field is not None and field.type == "id":
            self.id_at = at
        elif field is not None and field.name in writable:
            self._cells.append((at, field.name, view.kind.convert[field.name]))
        elif field is not None:
            self._locked.append(field.name)
        elif "." in column:  # Owner.Username, or Lead:Who.Crosswalk_Id__c for a polymorphic lookup
            relation, _, key = column.partition(".")
            target, _, relation = relation.rpartition(":")
            parent = relation_field(view, relation)
            if parent is None:
                raise BatchFailed(f"InvalidBatch : Field name not found : {column}")
            self._parents.append((at, parent, target or None, key))
        else:
            raise BatchFailed(f"InvalidBatch : Field name not found : {column}")

    def write(self, row: Row, now: str) -> tuple[str, bool]:
        """Apply one row; returns (id, created)."""
        org, view = self._org, self.view
        given = row[self.id_at] if self.id_at is not None else None
        if self._operation in ("delete", "hardDelete"):
            return delete_row(org, given, now, view), False
        if self._locked:
            raise locked_fields(self._locked)
        values: Record = {}
        for at, name, convert in self._cells:
            cell = row[at]
            if cell:
                values[name] = None if cell == NULL else convert(cell)
        for at, parent, target, key in self._parents:
            if row[at]:
                values[parent.name] = resolve_reference(org, parent, target, key, row[at])
        if self._operation == "insert":
            return insert(org, view, values, now, self._rule), True
        if self._operation == "update":
            return update_row(org, view, given or None, values, now, self._rule), False
        assert self._external is not None
        if self._external.type == "id" and given:
            values["Id"] = given
        return upsert_row(org, view, self._external, values, now, self._rule, self.seen)


def shuffled(job: Job, rows: list[Any]) -> list[Any]:
    """Result rows come in no promised order [DOC]: another one than the input's, the same at each reading."""
    order = list(rows)
    random.Random(job.key).shuffle(order)
    return order
