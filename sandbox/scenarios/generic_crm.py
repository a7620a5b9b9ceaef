"""What the CRM of a scenario file holds: staff, queues, the records it lists, and contacts known before the hub."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sandbox.salesforce.objects import standard_objects
from sandbox.scenarios.crew import Member, groups, users
from sandbox.scenarios.crowd import PERSON, Crowd, Row
from sandbox.scenarios.defects import Defects
from sandbox.scenarios.model import Record
from sandbox.scenarios.salesforce_ids import PREFIXES, record_id, stamp
from sandbox.scenarios.source import Key, Source
from sandbox.scenarios.values import Value, part, value

_USUAL = {
    "Lead": {"Company": "Individual", "Status": "Open - Not Contacted", "LeadSource": "Web"},
    "Contact": {"LeadSource": "Web"},
}


class Crm:
    """The org's records; templates name a team, a queue or an object to get the id of one of theirs."""

    def __init__(self, source: Source, rng: random.Random, members: list[Member]) -> None:
        self._source = source
        self._rng = rng
        staff = source.data["staff"]
        self._fields = {name: set(kind.fields) for name, kind in standard_objects().items()}
        objects: dict[str, str] = source.data.get("custom_objects", {})
        self._fields |= {name: {"Name", "OwnerId"} for name in objects}
        self.records: dict[str, list[Record]] = {
            "CustomObject": [{"FullName": name, "Metadata": {"label": label}} for name, label in objects.items()],
            "CustomField": self._custom_fields(),
            "User": users(members, staff),
            "Group": groups(staff),
        }
        self._ids: dict[str, list[str]] = {}
        self.known: dict[str, dict[int, Record]] = {}
        for member in members:
            if member.active:
                self._ids.setdefault(member.team, []).append(member.user_id)
                self._ids.setdefault("anybody", []).append(member.user_id)
        for queue in self.records["Group"]:
            self._ids[queue["DeveloperName"]] = [queue["Id"]]
        for name, rows in source.data.get("records", {}).items():
            for place, row in enumerate(rows):
                self._listed(name, place, row)

    def compiled(self, key: Key, name: str, table: dict[str, Any], known: frozenset[str]) -> dict[str, Value]:
        """Compile a table of fields. Raises ScenarioError for unknown objects, fields and names."""
        known_objects = {*PREFIXES, *self._source.data.get("custom_objects", ())}
        if name not in known_objects:
            raise self._source.error(key[:2], f"records can be of {', '.join(sorted(known_objects))}")
        made = {}
        for field, raw in table.items():
            if field not in self._fields[name]:
                raise self._source.error((*key, field), f"{name} has no such field; name it under `custom_fields`")
            try:
                made[field] = value(raw)
            except ValueError as error:
                raise self._source.error((*key, field), str(error)) from error
            unknown = made[field].names - known - self._ids.keys()
            if unknown:
                raise self._source.error((*key, field), f"${min(unknown)} is not known here")
        return made

    def add_known(self, crowd: Crowd, defects: Defects, contacts: dict[int, dict[str, str]]) -> None:
        """Leads and contacts that stand in the CRM already for people without a deciding defect."""
        free = [slot for slot in contacts if defects.clean(slot) and slot not in defects.original_of.values()]
        free = [slot for slot in free if contacts[slot].get("email")]
        self._rng.shuffle(free)
        for name, spec in self._source.data.get("known", {}).items():
            kinds = spec.get("kinds", list(crowd.specs))
            for place, kind in enumerate(kinds):
                if kind not in crowd.specs:
                    raise self._source.error(("known", name, "kinds", place), f"there is no kind {kind}")
            table = {"OwnerId": "$anybody", **_USUAL[name], **spec.get("values", {})}
            fields = self.compiled(("known", name, "values"), name, table, PERSON | crowd.drawn)
            wanted = part(sum(kind in kinds for kind in crowd.kinds), spec["share"])
            chosen = sorted([slot for slot in free if crowd.kinds[slot] in kinds][:wanted])
            taken = set(chosen)
            free = [slot for slot in free if slot not in taken]
            self.known[name] = {
                slot: self._person(name, crowd.rows[slot], contacts[slot], fields, crowd.now) for slot in chosen
            }

    def add(self, name: str, fields: Record) -> Record:
        """One more record; gets an id, unless it is of a custom object, whose ids the org gives."""
        rows = self.records.setdefault(name, [])
        record = {"Id": record_id(name, len(rows) + 1), **fields} if name in PREFIXES else fields
        rows.append(record)
        return record

    def _person(self, name: str, row: Row, contact: dict[str, str], fields: dict[str, Value], now: datetime) -> Record:
        prefix = "Mailing" if name == "Contact" else ""
        record = {
            "FirstName": row["first"], "LastName": row["last"], "Name": f"{row['first']} {row['last']}",
            "Email": contact["email"], "Phone": contact.get("phone"), f"{prefix}City": contact.get("city"),
            f"{prefix}PostalCode": contact.get("zip"), **self._filled(fields, row), **self._dates(now),
        }  # fmt: skip
        return self.add(name, record)

    def _filled(self, fields: dict[str, Value], row: Row) -> Record:
        known = Row(row)
        for one in fields.values():
            for name in one.names & self._ids.keys():
                known[name] = self._rng.choice(self._ids[name])
        return {field: one.draw(self._rng, known) for field, one in fields.items()}

    def _dates(self, now: datetime) -> Record:
        created = now - timedelta(days=31 + int(self._rng.random() * 170), minutes=int(self._rng.random() * 600))
        changed = stamp(created + timedelta(hours=int(self._rng.random() * 600)))
        return {"CreatedDate": stamp(created), "LastModifiedDate": changed, "SystemModstamp": changed}

    def _listed(self, name: str, place: int, row: dict[str, Any]) -> None:
        fields = self.compiled(("records", name, place), name, row, frozenset())
        record = self.add(name, self._filled(fields, Row()))
        if "Id" in record:
            self._ids.setdefault(name, []).append(record["Id"])

    def _custom_fields(self) -> list[Record]:
        made = []
        for full_name, metadata in self._source.data.get("custom_fields", {}).items():
            owner, _, field = full_name.partition(".")
            objects = ("Task", "Event") if owner == "Activity" else (owner,)
            if not self._fields.keys() >= set(objects) or not field.endswith("__c"):
                raise self._source.error(("custom_fields", full_name), "is no Object.Field__c")
            for name in objects:
                self._fields[name].add(field)
            plain = {key: {"true": True, "false": False}.get(text, text) for key, text in metadata.items()}
            made.append({"FullName": full_name, "Metadata": plain})
        return made
