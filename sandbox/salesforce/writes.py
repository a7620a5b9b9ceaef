"""Creating, updating and deleting records, with the refusals that Salesforce gives."""

from typing import Any

from sandbox.salesforce.derived import derive
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import WRITE_ERROR, Record, View
from sandbox.salesforce.table import fold


def prepare(org: Org, view: View, body: dict[str, Any], creating: bool) -> Record:
    """Field values of a JSON record, converted; refuses unknown, protected and unreadable ones."""
    values: Record = {}
    locked: list[str] = []
    allowed = view.createable if creating else view.updateable
    for name, value in body.items():
        if name == "attributes":
            continue
        field = view.find(name)
        if field is None:
            parent = relation_field(view, name)
            if parent is None or not isinstance(value, dict):
                raise no_such_column(view, name)
            target = (value.get("attributes") or {}).get("type")
            (key, wanted), *_ = [(k, v) for k, v in value.items() if k != "attributes"] or [("", None)]
            values[parent.name] = resolve_reference(org, parent, target, key, wanted)
            continue
        if field.name not in allowed:
            locked.append(field.name)
            continue
        values[field.name] = view.kind.convert[field.name](value)
    if locked:
        raise locked_fields(locked)
    return values


def no_such_column(view: View, name: str) -> SalesforceError:
    return SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {view.kind.name}")


def locked_fields(names: list[str]) -> SalesforceError:
    text = f"Unable to create/update fields: {', '.join(names)}. {WRITE_ERROR}"
    return SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", text, names)


def relation_field(view: View, relationship: str) -> Field | None:
    """The lookup field behind a relationship name: Owner -> OwnerId."""
    wanted = relationship.lower()
    return next((f for f in view.fields.values() if f.relationship and f.relationship.lower() == wanted), None)


def resolve_reference(org: Org, parent: Field, target: str | None, key: str, wanted: Any) -> str:
    """The id of the parent that an external id names: {"Owner": {"Username": "…"}} [DOC]."""
    names = [target] if target else list(parent.refs)
    if len(names) > 1 and not target:
        names = [n for n in names if org.view(n).find(key)]
    for name in names:
        kind = org.find_kind(name)
        field = org.view(kind.name).find(key) if kind and kind.name in parent.refs else None
        if kind is None or field is None or not (field.external_id or field.id_lookup or field.type == "id"):
            continue
        found = live(org, kind.name, field.name, wanted)
        if len(found) == 1:
            return str(found[0]["Id"])
        text = f"Foreign key external ID: {wanted} not found for field {field.name} in entity {kind.name}"
        raise SalesforceError("INVALID_FIELD", text)
    raise SalesforceError("INVALID_FIELD", f"Field name provided, {key} is not an External ID or indexed field for "
                          f"{names[0] if names else parent.name}")  # fmt: skip


def live(org: Org, name: str, field: str, value: Any) -> list[Record]:
    """Records that are not deleted and have this value in an indexed field."""
    table = org.tables[name]
    keys = table.lookup(field, (value if field == "Id" else fold(value),))
    if not keys:
        return []
    found = [table.rows[key] for key in sorted(keys)]
    if org.objects[name].fields[field].case_sensitive:
        found = [r for r in found if r.get(field) == value]
    return [r for r in found if not r.get("IsDeleted")]


def insert(org: Org, view: View, values: Record, now: str, rule: bool, by: str | None = None) -> str:
    """Create a record and return its id. `rule`: assignment rules apply; `by`: who does it, the API's user if None."""
    kind = view.kind
    missing = [f.name for f in kind.required if values.get(f.name) is None]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"  # [REC]
        raise SalesforceError("REQUIRED_FIELD_MISSING", text, missing)
    _check_references(org, view, values, None)
    _check_unique(org, view, values, None)
    if kind.name == "FieldPermissions":
        _check_grant(org, values)
    record = kind.defaults.copy()
    for name, value in values.items():
        if value is not None:
            record[name] = value
    record["Id"] = key = org.new_id(kind.prefix)
    record["CreatedDate"] = record["LastModifiedDate"] = record["SystemModstamp"] = now
    record["CreatedById"] = record["LastModifiedById"] = by or org.user_id
    if "OwnerId" in kind.references:
        record.setdefault("OwnerId", by or org.user_id)
    if rule and org.assignment_rule and kind.name == "Lead":
        record["OwnerId"] = org.assignment_rule
    derive(kind.name, record, values)
    _check_membership(org, kind.name, record)
    org.put(kind.name, record)
    _keep_one_primary(org, kind.name, record, now)
    return key


def update(org: Org, view: View, old: Record, values: Record, now: str, rule: bool, by: str | None = None) -> None:
    """Change a record. Unchanged values still count as a change of the record: the stamps move [UNV]."""
    kind = view.kind
    if old.get("IsDeleted"):
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
    if old.get("IsConverted"):
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])  # [REC]
    missing = [f.name for f in kind.required if f.name in values and values[f.name] is None]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"
        raise SalesforceError("REQUIRED_FIELD_MISSING", text, missing)
    _check_references(org, view, values, old)
    _check_unique(org, view, values, old)
    record = old.copy()
    for name, value in values.items():
        if value is None:
            if name in kind.defaults:
                record[name] = kind.defaults[name]
            elif name != "OwnerId":
                record.pop(name, None)
        else:
            record[name] = value
    record["LastModifiedDate"] = record["SystemModstamp"] = now
    record["LastModifiedById"] = by or org.user_id
    if rule and org.assignment_rule and kind.name == "Lead":
        record["OwnerId"] = org.assignment_rule  # the rule fires on updates too [DOC]
    if record.get("StageName") != old.get("StageName") and "Probability" not in values:
        record.pop("Probability", None)  # a new stage brings its own [DOC]
    derive(kind.name, record, values)
    org.put(kind.name, record)
    _keep_one_primary(org, kind.name, record, now)


def delete(org: Org, view: View, old: Record, now: str, by: str | None = None) -> None:
    """Into the recycle bin, with the records that belong to it and to nothing else (cascadeDelete)."""
    kind = view.kind
    if old.get("IsDeleted"):
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
    if kind.name in ("User", "Organization", "Profile", "Group"):
        raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [])
    if not kind.deletable:
        org.remove(kind.name, old["Id"])
        return
    org.put(kind.name, {**old, "IsDeleted": True, "SystemModstamp": now, "LastModifiedDate": now,
                        "LastModifiedById": by or org.user_id})  # fmt: skip
    for child, field in org.children(kind.name).values():
        if field.cascade:
            for record in live(org, child, field.name, old["Id"]):
                if not org.tables[child].rows[record["Id"]].get("IsDeleted"):
                    delete(org, org.view(child), record, now, by)


def _check_references(org: Org, view: View, values: Record, old: Record | None) -> None:
    """A lookup must name a live record of a right object; an owner must be active."""
    for name, field in view.kind.references.items():
        value = values.get(name)
        if value is None or (old is not None and old.get(name) == value):
            continue
        target = org.by_prefix.get(value[:3])
        if target not in field.refs:
            raise SalesforceError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [name])
        record = org.tables[target].rows.get(value)
        if record is None:
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        if record.get("IsDeleted"):
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [])
        if name == "OwnerId" and target == "User" and not record.get("IsActive"):
            text = f"operation performed with inactive user [{value}] as owner of {view.kind.name.lower()}"  # [3P]
            raise SalesforceError("INACTIVE_OWNER_OR_USER", text, [])
        if name == "OwnerId" and target == "Group" and record.get("Type") != "Queue":
            raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])


def _check_unique(org: Org, view: View, values: Record, old: Record | None) -> None:
    for name in view.kind.unique:
        value = values.get(name)
        if value is None:
            continue
        for other in live(org, view.kind.name, name, value):
            if old is None or other["Id"] != old["Id"]:
                text = f"duplicate value found: {name} duplicates value on record with id: {other['Id']}"
                raise SalesforceError("DUPLICATE_VALUE", text, [])


def _check_membership(org: Org, name: str, record: Record) -> None:
    """A campaign has a person once [DOC]."""
    if name != "CampaignMember":
        return
    if record.get("LeadOrContactId") is None:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId]", ["LeadId"])
    for other in live(org, name, "CampaignId", record["CampaignId"]):
        if other.get("LeadOrContactId") == record["LeadOrContactId"]:
            raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.", [])  # text [3P]


def _keep_one_primary(org: Org, name: str, record: Record, now: str) -> None:
    """Of an opportunity's contact roles one is primary: the latest to be called so [DOC]."""
    if name == "OpportunityContactRole" and record.get("IsPrimary"):
        for other in live(org, name, "OpportunityId", record["OpportunityId"]):
            if other["Id"] != record["Id"] and other.get("IsPrimary"):
                org.put(name, {**other, "IsPrimary": False, "LastModifiedDate": now, "SystemModstamp": now})


def _check_grant(org: Org, values: Record) -> None:
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
