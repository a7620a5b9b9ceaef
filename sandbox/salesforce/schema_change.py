"""What an admin does to the schema: new objects and fields, and changes of those that are there.

All of it takes effect at once, in describes, queries and writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.custom_fields import build_field, targets
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.field_kinds import audit, owner, text
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import BASE62
from sandbox.salesforce.schema import ObjectType, Record
from sandbox.salesforce.values import Convert

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

CHANGES = ("remove", "rename", "retype", "drop_value", "rename_value", "require", "hide")


def define_object(
    org: Org, name: str, label: str | None = None, plural: str | None = None,
    fields: Iterable[dict[str, Any]] = (),
) -> None:  # fmt: skip
    """Add a custom object, as the Metadata API does: `Clinic__c` with a text Name, an owner and the system fields.

    `fields` are definitions as the Tooling API takes them, {"FullName": "Beds__c", "Metadata": …}, visible at once.
    Raises SalesforceError.
    """
    if not name.endswith("__c") or not name[:-3].replace("_", "").isalnum() or not name[0].isalpha():
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"{name} is not a valid, custom object name.", ["FullName"])
    if org.find_kind(name) is not None:
        raise SalesforceError("DUPLICATE_DEVELOPER_NAME", f"There is already an object named {name}.", ["FullName"])
    label = label or name[:-3].replace("_", " ")
    taken = sum(kind.custom for kind in org.objects.values())
    prefix = "a" + BASE62[taken // 62] + BASE62[taken % 62]  # a00, a01, … as a new org hands them out [3P]
    kind = ObjectType(name, label, plural or f"{label}s", prefix, custom=True)
    kind.add(Field("Id", "Record ID", "id", 18, nillable=False, createable=False, updateable=False, defaulted=True))
    kind.add(owner(queue=True))
    kind.add(text("Name", f"{label} Name", 80, indexed=True, defaulted=True))
    for field in audit():
        kind.add(field)
    org.add_object(kind)
    for definition in fields:
        own = str(definition["FullName"]).rpartition(".")[2]
        define_field(org, f"{name}.{own}", definition["Metadata"])


def define_field(org: Org, full_name: str, metadata: dict[str, Any], visible: bool = True) -> str:
    """Add a custom field; returns the id of its CustomField record.

    Either as an admin has done long ago (`visible`) or as the Tooling API does: invisible until a FieldPermissions
    grant. Raises SalesforceError.
    """
    names, field_name = targets(full_name)
    field = build_field(full_name, metadata, visible)
    for target in field.refs:
        if org.find_kind(target) is None:
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"referenceTo value of '{target}' does not resolve",
                                  ["referenceTo"])  # fmt: skip
    for name in names:
        kind = org.objects.get(name)
        if kind is None:
            raise SalesforceError("INVALID_FIELD", f"Entity of type '{name}' not found", ["FullName"])
        if any(existing.lower() == field_name.lower() for existing in kind.fields):
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {field_name.removesuffix('__c')} on "
                f"{full_name.partition('.')[0]}.", ["DeveloperName"],
            )  # fmt: skip
    for name in names:
        _add_field(org, name, field)
    key = org.new_id("00N")
    now = org.stamp()
    org.put("CustomField", {
        "Id": key, "DeveloperName": field_name.removesuffix("__c"), "TableEnumOrId": full_name.partition(".")[0],
        "FullName": full_name, "Metadata": metadata, "CreatedDate": now, "LastModifiedDate": now,
        "SystemModstamp": now, "CreatedById": org.user_id, "LastModifiedById": org.user_id,
    })  # fmt: skip
    return key


def _add_field(org: Org, name: str, field: Field) -> None:
    kind, table = org.objects[name], org.tables[name]
    kind.add(field)
    org.forget_views()
    if field.has_index:
        table.add_index(field.name)
    if field.default is not None:  # a new checkbox is false, not null, on the records that were there before
        for record in table.rows.values():
            record.setdefault(field.name, field.default)


def change_schema(org: Org, name: str, field: str, change: dict[str, Any]) -> None:
    """Change one field of an object ("Activity" for tasks and events).

    `change` is one of {"remove": true}, {"rename": new name}, {"retype": metadata as the Tooling API takes it},
    {"drop_value": picklist value}, {"rename_value": [old, new]}, {"require": true or false} and
    {"hide": true or false}, which takes a field from the integration user and gives it back. Raises SalesforceError.
    """
    owners = ("Task", "Event") if name == "Activity" else (org.kind(name).name,)
    if len(change) != 1 or not change.keys() <= set(CHANGES):
        raise SalesforceError("INVALID_ARGUMENT_TYPE", f"a change is one of {', '.join(CHANGES)}")
    ((what, value),) = change.items()
    for owner_name in owners:
        old = org.objects[owner_name].fields.get(field)
        if old is None:
            raise SalesforceError("INVALID_FIELD", f"{owner_name} has no field {field}", [field])
        _replace(org, owner_name, old, _changed(owner_name, old, what, value))
        if what == "rename_value":  # the records follow [UNV]
            for record in list(org.tables[owner_name].rows.values()):
                if record.get(field) == value[0]:
                    org.put(owner_name, {**record, field: str(value[1])})


def _changed(name: str, old: Field, what: str, value: Any) -> Field | None:
    """The field as it is afterwards; None when it is gone."""
    if what == "remove":
        return None
    if what == "rename":
        if not old.custom:
            raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", "A standard field cannot be renamed", [old.name])
        return replace(old, name=str(value))
    if what == "retype":
        metadata = {"label": old.label, **value}
        made = build_field(f"{name}.{old.name}" if old.custom else f"{name}.X__c", metadata, old.open)
        return replace(made, name=old.name, custom=old.custom)
    if what == "require":
        return replace(old, nillable=not value, defaulted=old.defaulted and not value)
    if what == "hide":
        return replace(old, open=not value)
    gone = value if what == "drop_value" else value[0]
    if gone not in old.values:
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", f"{old.name} has no value {gone}", [old.name])
    now = () if what == "drop_value" else (str(value[1]),)
    values = tuple(v for own in old.values for v in (now if own == gone else (own,)))
    default = old.default if old.default in values else next(iter(now), None) if old.default == gone else None
    return replace(old, values=values, default=default)


def _replace(org: Org, name: str, old: Field, new: Field | None) -> None:
    """Put a field in another's place; the records follow a new name, and lose what is removed."""
    kind, table = org.objects[name], org.tables[name]
    kind.set_fields([f if f is not old else new for f in kind.fields.values() if f is not old or new is not None])  # type: ignore[misc]
    was_indexed = table.has_index(old.name)
    table.drop_index(old.name)
    if new is None or new.name != old.name:
        for record in table.rows.values():
            value = record.pop(old.name, None)
            if new is not None and value is not None:
                record[new.name] = value
    elif new.type != old.type:
        _convert(table.rows.values(), new, kind.convert[new.name])
    if new is not None and (new.has_index or was_indexed):
        table.add_index(new.name)
    _follow_in_setup(org, name, old.name, new)
    org.forget_views()


def _convert(records: Iterable[Record], field: Field, convert: Convert) -> None:
    """Values that the new type cannot hold are lost [DOC]."""
    for record in records:
        value = record.pop(field.name, field.default)
        try:
            kept = convert(value if field.type == "boolean" else None if value is None else str(value))
        except SalesforceError:
            continue
        if kept is not None:
            record[field.name] = kept


def _follow_in_setup(org: Org, name: str, old: str, new: Field | None) -> None:
    """Definitions and grants follow a field: under its new name, and out of the org with it. Hiding ends the grants."""
    owners = (name, "Activity") if name in ("Task", "Event") else (name,)
    for record in list(org.tables["CustomField"].rows.values()):
        if record["FullName"] in {f"{owner_name}.{old}" for owner_name in owners}:
            _follow(org, "CustomField", record, "FullName", new, org.stamp())
    for record in list(org.tables["FieldPermissions"].rows.values()):
        if record["Field"] in {f"{owner_name}.{old}" for owner_name in owners}:
            granted = new if new is not None and new.open else None
            _follow(org, "FieldPermissions", record, "Field", granted, org.stamp())


def _follow(org: Org, table: str, record: Record, column: str, new: Field | None, now: str) -> None:
    if new is None:
        org.remove(table, record["Id"])
        return
    full_name = f"{record[column].partition('.')[0]}.{new.name}"
    changed = {**record, column: full_name, "LastModifiedDate": now, "SystemModstamp": now}
    if table == "CustomField":
        changed["DeveloperName"] = new.name.removesuffix("__c")
    org.put(table, changed)


def reveal_field(org: Org, name: str, field: str) -> None:
    """Make a field visible without a permission set."""
    change_schema(org, name, field, {"hide": False})
