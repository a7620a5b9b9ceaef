"""Pauses: connections that a person has switched off, since when, by whom and why; ended ones are kept (GOV-09)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from crosswalk.store.tables import pause


def begin(tx: Connection, connection: str, actor: str, why: str | None, at: datetime) -> bool:
    """Switch a connection off; return whether it was on. One that is off stays as it was."""
    if is_standing(tx, connection):
        return False
    tx.execute(insert(pause).values(connection=connection, actor=actor, why=why, at=at))
    return True


def end(tx: Connection, connection: str, actor: str, at: datetime) -> bool:
    """Switch a connection on again; return whether it was off."""
    here = (pause.c.connection == connection) & pause.c.ended_at.is_(None)
    return tx.execute(update(pause).where(here).values(ended_at=at, ended_by=actor)).rowcount > 0


def is_standing(tx: Connection, connection: str) -> bool:
    """Return whether a connection is switched off now."""
    query = select(pause.c.id).where(pause.c.connection == connection, pause.c.ended_at.is_(None))
    return tx.scalar(query.limit(1)) is not None


def standing(tx: Connection) -> list[dict[str, Any]]:
    """Return the connections that are switched off: connection, actor, why, at; the longest first."""
    columns = (pause.c.connection, pause.c.actor, pause.c.why, pause.c.at)
    query = select(*columns).where(pause.c.ended_at.is_(None)).order_by(pause.c.at, pause.c.id)
    return [dict(row) for row in tx.execute(query).mappings()]
