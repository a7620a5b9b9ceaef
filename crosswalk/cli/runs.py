"""Commands for who runs the hub: sync, ledger."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from crosswalk.cli import output
from crosswalk.cli.output import JsonFlag, console, print_json, table
from crosswalk.errors import ConfigError
from crosswalk.pipeline.sync import Summary
from crosswalk.pipeline.sync import sync as run_sync
from crosswalk.pipeline.work import BATCH, SIDE_BY_SIDE, open_reading, open_work
from crosswalk.platform.clock import ticking
from crosswalk.platform.settings import Settings
from crosswalk.store import ledger as ledger_store
from crosswalk.store import runs

OVER_THRESHOLD = 3


def sync(
    *,
    source: Annotated[str | None, typer.Option(help="Read only this connection.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing at all.")] = False,
    as_of: Annotated[str | None, typer.Option(help="Decide as if it were this instant (ISO 8601).")] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Rows in one transaction.")] = BATCH,
    as_json: JsonFlag = False,
) -> None:
    """Read the sources, decide, and write to the CRM; safe to kill and to repeat."""
    with open_work(Settings(), ticking(as_of), dry=dry_run, batch_size=batch_size, side_by_side=SIDE_BY_SIDE) as work:
        summary = run_sync(work, source)
    if as_json:
        print_json(document(summary))
    else:
        show(summary)
    if summary.over_threshold:
        raise typer.Exit(OVER_THRESHOLD)


def document(summary: Summary) -> dict[str, Any]:
    """The summary as the JSON contract names it."""
    return asdict(summary)


def show(summary: Summary) -> None:
    """Print a summary for people."""
    output.conservation(summary.steps)
    output.written(summary.written, dry_run=summary.dry_run)
    output.reasons(summary.reasons)
    ending(summary)


def ending(summary: Summary) -> None:
    """Print what every run ends with: counts that differ, expectations not met, calls and seconds."""
    for line in summary.reconciliation:
        if not line["ok"]:
            console.print(
                f"[yellow]counts differ[/]  {line['what']}: expected {line['expected']}, got {line['actual']}"
            )
    for name in summary.paused:
        console.print(f"[yellow]paused[/]  {name} was left alone; switch it on again: crosswalk resume {name}")
    unmet = [
        (one["gate"], one["expectation"], one["severity"], one["failed"], one["total"])
        for one in summary.gates
        if not one["met"]
    ]
    if unmet:
        table("Expectations not met", ("gate", "expectation", "severity", "failed", "of"), unmet)
    calls = ", ".join(f"{n} calls to {name}" for name, n in summary.api_calls.items())
    console.print(f"Run {summary.run_id}: {summary.seconds:.1f} s, {calls}.", highlight=False)
    if summary.data_docs:
        console.print(f"Data Docs: {summary.data_docs}", highlight=False, soft_wrap=True)
    if summary.over_threshold:
        console.print(
            f"[yellow]{summary.quarantine_share:.1%} of the rows are in quarantine[/]: crosswalk quarantine list"
        )


def ledger(
    run: Annotated[str | None, typer.Argument(help="run id; the latest by default")] = None,
    *,
    as_json: JsonFlag = False,
) -> None:
    """Show what entered each step of a run and how it left."""
    with open_reading(Settings()) as tx:
        found = runs.get(tx, run)
        if found is None:
            raise ConfigError("there is no such run" if run else "there has been no run yet", key="RUN")
        steps = ledger_store.steps(tx, found["run_id"])
        reasons = ledger_store.reasons(tx, found["run_id"])
    if as_json:
        print_json({**found, "steps": steps, "reasons": reasons})
        return
    console.print(f"Run {found['run_id']}, {found['state']}, {found['started_at']:%Y-%m-%d %H:%M} UTC", highlight=False)
    output.conservation(steps)
    output.reasons(reasons)
