"""Feed back: leads that have changed become what their source's own records should say of them (FBK-06).

All leads of a person are told together, because what one of them says (do not contact) holds for all.
"""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import feedback, outbound
from crosswalk.domain.schema import empty
from crosswalk.domain.verdicts import verdicts
from crosswalk.pipeline import commit, origins
from crosswalk.pipeline.packing import ceiling
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import feedback as store
from crosswalk.store import quarantine


def feed_back_batch(work: Work) -> bool:
    """Queue what the sources of up to a batch of changed leads should be told; return whether any lead was due.

    One transaction: the actions are queued and the leads no longer due, or nothing has happened.

    Raises:
        GateFailed: something above a connection's ceiling was about to leave; nothing of this batch is stored.
    """
    trail = Trail(timings=work.timings)
    with work.hub.begin() as tx:
        due = store.due(tx, work.batch_size)
        if due.is_empty():
            return False
        leads = store.leads_of(tx, due["person_id"].unique())
        actions = _actions(work, tx, leads)
        told = due.with_columns(pl.col("lead_id").is_in(actions["lead_id"].implode()).alias("told"))
        others = told.filter(~pl.col("told")).select(
            pl.col("lead_id").alias("unit"), pl.lit("NOT_TOLD").alias("reason")
        )
        trail.step("feed_back", due, verdicts(others, "skipped"), unit="lead_id", emitted=actions.height)
        gate = work.gates.check("fed_back", actions, unit="action_id")
        passed = trail.step("gate_fed_back", actions, gate.refused, unit="action_id")
        commit.store_actions(work, tx, trail, passed, step="queue")
        _quarantine(work, tx, gate.refused, actions, leads)
        store.told(tx, due["lead_id"])
        trail.write(tx, work.run_id, work.now)
    work.committed()
    return True


def _actions(work: Work, tx: Connection, leads: pl.DataFrame) -> pl.DataFrame:
    """What every record of these leads should say."""
    fed = feedback.feed_back(leads, work.catalog.outcomes.reasons)
    made = [empty(outbound.ACTION)]
    for target in work.catalog.told("source"):
        told = feedback.told_of(origins.records(work, tx, target, leads), leads).join(fed, on="lead_id")
        top = ceiling(work, target.connection, target.max_class)
        made.append(feedback.actions(told, target, work.catalog.codes, top))
    return pl.concat(made)


def _quarantine(work: Work, tx: Connection, refused: pl.DataFrame, actions: pl.DataFrame, leads: pl.DataFrame) -> None:
    """Keep what the gate refused, with the reason."""
    if refused.is_empty():
        return
    rows = (
        refused.join(actions.select(pl.col("action_id").alias("unit"), "lead_id"), on="unit")
        .join(leads.select("lead_id", "source", "stream", "external_id", "payload_id"), on="lead_id")
        .with_columns(
            pl.lit("gate_fed_back").alias("step"),
            pl.concat_str(pl.lit('{"result":"'), "result", pl.lit('"}')).alias("detail"),
        )
    )
    quarantine.add(tx, rows.select(quarantine.COLUMNS), work.run_id, work.now)
