"""``crosswalk demo``: the main job on local vendors, from nothing, with nothing left running."""

import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from crosswalk.cli import demo_report
from crosswalk.cli.demo_stage import (
    Stage,
    ask_sandbox,
    await_prefect,
    begin_prefect,
    run_flow,
    staged,
    start_sandbox,
    tell_sandbox,
)
from crosswalk.cli.output import JsonFlag, console, print_json
from crosswalk.errors import TerminalError
from crosswalk.pipeline.doctor import examine
from crosswalk.pipeline.link import link
from crosswalk.pipeline.setup import set_up
from crosswalk.pipeline.work import open_reading, open_work
from crosswalk.platform.clock import ticking
from crosswalk.platform.settings import Settings
from crosswalk.store import ledger

KEPT = Path(".crosswalk") / "demo" / "data-docs"
TWO_DAYS = 172_800
"""Seconds that the sandbox's clock goes on before sales are at work."""


def demo(
    *,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything up until Ctrl-C.")] = False,
    contacts: Annotated[int, typer.Option(min=1, help="Contacts in the local HubSpot.")] = 2600,
    as_json: JsonFlag = False,
) -> None:
    """Run the whole road once on a local HubSpot and Salesforce and show it; nothing is left running.

    Your own hub, settings and organisations are not touched: everything happens in a temporary folder.
    """
    docs_go_to = Path.cwd() / KEPT
    began = time.monotonic()
    with staged() as stage:
        found = _play(stage, contacts, quiet=as_json)
        if not keep:
            found["data_docs"] = _keep_docs(found["data_docs"], docs_go_to)
            found["prefect_ui"] = None
        found["seconds"] = round(time.monotonic() - began, 1)
        if as_json:
            print_json(found)
        else:
            demo_report.show(found)
        if keep:
            _wait(stage, found, quiet=as_json)
    if found["second"]["written"]:
        raise TerminalError("the second run wrote something, and nothing was new", code="NOT_IDEMPOTENT")


def _play(stage: Stage, contacts: int, *, quiet: bool) -> dict[str, Any]:
    """Start everything, run twice, and return what came of it."""
    found: dict[str, Any] = {"contacts": contacts}
    with _telling(stage, f"Starting a local HubSpot and Salesforce with {contacts} contacts", quiet=quiet):
        ui = begin_prefect(stage)  # takes the longest; meanwhile the rest goes on
        vendors = start_sandbox(stage, contacts)
    found |= {"prefect_ui": ui, "vendors": vendors}
    with _telling(stage, "Preparing them: custom fields, links to the records that the CRM has", quiet=quiet):
        now = ask_sandbox(vendors, "clock")["now"]
        found |= _prepare(now)
    with _telling(stage, "Starting a Prefect server", quiet=quiet):
        await_prefect(stage, ui)
    with _telling(stage, f"Running the flow sync-leads, to be watched at {ui}", quiet=quiet):
        found["first"] = run_flow(stage, "sync_leads", {"as_of": now})
    with _telling(stage, "Running it again: nothing is new, so nothing may be written", quiet=quiet):
        found["second"] = run_flow(stage, "sync_leads", {"as_of": ask_sandbox(vendors, "clock")["now"]})
    with _telling(stage, "Two days later, sales have called, met, qualified and closed some of them", quiet=quiet):
        tell_sandbox(vendors, "clock", {"advance_seconds": TWO_DAYS})
        found["sales"] = tell_sandbox(vendors, "work", {"seed": 1, "share": 0.7, "steps": 8})
    with _telling(stage, "Running the flow return-outcomes: what sales did goes back to HubSpot", quiet=quiet):
        found["returned"] = run_flow(stage, "return_outcomes", {"as_of": ask_sandbox(vendors, "clock")["now"]})
    found["refused"] = _refused(found["first"]["run_id"])
    found["handoff"] = _handoff(vendors)
    found["data_docs"] = found["first"]["data_docs"]
    return found


def _prepare(now: str) -> dict[str, Any]:
    """Do what ``crosswalk setup``, ``link`` and ``doctor`` do."""
    clock = ticking(now)
    with open_work(Settings(), clock) as work:
        fields = Counter(one.state for one in set_up(work))
        linked = link(work)
    ill = [one for one in examine(Settings(), clock) if not one.ok]
    if ill:
        raise TerminalError("; ".join(f"{one.subject}: {one.advice}" for one in ill), code="DEMO_BROKEN")
    return {"fields": dict(fields), "linked": asdict(linked)["counts"]}


def _refused(run_id: str) -> list[dict[str, Any]]:
    """Read from the hub what the run did not pass on."""
    with open_reading(Settings()) as tx:
        return ledger.refusals(tx, run_id)


def _handoff(vendors: dict[str, Any]) -> dict[str, str] | None:
    """Read one Task back from the CRM: what sales is told, and that it does not tell who the person is."""
    query: dict[str, str | int] = {"system": "salesforce", "limit": 100_000}
    tasks = ask_sandbox(vendors, "inspect", object="Task", **query)["records"]
    leads = {one["Id"]: one for one in ask_sandbox(vendors, "inspect", object="Lead", **query)["records"]}
    ours = [one for one in tasks if one.get("Crosswalk_Id__c") and one.get("WhoId") in leads]
    for one in sorted(ours, key=lambda task: task.get("Priority") != "High"):
        text, lead = str(one.get("Description") or ""), leads[one["WhoId"]]
        personal = [str(lead.get(name) or "") for name in ("FirstName", "LastName", "Email", "Phone")]
        if text and not any(value and value.lower() in text.lower() for value in personal):
            return {"subject": str(one.get("Subject")), "description": text, "lead": str(lead["Id"])}
    return None


def _keep_docs(index: str | None, folder: Path) -> str | None:
    """Copy the Data Docs to where they outlive the demo; returns the new index, None if it cannot be written."""
    if index is None:
        return None
    try:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(Path(index).parent, folder)
    except OSError:
        return None
    return str(folder / Path(index).name)


def _wait(stage: Stage, found: dict[str, Any], *, quiet: bool) -> None:
    """Stay until Ctrl-C, or until something that we started has ended by itself."""
    try:  # whoever reads that Ctrl-C stops it may type it at once
        if not quiet:
            demo_report.go_on(found, stage.environment)
        while not (gone := stage.dead()):
            time.sleep(0.5)
    except KeyboardInterrupt:
        return
    raise stage.broken(gone, "has ended")


@contextmanager
def _telling(stage: Stage, what: str, *, quiet: bool) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    began = time.monotonic()
    if quiet:
        yield
        stage.heed()
        return
    with console.status(what):
        yield
    stage.heed()
    console.print(f"[green]done[/]  {what} [dim]({time.monotonic() - began:.0f} s)[/]", highlight=False)
