"""Reading ahead: the next batch is pulled while the hub decides the last one, and shaped where all of it is new.

Pulling, landing and shaping depend on nothing that the hub decides, so they may run beside it; from identify to commit
there is one writer. Errors come when the batch is taken, in its turn.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from crosswalk.domain import screening, shaping
from crosswalk.domain.mapping import FieldMap
from crosswalk.pipeline.landing import Batch, fingerprint, gather
from crosswalk.platform.catalog import Catalog
from crosswalk.ports import Cursor, Source


@dataclass(frozen=True)
class Read:
    """One pulled batch: its rows as payloads and, on a first reading, their canonical form."""

    batch: Batch
    rows: pl.DataFrame
    shaped: pl.DataFrame | None = None


@dataclass
class Ahead:
    """At most one batch of one stream, read before it is asked for."""

    catalog: Catalog
    size: int
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "read-ahead"))
    _next: dict[tuple[str, str, Cursor], Future[Read]] = field(default_factory=dict)

    def take(self, source: Source, mapping: FieldMap, start: Cursor) -> Read:
        """Return the batch that begins at ``start``, and begin to read the one behind it.

        Raises:
            TransientError, TerminalError, ConfigError: from the source.
        """
        begun = self._next.pop((mapping.connection, mapping.stream, start), None)
        for other in self._next.values():
            other.cancel()
        self._next.clear()
        read = begun.result() if begun else self._read(source, mapping, start)
        if read.batch.more:
            key = (mapping.connection, mapping.stream, read.batch.cursor)
            self._next[key] = self._thread.submit(self._read, source, mapping, read.batch.cursor)
        return read

    def close(self) -> None:
        """Wait for what is under way and let the thread go."""
        self._thread.shutdown(cancel_futures=True)

    def _read(self, source: Source, mapping: FieldMap, start: Cursor) -> Read:
        batch = gather(source, mapping.stream, start, self.size)
        if batch.frame.is_empty():
            return Read(batch, batch.frame)
        rows = fingerprint(batch.frame, mapping.connection, mapping)
        if start.since is not None:  # much of an increment may be known already
            return Read(batch, rows)
        findings = screening.screen(rows, mapping.signals.text, self.catalog.lexicon)
        return Read(batch, rows, shaping.shape(rows, mapping, findings, self.catalog.standard))
