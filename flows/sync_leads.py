"""The main job as a Prefect flow: the very pipeline of ``crosswalk sync``, with a task for each batch.

Parameters are names and plain values; what is logged or shown are ids, codes and counts.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from prefect import flow
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from crosswalk.errors import CrosswalkError
from crosswalk.pipeline.running import Each, Summary
from crosswalk.pipeline.sync import sync
from crosswalk.pipeline.work import BATCH, Work, open_work
from crosswalk.platform.clock import ticking
from crosswalk.platform.settings import Settings
from crosswalk.store import runs
from flows import run_artifacts
from flows.batch_tasks import in_tasks
from flows.error_codes import hushed, in_codes


def run_name() -> str:
    """Name a run by when it started, what it reads and whether it is for real."""
    parameters = flow_run.parameters
    parts = [f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"]
    if "source" in parameters:
        parts.append(parameters["source"] or "all sources")
    return " ".join([*parts, *(["dry run"] if parameters.get("dry_run") else [])])


@flow(name="sync-leads", flow_run_name=run_name, persist_result=False)
def sync_leads(
    source: str | None = None, dry_run: bool = False, batch_size: int = BATCH, as_of: str | None = None
) -> dict[str, Any]:
    """Read the sources, decide, and write to the CRM; safe to kill and to repeat.

    Args:
        source: read only this connection; all of them by default.
        dry_run: show what would happen; change nothing at all.
        batch_size: rows in one transaction, and so in one task.
        as_of: decide as if it were this instant (ISO 8601).
    """
    try:
        with open_work(Settings(), ticking(as_of), dry=dry_run, batch_size=batch_size) as work:
            summary = published(work, lambda each: sync(work, source, each))
    except Exception as error:  # noqa: BLE001 -- whatever it is, only its codes are shown
        known = hushed(error)
        return Failed(message=in_codes(known), data=known)  # type: ignore[return-value]  # Prefect takes a state
    name = "Completed with quarantine" if summary.over_threshold else None
    return Completed(name=name, message=said(summary), data=asdict(summary))  # type: ignore[return-value]  # the same


def published(work: Work, run: Callable[[Each], Summary]) -> Summary:
    """Run a pipeline as tasks and publish what it did, also when it broke off."""
    _named_after_flow_run(work)
    try:
        summary = run(in_tasks(work))
    except CrosswalkError:
        run_artifacts.publish_failed(work)
        raise
    run_artifacts.publish(work, summary)
    return summary


def _named_after_flow_run(work: Work) -> None:
    """Give the hub's run the id of Prefect's, so that ``crosswalk ledger ID`` finds it; not when that is taken.

    A flow run that is tried again in the UI keeps its id.
    """
    with work.hub.read() as tx:
        if flow_run.id and runs.get(tx, flow_run.id) is None:
            work.run_id = flow_run.id


def said(summary: Summary) -> str:
    """Say in a line what a run did."""
    written = [by_outcome for objects in summary.written.values() for by_outcome in objects.values()]
    n_written = sum(one.get("created", 0) + one.get("updated", 0) for one in written)
    landed = next((one["in"] for one in summary.steps if one["step"] == "land"), 0)
    verb = "would be written" if summary.dry_run else "written"
    text = f"{landed} rows read, {n_written} records {verb}, {summary.quarantined} rows quarantined"
    differ = sum(not one["ok"] for one in summary.reconciliation)
    if differ:
        text += f", {differ} counts differ"
    if summary.paused:
        text += f"; {', '.join(summary.paused)} paused"
    if summary.over_threshold:
        text += f"; {summary.quarantine_share:.1%} in quarantine is above the threshold"
    return text


def main() -> None:
    """Run the flow with the parameters given as a JSON object, and print its summary as one."""
    parameters: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    try:
        summary = sync_leads(**parameters)
    except CrosswalkError as error:
        sys.exit(in_codes(error))
    json.dump(summary, sys.stdout, default=str)


if __name__ == "__main__":
    main()
