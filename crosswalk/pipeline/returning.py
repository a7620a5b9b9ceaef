"""The way back: what a CRM tells of our leads, one batch of a stream in one transaction (FBK-01, FBK-05).

    pull -> land -> shape -> match -> screen -> [findings, own transaction] -> gate returned -> conclude -> commit

What is about somebody else's record is neither screened nor judged nor kept. A batch is atomic, as in ingest.
"""

from collections.abc import Callable
from datetime import timedelta

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import outcomes, screening
from crosswalk.domain.mapping import FieldMap
from crosswalk.pipeline import commit, drift, landing
from crosswalk.pipeline.conclude import Concluded, conclude
from crosswalk.pipeline.ingest import empty_batch
from crosswalk.pipeline.match import match, refused
from crosswalk.pipeline.replay import rounds, unsealed
from crosswalk.pipeline.trail import NOTHING_REFUSED, Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import cursors, leads, links, outbox, payloads, quarantine, stream_properties
from crosswalk.store import outcomes as outcome_store

ACTOR = "sales"
Entry = Callable[[Connection, pl.DataFrame], None]
"""What the way in stores itself, in the batch's transaction: our payloads and the cursor, or what is no longer due."""


def return_batch(work: Work, connection: str, stream: str) -> bool:
    """Pull and conclude one batch; return whether there may be more.

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
    with drift.of_source(mapping):
        batch = landing.gather(source, stream, start, work.batch_size)
    new = drift.new_properties(mapping, batch, had)
    ahead = batch.vendor_now - work.clock() if batch.vendor_now else timedelta(0)
    if batch.gap:
        work.gaps[connection, stream] = batch.gap
    more = landing.goes_on(work, (connection, stream), start, batch)
    trail = Trail(timings=work.timings)
    landed = empty_batch(mapping)
    if not batch.frame.is_empty():
        landed = landing.land(work, trail, landing.fingerprint(batch.frame, connection, mapping), mapping)

    def entry(tx: Connection, matched: pl.DataFrame) -> None:
        known = landed.join(matched, on="payload_id", how="semi", maintain_order="left")
        if not known.is_empty():
            commit.store_payloads(work, tx, known)
        stream_properties.put(tx, connection, stream, new, work.run_id, work.now)
        cursors.put(tx, connection, stream, batch.cursor, work.now)

    _process(work, trail, landed, mapping, ahead, entry)
    work.landed((connection, stream), batch.frame.height, batch.expected)
    return more


def again_batch(work: Work) -> bool:
    """Conclude once more from rows that a person released from quarantine; return whether there may be more.

    Nothing is asked of a vendor. What the labels, the reasons and the owners mean is as the files say now.
    """
    with work.hub.read() as tx:
        picked = quarantine.released(tx, work.catalog.returns, work.batch_size)
    unknown = pl.lit(None, pl.Datetime("us", "UTC")).alias("received_at")  # when it landed stands in
    for part in rounds(picked.with_columns(unknown)):
        _again(work, part)
    return not picked.is_empty()


def _again(work: Work, picked: pl.DataFrame) -> None:
    """Replay released rows of one stream, each source row once."""
    [(source, stream)] = picked.select("source", "stream").unique().rows()
    mapping = work.catalog.sources[source, stream]
    with work.hub.read() as tx:
        stored = payloads.bodies(tx, picked["payload_id"])
    trail = Trail(replayed=True, timings=work.timings)
    landed = trail.step("replay", unsealed(work, picked, stored, mapping), NOTHING_REFUSED, unit="payload_id")

    def entry(tx: Connection, _: pl.DataFrame) -> None:
        quarantine.replayed(tx, picked["payload_id"], work.now)

    _process(work, trail, landed, mapping, timedelta(0), entry)
    work.committed()


def _process(work: Work, trail: Trail, landed: pl.DataFrame, mapping: FieldMap, ahead: timedelta, entry: Entry) -> None:
    """Take landed rows of one stream to their end, in one transaction."""
    ours, matched = _ours(work, trail, landed, mapping, ahead)
    target_object = work.catalog.connections[mapping.connection].streams[mapping.stream].object
    with work.hub.begin() as tx:
        entry(tx, matched)
        if not matched.is_empty():
            concluded = conclude(work, tx, mapping.connection, target_object, ours)
            trail.step("conclude", ours, concluded.refused)
            _store(work, tx, mapping.connection, target_object, concluded)
            _store_refused(work, tx, trail, matched)
        trail.write(tx, work.run_id, work.now)


def _ours(
    work: Work, trail: Trail, landed: pl.DataFrame, mapping: FieldMap, ahead: timedelta
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows about our leads, by our clock: those that passed the gate, and all of them.

    ``ahead`` is how far the vendor's clock is ahead of ours. Nothing has happened later than now.
    """
    if landed.is_empty():
        return landed, landed
    shaped = outcomes.shape(landed, mapping, work.catalog.codes)
    at = pl.min_horizontal(pl.col("at") - ahead, pl.lit(work.clock()))
    shaped = shaped.with_columns(at.cast(shaped.schema["at"]).alias("at"))
    stream = work.catalog.connections[mapping.connection].streams[mapping.stream]
    with work.hub.read() as tx:
        matched = match(tx, mapping.connection, stream.object, shaped)
    _screen(work, landed.join(matched, on="payload_id", how="semi"), mapping)
    trail.step("screen", landed, NOTHING_REFUSED, unit="payload_id")
    trail.step("shape", shaped, NOTHING_REFUSED)
    trail.step("match", shaped, refused(shaped, matched))
    if matched.is_empty():
        return matched, matched
    gate = work.gates.check("returned", matched, shares=not trail.replayed)
    return trail.step("gate_returned", matched, gate.refused), matched


def _screen(work: Work, known: pl.DataFrame, mapping: FieldMap) -> None:
    """Read the notes; what is found is committed before any gate can stop the batch."""
    findings = screening.screen(known, mapping.signals.text, work.catalog.lexicon)
    if not findings.is_empty():
        rows = findings.join(known.select("payload_id", pl.col("hash").alias("payload_hash")), on="payload_id")
        with work.hub.begin() as tx:
            payloads.find(tx, rows.select("payload_hash", "kind", "payload_id"), work.run_id, work.now)


def _store(work: Work, tx: Connection, connection: str, target_object: str, found: Concluded) -> None:
    """Store what was concluded: leads, history, owners, outcomes, and whose records are whose."""
    version = work.catalog.definitions.version
    here = (pl.lit(connection).alias("system"), pl.lit(target_object).alias("object"))
    outcome_store.remove(tx, found.withdrawn.select(*here, pl.col("external_id").alias("record_id")))
    outcome_store.put(tx, found.notes, work.run_id, work.now)
    leads.amend(tx, found.leads, work.run_id, work.now)
    history = found.moved.select(
        *("lead_id", "old", "new", "rule", pl.col("why").alias("reason"), "event_at"),
        pl.lit("status").alias("axis"),
        pl.lit(ACTOR).alias("actor"),
        pl.lit(version).alias("version"),
    )
    leads.append_history(tx, history, work.run_id, work.now)
    owners = found.owners.unique("lead_id", keep="last", maintain_order=True).select(
        *("lead_id", pl.col("owner").alias("owner_id"), pl.col("kind_of_owner").alias("owner_kind")),
        *(pl.lit("crm").alias(name) for name in ("rule_id", "route")),
        pl.lit(None, pl.String).alias("territory"),
        pl.lit(None, pl.Date).alias("load_day"),  # nobody's capacity was used up: sales has decided it
        pl.struct("by").struct.json_encode().alias("trace"),
    )
    leads.assign(tx, owners, work.run_id, work.now, end_reason="reassigned_in_crm")
    links.close(tx, found.gone.select(*here, "record_id"), work.now)
    made = found.links.with_columns(here[0], pl.lit("linked").alias("state"))
    links.put(tx, made, work.now)
    moved_on = found.gone.filter(pl.col("into").is_not_null()).select("lead_id", pl.col("into").alias("record_id"))
    if outbox.follow(tx, moved_on.with_columns(pl.lit(connection).alias("target"), here[1]), work.now):
        work.followed.add((connection, target_object))


def _store_refused(work: Work, tx: Connection, trail: Trail, matched: pl.DataFrame) -> None:
    """Keep what a gate quarantined and what a person must look at; the rest of a held row counts all the same."""
    for step, judged in trail.verdicts:
        waiting = judged.filter(pl.col("result").is_in(["quarantined", "held"]))
        rows = waiting.join(matched, on="unit", how="left", maintain_order="left").with_columns(
            pl.lit(step).alias("step"),
            pl.struct("result", "codes").struct.json_encode().alias("detail"),
        )
        quarantine.add(tx, rows.select(quarantine.COLUMNS), work.run_id, work.now)
