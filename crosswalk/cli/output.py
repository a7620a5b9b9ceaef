"""How the command line shows things: Rich for people, one JSON document on stdout for programs."""

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from crosswalk.errors import ConfigErrors, CrosswalkError, TerminalError, TransientError

WIDE, NARROW = 100, 80
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE)  # a log has no edge
problems = Console(stderr=True)


def print_json(document: Any) -> None:
    """Print one JSON document."""
    json.dump(document, sys.stdout, default=str, ensure_ascii=False)
    sys.stdout.write("\n")


def fail(error: CrosswalkError) -> None:
    """Say on stderr what went wrong, one line for each problem."""
    several = error.problems if isinstance(error, ConfigErrors) else [error]
    for one in several:
        kind = type(one).__name__ + (f" {one.code}:" if isinstance(one, TerminalError) else "")
        problems.print(f"[bold red]{kind}[/] {_plain(str(one))}", soft_wrap=True, highlight=False)
    if isinstance(error, TransientError) and error.delay:
        problems.print(f"Try again in {error.delay:.0f} seconds.")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table; numbers are set to the right, words that do not fit are folded, never cut."""
    narrow = console.width < NARROW
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="dim", pad_edge=not narrow)
    if narrow:
        shown.box = box.SIMPLE_HEAD
        shown.show_edge = False
    listed = [[_cell(value) for value in row] for row in rows]
    for index, name in enumerate(columns):
        numeric = bool(listed) and all(row[index].replace(".", "").isdigit() or not row[index] for row in listed)
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in listed:
        shown.add_row(*row)
    console.print(shown)


def _cell(value: Any) -> str:
    return "" if value is None else _plain(str(value))


COUNTS = ("in", "passed", "quarantined", "held", "skipped", "rejected", "emitted")


SHORT = ("in", "pass", "quar", "held", "skip", "rej", "emit")


def conservation(steps: Sequence[Mapping[str, Any]]) -> None:
    """Print what entered every step and how it left it; with short heads where the terminal is narrow."""
    title = "Conservation: what entered each step and how it left"
    if console.width < WIDE - 2:
        table(title, ("step", *SHORT), [[step["step"], *(step[name] for name in COUNTS)] for step in steps])
        return
    rows = [[step["step"], step["unit"], *(step[name] for name in COUNTS)] for step in steps]
    table(title, ("step", "unit", *COUNTS), rows)


def written(counts: Mapping[str, Mapping[str, Mapping[str, int]]], *, dry_run: bool) -> None:
    """Print what was written to each target."""
    outcomes = ("created", "updated", "unchanged", "failed")
    rows = [
        [target, name, *(by_outcome.get(outcome, 0) for outcome in outcomes)]
        for target, objects in counts.items()
        for name, by_outcome in objects.items()
    ]
    if rows:
        table("Would be written" if dry_run else "Written", ("target", "object", *outcomes), rows)


def reasons(counts: Mapping[str, int]) -> None:
    """Print why units did not go on, most frequent first."""
    if counts:
        table("Not passed on, by reason", ("reason", "units"), counts.items())
