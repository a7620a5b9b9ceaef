"""Due work, the second entry: what the hub has already is decided again when its time has come.

A run does it before it reads any source: what is stored is older than what a source is about to tell, and who has
waited for capacity comes before who has just asked. Three kinds are due:

- rows of inquiries that a person released from quarantine;
- leads that marketing has and whose day has come (``resume_on``), urgent ones first, then the oldest (RTE-05);
- actions that were held for a reason which may have gone since: they are only asked again whether they may be sent.
"""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.status import WITH_MARKETING
from crosswalk.pipeline.replay import PICKED, replay, rounds
from crosswalk.pipeline.work import Work
from crosswalk.store import due, outbox, quarantine

MAY_PASS = ("CONSENT_WITHDRAWN", "CRM_AMBIGUOUS", "OWNER_UNKNOWN")
"""Reasons at the re-check or in a plan that can go without the lead changing; a missing parent frees its own."""


def due_batch(work: Work) -> bool:
    """Do up to a batch of what is due; return whether there may be more.

    Raises:
        GateFailed: a gate stops the batch whatever its size; nothing of it is stored and it is due again.
    """
    with work.hub.begin() as tx:
        for target in work.catalog.targets.values():
            outbox.retry(tx, target.connection, target.object, MAY_PASS, work.now)
    with work.hub.read() as tx:
        picked = _released(tx, work)
        more = not picked.is_empty()
        if not more:
            picked = due.resumed(tx, work.catalog.inquiries, WITH_MARKETING, work.now.date(), work.batch_size)
            more = picked.height == work.batch_size
    for part in rounds(picked):
        replay(work, part)
    return more


def _released(tx: Connection, work: Work) -> pl.DataFrame:
    """Released rows of the quarantine, with the lead that waits for each."""
    rows = quarantine.released(tx, work.catalog.inquiries, work.batch_size)
    if rows.is_empty():
        return rows
    leads = due.resuming(tx, rows["payload_id"])
    unknown = pl.lit(None, pl.Datetime("us", "UTC")).alias("received_at")  # it is in the payload
    return (
        rows.drop("lead_id")
        .join(leads, on="payload_id", how="left", maintain_order="left")
        .select(name if name != "received_at" else unknown for name in PICKED)
    )
