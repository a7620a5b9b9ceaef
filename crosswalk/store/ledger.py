"""The ledger: how many units each step took in and gave out, and a verdict for each that did not simply pass."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, func, select

from crosswalk.domain.verdicts import Counts
from crosswalk.errors import ConservationError
from crosswalk.store import bulk
from crosswalk.store.tables import ledger, verdict

KEY = ("run_id", "pipe", "step")
COUNTS = tuple(asdict(Counts()))


def count(tx: Connection, run_id: str, pipe: str, seq: int, step: str, unit: str, counts: Counts) -> None:
    """Add a batch's counts to a step of a run; ``seq`` orders the steps, ``unit`` is payload, lead or action."""
    row = {"run_id": run_id, "pipe": pipe, "step": step, "seq": seq, "unit": unit, **asdict(counts)}
    bulk.upsert(
        tx,
        ledger,
        pl.DataFrame([row]),
        key=KEY,
        update=lambda new: {name: ledger.c[name] + new[name] for name in COUNTS},
    )


def verdicts(tx: Connection, run_id: str, step: str, frame: pl.DataFrame, at: datetime) -> None:
    """Store the verdicts of a step: ``unit``, ``result``, ``reason`` and, where known, ``lead_id``.

    Raises:
        ConservationError: a unit was judged twice in this step and run.
    """
    columns = ["unit", "result", "reason", *(["lead_id"] if "lead_id" in frame.columns else [])]
    rows = frame.select(
        pl.lit(run_id).alias("run_id"), pl.lit(step).alias("step"), *columns, bulk.instant(at).alias("at")
    )
    if bulk.upsert(tx, verdict, rows, key=("run_id", "step", "unit"), update=()) != frame.height:
        raise ConservationError(f"step {step} judged a unit twice in run {run_id}")


def judged(tx: Connection, run_id: str, step: str, units: pl.Series) -> pl.Series:
    """Return those of the units that have a verdict in this step and run."""
    here = (verdict.c.run_id == run_id) & (verdict.c.step == step)
    return bulk.lookup(tx, verdict, ["unit"], units.alias("unit").to_frame(), where=here)["unit"]


def steps(tx: Connection, run_id: str) -> list[dict[str, Any]]:
    """Return the steps of a run in order: step, pipe, unit, in, passed, …, rejected, emitted."""
    query = select(
        ledger.c.step,
        ledger.c.pipe,
        ledger.c.unit,
        ledger.c.n_in.label("in"),
        *(ledger.c[name] for name in COUNTS if name != "n_in"),
    )
    query = query.where(ledger.c.run_id == run_id).order_by(ledger.c.seq, ledger.c.pipe, ledger.c.step)
    return [dict(row) for row in tx.execute(query).mappings()]


def reasons(tx: Connection, run_id: str) -> dict[str, int]:
    """Return how many verdicts of a run carry each reason code, most frequent first."""
    number = func.count()
    query = select(verdict.c.reason, number).where(verdict.c.run_id == run_id).group_by(verdict.c.reason)
    return dict(tx.execute(query.order_by(number.desc(), verdict.c.reason)).all())


def refusals(tx: Connection, run_id: str) -> list[dict[str, Any]]:
    """Return how many units each step of a run refused, as what and why: step, result, reason, n; most first."""
    number = func.count().label("n")
    columns = (verdict.c.step, verdict.c.result, verdict.c.reason)
    query = select(*columns, number).where(verdict.c.run_id == run_id).group_by(*columns)
    return [dict(row) for row in tx.execute(query.order_by(number.desc(), *columns)).mappings()]
