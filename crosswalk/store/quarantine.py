"""Quarantine: units that wait for a person, with the reason and what is needed to replay them."""

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select, text, update

from crosswalk.store import bulk
from crosswalk.store.tables import OPEN, quarantine

COLUMNS = ("step", "reason", "source", "stream", "external_id", "unit", "payload_id", "lead_id", "detail")
LISTED = ("id", "step", "reason", "source", "external_id", "at", "run_id")


def add(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Put units in quarantine, each once per step: the columns in ``COLUMNS``, ``detail`` as JSON text.

    A unit that is in it for the same reason stays as it was; one that had been released or superseded and fails
    again is open again; one that a person discarded stays discarded.

    Returns:
        The number of units that are new or changed.
    """
    rows = frame.select(
        *COLUMNS,
        bulk.instant(at).alias("at"),
        pl.lit(run_id).alias("run_id"),
        pl.lit("open").alias("state"),
    )
    old = quarantine.c
    return bulk.upsert(
        tx,
        quarantine,
        rows,
        key=("step", "unit"),
        where=lambda new: (
            (old.state == "released")
            | (old.state == "superseded")
            | ((old.state == "open") & (old.reason != new["reason"]))
        ),
    )


def supersede(tx: Connection, frame: pl.DataFrame, at: datetime) -> int:
    """Take open rows out of quarantine because newer content of the same source row has come.

    Args:
        tx: A write transaction.
        frame: ``source``, ``stream``, ``external_id`` and, if there, ``unit`` (the new payload): rows of that unit
            or payload itself are left alone.
        at: Now; kept as the time of the last change.

    Returns:
        The number of rows superseded.
    """
    names = ["source", "stream", "external_id", *(["unit"] if "unit" in frame.columns else [])]
    rows = frame.select(names).unique(subset=names[:3], keep="last")
    if rows.is_empty():
        return 0
    with bulk.staged(tx, rows, like=quarantine) as new:
        found = [*bulk.matching(quarantine, new, names[:3]), quarantine.c.state == "open"]
        if "unit" in new.c:
            found += [
                quarantine.c.unit.is_distinct_from(new.c.unit),
                quarantine.c.payload_id.is_distinct_from(new.c.unit),
            ]
        return tx.execute(update(quarantine).where(*found).values(state="superseded", changed_at=at)).rowcount


def close(tx: Connection, ids: pl.Series, state: str, at: datetime) -> int:
    """Mark open rows as ``released`` (to be replayed) or ``discarded``; a person decided it.

    Returns:
        The number of rows marked.
    """
    with bulk.staged(tx, ids.alias("id").to_frame().unique(), like=quarantine) as chosen:
        here = (quarantine.c.id == chosen.c.id) & (quarantine.c.state == "open")
        return tx.execute(update(quarantine).where(here).values(state=state, changed_at=at)).rowcount


def list_open(
    tx: Connection,
    reason: str | None = None,
    step: str | None = None,
    source: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Return open rows, oldest first, narrowed as asked: id, step, reason, source, external_id, at, run_id."""
    query = select(*(quarantine.c[name] for name in LISTED)).where(text(OPEN))
    for name, value in (("reason", reason), ("step", step), ("source", source)):
        query = query if value is None else query.where(quarantine.c[name] == value)
    return [dict(row) for row in tx.execute(query.order_by(quarantine.c.id).limit(limit)).mappings()]


def show(tx: Connection, id: int) -> dict[str, Any] | None:
    """Return one row with all columns, whatever its state."""
    found = tx.execute(select(quarantine).where(quarantine.c.id == id)).mappings().first()
    return None if found is None else dict(found)


def counts(tx: Connection, run_id: str | None = None) -> dict[str, int]:
    """Return how many rows are open for each reason, most frequent first; of one run, if given."""
    number = func.count()
    query = select(quarantine.c.reason, number).where(text(OPEN)).group_by(quarantine.c.reason)
    query = query if run_id is None else query.where(quarantine.c.run_id == run_id)
    return dict(tx.execute(query.order_by(number.desc(), quarantine.c.reason)).all())
