"""What every run goes through, whatever it is for: opened with the hub to itself, batch by batch, summed up, closed."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from crosswalk.domain import meetings
from crosswalk.errors import CrosswalkError, GateFailed
from crosswalk.pipeline.trail import Flow, open_ledger
from crosswalk.pipeline.work import Work
from crosswalk.store import conflicts, ledger, outbox, outcomes, quarantine, runs
from crosswalk.store import leads as lead_store

Each = Callable[[str, Callable[[], bool]], bool]
"""How a batch is run: gets a label and the batch; the flow makes a task of it."""
ABOUT = {"sync": "lead", "return": "source", "redecide": "lead"}
"""What the targets of each flow are told about."""


def directly(label: str, batch: Callable[[], bool]) -> bool:
    """Run a batch in place."""
    del label
    return batch()


@dataclass
class Summary:
    """What a run did, as ``--json`` prints it; the last part is for what came back from sales."""

    run_id: str
    flow: Flow
    dry_run: bool
    definitions_version: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    api_calls: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    timings: dict[str, float] = field(default_factory=dict)
    gates: list[dict[str, Any]] = field(default_factory=list)
    owners: list[dict[str, Any]] = field(default_factory=list)
    waiting: dict[str, dict[str, int]] = field(default_factory=dict)
    reconciliation: list[dict[str, Any]] = field(default_factory=list)
    quarantined: int = 0
    quarantine_share: float = 0.0
    over_threshold: bool = False
    data_docs: str | None = None
    paused: list[str] = field(default_factory=list)
    moves: list[dict[str, Any]] = field(default_factory=list)
    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    meetings: dict[str, Any] = field(default_factory=dict)
    conflicts: list[dict[str, Any]] = field(default_factory=list)


def run(work: Work, flow: Flow, source: str | None, body: Callable[[], list[dict[str, Any]]]) -> Summary:
    """Open a run, let ``body`` do it (it returns the reconciliation), and close it with what it did.

    Raises:
        TerminalError: another run is in progress (``HUB_BUSY``).
        CrosswalkError: as the body raises it; the run is closed as failed.
    """
    started = work.now
    with work.hub.exclusive():
        with work.hub.begin() as tx:
            runs.start(tx, work.run_id, flow, source, started, work.catalog.definitions.version, work.dry)
            runs.abandon_others(tx, work.run_id, started)
            outbox.release_claims(tx, work.run_id)
            open_ledger(tx, work.run_id, flow)
        try:
            checks = body()
        except CrosswalkError as error:
            _close(work, "failed", _summarise(work, flow, []), error)
            raise
        summary = _summarise(work, flow, checks)
        _close(work, "done", summary, None)
    return summary


def until_done(each: Each, label: str, batch: Callable[[], bool], numbers: Iterator[int] | None = None) -> None:
    """Run batches until there is no more; the first one always runs. ``numbers`` are shared by loops side by side."""
    for number in numbers or itertools.count(1):
        if not each(f"{label} {number}", batch):
            return


def _summarise(work: Work, flow: Flow, checks: list[dict[str, Any]]) -> Summary:
    summary = Summary(work.run_id, flow, work.dry, work.catalog.definitions.version, reconciliation=checks)
    with work.hub.read() as tx:
        summary.steps = ledger.steps(tx, work.run_id)
        summary.reasons = ledger.reasons(tx, work.run_id)
        summary.written = outbox.written(tx, work.run_id)
        summary.owners = lead_store.by_owner(tx, work.run_id).to_dicts()
        told = dict.fromkeys(one.connection for one in work.catalog.told(ABOUT[flow]))
        summary.waiting = {connection: outbox.waiting(tx, connection) for connection in told}
        summary.quarantined = sum(quarantine.counts(tx, work.run_id).values())
        if any(one["step"] == "conclude" and one["in"] for one in summary.steps):
            summary.moves = lead_store.moves(tx, work.run_id)
            summary.outcomes = outcomes.counts(tx, work.run_id)
            summary.meetings = meetings.count(outcomes.meetings(tx, work.run_id))
        summary.conflicts = conflicts.of_run(tx, work.run_id)
    summary.paused = sorted(work.paused)
    summary.api_calls = work.calls()
    summary.seconds = _seconds(work)
    summary.timings = {step: round(seconds, 3) for step, seconds in work.timings.items()}
    landed = sum(one["passed"] for one in summary.steps if one["step"] in ("land", "replay"))
    quarantined = sum(one["quarantined"] for one in summary.steps)
    summary.quarantine_share = round(quarantined / landed, 4) if landed else 0.0
    summary.over_threshold = summary.quarantine_share > work.catalog.definitions.quarantine_threshold
    if work.gates_used:
        _tell_gates(work, summary)
    return summary


def _tell_gates(work: Work, summary: Summary) -> None:
    """Add what the gates found, and write Data Docs where the run is for real."""
    summary.gates = [
        {
            "gate": one.gate,
            "expectation": one.expectation,
            "severity": one.severity,
            "reason": one.reason,
            "failed": one.failed,
            "total": one.total,
            "met": one.missed == 0,
        }
        for one in work.gates.findings()
    ]
    if not work.dry:
        index = work.gates.write_docs(work.settings.state / "data-docs", work.run_id, work.now)
        summary.data_docs = str(index)


def _close(work: Work, state: Any, summary: Summary, error: CrosswalkError | None) -> None:
    code = None
    if error is not None:
        code = getattr(error, "code", None) or (error.gate if isinstance(error, GateFailed) else type(error).__name__)
    told = ("reasons", "reconciliation", "data_docs", "paused", "moves", "outcomes", "meetings", "conflicts")
    with work.hub.begin() as tx:
        runs.finish(
            tx,
            work.run_id,
            work.clock(),
            state,
            summary.seconds,
            summary.api_calls,
            summary.written,
            {name: getattr(summary, name) for name in told},
            code,
        )


def _seconds(work: Work) -> float:
    """From the first vendor call to the last commit, without the loading of libraries in between."""
    if work.first_call_at is None or work.last_commit_at is None:
        return 0.0
    return round(max(work.last_commit_at - work.first_call_at - work.importing, timedelta(0)).total_seconds(), 3)
