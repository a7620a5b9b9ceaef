"""Count reconciliation: source = hub = target, or say where they differ (DQ-05)."""

from typing import Any

from crosswalk.pipeline.work import Work
from crosswalk.store import links


def check(work: Work, streams: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Compare what each side counts; every entry has ``what``, ``expected``, ``actual`` and ``ok``.

    A source may count rows that were changed while its window was read, so its line compares what the vendor had when
    the window opened with what was landed from that window; a difference is reported, never hidden.
    """
    checks = [
        _line(f"{connection} {stream} -> hub", *work.windows[connection, stream])
        for connection, stream in streams
        if (connection, stream) in work.windows
    ]
    if work.dry:
        return checks
    for target in work.catalog.told("lead"):
        connection, target_object = target.connection, target.object
        census = work.connector(connection).census
        if census is None:
            continue
        with work.hub.read() as tx:
            delivered = links.delivered(tx, connection, target_object)
        checks.append(_line(f"hub -> {connection} {target_object}", delivered, census.count(target_object)))
    return checks


def _line(what: str, expected: int, actual: int) -> dict[str, Any]:
    return {"what": what, "expected": expected, "actual": actual, "ok": expected == actual}
