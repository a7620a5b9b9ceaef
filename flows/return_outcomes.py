"""The way back as a Prefect flow: the very pipeline of ``crosswalk return-outcomes``, with a task for each batch.

Parameters are plain values; what is logged or shown are ids, codes and counts.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from prefect import flow
from prefect.states import Completed, Failed

from crosswalk.errors import CrosswalkError
from crosswalk.pipeline.back import return_outcomes as run_return
from crosswalk.pipeline.running import Summary
from crosswalk.pipeline.work import BATCH, open_work
from crosswalk.platform.clock import ticking
from crosswalk.platform.settings import Settings
from flows.error_codes import hushed, in_codes
from flows.sync_leads import published, run_name


@flow(name="return-outcomes", flow_run_name=run_name, persist_result=False)
def return_outcomes(dry_run: bool = False, batch_size: int = BATCH, as_of: str | None = None) -> dict[str, Any]:
    """Read what sales did in the CRM, and tell marketing; safe to kill and to repeat.

    Args:
        dry_run: show what would happen; change nothing at all.
        batch_size: rows in one transaction, and so in one task.
        as_of: decide as if it were this instant (ISO 8601).
    """
    try:
        with open_work(Settings(), ticking(as_of), dry=dry_run, batch_size=batch_size) as work:
            summary = published(work, lambda each: run_return(work, each))
    except Exception as error:  # noqa: BLE001 -- whatever it is, only its codes are shown
        known = hushed(error)
        return Failed(message=in_codes(known), data=known)  # type: ignore[return-value]  # Prefect takes a state
    name = "Completed with quarantine" if summary.over_threshold else None
    return Completed(name=name, message=said(summary), data=asdict(summary))  # type: ignore[return-value]  # the same


def said(summary: Summary) -> str:
    """Say in a line what came back, and how much of it was told."""
    learned = sum(number for codes in summary.outcomes.values() for number in codes.values())
    moved = sum(one["n"] for one in summary.moves)
    written = [by_outcome for objects in summary.written.values() for by_outcome in objects.values()]
    n_written = sum(one.get("created", 0) + one.get("updated", 0) for one in written)
    verb = "would be told" if summary.dry_run else "told"
    text = f"{learned} outcomes, {moved} moves, {n_written} records {verb}, {summary.quarantined} rows quarantined"
    if summary.conflicts:
        text += f", {sum(one['records'] for one in summary.conflicts)} fields written by both sides"
    if summary.paused:
        text += f"; {', '.join(summary.paused)} paused"
    return text


def main() -> None:
    """Run the flow with the parameters given as a JSON object, and print its summary as one."""
    parameters: dict[str, Any] = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    try:
        summary = return_outcomes(**parameters)
    except CrosswalkError as error:
        sys.exit(in_codes(error))
    json.dump(summary, sys.stdout, default=str)


if __name__ == "__main__":
    main()
