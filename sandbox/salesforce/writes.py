"""Creating, updating and deleting records, with the refusals that Salesforce gives."""

from itertools import chain
from typing import Any

from sandbox.faults.rows import refused
from sandbox.salesforce import assignment, locks
from sandbox.salesforce.checks import check_fields, check_grant, check_record, check_times, live
from sandbox.salesforce.derived import derive
from sandbox.salesforce.duplicate_rules import STRICT, SaveAs
from sandbox.salesforce.errors import SalesforceError, Unreadable, refuse
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import WRITE_ERROR, Record, View

__all__ = ["delete", "insert", "live", "locked_fields", "no_such_column", "prepare", "relation_field",
           "resolve_reference", "update"]  # fmt: skip


def prepare(org: Org, view: View, body: dict[str, Any], creating: bool) -> Record:
    """Field values of a JSON record, converted; refuses unknown, protected and unreadable ones.

    What is no JSON for its field fails at once; of values that cannot be, all are told.
    """
    values: Record = {}
    locked: list[str] = []
    errors: list[SalesforceError] = []
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
        try:
            values[field.name] = view.kind.convert[field.name](value)
        except Unreadable:
            raise
        except SalesforceError as wrong:
            errors.append(wrong)
    if locked:
        raise locked_fields(locked)
    refuse(errors)
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


def insert(
    org: Org, view: View, values: Record, now: str, rule: bool | str, by: str | None = None, how: SaveAs = STRICT
) -> str:
    """Create a record and return its id.

    `rule`: whether the active assignment rule applies, or the id of the one that does; `by`: who does it, the API's
    user if None; `how`: what the request says about duplicates.
    """
    _refuse_faulted({}, values)
    kind = view.kind
    check_fields(org, kind, values, None)
    locks.check(org, kind, values)
    if kind.name == "FieldPermissions":
        check_grant(org, values)
    record = kind.defaults.copy()
    for name, value in values.items():
        if value is not None:
            record[name] = value
    record["Id"] = key = org.new_id(kind.prefix)
    record["CreatedDate"] = record["LastModifiedDate"] = record["SystemModstamp"] = now
    record["CreatedById"] = record["LastModifiedById"] = by or org.user_id
    if "OwnerId" in kind.references:
        record.setdefault("OwnerId", by or org.user_id)
    if kind.custom:
        record.setdefault("Name", key)  # [3P]
    _assign(org, kind.name, record, rule)
    derive(kind.name, record, values)
    if kind.name == "Event":
        check_times(record)
    check_record(org, kind, record, values, how)
    org.put(kind.name, record)
    _keep_one_primary(org, kind.name, record, now)
    return key


def update(
    org: Org, view: View, old: Record, values: Record, now: str, rule: bool | str, by: str | None = None,
    how: SaveAs = STRICT,
) -> None:  # fmt: skip
    """Change a record. Unchanged values still count as a change of the record: the stamps move [UNV]."""
    _refuse_faulted(old, values)
    kind = view.kind
    if old.get("IsDeleted"):
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
    if old.get("IsConverted"):
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])  # [REC]
    locks.check(org, kind, old, values)
    check_fields(org, kind, values, old)
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
    _assign(org, kind.name, record, rule)  # the rule fires on updates too [DOC]
    if record.get("StageName") != old.get("StageName") and "Probability" not in values:
        record.pop("Probability", None)  # a new stage brings its own [DOC]
    derive(kind.name, record, values)
    check_record(org, kind, record, values, how)
    org.put(kind.name, record)
    _keep_one_primary(org, kind.name, record, now)


def delete(org: Org, view: View, old: Record, now: str, by: str | None = None) -> None:
    """Into the recycle bin, with the records that belong to it and to nothing else (cascadeDelete)."""
    _refuse_faulted(old, {})
    kind = view.kind
    if old.get("IsDeleted"):
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
    if kind.name in ("User", "Organization", "Profile", "Group", "AssignmentRule"):
        raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [])
    locks.check(org, kind, old)
    if not kind.deletable:
        org.remove(kind.name, old["Id"])
        return
    org.put(kind.name, {**old, "IsDeleted": True, "SystemModstamp": now, "LastModifiedDate": now,
                        "LastModifiedById": by or org.user_id})  # fmt: skip
    for child, field in org.children(kind.name).values():
        for record in live(org, child, field.name, old["Id"]) if field.cascade or field.custom else ():
            if field.cascade and not org.tables[child].rows[record["Id"]].get("IsDeleted"):
                delete(org, org.view(child), record, now, by)
            elif not field.cascade:  # a lookup of the admin's is cleared [DOC]
                org.put(child, {k: v for k, v in record.items() if k != field.name} | {"SystemModstamp": now})


def _refuse_faulted(old: Record, values: Record) -> None:
    fault = refused(chain(old.values(), values.values()))
    if fault is not None:
        raise SalesforceError(fault.code or "UNKNOWN_EXCEPTION", fault.message, list(fault.fields))


def _assign(org: Org, name: str, record: Record, rule: bool | str) -> None:
    if rule and name == assignment.OBJECT and org.assignment_entries:
        owner = assignment.assigned(org, record, rule)
        if owner is not None:
            record["OwnerId"] = owner


def _keep_one_primary(org: Org, name: str, record: Record, now: str) -> None:
    """Of an opportunity's contact roles one is primary: the latest to be called so [DOC]."""
    if name == "OpportunityContactRole" and record.get("IsPrimary"):
        for other in live(org, name, "OpportunityId", record["OpportunityId"]):
            if other["Id"] != record["Id"] and other.get("IsPrimary"):
                org.put(name, {**other, "IsPrimary": False, "LastModifiedDate": now, "SystemModstamp": now})
