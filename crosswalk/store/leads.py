"""Leads: one inquiry of a person in one motion, its history, the decisions about it, and who has had it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, case, false, func, or_, select, true

from crosswalk.store import bulk
from crosswalk.store.tables import assignment, decision, lead, person
from crosswalk.store.tables import history as changes

COLUMNS = tuple(column.name for column in lead.c)
STANDING = (
    *("lead_id", "person_id", "status", "reason", "owner_id", "owner_kind", "resume_on", "is_open"),
    *("processing_state", "merged_into"),
)
"""Where a lead stands: what the way back may change."""
ASSIGNED = ("lead_id", "owner_id", "owner_kind", "rule_id", "territory", "route", "load_day", "trace")


def open_leads(tx: Connection, keys: pl.DataFrame) -> pl.DataFrame:
    """Return the open leads, all columns, of these people and motions (``person_id``, ``motion``); at most one each."""
    return bulk.lookup(tx, lead, COLUMNS, keys.select("person_id", "motion"), where=lead.c.is_open)


def get(tx: Connection, lead_ids: pl.Series, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
    """Return the leads with these ids, all columns or those asked for."""
    return bulk.lookup(tx, lead, columns, lead_ids.alias("lead_id").to_frame())


def permitted(tx: Connection, lead_ids: pl.Series) -> pl.DataFrame:
    """Return ``lead_id``, ``person_id``, ``status`` and ``permitted``: whether the person allows any channel."""
    allows = or_(*(person.c[name] == "granted" for name in ("consent_phone", "consent_email", "consent_sms")))
    said = case((allows, true()), else_=false()).label("permitted")
    with bulk.staged(tx, lead_ids.alias("lead_id").to_frame(), like=lead) as wanted:
        query = select(lead.c.lead_id, lead.c.person_id, lead.c.status, said)
        query = query.select_from(wanted.join(lead, lead.c.lead_id == wanted.c.lead_id))
        return bulk.fetch(tx, query.join(person, person.c.person_id == lead.c.person_id, isouter=True))


def standing(tx: Connection, lead_ids: pl.Series) -> pl.DataFrame:
    """Return the columns in ``STANDING`` of these leads, and ``moved_at``: when their status last moved.

    A move that sales made counts from when they made it, not from when the hub learned of it.
    """
    keys = lead_ids.alias("lead_id").to_frame().drop_nulls().unique()
    found = bulk.lookup(tx, lead, STANDING, keys)
    with bulk.staged(tx, found.select("lead_id"), like=lead) as wanted:
        moved = func.max(func.coalesce(changes.c.event_at, changes.c.at)).label("moved_at")
        here = (changes.c.lead_id == wanted.c.lead_id) & (changes.c.axis == "status")
        query = select(changes.c.lead_id, moved).select_from(wanted.join(changes, here))
        last = bulk.fetch(tx, query.group_by(changes.c.lead_id))
    return found.join(last, on="lead_id", how="left")


def of_people(tx: Connection, person_ids: pl.Series) -> pl.DataFrame:
    """Return every lead, open or not, all columns, of these people."""
    keys = person_ids.alias("person_id").to_frame()
    return pl.concat(bulk.lookup(tx, lead, COLUMNS, keys, where=part) for part in (lead.c.is_open, ~lead.c.is_open))


def upsert(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> None:
    """Store leads: at least ``lead_id``, ``person_id``, ``motion`` and ``is_open``; other columns as given.

    Columns that are not given are left as they are (null for new leads); ``created_at`` of a known lead is kept. The
    source is due to be told of each, unless the frame says otherwise (``feedback_due``). A second open lead of a person
    in a motion is refused when the statement runs.
    """
    rows = _due(bulk.stamped(frame, COLUMNS, run_id, at))
    kept = {"lead_id", "created_at"}
    columns = [name for name in rows.columns if name not in kept]
    closed = rows.filter(~pl.col("is_open"))  # first: they make room
    for part in (closed, rows if closed.is_empty() else rows.filter(pl.col("is_open"))):
        bulk.upsert(tx, lead, part, key=("lead_id",), update=columns)


def amend(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Change columns of stored leads: ``lead_id`` and any others; unknown leads are left out.

    The source is due to be told of each, unless the frame says otherwise (``feedback_due``).

    Returns:
        The number of leads changed.
    """
    rows = _due(bulk.stamped(frame, COLUMNS, run_id, at)).drop("created_at")
    return bulk.amend(tx, lead, rows, key=("lead_id",))


def _due(frame: pl.DataFrame) -> pl.DataFrame:
    """Whatever changes a lead, its source is to be told, unless the caller knows better."""
    return frame if "feedback_due" in frame.columns else frame.with_columns(pl.lit(value=True).alias("feedback_due"))


def append_history(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> None:
    """Append changes of status or stage, in the frame's order.

    Columns: ``lead_id``, ``axis`` (status or stage), ``old``, ``new``, ``actor``, ``rule``, ``reason``, ``version``,
    and for what happened elsewhere ``event_at``: when, by our clock.
    """
    rows = frame.select(
        "lead_id",
        *("axis", "old", "new", "actor", "rule", "reason", "version"),
        *(["event_at"] if "event_at" in frame.columns else []),
        bulk.instant(at).alias("at"),
        pl.lit(run_id).alias("run_id"),
    )
    bulk.append(tx, changes, bulk.numbered(tx, changes, rows, "lead_id"))


def append_decisions(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Append decisions: ``lead_id``, ``step``, ``rule``, ``version``, ``result``, ``detail`` (JSON text).

    A decision about the same lead in the same run and step is kept as it was.

    Returns:
        The number of decisions that are new.
    """
    rows = frame.select(
        *("lead_id", "step", "rule", "version", "result", "detail"),
        bulk.instant(at).alias("at"),
        pl.lit(run_id).alias("run_id"),
    )
    return bulk.upsert(tx, decision, rows, key=("lead_id", "run_id", "step"), update=())


def trail(tx: Connection, lead_id: str) -> list[dict[str, Any]]:
    """Return all decisions about a lead, oldest first, as dicts of the columns."""
    query = select(decision).where(decision.c.lead_id == lead_id).order_by(decision.c.at, decision.c.step)
    return [dict(row) for row in tx.execute(query).mappings()]


def history(tx: Connection, lead_id: str) -> list[dict[str, Any]]:
    """Return the changes of status and stage of a lead, oldest first, as dicts of the columns."""
    query = select(changes).where(changes.c.lead_id == lead_id).order_by(changes.c.seq)
    return [dict(row) for row in tx.execute(query).mappings()]


def moves(tx: Connection, run_id: str) -> list[dict[str, Any]]:
    """Return how often a run moved a status that sales decides: ``old``, ``new``, ``n``; most frequent first."""
    number = func.count().label("n")
    query = select(changes.c.old, changes.c.new, number).group_by(changes.c.old, changes.c.new)
    query = query.where(changes.c.run_id == run_id, changes.c.axis == "status", changes.c.event_at.is_not(None))
    found = tx.execute(query.order_by(number.desc(), changes.c.old, changes.c.new))
    return [{"old": old, "new": new, "n": times} for old, new, times in found]


def assign(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime, end_reason: str = "reassigned") -> int:
    """Give leads to owners: the columns in ``ASSIGNED``, one row for each lead, ``trace`` as JSON text.

    A lead that has this owner already is left alone; another owner's assignment is ended. A null owner only ends it.

    Returns:
        The number of assignments that are new.
    """
    current = bulk.lookup(
        tx, assignment, ["lead_id", "seq", "owner_id"], frame.select("lead_id"), where=assignment.c.ended_at.is_(None)
    ).rename({"owner_id": "before"})
    joined = frame.select(ASSIGNED).join(current, on="lead_id", how="left", maintain_order="left")
    differs = joined.filter(pl.col("before").ne_missing(pl.col("owner_id")))
    ended = differs.filter(pl.col("before").is_not_null()).select(
        "lead_id", "seq", bulk.instant(at).alias("ended_at"), pl.lit(end_reason).alias("end_reason")
    )
    bulk.amend(tx, assignment, ended, key=("lead_id", "seq"))
    rows = differs.filter(pl.col("owner_id").is_not_null()).select(
        *ASSIGNED, bulk.instant(at).alias("at"), pl.lit(run_id).alias("run_id")
    )
    return bulk.append(tx, assignment, bulk.numbered(tx, assignment, rows, "lead_id"))


def assigned(tx: Connection, lead_ids: pl.Series) -> pl.DataFrame:
    """Return ``lead_id``, ``owner_id`` and ``load_day`` of the assignments of these leads that stand."""
    keys = lead_ids.alias("lead_id").to_frame()
    return bulk.lookup(tx, assignment, ["lead_id", "owner_id", "load_day"], keys, where=assignment.c.ended_at.is_(None))


def loads(tx: Connection, since: date | None = None) -> pl.DataFrame:
    """Return ``owner_id``, ``load_day`` and ``daily``: how many leads each got for each day and still has.

    Only days from ``since`` on, if given.
    """
    query = (
        select(assignment.c.owner_id, assignment.c.load_day, func.count().label("daily"))
        .where(assignment.c.load_day.is_not(None), assignment.c.ended_at.is_(None))
        .group_by(assignment.c.owner_id, assignment.c.load_day)
        .order_by(assignment.c.owner_id, assignment.c.load_day)
    )
    return bulk.fetch(tx, query if since is None else query.where(assignment.c.load_day >= since))


def open_loads(tx: Connection) -> pl.DataFrame:
    """Return ``owner_id`` and ``open``: how many open leads each owner has."""
    query = (
        select(assignment.c.owner_id, func.count().label("open"))
        .join(lead, lead.c.lead_id == assignment.c.lead_id)
        .where(assignment.c.ended_at.is_(None), lead.c.is_open)
        .group_by(assignment.c.owner_id)
        .order_by(assignment.c.owner_id)
    )
    return bulk.fetch(tx, query)


def by_owner(tx: Connection, run_id: str | None = None) -> pl.DataFrame:
    """Return ``owner_id``, ``owner_kind``, ``route`` and ``n``: assignments made in a run, or all that stand."""
    query = select(
        assignment.c.owner_id, assignment.c.owner_kind, assignment.c.route, func.count().label("n")
    ).group_by(assignment.c.owner_id, assignment.c.owner_kind, assignment.c.route)
    made = assignment.c.ended_at.is_(None) if run_id is None else assignment.c.run_id == run_id
    return bulk.fetch(tx, query.where(made).order_by(assignment.c.owner_id, assignment.c.route))


def assignments(tx: Connection, lead_id: str) -> list[dict[str, Any]]:
    """Return who has had a lead, oldest first, as dicts of the columns."""
    query = select(assignment).where(assignment.c.lead_id == lead_id).order_by(assignment.c.seq)
    return [dict(row) for row in tx.execute(query).mappings()]
