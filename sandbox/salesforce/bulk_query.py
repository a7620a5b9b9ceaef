"""Bulk API 2.0 query jobs."""

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce import csv_text
from sandbox.salesforce.bulk import BatchFailed, Job
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_parse import parse
from sandbox.salesforce.soql_run import Asked, table_of

_SLICE = 5000  # records looked at between two turns of the event loop
PAGE = 50_000  # records of a set of results when the client does not say how many it wants [UNV]
_CHUNKED = ("Account", "Campaign", "CampaignMember", "Contact", "Event", "Lead", "Opportunity", "Task", "User")  # [DOC]


@dataclass
class QueryJob(Job):
    """A query and, when it has run, its records: those of that moment, unrendered."""

    kind = "V2Query"

    text: str = ""
    records: list[Record] = field(default_factory=list)

    def asked(self) -> Asked:
        return Asked(self.text, self.version, deleted=self.operation == "queryAll")

    def shown_in_full(self) -> dict[str, Any]:
        """With the counts, as GET of one job shows it [DOC]."""
        view: dict[str, Any] = {
            **self.shown(),
            "jobType": self.kind,
            "numberRecordsProcessed": len(self.records) if self.state == "JobComplete" else 0,
            "retries": self.retries,
            "totalProcessingTime": self.milliseconds,
            "isPkChunkingSupported": self.object.endswith("__c") or self.object in _CHUNKED,
        }
        if self.error:
            view["errorMessage"] = self.error
        return view

    async def work(self, org: Org) -> None:
        found: list[Record] = []
        try:
            for place, record in enumerate(table_of(org, self.asked()).records()):
                found.append(record)
                if place % _SLICE == _SLICE - 1:
                    await asyncio.sleep(0)
                    if self.ended:
                        return
        except SalesforceError as refused:  # a field has gone since the job was made
            raise BatchFailed(f"InvalidBatch : Failed to process query: {refused}") from None
        self.records = found

    def lines(self, org: Org, start: int, stop: int) -> tuple[list[str], Iterator[list[str]]]:
        """The header and the rows from `start` up to `stop`."""
        table = table_of(org, self.asked())
        cell = csv_text.cell
        return table.header, ([cell(v) for v in table.cells(r)] for r in self.records[start:stop])


def unsupported(query: str) -> str | None:
    """What of a query Bulk queries cannot do [DOC], if anything. Raises SalesforceError: MALFORMED_QUERY."""
    parsed = parse(query)
    functions = {item.function for item in parsed.select}
    if parsed.count_only or parsed.aggregate:
        return "Aggregate queries"
    if parsed.offset is not None:
        return "OFFSET"
    if "TYPEOF" in functions:
        return "TYPEOF"
    if "FIELDS" in functions:
        return "FIELDS()"
    return "Aggregate Relationships" if any(item.inner is not None for item in parsed.select) else None


def locator(start: int) -> str:
    """MTAwMDA for 10000: where a set of results begins [DOC by example]."""
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def place(locator: str) -> int:
    """Where the set of results of this locator begins. Raises ValueError."""
    return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
