"""Writing the rows and records of Bulk jobs."""

from typing import Any

from sandbox.salesforce.bulk import BatchFailed
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.rows import delete_row, update_row, upsert_row
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.writes import insert, locked_fields, prepare, relation_field, resolve_reference

NULL = "#N/A"  # empties a field; an empty cell leaves it alone [3P]


class RowWriter:
    """Writes rows of a CSV: the header resolved once, then each row is a loop over cells.

    Raises BatchFailed for a header that does not fit the object.
    """

    def __init__(
        self, org: Org, operation: str, name: str, external: str | None, header: list[str], rule: str | None
    ) -> None:
        self._org = org
        self._operation = operation
        self._rule: bool | str = rule or False  # in Bulk a rule fires only when the job names it [DOC]
        self._view = view = org.view(name)
        self._external: Field | None = view.find(external) if external else None
        self.seen: set[Any] = set()  # external ids of the chunk
        self._id_at: int | None = None
        self._cells: list[tuple[int, str, Any]] = []
        self._parents: list[tuple[int, Field, str | None, str]] = []
        self._locked: list[str] = []
        for at, column in enumerate(header):
            self._column(at, column.strip(), view)
        names = {name for _, name, _ in self._cells}
        if self._external is not None and self._external.type != "id" and self._external.name not in names:
            raise BatchFailed(f"InvalidBatch : Field name not found : {self._external.name}")

    def _column(self, at: int, column: str, view: View) -> None:
        field = view.find(column)
        if field is not None and field.type == "id":
            self._id_at = at
        elif field is not None and (field.name in view.createable or field.name in view.updateable):
            self._cells.append((at, field.name, view.kind.convert[field.name]))
        elif field is not None:
            self._locked.append(field.name)
        elif "." in column:  # Owner.Username, or Lead:Who.Crosswalk_Id__c for a polymorphic lookup
            relation, _, key = column.partition(".")
            target, _, relation = relation.rpartition(":")
            parent = relation_field(view, relation)
            if parent is None:
                raise BatchFailed(f"InvalidBatch : Field name not found : {column}")
            self._parents.append((at, parent, target or None, key))
        else:
            raise BatchFailed(f"InvalidBatch : Field name not found : {column}")

    def given_id(self, row: list[str]) -> str:
        """sf__Id of a failed row is only known when the client gave it."""
        return row[self._id_at] if self._id_at is not None else ""

    def write(self, row: list[str], now: str) -> tuple[str, bool]:
        """Apply one row; returns (id, created). Raises SalesforceError."""
        org, view = self._org, self._view
        given = self.given_id(row)
        if self._operation in ("delete", "hardDelete"):
            key = delete_row(org, given or None, now, view)
            if self._operation == "hardDelete":
                hard_delete(org, view, key)
            return key, False
        if self._locked:
            raise locked_fields(self._locked)
        values: Record = {}
        for at, name, convert in self._cells:
            cell = row[at]
            if cell:
                values[name] = None if cell == NULL else convert(cell)
        for at, parent, target, key in self._parents:
            if row[at] == NULL:
                values[parent.name] = None
            elif row[at]:
                values[parent.name] = resolve_reference(org, parent, target, key, row[at])
        if self._operation == "insert":
            return insert(org, view, values, now, self._rule), True
        if self._operation == "update":
            return update_row(org, view, given or None, values, now, self._rule), False
        assert self._external is not None
        if self._external.type == "id" and given:
            values["Id"] = given
        return upsert_row(org, view, self._external, values, now, self._rule, self.seen)


class BodyWriter:
    """Writes records that come as JSON or XML."""

    def __init__(self, org: Org, operation: str, name: str, external: str | None, rule: str | None) -> None:
        self._org = org
        self._operation = operation
        self._rule: bool | str = rule or False
        self._view = org.view(name)
        self._external = self._view.find(external) if external else None
        self.seen: set[Any] = set()

    def write(self, body: dict[str, Any], now: str) -> tuple[str, bool]:
        """Apply one record; returns (id, created). Raises SalesforceError."""
        org, view = self._org, self._view
        given, rest = _without(body, "Id")
        if self._operation in ("delete", "hardDelete"):
            key = delete_row(org, given, now, view)
            if self._operation == "hardDelete":
                hard_delete(org, view, key)
            return key, False
        if self._operation == "insert":
            return insert(org, view, prepare(org, view, body, creating=True), now, self._rule), True
        if self._operation == "update":
            return update_row(org, view, given, prepare(org, view, rest, creating=False), now, self._rule), False
        assert self._external is not None
        name = self._external.name
        asked, rest = _without(body, name)
        values = prepare(org, view, rest, creating=True)
        values[name] = view.kind.convert[name](asked)
        return upsert_row(org, view, self._external, values, now, self._rule, self.seen)


def _without(body: dict[str, Any], name: str) -> tuple[Any, dict[str, Any]]:
    """A field of a record, whatever its case, and the others."""
    found = next((value for key, value in body.items() if key.lower() == name.lower()), None)
    return found, {key: value for key, value in body.items() if key.lower() != name.lower()}


def hard_delete(org: Org, view: View, key: str) -> None:
    """A deleted record leaves the bin at once; getDeleted still knows it [DOC]."""
    record = org.tables[view.kind.name].rows.get(key)
    if record is not None:
        org.purged.setdefault(view.kind.name, []).append((key, str(record["SystemModstamp"])))
        org.remove(view.kind.name, key)


def check_hard_delete(org: Org) -> None:
    """The operation hardDelete needs "Bulk API Hard Delete", which no profile has by itself [DOC].

    Raises SalesforceError: FEATURENOTENABLED.
    """
    assigned = {
        r.get("PermissionSetId")
        for r in org.tables["PermissionSetAssignment"].rows.values()
        if r.get("AssigneeId") == org.user_id
    }
    sets = org.tables["PermissionSet"].rows
    if not any(sets[key].get("PermissionsBulkApiHardDelete") for key in assigned if key in sets):
        text = "hardDelete operation requires special user profile permission, please contact your system administrator"
        raise SalesforceError("FEATURENOTENABLED", text)  # text [REC], code as 2.0 spells codes [UNV]
