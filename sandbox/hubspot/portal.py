"""The state of a simulated HubSpot portal: a store per object type, their associations, the owners, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.hubspot.access import Access
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.custom_objects import CustomObjects
from sandbox.hubspot.limits import RateGate
from sandbox.hubspot.lists import Lists
from sandbox.hubspot.marketing.state import Marketing
from sandbox.hubspot.object_types import OBJECT_TYPES, resolve
from sandbox.hubspot.pipelines import Pipelines, install
from sandbox.hubspot.store import Store

if TYPE_CHECKING:
    from sandbox.scenarios.model import Scenario

DEFAULT_INDEX_LAG = 0.5


class Portal:
    """What all object types of an account share."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.index_lag_seconds = DEFAULT_INDEX_LAG
        self.refuse_partial_email_upserts = False
        self.enterprise = True  # Marketing Hub Enterprise, which the events API and subscription batches ask for
        self.data_privacy = False  # the account's privacy settings: a change of consent must state its legal basis
        self.gate = RateGate()
        self._empty()

    def _empty(self) -> None:
        self.stores = {name: Store(kind, self) for name, kind in OBJECT_TYPES.items()}
        self.custom_objects = CustomObjects()
        self.pipelines = Pipelines()
        self.install_pipelines()
        self.blocked_emails: set[str] = set()  # by GDPR deletes; no contact may take one
        self.associations = Associations()
        self.access = Access(self.clock)
        self.lists = Lists()
        self.marketing = Marketing(self)
        self.owners: list[dict[str, Any]] = []
        self.owner_ids: frozenset[str] = frozenset()

    def load(self, scenario: Scenario) -> None:
        """Replace everything by the scenario's portal."""
        self._empty()
        self.gate.forget()
        self.owners = sorted((_owner(owner) for owner in scenario.hubspot_owners), key=lambda owner: int(owner["id"]))
        self.owner_ids = frozenset(owner["id"] for owner in self.owners)
        contacts = self.stores["contacts"]
        for definition in scenario.hubspot_properties:
            contacts.schema.add(definition, self.clock.now_ms())
        self.marketing.define(scenario)
        contacts.load(scenario.hubspot_contacts)
        for schema in scenario.hubspot_schemas:
            self.custom_objects.define(self, schema, schema["objectTypeId"])
        for name, records in scenario.hubspot_objects.items():
            self.store(name).load(records)
        for source, key, target, other in scenario.hubspot_links:
            ends = self.store(source).kind.name, self.store(target).kind.name
            self.associations.link(self.associations.defaults[ends], int(key), int(other))
        self.lists.load(self, scenario.hubspot_lists)
        self.marketing.load(scenario)

    def store(self, object_type: str) -> Store:
        """The objects of a type under its name, singular or id, in any case; raises what `resolve` raises."""
        return self.stores[self.custom_objects.name_of(object_type) or resolve(object_type).name]

    def install_pipelines(self) -> None:
        """Let the properties for pipeline and stage admit what pipelines there are now."""
        for store in self.stores.values():
            if store.kind.stage:
                install(self.pipelines, store.kind, store.schema)

    def inspect(self) -> dict[str, Any]:
        contacts = self.stores["contacts"]
        return {
            "contacts": len(contacts.live),
            "archived_contacts": len(contacts.archived),
            "owners": len(self.owners),
            "properties": len(contacts.schema.definitions),
            **{name: len(store.live) for name, store in self.stores.items() if name != "contacts"},
            "associations": self.associations.count(),
            "lists": len(self.lists.live()),
            "marketing": self.marketing.inspect(),
        }

    def dump(self, *, times: bool = False) -> dict[str, list[dict[str, Any]]]:
        """Object name -> everything there is of it, sorted by id."""
        return {
            "contacts": self.stores["contacts"].dump(times=times),
            "owners": self.owners,
            **{name: store.dump(times=times) for name, store in self.stores.items() if name != "contacts"},
            "associations": self.associations.dump(),
            "lists": self.lists.dump(self),
            **self.marketing.dump(times=times),
        }

    def settings(self) -> dict[str, bool]:
        """What the account has, as the control API shows it."""
        return {"enterprise": self.enterprise, "data_privacy": self.data_privacy}

    def change(self, settings: Mapping[str, Any]) -> None:
        """Change some of the settings. Raises ValueError."""
        for name, value in settings.items():
            if name not in self.settings():
                raise ValueError(f"no such setting: {name}; there are {', '.join(self.settings())}")
            if type(value) is not bool:
                raise ValueError(f"{name} is true or false")
            setattr(self, name, value)

    def set_index_lag(self, seconds: float) -> None:
        self.index_lag_seconds = seconds
        if seconds == 0:
            for store in self.stores.values():
                store.index.catch_up(float("inf"))


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
