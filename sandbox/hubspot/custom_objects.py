"""Object types that a portal defines for itself, and what the schemas API tells of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.clock import iso_ms
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.object_types import ObjectType, is_taken
from sandbox.hubspot.property_table import PropertyTable
from sandbox.hubspot.standard_shared import KEPT, KEPT_PREFIXES, NUMBERS, OWNERS, SOURCE, TIMES
from sandbox.hubspot.store import PORTAL_ID, Store

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

MAX_CUSTOM_OBJECTS = 10
FIRST_TYPE_ID = 48_000_001
# Every custom object can be associated with activities [DOC].
_ACTIVITIES = ("emails", "meetings", "notes", "tasks", "calls")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_LISTS = ("requiredProperties", "searchableProperties", "secondaryDisplayProperties")
_TOLD = ("labels", "description", "primaryDisplayProperty", "allowsSensitiveProperties", *_LISTS)

Definition = dict[str, Any]


class CustomObjects:
    """Fully qualified name -> definition, as the schemas API shows it but for properties and associations."""

    def __init__(self) -> None:
        self.live: dict[str, Definition] = {}
        self.archived: dict[str, Definition] = {}
        self._spellings: dict[str, str] = {}
        self._next_id = FIRST_TYPE_ID

    def name_of(self, text: str) -> str | None:
        """The name of a live type, given its name, fully qualified name or id, in any case."""
        return self._spellings.get(text.lower())

    def define(self, portal: Portal, request: Mapping[str, Any], type_id: str | None = None) -> Definition:
        """Take a new type with its properties and associations. Raises the 400s and the 409."""
        name, labels, properties = request.get("name"), request.get("labels"), request.get("properties")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise bad_request("Object type name: letters, digits and underscores, a letter first", context=_at("name"))
        if not isinstance(labels, dict) or not labels.get("singular") or not labels.get("plural"):
            raise bad_request("Object type labels: singular and plural", context=_at("labels"))
        if not isinstance(properties, list) or not all(isinstance(entry, dict) for entry in properties):
            raise bad_request("Object type properties: a list of definitions", context=_at("properties"))
        full = f"p{PORTAL_ID}_{name.lower()}"
        if full in self.live or full in self.archived or is_taken(name):
            raise HubSpotError(409, f"An object type named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
        if len(self.live) >= MAX_CUSTOM_OBJECTS:
            raise bad_request(f"A portal has at most {MAX_CUSTOM_OBJECTS} custom objects.")
        type_id, now = type_id or f"2-{self._next_id}", iso_ms(portal.clock.now_ms())
        store = Store(_kind(full, type_id), portal)
        for entry in properties:
            store.define({"groupName": f"{name.lower()}_information", "description": "", **entry})
        definition: Definition = {
            "id": type_id.removeprefix("2-"),
            "objectTypeId": type_id,
            "fullyQualifiedName": full,
            "name": name.lower(),
            "createdAt": now,
            "updatedAt": now,
            "archived": False,
            "description": "",
            "allowsSensitiveProperties": False,
            **{key: [] for key in _LISTS},
        }
        targets = [portal.store(str(each)).kind.name for each in request.get("associatedObjects") or ()]
        _change(store, definition, request)
        self._next_id += 1
        self.live[full] = definition
        portal.stores[full] = store
        for spelling in (name, f"p_{name}", full, type_id):
            self._spellings[spelling.lower()] = full
        for target in dict.fromkeys((*_ACTIVITIES, *targets)):
            associate(portal, full, target)
        return definition

    def update(self, portal: Portal, name: str, request: Mapping[str, Any]) -> Definition:
        definition = self.live[name]
        _change(portal.stores[name], definition, request)
        definition["updatedAt"] = iso_ms(portal.clock.now_ms())
        return definition

    def archive(self, portal: Portal, name: str) -> None:
        """Only without records [DOC]; its name is free when it is purged."""
        if portal.stores[name].live:
            raise bad_request(f"Object type {name} still has records; delete them first.")
        del portal.stores[name]
        portal.associations.forget_type(name)
        self.archived[name] = {**self.live.pop(name), "archived": True}
        self._spellings = {spelling: full for spelling, full in self._spellings.items() if full != name}

    def purge(self, text: str) -> None:
        """Forget an archived type."""
        for name, definition in self.archived.items():
            if text.lower() in (name, definition["name"], definition["objectTypeId"]):
                del self.archived[name]
                return
        raise no_such_type(text)


def associate(portal: Portal, name: str, target: str) -> None:
    """The default association between a custom object and another type, both ways."""
    one, other = (portal.stores[each].kind.singular for each in (name, target))
    portal.associations.define_pair(name, target, f"{one}_to_{other}", f"{other}_to_{one}")


def no_such_type(text: str) -> HubSpotError:
    return HubSpotError(404, f"Unable to infer object type from: {text}", "OBJECT_NOT_FOUND")


def _kind(full: str, type_id: str) -> ObjectType:
    singular = full.partition("_")[2]
    table = PropertyTable(
        group=f"{singular}_information",
        text=SOURCE,
        numbers=NUMBERS,
        datetimes=f"{TIMES}|hs_createdate=Object create date/time",
        enumerations=OWNERS,
        kept=KEPT,
        kept_prefixes=KEPT_PREFIXES,
    )
    return ObjectType(full, singular, type_id, table, shown=(), searched=(), created="hs_createdate")


def _change(store: Store, definition: Definition, request: Mapping[str, Any]) -> None:
    """Take over what the request says of display, search and what is required."""
    told = {key: request[key] for key in _TOLD if request.get(key) is not None}
    named = [name for key in _LISTS for name in told.get(key, [])]
    if told.get("primaryDisplayProperty"):
        named.append(told["primaryDisplayProperty"])
    unknown = [name for name in named if name not in store.schema.definitions]
    if unknown:
        raise bad_request(f"Properties do not exist: {', '.join(map(str, unknown))}", context={"propertyName": unknown})
    definition.update(told)
    if request.get("clearDescription"):
        definition["description"] = ""
    store.kind = replace(
        store.kind,
        required=tuple((name,) for name in definition["requiredProperties"]),
        searched=tuple(definition["searchableProperties"]),
    )


def _at(field: str) -> dict[str, list[str]]:
    return {"field": [field]}
