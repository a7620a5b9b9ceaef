"""Association types: HubSpot's own, with their ids, and the shape that a portal's own types have too.

HubSpot's type ids are those of its associations guide [DOC], and where that is silent those that its own client
names [LIB] or that several clients use [3P]. The ids of a portal's own types are numbers of their own: 1 is a HubSpot
type and may be a portal's type too, so that only category and id together say which is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

HUBSPOT_DEFINED, USER_DEFINED = "HUBSPOT_DEFINED", "USER_DEFINED"

# from, to, type id, type id of the way back, label there, label back
_TABLE: list[tuple[str, str, int, int, str | None, str | None]] = [
    ("contacts", "companies", 279, 280, None, None),
    ("contacts", "companies", 1, 2, "Primary", "Primary"),
    ("contacts", "contacts", 449, 449, None, None),
    ("companies", "companies", 450, 450, None, None),
    ("companies", "companies", 14, 13, "Parent Company", "Child Company"),
    ("deals", "contacts", 3, 4, None, None),
    ("deals", "companies", 341, 342, None, None),
    ("deals", "companies", 5, 6, "Primary", "Primary"),
    ("deals", "deals", 451, 451, None, None),
    ("tickets", "contacts", 16, 15, None, None),
    ("tickets", "companies", 339, 340, None, None),
    ("tickets", "companies", 26, 25, "Primary", "Primary"),
    ("tickets", "deals", 28, 27, None, None),
    ("tickets", "tickets", 452, 452, None, None),
    ("deals", "line_items", 19, 20, None, None),
    ("deals", "quotes", 63, 64, None, None),
    ("quotes", "line_items", 67, 68, None, None),
    ("quotes", "contacts", 69, 70, None, None),
    ("quotes", "companies", 71, 72, None, None),
    ("notes", "contacts", 202, 201, None, None),
    ("notes", "companies", 190, 189, None, None),
    ("notes", "deals", 214, 213, None, None),
    ("notes", "tickets", 228, 227, None, None),
    ("tasks", "contacts", 204, 203, None, None),
    ("tasks", "companies", 192, 191, None, None),
    ("tasks", "deals", 216, 215, None, None),
    ("tasks", "tickets", 230, 229, None, None),
    ("meetings", "contacts", 200, 199, None, None),
    ("meetings", "companies", 188, 187, None, None),
    ("meetings", "deals", 212, 211, None, None),
    ("meetings", "tickets", 226, 225, None, None),
    ("calls", "contacts", 194, 193, None, None),
    ("calls", "companies", 182, 181, None, None),
    ("calls", "deals", 206, 205, None, None),
    ("calls", "tickets", 220, 219, None, None),
    ("emails", "contacts", 198, 197, None, None),
    ("emails", "companies", 186, 185, None, None),
    ("emails", "deals", 210, 209, None, None),
    ("emails", "tickets", 224, 223, None, None),
]
_SINGULAR = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "tickets": "ticket",
    "notes": "note",
    "tasks": "task",
    "meetings": "meeting",
    "calls": "call",
    "emails": "email",
    "line_items": "line_item",
    "quotes": "quote",
}
_NAMES = {14: "child_to_parent_company", 13: "parent_to_child_company"}
_WITH_PRIMARY = {frozenset((source, target)) for source, target, _, _, label, _ in _TABLE if label == "Primary"}


class LinkType(NamedTuple):
    """One association type, in one direction."""

    id: int
    category: str
    source: str
    target: str
    back: int
    label: str | None
    name: str  # as the v3 endpoints and `associations=` of an object read spell it [3P]
    forward: bool = True  # as it was defined; the other direction is its way back
    single: bool = False  # an object of the forward side has one at most

    @property
    def key(self) -> int:
        """One number for category and id."""
        return self.id if self.category == HUBSPOT_DEFINED else -self.id

    @property
    def back_key(self) -> int:
        return self.back if self.category == HUBSPOT_DEFINED else -self.back


def _name(source: str, target: str, number: int, label: str | None) -> str:
    """The bare name is the primary's where there is one [3P]."""
    bare = _NAMES.get(number) or f"{_SINGULAR[source]}_to_{_SINGULAR[target]}"
    return f"{bare}_unlabeled" if not label and frozenset((source, target)) in _WITH_PRIMARY else bare


def _standard() -> dict[int, LinkType]:
    made: dict[int, LinkType] = {}
    for source, target, number, back, label, back_label in _TABLE:
        # Of labels that HubSpot has itself an object takes one: one primary company, one parent [DOC].
        there = LinkType(
            number,
            HUBSPOT_DEFINED,
            source,
            target,
            back,
            label,
            _name(source, target, number, label),
            single=bool(label),
        )
        made[back] = LinkType(
            back,
            HUBSPOT_DEFINED,
            target,
            source,
            number,
            back_label,
            _name(target, source, back, label),
            forward=False,
            single=bool(label),
        )
        made[number] = there
    return made


STANDARD = _standard()


def in_order(kinds: Iterable[LinkType]) -> list[LinkType]:
    """The default type before labels."""
    return sorted(kinds, key=lambda kind: (kind.label or "", kind.id))
