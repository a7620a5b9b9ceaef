"""What a property was before: the versions that `propertiesWithHistory` shows.

Kept cheaply: of an update only what it overwrote. The first version, of a seed or a create, is made up when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sandbox.clock import iso_ms
from sandbox.hubspot.index import Record

APP_ID = "48000001"
INTEGRATION, IMPORT, MERGE = "INTEGRATION", "IMPORT", "MERGE_OBJECTS"


class Version(NamedTuple):
    """A value and since when, in ms, it was there; empty where it was cleared."""

    value: str
    at: int
    source: str

    def public(self) -> dict[str, Any]:
        return {"value": self.value, "timestamp": iso_ms(self.at), "sourceType": self.source, "sourceId": APP_ID}


class _Overwritten(NamedTuple):
    at: int
    values: dict[str, str]  # as they were before, empty where there was none


class History:
    """The past of the records of one type."""

    def __init__(self, made_from: int) -> None:
        """Ids from `made_from` on were made through the API, those before were imported."""
        self._made_from = made_from
        self._changes: dict[int, list[_Overwritten]] = {}
        self._merged: dict[int, dict[str, list[Version]]] = {}  # what merged records brought along

    def note(self, before: Record, after: Record, system: Iterable[str]) -> None:
        """An update. What it left alone is no version, nor are the system's own properties."""
        old, new = before.properties, after.properties
        changed = {
            name: old.get(name, "")
            for name in old.keys() | new.keys()
            if old.get(name, "") != new.get(name, "") and name not in system
        }
        self._changes.setdefault(before.id, []).append(_Overwritten(after.updated, changed))

    def take_back(self, key: int) -> None:
        """The last update of a record did not happen after all."""
        self._changes[key].pop()

    def forget(self, key: int) -> None:
        self._changes.pop(key, None)
        self._merged.pop(key, None)

    def inherit(self, heir: Record, parents: Iterable[Record], names: Iterable[str]) -> None:
        """The merged record has both pasts [DOC]; the current value is restated at the moment of the merge [UNV]."""
        pasts = list(parents)
        told: dict[str, list[Version]] = {}
        for name in names:
            past = [version for parent in pasts for version in self.versions(parent, name)]
            past.sort(key=lambda version: version.at, reverse=True)
            value = heir.properties.get(name, "")
            if past and past[0].value != value:
                past.insert(0, Version(value, heir.updated, MERGE))
            if past:
                told[name] = past
        for parent in pasts:
            self.forget(parent.id)
        self._merged[heir.id] = told

    def versions(self, record: Record, name: str) -> list[Version]:
        """Every value that a property had, newest first; none if it never had one."""
        value = record.properties.get(name, "")
        told = []
        for at, overwritten in reversed(self._changes.get(record.id, ())):
            if name in overwritten:
                told.append(Version(value, at, INTEGRATION))
                value = overwritten[name]
        inherited = self._merged.get(record.id)
        if inherited is not None:
            return told + inherited.get(name, [])
        if value:
            told.append(Version(value, record.created, INTEGRATION if record.id >= self._made_from else IMPORT))
        return told
