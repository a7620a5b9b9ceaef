"""The command that gives up properties which a source no longer has: accept-missing (TRK-05)."""

from contextlib import closing
from typing import Annotated

import typer

from crosswalk.cli.output import JsonFlag, console, print_json
from crosswalk.errors import ConfigError
from crosswalk.pipeline import pausing
from crosswalk.platform.actor import actor
from crosswalk.platform.catalog import load_catalog
from crosswalk.platform.clock import clock
from crosswalk.platform.settings import Settings
from crosswalk.store import stream_properties
from crosswalk.store.hub import Hub


def accept_missing(
    connection: Annotated[str, typer.Argument(help="name of the connection, as in mappings/connections.yaml")],
    stream: Annotated[str, typer.Argument(help="name of its stream")],
    properties: Annotated[list[str], typer.Argument(help="properties that are gone and may be read as empty")],
    *,
    as_json: JsonFlag = False,
) -> None:
    """Let a stream go on without properties that it had, read as empty from the next run on, until they are back."""
    settings = Settings()
    name = pausing.known(load_catalog(settings.home), connection)
    with closing(Hub.open(settings.database, create=False)) as hub, hub.begin() as tx:
        had = stream_properties.had(tx, name, stream)
        if unknown := sorted({*properties} - had):
            there = ", ".join(sorted(had)) or "none"
            raise ConfigError(f"{name} {stream} was not seen to have {', '.join(unknown)} (it had: {there})")
        stream_properties.give_up(tx, name, stream, properties, actor(), clock())
    if as_json:
        print_json({"connection": name, "stream": stream, "accepted": properties})
        return
    console.print(f"{name} {stream} goes on without {', '.join(properties)}, read as empty.", highlight=False)
