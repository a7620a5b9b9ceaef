"""One run of the main job: read a source, decide, write to the targets, and account for all of it.

Both the command line and the Prefect flow call ``sync``; the flow only wraps each batch in a task.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from crosswalk.errors import ConservationError, CrosswalkError, GateFailed, TerminalError, TransientError
from crosswalk.pipeline import reconcile
from crosswalk.pipeline.deliver import deliver
from crosswalk.pipeline.due import due_batch
from crosswalk.pipeline.ingest import ingest_batch
from crosswalk.pipeline.packing import in_order
from crosswalk.pipeline.pausing import obeying
from crosswalk.pipeline.running import Each, Summary, directly, run, until_done
from crosswalk.pipeline.work import Work

__all__ = ["Each", "Summary", "directly", "sync"]


def sync(work: Work, source: str | None = None, each: Each = directly) -> Summary:
    """Run ingest and deliver to their ends.

    Args:
        work: what the run works with.
        source: a connection to read; all that have a field mapping by default.
        each: how a batch is run.

    Raises:
        TerminalError: another run is in progress (``HUB_BUSY``), or a route must stop.
        GateFailed, TransientError, ConfigError: as the batches raise them; the run is closed as failed. A source's
            error is raised after all others have been read and delivered.
    """
    streams = [pair for pair in work.catalog.inquiries if source in (None, pair[0])]
    if source is not None and not streams:
        work.connector(source)
        raise TerminalError(f"connection {source!r} has no field mapping to read by", code="NO_STREAM")

    each = obeying(work, each)

    def body() -> list[dict[str, Any]]:
        stopped = _ingest(work, streams, each)
        for mapping in in_order(work.catalog.told("lead")):
            deliver(work, mapping, each)
        if stopped:
            raise stopped[0]
        return reconcile.check(work, streams)

    return run(work, "sync", source, body)


def _ingest(work: Work, streams: list[tuple[str, str]], each: Each) -> list[CrosswalkError]:
    """Do what is due, then read every stream to its end; what cannot go on stops alone, and the rest is delivered."""
    ways_in: list[tuple[str, Callable[[], bool]]] = [("due", partial(due_batch, work))]
    ways_in += [(f"ingest {pair[0]} {pair[1]}", partial(ingest_batch, work, *pair)) for pair in streams]
    stopped: list[CrosswalkError] = []
    for label, batch in ways_in:
        try:
            until_done(each, label, batch)
        except ConservationError:
            raise
        except (GateFailed, TransientError, TerminalError) as error:
            stopped.append(error)
    return stopped
