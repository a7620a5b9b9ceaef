"""Pausing: the switch of one connection, read by every run before its next batch (GOV-09).

A run that finds a connection paused leaves the rest of its streams and objects for another run and ends normally.
Nothing is lost: what was read is committed, the cursor stands behind it, and what is to be written stays in the outbox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crosswalk.errors import ConfigError
from crosswalk.pipeline.running import Each
from crosswalk.pipeline.work import Work
from crosswalk.platform.catalog import Catalog
from crosswalk.store import pauses, runs


@dataclass(frozen=True)
class State:
    """A connection as ``crosswalk connections`` lists it; the times are null where it is on, or was never run."""

    name: str
    system: str
    side: str
    ceiling: int
    paused_since: datetime | None
    paused_by: str | None
    why: str | None
    last_success: datetime | None


def paused(work: Work, connection: str) -> bool:
    """Return whether a connection is switched off now, and note it for the run's summary."""
    with work.hub.read() as tx:
        standing = pauses.is_standing(tx, connection)
    if standing:
        work.paused.add(connection)
    return standing


def obeying(work: Work, each: Each) -> Each:
    """Return the hook with which batches are run, for which a stream or object of a paused connection has no more.

    A batch's label says what is done, with which connection, and what of it.
    """

    def unless_paused(label: str, batch: Callable[[], bool]) -> bool:
        connection = label.split()[1]
        return not paused(work, connection) and each(label, batch)

    return unless_paused


def known(catalog: Catalog, name: str) -> str:
    """Return the name of a connection that there is.

    Raises:
        ConfigError: there is none of that name; says which there are.
    """
    if name not in catalog.connections:
        there = ", ".join(sorted(catalog.connections))
        raise ConfigError(f"no connection {name!r} (there are: {there})", file="mappings/connections.yaml", key="NAME")
    return name


def connections(tx: Connection, catalog: Catalog) -> list[State]:
    """Return every connection with its switch, and when a run that had to do with it last went well."""
    off: dict[str, dict[str, Any]] = {one["connection"]: one for one in pauses.standing(tx)}
    succeeded = runs.last_success(tx)
    return [
        State(
            name,
            one.system,
            one.side,
            one.ceiling,
            off.get(name, {}).get("at"),
            off.get(name, {}).get("actor"),
            off.get(name, {}).get("why"),
            succeeded.get(name),
        )
        for name, one in catalog.connections.items()
    ]
