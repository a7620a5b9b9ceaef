"""What a run works with: rules, hub, gates, vault and connections, opened once and passed along."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection

from crosswalk.domain.campaigns import DIRECT, HELD
from crosswalk.errors import ConfigError
from crosswalk.pipeline.ahead import Ahead
from crosswalk.platform.catalog import Catalog, load_catalog
from crosswalk.platform.registry import connect_all
from crosswalk.platform.suites import load_suites
from crosswalk.platform.vault import KEY, Vault
from crosswalk.store.hub import Hub
from crosswalk.store.rehearsal import Rehearsal

if TYPE_CHECKING:
    from crosswalk.platform.expectations import Suite
    from crosswalk.platform.gates import Gates
    from crosswalk.platform.settings import Settings
    from crosswalk.ports import Connector


BATCH = 10_000
"""Rows in one transaction by default: what a gate costs is per batch, what a batch costs in memory is per row."""
SIDE_BY_SIDE = 2
"""Batches that the command line delivers at the same time: one is made ready while the target works on another."""


@dataclass
class Work:
    """Everything that one run needs; ``now`` is the instant at which all its decisions are made."""

    settings: Settings
    catalog: Catalog
    suites: Mapping[str, Suite]
    hub: Hub | Rehearsal
    connectors: dict[str, Connector]
    clock: Callable[[], datetime]
    run_id: str = field(default_factory=lambda: str(uuid4()))
    dry: bool = False
    batch_size: int = BATCH
    """Rows read, and actions delivered, in one transaction; a source's page is never split."""
    side_by_side: int = 1
    """How many batches are delivered to one object at the same time."""
    windows: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Rows that the vendor said it had and rows landed, by stream, for the windows opened by this run."""
    gaps: dict[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    """Times of which a stream's vendor no longer tells what happened, as this run found them."""
    followed: set[tuple[str, str]] = field(default_factory=set)
    """Connections and objects of which this run found a lead's record merged into another one, which must be told."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by step, as ``Trail`` adds them up."""
    paused: set[str] = field(default_factory=set)
    """Connections that this run found switched off, and left alone from then on."""
    _owners: dict[str, Mapping[str, str]] = field(default_factory=dict)
    importing: timedelta = timedelta(0)
    """Time spent on loading libraries after the first vendor call; no part of the measured run."""
    first_call_at: datetime | None = None
    last_commit_at: datetime | None = None

    @cached_property
    def ahead(self) -> Ahead:
        """What reads the next batch while this one is decided."""
        return Ahead(self.catalog, self.batch_size)

    def close(self) -> None:
        """Let go of what was begun ahead."""
        if "ahead" in self.__dict__:
            self.ahead.close()

    @cached_property
    def now(self) -> datetime:
        """The instant of this run."""
        return self.clock()

    @cached_property
    def gates(self) -> Gates:
        """The quality gates, opened when the first row needs them.

        Great Expectations takes seconds to import, which a run that finds nothing new should not pay.
        """
        begun = self.clock()
        from crosswalk.platform.gates import Gates as Opened  # noqa: PLC0415 -- see above

        self.importing += self.clock() - begun
        return Opened(self.suites)

    @property
    def gates_used(self) -> bool:
        """Whether any gate has been opened, without opening one."""
        return "gates" in self.__dict__

    def owners_of(self, connection: str) -> Mapping[str, str]:
        """Return who may own records in a target: lower-case e-mail or queue name -> record id; asked once a run."""
        if connection not in self._owners:
            census = self.connector(connection).census
            named = census.users() if census else {}
            self._owners[connection] = {name.lower(): record_id for name, record_id in named.items()}
        return self._owners[connection]

    @cached_property
    def vault(self) -> Vault:
        """What seals payloads; a rehearsal opens those that there are, but makes no key for what it throws away."""
        throw_away = self.dry and not Vault.has_key(self.settings)
        return Vault(os.urandom(KEY)) if throw_away else Vault.from_settings(self.settings)

    def calls(self) -> dict[str, int]:
        """Vendor calls made so far, by connection."""
        return {name: one.calls.made if one.calls else 0 for name, one in self.connectors.items()}

    def connector(self, name: str) -> Connector:
        """Return a connection's connector.

        Raises:
            ConfigError: there is no such connection.
        """
        if name not in self.connectors:
            known = ", ".join(sorted(self.connectors))
            raise ConfigError(f"no connection {name!r} (there are: {known})", file="mappings/connections.yaml")
        return self.connectors[name]

    def landed(self, stream: tuple[str, str], rows: int, expected: int | None) -> None:
        """Count a committed batch; ``expected`` comes with the batch that opened a window."""
        if expected is not None:
            self.windows[stream] = (expected, rows)
        elif stream in self.windows:
            said, before = self.windows[stream]
            self.windows[stream] = (said, before + rows)
        self.committed()

    def committed(self) -> None:
        """Note the time of a commit; the last one ends the measured run."""
        self.last_commit_at = self.clock()


def code_lists(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Return the code lists that a suite may name: those under mappings/codes, the lead types and the channels."""
    lists = {name: tuple(one.codes) for name, one in catalog.codes.items()}
    channels = [rule.channel for rule in catalog.tracking.channels]
    channels += [HELD, DIRECT, *catalog.tracking.utm.click_ids.values()]
    lists["lead_type"] = tuple(kind.code for kind in catalog.lead_types.lead_types)
    lists["channel"] = tuple(dict.fromkeys(channels))
    return lists


@contextmanager
def open_work(
    settings: Settings,
    clock: Callable[[], datetime],
    *,
    dry: bool = False,
    batch_size: int = BATCH,
    side_by_side: int = 1,
    vendors: bool = True,
) -> Iterator[Work]:
    """Open everything for one run and close it afterwards.

    A dry run works on the hub through one transaction that is rolled back at the end. What works on stored rows alone
    needs no ``vendors``, nor their settings, but a hub that there is.

    Raises:
        ConfigErrors: a file under mappings/ or expectations/ is wrong.
        ConfigError: a setting is missing or the database cannot be used.
    """
    catalog = load_catalog(settings.home)
    suites = load_suites(settings.home / "expectations", code_lists(catalog))
    properties = {name: catalog.properties(name) for name in catalog.connections}
    connectors = connect_all(catalog.connections.values(), settings, properties) if vendors else {}
    with ExitStack() as opened:
        hub: Hub | Rehearsal
        if dry:
            hub = opened.enter_context(_rehearsed(settings))
        else:
            hub = opened.enter_context(closing(Hub.open(settings.database, create=vendors)))
        work = Work(settings, catalog, suites, hub, connectors, clock, dry=dry)
        work.batch_size, work.side_by_side = batch_size, side_by_side
        yield opened.enter_context(closing(work))


@contextmanager
def open_reading(settings: Settings) -> Iterator[Connection]:
    """Open the hub to look something up; it is not made if there is none.

    Raises:
        ConfigError: there is no hub database yet, or it cannot be used.
    """
    with closing(Hub.open(settings.database, create=False)) as hub, hub.read() as tx:
        yield tx


@contextmanager
def _rehearsed(settings: Settings) -> Iterator[Rehearsal]:
    """Open the hub for a rehearsal; one that does not exist yet is played by an empty one that is thrown away."""
    with TemporaryDirectory(prefix="crosswalk-") as folder:
        exists = settings.database_url or (settings.state / "hub.db").exists()
        hub = Hub.open(settings.database, create=False) if exists else Hub.open(f"sqlite:///{folder}/hub.db")
        with closing(hub), hub.rehearsal() as rehearsal:
            yield rehearsal
