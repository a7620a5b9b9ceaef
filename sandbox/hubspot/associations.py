"""The association types that one portal has, and which of its objects are associated, kept in both directions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.hubspot.association_types import STANDARD, USER_DEFINED, LinkType, in_order

Others = dict[int, tuple[int, ...]]


class Associations:
    def __init__(self) -> None:
        self.types = dict(STANDARD)  # by key
        self.defaults = {(kind.source, kind.target): kind for kind in STANDARD.values() if kind.label is None}
        # Pair of types -> object -> other object -> keys of the association types; the tuples are shared.
        self._links: dict[tuple[str, str], dict[int, Others]] = {}
        self._combinations: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._next_id = 1

    # -- types ---------------------------------------------------------------------------------------------------

    def between(self, source: str, target: str) -> list[LinkType]:
        """Every type in this direction, the default one first."""
        return in_order(kind for kind in self.types.values() if (kind.source, kind.target) == (source, target))

    def define_pair(self, source: str, target: str, name: str, back_name: str) -> LinkType:
        """The default association of a custom object with another type; the one there is if there is one already."""
        if (source, target) not in self.defaults:
            there, back = self._define(source, target, (name, None), (back_name, None))
            self.defaults[source, target] = there
            if source != target:
                self.defaults[target, source] = back
        return self.defaults[source, target]

    def forget_type(self, name: str) -> None:
        """An object type is no more, and with it its association types."""
        for key in [key for key, kind in self.types.items() if name in (kind.source, kind.target)]:
            del self.types[key]
        for table in (self.defaults, self._links):
            for pair in [pair for pair in table if name in pair]:
                del table[pair]

    def forget_pair(self, source: str, target: str) -> None:
        """Two object types are no longer associated, and none of their objects."""
        pairs = {(source, target), (target, source)}
        for key in [key for key, kind in self.types.items() if (kind.source, kind.target) in pairs]:
            del self.types[key]
        for pair in pairs:
            self.defaults.pop(pair, None)
            self._links.pop(pair, None)

    def add_label(self, source: str, target: str, name: str, label: str, inverse: str | None) -> list[LinkType]:
        """A label of the portal's own, in both directions; without an inverse one it reads the same from both."""
        there, back = self._define(source, target, (name, label), (name, inverse or label))
        return [there] if there.id == back.id else [there, back]

    def _define(
        self, source: str, target: str, there: tuple[str, str | None], back: tuple[str, str | None]
    ) -> tuple[LinkType, LinkType]:
        number = self._next_id
        # The same from either end: one type is enough for both directions.
        other = number if source == target and there == back else number + 1
        self._next_id = other + 1
        onward = LinkType(number, USER_DEFINED, source, target, other, there[1], there[0])
        way_back = LinkType(other, USER_DEFINED, target, source, number, back[1], back[0], forward=False)
        self.types[way_back.key] = way_back
        self.types[onward.key] = onward
        return onward, way_back if other != number else onward

    def rename_label(self, kind: LinkType, label: str, inverse: str | None) -> None:
        back = self.types[kind.back_key]
        if inverse is not None and back is not kind:
            self.types[back.key] = back._replace(label=inverse)
        elif back is not kind and back.label == kind.label:
            self.types[back.key] = back._replace(label=label)
        self.types[kind.key] = kind._replace(label=label)

    def drop_label(self, kind: LinkType) -> None:
        """Objects that had it stay associated without it."""
        for one in {kind, self.types[kind.back_key]}:
            for others in self._links.get((one.source, one.target), {}).values():
                for other, held in others.items():
                    others[other] = self._without(held, {one.key})
            del self.types[one.key]

    # -- links ---------------------------------------------------------------------------------------------------

    def of(self, source: str, key: int, target: str) -> Others:
        """What an object is associated with: other id -> keys of the types."""
        return self._links.get((source, target), {}).get(key, {})

    def link(self, kind: LinkType, key: int, other: int) -> None:
        """Associate two objects. A labelled link is a default one too [UNV]."""
        if not kind.forward:
            kind, key, other = self.types[kind.back_key], other, key
        if kind.single:
            for rival in [rival for rival, held in self.of(kind.source, key, kind.target).items() if kind.key in held]:
                self.unlabel(kind, key, rival)
        for one in (kind,) if kind.label is None else (self.defaults[kind.source, kind.target], kind):
            self._add((kind.source, kind.target), key, other, one.key)
            self._add((kind.target, kind.source), other, key, one.back_key)

    def _add(self, pair: tuple[str, str], key: int, other: int, number: int) -> None:
        others = self._links.setdefault(pair, {}).setdefault(key, {})
        held = others.get(other, ())
        if number not in held:
            others[other] = self._shared((*held, number))

    def unlabel(self, kind: LinkType, key: int, other: int) -> None:
        """Take one type away between two objects; without the default one nothing is left between them."""
        if kind.label is None:
            self.unlink(kind.source, key, kind.target, other)
            return
        for pair, one, two, number in (
            ((kind.source, kind.target), key, other, kind.key),
            ((kind.target, kind.source), other, key, kind.back_key),
        ):
            others = self._links.get(pair, {}).get(one, {})
            if two in others:
                others[two] = self._without(others[two], {number})

    def unlink(self, source: str, key: int, target: str, other: int) -> None:
        """Take away every association between two objects; none is no error."""
        for pair, one, two in (((source, target), key, other), ((target, source), other, key)):
            ends = self._links.get(pair, {})
            others = ends.get(one, {})
            others.pop(two, None)
            if one in ends and not others:
                del ends[one]

    def forget(self, source: str, key: int) -> None:
        """An object is gone, and with it its associations."""
        for begin, target in list(self._links):
            if begin == source:
                for other in list(self.of(source, key, target)):
                    self.unlink(source, key, target, other)

    def move(self, source: str, key: int, heir: int) -> None:
        """What one object was associated with is the other's now, as after a merge; the heir's own primaries stay."""
        for begin, target in list(self._links):
            if begin != source:
                continue
            for other, held in list(self.of(source, key, target).items()):
                taken = {number for own in self.of(source, heir, target).values() for number in own}
                self.unlink(source, key, target, other)
                for kind in (self.types[number] for number in held):
                    one_only = kind.single and kind.forward and kind.key in taken
                    if not one_only and (target, other) != (source, heir):
                        self.link(kind, heir, other)

    def _without(self, held: tuple[int, ...], gone: set[int]) -> tuple[int, ...]:
        return self._shared(number for number in held if number not in gone)

    def _shared(self, numbers: Iterable[int]) -> tuple[int, ...]:
        held = tuple(sorted(set(numbers)))
        return self._combinations.setdefault(held, held)

    # -- looking -------------------------------------------------------------------------------------------------

    def count(self) -> int:
        """Associated pairs of objects, each once."""
        return sum(
            sum(key < other for other in others) if source == target else len(others)
            for (source, target), ends in self._links.items()
            if self.defaults[source, target].forward
            for key, others in ends.items()
        )

    def dump(self) -> list[dict[str, Any]]:
        """Each pair once, from the side that defines it; the portal's own types apart, as their ids are apart."""
        return [
            {
                "id": f"{source}/{key}/{target}/{other}",
                "from": {"type": source, "id": str(key)},
                "to": {"type": target, "id": str(other)},
                "types": sorted(number for number in held if number > 0),
                **({"user_types": sorted(-number for number in held if number < 0)} if min(held) < 0 else {}),
            }
            for (source, target), ends in sorted(self._links.items())
            if self.defaults[source, target].forward
            for key, others in sorted(ends.items())
            for other, held in sorted(others.items())
            if source != target or key < other
        ]
