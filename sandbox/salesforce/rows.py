"""Writing many rows: each gets its own verdict, the same for collections and for Bulk jobs."""

from typing import Any

from sandbox.salesforce.duplicate_rules import STRICT, SaveAs
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.writes import delete, insert, live, locked_fields, update


def update_row(
    org: Org, view: View, asked: Any, values: Record, now: str, rule: bool | str, how: SaveAs = STRICT
) -> str:
    """Update by Id; returns the id."""
    record = record_of(org, view, asked)
    update(org, view, record, values, now, rule, how=how)
    return str(record["Id"])


def delete_row(org: Org, asked: Any, now: str, view: View | None = None) -> str:
    key = normalise(asked)
    found = org.find(key) if key else None
    if key is None:
        raise SalesforceError("MALFORMED_ID", f"malformed id {asked}", ["Id"])
    if found is None or (view is not None and found[0] != view.kind.name):
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    delete(org, org.view(found[0]), found[1], now)
    return key


def record_of(org: Org, view: View, asked: Any) -> Record:
    if asked is None:
        raise SalesforceError("MISSING_ARGUMENT", "Id not specified in an update call", [])
    key = normalise(asked)
    if key is None:
        raise SalesforceError("MALFORMED_ID", f"{view.kind.label} ID: id value of incorrect type: {asked}", ["Id"])
    record = org.tables[view.kind.name].rows.get(key)
    if record is None:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    return record


def upsert_row(
    org: Org,
    view: View,
    field: Field,
    values: Record,
    now: str,
    rule: bool | str,
    seen: set[Any] | None,
    how: SaveAs = STRICT,
) -> tuple[str, bool]:
    """Upsert by an external id in `values`; returns (id, created).

    `seen` are the ids of the rows before in the same call: of several rows with one external id the first counts and
    the others fail [UNV which of them fails].
    """
    name = field.name
    value = values.get(name)
    if field.type == "id":
        values = {k: v for k, v in values.items() if k != name}
        if value is None:
            _check_editable(view.createable, values)
            return insert(org, view, values, now, rule, how=how), True
        _check_editable(view.updateable, values)
        return update_row(org, view, value, values, now, rule, how), False
    if value is None:
        raise SalesforceError("MISSING_ARGUMENT", f"{name} not specified", [name])
    if seen is not None:
        folded = value.lower() if isinstance(value, str) else value
        if folded in seen:
            raise SalesforceError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", [name])
        seen.add(folded)
    found = live(org, view.kind.name, name, value)
    if len(found) > 1:
        ids = ", ".join(r["Id"] for r in found)
        text = f"{name}: more than one record found for external id field: [{ids}]"
        raise SalesforceError("DUPLICATE_EXTERNAL_ID", text, [name])
    if found:
        update(org, view, found[0], values, now, rule, how=how)
        return str(found[0]["Id"]), False
    return insert(org, view, values, now, rule, how=how), True


def _check_editable(allowed: frozenset[str], values: Record) -> None:
    locked = [name for name in values if name not in allowed]
    if locked:
        raise locked_fields(locked)
