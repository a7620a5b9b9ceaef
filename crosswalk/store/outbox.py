"""The outbox: what each target record should look like, and whether the target has been told.

An action is pending until what is desired has been sent. It is claimed by one run with a lease, and settled when the
target has answered. ``tried_hash`` is what the last claim was for, until it is known to be done: while it is set, the
target's content is in doubt and the action is never taken for done by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import Connection, and_, case, func, literal, null, select, text, update
from sqlalchemy.sql.functions import coalesce

from crosswalk.store import bulk
from crosswalk.store.tables import UNFINISHED, outbox, receipt

KEY = ("action_id",)
COLUMNS = tuple(column.name for column in outbox.c)
SOON, LATER = timedelta(hours=1), timedelta(days=1)
OFTEN = 24
"""How long, and for how many tries at first, an action is left alone that was held (``retry``)."""


def enqueue(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Say what target records should look like.

    An action that is done and desired as before stays done; one that was held or has failed is tried again; one that
    is being written stays claimed, and ``settle`` sees that it has changed since.

    Args:
        tx: A write transaction.
        frame: ``action_id``, ``target``, ``object``, ``external_id``, ``lead_id``, ``depends_on`` (an action that must
            be done first, or null), ``desired`` (JSON text) and ``desired_hash``.
        run_id: The run.
        at: Now.

    Returns:
        The number of actions that are new or changed.
    """
    rows = frame.select(
        *("action_id", "target", "object", "external_id", "lead_id", "depends_on", "desired", "desired_hash"),
        pl.lit("pending").alias("state"),
        pl.lit(0).alias("attempts"),
        bulk.instant(at).alias("created_at"),
        bulk.instant(at).alias("updated_at"),
        pl.lit(run_id).alias("run_id"),
    )
    old = outbox.c

    def changes(new: bulk.Excluded) -> dict[str, Any]:
        sent = (new["desired_hash"] == old.sent_hash) & old.tried_hash.is_(None)
        same = new["desired_hash"] == old.desired_hash
        told = case((old.state == "claimed", "claimed"), (sent, "done"), else_="pending")
        given = ("external_id", "lead_id", "depends_on", "desired", "desired_hash", "updated_at", "run_id")
        return {
            **{name: new[name] for name in given},
            "state": told,
            "reason": null(),
            "attempts": case((same, old.attempts), else_=0),
        }

    return bulk.upsert(
        tx,
        outbox,
        rows,
        key=KEY,
        update=changes,
        where=lambda new: (
            (new["desired_hash"] != old.desired_hash)
            | (old.state == "held")
            | (old.state == "failed")
            | new["depends_on"].is_distinct_from(old.depends_on)
        ),
    )


def claim(
    tx: Connection, target: str, object: str, limit: int, run_id: str, now: datetime, lease_seconds: float
) -> pl.DataFrame:
    """Take up to ``limit`` actions for this run, oldest first; all columns of the table.

    Actions whose lease has passed are taken as well; those that depend on one without an answer yet are left. Two
    workers never get the same action.
    """
    here = and_(outbox.c.target == target, outbox.c.object == object, text(UNFINISHED))
    lapsed = _locked(select(outbox.c.action_id).where(here, outbox.c.state == "claimed", outbox.c.lease_until <= now))
    tx.execute(update(outbox).where(outbox.c.action_id.in_(lapsed)).values(state="pending", claimed_by=None))
    first = outbox.alias("first")
    answered = first.c.state.in_(("done", "held", "failed"))
    done = select(first.c.action_id).where(first.c.action_id == outbox.c.depends_on, answered).exists()
    oldest = _locked(
        select(outbox.c.action_id)
        .where(here, outbox.c.state == "pending", outbox.c.depends_on.is_(None) | done)
        .order_by(outbox.c.created_at, outbox.c.action_id)
        .limit(limit)
    )
    taken = (
        update(outbox)
        .where(outbox.c.action_id.in_(oldest))
        .values(
            state="claimed",
            claimed_by=run_id,
            lease_until=now + timedelta(seconds=lease_seconds),
            tried_hash=outbox.c.desired_hash,
            attempts=outbox.c.attempts + 1,
            updated_at=now,
        )
    )
    return bulk.change(tx, taken, list(outbox.c)).sort("created_at", "action_id")


def free_dependants(tx: Connection, reason: str) -> int:
    """Make actions pending again that were held for a ``reason`` which their now finished parent has removed.

    Returns:
        The number of actions freed.
    """
    first = outbox.alias("first")
    done = select(first.c.action_id).where(first.c.action_id == outbox.c.depends_on, first.c.state == "done").exists()
    held = and_(outbox.c.state == "held", text(UNFINISHED), outbox.c.reason == reason)
    return tx.execute(update(outbox).where(held, done).values(state="pending", reason=None)).rowcount


def retry(tx: Connection, target: str, object: str, reasons: Sequence[str], now: datetime) -> int:
    """Make actions pending again that are held for a reason which may have gone since; each keeps its count of tries.

    Not before ``SOON`` after the last try, and after ``OFTEN`` tries of the same content once in ``LATER``: what waits
    for long costs next to nothing, and nothing is ever given up.

    Returns:
        The number of actions that are tried again.
    """
    rested = (outbox.c.updated_at <= now - LATER) | ((outbox.c.updated_at <= now - SOON) & (outbox.c.attempts <= OFTEN))
    held = and_(outbox.c.target == target, outbox.c.object == object, text(UNFINISHED), outbox.c.state == "held")
    here = and_(held, outbox.c.reason.in_(reasons), rested)
    return tx.execute(update(outbox).where(here).values(state="pending", reason=None)).rowcount


def release_claims(tx: Connection, run_id: str | None) -> int:
    """Free what other runs (None: all runs) have claimed; only for who holds the hub, when the others are dead.

    Returns:
        The number of actions freed.
    """
    others = and_(outbox.c.state == "claimed", text(UNFINISHED), outbox.c.claimed_by.is_distinct_from(run_id))
    free = {"state": "pending", "claimed_by": None, "lease_until": None}
    return tx.execute(update(outbox).where(others).values(free)).rowcount


def give_back(tx: Connection, run_id: str) -> int:
    """Make this run's own unsettled claims pending again, after the target broke off.

    Returns:
        The number of actions given back.
    """
    own = and_(outbox.c.state == "claimed", text(UNFINISHED), outbox.c.claimed_by == run_id)
    return tx.execute(update(outbox).where(own).values(state="pending", claimed_by=None, lease_until=None)).rowcount


def reopen(tx: Connection, action_ids: pl.Series, run_id: str, at: datetime) -> int:
    """Make done actions pending again, because the target no longer holds what it was sent.

    Returns:
        The number of actions reopened.
    """
    if action_ids.is_empty():
        return 0
    values = {"state": "pending", "tried_hash": outbox.c.desired_hash, "updated_at": at, "run_id": run_id}
    with bulk.staged(tx, action_ids.alias("action_id").to_frame().unique(), like=outbox) as wanted:
        here = and_(outbox.c.action_id == wanted.c.action_id, outbox.c.state == "done")
        return tx.execute(update(outbox).values(values).where(here)).rowcount


def settle(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Store what became of the actions that this run has claimed.

    An action whose desired state has changed since it was claimed becomes pending, whatever became of the old one. One
    that is not claimed by this run (any more) is left alone: settled already, or another run's after the lease.

    Args:
        tx: A write transaction.
        frame: ``action_id``, ``state`` (done, held, failed, or pending to give it back), ``outcome`` (created,
            updated, unchanged, failed, held), ``reason``, ``record_id`` and ``sent_hash`` (the desired hash that the
            target has now; null: the one that was claimed).
        run_id: The run.
        at: Now.

    Returns:
        The number of actions settled.
    """
    if frame.is_empty():
        return 0
    rows = frame.select(
        *("action_id", "state", "outcome", "reason", "record_id", "sent_hash"),
        bulk.instant(at).alias("updated_at"),
    ).unique(subset=["action_id"], keep="last")
    with bulk.staged(tx, rows, like=outbox) as new:
        sent = coalesce(new.c.sent_hash, outbox.c.tried_hash)
        done = new.c.state == "done"
        values = {
            "state": case((outbox.c.desired_hash != sent, "pending"), else_=new.c.state),
            "sent_hash": case((done, sent), else_=outbox.c.sent_hash),
            "tried_hash": case((new.c.state.in_(("done", "held")), null()), else_=outbox.c.tried_hash),
            "outcome": new.c.outcome,
            "reason": new.c.reason,
            "record_id": coalesce(new.c.record_id, outbox.c.record_id),
            "updated_at": new.c.updated_at,
            "settled_by": literal(run_id),
            "claimed_by": null(),
            "lease_until": null(),
        }
        ours = and_(outbox.c.state == "claimed", outbox.c.claimed_by == run_id)
        return tx.execute(update(outbox).values(values).where(outbox.c.action_id == new.c.action_id, ours)).rowcount


def receipts(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> None:
    """Append the target's answers, one row for each.

    Columns: ``action_id``, ``outcome``, ``record_id``, ``code``, ``fields`` (names: JSON text or a list).
    """
    rows = frame.select(
        *("action_id", "outcome", "record_id", "code", "fields"),
        bulk.instant(at).alias("at"),
        pl.lit(run_id).alias("run_id"),
    )
    bulk.append(tx, receipt, rows)


def get(tx: Connection, action_ids: pl.Series, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
    """Return the actions with these ids, all columns or those asked for."""
    return bulk.lookup(tx, outbox, columns, action_ids.alias("action_id").to_frame())


def of_leads(tx: Connection, lead_ids: pl.Series) -> pl.DataFrame:
    """Return every action, all columns, about these leads."""
    return bulk.lookup(tx, outbox, COLUMNS, lead_ids.alias("lead_id").to_frame())


def records(tx: Connection, action_ids: pl.Series) -> pl.DataFrame:
    """Return ``action_id`` and ``record_id`` of the actions whose record is known."""
    keys = action_ids.alias("action_id").to_frame()
    return bulk.lookup(tx, outbox, ["action_id", "record_id"], keys, where=outbox.c.record_id.is_not(None))


def waiting(tx: Connection, target: str) -> dict[str, int]:
    """Return how many actions are pending, claimed, held and failed; states without any are absent."""
    query = select(outbox.c.state, func.count()).where(outbox.c.target == target, text(UNFINISHED))
    return dict(tx.execute(query.group_by(outbox.c.state).order_by(outbox.c.state)).all())


def written(tx: Connection, run_id: str) -> dict[str, dict[str, dict[str, int]]]:
    """Return {target: {object: {created, updated, unchanged, failed}}} for a run, each action once.

    Asked at the end of the run: ``unchanged`` is only kept until another run settles the action.
    """
    latest = select(func.max(receipt.c.id)).where(receipt.c.run_id == run_id).group_by(receipt.c.action_id)
    answered = (
        select(outbox.c.target, outbox.c.object, receipt.c.outcome, func.count().label("n"))
        .join(outbox, outbox.c.action_id == receipt.c.action_id)
        .where(receipt.c.id.in_(latest))
        .group_by(outbox.c.target, outbox.c.object, receipt.c.outcome)
    )
    told = select(receipt.c.id).where(receipt.c.action_id == outbox.c.action_id, receipt.c.run_id == run_id).exists()
    compared = (
        select(outbox.c.target, outbox.c.object, outbox.c.outcome, func.count().label("n"))
        .where(outbox.c.settled_by == run_id, text("outcome = 'unchanged'"), ~told)
        .group_by(outbox.c.target, outbox.c.object, outbox.c.outcome)
    )
    result: dict[str, dict[str, dict[str, int]]] = {}
    for query in (answered, compared):
        for target, name, outcome, n in tx.execute(query):
            counts = result.setdefault(target, {}).setdefault(
                name, {"created": 0, "updated": 0, "unchanged": 0, "failed": 0}
            )
            counts[outcome] += n
    return result


def follow(tx: Connection, frame: pl.DataFrame, at: datetime) -> int:
    """Point actions to the record that theirs was merged into; it has to be told everything.

    Args:
        tx: A write transaction.
        frame: ``target``, ``object``, ``lead_id`` and the new ``record_id``.
        at: Now.

    Returns:
        The number of actions that have moved.
    """
    if frame.is_empty():
        return 0
    with bulk.staged(tx, frame.select("target", "object", "lead_id", "record_id"), like=outbox) as new:
        values = {
            "record_id": new.c.record_id,
            "state": case((outbox.c.state == "done", "pending"), else_=outbox.c.state),
            "sent_hash": null(),
            "updated_at": at,
        }
        here = bulk.matching(outbox, new, ["target", "object", "lead_id"])
        return tx.execute(update(outbox).values(values).where(*here)).rowcount


def _locked(query: Any) -> Any:
    """Pick rows that no other transaction is about to change, once, and return their ids as a subquery.

    On SQLite nothing is rendered for the lock: the write transaction is alone.
    """
    picked = query.with_for_update(skip_locked=True, of=outbox).cte()
    return select(picked.c.action_id)
