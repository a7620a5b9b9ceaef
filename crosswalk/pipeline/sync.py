"""One run of the main job: read a source, decide, write to the targets, and account for all of it.

Both the command line and the Prefect flow call ``sync``; the flow only wraps each batch in a task.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from crosswalk.errors import ConservationError, CrosswalkError, GateFailed, TerminalError, TransientError
from crosswalk.pipeline import reconcile
from crosswalk.pipeline.deliver import deliver_batch
from crosswalk.pipeline.ingest import ingest_batch
from crosswalk.pipeline.packing import in_order
from crosswalk.pipeline.trail import open_ledger
from crosswalk.pipeline.work import Work
from crosswalk.store import leads as lead_store
from crosswalk.store import ledger, outbox, quarantine, runs

T = TypeVar("T")
Each = Callable[[str, Callable[[], bool]], bool]
"""How a batch is run: gets a label and the batch; the flow makes a task of it."""


def directly(label: str, batch: Callable[[], bool]) -> bool:
    """Run a batch in place."""
    del label
    return batch()


@dataclass
class Summary:
    """What a run did, as ``crosswalk sync --json`` prints it."""

    run_id: str
    dry_run: bool
    definitions_version: str
    steps: list[dict[str, Any]] = field(default_factory=list)
    written: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    api_calls: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    gates: list[dict[str, Any]] = field(default_factory=list)
    owners: list[dict[str, Any]] = field(default_factory=list)
    waiting: dict[str, dict[str, int]] = field(default_factory=dict)
    reconciliation: list[dict[str, Any]] = field(default_factory=list)
    quarantined: int = 0
    quarantine_share: float = 0.0
    over_threshold: bool = False
    data_docs: str | None = None


def sync(work: Work, source: str | None = None, each: Each = directly) -> Summary:
    """Run ingest and deliver to their ends.

    Args:
        work: what the run works with.
        source: a connection to read; all that have a field mapping by default.
        each: how a batch is run.

    Raises:
        TerminalError: another run is in progress (``HUB_BUSY``), or a route must stop.
        GateFailed, TransientError, ConfigError: as the batches raise them; the run is closed as failed. A source's
            error is raised after all others have been read and delivered.
    """
    streams = [pair for pair in work.catalog.inquiries if source in (None, pair[0])]
    if source is not None and not streams:
        work.connector(source)
        raise TerminalError(f"connection {source!r} has no field mapping to read by", code="NO_STREAM")
    started = work.now
    with work.hub.exclusive():
        with work.hub.begin() as tx:
            runs.start(tx, work.run_id, "sync", source, started, work.catalog.definitions.version, work.dry)
            runs.abandon_others(tx, work.run_id, started)
            outbox.release_claims(tx, work.run_id)
            open_ledger(tx, work.run_id)
        try:
            stopped = _ingest(work, streams, each)
            for mapping in in_order(work.catalog.told("lead")):
                label = f"deliver {mapping.connection} {mapping.object}"
                _until_done(each, label, partial(deliver_batch, work, mapping.connection, mapping))
            if stopped:
                raise stopped[0]
            checks = reconcile.check(work, streams)
        except CrosswalkError as error:
            _close(work, "failed", _summarise(work, []), error)
            raise
        summary = _summarise(work, checks)
        _close(work, "done", summary, None)
    return summary


def _ingest(work: Work, streams: list[tuple[str, str]], each: Each) -> list[CrosswalkError]:
    """Read every stream to its end; one that cannot be read stops alone, and what was decided is still delivered."""
    stopped: list[CrosswalkError] = []
    for connection, stream in streams:
        try:
            _until_done(each, f"ingest {connection} {stream}", partial(ingest_batch, work, connection, stream))
        except ConservationError:
            raise
        except (GateFailed, TransientError, TerminalError) as error:
            stopped.append(error)
    return stopped


def _until_done(each: Each, label: str, batch: Callable[[], bool]) -> None:
    """Run batches until there is no more; the first one always runs."""
    number = 1
    while each(f"{label} {number}", batch):
        number += 1


def _summarise(work: Work, checks: list[dict[str, Any]]) -> Summary:
    summary = Summary(work.run_id, work.dry, work.catalog.definitions.version, reconciliation=checks)
    with work.hub.read() as tx:
        summary.steps = ledger.steps(tx, work.run_id)
        summary.reasons = ledger.reasons(tx, work.run_id)
        summary.written = outbox.written(tx, work.run_id)
        summary.owners = lead_store.by_owner(tx, work.run_id).to_dicts()
        summary.waiting = {one.connection: outbox.waiting(tx, one.connection) for one in work.catalog.told("lead")}
        summary.quarantined = sum(quarantine.counts(tx, work.run_id).values())
    summary.api_calls = work.calls()
    summary.seconds = _seconds(work.first_call_at, work.last_commit_at)
    landed = next((one["passed"] for one in summary.steps if one["step"] == "land"), 0)
    quarantined = sum(one["quarantined"] for one in summary.steps)
    summary.quarantine_share = round(quarantined / landed, 4) if landed else 0.0
    summary.over_threshold = summary.quarantine_share > work.catalog.definitions.quarantine_threshold
    if work.gates_used:
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
    return summary


def _close(work: Work, state: Any, summary: Summary, error: CrosswalkError | None) -> None:
    code = None
    if error is not None:
        code = getattr(error, "code", None) or (error.gate if isinstance(error, GateFailed) else type(error).__name__)
    with work.hub.begin() as tx:
        runs.finish(
            tx,
            work.run_id,
            work.clock(),
            state,
            summary.seconds,
            summary.api_calls,
            summary.written,
            {"reasons": summary.reasons, "reconciliation": summary.reconciliation, "data_docs": summary.data_docs},
            code,
        )


def _seconds(first: datetime | None, last: datetime | None) -> float:
    return round((last - first).total_seconds(), 3) if first and last else 0.0
