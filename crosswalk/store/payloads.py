"""Payloads: what the vendors sent, sealed and insert-only, and which content of each row was seen last."""

from datetime import datetime

import polars as pl
from sqlalchemy import Connection, func, select

from crosswalk.store import bulk
from crosswalk.store.tables import finding, payload, seen

ROW = ("source", "stream", "external_id")


def known(tx: Connection, source: str, stream: str, external_ids: pl.Series) -> pl.DataFrame:
    """Return ``external_id`` and ``hash`` of those rows that were seen before; others are absent."""
    here = (seen.c.source == source) & (seen.c.stream == stream)
    keys = external_ids.cast(pl.String).alias("external_id").to_frame()
    return bulk.lookup(tx, seen, ["external_id", "hash"], keys, where=here)


def land(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Store payloads and remember them as the content seen last.

    Args:
        tx: A write transaction.
        frame: ``payload_id``, ``source``, ``stream``, ``external_id``, ``hash`` and ``body`` (Binary, sealed);
            other columns are left out. A payload that is stored already stays as it is.
        run_id: The run.
        at: When they landed.

    Returns:
        The number of payloads that are new.
    """
    new = keep(tx, frame, run_id, at)
    latest = frame.select(
        *ROW,
        "hash",
        "payload_id",
        bulk.instant(at).alias("first_seen_at"),
        bulk.instant(at).alias("updated_at"),
    )
    bulk.upsert(tx, seen, latest, key=ROW, update=("hash", "payload_id", "updated_at"))
    return new


def keep(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Store payloads, of which the content seen last is not one: what a person made of a row (see ``land``).

    Returns:
        The number of payloads that are new.
    """
    stamped = frame.select(
        "payload_id", *ROW, "hash", "body", bulk.instant(at).alias("landed_at"), pl.lit(run_id).alias("run_id")
    )
    return bulk.upsert(tx, payload, stamped, key=("payload_id",), update=())


def body(tx: Connection, payload_id: str) -> bytes | None:
    """Return one sealed body, None if there is no such payload."""
    return tx.scalar(select(payload.c.body).where(payload.c.payload_id == payload_id))


def bodies(tx: Connection, payload_ids: pl.Series) -> pl.DataFrame:
    """Return the payloads with these ids, all columns, for a replay."""
    keys = payload_ids.alias("payload_id").to_frame()
    return bulk.lookup(tx, payload, [column.name for column in payload.c], keys)


def landed(tx: Connection, payload_ids: pl.Series) -> pl.DataFrame:
    """Return ``payload_id`` and ``landed_at`` of the payloads with these ids."""
    return bulk.lookup(tx, payload, ["payload_id", "landed_at"], payload_ids.alias("payload_id").to_frame())


def count_seen(tx: Connection, source: str, stream: str) -> int:
    """Return how many rows of a stream the hub knows, for reconciliation with the vendor's own count."""
    query = select(func.count()).select_from(seen).where(seen.c.source == source, seen.c.stream == stream)
    return tx.scalar(query) or 0


def find(tx: Connection, frame: pl.DataFrame, run_id: str, at: datetime) -> int:
    """Store what the screen found (``payload_hash``, ``kind``, ``payload_id``), once per content and kind.

    Returns:
        The number of findings that are new.
    """
    rows = frame.select(
        "payload_hash", "kind", "payload_id", bulk.instant(at).alias("at"), pl.lit(run_id).alias("run_id")
    )
    return bulk.upsert(tx, finding, rows, key=("payload_hash", "kind"), update=())


def findings(tx: Connection, hashes: pl.Series) -> pl.DataFrame:
    """Return ``payload_hash`` and ``kind`` of what was ever found in content with these hashes."""
    return bulk.lookup(tx, finding, ["payload_hash", "kind"], hashes.alias("payload_hash").to_frame())
