"""Commands about rows that wait for a person: quarantine list, show, edit, release, discard."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import polars as pl
import typer
from sqlalchemy import Connection

from crosswalk.cli.instants import instant
from crosswalk.cli.output import JsonFlag, console, print_json, table
from crosswalk.errors import ConfigError
from crosswalk.pipeline import release as deciding
from crosswalk.pipeline.work import open_reading, open_work
from crosswalk.platform.actor import actor
from crosswalk.platform.clock import clock
from crosswalk.platform.settings import Settings
from crosswalk.platform.vault import Vault
from crosswalk.store import interventions
from crosswalk.store import quarantine as store
from crosswalk.store.hub import Hub

app = typer.Typer(help="Rows that wait for a person.", no_args_is_help=True)
Row = Annotated[int, typer.Argument(help="id from the list")]
Rows = Annotated[list[int] | None, typer.Argument(help="ids from the list")]
Reason = Annotated[str | None, typer.Option(help="Only this reason code.")]
Step = Annotated[str | None, typer.Option(help="Only this step.")]
Since = Annotated[str | None, typer.Option(help="Only rows since then (ISO 8601).")]
Until = Annotated[str | None, typer.Option(help="Only rows before then (ISO 8601).")]
Why = Annotated[str, typer.Option(help="The reason, kept with your name; no names of patients.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without, it is only shown.")]


@app.command("list")
def listed(
    *,
    reason: Reason = None,
    step: Step = None,
    source: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many rows.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the rows that wait for a person: ids and reasons, never content."""
    with open_reading(Settings()) as tx:
        rows = store.list_open(tx, reason, step, source, limit)
    if as_json:
        print_json(rows)
        return
    columns = ("id", "step", "reason", "source", "external_id", "at")
    table(f"{len(rows)} rows in quarantine", columns, [[row[name] for name in columns] for row in rows])


@app.command("show")
def show(
    row: Row,
    *,
    reveal: Annotated[bool, typer.Option("--reveal", help="Print the row's content, as its source sent it.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show one row of the quarantine: where it failed, why, what it belongs to, and what was decided about it."""
    settings = Settings()
    with open_reading(settings) as tx:
        found = _found(tx, row)
        content = deciding.properties(Vault.from_settings(settings), tx, found) if reveal else {}
        decided = interventions.of_row(tx, row)
    if as_json:
        print_json({**found, "interventions": decided, **({"properties": content} if reveal else {})})
        return
    for name, value in found.items():
        console.print(f"{name:12} {'' if value is None else value}", highlight=False)
    if decided:
        columns = ("at", "action", "field", "actor", "why")
        table("Decided", columns, [[one[name] for name in columns] for one in decided])
    if reveal:
        table("Content", ("property", "value"), [(name, value) for name, value in content.items() if value])


@app.command("edit")
def edit(
    row: Row,
    *,
    set_: Annotated[list[str], typer.Option("--set", help="property=value, as the source names it; may be repeated.")],
    why: Why,
    as_json: JsonFlag = False,
) -> None:
    """Change what the source said in a row; the original is kept, and so is who changed what and why."""
    changes = dict(_pair(one) for one in set_)
    with open_work(Settings(), clock, vendors=False) as work, work.hub.exclusive(), work.hub.begin() as tx:
        fields = deciding.edit(work, tx, _found(tx, row), changes, actor(), _said(why))
    if as_json:
        print_json({"id": row, "changed": fields})
        return
    said = f"changed: {', '.join(fields)}. Let it go on: crosswalk quarantine release {row}" if fields else "as it was"
    console.print(f"Row {row} {said}", highlight=False)


@app.command("release")
def release(
    rows: Rows = None,
    *,
    why: Why,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    waive: Annotated[bool, typer.Option("--waive", help="Let pass what failed, for this content, as it is.")] = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Let rows go on: the next run judges them anew. Rows that only a person had to look at pass."""
    choice = _choice(rows, reason, step, since, until)
    with _to_decide(yes) as tx:
        chosen = deciding.chosen(tx, choice)
        passed = deciding.waived(chosen, waive=waive)
        if yes:
            deciding.release(tx, chosen, passed, actor(), _said(why), clock())
    _tell("released", chosen, as_json, yes, {"waived": passed["id"].to_list()})


@app.command("discard")
def discard(
    rows: Rows = None,
    *,
    why: Why,
    reason: Reason = None,
    step: Step = None,
    since: Since = None,
    until: Until = None,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Give rows up: this content never comes back; what the source sends next does."""
    choice = _choice(rows, reason, step, since, until)
    with _to_decide(yes) as tx:
        chosen = deciding.chosen(tx, choice)
        if yes:
            deciding.discard(tx, chosen, actor(), _said(why), clock())
    _tell("discarded", chosen, as_json, yes, {})


@contextmanager
def _to_decide(yes: bool) -> Iterator[Connection]:
    """Open the hub, to change it while no run is in progress, or only to look."""
    if not yes:
        with open_reading(Settings()) as tx:
            yield tx
        return
    with closing(Hub.open(Settings().database, create=False)) as hub, hub.exclusive(), hub.begin() as tx:
        yield tx


def _found(tx: Connection, row: int) -> dict[str, Any]:
    found = store.show(tx, row)
    if found is None:
        raise ConfigError(f"there is no row {row} in quarantine", key="ROW")
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError("must be property=value", key="--set")
    return name.strip(), value


def _said(why: str) -> str:
    if not why.strip():
        raise ConfigError("say why", key="--why")
    return why.strip()


def _choice(
    rows: list[int] | None, reason: str | None, step: str | None, since: str | None, until: str | None
) -> store.Choice:
    return store.Choice(tuple(rows or ()), reason, step, instant(since, "--since"), instant(until, "--until"))


def _tell(verb: str, chosen: pl.DataFrame, as_json: bool, done: bool, more: dict[str, Any]) -> None:
    counts = Counter(chosen.select("step", "reason").rows())
    ids = chosen["id"].to_list()
    if as_json:
        told = [{"step": step, "reason": reason, "n": n} for (step, reason), n in counts.most_common()]
        print_json({"done": done, "rows": ids, "counts": told, **more})
        return
    title = f"{len(ids)} rows {verb if done else f'would be {verb}'}"
    table(title, ("step", "reason", "rows"), [(*key, n) for key, n in counts.most_common()])
    console.print(f"Rows: {', '.join(map(str, ids))}", highlight=False)
    for name, some in more.items():
        if some:
            console.print(f"{name.capitalize()}, they pass as they are: {', '.join(map(str, some))}", highlight=False)
    if not done:
        console.print("Nothing was changed; add --yes.")
    elif verb == "released":
        console.print("The next crosswalk sync replays them.")
