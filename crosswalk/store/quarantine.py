"""Quarantine: units that wait for a person, with the reason and what is needed to replay them (NRM-04).

A row is open until newer content of its source row has come (superseded), or a person has decided: discarded, or
released, which makes it due. What was released is replayed; what fails again is open again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, func, select, text, update

from crosswalk.store import bulk
from crosswalk.store.tables import OPEN, RELEASED, quarantine

COLUMNS = ("step", "reason", "source", "stream", "external_id", "unit", "payload_id", "lead_id", "detail")
LISTED = ("id", "step", "reason", "source", "external_id", "at", "run_id")


@dataclass(frozen=True)
class Choice:
    """Which open rows: these ids, else all that fit everything that is given; ``until`` is exclusive."""

    ids: tuple[int, ...] = ()
    reason: str | None = None
    step: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def names_something(self) -> bool:
        """Whether it is narrower than everything."""
        return bool(self.ids) or any((self.reason, self.step, self.since, self.until))


def add(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Put units in quarantine, each once per step: the columns in ``COLUMNS``, ``detail`` as JSON text.

    A unit that is in it for the same reason stays as it was; one that had been released, replayed or superseded and
    fails again is open again; one that a person discarded stays discarded.

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
        where=lambda new: (old.state != "discarded") & ((old.state != "open") | (old.reason != new["reason"])),
    )


def supersede(tx: Connection, frame: pl.DataFrame, at: datetime) -> int:
    """Take rows that are open or released out of quarantine because newer content of the same source row has come.

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
        found = [*bulk.matching(quarantine, new, names[:3]), quarantine.c.state.in_(("open", "released"))]
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


def replayed(tx: Connection, payload_ids: pl.Series, at: datetime) -> int:
    """Mark the released rows of payloads that have now been replayed; those that fail again are added again.

    Returns:
        The number of rows marked.
    """
    with bulk.staged(tx, payload_ids.alias("payload_id").to_frame().unique(), like=quarantine) as done:
        here = (quarantine.c.payload_id == done.c.payload_id) & text(f"quarantine.{RELEASED}")
        return tx.execute(update(quarantine).where(here).values(state="replayed", changed_at=at)).rowcount


def choose(tx: Connection, choice: Choice) -> pl.DataFrame:
    """Return the open rows of a choice, all columns, oldest first."""
    query = select(quarantine).where(text(OPEN)).order_by(quarantine.c.id)
    if choice.ids:
        return bulk.fetch(tx, query.where(quarantine.c.id.in_(choice.ids)))
    for column, value in ((quarantine.c.reason, choice.reason), (quarantine.c.step, choice.step)):
        query = query if value is None else query.where(column == value)
    query = query if choice.since is None else query.where(quarantine.c.at >= choice.since)
    return bulk.fetch(tx, query if choice.until is None else query.where(quarantine.c.at < choice.until))


def released(tx: Connection, streams: Sequence[tuple[str, str]], limit: int) -> pl.DataFrame:
    """Return released rows of these streams (connection, stream) that have a payload, all columns, oldest first."""
    # As one text, lest SQLite prefers the index of source rows to the few that are released.
    named = quarantine.c.source + ":" + quarantine.c.stream
    here = named.in_([f"{source}:{stream}" for source, stream in streams]) & quarantine.c.payload_id.is_not(None)
    query: Select[Any] = select(quarantine).where(text(RELEASED), here).order_by(quarantine.c.id).limit(limit)
    return bulk.fetch(tx, query)


def point(tx: Connection, id: int, payload_id: str, at: datetime) -> int | None:
    """Let an open row be about other content of its source row; a row whose unit is its payload becomes that unit.

    Returns:
        The row that is about this content at the same step already, if there is one; then nothing is changed.
    """
    row = quarantine.c
    here = tx.execute(select(row.step, row.unit, row.payload_id).where(row.id == id)).one()
    unit = payload_id if here.unit == here.payload_id else here.unit
    twin = select(row.id).where(row.step == here.step, row.unit == unit, row.id != id)
    taken = tx.scalar(twin)
    if taken is None:
        tx.execute(update(quarantine).where(row.id == id).values(unit=unit, payload_id=payload_id, changed_at=at))
    return taken


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


def summary(tx: Connection, states: Collection[str] = ("open", "released")) -> list[dict[str, Any]]:
    """Return state, step, reason, n, oldest and newest of the rows in these states."""
    row = quarantine.c
    grouped = (row.state, row.step, row.reason)
    query = select(
        *grouped, func.count().label("n"), func.min(row.at).label("oldest"), func.max(row.at).label("newest")
    )
    found = tx.execute(query.where(row.state.in_(states)).group_by(*grouped).order_by(*grouped))
    return [dict(one) for one in found.mappings()]
