"""Writes of up to 200 records a call (sObject Collections), with a verdict for every row."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

import orjson

from connectors.salesforce import rows
from connectors.salesforce.errors import drift, of_row, passes
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.soql import EXTERNAL_ID, name
from crosswalk.domain.planning import Receipt, Write
from crosswalk.errors import RecordError, SchemaDrift, TerminalError

PER_CALL = 200
LOCK_WAITS = (0.2, 0.8, 2.0)
"""Seconds before rows that lost a lock are sent again; the vendor has waited 10 s itself already."""
HEADERS = {"Sforce-Auto-Assign": "FALSE"}
"""Without it the org's assignment rules would overwrite the owner that the hub chose."""


class Batches:
    """The ordinary way to write."""

    def __init__(self, session: SalesforceSession) -> None:
        self._session = session

    def write(self, table: str, kind: rows.Kind, actions: Sequence[Write]) -> Iterator[Receipt]:
        """Yield one receipt for each action; rows that the vendor could not do just now are sent again alone."""
        left = yield from self._round(table, kind, actions)
        for wait in LOCK_WAITS:
            if not left:
                return
            self._session.sleep(wait)
            left = yield from self._round(table, kind, [action for action, _ in left])
        yield from (receipt for _, receipt in left)

    def _round(
        self, table: str, kind: rows.Kind, actions: Sequence[Write]
    ) -> Generator[Receipt, None, list[tuple[Write, Receipt]]]:
        """Send all actions once; yields what is settled and returns what may be sent again.

        Raises:
            SchemaDrift: rows were refused for a field that is gone; the others of their call have their receipts.
        """
        left: list[tuple[Write, Receipt]] = []
        for start in range(0, len(actions), PER_CALL):
            batch = actions[start : start + PER_CALL]
            trouble: SchemaDrift | None = None
            for action, receipt in zip(batch, self._send(table, kind, batch), strict=True):
                if receipt.outcome == "failed" and passes(receipt.code or ""):
                    left.append((action, receipt))
                elif receipt.outcome == "failed" and (found := drift(receipt.code or "", receipt.fields)):
                    trouble = trouble or found
                else:
                    yield receipt
            if trouble is not None:
                raise trouble
        return left

    def _send(self, table: str, kind: rows.Kind, batch: Sequence[Write]) -> list[Receipt]:
        """Make one call; where a row makes the vendor refuse all of it, send halves until that row stands alone."""
        path = "composite/sobjects" + (f"/{name(table)}/{EXTERNAL_ID}" if kind == "create" else "")
        body = orjson.dumps({"allOrNone": False, "records": [_record(action) for action in batch]})
        try:
            verdicts = orjson.loads(self._session.call("PATCH", path, body, headers=HEADERS).content)
        except RecordError as error:
            if len(batch) == 1:
                return [rows.failed(batch[0], error.code, error.fields)]
            middle = len(batch) // 2
            return self._send(table, kind, batch[:middle]) + self._send(table, kind, batch[middle:])
        if not isinstance(verdicts, list) or len(verdicts) != len(batch):
            raise TerminalError("Salesforce answered another number of rows than were sent", code="ROW_COUNT")
        return [_receipt(action, verdict) for action, verdict in zip(batch, verdicts, strict=True)]


def _record(action: Write) -> dict[str, Any]:
    """Return an action as the vendor takes it."""
    key = {"id": rows.key(action)} if rows.kind(action) == "update" else {EXTERNAL_ID: action.external_id}
    return {"attributes": {"type": action.object}, **rows.values(action), **key}


def _receipt(action: Write, verdict: dict[str, Any]) -> Receipt:
    """Return the vendor's verdict on one row as a receipt."""
    if verdict.get("success"):
        return rows.succeeded(action, verdict.get("id"), bool(verdict.get("created")))
    return rows.failed(action, *of_row(verdict.get("errors") or ()))
