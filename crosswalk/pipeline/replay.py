"""Replay: stored payloads go through everything after landing once more, as if they had just been read (GOV-09).

Nothing is asked of a vendor and no payload is stored again. The rules are today's; what a row was refused for is judged
anew.
"""

from collections.abc import Iterator

import orjson
import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import FieldMap
from crosswalk.domain.schema import PAYLOAD, conform
from crosswalk.pipeline.decide import Decided
from crosswalk.pipeline.processing import process
from crosswalk.pipeline.trail import NOTHING_REFUSED, Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import leads, payloads, quarantine

PICKED = ("payload_id", "source", "stream", "external_id", "lead_id", "received_at")
"""What is picked for a replay: the payload, and the lead that waits for it, where one does."""


def rounds(picked: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Split what was picked by stream, in order, so that no payload and no source row comes twice in a frame.

    Of several payloads of one source row each round takes one.
    """
    once = picked.unique("payload_id", keep="first", maintain_order=True)
    row = ["source", "stream", "external_id"]
    numbered = once.with_columns(pl.int_range(pl.len()).over(row).alias("_round"))
    for part in numbered.partition_by("_round", "source", "stream", maintain_order=True):
        yield part.drop("_round")


def replay(work: Work, picked: pl.DataFrame) -> None:
    """Take stored payloads of one stream of inquiries to their end, in one transaction.

    Args:
        work: what the run works with.
        picked: ``PICKED``, in the order in which they are decided; each source row once.

    Raises:
        ConfigError: a payload was sealed with another key.
        GateFailed: an expectation that stops a batch whatever its size is not met; nothing is stored.
    """
    [(source, stream)] = picked.select("source", "stream").unique().rows()
    mapping = work.catalog.sources[source, stream]
    with work.hub.read() as tx:
        stored = payloads.bodies(tx, picked["payload_id"])
    trail = Trail(replayed=True, timings=work.timings)
    landed = trail.step("replay", unsealed(work, picked, stored, mapping), NOTHING_REFUSED, unit="payload_id")

    def entry(tx: Connection, decided: Decided) -> None:
        quarantine.replayed(tx, picked["payload_id"], work.now)
        leads.amend(tx, _unreached(picked, trail, decided), work.run_id, work.now)

    process(work, trail, landed, mapping, entry)
    work.committed()


def unsealed(work: Work, picked: pl.DataFrame, stored: pl.DataFrame, mapping: FieldMap) -> pl.DataFrame:
    """Return payloads as landing would: ``schema.PAYLOAD`` and the properties of the mapping, in the order picked.

    The vendor's time of change is not kept; the time of the inquiry, or else of the landing, stands for it.
    """
    bodies = [orjson.loads(work.vault.open(body)) for body in stored["body"].to_list()]
    schema = dict.fromkeys(mapping.properties, pl.String)
    rows = pl.DataFrame([{name: body.get(name) for name in schema} for body in bodies], schema=schema)
    known = stored.select(set(PAYLOAD) & set(stored.columns) | {"landed_at"})
    joined = picked.select("payload_id", "received_at").join(
        pl.concat([known, rows], how="horizontal"), on="payload_id", how="inner", maintain_order="left"
    )
    joined = joined.with_columns(pl.coalesce("received_at", "landed_at").alias("modified_at"))
    return pl.concat([conform(joined, PAYLOAD), joined.select(list(schema))], how="horizontal")


def _unreached(picked: pl.DataFrame, trail: Trail, decided: Decided) -> pl.DataFrame:
    """What becomes of leads whose payload was not decided about as theirs: refused before, or another lead's now.

    None of them is due for the same reason again.
    """
    reached = pl.concat([decided.leads.select("unit", "lead_id"), decided.folded.select("unit", "lead_id")])
    refused = pl.concat([NOTHING_REFUSED, *(frame for _, frame in trail.verdicts)]).unique("unit", keep="last")
    about = picked.filter(pl.col("lead_id").is_not_null()).select("lead_id", pl.col("payload_id").alias("unit"))
    elsewhere = reached.select("unit", pl.col("lead_id").alias("merged_into"))
    left = about.join(elsewhere, on="unit", how="left").filter(pl.col("merged_into").ne_missing(pl.col("lead_id")))
    judged = left.join(refused, on="unit", how="left")
    state = (
        pl.when(pl.col("merged_into").is_not_null())
        .then(pl.lit("merged"))
        .when(pl.col("result") == "held")
        .then(pl.lit("held_review"))
        .when(pl.col("result") == "quarantined")
        .then(pl.lit("quarantined"))
        .otherwise(pl.lit("dropped"))
    )
    return judged.select(
        *("lead_id", "merged_into", "reason", state.alias("processing_state")),
        pl.lit(None, pl.Date).alias("resume_on"),
    )
