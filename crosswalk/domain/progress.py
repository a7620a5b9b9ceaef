"""How what sales says moves leads: in the order of events, along the status graph, never backwards (STG-01, STG-05)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

import polars as pl

from crosswalk.domain.schema import UTC, B, Column, S, dtypes
from crosswalk.domain.status import StatusGraph, path

GRAIN = timedelta(seconds=60)
"""Within a minute nobody can tell which of two events came first: the vendor's clock is compared with ours by the Date
header (RFC 9110), to the second, and a run's decisions count from its beginning."""
FIT = "fit_confirmed"

JUDGED: Mapping[str, Column] = {
    "unit": Column(S, 0, "the row"),
    "result": Column(S, 0, "applied, noted (true, and moves nothing), stale or review"),
    "told": Column(S, 0, "reason code of stale and review"),
    "stands": Column(B, 0, "what the row wants is the lead's status now"),
}
MOVED: Mapping[str, Column] = {
    "lead_id": Column(S, 1, "the lead"),
    "unit": Column(S, 0, "the row that moved it"),
    "old": Column(S, 0, "status before"),
    "new": Column(S, 0, "status after"),
    "why": Column(S, 2, "reason code that goes with it"),
    "event_at": Column(UTC, 0, "when it happened, by our clock"),
}


def advance(said: pl.DataFrame, graph: StatusGraph) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take what rows say to the leads that they are about, in the order of events.

    Args:
        said: ``unit``, ``lead_id``, ``external_id``, ``at`` (by our clock), ``wanted``, ``why``, ``firm``, ``final``,
            ``weighs`` of each row that wants a status; the lead's ``status`` and ``moved_at``.
        graph: what sales may move, and where to.

    Returns:
        ``JUDGED``, one for each row, and ``MOVED``, every single move in order. What somebody chose and the graph has
        no way to is for review. What is only the least that is true goes as far as the graph allows while nobody has
        confirmed fit, and is noted where the lead is further already. An event from before the lead's last move is
        stale; one about the person's permission is then for review as well.
    """

    @cache
    def way(old: str, new: str, firm: bool) -> list[str] | None:
        chain = path(graph, old, new, "sales", ("reason", FIT))
        return chain if firm or not chain else _unconfirmed(graph, old, chain)

    standing: dict[str, tuple[str, datetime | None]] = {}
    judged: list[tuple[str, str, str | None, bool]] = []
    moved: list[tuple[str, str, str, str, str | None, datetime]] = []
    columns = ("unit", "lead_id", "status", "moved_at", "at", "wanted", "why", "firm", "final", "weighs")
    for unit, lead, status, moved_at, at, wanted, why, firm, final, weighs in said.sort("at", "external_id")[
        columns
    ].rows():
        now, since = standing.get(lead) or (status, moved_at)
        chain = [] if wanted == now else way(now, wanted, firm)
        if not chain and not (firm and chain is None):
            judged.append((unit, "noted", None, wanted == now))
        elif since is not None and at + GRAIN < since and not final:
            judged.append((unit, "review" if weighs else "stale", "STALE_EVENT", False))
        elif chain is None:
            judged.append((unit, "review", "TRANSITION_UNKNOWN", False))
        else:
            judged.append((unit, "applied", None, True))
            for new in chain:
                moved.append((lead, unit, now, new, why, at))
                now = new
            standing[lead] = (now, at if since is None else max(at, since))
    return (
        pl.DataFrame(judged, schema=dtypes(JUDGED), orient="row"),
        pl.DataFrame(moved, schema=dtypes(MOVED), orient="row"),
    )


def _unconfirmed(graph: StatusGraph, old: str, chain: list[str]) -> list[str]:
    """The part of a chain that needs nobody to have confirmed fit."""
    for index, (before, after) in enumerate(zip([old, *chain], chain, strict=False)):
        one = graph.find(before, after)
        if one is not None and FIT in one.needs:
            return chain[:index]
    return chain
