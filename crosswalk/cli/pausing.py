"""Commands that switch connections off and on: pause, resume, connections (GOV-09)."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from crosswalk.cli.output import JsonFlag, console, print_json, table
from crosswalk.pipeline import pausing
from crosswalk.pipeline.work import open_reading
from crosswalk.platform.actor import actor
from crosswalk.platform.catalog import load_catalog
from crosswalk.platform.clock import clock
from crosswalk.platform.settings import Settings
from crosswalk.store import pauses
from crosswalk.store.hub import Hub

Name = Annotated[str, typer.Argument(help="name of the connection, as in mappings/connections.yaml")]


def pause(
    name: Name,
    *,
    why: Annotated[str | None, typer.Option(help="What the others should know; no names of patients.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Switch a connection off; a run in progress stops using it before its next batch. Nothing is lost."""
    settings = Settings()
    connection = pausing.known(load_catalog(settings.home), name)
    with closing(Hub.open(settings.database, create=False)) as hub, hub.begin() as tx:
        changed = pauses.begin(tx, connection, actor(), why, clock())
    if as_json:
        print_json({"connection": connection, "paused": True, "changed": changed})
        return
    said = "is paused from the next batch on" if changed else "was paused already"
    console.print(f"{connection} {said}. Switch it on again: crosswalk resume {connection}", highlight=False)


def resume(name: Name, *, as_json: JsonFlag = False) -> None:
    """Switch a connection on again; the next run goes on where the last one left."""
    settings = Settings()
    connection = pausing.known(load_catalog(settings.home), name)
    with closing(Hub.open(settings.database, create=False)) as hub, hub.begin() as tx:
        changed = pauses.end(tx, connection, actor(), clock())
    if as_json:
        print_json({"connection": connection, "paused": False, "changed": changed})
        return
    console.print(f"{connection} {'is on again' if changed else 'was on already'}.", highlight=False)


def connections(*, as_json: JsonFlag = False) -> None:
    """List the connections: what each may see, whether it is paused, and when it last went well."""
    settings = Settings()
    catalog = load_catalog(settings.home)
    with open_reading(settings) as tx:
        states = pausing.connections(tx, catalog)
    if as_json:
        print_json([asdict(one) for one in states])
        return
    columns = ("name", "system", "side", "ceiling", "state", "last success")
    rows = [
        (
            *(one.name, one.system, one.side, f"class {one.ceiling}"),
            *("paused" if one.paused_since else "on", _moment(one.last_success)),
        )
        for one in states
    ]
    table("Connections (times in UTC)", columns, rows)
    for one in states:
        if one.paused_since:
            why = f": {one.why}" if one.why else ""
            text = f"{one.name} is paused since {_moment(one.paused_since)} by {one.paused_by}{why}"
            console.print(text, highlight=False, markup=False)


def _moment(at: object) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M}"
