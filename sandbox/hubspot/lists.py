"""The lists of a portal, which HubSpot's pages call segments, and who is on them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import HubSpotError
from sandbox.hubspot.list_filters import compile_branch

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

MANUAL, DYNAMIC, SNAPSHOT = "MANUAL", "DYNAMIC", "SNAPSHOT"
RESTORABLE_MS = 90 * 86_400_000  # [SPEC]


@dataclass
class CrmList:
    """One list; moments are milliseconds since the epoch. A DYNAMIC one is brought up to date when it is looked at."""

    id: int
    name: str
    kind: str
    type_id: str
    processing: str
    created: int
    updated: int
    filters: dict[str, Any] | None = None
    filters_updated: int = 0
    version: int = 1
    deleted: int | None = None
    joined: dict[int, int] = field(default_factory=dict)  # record -> since when
    first_joined: dict[int, int] = field(default_factory=dict)  # of those that came back
    last_added: int | None = None
    last_removed: int | None = None
    evaluated: int = -1  # up to which moment of change, and
    changes: int = -1  # at which state of the search index
    _by_id: list[int] | None = None
    _by_time: list[tuple[int, int]] | None = None

    @property
    def is_kept_by_hand(self) -> bool:
        return self.processing != DYNAMIC

    def by_id(self) -> list[int]:
        if self._by_id is None:
            self._by_id = sorted(self.joined)
        return self._by_id

    def by_time(self) -> list[tuple[int, int]]:
        """(since when, record), in this order."""
        if self._by_time is None:
            self._by_time = sorted((since, key) for key, since in self.joined.items())
        return self._by_time

    def add(self, keys: Iterable[int], now: int) -> list[int]:
        """Those that were not on it yet."""
        added = [key for key in dict.fromkeys(keys) if key not in self.joined]
        for key in added:
            self.joined[key] = now
        if added:
            self.last_added = now
            self._by_id = self._by_time = None
        return added

    def remove(self, keys: Iterable[int], now: int) -> list[int]:
        """Those that were on it."""
        removed = [key for key in dict.fromkeys(keys) if key in self.joined]
        for key in removed:
            self.first_joined.setdefault(key, self.joined.pop(key))
        if removed:
            self.last_removed = now
            self._by_id = self._by_time = None
        return removed


class Lists:
    def __init__(self) -> None:
        self.all: dict[int, CrmList] = {}  # deleted ones too, as they can be restored
        self._next_id = 1

    def load(self, portal: Portal, seeds: Iterable[Mapping[str, Any]]) -> None:
        """A scenario's lists: {listId, name, objectTypeId, processingType, members or filterBranch}."""
        for seed in seeds:
            self._next_id = int(seed["listId"])
            made = self.create(
                portal, seed["name"], seed["objectTypeId"], seed["processingType"], seed.get("filterBranch")
            )
            made.add((int(key) for key in seed.get("members") or ()), made.created)
        self._next_id = max(self.all, default=0) + 1

    def create(
        self, portal: Portal, name: str, object_type: str, processing: str, filters: dict[str, Any] | None
    ) -> CrmList:
        kind, now = portal.store(object_type).kind, portal.clock.now_ms()
        made = CrmList(self._next_id, name, kind.name, kind.type_id, processing, now, now, filters, now)
        if filters is not None:
            self._evaluate(portal, made, now)  # refuses what cannot be evaluated before there is a list
        self.all[made.id] = made
        self._next_id += 1
        return made

    def live(self) -> list[CrmList]:
        return [one for one in self.all.values() if one.deleted is None]

    def find(self, portal: Portal, identifier: str) -> CrmList:
        """The list under this id, as it is now. Raises the 404."""
        one = self.all.get(int(identifier)) if identifier.isascii() and identifier.isdecimal() else None
        if one is None or one.deleted is not None:
            raise HubSpotError(404, f"List does not exist with ID {identifier}.", "OBJECT_NOT_FOUND")
        return self.current(portal, one)

    def named(self, portal: Portal, kind: str, name: str) -> CrmList | None:
        """Names are unique in a portal without regard to case [SPEC; the case UNV]."""
        for one in self.live():
            if one.name.lower() == name.lower() and kind in ("", one.kind):
                return self.current(portal, one)
        return None

    def current(self, portal: Portal, one: CrmList) -> CrmList:
        """The list, brought up to date with what the search index has: HubSpot works on dynamic lists unasked."""
        if one.processing == DYNAMIC and one.filters is not None and one.kind in portal.stores:
            self._evaluate(portal, one, None)
        return one

    def refilter(self, portal: Portal, one: CrmList, filters: dict[str, Any]) -> None:
        """Another filter: everybody is looked at anew."""
        compile_branch(portal.stores[one.kind].schema, filters)
        now = portal.clock.now_ms()
        one.filters, one.filters_updated, one.updated, one.version = filters, now, now, one.version + 1
        one.evaluated = one.changes = -1
        self._evaluate(portal, one, now)

    def _evaluate(self, portal: Portal, one: CrmList, now: int | None) -> None:
        """Look at every record that has changed since the last look; they join at `now`, or when they changed."""
        store = portal.stores[one.kind]
        index = store.index
        index.catch_up(portal.clock.elapsed())
        if one.changes == index.changes:
            return
        matches = compile_branch(store.schema, one.filters)
        times = index.by_modified
        inside: dict[int, list[int]] = {}  # since when -> records
        for changed, key in times[bisect_left(times, (one.evaluated, -1)) :]:
            record = store.records.get(key)
            moment = max(changed, one.filters_updated) if now is None else now
            if record is not None and not record.archived and matches(index.records[key].properties):
                inside.setdefault(moment, []).append(key)
            elif key in one.joined:
                one.remove((key,), moment)
        for moment, keys in inside.items():
            one.add(keys, moment)
        one.changes = index.changes
        one.evaluated = times[-1][0] if times else one.evaluated

    def forget(self, kind: str, key: int, now: int) -> None:
        """A record is gone, and with that from every list."""
        for one in self.all.values():
            if one.kind == kind:
                one.remove((key,), now)

    def move(self, kind: str, key: int, heir: int, now: int) -> None:
        """After a merge the new record is on the lists that people keep and the old one was on [UNV]."""
        for one in self.all.values():
            if one.kind == kind and one.remove((key,), now) and one.is_kept_by_hand:
                one.add((heir,), now)

    def dump(self, portal: Portal) -> list[dict[str, Any]]:
        return [
            {
                "id": str(one.id),
                "name": one.name,
                "objectTypeId": one.type_id,
                "processingType": one.processing,
                "members": [str(key) for key in self.current(portal, one).by_id()],
            }
            for one in sorted(self.live(), key=lambda one: one.id)
        ]
