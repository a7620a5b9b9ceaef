"""Bulk API 2.0 ingest jobs."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sandbox.salesforce import csv_text
from sandbox.salesforce.bulk import BatchFailed, Job
from sandbox.salesforce.bulk_rows import RowWriter
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org

_SLICE = 200  # rows between two turns of the event loop; Salesforce works in chunks of 200 as well [DOC]

Row = list[str]


@dataclass
class Ingest(Job):
    """One ingest job and, when processed, its results."""

    kind = "V2Ingest"

    external_id_field: str | None = None
    assignment_rule: str | None = None
    content: bytes | None = None
    header: Row = field(default_factory=list)
    succeeded: list[tuple[str, bool, Row]] = field(default_factory=list)
    failed: list[tuple[str, str, Row]] = field(default_factory=list)
    unprocessed: list[Row] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        view = super().shown()
        if self.external_id_field:
            view["externalIdFieldName"] = self.external_id_field
        if self.assignment_rule:
            view["assignmentRuleId"] = self.assignment_rule
        if self.state == "Open":
            view["contentUrl"] = f"services/data/v{self.version}/jobs/ingest/{self.key}/batches"  # no slash [DOC]
        return view

    def shown_in_full(self) -> dict[str, Any]:
        """With the counts, as GET of one job shows it [DOC]."""
        view: dict[str, Any] = {
            **self.shown(),
            "jobType": self.kind,
            "numberRecordsProcessed": len(self.succeeded) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
            "retries": self.retries,
            "totalProcessingTime": self.milliseconds,
            "apiActiveProcessingTime": self.milliseconds,
            "apexProcessingTime": 0,
        }
        if self.error:
            view["errorMessage"] = self.error
        return view

    async def work(self, org: Org) -> None:
        """Rows that have a result already are passed over, so that a restored job goes on where it was."""
        rows = self.rows()
        self.header = next(rows, [])
        if not self.header:
            raise BatchFailed("InvalidBatch : There is no data in the job")  # [UNV]
        writer = RowWriter(org, self.operation, self.object, self.external_id_field, self.header, self.assignment_rule)
        for _ in islice(rows, len(self.succeeded) + len(self.failed)):
            pass
        while self._slice(org, rows, writer):
            await asyncio.sleep(0)
            if self.state == "Aborted":
                self.unprocessed = list(rows)
                break
        self.content = None

    def _slice(self, org: Org, rows: Iterator[Row], writer: RowWriter) -> bool:
        now, width = org.stamp(), len(self.header)
        writer.seen.clear()
        for _ in range(_SLICE):
            row = next(rows, None)
            if row is None:
                return False
            if len(row) != width:
                # One malformed row stops the batch; rows after it were never looked at [UNV].
                self.unprocessed = [row, *rows]
                text = f"The number of fields in a row ({len(row)}) is not that of the header ({width})"
                raise BatchFailed(f"InvalidBatch : {text}")
            try:
                key, created = writer.write(row, now)
            except SalesforceError as refused:
                self.failed.append((writer.given_id(row), refused.csv_text(), row))
            else:
                self.succeeded.append((key, created, row))
        return True

    def abort(self, org: Org) -> None:
        """Rows done so far stay done; the others become unprocessed records [DOC]."""
        if self.state in ("Open", "UploadComplete") and self.content:
            rows = self.rows()
            self.header = next(rows, [])
            self.unprocessed = list(rows)
            self.content = None
        self.enter(org, "Aborted")

    def rows(self) -> Iterator[Row]:
        """The CSV's rows. A declared line ending that is not the one used fails the job [3P]."""
        try:
            text = (self.content or b"").decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BatchFailed("InvalidBatch : The file contains invalid UTF-8 characters") from None
        first = text[: text.find("\n") + 1]
        if first and first.endswith("\r\n") != (self.line_ending == "CRLF"):
            raise BatchFailed(f"LineEnding is invalid on user data. Current LineEnding setting is {self.line_ending}")
        return csv_text.read(text, self.delimiter)

    def shuffled(self, rows: list[Any]) -> list[Any]:
        """Result rows come in no promised order [DOC]: another than the input's, the same at each reading."""
        order = list(rows)
        random.Random(self.key).shuffle(order)
        return order
