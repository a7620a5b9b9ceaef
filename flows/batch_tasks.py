"""One Prefect task for each batch: seen in the UI, and tried again when the trouble is known to pass."""

from collections import Counter
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from crosswalk.errors import TransientError
from crosswalk.pipeline.running import Each
from crosswalk.pipeline.work import Work
from crosswalk.store import ledger
from flows.error_codes import hushed, in_codes

RETRY_DELAYS = [10.0, 60.0]
"""Seconds before a batch is tried again; the connectors have waited for their vendors by then."""

REFUSALS = ("quarantined", "held", "skipped", "rejected")


def in_tasks(work: Work) -> Each:
    """Return the hook with which the pipeline runs each batch as a task.

    The batch closes over what it works with: a live object must not be a parameter, which Prefect would hash.
    """
    bars: dict[str, UUID] = {}

    def each(label: str, batch: Callable[[], bool]) -> bool:
        stream = label.rpartition(" ")[0]

        @task(
            name=stream,
            task_run_name=label,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=len(RETRY_DELAYS),
            retry_delay_seconds=RETRY_DELAYS,
            retry_condition_fn=passes,
        )
        def run() -> State[Any]:
            before = counts(work)
            try:
                more = batch()
            except Exception as error:  # noqa: BLE001 -- whatever it is, only its codes are shown
                known = hushed(error)
                return Failed(message=in_codes(known), data=known)
            return Completed(message=said(label, counts(work) - before), data=more)

        state: State[Any] = run(return_state=True)
        more = bool(state.result())
        show_progress(work, stream, bars)
        return more

    return each


def passes(_task: Any, _run: Any, state: State[Any]) -> bool:
    """Tell whether a failed batch is worth another try: only what is known to pass."""
    return isinstance(state.data, TransientError)


def counts(work: Work) -> Counter[str]:
    """What the ledger of this run holds so far, by pipe and outcome."""
    found: Counter[str] = Counter()
    with work.hub.read() as tx:
        for step in ledger.steps(tx, work.run_id):
            found[f"{step['step']} in"] += step["in"]
            found[f"{step['step']} passed"] += step["passed"]
            for name in REFUSALS:
                found[f"{step['pipe']} {name}"] += step[name]
    return found


def said(label: str, new: Counter[str]) -> str:
    """Say in a line what a batch did."""
    pipe, _, stream = label.rpartition(" ")[0].partition(" ")
    queued, news = f"{new['enqueue passed']} actions queued", f"{new['conclude passed']} with news"
    if pipe == "due":
        done = news if stream == "returned" else queued
        stream, entered, what = "due work", new["replay in"], "stored rows"
    elif pipe == "ingest":
        entered, what, done = new["land in"], "rows", queued
    elif pipe == "return":
        pipe, entered, what, done = "ingest", new["land in"], "rows", news
    elif pipe == "feed":
        pipe, stream, entered, what = "feedback", "feedback", new["feed_back in"], "leads"
        done = f"{new['queue passed']} actions queued"
    else:
        entered, what, done = new["claim in"], "actions", f"{new['settle passed']} written"
    if not entered:
        return f"{stream}: nothing to do"
    refused = [f"{new[f'{pipe} {name}']} {name}" for name in REFUSALS if new[f"{pipe} {name}"]]
    return f"{stream}: {entered} {what}, " + ", ".join([done, *refused])


def show_progress(work: Work, stream: str, bars: dict[str, UUID]) -> None:
    """Keep a progress bar for a window that takes more than one batch."""
    pipe, _, names = stream.partition(" ")
    connection, _, name = names.partition(" ")
    expected, landed = work.windows.get((connection, name), (0, 0))
    if pipe not in ("ingest", "return") or not expected:
        return
    share = min(100.0, round(100 * landed / expected, 1))
    text = f"{stream}: {landed} of {expected} rows"
    if stream in bars:
        update_progress_artifact(bars[stream], share, description=text)
    elif share < 100:
        bars[stream] = cast("UUID", create_progress_artifact(share, key="progress", description=text))
