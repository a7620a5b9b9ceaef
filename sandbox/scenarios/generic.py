"""The generator behind a user's own scenario: people with properties, defects among them, and a CRM with staff."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from typing import Any

from sandbox.scenarios.crew import crew, integration_email, owners
from sandbox.scenarios.crowd import Crowd
from sandbox.scenarios.defects import Defects
from sandbox.scenarios.engagement import engagement
from sandbox.scenarios.generic_crm import Crm
from sandbox.scenarios.lakeshore_times import HOUR
from sandbox.scenarios.model import SCENARIO_NOW, Scenario
from sandbox.scenarios.portal_properties import definition, hubspot_properties
from sandbox.scenarios.source import Source

FIRST_ID = 100_001
_FIELD_TYPES = {"string": "text", "number": "number", "bool": "booleancheckbox", "datetime": "date"}


class Generic:
    """A scenario file brought to life; the parts stay open, so that another generator may add to them."""

    def __init__(self, source: Source, contacts: int, seed: int) -> None:
        if "people" not in source.data:
            raise source.error((), "'people' is a required property")
        self.source = source
        self.rng = random.Random(f"{source.data['name']}/{contacts}/{seed}")
        self.now = datetime.fromisoformat(source.data["now"]) if "now" in source.data else SCENARIO_NOW
        self.members = crew(source.data["staff"])
        self.crowd = Crowd(source, self.rng, contacts, self.now)
        self.defects = Defects(source, self.rng, self.crowd)
        order = sorted(range(contacts), key=lambda slot: (self.crowd.moments[slot][0], slot))
        self.ids = dict(zip(order, map(str, range(FIRST_ID, FIRST_ID + contacts)), strict=True))
        self.contacts = {slot: self._contact(slot) for slot in order}
        self.crm = Crm(source, self.rng, self.members)
        self.crm.add_known(self.crowd, self.defects, self.contacts)
        for name, fields in source.data.get("engagement", {}).get("forms", {}).items():
            for place, field in enumerate(fields):
                if field not in self.crowd.said:
                    raise source.error(("engagement", "forms", name, place), "the portal has no such property")

    def scenario(self) -> Scenario:
        """Everything together, with the truth about it."""
        rows = list(self.contacts.values())
        return Scenario(
            name=self.source.data["name"],
            now=self.now,
            hubspot_properties=self._properties(),
            hubspot_owners=owners(self.members),
            hubspot_contacts=rows,
            salesforce_records=self.crm.records,
            truth=self._truth(),
            **engagement(self.source.data.get("engagement", {}), rows, self.now, f"{self.source.data['name']}/seeds"),
        )

    def _contact(self, slot: int) -> dict[str, str]:
        calendar, row, rng = self.crowd.calendar, self.crowd.rows[slot], self.rng
        created, inquiry = self.crowd.moments[slot]
        changed = (created if inquiry is None else inquiry) + int(rng.random() ** 4 * 6 * HOUR)
        contact = {"hs_object_id": self.ids[slot]}
        contact |= {name: row[name] for name in row if name in self.crowd.said and row[name]}
        contact["createdate"] = calendar.text(created)
        if inquiry is not None:
            contact["inquiry_at"] = contact["recent_conversion_date"] = calendar.text(inquiry)
        contact["lastmodifieddate"] = calendar.text(min(self.crowd.days * 24 * HOUR, changed))
        return contact

    def _properties(self) -> list[dict[str, Any]]:
        made = hubspot_properties()
        for name, spec in self.source.data.get("properties", {}).items():
            kind = spec.get("type", "string")
            made.append(definition(name, spec["label"], kind, _FIELD_TYPES[kind], len(made)))
        return made

    def _truth(self) -> dict[str, Any]:
        ids, defects = self.ids, self.defects
        cases = {name: sorted((ids[slot] for slot in slots), key=int) for name, slots in defects.slots.items()}
        email = integration_email(self.source.data["staff"])
        duplicates = [
            {"original": ids[original], "duplicate": ids[slot]} for slot, original in defects.original_of.items()
        ]
        return {
            "contacts": len(ids),
            "people": len(ids) - len(duplicates),
            "clean": sum(map(defects.clean, ids)),
            "kinds": dict(sorted(Counter(self.crowd.kinds).items())),
            "cases": cases,
            "rates": {name: len(found) for name, found in cases.items()},
            "duplicates": sorted(duplicates, key=lambda pair: int(pair["duplicate"])),
            "crm": {
                name.lower(): sorted((ids[slot] for slot in known), key=int) for name, known in self.crm.known.items()
            },
            "canaries": {ids[slot]: texts for slot, texts in sorted(defects.canaries.items())},
            "staff": [
                {"email": one.email, "team": one.team, "title": one.title, "active": one.active} for one in self.members
            ],
            "integration_user": next(user["Id"] for user in self.crm.records["User"] if user["Email"] == email),
        }


def generic(source: Source, contacts: int, seed: int) -> Scenario:
    """Build a scenario file as it says. Raises ScenarioError."""
    return Generic(source, contacts, seed).scenario()
