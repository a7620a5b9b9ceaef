"""Ingest: from a source into the hub, one batch in one transaction.

    pull -> land -> screen -> [findings, own transaction] -> gate raw -> shape -> gate shaped
         -> identify -> qualify -> route (decide) -> hand off -> enqueue -> commit

A batch is atomic: people, leads, decisions, outbox, quarantine, counts and the cursor are committed together, so a run
may be killed at any instant and run again.
"""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import screening, shaping
from crosswalk.domain.capacity import Loads
from crosswalk.domain.mapping import FieldMap
from crosswalk.domain.schema import VERDICTS, empty
from crosswalk.pipeline import commit, landing
from crosswalk.pipeline.decide import decide
from crosswalk.pipeline.packing import pack
from crosswalk.pipeline.trail import NOTHING_REFUSED, Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import cursors, leads, payloads


def ingest_batch(work: Work, connection: str, stream: str) -> bool:
    """Pull and process one batch; return whether there may be more.

    Raises:
        GateFailed: the data is below the bar; nothing of this batch is stored and the cursor has not moved.
        TransientError, TerminalError: from the source.
    """
    source = work.connector(connection).source
    if source is None:
        return False
    mapping = work.catalog.sources[connection, stream]
    with work.hub.read() as tx:
        start = cursors.get(tx, connection, stream)
    work.first_call_at = work.first_call_at or work.clock()
    batch = landing.gather(source, stream, start, work.batch_size)
    # After a window that an earlier run left open, one of this run's own: a run reads up to its own time.
    more = batch.more or (start.until is not None and (connection, stream) not in work.windows)
    trail = Trail()
    landed = empty_batch(mapping)
    if not batch.frame.is_empty():
        landed = landing.land(work, trail, landing.fingerprint(batch.frame, connection, mapping), mapping)
    if landed.is_empty():
        with work.hub.begin() as tx:
            trail.write(tx, work.run_id, work.now)
            cursors.put(tx, connection, stream, batch.cursor, work.now)
        work.landed((connection, stream), batch.frame.height, batch.expected)
        return more
    findings = _screen(work, trail, landed, mapping)
    shaped = _shape(work, trail, landed, findings, mapping)
    with work.hub.begin() as tx:
        loads = _loads(tx)
        decided = decide(work, trail, tx, shaped, loads)
        actions = pack(work, trail, decided.routed)
        commit.store_payloads(work, tx, landed)
        commit.store_leads(work, tx, decided)
        commit.store_actions(work, tx, trail, actions)
        commit.store_refused(work, tx, trail, landed, decided.leads)
        trail.write(tx, work.run_id, work.now)
        cursors.put(tx, connection, stream, batch.cursor, work.now)
    work.landed((connection, stream), batch.frame.height, batch.expected)
    return more


def empty_batch(mapping: FieldMap) -> pl.DataFrame:
    """Return a landed frame without rows."""
    return pl.DataFrame(schema=dict.fromkeys(("payload_id", *mapping.properties), pl.String))


def _screen(work: Work, trail: Trail, landed: pl.DataFrame, mapping: FieldMap) -> pl.DataFrame:
    """Read the free text of every landed row; what is found is committed before any gate can stop the batch."""
    findings = screening.screen(landed, mapping.signals.text, work.catalog.lexicon)
    if not findings.is_empty():
        rows = findings.join(landed.select("payload_id", pl.col("hash").alias("payload_hash")), on="payload_id")
        with work.hub.begin() as tx:
            payloads.find(tx, rows.select("payload_hash", "kind", "payload_id"), work.run_id, work.now)
    trail.step("screen", landed, NOTHING_REFUSED, unit="payload_id")
    return findings


def _shape(work: Work, trail: Trail, landed: pl.DataFrame, findings: pl.DataFrame, mapping: FieldMap) -> pl.DataFrame:
    gate = work.gates.check("raw", landed, unit="payload_id")
    raw = trail.step("gate_raw", landed, gate.refused, unit="payload_id")
    shaped = shaping.shape(raw, mapping, findings, work.catalog.standard)
    shaped = trail.step("shape", shaped, shaping.judge(shaped) if not shaped.is_empty() else empty(VERDICTS))
    return trail.step("gate_shaped", shaped, work.gates.check("shaped", shaped).refused)


def _loads(tx: Connection) -> Loads:
    """What every owner carries, read once for the whole batch."""
    daily = leads.loads(tx).rows()
    opened = leads.open_loads(tx).rows()
    return Loads({(owner, day): n for owner, day, n in daily}, dict(opened))
