"""The records of one object type, and the rules of writing to them."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.clock import iso_ms
from sandbox.hubspot.errors import HubSpotError, already_exists, bad_request, invalid_values, not_found, not_set
from sandbox.hubspot.index import Record, SearchIndex
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.schema import Schema, ValueRefused, accept, parse_ms
from sandbox.hubspot.uniqueness import UniqueValues

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

PORTAL_ID = 48_000_155
FIRST_ID = 101
ID_STEP = 50  # ids rise but are not dense, as in the recordings
_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Written:
    """The outcome of one write: the record now, and which properties a reply echoes."""

    record: Record
    echoed: tuple[str, ...]
    new: bool


class Store:
    """The contacts, or the companies, or …; every write goes through `create`, `update` or `archive`."""

    def __init__(self, kind: ObjectType, portal: Portal) -> None:
        self.kind = kind
        self.schema = Schema(kind.properties.definitions())
        self.records: dict[int, Record] = {}
        self.live: list[int] = []
        self.archived: list[int] = []
        self.index = SearchIndex()
        self.unique = UniqueValues(kind.unique)
        self._portal = portal
        self._next_id = FIRST_ID
        self._journal: list[tuple[int, Record | None]] | None = None

    # -- seeding and looking -------------------------------------------------------------------------------------

    def load(self, seeds: Iterable[Mapping[str, str]]) -> None:
        """Take a scenario's records. They are dirty on purpose: values are not validated."""
        defined = self.schema.definitions.keys()
        for name in self.schema.unique:
            self.unique.watch(name)
        for seed in seeds:
            if not seed.keys() <= defined:
                raise ValueError(f"the scenario uses undefined properties: {sorted(seed.keys() - defined)}")
            record = _seeded(self.kind, seed)
            if record.id in self.records or self.unique.clash(record.properties, record.id):
                raise ValueError(f"the scenario has {self.kind.singular} {record.id} twice, or a unique value twice")
            self.records[record.id] = record
            self.unique.claim(record)
        self.live = sorted(self.records)
        self._next_id = max(self.records, default=FIRST_ID - ID_STEP) + ID_STEP
        self.index = SearchIndex(self.records.values())

    def dump(self, *, times: bool = False) -> list[dict[str, Any]]:
        """Every record, archived ones too, sorted by id; without the system's times two runs can be compared."""
        left_out = frozenset(() if times else (self.kind.created, self.kind.modified))
        return [
            {
                "id": str(key),
                "archived": record.archived,
                "properties": {
                    name: value for name, value in sorted(record.properties.items()) if name not in left_out
                },
            }
            for key, record in sorted(self.records.items())
        ]

    # -- finding one ---------------------------------------------------------------------------------------------

    def find(self, identifier: str, id_property: str | None = None, *, archived: bool = False) -> Record:
        """The record under this id, e-mail or other unique value. Raises the 404."""
        record = self.lookup(identifier, id_property)
        if record is None or record.archived != archived:
            raise not_found(identifier)
        return record

    def lookup(self, identifier: str, id_property: str | None) -> Record | None:
        if id_property in (None, "", "hs_object_id"):
            return self.records.get(int(identifier)) if _ID.fullmatch(identifier) else None
        name = str(id_property)
        if not self.unique.watches(name):
            message = f"{name} is not a unique property of {self.kind.title}"
            raise bad_request(message, context={"idProperty": [name]})
        key = self.unique.holder(name, identifier)
        return None if key is None else self.records[key]

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, properties: Mapping[str, Any]) -> Written:
        values = self._accepted(properties, {})
        missing = [name for names in self.kind.required if not any(map(values.get, names)) for name in names]
        if missing:
            raise not_set(self.kind.title, missing)
        key = self._next_id
        self._refuse_clash(values, key)
        now = self._portal.clock.now_ms()
        stamp = iso_ms(now)
        system = {"hs_object_id": str(key), self.kind.created: stamp, self.kind.modified: stamp}
        kept, echoed = self._completed(key, values, system)
        record = Record(key, kept, now, now)
        self._next_id += ID_STEP
        self.live.append(key)
        self._store(record)
        return Written(record, (*values, *echoed), new=True)

    def update(self, record: Record, properties: Mapping[str, Any]) -> Written:
        values = self._accepted(properties, record.properties)
        self._refuse_clash(values, record.id)
        now = max(self._portal.clock.now_ms(), record.updated)
        kept, echoed = self._completed(record.id, {**record.properties, **values}, {self.kind.modified: iso_ms(now)})
        self.unique.release(record)
        changed = record._replace(properties=kept, updated=now)
        self._store(changed)
        return Written(changed, (*values, *echoed), new=False)

    def archive(self, record: Record) -> None:
        """Out of lists, searches and associations, its unique values free again."""
        self.unique.release(record)
        self._portal.associations.forget(self.kind.name, record.id)
        gone = record._replace(archived=True, archived_at=self._portal.clock.now_ms())
        del self.live[bisect_left(self.live, record.id)]
        insort(self.archived, record.id)
        self._store(gone)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back every create and update made inside when a refusal comes out: a batch that fails as a whole."""
        journal: list[tuple[int, Record | None]] = []
        self._journal, next_id = journal, self._next_id
        try:
            yield
        except HubSpotError:
            for key, before in reversed(journal):
                self.unique.release(self.records.pop(key))
                if before is None:
                    self.live.pop()  # a created one is always the last
                else:
                    self.records[key] = before
                    self.unique.claim(before)
            self.index.forget(len(journal))
            self._next_id = next_id
            raise
        finally:
            self._journal = None

    def define(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a property; uniqueness is not retroactive [DOC], and nothing has a value yet."""
        definition = self.schema.create(request, self._portal.clock.now_ms())
        if definition["hasUniqueValue"]:
            self.unique.watch(definition["name"])
        return definition

    def _store(self, record: Record) -> None:
        if self._journal is not None:
            self._journal.append((record.id, self.records.get(record.id)))
        self.records[record.id] = record
        if not record.archived:
            self.unique.claim(record)
        self.index.note(record, self._portal.clock.elapsed() + self._portal.index_lag_seconds)

    def _completed(
        self, key: int, values: Mapping[str, str], system: Mapping[str, str]
    ) -> tuple[dict[str, str], list[str]]:
        """The values with what HubSpot adds, empty ones left out; and which of the derived ones have a value."""
        derived = self.kind.calculated(key, values)
        kept = {name: value for name, value in {**values, **derived, **system}.items() if value != ""}
        return kept, [name for name, value in derived.items() if value != ""]

    def _accepted(self, properties: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, str]:
        """The written values as the portal keeps them; all refusals at once."""
        values: dict[str, str] = {}
        problems: list[dict[str, Any]] = []
        for name, raw in properties.items():
            try:
                values[name] = accept(self.schema, self._portal.owner_ids, name, raw, before.get(name, ""))
            except ValueRefused as refused:
                problems.append(_invalid(name, refused.code, refused.message))
        if problems:
            raise invalid_values(problems)
        stage = values.get("lifecyclestage")
        if stage and self.schema.stage_place(stage) < self.schema.stage_place(before.get("lifecyclestage", "")):
            # Only forward, unless cleared first [DOC]; that the rest of the write goes through is [UNV].
            values["lifecyclestage"] = before["lifecyclestage"]
        return values

    def _refuse_clash(self, values: Mapping[str, str], own: int) -> None:
        clash = self.unique.clash(values, own)
        if clash is None:
            return
        if clash.name == "email":
            raise already_exists(clash.holder)
        message = f"{clash.value} is already in use for {clash.name} by object {clash.holder}"
        raise invalid_values([_invalid(clash.name, "CONFLICTING_UNIQUE_VALUE", message)])


def _invalid(name: str, code: str, message: str) -> dict[str, Any]:
    """An entry of `Property values were not valid: [...]` [DOC]."""
    return {
        "isValid": False,
        "message": message,
        "error": code,
        "name": name,
        "localizedErrorMessage": message,
        "portalId": PORTAL_ID,
    }


def _seeded(kind: ObjectType, seed: Mapping[str, str]) -> Record:
    key = int(seed["hs_object_id"])
    created = parse_ms(seed[kind.created])
    updated = parse_ms(seed[kind.modified])
    kept = {**kind.calculated(key, seed), **seed}
    # HubSpot always writes the milliseconds; a scenario need not.
    if len(seed[kind.created]) != 24:
        kept[kind.created] = iso_ms(created)
    if len(seed[kind.modified]) != 24:
        kept[kind.modified] = iso_ms(updated)
    return Record(key, {name: value for name, value in kept.items() if value}, created, updated)
