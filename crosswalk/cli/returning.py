"""The command for the way back: ``crosswalk return-outcomes``."""

from typing import Annotated

import typer

from crosswalk.cli import output, runs
from crosswalk.cli.output import JsonFlag, console, print_json, table
from crosswalk.pipeline.back import return_outcomes as run_return
from crosswalk.pipeline.running import Summary
from crosswalk.pipeline.work import BATCH, SIDE_BY_SIDE, open_work
from crosswalk.platform.clock import ticking
from crosswalk.platform.settings import Settings


def return_outcomes(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing at all.")] = False,
    as_of: Annotated[str | None, typer.Option(help="Decide as if it were this instant (ISO 8601).")] = None,
    batch_size: Annotated[int, typer.Option(min=1, help="Rows in one transaction.")] = BATCH,
    as_json: JsonFlag = False,
) -> None:
    """Read what sales did in the CRM, and tell marketing; safe to kill and to repeat."""
    with open_work(Settings(), ticking(as_of), dry=dry_run, batch_size=batch_size, side_by_side=SIDE_BY_SIDE) as work:
        summary = run_return(work)
    if as_json:
        print_json(runs.document(summary))
    else:
        show(summary)
    if summary.over_threshold:
        raise typer.Exit(runs.OVER_THRESHOLD)


def show(summary: Summary) -> None:
    """Print what came back, what of it waits for a person, what marketing was told, and what it cost."""
    tell(summary)
    runs.ending(summary)


def tell(summary: Summary) -> None:
    """Print what came back, what of it waits for a person, and what marketing was told."""
    moves = [(one["old"], one["new"], one["n"]) for one in summary.moves]
    if moves:
        table("Leads that moved", ("from", "to", "moves"), moves)
    said = [(kind, code, number) for kind, codes in summary.outcomes.items() for code, number in codes.items()]
    if said:
        table("What sales said", ("kind", "outcome", "records"), said)
    if summary.meetings.get("events"):
        ends = ", ".join(f"{number} {code}" for code, number in summary.meetings["by_outcome"].items())
        events, chains = summary.meetings["events"], summary.meetings["chains"]
        console.print(f"Meetings: {chains} in {events} calendar entries ({ends}).", highlight=False)
    if summary.conflicts:
        columns = ("system", "object", "field", "winner", "records")
        table("Fields that both sides wrote", columns, [[one[name] for name in columns] for one in summary.conflicts])
    if not (moves or said):
        console.print("Sales has done nothing new.")
    output.written(summary.written, dry_run=summary.dry_run)
    output.reasons(summary.reasons)
    waiting = [(name, state, number) for name, states in summary.waiting.items() for state, number in states.items()]
    if waiting:
        table("Still to be written", ("target", "state", "actions"), waiting)
    if summary.quarantined:
        console.print(f"{summary.quarantined} rows wait for a person: crosswalk quarantine list", highlight=False)
