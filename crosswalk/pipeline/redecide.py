"""Redecide: after a change of the rules, who would move, and moving them (QUA-05 in part).

Leads go through everything after landing once more, with today's rules. The preview is the very run, in a transaction
that is rolled back. What sales has is never taken away: such leads are counted and left alone.
"""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from crosswalk.pipeline.replay import replay, rounds
from crosswalk.pipeline.running import Summary, run
from crosswalk.pipeline.work import Work
from crosswalk.store import due
from crosswalk.store import leads as lead_store

WATCHED = ("status", "owner_id", "rule_id", "processing_state", "reason", "fit", "intent")
"""What of a lead is compared before and after."""


@dataclass
class Redecided:
    """Who would move, or has moved; ``moves`` names leads and, for each column that changes, its old and new value."""

    applied: bool
    selected: int = 0
    with_sales: int = 0
    moves: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    run: Summary | None = None


def redecide(work: Work, chosen: due.Selection) -> Redecided:
    """Decide the chosen leads anew, in a rehearsal if ``work`` is one.

    Raises:
        TerminalError: another run is in progress (``HUB_BUSY``).
        GateFailed: a gate stops a batch whatever its size; those before it stand.
    """
    result = Redecided(applied=not work.dry)

    def body() -> list[dict[str, Any]]:
        targets = [(one.connection, one.object) for one in work.catalog.told("lead")]
        with work.hub.read() as tx:
            picked, result.with_sales = due.selected(tx, work.catalog.inquiries, targets, chosen)
            before = lead_store.get(tx, picked["lead_id"])
        result.selected = picked.height
        for batch in picked.iter_slices(work.batch_size):
            for part in rounds(batch):
                replay(work, part)
        with work.hub.read() as tx:
            result.moves = _moves(before, lead_store.get(tx, picked["lead_id"]), picked)
        return []

    result.run = run(work, "redecide", None, body)
    for move in result.moves:
        for name in move["changes"]:
            result.counts[name] = result.counts.get(name, 0) + 1
    return result


def _moves(before: pl.DataFrame, after: pl.DataFrame, picked: pl.DataFrame) -> list[dict[str, Any]]:
    """The leads of which something watched has changed, in the order in which they were decided."""
    old = {row["lead_id"]: row for row in before.iter_rows(named=True)}
    new = {row["lead_id"]: row for row in after.iter_rows(named=True)}
    moves = []
    for lead_id in picked["lead_id"].to_list():
        was, now = old[lead_id], new[lead_id]
        changes = {name: {"old": was[name], "new": now[name]} for name in WATCHED if was[name] != now[name]}
        if changes:
            moves.append({"lead_id": lead_id, "changes": changes})
    return moves
