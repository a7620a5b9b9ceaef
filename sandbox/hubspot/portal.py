"""The state of a simulated HubSpot portal: a store per object type, their associations, the owners, the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.limits import RateGate
from sandbox.hubspot.object_types import OBJECT_TYPES
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
        self.gate = RateGate()
        self._empty()

    def _empty(self) -> None:
        self.stores = {name: Store(kind, self) for name, kind in OBJECT_TYPES.items()}
        self.associations = Associations()
        self.owners: list[dict[str, Any]] = []
        self.owner_ids: frozenset[str] = frozenset()

    def load(self, scenario: Scenario) -> None:
        """Replace everything by the scenario's portal, which has contacts only."""
        self._empty()
        self.gate.forget()
        self.owners = sorted((_owner(owner) for owner in scenario.hubspot_owners), key=lambda owner: int(owner["id"]))
        self.owner_ids = frozenset(owner["id"] for owner in self.owners)
        contacts = self.stores["contacts"]
        for definition in scenario.hubspot_properties:
            contacts.schema.add(definition, self.clock.now_ms())
        contacts.load(scenario.hubspot_contacts)

    def inspect(self) -> dict[str, Any]:
        contacts = self.stores["contacts"]
        return {
            "contacts": len(contacts.live),
            "archived_contacts": len(contacts.archived),
            "owners": len(self.owners),
            "properties": len(contacts.schema.definitions),
            **{name: len(store.live) for name, store in self.stores.items() if name != "contacts"},
            "associations": len(self.associations.dump()),
        }

    def dump(self, *, times: bool = False) -> dict[str, list[dict[str, Any]]]:
        """Object name -> everything there is of it, sorted by id."""
        return {
            "contacts": self.stores["contacts"].dump(times=times),
            "owners": self.owners,
            **{name: store.dump(times=times) for name, store in self.stores.items() if name != "contacts"},
            "associations": self.associations.dump(),
        }

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
