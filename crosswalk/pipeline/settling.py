"""Settle a delivered batch: receipts, what became of each action, which record is whose, and what was refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.planning import Known, Planned, Receipt, Update
from crosswalk.pipeline import authority
from crosswalk.pipeline.lookups import Overruled
from crosswalk.pipeline.recheck import Refused
from crosswalk.pipeline.work import Work
from crosswalk.store import leads as lead_store
from crosswalk.store import links, outbox, quarantine

Settlement = tuple[str, str, str, str | None, str | None]
"""Action, state, outcome, reason, record id."""


@dataclass(frozen=True)
class Prepared:
    """A claimed batch before it is written: what waits, the plan of the rest, and what the plan was made from."""

    claimed: pl.DataFrame
    held: Refused = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    overruled: list[Overruled] = field(default_factory=list)
    known: Mapping[str, Known] = field(default_factory=dict)
    people: pl.DataFrame | None = None


def settle(
    work: Work,
    tx: Connection,
    mapping: TargetMap,
    prepared: Prepared,
    receipts: Sequence[Receipt],
    settlements: Sequence[Settlement] = (),
) -> None:
    """Store receipts, settle the actions, keep what was learned of the records, and quarantine what was refused."""
    answered: list[Settlement] = [
        (one.action_id, "failed" if one.outcome == "failed" else "done", one.outcome, one.code, one.record_id)
        for one in receipts
    ]
    names = ("action_id", "state", "outcome", "reason", "record_id")
    rows = pl.DataFrame([*answered, *settlements], schema=dict.fromkeys(names, pl.String), orient="row")
    if rows.is_empty():
        return
    if receipts:
        changed = {one.action_id: tuple(one.changes) for one in prepared.planned if isinstance(one, Update)}
        named = [one.fields or changed.get(one.action_id, ()) for one in receipts]
        log = [
            (one.action_id, one.outcome, one.record_id, one.code, orjson.dumps(fields).decode())
            for one, fields in zip(receipts, named, strict=True)
        ]
        schema = dict.fromkeys(("action_id", "outcome", "record_id", "code", "fields"), pl.String)
        outbox.receipts(tx, pl.DataFrame(log, schema=schema, orient="row"), work.run_id, work.now)
    outbox.settle(tx, rows.with_columns(pl.lit(None, pl.String).alias("sent_hash")), work.run_id, work.now)
    rows = rows.join(prepared.claimed.select("action_id", "lead_id"), on="action_id")
    if mapping.about == "source":
        authority.remember(work, tx, mapping, prepared.planned, prepared.known, receipts)
    else:
        _link(work, tx, mapping, rows, prepared.people)
        authority.log_overruled(work, tx, mapping, prepared.overruled)
    _quarantine(work, tx, rows.filter(pl.col("state") == "failed"))


def _link(work: Work, tx: Connection, mapping: TargetMap, rows: pl.DataFrame, people: pl.DataFrame | None) -> None:
    """Say which record is which lead's."""
    done = rows.filter((pl.col("state") == "done") & pl.col("record_id").is_not_null())
    if people is None:
        people = lead_store.get(tx, done["lead_id"].unique(), ("lead_id", "person_id"))
    links.put(
        tx,
        done.join(people, on="lead_id").select(
            pl.lit(mapping.connection).alias("system"),
            pl.lit(mapping.object).alias("object"),
            "record_id",
            "person_id",
            "lead_id",
            pl.lit("linked").alias("state"),
            pl.lit("delivery").alias("via"),
        ),
        work.now,
    )


def _quarantine(work: Work, tx: Connection, failed: pl.DataFrame) -> None:
    """Keep what the target refused, with its code."""
    if failed.is_empty():
        return
    columns = ("lead_id", "source", "stream", "external_id", "payload_id")
    known = lead_store.get(tx, failed["lead_id"].unique(), columns)
    entries = failed.join(known, on="lead_id").select(
        pl.lit("apply").alias("step"),
        "reason",
        "source",
        "stream",
        "external_id",
        pl.col("action_id").alias("unit"),
        "payload_id",
        "lead_id",
        pl.lit('{"result":"quarantined"}').alias("detail"),
    )
    quarantine.add(tx, entries, work.run_id, work.now)
