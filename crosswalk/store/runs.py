"""Runs: one row for each time that a flow ran, and how it ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from crosswalk.store.tables import run

Ended = Literal["done", "failed"]


def start(
    tx: Connection,
    run_id: str,
    flow: str,
    source: str | None,
    at: datetime,
    definitions_version: str | None,
    dry: bool = False,
) -> None:
    """Open a run; its id must be new."""
    tx.execute(
        insert(run).values(
            run_id=run_id,
            flow=flow,
            source=source,
            started_at=at,
            state="running",
            definitions_version=definitions_version,
            dry=dry,
        )
    )


def finish(
    tx: Connection,
    run_id: str,
    at: datetime,
    state: Ended,
    seconds: float | None = None,
    api_calls: Mapping[str, int] | None = None,
    written: Mapping[str, Any] | None = None,
    summary: Mapping[str, Any] | None = None,
    error_code: str | None = None,
) -> None:
    """Close a run with what it did; ``api_calls`` by connection, ``written`` as ``outbox.written`` gives it."""
    tx.execute(
        update(run)
        .where(run.c.run_id == run_id)
        .values(
            finished_at=at,
            state=state,
            seconds=seconds,
            api_calls=api_calls,
            written=written,
            summary=summary,
            error_code=error_code,
        )
    )


def abandon_others(tx: Connection, run_id: str, at: datetime) -> int:
    """Mark the runs that were killed, which is every other one still running while we hold the hub.

    Returns:
        How many there were.
    """
    others = (run.c.state == "running") & (run.c.run_id != run_id)
    return tx.execute(update(run).where(others).values(state="abandoned", finished_at=at)).rowcount


def get(tx: Connection, run_id: str | None = None) -> dict[str, Any] | None:
    """Return a run, the latest one by default, as a dict of its columns; None if there is none."""
    if run_id is None:
        return next(iter(list_runs(tx, 1)), None)
    found = tx.execute(select(run).where(run.c.run_id == run_id)).mappings().first()
    return None if found is None else dict(found)


def list_runs(tx: Connection, limit: int = 20) -> list[dict[str, Any]]:
    """Return the latest runs, newest first."""
    query = select(run).order_by(run.c.started_at.desc(), run.c.run_id.desc()).limit(limit)
    return [dict(row) for row in tx.execute(query).mappings()]


def last_success(tx: Connection, among: int = 500) -> dict[str, datetime]:
    """Return when a run that called a connection last went well, by connection; of the latest runs only."""
    query = select(run.c.finished_at, run.c.api_calls).where(run.c.state == "done", ~run.c.dry)
    found: dict[str, datetime] = {}
    for finished_at, calls in tx.execute(query.order_by(run.c.started_at.desc()).limit(among)):
        for connection, made in (calls or {}).items():
            if made:
                found.setdefault(connection, finished_at)
    return found
