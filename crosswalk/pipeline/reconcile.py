"""Count reconciliation: source = hub = target, or say where they differ (DQ-05)."""

from typing import Any

from crosswalk.pipeline.work import Work
from crosswalk.store import links


def check(work: Work, streams: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Compare what each side counts; every entry has ``what``, ``expected``, ``actual`` and ``ok``.

    A connection that was found paused is not asked.
    """
    checks = windows(work, streams)
    if work.dry:
        return checks
    for target in work.catalog.told("lead"):
        connection, target_object = target.connection, target.object
        census = work.connector(connection).census
        if census is None or connection in work.paused:
            continue
        with work.hub.read() as tx:
            delivered = links.delivered(tx, connection, target_object)
        checks.append(_line(f"hub -> {connection} {target_object}", delivered, census.count(target_object)))
    return checks


def windows(work: Work, streams: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Compare what the vendors had when this run opened a window with what was landed from it.

    A source may count rows that were changed while its window was read; a difference is reported, never hidden, as is a
    time of which a vendor no longer tells what happened.
    """
    here = [pair for pair in streams if pair[0] not in work.paused]
    checks = [_line(f"{' '.join(pair)} -> hub", *work.windows[pair]) for pair in here if pair in work.windows]
    for connection, stream in here:
        if (connection, stream) in work.gaps:
            since, until = work.gaps[connection, stream]
            what = f"{connection} {stream}, not told from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
            checks.append(_line(what, 0, 1))
    return checks


def _line(what: str, expected: int, actual: int) -> dict[str, Any]:
    return {"what": what, "expected": expected, "actual": actual, "ok": expected == actual}
