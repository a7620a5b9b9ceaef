"""Commands about what is decided again, and what waits: redecide, waiting."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from crosswalk.cli import output
from crosswalk.cli.instants import instant
from crosswalk.cli.output import JsonFlag, console, print_json, table
from crosswalk.pipeline.redecide import Redecided
from crosswalk.pipeline.redecide import redecide as run_redecide
from crosswalk.pipeline.waiting import waiting as all_waiting
from crosswalk.pipeline.work import open_reading, open_work
from crosswalk.platform.clock import ticking
from crosswalk.platform.settings import Settings
from crosswalk.store.due import Selection

SHOWN = 50
"""So many moves are printed; all of them are in the JSON document."""
AsOf = Annotated[str | None, typer.Option(help="Decide as if it were this instant (ISO 8601).")]


def redecide(
    *,
    since: Annotated[str | None, typer.Option(help="Only leads decided about since then (ISO 8601).")] = None,
    rule: Annotated[str | None, typer.Option(help="Only leads whose last decision or route named this rule.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only leads with this reason, or with an action with it.")] = None,
    lead: Annotated[str | None, typer.Option(help="Only this lead.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Do it; without, it is only shown.")] = False,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Decide stored leads by today's rules: show who would move, or move them. What sales has stays with sales."""
    chosen = Selection(instant(since, "--since"), rule, reason, lead)
    with open_work(Settings(), ticking(as_of), dry=not apply, vendors=False) as work:
        result = run_redecide(work, chosen)
    if as_json:
        print_json(asdict(result))
    else:
        show(result)


def show(result: Redecided) -> None:
    """Print who moves, for people."""
    rows = [
        (move["lead_id"], "\n".join(_change(name, change) for name, change in move["changes"].items()))
        for move in result.moves[:SHOWN]
    ]
    verb = "moved" if result.applied else "would move"
    if rows:
        table(f"{len(result.moves)} of {result.selected} leads {verb}", ("lead", "what changes"), rows)
        table("By what changes", ("column", "leads"), result.counts.items())
    else:
        console.print(f"None of {result.selected} leads {verb}.", highlight=False)
    if len(result.moves) > SHOWN:
        console.print(f"The first {SHOWN} are shown; --json has all of them.", highlight=False)
    if result.with_sales:
        console.print(f"{result.with_sales} more are with sales and stay there.", highlight=False)
    if result.run:
        output.reasons(result.run.reasons)
    if not result.applied:
        console.print("Nothing was changed; add --apply.")
    else:
        console.print("The next crosswalk sync tells the CRM.")


def _change(name: str, change: Mapping[str, Any]) -> str:
    old, new = ("none" if value is None else value for value in (change["old"], change["new"]))
    return f"{name}: {old} -> {new}"


def waiting(*, as_of: AsOf = None, as_json: JsonFlag = False) -> None:
    """Show everything that waits: where, for what, since when, and what would free it."""
    with open_reading(Settings()) as tx:
        found = all_waiting(tx, ticking(as_of)())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    rows = [
        (one.where, one.reason, one.n, f"{one.oldest:%Y-%m-%d}{' overdue' if one.overdue else ''}", one.advice)
        for one in found
    ]
    if rows:
        table(f"{sum(one.n for one in found)} wait", ("where", "reason", "n", "since", "what frees it"), rows)
    else:
        console.print("Nothing waits.")
