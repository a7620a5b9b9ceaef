"""Origins: the source's own records that a lead came from, which are told of it (FBK-06).

A lead names the record of its newest inquiry. Those of older inquiries that were folded into it are known by their
links, which are made when the inquiry is stored.
"""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import TargetMap
from crosswalk.pipeline.decide import Decided
from crosswalk.pipeline.work import Work
from crosswalk.store import links


def link(work: Work, tx: Connection, decided: Decided) -> None:
    """Tie the records that inquiries came from to their leads, where their source is told of leads."""
    wanted = ("source", "stream", "external_id", "person_id", "lead_id")
    inquiries = pl.concat([one.select(wanted) for one in (decided.folded, decided.resting, decided.leads)])
    told = {(target.connection, target.object) for target in work.catalog.told("source")}
    for (source, stream), rows in inquiries.group_by("source", "stream", maintain_order=True):
        kind = work.catalog.connections[str(source)].streams[str(stream)].object
        if (source, kind) in told:
            here = {"system": source, "object": kind, "state": "linked", "via": "source"}
            frame = rows.select(pl.col("external_id").alias("record_id"), "person_id", "lead_id")
            links.put(tx, frame.with_columns(pl.lit(text).alias(name) for name, text in here.items()), work.now)


def records(work: Work, tx: Connection, target: TargetMap, leads: pl.DataFrame) -> pl.DataFrame:
    """Return which of a target's records tell of which leads: ``record_id`` and ``lead_id``."""
    connection = target.connection
    streams = work.catalog.connections[connection].streams
    read = [name for name, stream in streams.items() if stream.object == target.object]
    own = leads.filter((pl.col("source") == connection) & pl.col("stream").is_in(read))
    linked = links.by_lead(tx, connection, target.object, leads["lead_id"])
    return pl.concat(
        [
            own.select(pl.col("external_id").alias("record_id"), "lead_id"),
            linked.filter(pl.col("state") == "linked").select("record_id", "lead_id"),
        ]
    )
