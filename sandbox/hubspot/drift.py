"""What an admin does to a property while an integration runs: removed, renamed, retyped, an option gone, required."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.store import Store

Change = dict[str, Any]


def change_schema(portal: Portal, name: str, field: str, change: Change) -> None:
    """Apply one change to a property of an object type. Raises the 400 for what is not there or makes no sense."""
    store = portal.stores.get(name)
    if store is None or field not in store.schema.definitions:
        raise bad_request(f"There is no property {field} of {name}")
    if len(change) != 1:
        raise bad_request(f"change has one key: {', '.join(CHANGES)}")
    (how, what), *_ = change.items()
    if how not in CHANGES:
        raise bad_request(f"change cannot be {how}; there are {', '.join(CHANGES)}")
    CHANGES[how](store, field, what)


def _remove(store: Store, field: str, what: Any) -> None:
    """Archived: its values stay in the records, unseen [DOC]. HubSpot's own cannot be, but HubSpot retires some."""
    if store.schema.definitions[field]["modificationMetadata"]["archivable"]:
        store.undefine(field)
    else:
        del store.schema.definitions[field]


def _rename(store: Store, field: str, what: Any) -> None:
    """HubSpot renames labels only; what admins call renaming is a new property, filled from the old one."""
    store.schema.definitions[str(what)] = {**store.schema.definitions[field], "name": str(what)}
    for record in list(store.records.values()):
        if field in record.properties:
            store.keep(record, {str(what): record.properties[field]})
    _remove(store, field, what)


def _retype(store: Store, field: str, what: Any) -> None:
    """A type and the field type that goes with it; what is kept stays as it was written."""
    kind = str(what)
    field_type = {"string": "text", "enumeration": "select", "bool": "booleancheckbox", "datetime": "date"}
    store.schema.definitions[field] |= {"type": kind, "fieldType": field_type.get(kind, kind)}


def _drop_value(store: Store, field: str, what: Any) -> None:
    _set_options(store, field, [option for option in _options(store, field) if option["value"] != what])


def _rename_value(store: Store, field: str, what: Any) -> None:
    old, new = what
    renamed = [{**o, "value": new, "label": new} if o["value"] == old else o for o in _options(store, field)]
    _set_options(store, field, renamed)


def _require(store: Store, field: str, what: Any) -> None:
    store.require(field, bool(what))


def _options(store: Store, field: str) -> list[dict[str, Any]]:
    return list(store.schema.definitions[field]["options"])


def _set_options(store: Store, field: str, options: list[dict[str, Any]]) -> None:
    store.schema.definitions[field] = {**store.schema.definitions[field], "options": options}


CHANGES = {
    "remove": _remove,
    "rename": _rename,
    "retype": _retype,
    "drop_value": _drop_value,
    "rename_value": _rename_value,
    "require": _require,
}
