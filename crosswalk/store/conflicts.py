"""Conflicts: fields that both sides have written, and who won. Names only, never values (FBK-11)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from crosswalk.store import bulk
from crosswalk.store.tables import conflict

KEY = ("system", "object", "record_id", "field")
Conflict = tuple[str, str, str | None, str, str]
"""Record id, field, lead, winner, loser. A side is ``hub``, ``crm`` or a connection."""


def log(tx: Connection, system: str, object: str, found: Sequence[Conflict], run_id: str, at: datetime) -> None:
    """Log conflicts in an object's records; one that was there before is counted up."""
    if not found:
        return
    names = ("record_id", "field", "lead_id", "winner", "loser")
    rows = pl.DataFrame(found, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.lit(system).alias("system"),
        pl.lit(object).alias("object"),
        pl.lit(1).alias("times"),
        bulk.instant(at).alias("first_at"),
        bulk.instant(at).alias("last_at"),
        pl.lit(run_id).alias("run_id"),
    )

    def again(new: bulk.Excluded) -> dict[str, Any]:
        taken = {name: new[name] for name in ("lead_id", "winner", "loser", "last_at", "run_id")}
        return {**taken, "times": conflict.c.times + 1}

    bulk.upsert(tx, conflict, rows, key=KEY, update=again)


def of_run(tx: Connection, run_id: str) -> list[dict[str, Any]]:
    """Return ``system``, ``object``, ``field``, ``winner``, and ``records``: how many a run met that conflict in."""
    what = (conflict.c.system, conflict.c.object, conflict.c.field, conflict.c.winner)
    query = select(*what, func.count().label("records")).where(conflict.c.run_id == run_id)
    return bulk.fetch(tx, query.group_by(*what).order_by(*what)).to_dicts()
