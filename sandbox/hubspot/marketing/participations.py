"""Who registered for a marketing event, came, cancelled or stayed away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# The spelling in paths -> the state in replies [DOC]; scenarios may use either.
STATES = {
    "register": "REGISTERED",
    "attend": "ATTENDED",
    "cancel": "CANCELLED",
    "registered": "REGISTERED",
    "attended": "ATTENDED",
    "cancelled": "CANCELLED",
    "canceled": "CANCELLED",
}
REGISTERED, ATTENDED, CANCELLED, NO_SHOW = "REGISTERED", "ATTENDED", "CANCELLED", "NO_SHOW"


class Participation(NamedTuple):
    """When, in ms, a contact did what; 0 for never."""

    registered: int = 0
    attended: int = 0
    cancelled: int = 0
    joined: int = 0
    left: int = 0

    def state(self, over: bool) -> str:
        """Who came, came; else who cancelled after registering; else who is missing once the event is over [UNV]."""
        if self.attended:
            return ATTENDED
        if self.cancelled and self.cancelled >= self.registered:
            return CANCELLED
        return NO_SHOW if over else REGISTERED

    @property
    def occurred(self) -> int:
        return self.attended or max(self.registered, self.cancelled)


class Participations:
    """Contact -> participation, in the order of the first act."""

    def __init__(self) -> None:
        self.rows: dict[int, Participation] = {}

    def record(self, contact: int, state: str, at: int, more: Mapping[str, int]) -> None:
        """Note an act; `more`: `joinedAt` and `leftAt` of one who came."""
        before = self.rows.get(contact, Participation())
        if state == REGISTERED:
            self.rows[contact] = before._replace(registered=max(at, before.registered))
        elif state == CANCELLED:
            self.rows[contact] = before._replace(cancelled=max(at, before.cancelled))
        else:
            joined, left = more.get("joinedAt", before.joined), more.get("leftAt", before.left)
            self.rows[contact] = before._replace(attended=max(at, before.attended), joined=joined, left=left)

    def counters(self, over: bool) -> dict[str, int]:
        """`registered` are all who ever registered; `noShows` are known once it is over [SPEC, UNV in detail]."""
        states = [one.state(over) for one in self.rows.values()]
        return {
            "registered": sum(bool(one.registered) for one in self.rows.values()),
            "attended": states.count(ATTENDED),
            "cancelled": states.count(CANCELLED),
            "noShows": states.count(NO_SHOW),
        }

    def dump(self, *, times: bool) -> list[dict[str, Any]]:
        return [
            {"contact": contact, "state": one.state(False)} | ({"at": one.occurred} if times else {})
            for contact, one in sorted(self.rows.items())
        ]
