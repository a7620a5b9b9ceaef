"""The hub database: opening, transactions, and one run at a time."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from crosswalk.errors import ConfigError
from crosswalk.store.faults import fault
from crosswalk.store.locks import advisory_lock, file_lock
from crosswalk.store.rehearsal import Rehearsal
from crosswalk.store.upgrade import HEAD, migrate, revision

SETTING = "CROSSWALK_DATABASE_URL"
PRAGMAS = (
    "busy_timeout = 30000",  # milliseconds; first, since the others may have to wait
    "page_size = 8192",  # of a new file; payloads are about a kilobyte
    "journal_mode = WAL",
    "synchronous = NORMAL",  # a killed process loses nothing; a power cut may undo the last commits, never half of one
    "foreign_keys = ON",
    "recursive_triggers = ON",  # INSERT OR REPLACE deletes: the triggers must see it
    "temp_store = MEMORY",
    "cache_size = -65536",
)
POSTGRES: dict[str, Any] = {
    "pool_pre_ping": True,
    "connect_args": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "application_name": "crosswalk",
    },
}


class Hub:
    """An open hub database. Use ``Hub.open``; close it when done."""

    def __init__(self, engine: Engine) -> None:
        """Take an engine whose database is known to be in shape."""
        self._engine = engine
        self._writer = engine.execution_options(crosswalk_write=True)

    @classmethod
    def open(cls, url: str, create: bool = True) -> Self:
        """Open a hub database and bring it up to date.

        Args:
            url: SQLAlchemy URL of a SQLite file or a PostgreSQL database.
            create: Make the folder, the file and the tables if there are none yet.

        Raises:
            ConfigError: the URL is of no use, the database cannot be reached, is absent (without ``create``) or
                newer than this code.
        """
        parsed = _parsed(url)
        if parsed.get_backend_name() == "sqlite":
            engine = _sqlite(parsed, create)
        else:
            engine = create_engine(parsed, hide_parameters=True, **POSTGRES)
        hub = cls(engine)
        try:
            hub._prepare(create)
        except DBAPIError as error:
            hub.close()
            raise ConfigError(
                f"the hub database cannot be used: {_reason(error, parsed)}; is it running, and may this user "
                f"write to {parsed.render_as_string(hide_password=True)}?",
                key=SETTING,
            ) from None
        except BaseException:
            hub.close()
            raise
        return hub

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a write transaction: committed at the end, rolled back on any error.

        Raises:
            TransientError: the database is locked, gone or shutting down; the same work may be tried again.
            TerminalError: the database refused (``HUB_DATABASE``); says which constraint, never a value.
        """
        with self._translated(), self._writer.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction for reading; on SQLite one consistent snapshot. Nothing done in it is kept.

        Raises:
            TransientError: the database is gone or shutting down.
        """
        with self._translated(), self._engine.connect() as tx:
            yield tx

    @contextmanager
    def rehearsal(self) -> Iterator[Rehearsal]:
        """Open a hub on which everything works and of which nothing remains."""
        with self._translated(), self._writer.connect() as tx:
            transaction = tx.begin()
            try:
                yield Rehearsal(tx)
            finally:
                transaction.rollback()

    def exclusive(self, timeout: float = 0) -> AbstractContextManager[None]:
        """Hold the hub for one run; a killed process frees it at once.

        Raises:
            TerminalError: another run still has it after ``timeout`` seconds (``HUB_BUSY``).
        """
        if self._engine.dialect.name == "sqlite":
            return file_lock(Path(f"{self._engine.url.database}.lock"), timeout)
        return advisory_lock(self._engine, timeout)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _prepare(self, create: bool) -> None:
        with self._engine.connect() as tx:
            found = revision(tx)
        if found == HEAD:
            return
        if found is None and not create:
            raise ConfigError("there is no hub database yet: run `crosswalk setup`", key=SETTING)
        with self._writer.begin() as tx:
            migrate(tx)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        driver: Any = self._engine.dialect.loaded_dbapi
        try:
            yield
        except (DBAPIError, driver.Error) as error:
            raise fault(error) from None


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except ArgumentError:
        parsed = None
    backend = None if parsed is None else parsed.get_backend_name()
    if parsed is not None and backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed is None or backend != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise ConfigError(
            "must be sqlite:///path/to/hub.db or postgresql://user:password@host/database", key=SETTING
        ) from None
    return parsed.set(drivername="sqlite+pysqlite")


def _sqlite(url: URL, create: bool) -> Engine:
    path = Path(str(url.database))
    if not path.exists():
        if not create:
            raise ConfigError(f"there is no hub database at {path} yet: run `crosswalk setup`", key=SETTING)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))  # it will hold personal data
        except OSError as error:
            raise ConfigError(f"cannot create {path}: {error.strerror}", key=SETTING) from None
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are ours to begin
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("crosswalk_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _reason(error: DBAPIError, url: URL) -> str:
    """Say what the driver said, in one line, unless it repeats the password."""
    said = str(error.orig).strip().splitlines()
    line = said[0] if said else type(error.orig).__name__
    return "the connection was refused" if url.password and str(url.password) in line else line
