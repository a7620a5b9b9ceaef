"""Which objects are associated, and how: HubSpot's association types and the links of one portal.

The type ids are those of HubSpot's associations guide [DOC], and where that is silent those that its own client
names [LIB]. Every link is kept in both directions, each of which has a type id of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.hubspot.object_types import OBJECT_TYPES

# from, to, type id, type id of the way back, label
_TABLE: list[tuple[str, str, int, int, str | None]] = [
    ("contacts", "companies", 279, 280, None),
    ("contacts", "companies", 1, 2, "Primary"),
    ("deals", "contacts", 3, 4, None),
    ("deals", "companies", 341, 342, None),
    ("deals", "companies", 5, 6, "Primary"),
    ("notes", "contacts", 202, 201, None),
    ("notes", "companies", 190, 189, None),
    ("notes", "deals", 214, 213, None),
    ("tasks", "contacts", 204, 203, None),
    ("tasks", "companies", 192, 191, None),
    ("tasks", "deals", 216, 215, None),
    ("meetings", "contacts", 200, 199, None),
    ("meetings", "companies", 188, 187, None),
    ("meetings", "deals", 212, 211, None),
]
_LABELLED = {frozenset((source, target)) for source, target, _, _, label in _TABLE if label}


class LinkType(NamedTuple):
    """One association type, in one direction."""

    id: int
    source: str
    target: str
    back: int
    label: str | None
    forward: bool  # as it stands in the table: the side that has one primary at most comes first

    @property
    def name(self) -> str:
        """As `associations=` of an object read spells it [3P]: the bare name is the primary's where there is one."""
        bare = f"{OBJECT_TYPES[self.source].singular}_to_{OBJECT_TYPES[self.target].singular}"
        return f"{bare}_unlabeled" if not self.label and frozenset((self.source, self.target)) in _LABELLED else bare


LINK_TYPES: dict[int, LinkType] = {}
DEFAULTS: dict[tuple[str, str], LinkType] = {}
for _source, _target, _id, _back, _label in _TABLE:
    for _link in (
        LinkType(_id, _source, _target, _back, _label, forward=True),
        LinkType(_back, _target, _source, _id, _label, forward=False),
    ):
        LINK_TYPES[_link.id] = _link
        if _label is None:
            DEFAULTS[_link.source, _link.target] = _link


class Associations:
    def __init__(self) -> None:
        self._links: dict[tuple[str, int, str], dict[int, set[int]]] = {}

    def of(self, source: str, key: int, target: str) -> dict[int, set[int]]:
        """What an object is associated with: other id -> type ids."""
        return self._links.get((source, key, target), {})

    def link(self, kind: LinkType, key: int, other: int) -> None:
        """Associate two objects. A labelled link is a default one too [UNV]; one company at most is primary [DOC]."""
        if not kind.forward:
            kind, key, other = LINK_TYPES[kind.back], other, key
        if kind.label:
            for rival, types in self.of(kind.source, key, kind.target).items():
                types.discard(kind.id)
                self._links[kind.target, rival, kind.source][key].discard(kind.back)
        for one in (DEFAULTS[kind.source, kind.target], kind):
            self._add((kind.source, key, kind.target), other, one.id)
            self._add((kind.target, other, kind.source), key, one.back)

    def _add(self, end: tuple[str, int, str], other: int, type_id: int) -> None:
        self._links.setdefault(end, {}).setdefault(other, set()).add(type_id)

    def unlink(self, source: str, key: int, target: str, other: int) -> None:
        """Take away every association between two objects; none is no error."""
        self._links.get((source, key, target), {}).pop(other, None)
        self._links.get((target, other, source), {}).pop(key, None)

    def forget(self, source: str, key: int) -> None:
        """An object is gone, and with it its associations."""
        for target in OBJECT_TYPES:
            for other in list(self.of(source, key, target)):
                self.unlink(source, key, target, other)

    def dump(self) -> list[dict[str, Any]]:
        """Each pair once, from the side that names it in the table."""
        return [
            {
                "id": f"{source}/{key}/{target}/{other}",
                "from": {"type": source, "id": str(key)},
                "to": {"type": target, "id": str(other)},
                "types": sorted(types),
            }
            for (source, key, target), others in sorted(self._links.items())
            if DEFAULTS[source, target].forward
            for other, types in sorted(others.items())
        ]
