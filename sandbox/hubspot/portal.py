"""The state of a simulated HubSpot portal and the rules of writing to it."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from sys import intern
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock, iso_ms
from sandbox.hubspot.errors import HubSpotError, already_exists, bad_request, invalid_values, not_found
from sandbox.hubspot.index import Record, SearchIndex
from sandbox.hubspot.limits import RateGate
from sandbox.hubspot.schema import Schema, ValueRefused, accept, parse_ms
from sandbox.hubspot.uniqueness import UniqueValues

if TYPE_CHECKING:
    from sandbox.scenarios.model import Scenario

PORTAL_ID = 48_000_155
DEFAULT_INDEX_LAG = 0.5
FIRST_ID = 101
_ID = re.compile(r"[0-9]{1,18}")
ID_STEP = 50  # ids rise but are not dense, as in the recordings


@dataclass(frozen=True)
class Written:
    """The outcome of one write: the contact now, and which properties a reply echoes."""

    record: Record
    echoed: tuple[str, ...]
    new: bool


class Portal:
    """Contacts, properties and owners; every write goes through `create`, `update` or `archive`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.index_lag_seconds = DEFAULT_INDEX_LAG
        self.refuse_partial_email_upserts = False
        self.gate = RateGate()
        self._empty()

    def _empty(self) -> None:
        self.schema = Schema()
        self.owners: list[dict[str, Any]] = []
        self.owner_ids: frozenset[str] = frozenset()
        self.records: dict[int, Record] = {}
        self.live: list[int] = []
        self.archived: list[int] = []
        self.index = SearchIndex()
        self.unique = UniqueValues()
        self._next_id = FIRST_ID
        self._journal: list[tuple[int, Record | None]] | None = None

    # -- seeding and looking -------------------------------------------------------------------------------------

    def load(self, scenario: Scenario) -> None:
        """Replace everything by the scenario's portal. Seeds are dirty on purpose: values are not validated."""
        self._empty()
        self.gate.forget()
        for definition in scenario.hubspot_properties:
            self.schema.add(definition, self.clock.now_ms())
        self.owners = sorted((_owner(owner) for owner in scenario.hubspot_owners), key=lambda owner: int(owner["id"]))
        self.owner_ids = frozenset(owner["id"] for owner in self.owners)
        defined = self.schema.definitions.keys()
        for name in self.schema.unique:
            self.unique.watch(name)
        for seed in scenario.hubspot_contacts:
            if not seed.keys() <= defined:
                raise ValueError(f"the scenario uses undefined contact properties: {sorted(seed.keys() - defined)}")
            record = _seeded(seed)
            if record.id in self.records or self.unique.clash(record.properties, record.id):
                raise ValueError(f"the scenario has contact {record.id} twice, or two contacts with one unique value")
            self.records[record.id] = record
            self.unique.claim(record)
        self.live = sorted(self.records)
        self._next_id = max(self.records, default=FIRST_ID - ID_STEP) + ID_STEP
        self.index.load(self.records.values())

    def inspect(self) -> dict[str, Any]:
        return {
            "contacts": len(self.live),
            "archived_contacts": len(self.archived),
            "owners": len(self.owners),
            "properties": len(self.schema.definitions),
        }

    def dump(self, *, times: bool = False) -> list[dict[str, Any]]:
        """Every contact, archived ones too, sorted by id; without the system's times two runs can be compared."""
        left_out = frozenset(() if times else ("createdate", "lastmodifieddate"))
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

    def set_index_lag(self, seconds: float) -> None:
        self.index_lag_seconds = seconds
        if seconds == 0:
            self.index.catch_up(float("inf"))

    # -- finding one ---------------------------------------------------------------------------------------------

    def find(self, identifier: str, id_property: str | None = None, *, archived: bool = False) -> Record:
        """The contact under this id, e-mail or other unique value. Raises the 404."""
        record = self.lookup(identifier, id_property)
        if record is None or record.archived != archived:
            raise not_found(identifier)
        return record

    def lookup(self, identifier: str, id_property: str | None) -> Record | None:
        if id_property in (None, "", "hs_object_id"):
            return self.records.get(int(identifier)) if _ID.fullmatch(identifier) else None
        name = str(id_property)
        if not self.unique.watches(name):
            raise bad_request(f"{name} is not a unique property of CONTACT", context={"idProperty": [name]})
        key = self.unique.holder(name, identifier)
        return None if key is None else self.records[key]

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, properties: Mapping[str, Any]) -> Written:
        values = self._accepted(properties, {})
        key = self._next_id
        self._refuse_clash(values, key)
        now = self.clock.now_ms()
        kept = {name: value for name, value in values.items() if value != ""}
        stamp = iso_ms(now)
        kept.update(hs_object_id=str(key), createdate=stamp, lastmodifieddate=stamp)
        calculated = _calculated(key, kept)
        kept.update(calculated)
        record = Record(key, kept, now, now)
        self._next_id += ID_STEP
        self.live.append(key)
        self._store(record)
        return Written(record, (*values, *calculated), new=True)

    def update(self, record: Record, properties: Mapping[str, Any]) -> Written:
        values = self._accepted(properties, record.properties)
        self._refuse_clash(values, record.id)
        now = max(self.clock.now_ms(), record.updated)
        kept = {name: value for name, value in {**record.properties, **values}.items() if value != ""}
        kept["lastmodifieddate"] = iso_ms(now)
        if not kept.get("email"):
            kept.pop("hs_email_domain", None)
        calculated = _calculated(record.id, kept)
        kept.update(calculated)
        self.unique.release(record)
        changed = record._replace(properties=kept, updated=now)
        self._store(changed)
        return Written(changed, (*values, *calculated), new=False)

    def archive(self, record: Record) -> None:
        """Out of lists and searches, restorable, its e-mail free again."""
        self.unique.release(record)
        now = self.clock.now_ms()
        gone = record._replace(archived=True, archived_at=now)
        del self.live[bisect_left(self.live, record.id)]
        insort(self.archived, record.id)
        self._store(gone)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take back every write made inside when a refusal comes out, for a batch that fails as a whole."""
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

    def _store(self, record: Record) -> None:
        if self._journal is not None:
            self._journal.append((record.id, self.records.get(record.id)))
        self.records[record.id] = record
        if not record.archived:
            self.unique.claim(record)
        self.index.note(record, self.clock.elapsed() + self.index_lag_seconds)

    def _accepted(self, properties: Mapping[str, Any], before: Mapping[str, str]) -> dict[str, str]:
        """The written values as the portal keeps them; all refusals at once."""
        values: dict[str, str] = {}
        problems: list[dict[str, Any]] = []
        for name, raw in properties.items():
            try:
                values[name] = accept(self.schema, self.owner_ids, name, raw, before.get(name, ""))
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

    def define(self, request: dict[str, Any]) -> dict[str, Any]:
        """Create a property; uniqueness is not retroactive [DOC], and nothing has a value yet."""
        definition = self.schema.create(request, self.clock.now_ms())
        if definition["hasUniqueValue"]:
            self.unique.watch(definition["name"])
        return definition


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


def _calculated(key: int, values: Mapping[str, str]) -> dict[str, str]:
    """What HubSpot derives and echoes on a create [REC]."""
    derived = {
        "hs_all_contact_vids": str(key),
        "hs_is_contact": "true",
        "hs_is_unworked": "false" if values.get("hs_lead_status") else "true",
        "hs_pipeline": "contacts-lifecycle-pipeline",
    }
    email = values.get("email")
    if email and "@" in email:
        derived["hs_email_domain"] = intern(email.rpartition("@")[2])
    return derived


def _seeded(seed: Mapping[str, str]) -> Record:
    key = int(seed["hs_object_id"])
    created = parse_ms(seed["createdate"])
    updated = parse_ms(seed["lastmodifieddate"])
    kept = _calculated(key, seed)
    kept.update((name, value) for name, value in seed.items() if value is not None and value != "")
    # HubSpot always writes the milliseconds; a scenario need not.
    if len(seed["createdate"]) != 24:
        kept["createdate"] = iso_ms(created)
    if len(seed["lastmodifieddate"]) != 24:
        kept["lastmodifieddate"] = iso_ms(updated)
    return Record(key, kept, created, updated)


def _owner(seed: Mapping[str, Any]) -> dict[str, Any]:
    """An owner as the owners API shows it: its id is not its userId [SPEC]."""
    stamp = "2024-01-15T09:00:00.000Z"
    archived = bool(seed.get("archived", False))
    return {
        "type": "PERSON",
        "createdAt": stamp,
        "updatedAt": stamp,
        "userIdIncludingInactive": seed.get("userId"),
        **seed,
        "id": str(seed["id"]),
        "archived": archived,
    }
