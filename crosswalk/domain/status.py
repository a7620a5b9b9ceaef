"""The joint lead status as a graph, and the journey stage beside it (STG-01, STG-02, STG-04).

Who works a lead now (status) and where the buyer is (stage) are two fields. Both are only ever changed through
``move``; the history of moves is append-only and rebuilds the present.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

Side = Literal["marketing", "sales"]
START = "new"
WITH_MARKETING = ("new", "nurturing", "marketing_qualified", "recycled", "disqualified")
"""Statuses in which a lead is not, or no longer, for sales to work."""


@dataclass(frozen=True)
class Transition:
    """One allowed change: who may make it and which fields it needs.

    ``reopens`` marks recycle and reopen moves: the only ones that may go back.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    old: str
    new: str
    by: tuple[Side, ...]
    needs: tuple[str, ...] = ()
    reopens: bool = False


@dataclass(frozen=True)
class StatusGraph:
    """All statuses and the moves between them."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    statuses: tuple[str, ...]
    transitions: tuple[Transition, ...]
    closed: tuple[str, ...] = ()

    def find(self, old: str, new: str) -> Transition | None:
        """Return the transition, or None where the graph has none."""
        return next((one for one in self.transitions if (one.old, one.new) == (old, new)), None)


@dataclass(frozen=True)
class Move:
    """One entry of a lead's history."""

    axis: Literal["status", "stage"]
    old: str | None
    new: str
    at: datetime
    actor: str
    rule: str
    reason: str
    version: str


class MoveRefused(ValueError):
    """The graph does not allow this change; ``code`` is the reason code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def move(graph: StatusGraph, old: str, new: str, by: Side, present: Iterable[str] = ()) -> str:
    """Return the new status.

    Raises:
        MoveRefused: TRANSITION_UNKNOWN, TRANSITION_SIDE (the other side's move) or TRANSITION_FIELDS.
    """
    found = graph.find(old, new)
    if found is None:
        raise MoveRefused("TRANSITION_UNKNOWN")
    if by not in found.by:
        raise MoveRefused("TRANSITION_SIDE")
    if set(found.needs) - set(present):
        raise MoveRefused("TRANSITION_FIELDS")
    return new


def path(graph: StatusGraph, old: str, new: str, by: Side, present: Iterable[str] = ()) -> list[str] | None:
    """Return the shortest chain of allowed moves from one status to another, without the first; None if there is none.

    A decision of the hub may pass several statuses at once (new, marketing_qualified, assigned); each is recorded. A
    lead may be reopened to begin with, never on the way: no chain ends a lead in order to begin it again.
    """
    have = set(present)
    chains: list[list[str]] = [[old]]
    seen = {old}
    while chains:
        chain = chains.pop(0)
        if chain[-1] == new:
            return chain[1:]
        for one in graph.transitions:
            if one.old != chain[-1] or one.new in seen or (one.reopens and len(chain) > 1):
                continue
            if by in one.by and not set(one.needs) - have:
                seen.add(one.new)
                chains.append([*chain, one.new])
    return None


def replay(history: Iterable[Move]) -> Mapping[str, str]:
    """Rebuild the present from the history: axis -> current value."""
    present: dict[str, str] = {}
    for entry in history:
        if entry.old != present.get(entry.axis):
            raise MoveRefused("HISTORY_BROKEN")
        present[entry.axis] = entry.new
    return present
