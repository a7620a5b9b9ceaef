"""Bulk API 2.0 ingest: many rows in a few calls, with a receipt for every row.

A job outlives our patience: while it runs, trouble in polling is waited out, and when the time-out has passed the same
actions applied again go on with the same job instead of starting another.
"""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import orjson

from connectors.salesforce import bulk_csv, rows
from connectors.salesforce.errors import TABLE, VENDOR, drift, named_fields, of_bulk_row, passes
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.soql import EXTERNAL_ID, name
from crosswalk.domain.planning import Receipt, Write
from crosswalk.errors import ConfigError, CrosswalkError, SchemaDrift, TerminalError, TransientError
from crosswalk.platform.http import Refusal, classify

FIRST_WAIT, LONGEST_WAIT, GROWTH = 0.05, 5.0, 1.5
TIMEOUT = 1800.0
RUNNING = frozenset({"Open", "UploadComplete", "InProgress"})
UNPROCESSED = "UNPROCESSED"

Again = list[Write]


class BulkIngest:
    """Writes through ingest jobs."""

    def __init__(
        self, session: SalesforceSession, *, timeout: float = TIMEOUT, part_bytes: int = bulk_csv.PART_BYTES
    ) -> None:
        self._session, self._timeout, self._part_bytes = session, timeout, part_bytes
        self._unfinished: dict[str, str] = {}

    def write(self, table: str, kind: rows.Kind, actions: Sequence[Write]) -> Generator[Receipt, None, Again]:
        """Yield receipts; returns the actions that lost a lock, to be sent again in small batches."""
        locked: Again = []
        for body, members in bulk_csv.parts(kind, actions, self._part_bytes):
            untouched = yield from self._part(table, kind, body, members, locked)
            for again, rest in bulk_csv.parts(kind, untouched, self._part_bytes):
                left = yield from self._part(table, kind, again, rest, locked)
                yield from (rows.failed(action, UNPROCESSED) for action in left)
        return locked

    def _part(
        self, table: str, kind: rows.Kind, body: bytes, members: Sequence[Write], locked: Again
    ) -> Generator[Receipt, None, Again]:
        """Run one part as a job; returns the actions that the vendor has not touched.

        Raises:
            SchemaDrift, ConfigError: the job, or a row for a field that is gone, was refused; everything else that it
                did has its receipt.
        """
        digest = hashlib.sha256(f"{table} {kind}\n".encode() + body).hexdigest()
        job_id = self._unfinished.get(digest) or self._start(table, kind, body)
        self._unfinished[digest] = job_id
        del body
        job = self._finished(job_id)
        left = {rows.key(action): action for action in members}
        drifted = yield from self._settled(job_id, kind, left, locked)
        del self._unfinished[digest]
        if drifted is not None:
            raise drifted
        if left and job["state"] != "JobComplete":
            trouble = _trouble(job)
            if not isinstance(trouble, TransientError):
                raise trouble
        return list(left.values())

    def _start(self, table: str, kind: rows.Kind, body: bytes) -> str:
        """Create a job, upload its rows and let it run.

        A job whose upload is in doubt is left open, which does nothing, and a new one is made.
        """
        order = {
            "object": name(table),
            "operation": "upsert" if kind == "create" else "update",
            "contentType": "CSV",
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
            **({"externalIdFieldName": EXTERNAL_ID} if kind == "create" else {}),
        }

        def uploaded() -> str:
            created = self._session.call("POST", "jobs/ingest", orjson.dumps(order))
            job_id = str(orjson.loads(created.content)["id"])
            self._session.call("PUT", f"jobs/ingest/{job_id}/batches", body, content_type="text/csv; charset=UTF-8")
            return job_id

        job_id = self._session.retrying(uploaded)
        try:
            self._session.call("PATCH", f"jobs/ingest/{job_id}", orjson.dumps({"state": "UploadComplete"}))
        except CrosswalkError:
            if self._state(job_id)["state"] == "Open":
                raise
        return job_id

    def _state(self, job_id: str) -> dict[str, Any]:
        """Return the job as the vendor shows it."""
        job: dict[str, Any] = orjson.loads(self._session.call("GET", f"jobs/ingest/{job_id}").content)
        return job

    def _finished(self, job_id: str) -> dict[str, Any]:
        """Wait until the job has ended.

        Raises:
            TransientError: it runs longer than the time-out; the job goes on and is found again.
        """
        waited, wait = 0.0, FIRST_WAIT
        while True:
            self._session.sleep(wait)
            waited, wait = waited + wait, min(wait * GROWTH, LONGEST_WAIT)
            trouble = ""
            try:
                job = self._state(job_id)
                if job["state"] not in RUNNING:
                    return job
            except TransientError as error:
                trouble = f" ({error})"
            if waited >= self._timeout:
                raise TransientError(f"Bulk job {job_id} still runs after {waited:.0f} s{trouble}", delay=60.0)

    def _settled(
        self, job_id: str, kind: rows.Kind, left: dict[str, Write], locked: Again
    ) -> Generator[Receipt, None, SchemaDrift | None]:
        """Yield a receipt for every row that the job wrote or refused, and take it off ``left``.

        Returns what is wrong where rows were refused for a field that is gone; those have no receipt.
        """
        column = rows.key_column(kind)
        for key, record_id, created in self._results(job_id, "successfulResults", column, "sf__Id", "sf__Created"):
            if action := left.pop(key, None):
                yield rows.succeeded(action, record_id, created == "true")
        drifted: SchemaDrift | None = None
        for key, text in self._results(job_id, "failedResults", column, "sf__Error"):
            if action := left.pop(key, None):
                code, fields = of_bulk_row(text)
                if passes(code):
                    locked.append(action)
                elif found := drift(code, fields):
                    drifted = drifted or found
                else:
                    yield rows.failed(action, code, fields)
        return drifted

    def _results(self, job_id: str, which: str, *columns: str) -> Iterator[tuple[str, ...]]:
        """Read one of the job's result files."""
        reply = self._session.call("GET", f"jobs/ingest/{job_id}/{which}/", headers={"Accept": "text/csv"})
        return bulk_csv.results(reply.content, *columns)


def _trouble(job: dict[str, Any]) -> CrosswalkError:
    """Say why a job did not complete."""
    if job["state"] == "Aborted":
        return TerminalError(f"Bulk job {job['id']} was aborted in Salesforce; ask who did it", code="JOB_ABORTED")
    message = str(job.get("errorMessage") or "")
    code = message.partition(":")[0].strip()
    known = classify(Refusal(200, code, fields=named_fields(message)), TABLE, VENDOR)
    if isinstance(known, ConfigError | SchemaDrift | TransientError):
        return known
    return TransientError(f"Bulk job {job['id']} failed", delay=60.0)
