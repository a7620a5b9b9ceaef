"""Links: which record of another system is which person or lead of ours."""

from datetime import datetime

import polars as pl
from sqlalchemy import Connection, func, select

from crosswalk.store import bulk
from crosswalk.store.tables import link

KEY = ("system", "object", "record_id")


def put(tx: Connection, frame: pl.DataFrame, at: datetime) -> None:
    """Store links: ``system``, ``object``, ``record_id``, ``person_id``, ``lead_id``, ``state``, ``via``.

    ``state`` is linked, ambiguous (a person must choose) or closed; ``via`` says by which key it was recognised.
    """
    rows = frame.select(*KEY, "person_id", "lead_id", "state", "via", bulk.instant(at).alias("at"))
    bulk.upsert(tx, link, rows, key=KEY)


def by_lead(tx: Connection, system: str, object: str, lead_ids: pl.Series) -> pl.DataFrame:
    """Return ``lead_id``, ``record_id`` and ``state`` of the records linked to these leads."""
    return _by(tx, system, object, "lead_id", lead_ids)


def by_person(tx: Connection, system: str, object: str, person_ids: pl.Series) -> pl.DataFrame:
    """Return ``person_id``, ``record_id`` and ``state`` of the records linked to these people."""
    return _by(tx, system, object, "person_id", person_ids)


def by_record(tx: Connection, system: str, object: str, record_ids: pl.Series) -> pl.DataFrame:
    """Return ``record_id``, ``person_id``, ``lead_id`` and ``state`` of these records."""
    # All three are looked for, not two given: SQLite would walk every record of the object for each one sought.
    keys = record_ids.alias("record_id").to_frame().with_columns(system=pl.lit(system), object=pl.lit(object))
    return bulk.lookup(tx, link, ["record_id", "person_id", "lead_id", "state"], keys)


def _by(tx: Connection, system: str, name: str, column: str, ids: pl.Series) -> pl.DataFrame:
    # Not the bare columns: given system and object, SQLite would walk the primary key instead of the index on the id.
    here = (func.coalesce(link.c.system, "") == system) & (func.coalesce(link.c.object, "") == name)
    return bulk.lookup(tx, link, [column, "record_id", "state"], ids.alias(column).to_frame(), where=here)


def delivered(tx: Connection, system: str, object: str) -> int:
    """Return how many leads have a record of an object in a target."""
    here = (link.c.system == system) & (link.c.object == object) & (link.c.state == "linked")
    query = select(func.count(func.distinct(link.c.lead_id))).where(here, link.c.lead_id.is_not(None))
    return tx.scalar(query) or 0


def close(tx: Connection, frame: pl.DataFrame, at: datetime) -> int:
    """Mark records as gone: ``system``, ``object``, ``record_id``; whose they were stays known.

    Returns:
        The number of links closed.
    """
    rows = frame.select(*KEY, pl.lit("closed").alias("state"), bulk.instant(at).alias("at"))
    return bulk.amend(tx, link, rows, key=KEY)
