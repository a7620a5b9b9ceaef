"""Which properties each stream has been seen to have, and which of them somebody has given up (TRK-05)."""

from collections.abc import Collection, Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, select, update

from crosswalk.store import bulk
from crosswalk.store.tables import stream_property

KEY = ("connection", "stream", "property")


def had(tx: Connection, connection: str, stream: str) -> frozenset[str]:
    """Return the properties that the stream is expected to have: seen, and not given up since."""
    columns = stream_property.c
    here = (columns.connection == connection) & (columns.stream == stream) & columns.given_up_at.is_(None)
    return frozenset(tx.scalars(select(columns.property).where(here)))


def put(tx: Connection, connection: str, stream: str, names: Collection[str], run_id: str, at: datetime) -> None:
    """Remember properties that the stream is seen to have; one that was given up is expected again."""
    if not names:
        return
    rows = pl.DataFrame({"property": sorted(names)}).select(
        pl.lit(connection).alias("connection"),
        pl.lit(stream).alias("stream"),
        "property",
        bulk.instant(at).alias("at"),
        pl.lit(run_id).alias("run_id"),
        pl.lit(None, pl.Datetime("us", "UTC")).alias("given_up_at"),
        pl.lit(None, pl.String).alias("given_up_by"),
    )
    bulk.upsert(tx, stream_property, rows, key=KEY)


def give_up(tx: Connection, connection: str, stream: str, names: Sequence[str], actor: str, at: datetime) -> None:
    """No longer expect these properties, until they are seen again; who said so is kept."""
    columns = stream_property.c
    here = (columns.connection == connection) & (columns.stream == stream) & columns.property.in_(names)
    tx.execute(update(stream_property).where(here).values(given_up_at=at, given_up_by=actor))
