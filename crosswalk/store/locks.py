"""One run at a time: locks that the operating system or the server frees when their holder dies."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from crosswalk.errors import TerminalError

PAUSE = 0.05
CLASS = 0x0C0552  # marks this application's advisory locks


@contextmanager
def file_lock(path: Path, timeout: float) -> Iterator[None]:
    """Hold a lock on a file for at most one process at a time.

    Raises:
        TerminalError: it is still taken after ``timeout`` seconds (``HUB_BUSY``).
    """
    with path.open("ab") as file:

        def take() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        _wait(take, timeout)
        yield


@contextmanager
def advisory_lock(engine: Engine, timeout: float) -> Iterator[None]:
    """Hold a lock of this database and schema, on a connection that is used for nothing else.

    Raises:
        TerminalError: it is still taken after ``timeout`` seconds (``HUB_BUSY``).
    """
    statement = text("SELECT pg_try_advisory_lock(:kind, hashtext(current_schema()))")
    unlock = text("SELECT pg_advisory_unlock(:kind, hashtext(current_schema()))")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closing it ends the session and with it the lock, whatever happened
        _wait(lambda: bool(connection.scalar(statement, {"kind": CLASS})), timeout)
        try:
            yield
        finally:
            with suppress(DBAPIError):  # the end of a session frees it too, but only some time after we have gone on
                connection.execute(unlock, {"kind": CLASS})


def _wait(take: Callable[[], bool], timeout: float) -> None:
    end = time.monotonic() + timeout
    while not take():
        if time.monotonic() >= end:
            raise TerminalError("another run is in progress in this hub; wait for it or stop it", code="HUB_BUSY")
        time.sleep(min(PAUSE, max(0.0, end - time.monotonic())))
