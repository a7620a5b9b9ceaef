"""Cursors: how far each stream of each connection has been read and landed."""

from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select

from crosswalk.ports import Cursor
from crosswalk.store import bulk
from crosswalk.store.tables import cursor


def get(tx: Connection, connection: str, stream: str) -> Cursor:
    """Return the stored cursor; one at the very beginning if the stream has never been read."""
    query = select(cursor.c.since, cursor.c.until, cursor.c.last_id)
    found = tx.execute(query.where(cursor.c.connection == connection, cursor.c.stream == stream)).first()
    return Cursor() if found is None else Cursor(*found)


def put(tx: Connection, connection: str, stream: str, position: Cursor, at: datetime) -> None:
    """Move the cursor; to be done in the transaction that stores what was read up to it."""
    row = {
        "connection": pl.Series([connection], dtype=pl.String),
        "stream": pl.Series([stream], dtype=pl.String),
        "since": bulk.instants([position.since]),
        "until": bulk.instants([position.until]),
        "last_id": pl.Series([position.last_id], dtype=pl.String),
        "updated_at": bulk.instants([at]),
    }
    bulk.upsert(tx, cursor, pl.DataFrame(row), key=("connection", "stream"))
