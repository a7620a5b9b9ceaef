"""People, and the exact keys by which they are recognised."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select

from crosswalk.store import bulk
from crosswalk.store.tables import person, person_key

COLUMNS = tuple(column.name for column in person.c)


def by_keys(tx: Connection, keys: pl.DataFrame) -> pl.DataFrame:
    """Return ``kind``, ``value`` and ``person_id`` for those of the keys (``kind``, ``value``) that are taken."""
    return bulk.lookup(tx, person_key, ["kind", "value", "person_id"], keys.select("kind", "value"))


def find_key(tx: Connection, kind: str, value: str) -> str | None:
    """Return the person who has a key."""
    return tx.scalar(select(person_key.c.person_id).where(person_key.c.kind == kind, person_key.c.value == value))


def keys_of(tx: Connection, person_ids: pl.Series) -> pl.DataFrame:
    """Return all keys (``kind``, ``value``, ``person_id``) of these people."""
    return bulk.lookup(tx, person_key, ["kind", "value", "person_id"], person_ids.alias("person_id").to_frame())


def upsert(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> None:
    """Store people: ``person_id`` and any columns of the table; others are left as they are (null for new people).

    ``created_at`` of a known person is kept.
    """
    rows = bulk.stamped(frame, COLUMNS, run_id, at)
    kept = {"person_id", "created_at"}
    bulk.upsert(tx, person, rows, key=("person_id",), update=[name for name in rows.columns if name not in kept])


def add_keys(tx: Connection, keys: pl.DataFrame) -> int:
    """Give people keys (``kind``, ``value``, ``person_id``); a key that is taken stays with whom it belongs to.

    Returns:
        The number of keys that are new.
    """
    return bulk.upsert(tx, person_key, keys.select("kind", "value", "person_id"), key=("kind", "value"), update=())


def get(tx: Connection, person_ids: pl.Series, columns: Sequence[str] = COLUMNS) -> pl.DataFrame:
    """Return the people with these ids, all columns or those asked for."""
    return bulk.lookup(tx, person, columns, person_ids.alias("person_id").to_frame())
