"""Reading ahead: the next batches are pulled while the hub decides the last one, and shaped where all of it is new.

Pulling, landing and shaping depend on nothing that the hub decides, so they run beside it, each in a thread of its own:
a vendor that allows five pages a second is asked five times a second. From identify to commit there is one writer.
Errors come when the batch is taken, in its turn.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Event, Thread

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


class _Reading:
    """One stream from a cursor on: one batch waits to be taken, and the one behind it is being pulled."""

    def __init__(self, source: Source, mapping: FieldMap, start: Cursor, ahead: "Ahead") -> None:
        self.source, self.mapping, self.next, self.ahead = source, mapping, start, ahead
        self.done = False
        self._stop = Event()
        self._pulled: Queue[Future[Read]] = Queue(maxsize=1)
        self._thread = Thread(target=self._pull, args=(start,), name="pull", daemon=True)
        self._thread.start()

    def take(self) -> Read:
        read = self._pulled.get().result()
        self.next, self.done = read.batch.cursor, not read.batch.more
        return read

    def stop(self) -> None:
        """Wait for the page under way, and forget what nobody has taken."""
        self._stop.set()
        while self._thread.is_alive():
            self._emptied()
            self._thread.join(0.05)
        self._emptied()

    def _pull(self, position: Cursor) -> None:
        more = True
        while more and not self._stop.is_set():
            try:
                batch = gather(self.source, self.mapping.stream, position, self.ahead.size)
            except BaseException as error:  # noqa: BLE001 -- raised again where the batch is taken
                failed: Future[Read] = Future()
                failed.set_exception(error)
                self._pulled.put(failed)
                return
            self._pulled.put(self.ahead.shaping.submit(self.ahead.prepare, self.mapping, position, batch))
            position, more = batch.cursor, batch.more

    def _emptied(self) -> None:
        try:
            self._pulled.get_nowait().cancel()
        except Empty:
            return


@dataclass
class Ahead:
    """What of one stream has been begun before it is asked for."""

    catalog: Catalog
    size: int
    shaping: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "shape"))
    _reading: _Reading | None = None

    def take(self, source: Source, mapping: FieldMap, start: Cursor) -> Read:
        """Return the batch that begins at ``start``; the ones behind it are under way.

        Raises:
            TransientError, TerminalError, ConfigError: from the source.
        """
        now = self._reading
        if now is None or now.done or (now.source, now.mapping, now.next) != (source, mapping, start):
            self._forget()
            now = self._reading = _Reading(source, mapping, start, self)
        try:
            return now.take()
        except BaseException:
            self._forget()
            raise

    def prepare(self, mapping: FieldMap, start: Cursor, batch: Batch) -> Read:
        """Make payloads of pulled rows and, where nothing of the stream is known yet, leads in canonical form."""
        if batch.frame.is_empty():
            return Read(batch, batch.frame)
        rows = fingerprint(batch.frame, mapping.connection, mapping)
        if start.since is not None:  # much of an increment may be known already
            return Read(batch, rows)
        findings = screening.screen(rows, mapping.signals.text, self.catalog.lexicon)
        return Read(batch, rows, shaping.shape(rows, mapping, findings, self.catalog.standard))

    def close(self) -> None:
        """Let go of everything."""
        self._forget()
        self.shaping.shutdown(cancel_futures=True)

    def _forget(self) -> None:
        if self._reading is not None:
            self._reading.stop()
            self._reading = None
