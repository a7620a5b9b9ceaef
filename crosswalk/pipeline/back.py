"""One run of the way back: read what sales did, conclude, and tell marketing (FBK-01, FBK-06).

    what was released -> every stream of the CRM -> feed back -> deliver to the sources' own records

The CRM itself is only written to where a lead's record went into another one: that one is told whose it is now.

Both the command line and the Prefect flow call ``return_outcomes``.
"""

from functools import partial
from typing import Any

from crosswalk.errors import ConservationError, CrosswalkError, GateFailed, TerminalError, TransientError
from crosswalk.pipeline import reconcile
from crosswalk.pipeline.deliver import deliver
from crosswalk.pipeline.feeding import feed_back_batch
from crosswalk.pipeline.packing import in_order
from crosswalk.pipeline.pausing import obeying
from crosswalk.pipeline.returning import again_batch, return_batch
from crosswalk.pipeline.running import Each, Summary, directly, run, until_done
from crosswalk.pipeline.work import Work


def return_outcomes(work: Work, each: Each = directly) -> Summary:
    """Read every stream of the way back to its end, and tell the sources what has changed.

    Raises:
        TerminalError: another run is in progress (``HUB_BUSY``), or a route must stop.
        GateFailed, TransientError, ConfigError: as the batches raise them; the run is closed as failed. A stream's
            error is raised after what could be read has been delivered.
    """
    each = obeying(work, each)

    def body() -> list[dict[str, Any]]:
        until_done(each, "due returned", partial(again_batch, work))
        stopped = _read(work, each)
        until_done(each, "feed back", partial(feed_back_batch, work))
        followed = [one for one in work.catalog.told("lead") if (one.connection, one.object) in work.followed]
        for mapping in (*followed, *in_order(work.catalog.told("source"))):
            deliver(work, mapping, each)
        if stopped:
            raise next(iter(stopped.values()))
        return reconcile.windows(work, work.catalog.returns)

    return run(work, "return", None, body)


def _read(work: Work, each: Each) -> dict[str, CrosswalkError]:
    """Read the streams in their order; where one stops, the rest of its connection waits for another run.

    The order matters: the leads tell which contacts they became, and only by that are the contacts' activities ours.
    """
    stopped: dict[str, CrosswalkError] = {}
    for connection, stream in work.catalog.returns:
        if connection in stopped or connection in work.paused:
            continue
        try:
            until_done(each, f"return {connection} {stream}", partial(return_batch, work, connection, stream))
        except ConservationError:
            raise
        except (GateFailed, TransientError, TerminalError) as error:
            stopped[connection] = error
    return stopped
