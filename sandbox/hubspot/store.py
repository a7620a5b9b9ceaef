"""The records of one object type, and the rules of writing to them."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from sandbox.clock import iso_ms
from sandbox.faults.rows import refused
from sandbox.hubspot.errors import (
    HubSpotError,
    already_exists,
    bad_request,
    blocked,
    invalid_values,
    not_found,
    not_set,
)
from sandbox.hubspot.history import History
from sandbox.hubspot.index import Record, SearchIndex
from sandbox.hubspot.object_types import ObjectType, every_id
from sandbox.hubspot.schema import Schema, ValueRefused, accept, parse_ms
from sandbox.hubspot.uniqueness import UniqueValues

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

PORTAL_ID = 48_000_155
FIRST_ID = 101
ID_STEP = 50  # ids rise but are not dense, as in the recordings
_ID = re.compile(r"[0-9]{1,18}")
_BY_ID = (None, "", "hs_object_id")


@dataclass(frozen=True)
class Written:
    """The outcome of one write: the record now, and which properties a reply echoes."""

    record: Record
    echoed: tuple[str, ...]
    new: bool


class Store:
    """The contacts, or the companies, or …; every write goes through create, update, archive, merge or purge."""

    def __init__(self, kind: ObjectType, portal: Portal) -> None:
        self.kind = kind
        self.schema = Schema(kind.properties.definitions())
        self.records: dict[int, Record] = {}
        self.live: list[int] = []
        self.archived: list[int] = []
        self.index = SearchIndex()
        self.unique = UniqueValues(kind.unique)
        self.merged: dict[int, int] = {}  # id of a record that was merged away -> id of what became of it
        self.history = History(made_from=0)
        self._portal = portal
        self._next_id = FIRST_ID
        self._journal: list[tuple[int, Record | None]] | None = None

    # -- seeding and looking -------------------------------------------------------------------------------------

    def load(self, seeds: Iterable[dict[str, str]]) -> None:
        """Take over a scenario's records. They are dirty on purpose: values are not validated."""
        defined = self.schema.definitions.keys()
        for name in self.schema.unique:
            self.unique.watch(name)
        for seed in seeds:
            if not seed.keys() <= defined:
                raise ValueError(f"the scenario uses undefined properties: {sorted(seed.keys() - defined)}")
            record = self._seeded(seed)
            if record.id in self.records or self.unique.clash(record.properties, record.id):
                raise ValueError(f"the scenario has {self.kind.singular} {record.id} twice, or a unique value twice")
            self.records[record.id] = record
            self.unique.claim(record)
            if "hs_merged_object_ids" in record.properties:
                self._lead_here(record)
        self.live = sorted(self.records)
        self._next_id = max(self.records, default=FIRST_ID - ID_STEP) + ID_STEP
        self.history = History(made_from=self._next_id)
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
        """The record under this id, e-mail or other unique value, as batches find it. Raises the 404."""
        record = self.lookup(identifier, id_property)
        if record is None or record.archived != archived:
            raise not_found(identifier)
        return record

    def resolve(self, identifier: str, id_property: str | None = None, *, archived: bool = False) -> Record:
        """Like `find`, but a merged-away id leads to what became of it: so it is singly, not in batches [DOC]."""
        record = self.lookup(identifier, id_property)
        if record is None and id_property in _BY_ID and _ID.fullmatch(identifier):
            record = self.records.get(self.merged.get(int(identifier), -1))
        if record is None or record.archived != archived:
            raise not_found(identifier)
        return record

    def lookup(self, identifier: str, id_property: str | None) -> Record | None:
        if id_property in _BY_ID:
            return self.records.get(int(identifier)) if _ID.fullmatch(identifier) else None
        name = str(id_property)
        if not self.unique.watches(name):
            message = f"{name} is not a unique property of {self.kind.title}"
            raise bad_request(message, context={"idProperty": [name]})
        key = self.unique.holder(name, identifier)
        return None if key is None else self.records[key]

    def associated(self, object_type: str, identifier: str) -> list[int]:
        """The records that are associated with an object of another type. Raises the 400 for custom objects."""
        other = self._portal.store(object_type)
        if other.kind.is_custom or self.kind.is_custom:
            raise bad_request("Searches do not know the associations of custom objects.")
        record = other.lookup(identifier, None)
        return [] if record is None else list(self._portal.associations.of(other.kind.name, record.id, self.kind.name))

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, properties: Mapping[str, Any]) -> Written:
        values = self._accepted(properties, {})
        missing = [name for names in self.kind.required if not any(map(values.get, names)) for name in names]
        if self.kind.pipeline and not values.get(self.kind.pipeline) and len(self._portal.pipelines.of(self.kind)) > 1:
            missing.append(self.kind.pipeline)
        if missing:
            raise not_set(self.kind.title, missing)
        key = self._next_id
        self._refuse_clash(values, key)
        now = self._portal.clock.now_ms()
        stamp = iso_ms(now)
        system = {"hs_object_id": str(key), self.kind.created: stamp, self.kind.modified: stamp}
        kept, echoed = self._completed(key, values, system)
        record = Record(key, kept, now, now)
        self._add(record)
        return Written(record, (*values, *echoed), new=True)

    def update(self, record: Record, properties: Mapping[str, Any]) -> Written:
        values = self._accepted(properties, record.properties)
        self._refuse_clash(values, record.id)
        changed, echoed = self._changed(record, values)
        return Written(changed, (*values, *echoed), new=False)

    def keep(self, record: Record, values: Mapping[str, str]) -> Record:
        """What the portal itself notes on a record, read-only properties too; nothing is checked."""
        return self._changed(record, values)[0]

    def _changed(self, record: Record, values: Mapping[str, str]) -> tuple[Record, list[str]]:
        now = max(self._portal.clock.now_ms(), record.updated)
        follows = self.kind.follows
        resting = dict.fromkeys((name for name, source in follows.items() if source not in values), "")
        merged = {**resting, **record.properties, **values}
        kept, derived = self._completed(record.id, merged, {self.kind.modified: iso_ms(now)})
        echoed = [name for name in derived if not follows or follows.get(name) in values]  # [REC]
        self.unique.release(record)
        changed = record._replace(properties=kept, updated=now)
        self.history.note(record, changed, self.kind.always)
        self._store(changed)
        return changed, echoed

    def archive(self, record: Record) -> None:
        """Out of lists, searches and associations, its unique values free again."""
        self.unique.release(record)
        self._portal.associations.forget(self.kind.name, record.id)
        self._portal.lists.forget(self.kind.name, record.id, self._portal.clock.now_ms())
        gone = record._replace(archived=True, archived_at=self._portal.clock.now_ms())
        del self.live[bisect_left(self.live, record.id)]
        insort(self.archived, record.id)
        self._store(gone)

    def merge(self, primary: Record, other: Record, values: Mapping[str, str]) -> Record:
        """Both become one new record with these values, to which their ids lead from now on."""
        key, now = self._next_id, self._portal.clock.now_ms()
        system = {"hs_object_id": str(key), self.kind.modified: iso_ms(now)}
        kept, _ = self._completed(key, values, system)
        record = Record(key, kept, parse_ms(kept[self.kind.created]), now)
        for parent in (primary, other):
            self._leave(parent)
        self._add(record)
        for parent in (primary, other):
            self._portal.associations.move(self.kind.name, parent.id, key)
            self._portal.lists.move(self.kind.name, parent.id, key, now)
        self.history.inherit(record, (primary, other), kept.keys() - frozenset(self.kind.always))
        self._lead_here(record)
        return record

    def purge(self, record: Record) -> None:
        """Gone for good with its past and its associations, as if it had never been."""
        self._leave(record)
        self._portal.associations.forget(self.kind.name, record.id)
        self._portal.lists.forget(self.kind.name, record.id, self._portal.clock.now_ms())
        self.history.forget(record.id)

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
                    self.history.take_back(key)
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

    def undefine(self, name: str) -> None:
        """Archive a property: its values stay on the records, unseen."""
        self.schema.archive(name, self._portal.clock.now_ms())
        self.unique.unwatch(name)

    def require(self, name: str, required: bool) -> None:
        """Whether a create must set this property, as an admin may decide."""
        others = tuple(names for names in self.kind.required if names != (name,))
        self.kind = replace(self.kind, required=(*others, (name,)) if required else others)

    def _add(self, record: Record) -> None:
        """A new record, whose id is the next one."""
        self._next_id += ID_STEP
        self.live.append(record.id)
        self._store(record)

    def _leave(self, record: Record) -> None:
        """Out of everything but associations and history; unlike an archived one it cannot be read any more."""
        if not record.archived:
            self.unique.release(record)
        keys = self.archived if record.archived else self.live
        del keys[bisect_left(keys, record.id)]
        del self.records[record.id]
        self._index(record._replace(archived=True))

    def _lead_here(self, record: Record) -> None:
        for key in every_id(record.id, record.properties)[1:]:
            self.merged[int(key)] = record.id

    def _store(self, record: Record) -> None:
        if self._journal is not None:
            self._journal.append((record.id, self.records.get(record.id)))
        self.records[record.id] = record
        if not record.archived:
            self.unique.claim(record)
        self._index(record)

    def _index(self, record: Record) -> None:
        self.index.note(record, self._portal.clock.elapsed() + self._portal.index_lag_seconds)

    def _completed(
        self, key: int, values: Mapping[str, str], system: Mapping[str, str]
    ) -> tuple[dict[str, str], list[str]]:
        """The values with what HubSpot adds, empty ones left out; and which of the derived ones have a value."""
        derived = self._derived(key, values)
        kept = {name: value for name, value in {**values, **derived, **system}.items() if value != ""}
        return kept, [name for name, value in derived.items() if value != ""]

    def _seeded(self, seed: dict[str, str]) -> Record:
        """The scenario's dict becomes the record's: a million of them are not kept twice."""
        kind, key = self.kind, int(seed["hs_object_id"])
        created, updated = parse_ms(seed[kind.created]), parse_ms(seed[kind.modified])
        for name, value in self._derived(key, seed).items():
            seed.setdefault(name, value)
        # HubSpot always writes the milliseconds; a scenario need not.
        if len(seed[kind.created]) != 24:
            seed[kind.created] = iso_ms(created)
        if len(seed[kind.modified]) != 24:
            seed[kind.modified] = iso_ms(updated)
        for name in [name for name, value in seed.items() if not value]:
            del seed[name]
        return Record(key, seed, created, updated)

    def _derived(self, key: int, values: Mapping[str, str]) -> dict[str, str]:
        if self.kind.stage:
            return self._portal.pipelines.completed(self.kind, values)
        return self.kind.calculated(key, values)

    def _accepted(self, properties: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, str]:
        """The written values as the portal keeps them; all refusals at once."""
        values: dict[str, str] = {}
        problems: list[dict[str, Any]] = []
        for name, raw in properties.items():
            try:
                values[name] = accept(self.schema, self._portal.owner_ids, name, raw, before.get(name, ""))
            except ValueRefused as refused:
                problems.append(invalid_value(name, refused.code, refused.message))
        if not problems and self.kind.stage and not values.keys().isdisjoint((self.kind.stage, self.kind.pipeline)):
            message = self._portal.pipelines.mismatch(self.kind, {**before, **values})
            if message:
                problems.append(invalid_value(self.kind.stage, "INVALID_PIPELINE_STAGE", message))
        if problems:
            raise invalid_values(problems)
        stage = values.get("lifecyclestage")
        if stage and self.schema.stage_place(stage) < self.schema.stage_place(before.get("lifecyclestage", "")):
            # Only forward, unless cleared first [DOC]; that the rest of the write goes through is [UNV].
            values["lifecyclestage"] = before["lifecyclestage"]
        return values

    def _refuse_clash(self, values: Mapping[str, str], own: int) -> None:
        before = self.records.get(own)
        fault = refused(chain((own,), values.values(), before.properties.values() if before else ()))
        if fault is not None:
            raise HubSpotError(400, fault.message, fault.code or "VALIDATION_ERROR", context={"id": [str(own)]})
        if self._portal.blocked_emails and values.get("email") in self._portal.blocked_emails:
            raise blocked()
        clash = self.unique.clash(values, own)
        if clash is None:
            return
        if clash.name == "email":
            raise already_exists(clash.holder)
        message = f"{clash.value} is already in use for {clash.name} by object {clash.holder}"
        raise invalid_values([invalid_value(clash.name, "CONFLICTING_UNIQUE_VALUE", message)])


def invalid_value(name: str, code: str, message: str) -> dict[str, Any]:
    """An entry of `Property values were not valid: [...]` [DOC]."""
    return {
        "isValid": False,
        "message": message,
        "error": code,
        "name": name,
        "localizedErrorMessage": message,
        "portalId": PORTAL_ID,
    }
