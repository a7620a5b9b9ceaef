"""Everything that the hub knows of one inquiry, read row by row for whoever asks (HND-07).

A few indexed queries about one person; nothing here is about many rows, and nothing writes.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, and_, or_, select, tuple_

from crosswalk.store.tables import (
    conflict,
    finding,
    intervention,
    link,
    outbox,
    outcome,
    payload,
    quarantine,
    receipt,
    run,
    seen,
    verdict,
)

Row = dict[str, Any]
SourceRow = tuple[str, str, str]
"""Connection, stream and the vendor's id: where an inquiry came from."""
CHUNK = 500


def row_of(one: Mapping[str, Any]) -> SourceRow:
    """Return the source row that a payload, a lead or a row of the quarantine is of."""
    return str(one["source"]), str(one["stream"]), str(one["external_id"])


def was_read(tx: Connection, streams: Iterable[tuple[str, str]], external_id: str) -> list[SourceRow]:
    """Return the rows with this id that were read from any of the streams (connection, stream)."""
    keys = [(source, stream, external_id) for source, stream in streams]
    found = tx.execute(select(seen.c.source, seen.c.stream, seen.c.external_id).where(_is_row(seen, keys)))
    return [(source, stream, one) for source, stream, one in found]


def linked(tx: Connection, objects: Iterable[tuple[str, str]], record_ids: Iterable[str]) -> list[Row]:
    """Return the links of these records, whichever of the objects (system, object) they are."""
    keys = [(system, name, record_id) for record_id in record_ids for system, name in objects]
    return _rows(tx, link, _among((link.c.system, link.c.object, link.c.record_id), keys))


def links(tx: Connection, person_id: str) -> list[Row]:
    """Return every record of other systems that is this person's, oldest first."""
    return _rows(tx, link, link.c.person_id == person_id, order=(link.c.at, link.c.system, link.c.object))


def payloads(tx: Connection, rows: Sequence[SourceRow]) -> list[Row]:
    """Return what came of these source rows, oldest first: all columns but the sealed body."""
    columns = [column for column in payload.c if column.name != "body"]
    query = select(*columns).where(_is_row(payload, rows)).order_by(payload.c.landed_at, payload.c.payload_id)
    return [dict(row) for row in tx.execute(query).mappings()]


def findings(tx: Connection, hashes: Collection[str]) -> list[Row]:
    """Return what the screen found in payloads of this content."""
    return _rows(tx, finding, finding.c.payload_hash.in_(hashes), order=(finding.c.at, finding.c.kind))


def verdicts(
    tx: Connection, runs: Collection[str], steps: Collection[str], units: Collection[str], lead_id: str | None
) -> list[Row]:
    """Return the verdicts on these units in these runs, and all that name the lead."""
    judged = verdict.c.run_id.in_(runs) & verdict.c.step.in_(steps) & verdict.c.unit.in_(units)
    found = {(row["run_id"], row["step"], row["unit"]): row for row in _rows(tx, verdict, judged)}
    if lead_id is not None:
        named = _rows(tx, verdict, verdict.c.lead_id == lead_id)
        found |= {(row["run_id"], row["step"], row["unit"]): row for row in named}
    return list(found.values())


def quarantined(tx: Connection, rows: Sequence[SourceRow]) -> list[Row]:
    """Return what of these source rows has ever been in quarantine, in any state."""
    return _rows(tx, quarantine, _is_row(quarantine, rows), order=(quarantine.c.at, quarantine.c.id))


def started(tx: Connection, instants: Collection[datetime]) -> set[str]:
    """Return the runs that started at one of these instants."""
    return set(tx.scalars(select(run.c.run_id).where(run.c.started_at.in_(instants))))


def interventions(
    tx: Connection, quarantine_ids: Collection[int], payload_ids: Collection[str], lead_id: str | None
) -> list[Row]:
    """Return what people decided about these, oldest first: all columns but the sealed values."""
    columns = [column for column in intervention.c if column.name not in ("old", "new")]
    about: list[ColumnElement[bool]] = [
        intervention.c.quarantine_id.in_(quarantine_ids),
        intervention.c.payload_id.in_(payload_ids),
    ]
    if lead_id is not None:
        about.append(intervention.c.lead_id == lead_id)
    query = select(*columns).where(or_(*about)).order_by(intervention.c.at, intervention.c.id)
    return [dict(row) for row in tx.execute(query).mappings()]


def actions(tx: Connection, lead_id: str) -> list[Row]:
    """Return what is, or was, to be written about a lead."""
    return _rows(tx, outbox, outbox.c.lead_id == lead_id, order=(outbox.c.created_at, outbox.c.action_id))


def receipts(tx: Connection, action_ids: Collection[str]) -> list[Row]:
    """Return the targets' answers to these actions, oldest first."""
    return _rows(tx, receipt, receipt.c.action_id.in_(action_ids), order=(receipt.c.at, receipt.c.id))


def outcomes(tx: Connection, lead_id: str) -> list[Row]:
    """Return what sales made of a lead, in the order in which it happened."""
    return _rows(tx, outcome, outcome.c.lead_id == lead_id, order=(outcome.c.at, outcome.c.outcome_id))


def conflicts(tx: Connection, lead_id: str) -> list[Row]:
    """Return the fields of a lead's records that somebody else had written."""
    return _rows(tx, conflict, conflict.c.lead_id == lead_id, order=(conflict.c.first_at, conflict.c.field))


def sealed(tx: Connection, streams: Iterable[tuple[str, str]]) -> Iterator[tuple[SourceRow, bytes]]:
    """Yield the newest content, sealed, of every row of the streams: for what no key leads to."""
    latest = payload.join(seen, seen.c.payload_id == payload.c.payload_id)
    here = tuple_(seen.c.source, seen.c.stream).in_(list(streams))
    query = select(seen.c.source, seen.c.stream, seen.c.external_id, payload.c.body).select_from(latest).where(here)
    for source, stream, external_id, body in tx.execute(query).yield_per(CHUNK):
        yield (source, stream, external_id), body


def _rows(tx: Connection, table: Table, where: ColumnElement[bool], order: Sequence[Any] = ()) -> list[Row]:
    return [dict(row) for row in tx.execute(select(table).where(where).order_by(*order)).mappings()]


def _is_row(table: Table, rows: Sequence[SourceRow]) -> ColumnElement[bool]:
    return _among((table.c.source, table.c.stream, table.c.external_id), rows)


def _among(columns: Sequence[Column[Any]], keys: Sequence[tuple[str, ...]]) -> ColumnElement[bool]:
    """Hold for rows with one of the keys; said column by column as well, without which SQLite would read the table."""
    values = zip(*keys, strict=True) if keys else [()] * len(columns)
    alone = [column.in_(set(some)) for column, some in zip(columns, values, strict=True)]
    return and_(*alone, tuple_(*columns).in_(keys))
