"""Outcomes: what sales made of a lead, one row for each thing that a record of theirs has said.

Of the rows of one record and kind one is current; what a record said before is ``superseded``, and of a record that
sales took away again everything is ``removed``.
"""

import hashlib
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, and_, func, select, update

from crosswalk.store import bulk
from crosswalk.store.tables import outcome

RECORD = ("system", "object", "record_id")
COLUMNS = (*("lead_id", "person_id", "kind", "code", "at", "by", *RECORD, "reason", "result", "payload_id", "version"),)
PAST = ("superseded", "removed")
"""Results of rows that no longer say how a record stands."""


def current(tx: Connection, system: str, object: str, record_ids: pl.Series) -> pl.DataFrame:
    """Return what these records say now: record_id, lead_id, kind, code, at, by, reason and result."""
    columns = ["record_id", "lead_id", "kind", "code", "at", "by", "reason", "result"]
    keys = record_ids.alias("record_id").to_frame().with_columns(system=pl.lit(system), object=pl.lit(object))
    return bulk.lookup(tx, outcome, columns, keys, where=outcome.c.result.not_in(PAST))


def put(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> None:
    """Store what records say now: the columns in ``COLUMNS``, one row for each record and kind.

    What a record said before of the same kind is superseded. Saying the same again changes the row: a record may by
    then be about another lead.
    """
    if frame.is_empty():
        return
    rows = frame.select(
        pl.Series("outcome_id", [_id(*key) for key in frame.select(*RECORD, "kind", "code").rows()], dtype=pl.String),
        *COLUMNS,
        bulk.instant(at).alias("recorded_at"),
        pl.lit(run_id).alias("run_id"),
    )
    with bulk.staged(tx, rows.select(*RECORD, "kind", "outcome_id"), like=outcome) as new:
        same = bulk.matching(outcome, new, [*RECORD, "kind"])
        older = and_(*same, outcome.c.outcome_id != new.c.outcome_id, outcome.c.result.not_in(PAST))
        tx.execute(update(outcome).values(result="superseded").where(older))
    bulk.upsert(tx, outcome, rows, key=("outcome_id",))


def remove(tx: Connection, frame: pl.DataFrame) -> int:
    """Mark everything that these records (``system``, ``object``, ``record_id``) said as taken away.

    Returns:
        The number of rows marked.
    """
    if frame.is_empty():
        return 0
    with bulk.staged(tx, frame.select(RECORD).unique(), like=outcome) as gone:
        here = and_(*bulk.matching(outcome, gone, RECORD), outcome.c.result != "removed")
        return tx.execute(update(outcome).values(result="removed").where(here)).rowcount


def counts(tx: Connection, run_id: str) -> dict[str, dict[str, int]]:
    """Return {kind: {code: number}} of what a run learned."""
    query = select(outcome.c.kind, outcome.c.code, func.count()).where(outcome.c.run_id == run_id)
    found: dict[str, dict[str, int]] = {}
    grouped = query.group_by(outcome.c.kind, outcome.c.code).order_by(outcome.c.kind, outcome.c.code)
    for kind, code, number in tx.execute(grouped):
        found.setdefault(kind, {})[code] = number
    return found


def meetings(tx: Connection, run_id: str | None = None) -> pl.DataFrame:
    """Return ``lead_id``, ``record_id``, ``code``, ``at`` and ``run_id`` of the meetings, as each stands now.

    Of all leads, or of those of whose meetings a run learned something.
    """
    columns = [outcome.c[name] for name in ("lead_id", "record_id", "code", "at", "run_id")]
    query = select(*columns).where(outcome.c.kind == "meeting", outcome.c.result.not_in(PAST))
    if run_id is not None:
        touched = select(outcome.c.lead_id).where(outcome.c.kind == "meeting", outcome.c.run_id == run_id)
        query = query.where(outcome.c.lead_id.in_(touched))
    return bulk.fetch(tx, query)


def _id(*key: str | None) -> str:
    return hashlib.sha256("\0".join(part or "" for part in key).encode()).hexdigest()[:32]
