"""Interventions: what people decided about rows and leads: who, when and why; never changed afterwards (GOV-09).

Actions: ``edit`` (one row for each property, old and new value sealed), ``release``, ``discard``, and ``waive``: this
reason of this step no longer stops this payload.
"""

from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, select

from crosswalk.store import bulk
from crosswalk.store.tables import intervention

ABOUT = ("quarantine_id", "payload_id", "lead_id", "step", "reason")


def record(tx: Connection, rows: pl.DataFrame, action: str, actor: str, why: str, at: datetime) -> int:
    """Append one intervention for each row: the columns in ``ABOUT``, for an edit ``field``, ``old`` and ``new``.

    Returns:
        How many there were.
    """
    named = [name for name in (*ABOUT, "field", "old", "new") if name in rows.columns]
    told = rows.select(
        *named,
        pl.lit(action).alias("action"),
        pl.lit(actor).alias("actor"),
        pl.lit(why).alias("why"),
        bulk.instant(at).alias("at"),
    )
    return bulk.append(tx, intervention, told)


def waivers(tx: Connection, payload_ids: pl.Series) -> pl.DataFrame:
    """Return ``payload_id``, ``step`` and ``reason`` of what has been waived for these payloads."""
    keys = payload_ids.alias("payload_id").to_frame()
    found = bulk.lookup(
        tx, intervention, ["payload_id", "step", "reason"], keys, where=intervention.c.action == "waive"
    )
    return found.unique(maintain_order=True)


def of_row(tx: Connection, quarantine_id: int) -> list[dict[str, Any]]:
    """Return what was decided about a row of the quarantine, oldest first: who, when, why and what, never a value."""
    columns = [intervention.c[name] for name in ("at", "action", "actor", "why", "step", "reason", "field")]
    query = select(*columns).where(intervention.c.quarantine_id == quarantine_id).order_by(intervention.c.id)
    return [dict(row) for row in tx.execute(query).mappings()]
