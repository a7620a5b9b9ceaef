"""Commands for who sets the hub up and owns its rules: init, check, doctor, setup, link."""

import shutil
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from crosswalk.cli.output import JsonFlag, console, print_json, table
from crosswalk.errors import ConfigError, ConfigErrors
from crosswalk.pipeline.doctor import examine
from crosswalk.pipeline.link import link as link_records
from crosswalk.pipeline.setup import set_up
from crosswalk.pipeline.work import code_lists, open_work
from crosswalk.platform import examples
from crosswalk.platform.catalog import load_catalog
from crosswalk.platform.clock import clock
from crosswalk.platform.settings import CHECKOUT, Settings
from crosswalk.platform.suites import load_suites

OWNED = ("mappings", "expectations")


def init(
    directory: Annotated[Path, typer.Argument(help="folder to start from; must not hold mappings yet")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Make a folder with mappings and expectations of your own to start from."""
    for name in OWNED:
        if (directory / name).exists():
            raise ConfigError(f"exists already; choose another folder than {directory}", file=directory / name)
    directory.mkdir(parents=True, exist_ok=True)
    for name in OWNED:
        shutil.copytree(CHECKOUT / name, directory / name)
    shutil.copyfile(CHECKOUT / ".env.example", directory / ".env.example")
    files = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
    if as_json:
        print_json({"directory": str(directory.resolve()), "files": files})
        return
    console.print(f"{len(files)} files in {directory}. Next:")
    console.print(f"  export CROSSWALK_HOME={directory.resolve()}", soft_wrap=True, highlight=False)
    console.print("  crosswalk check      # after every change of a file")
    console.print("  crosswalk doctor     # settings, database, vendors")


def check(*, as_json: JsonFlag = False) -> None:
    """Check mappings and expectations: schema, names across files, and the examples inside the field mappings."""
    settings = Settings()
    problems: list[ConfigError] = []
    n_examples = 0
    try:
        catalog = load_catalog(settings.home)
    except ConfigErrors as errors:
        problems = errors.problems
    else:
        n_examples = sum(len(one.examples) for one in catalog.sources.values())
        problems = list(examples.failures(catalog))
        try:
            load_suites(settings.home / "expectations", code_lists(catalog))
        except ConfigErrors as errors:
            problems += errors.problems
        except ConfigError as error:
            problems.append(error)
    if as_json:
        keys = ("file", "line", "key", "message")
        found = [{name: getattr(one, name) for name in keys} for one in problems]
        print_json({"ok": not problems, "examples": n_examples, "problems": found})
    if problems:
        raise typer.Exit(2) if as_json else ConfigErrors(problems)
    if not as_json:
        console.print(f"All files are well; {n_examples} examples hold.")


def doctor(*, as_json: JsonFlag = False) -> None:
    """Ask whether everything is in place: settings, database, vendors, permissions, approval policy."""
    lines = list(examine(Settings(), clock))
    if as_json:
        print_json({"ok": all(one.ok for one in lines), "checks": [asdict(one) for one in lines]})
    else:
        for one in lines:
            mark = "[green]well[/]" if one.ok else "[red]look[/]"
            console.print(f"{mark}  {one.subject}" + (f": {one.advice}" if one.advice else ""), highlight=False)
    if not all(one.ok for one in lines):
        raise typer.Exit(1)


def setup(
    *,
    check_only: Annotated[bool, typer.Option("--check", help="Only look, create nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Check the targets' fields and create what is missing; print what only an admin can do."""
    with open_work(Settings(), clock) as work:
        reports = set_up(work, create=not check_only)
    counts = Counter(one.state for one in reports)
    left = [one for one in reports if one.state in ("missing", "different")]
    if as_json:
        listed = [
            {"object": one.spec.object, "field": one.spec.name, "state": one.state, "advice": one.advice}
            for one in reports
        ]
        print_json({"ok": not left, "counts": counts, "fields": listed})
    else:
        console.print(", ".join(f"{n} {state}" for state, n in sorted(counts.items())))
        if left:
            rows = [(f"{one.spec.object}.{one.spec.name}", one.state, one.advice) for one in left]
            table("An admin must do", ("field", "state", "what to do"), rows)
    if left:
        raise typer.Exit(1)


def link(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan, store nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Tie the CRM's existing Leads and Contacts to people, by exact keys; writes nothing to the CRM."""
    with open_work(Settings(), clock) as work:
        result = link_records(work, apply=not dry_run)
    document: dict[str, Any] = {"dry_run": dry_run, **asdict(result)}
    if as_json:
        print_json(document)
        return
    rows = [(name, *counts.values()) for name, counts in result.counts.items()]
    table("Would be linked" if dry_run else "Linked", ("object", "linked", "ambiguous", "closed", "no key"), rows)
    if result.ambiguous:
        rows = [(one["object"], one["record_id"], one["shares"]) for one in result.ambiguous]
        table("Ambiguous: several open records share a key; a person must choose", ("object", "record", "with"), rows)
