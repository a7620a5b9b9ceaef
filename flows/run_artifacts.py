"""What a run leaves in the Prefect UI: tables of counts and codes, never a name or an address of a person."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from prefect.artifacts import create_markdown_artifact

from crosswalk.pipeline.running import Summary
from crosswalk.pipeline.work import Work
from crosswalk.store import ledger, quarantine

COUNTS = ("in", "passed", "quarantined", "held", "skipped", "rejected", "emitted")
OUTCOMES = ("created", "updated", "unchanged", "failed")
DESCRIPTIONS = {
    "conservation": "What entered and left each step",
    "written": "Records written, by target",
    "quarantine": "Rows that wait for a person",
    "not-passed-on": "Why units did not go on",
    "gates": "Expectations, unmet ones first",
    "reconciliation": "Do source, hub and CRM agree?",
    "owners": "Leads by owner and route",
    "paused": "Connections that were left alone",
    "moves": "Leads that sales moved on",
    "outcomes": "What sales said of leads",
}


def publish(work: Work, summary: Summary) -> None:
    """Write the artifacts of a finished run; those without a row are left out, but for the first two."""
    run = f"Run `{summary.run_id}`" + (", a dry run: nothing was changed" if summary.dry_run else "")
    conservation(summary.steps, run)
    rows = [
        (target, name, *(by_outcome.get(outcome, 0) for outcome in OUTCOMES))
        for target, objects in summary.written.items()
        for name, by_outcome in objects.items()
    ]
    show("written", "Would be written" if summary.dry_run else "Written", ("target", "object", *OUTCOMES), rows, run)
    if summary.paused:
        text = f"{run}. Switched off by a person: nothing is lost, the next run after `crosswalk resume` goes on."
        show("paused", "Paused", ("connection",), [(name,) for name in summary.paused], text)
    returned(summary, run)
    refused(work, run)
    gates(summary, run)
    lines = [
        (one["what"], one["expected"], one["actual"], "yes" if one["ok"] else "**no**")
        for one in summary.reconciliation
    ]
    show("reconciliation", "Reconciliation", ("counts of", "expected", "found", "equal"), lines, run)
    owners = [(one["owner_id"], one["owner_kind"], one["route"], one["n"]) for one in summary.owners]
    if owners:
        show("owners", "Leads by owner and route", ("owner", "kind", "route", "leads"), owners, run)


def returned(summary: Summary, run: str) -> None:
    """What came back from sales: how leads moved, and what was said of them; nothing of it without outcomes."""
    moves = [(one["old"], one["new"], one["n"]) for one in summary.moves]
    if moves:
        show("moves", "Leads that moved", ("from", "to", "moves"), moves, run)
    said = [(kind, code, number) for kind, codes in summary.outcomes.items() for code, number in codes.items()]
    if said:
        events, chains = summary.meetings["events"], summary.meetings["chains"]
        text = f"{run}. Meetings: {chains} in {events} calendar entries." if events else run
        show("outcomes", "What sales said", ("kind", "outcome", "records"), said, text)


def publish_failed(work: Work) -> None:
    """Write what a failed run had done by then."""
    with work.hub.read() as tx:
        steps = ledger.steps(tx, work.run_id)
    if steps:
        run = f"Run `{work.run_id}`, failed: what was committed by then"
        conservation(steps, run)
        refused(work, run)


def conservation(steps: Sequence[Mapping[str, Any]], run: str) -> None:
    """What entered every step and how it left it."""
    rows = [(one["step"], one["unit"], *(one[name] for name in COUNTS)) for one in steps]
    show("conservation", "Conservation", ("step", "unit", *COUNTS), rows, run)


def refused(work: Work, run: str) -> None:
    """What did not go on, and how much of it waits in quarantine."""
    with work.hub.read() as tx:
        waiting = quarantine.counts(tx, work.run_id)
        rows = [(one["reason"], one["result"], one["step"], one["n"]) for one in ledger.refusals(tx, work.run_id)]
    if waiting:
        show("quarantine", "In quarantine", ("reason", "rows"), waiting.items(), run)
    if rows:
        show("not-passed-on", "Not passed on", ("reason", "verdict", "at step", "units"), rows, run)


def gates(summary: Summary, run: str) -> None:
    """Every expectation that was checked, those not met first, and where its report is."""
    if not summary.gates:
        return
    found = sorted(summary.gates, key=lambda one: bool(one["met"]))
    rows = [
        (
            one["gate"],
            one["expectation"],
            one["severity"],
            one["failed"],
            one["total"],
            "yes" if one["met"] else "**no**",
        )
        for one in found
    ]
    unmet = sum(not one["met"] for one in found)
    text = f"{run}. {unmet} of {len(found)} expectations not met."
    if summary.data_docs:
        text += f" [Data Docs]({Path(summary.data_docs).as_uri()}): `{summary.data_docs}`"
    show("gates", "Gates", ("gate", "expectation", "severity", "failed", "of", "met"), rows, text)


def show(key: str, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], text: str) -> None:
    """Write one table."""
    listed = [*rows]
    numeric = [bool(listed) and all(isinstance(row[place], int) for row in listed) for place in range(len(columns))]
    lines = [_line(columns), _line("---:" if one else "---" for one in numeric), *map(_line, listed)]
    body = "\n".join(lines) if listed else "Nothing."
    create_markdown_artifact(key=key, markdown=f"## {title}\n\n{text}\n\n{body}\n", description=DESCRIPTIONS[key])


def _line(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"
