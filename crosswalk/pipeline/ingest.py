"""Ingest: from a source into the hub, one batch in one transaction.

    pull -> land -> [everything after landing: see processing]

A batch is atomic: people, leads, decisions, outbox, quarantine, counts and the cursor are committed together, so a run
may be killed at any instant and run again.
"""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import FieldMap
from crosswalk.pipeline import authority, commit, drift, landing
from crosswalk.pipeline.decide import Decided
from crosswalk.pipeline.processing import process
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import cursors, stream_properties


def ingest_batch(work: Work, connection: str, stream: str) -> bool:
    """Pull and process one batch; return whether there may be more.

    Raises:
        GateFailed: the data is below the bar; nothing of this batch is stored and the cursor has not moved.
        SchemaDrift: a property that the stream had is no longer there; the same holds.
        TransientError, TerminalError: from the source.
    """
    source = work.connector(connection).source
    if source is None:
        return False
    mapping = work.catalog.sources[connection, stream]
    with work.hub.read() as tx:
        start = cursors.get(tx, connection, stream)
        had = stream_properties.had(tx, connection, stream)
    work.first_call_at = work.first_call_at or work.clock()
    trail = Trail(timings=work.timings)
    with drift.of_source(mapping):
        read = work.ahead.take(source, mapping, start)
    batch = read.batch
    new = drift.new_properties(mapping, batch, had)
    more = landing.goes_on(work, (connection, stream), start, batch)
    landed = empty_batch(mapping)
    if not batch.frame.is_empty():
        landed = landing.land(work, trail, read.rows, mapping)
    if landed.is_empty():
        with work.hub.begin() as tx:
            authority.watch(work, tx, batch.frame, mapping)
            trail.write(tx, work.run_id, work.now)
            stream_properties.put(tx, connection, stream, new, work.run_id, work.now)
            cursors.put(tx, connection, stream, batch.cursor, work.now)
        work.landed((connection, stream), batch.frame.height, batch.expected)
        return more

    def entry(tx: Connection, _: Decided) -> None:
        commit.store_payloads(work, tx, landed)
        authority.watch(work, tx, batch.frame, mapping)
        stream_properties.put(tx, connection, stream, new, work.run_id, work.now)
        cursors.put(tx, connection, stream, batch.cursor, work.now)

    process(work, trail, landed, mapping, entry, read.shaped)
    work.landed((connection, stream), batch.frame.height, batch.expected)
    return more


def empty_batch(mapping: FieldMap) -> pl.DataFrame:
    """Return a landed frame without rows."""
    return pl.DataFrame(schema=dict.fromkeys(("payload_id", *mapping.properties), pl.String))
