"""Filling an org with the records and rules of a scenario. Nothing is validated but the field names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.salesforce import assignment, validation
from sandbox.salesforce.derived import derive
from sandbox.salesforce.duplicate_rules import DuplicateRule
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.schema import ObjectType, Record
from sandbox.salesforce.schema_change import define_field, define_object
from sandbox.salesforce.stamps import parse_datetime

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Records = dict[str, list[dict[str, Any]]]
_RULES = ("CustomObject", "CustomField", "AssignmentRule", "ValidationRule", "DuplicateRule")


def load(org: Org, records: Records) -> None:
    """Add records by object name, replacing those with the same Id.

    What an admin sets up may come along, and is taken as if the org had had it for years:
    "CustomObject": [{"FullName", "Metadata": {"label", "pluralLabel"}}], "CustomField": [{"FullName", "Metadata"}],
    "AssignmentRule" (see `assignment.load`), "ValidationRule": [{"Object", "Field", "Condition", "Message"}] and
    "DuplicateRule": [{"SobjectType", "Action": "alert" or "block"}].
    """
    for definition in records.get("CustomObject", ()):
        define_object(org, definition["FullName"], **_labels(definition.get("Metadata") or {}))
    for definition in records.get("CustomField", ()):
        define_field(org, definition["FullName"], definition["Metadata"])
    now = org.stamp()
    for name, rows in records.items():
        if name not in _RULES:
            kind, table = org.objects[name], org.tables[name]
            for row in rows:
                table.put(complete(org, kind, row, now))
    for user in records.get("User", ()):
        key = normalise(user.get("Id"))
        if key and key != org.user_id and str(user.get("Username")).startswith("integration@"):
            _sign_in_as(org, key)
    assignment.load(org, records.get("AssignmentRule", ()))
    validation.load(org, records.get("ValidationRule", ()))
    for rule in records.get("DuplicateRule", ()):
        org.set_duplicate_rule(DuplicateRule.of(rule["SobjectType"], rule.get("Action", "alert")))
    _let_queues_own(org, records)
    org.forget_views()


def _labels(metadata: dict[str, Any]) -> dict[str, Any]:
    return {"label": metadata.get("label"), "plural": metadata.get("pluralLabel")}


def complete(org: Org, kind: ObjectType, row: dict[str, Any], now: str) -> Record:
    """A whole record: defaults, stamps and derived fields added to what the scenario gives. Raises ValueError."""
    unknown = row.keys() - kind.fields.keys() - {"attributes"}
    if unknown:
        raise ValueError(f"{kind.name} has no field {', '.join(sorted(unknown))}; define it before loading")
    record = dict(kind.defaults)
    for name, value in row.items():
        if value is not None and value != "" and name != "attributes":
            record[name] = parse_datetime(value) or value if kind.fields[name].type == "datetime" else value
    record["Id"] = normalise(row.get("Id")) or org.new_id(kind.prefix)
    created = record.setdefault("CreatedDate", now)
    modified = record.setdefault("LastModifiedDate", record.get("SystemModstamp") or created)
    record.setdefault("SystemModstamp", modified)
    record.setdefault("CreatedById", org.user_id)
    record.setdefault("LastModifiedById", record["CreatedById"])
    if "OwnerId" in kind.fields:
        record.setdefault("OwnerId", org.user_id)
    derive(kind.name, record, row)
    return record


def _sign_in_as(org: Org, key: str) -> None:
    """A loaded user named integration@… takes the place of the built-in one."""
    org.tables["User"].drop(org.user_id)
    for record in org.tables["Organization"].rows.values():
        record["CreatedById"] = record["LastModifiedById"] = key
    org.user_id = key


def _let_queues_own(org: Org, records: Records) -> None:
    """A queue that comes without saying for what, is one for leads and tasks."""
    told = {row.get("QueueId") for row in records.get("QueueSobject", ())}
    now, kind = org.stamp(), org.objects["QueueSobject"]
    for row in records.get("Group", ()):
        key = normalise(row.get("Id"))
        if row.get("Type") == "Queue" and key is not None and key not in told:
            for name in ("Lead", "Task"):
                if not org.queue_owns(key, name):
                    made = {"Id": org.new_id(kind.prefix), "QueueId": key, "SobjectType": name}
                    org.tables["QueueSobject"].put(complete(org, kind, made, now))
