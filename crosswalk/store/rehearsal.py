"""A rehearsal of the hub: everything works as usual, and nothing of it remains."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import Connection


class Rehearsal:
    """A hub inside one transaction that its owner rolls back; offers what a run needs of ``Hub``."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Open a write that later steps of the rehearsal see."""
        with self._tx.begin_nested():
            yield self._tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read what the rehearsal has so far."""
        yield self._tx

    def exclusive(self, timeout: float = 0) -> AbstractContextManager[None]:
        """Nobody else can write meanwhile: the rehearsal holds the write transaction."""
        del timeout
        return nullcontext()
