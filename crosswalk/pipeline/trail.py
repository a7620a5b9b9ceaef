"""The trail of one batch: what entered each step, what left it and how; nothing may be lost between two steps.

A step declares its unit. Every unit that enters gets exactly one verdict; what a step emits is what the next one
takes in. The trail checks both as the batch runs and is written in the batch's own transaction (DQ-05).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.schema import VERDICTS, empty
from crosswalk.domain.verdicts import Counts
from crosswalk.errors import ConservationError
from crosswalk.store import ledger

Pipe = Literal["due", "ingest", "feedback", "deliver"]
Flow = Literal["sync", "return", "redecide"]

STEPS: tuple[tuple[Pipe, str, str], ...] = (
    ("due", "replay", "payload"),
    ("ingest", "land", "payload"),
    ("ingest", "screen", "payload"),
    ("ingest", "gate_raw", "payload"),
    ("ingest", "shape", "payload"),
    ("ingest", "gate_shaped", "lead"),
    ("ingest", "identify", "lead"),
    ("ingest", "gate_identified", "lead"),
    ("ingest", "qualify", "lead"),
    ("ingest", "gate_qualified", "lead"),
    ("ingest", "route", "lead"),
    ("ingest", "gate_routed", "lead"),
    ("ingest", "hand_off", "lead"),
    ("ingest", "gate_handed_off", "action"),
    ("ingest", "enqueue", "action"),
    ("ingest", "match", "payload"),
    ("ingest", "gate_returned", "payload"),
    ("ingest", "conclude", "payload"),
    ("feedback", "feed_back", "lead"),
    ("feedback", "gate_fed_back", "action"),
    ("feedback", "queue", "action"),
    ("deliver", "claim", "action"),
    ("deliver", "recheck", "action"),
    ("deliver", "plan", "action"),
    ("deliver", "gate_planned", "action"),
    ("deliver", "apply", "action"),
    ("deliver", "gate_receipts", "action"),
    ("deliver", "settle", "action"),
)
"""Every step in order: its pipe, its name and its unit.

Due work goes through the steps of ingest in a pipe of its own, where ``replay`` takes the place of ``land``.
"""

_DELIVER = tuple(name for pipe, name, _ in STEPS if pipe == "deliver")
_FEEDBACK = tuple(name for pipe, name, _ in STEPS if pipe == "feedback")
_RETURN_ONLY = ("match", "gate_returned", "conclude")
_INGEST = tuple(name for pipe, name, _ in STEPS if pipe == "ingest" and name not in _RETURN_ONLY)
FLOWS: Mapping[Flow, tuple[str, ...]] = {
    "sync": (*_INGEST, *_DELIVER),
    "redecide": ("replay",),
    "return": ("replay", "land", "screen", "shape", *_RETURN_ONLY, *_FEEDBACK, *_DELIVER),
}
"""The steps that each flow goes through."""

_ORDER = {name: (sequence, pipe, unit) for sequence, (pipe, name, unit) in enumerate(STEPS, start=1)}
_AFTER_DUE = 100
"""Due work comes first in a run, and so in its ledger."""


@dataclass
class Trail:
    """Counts and verdicts of one batch, step by step.

    ``replayed`` rows have been here before: what was said since stands against them, and as they were picked, shares of
    them say nothing about their source.
    """

    replayed: bool = False
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds up to each step's verdicts, added to what is there; batches side by side count each."""
    counts: dict[str, Counts] = field(default_factory=dict)
    verdicts: list[tuple[str, pl.DataFrame]] = field(default_factory=list)
    _emitted: int | None = None
    _mark: float = field(default_factory=time.perf_counter)

    def step(
        self,
        name: str,
        entering: pl.DataFrame,
        refused: pl.DataFrame,
        *,
        unit: str = "unit",
        emitted: int | None = None,
    ) -> pl.DataFrame:
        """Record one step and return the rows that passed it.

        Args:
            name: one of ``STEPS``.
            entering: the rows that came in, one per unit.
            refused: ``schema.VERDICTS`` of the units that did not pass.
            unit: the column that identifies a row.
            emitted: how many units the step hands on, where that is not what passed (fan-out).

        Raises:
            ConservationError: a unit entered twice, was judged twice or without having entered, or the previous step
                emitted another number than entered here.
        """
        if entering[unit].n_unique() != entering.height:
            raise ConservationError(f"step {name}: a unit entered more than once")
        if self._emitted is not None and self._emitted != entering.height:
            raise ConservationError(f"step {name}: {entering.height} units entered, {self._emitted} were emitted")
        if refused["unit"].n_unique() != refused.height:
            raise ConservationError(f"step {name}: a unit was judged more than once")
        passed = entering.join(refused.select(pl.col("unit").alias(unit)), on=unit, how="anti", maintain_order="left")
        by_result = {result: refused.filter(pl.col("result") == result).height for result in _RESULTS}
        handed_on = passed.height if emitted is None else emitted
        counted = Counts(n_in=entering.height, passed=passed.height, emitted=handed_on, **by_result)
        if not counted.conserved:
            raise ConservationError(f"step {name}: a verdict names a unit that never entered")
        self.counts[name] = self.counts.get(name, Counts()) + counted
        if not refused.is_empty():
            self.verdicts.append((name, refused))
        self._emitted = handed_on
        now = time.perf_counter()
        self.timings[name] = self.timings.get(name, 0.0) + now - self._mark
        self._mark = now
        return passed

    def write(self, tx: Connection, run_id: str, at: datetime) -> None:
        """Add this batch to the run's ledger."""
        for name, counted in self.counts.items():
            _count(tx, run_id, name, counted, due=self.replayed)
        for name, frame in self.verdicts:
            ledger.verdicts(tx, run_id, name, frame, at)


_RESULTS = ("quarantined", "held", "skipped", "rejected")


def open_ledger(tx: Connection, run_id: str, flow: Flow = "sync") -> None:
    """Enter every step of a flow with zeros, so that a run without work shows all of them as well."""
    for name in FLOWS[flow]:
        _count(tx, run_id, name, Counts(), due=False)


def _count(tx: Connection, run_id: str, name: str, counted: Counts, *, due: bool) -> None:
    sequence, pipe, unit = _ORDER[name]
    pipe = "due" if due else pipe
    ledger.count(tx, run_id, pipe, sequence + _AFTER_DUE * (pipe != "due"), name, unit, counted)


NOTHING_REFUSED = empty(VERDICTS)
