"""Waiting: everything that does not go on by itself now, for what, since when, and what would free it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from crosswalk.domain.advice import ADVICE, OVERDUE_DAYS, advice
from crosswalk.store import due, pauses, quarantine

AGE = timedelta(days=OVERDUE_DAYS)


@dataclass(frozen=True)
class Waiting:
    """Units that wait in one place for one reason; ``resume_on`` is the first day on which some go on by themselves."""

    place: str
    where: str
    reason: str
    n: int
    oldest: datetime
    newest: datetime
    resume_on: date | None
    overdue: bool
    advice: str


def waiting(tx: Connection, now: datetime) -> list[Waiting]:
    """Return what waits, the longest first; ``overdue`` is what has waited for more than ``OVERDUE_DAYS`` days.

    What resumes on a day is overdue only when that day has passed without a run.
    """
    found = [*_rows(tx, now), *_leads(tx, now), *_actions(tx, now), *_links(tx, now)]
    return sorted(found, key=lambda one: (one.oldest, one.place, one.where, one.reason))


def _rows(tx: Connection, now: datetime) -> Iterator[Waiting]:
    for row in quarantine.summary(tx):
        freed = row["state"] == "released"
        said = advice("quarantine", "RELEASED" if freed else row["reason"])
        where = f"{row['step']}, released" if freed else row["step"]
        yield _one(row, ("quarantine", where, row["reason"]), said, now)


def _leads(tx: Connection, now: datetime) -> Iterator[Waiting]:
    for row in due.waiting_leads(tx):
        day, reason = row["resume_on"], row["reason"] or row["processing_state"]
        named = reason if reason in ADVICE or day is None else "RESUMES"
        said = advice("lead", named, resume_on=day)
        where = row["processing_state"] if row["processing_state"] != "accepted" else row["status"]
        yield _one(row, ("lead", where, reason), said, now, day)


def _actions(tx: Connection, now: datetime) -> Iterator[Waiting]:
    off = {one["connection"] for one in pauses.standing(tx)}
    for row in due.waiting_actions(tx):
        on_its_way = "PAUSED" if row["target"] in off else "QUEUED"
        reason = row["reason"] or on_its_way
        where = f"{row['target']} {row['object']} {row['state']}"
        yield _one(row, ("outbox", where, reason), advice("outbox", reason, target=row["target"]), now)


def _links(tx: Connection, now: datetime) -> Iterator[Waiting]:
    for row in due.waiting_links(tx):
        said = advice("link", "CRM_AMBIGUOUS")
        yield _one(row, ("link", f"{row['system']} {row['object']}", "CRM_AMBIGUOUS"), said, now)


def _one(row: dict[str, Any], what: tuple[str, str, str], said: str, now: datetime, day: date | None = None) -> Waiting:
    late = row["oldest"] < now - AGE if day is None else day < now.date() - timedelta(days=1)
    return Waiting(*what, row["n"], row["oldest"], row["newest"], day, late, said)
