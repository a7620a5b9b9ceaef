"""Meetings: one that was moved is followed by the next one, and the whole chain counts once (FBK-05)."""

from collections import Counter
from typing import Any

import polars as pl

MOVED_ON = "rescheduled"


def chains(meetings: pl.DataFrame) -> pl.DataFrame:
    """Add ``chain``, the first meeting's ``record_id``: meetings of a lead in which each but the last was rescheduled.

    Args:
        meetings: ``lead_id``, ``record_id``, ``code`` (meeting outcome) and ``at`` (its start), one row for each.

    Returns:
        The rows by lead and start; among equal starts the one that was moved comes first.
    """
    ordered = meetings.sort("lead_id", "at", pl.col("code") != MOVED_ON, "record_id")
    begins = (pl.col("code").shift(1).over("lead_id") != MOVED_ON).fill_null(value=True)
    return ordered.with_columns(pl.when(begins).then("record_id").forward_fill().over("lead_id").alias("chain"))


def count(meetings: pl.DataFrame) -> dict[str, Any]:
    """Return ``events``, ``chains`` and ``by_outcome`` (the last meeting's, each chain once)."""
    ends = chains(meetings).group_by("lead_id", "chain").agg(pl.col("code").last())["code"].to_list()
    return {"events": meetings.height, "chains": len(ends), "by_outcome": dict(sorted(Counter(ends).items()))}
