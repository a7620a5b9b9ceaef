"""What the demo shows: the same tables as the other commands, in the order in which a lead travels."""

from collections.abc import Mapping, Sequence
from typing import Any

from crosswalk.cli import output, returning
from crosswalk.cli.output import console, table
from crosswalk.pipeline.running import Summary

EXPORTED = ("CROSSWALK_", "PREFECT_API_URL", "PREFECT_HOME")
MEANINGS = {
    "BELOW_THRESHOLD": "not far enough yet, back to nurturing",
    "COUNTRY_UNKNOWN": "a postal code from abroad without a country",
    "CRM_AMBIGUOUS": "several open CRM records match",
    "EMAIL_SUGGEST": "a misspelt address, a person confirms it",
    "INTERNAL_RECORD": "own staff",
    "JOB_SEEKER": "looks for work, not for care",
    "MERGED": "the same person as another row",
    "NOT_CONTACTABLE": "neither e-mail nor phone can be used",
    "NO_CONSENT": "nobody may contact them",
    "NO_PERMITTED_CHANNEL": "the channel they allow has no address",
    "OUT_OF_AREA": "lives where no clinic is",
    "PARENT_MISSING": "a Task that waits for its Lead",
    "PAYER_NOT_ACCEPTED": "the plan is not taken",
    "SAFETY_REVIEW": "emergency words: a person looks first",
    "SERVICE_LINE_CLOSED": "nobody can take this service line now",
    "SERVICE_UNKNOWN": "a service line that nobody has mapped",
    "SPAM": "a burst from one address",
    "TEST_RECORD": "a test",
    "TEXT_IDENTIFIERS": "identifiers in free text",
    "UNCHANGED": "known as it is",
    "VENDOR": "wants to sell something",
}


def show(found: Mapping[str, Any]) -> None:
    """Print everything that the demo found out."""
    first, second = found["first"], found["second"]
    made, linked = found["fields"].get("created", 0), found["linked"].values()
    text = (
        f"{made} custom fields made in Salesforce; {sum(one['linked'] for one in linked)} of its records tied to people"
    )
    console.print(f"\n{text}, {sum(one['ambiguous'] for one in linked)} wait for a person to choose\n", highlight=False)
    output.conservation(first["steps"])
    output.written(first["written"], dry_run=False)
    _owners(first["owners"])
    refused = [(one["reason"], one["result"], one["n"], MEANINGS.get(one["reason"], "")) for one in found["refused"]]
    table("Held, quarantined, skipped or rejected, and why", ("reason", "verdict", "units", "in other words"), refused)
    lines = [
        (one["what"], one["expected"], one["actual"], "yes" if one["ok"] else "no") for one in first["reconciliation"]
    ]
    table("Reconciliation", ("counts of", "expected", "found", "equal"), lines)
    _handoff(found["handoff"])
    _second(second)
    console.print("\n[bold]What came back from sales[/]")
    returning.tell(Summary(**found["returned"]))
    console.print()
    _line("First run", f"{first['seconds']:.1f} s, {_calls(first)}; run {first['run_id']}")
    _line("Demo", f"{found['seconds']:.0f} s in all")
    _line("Data Docs", found["data_docs"] or "this folder cannot be written to, so they were not kept")
    _line("Prefect UI", found["prefect_ui"] or "gone with everything else; `crosswalk demo --keep` leaves it up")


def go_on(found: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Print where everything is while it stays up, and what to type to go on by hand."""
    vendors, first = found["vendors"], found["first"]
    _line("This run", f"{found['prefect_ui']}/runs/flow-run/{first['run_id']}")
    _line("HubSpot", f"{vendors['hubspot']['url']}  (what it serves: /_sandbox/)")
    _line("Salesforce", vendors["salesforce"]["url"])
    console.print("\nTo go on by hand, in another terminal:\n", style="bold")
    for name, value in environment.items():
        if name.startswith(EXPORTED):
            console.print(f"export {name}={value}", soft_wrap=True, highlight=False, markup=False)
    console.print("\ncrosswalk doctor\ncrosswalk waiting\ncrosswalk quarantine list\ncrosswalk ledger", highlight=False)
    console.print("crosswalk sync --as-of 2026-11-16T16:00:00Z    # the sandbox's time", highlight=False)
    console.print("\n[bold]Ctrl-C stops and removes everything.[/]")


def _owners(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print a row for each owner and a column for each route."""
    routes = sorted({one["route"] for one in rows}, reverse=True)
    counts: dict[str, dict[str, int]] = {}
    for one in rows:
        counts.setdefault(one["owner_id"], {})[one["route"]] = one["n"]
    listed = [(owner, *(by_route.get(route, 0) for route in routes)) for owner, by_route in counts.items()]
    table("Leads by owner and route", ("who", *routes), listed)


def _handoff(found: Mapping[str, str] | None) -> None:
    if found is None:
        return
    console.print(f"\n[bold]What sales is told, as it stands in the CRM[/]  Lead {found['lead']}", highlight=False)
    console.print(found["subject"], style="cyan", markup=False, highlight=False)
    console.print(found["description"], markup=False, highlight=False)


def _second(summary: Mapping[str, Any]) -> None:
    written = sum(
        n
        for objects in summary["written"].values()
        for outcomes in objects.values()
        for outcome, n in outcomes.items()
        if outcome in ("created", "updated")
    )
    text = f"{written} records written, {_calls(summary)}, {summary['seconds']:.1f} s"
    console.print(f"\n[bold]The second run:[/] {text}", highlight=False)


def _calls(summary: Mapping[str, Any]) -> str:
    return ", ".join(f"{n} calls to {name}" for name, n in summary["api_calls"].items())


def _line(name: str, text: str) -> None:
    console.print(f"[bold]{name:<11}[/] {text}", soft_wrap=True, highlight=False)
