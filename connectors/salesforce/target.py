"""Looking up and writing records."""

from collections.abc import Iterator, Sequence

from connectors.salesforce import bulk_csv, rows
from connectors.salesforce.batches import Batches
from connectors.salesforce.bulk import BulkIngest
from connectors.salesforce.census import record, state_fields
from connectors.salesforce.questions import ask
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.soql import lookups
from crosswalk.domain.planning import Receipt, Record, Write
from crosswalk.ports import Lookup

BULK_THRESHOLD = 2_000
"""Actions of one object and kind from which Bulk 2.0 takes fewer calls and no longer."""


class SalesforceTarget:
    """Salesforce as a system that records are written to."""

    def __init__(
        self, session: SalesforceSession, *, bulk_threshold: int = BULK_THRESHOLD, bulk: BulkIngest | None = None
    ) -> None:
        self._session, self._threshold = session, bulk_threshold
        self._batches, self._bulk = Batches(session), bulk or BulkIngest(session)

    def lookup(self, query: Lookup) -> list[Record]:
        """Return every record that any of the query's keys hits, in the fewest calls; no keys, no call.

        The recycle bin is asked too: our own record that someone deleted, or merged into another, comes back closed
        unless a live one has the same external id, so that it is not created anew. Deleted records that only match by
        other keys are not ours and are left out.
        """
        extra = ("IsDeleted", *state_fields(query.object))
        found = {row["Id"]: row for rows in ask(self._session, list(lookups(query, extra))) for row in rows}
        records = [record(query.object, row, query.fields) for row in found.values()]
        gone = {row["Id"] for row in found.values() if row.get("IsDeleted")}
        asked = set(query.external_ids) | {record_id[:15] for record_id in query.record_ids}
        live = {one.external_id for one in records if one.record_id not in gone}
        return [
            one
            for one in records
            if one.record_id not in gone
            or (one.external_id not in live and {one.external_id, one.record_id[:15]} & asked)
        ]

    def apply(self, actions: Sequence[Write]) -> Iterator[Receipt]:
        """Write actions; exactly one receipt for each.

        A refused row becomes a failed receipt. When the route as a whole cannot go on (the vendor is away, a field is
        missing) its error is raised after the receipts of everything that was settled; applying the rest again is
        safe, because every write finds its own work.

        Raises:
            ValueError: an external id comes twice.
        """
        rows.refuse_repeats(actions)
        return self._apply(actions)

    def _apply(self, actions: Sequence[Write]) -> Iterator[Receipt]:
        """Write object by object, in the order in which objects first appear."""
        groups, repeats = rows.split(actions)
        yield from (rows.failed(action, rows.SAME_RECORD_TWICE) for action in repeats)
        for (table, kind), members in groups.items():
            if len(members) < self._threshold:
                yield from self._batches.write(table, kind, members)
                continue
            fit, odd = bulk_csv.sort_out(members)
            locked = yield from self._bulk.write(table, kind, fit)
            yield from self._batches.write(table, kind, locked + odd)
