"""What Salesforce looks at before it saves a record: required fields, references, unique values, memberships."""

from __future__ import annotations

from sandbox.salesforce import duplicate_rules, validation
from sandbox.salesforce.duplicate_rules import SaveAs
from sandbox.salesforce.errors import SalesforceError, refuse
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import ObjectType, Record
from sandbox.salesforce.table import fold


def check_fields(org: Org, kind: ObjectType, values: Record, old: Record | None) -> None:
    """Required fields and references; all that is wrong with them is told at once."""
    errors: list[SalesforceError] = []
    if old is None:
        missing = [f.name for f in kind.required if values.get(f.name) is None]
    else:
        missing = [f.name for f in kind.required if f.name in values and values[f.name] is None]
    if missing:
        errors.append(_missing(missing))
    for name, field in kind.references.items():
        value = values.get(name)
        if value is not None and (old is None or old.get(name) != value):
            wrong = _wrong_reference(org, kind, field, value)
            if wrong is not None:
                errors.append(wrong)
    refuse(errors)


def check_record(org: Org, kind: ObjectType, record: Record, values: Record, how: SaveAs) -> None:
    """The record as it is about to be saved: what it must be, then the admin's rules, then what must be unique."""
    _check_membership(org, kind.name, record)
    if kind.name == "Event" and (record.get("DurationInMinutes") or 0) < 0:
        text = "Event end time must be after its start time"  # [UNV]
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", text, ["EndDateTime"])
    if kind.name in org.validation_rules:
        refuse(validation.broken(org, kind.name, record))
    if org.duplicate_rules:
        duplicate_rules.check(org, kind.name, record, values, how)
    _check_unique(org, kind, values, record.get("Id"))


def check_times(record: Record) -> None:
    """A new event has a start and an end, or a day when it takes the whole day [DOC]."""
    needed = ("ActivityDate",) if record.get("IsAllDayEvent") else ("DurationInMinutes", "ActivityDateTime")
    missing = [name for name in needed if record.get(name) is None]
    if missing:
        raise _missing(missing)


def live(org: Org, name: str, field: str, value: object) -> list[Record]:
    """Records that are not deleted and have this value in an indexed field."""
    table = org.tables[name]
    keys = table.lookup(field, (value if field == "Id" else fold(value),))
    if not keys:
        return []
    found = [table.rows[key] for key in sorted(keys)]
    if org.objects[name].fields[field].case_sensitive:
        found = [r for r in found if r.get(field) == value]
    return [r for r in found if not r.get("IsDeleted")]


def check_grant(org: Org, values: Record) -> None:
    """FieldPermissions: the field must exist, edit needs read, one record per permission set and field [DOC]."""
    owner, _, name = str(values["Field"]).partition(".")
    names = ("Task", "Event") if owner == "Activity" else (owner,)
    known = all(n in org.objects and name in org.objects[n].fields for n in names)
    if not known or values["SobjectType"] != owner:
        text = f"Field Name: bad value for restricted picklist field: {values['Field']}"
        raise SalesforceError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text, ["Field"])
    if values.get("PermissionsEdit") and not values.get("PermissionsRead"):
        text = "Permission Edit Field depends on permission(s): Read Field"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", text, ["PermissionsEdit"])
    for key in org.tables["FieldPermissions"].lookup("Field", (fold(values["Field"]),)):
        if org.tables["FieldPermissions"].rows[key].get("ParentId") == values["ParentId"]:
            text = f"duplicate value found: <unknown> duplicates value on record with id: {key}"
            raise SalesforceError("DUPLICATE_VALUE", text, [])


def _missing(names: list[str]) -> SalesforceError:
    text = f"Required fields are missing: [{', '.join(names)}]"  # [REC]
    return SalesforceError("REQUIRED_FIELD_MISSING", text, names)


def _wrong_reference(org: Org, kind: ObjectType, field: Field, value: str) -> SalesforceError | None:
    """A lookup must name a live record of a right object; an owner must be active, or a queue for such records."""
    target = org.by_prefix.get(value[:3])
    if target not in field.refs:
        return SalesforceError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
    record = org.tables[target].rows.get(value)
    if record is None:
        return SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    if record.get("IsDeleted"):
        return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [])
    if field.name != "OwnerId":
        return None
    if target == "User" and not record.get("IsActive"):
        text = f"operation performed with inactive user [{value}] as owner of {kind.name.lower()}"  # [3P]
        return SalesforceError("INACTIVE_OWNER_OR_USER", text, [])
    if target == "Group" and record.get("Type") != "Queue":
        return SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    if target == "Group" and not org.queue_owns(value, kind.name):
        text = "Queue not associated with this SObject type"  # [3P]
        return SalesforceError("INVALID_OPERATION", text, ["OwnerId"])
    return None


def _check_unique(org: Org, kind: ObjectType, values: Record, key: str | None) -> None:
    for name in kind.unique:
        value = values.get(name)
        if value is None:
            continue
        for other in live(org, kind.name, name, value):
            if other["Id"] != key:
                text = f"duplicate value found: {name} duplicates value on record with id: {other['Id']}"
                raise SalesforceError("DUPLICATE_VALUE", text, [])


def _check_membership(org: Org, name: str, record: Record) -> None:
    """A campaign has a person once [DOC]."""
    if name != "CampaignMember":
        return
    if record.get("LeadOrContactId") is None:
        raise _missing(["LeadId"])
    for other in live(org, name, "CampaignId", record["CampaignId"]):
        if other["Id"] != record.get("Id") and other.get("LeadOrContactId") == record["LeadOrContactId"]:
            raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.", [])  # text [3P]
