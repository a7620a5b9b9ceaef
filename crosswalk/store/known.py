"""What the hub knows of the fields that it writes to a source's own records (FBK-06, FBK-11).

One row a record: JSON with ``sent`` and, where something else stands there, ``other`` (``planning.Known``), all values
as text. ``at`` is the vendor's own time of the hub's last write, 1970 where it does not tell.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
import polars as pl
from sqlalchemy import Connection, select

from crosswalk.domain.planning import Known
from crosswalk.store import bulk
from crosswalk.store.tables import known

KEY = ("system", "object", "record_id")


def exists(tx: Connection, system: str, object: str) -> bool:
    """Return whether anything is known of an object's records."""
    here = (known.c.system == system) & (known.c.object == object)
    return tx.execute(select(known.c.record_id).where(here).limit(1)).first() is not None


def get(tx: Connection, system: str, object: str, record_ids: pl.Series) -> dict[str, Known]:
    """Return what is known of these records; those never written are absent."""
    found = {}
    for record_id, text in _rows(tx, system, object, record_ids).select("record_id", "fields").iter_rows():
        fields = orjson.loads(text)
        other = {name: value or None for name, value in fields.get("other", {}).items()}
        found[record_id] = Known(fields["sent"], other)
    return found


def values(tx: Connection, system: str, object: str, record_ids: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
    """Return ``record_id``, ``at`` and the fields of these records as text; null and empty text are the same."""
    kind = pl.Struct(dict.fromkeys(fields, pl.String))
    told = pl.col("fields").str.json_decode(pl.Struct({"sent": kind, "other": kind}))
    sent, other = (pl.col("told").struct.field(part) for part in ("sent", "other"))
    return (
        _rows(tx, system, object, record_ids)
        .with_columns(told.alias("told"))
        .select(
            "record_id",
            "at",
            *(pl.coalesce(other.struct.field(name), sent.struct.field(name)).alias(name) for name in fields),
        )
    )


def put(tx: Connection, system: str, object: str, learned: Mapping[str, tuple[Known, datetime]], run_id: str) -> None:
    """Store what is known of records: record id -> what, and the vendor's time of the hub's last write."""
    if not learned:
        return
    frame = pl.DataFrame(
        {
            "record_id": list(learned),
            "fields": [_json(what) for what, _ in learned.values()],
            "at": bulk.instants([at for _, at in learned.values()]),
        }
    ).with_columns(pl.lit(system).alias("system"), pl.lit(object).alias("object"), pl.lit(run_id).alias("run_id"))
    bulk.upsert(tx, known, frame, key=KEY)


def _rows(tx: Connection, system: str, object: str, record_ids: pl.Series) -> pl.DataFrame:
    here = (known.c.system == system) & (known.c.object == object)
    keys = record_ids.alias("record_id").to_frame()
    return bulk.lookup(tx, known, ["record_id", "fields", "at"], keys, where=here)


def _json(what: Known) -> str:
    """An emptied field is kept as an empty text in ``other``: null would read as not there."""
    fields: dict[str, Mapping[str, str | None]] = {"sent": what.sent}
    if what.other:
        fields["other"] = {name: value or "" for name, value in what.other.items()}
    return orjson.dumps(fields).decode()
