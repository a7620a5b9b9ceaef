"""Bulk API, the older one: jobs to which a client adds batches; each batch has a state and results of its own."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sandbox.salesforce import csv_text
from sandbox.salesforce.bulk import BatchFailed, Job
from sandbox.salesforce.bulk_query import unsupported
from sandbox.salesforce.bulk_rows import BodyWriter, RowWriter
from sandbox.salesforce.classic_formats import read_bodies
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_run import Asked, table_of

QUERIES = ("query", "queryAll")
_SLICE = 200  # rows between two turns of the event loop; Salesforce works in chunks of 200 as well [DOC]
_QUERY_SLICE = 5000
_MOST = 10_000  # records of a batch [DOC]

Write = Callable[[str], tuple[str, bool]]


@dataclass
class Batch:
    """What a client sent at once, and what became of it: a verdict for each record, or the records of a query."""

    key: str
    created: str
    data: bytes
    state: str = "Queued"
    message: str | None = None
    modified: str = ""
    header: list[str] = field(default_factory=list)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    result: str | None = None

    @property
    def failures(self) -> int:
        return sum(1 for verdict in self.verdicts if not verdict["success"])

    def enter(self, org: Org, state: str, message: str | None = None) -> None:
        self.state, self.message, self.modified = state, message, org.stamp()


@dataclass
class Classic(Job):
    """One job. It is Open while batches may be added, then Closed or Aborted."""

    kind = "Classic"

    content_type: str = "XML"
    concurrency: str = "Parallel"
    external_id_field: str | None = None
    assignment_rule: str | None = None
    chunk: int | None = None  # records of a batch that a query is split into
    batches: dict[str, Batch] = field(default_factory=dict)

    @property
    def ended(self) -> bool:
        return self.state in ("Closed", "Aborted", "Failed")

    @property
    def waiting(self) -> bool:
        return self._next() is not None

    @property
    def chunked(self) -> bool:
        return self.chunk is not None

    def shown(self) -> dict[str, Any]:
        view = {**super().shown(), "concurrencyMode": self.concurrency, "contentType": self.content_type}
        del view["lineEnding"], view["columnDelimiter"]
        return view

    def add(self, org: Org, data: bytes) -> Batch:
        """Raises SalesforceError unless the job is open."""
        if self.state != "Open":
            raise SalesforceError("InvalidJobState", self.state)
        batch = Batch(org.new_id("751"), org.stamp(), data)
        self.batches[batch.key] = batch
        return batch

    def turn(self, org: Org, state: str) -> None:
        """Close or abort the job; batches that were not begun are left alone when it is aborted [DOC]."""
        if self.state != "Open" or state not in ("Closed", "Aborted"):
            raise SalesforceError("InvalidJobState", f"Cannot change the state of the job from {self.state} to {state}")
        self.enter(org, state)
        if state == "Aborted":
            for batch in self.batches.values():
                if batch.state == "Queued":
                    batch.enter(org, "NotProcessed")

    def _next(self) -> Batch | None:
        return next((b for b in self.batches.values() if b.state in ("InProgress", "Queued")), None)

    async def run(self, org: Org) -> None:
        """One batch after the other, also those that are added meanwhile."""
        while True:
            await asyncio.sleep(org.bulk_delay)
            batch = self._next()
            if batch is None:
                return
            if batch.state == "Queued":
                batch.enter(org, "InProgress")
                await asyncio.sleep(org.bulk_delay)
            try:
                await (self._query(org, batch) if self.operation in QUERIES else self._rows(org, batch))
            except BatchFailed as failure:
                batch.enter(org, "Failed", str(failure))
            except Exception as bug:  # a hole in the simulation must not look like a batch that never ends
                batch.enter(org, "Failed", f"InternalServerError : {type(bug).__name__}: {bug}")
                raise

    # -- records to write -----------------------------------------------------------------------------------------

    async def _rows(self, org: Org, batch: Batch) -> None:
        writes, seen = self._writes(org, batch)
        for _ in islice(writes, len(batch.verdicts)):  # done before a snapshot was taken
            pass
        while True:
            now = org.stamp()
            seen.clear()
            chunk = list(islice(writes, _SLICE))
            for write in chunk:
                batch.verdicts.append(_verdict(write, now))
            if len(chunk) < _SLICE:
                break
            await asyncio.sleep(0)
        batch.enter(org, "Completed")

    def _writes(self, org: Org, batch: Batch) -> tuple[Iterator[Write], set[Any]]:
        """What applies each record of a batch, and the external ids met so far in a chunk of them."""
        if self.content_type == "CSV":
            try:
                rows = list(csv_text.read(batch.data.decode("utf-8-sig"), "COMMA"))
            except UnicodeDecodeError:
                raise BatchFailed("InvalidBatch : The file contains invalid UTF-8 characters") from None
            batch.header, lines = (rows[0], rows[1:]) if rows else ([], [])
            if not batch.header:
                raise BatchFailed("InvalidBatch : Records not found")  # [UNV]
            _check_size(len(lines))
            flat = RowWriter(
                org, self.operation, self.object, self.external_id_field, batch.header, self.assignment_rule
            )
            return (lambda now, row=row: flat.write(row, now) for row in lines), flat.seen
        bodies = read_bodies(batch.data, self.content_type)
        _check_size(len(bodies))
        writer = BodyWriter(org, self.operation, self.object, self.external_id_field, self.assignment_rule)
        return (lambda now, body=body: writer.write(body, now) for body in bodies), writer.seen

    # -- queries --------------------------------------------------------------------------------------------------

    def asked(self, batch: Batch) -> Asked:
        return Asked(batch.data.decode("utf-8", "replace").strip(), self.version, deleted=self.operation == "queryAll")

    async def _query(self, org: Org, batch: Batch) -> None:
        found: list[Record] = []
        try:
            unwanted = unsupported(self.asked(batch).text)
            if unwanted:  # text [3P] for "Aggregate Relationships", else [UNV]
                raise BatchFailed(f"FeatureNotEnabled : {unwanted} not supported in Bulk Query")
            for place, record in enumerate(table_of(org, self.asked(batch)).records()):
                found.append(record)
                if place % _QUERY_SLICE == _QUERY_SLICE - 1:
                    await asyncio.sleep(0)
        except SalesforceError as refused:
            raise BatchFailed(f"InvalidBatch : Failed to process query: {refused}") from None  # [3P]
        if self.chunk is None:
            batch.records, batch.result = found, org.new_id("752")
            batch.enter(org, "Completed")
            return
        # The batch that was sent is not processed itself; others take its place, chunk by chunk of ids [DOC].
        batch.enter(org, "NotProcessed")
        found.sort(key=lambda record: str(record["Id"]))
        for start in range(0, max(len(found), 1), self.chunk):
            part = Batch(org.new_id("751"), org.stamp(), batch.data, records=found[start : start + self.chunk])
            part.result = org.new_id("752")
            part.enter(org, "Completed")
            self.batches[part.key] = part


def _verdict(write: Write, now: str) -> dict[str, Any]:
    try:
        key, created = write(now)
    except SalesforceError as refused:
        errors = refused.row_errors()
        return {"success": False, "created": False, "id": None, "errors": errors, "text": refused.csv_text()}
    return {"success": True, "created": created, "id": key, "errors": [], "text": ""}


def _check_size(count: int) -> None:
    if count > _MOST:
        raise BatchFailed(f"InvalidBatch : The batch has more than {_MOST} records")  # text [UNV]
