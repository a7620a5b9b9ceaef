"""The org: schema, records, permissions, tokens and jobs, all in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.auth import Tokens
from sandbox.salesforce.custom_fields import build_field, targets
from sandbox.salesforce.derived import derive
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import IdSequence, normalise
from sandbox.salesforce.objects import standard_objects
from sandbox.salesforce.schema import ObjectType, Record, View, view_of
from sandbox.salesforce.stamps import Clock, WallClock, parse_datetime, stamp
from sandbox.salesforce.table import Table

if TYPE_CHECKING:
    from sandbox.salesforce.bulk import Job
    from sandbox.salesforce.cursors import Cursor

_SETUP = ("PermissionSetAssignment", "FieldPermissions")
_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp", "CompletedDateTime")


@dataclass
class _Undo:
    """The writes of an all-or-none call, so that they can be taken back."""

    entries: list[tuple[Table, str, Record | None]]


class Org:
    """One simulated org. Everything that a scenario or a person does goes through here; the wire is in `rest_*`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or WallClock()
        self.bulk_delay = 0.02  # seconds a Bulk job stays in UploadComplete, and at least in InProgress
        self.api_limit = 1_000_000
        self.reset()

    def reset(self) -> None:
        """Back to an empty org: no records but the built-in ones, no custom fields, no tokens, no jobs."""
        for job in getattr(self, "jobs", {}).values():  # a job of the former org must not write into the new one
            if job.task is not None:
                job.task.cancel()
        self.objects = standard_objects()
        self.tables = {name: Table(kind) for name, kind in self.objects.items()}
        self.by_prefix = {kind.prefix: name for name, kind in self.objects.items()}
        self._by_lower = {name.lower(): name for name in self.objects}
        self._ids = IdSequence()
        self._views: dict[str, View] = {}
        self._children: dict[str, dict[str, tuple[str, Field]]] = {}
        self.purged: dict[str, list[tuple[str, str]]] = {}  # object -> (id, when it was deleted) of what left the bin
        self._undo: _Undo | None = None
        self.assignment_rule: str | None = None  # owner that the active Lead assignment rule hands every lead to
        self.api_usage = 0
        self.jobs: dict[str, Job] = {}
        self.cursors: dict[str, Cursor] = {}
        self.organization_id = self._ids.take("00D")
        self.user_id = self._ids.take("005")
        self.tokens = Tokens(self.organization_id)
        self.load({
            "Organization": [{
                "Id": self.organization_id, "Name": "Crosswalk Sandbox", "OrganizationType": "Enterprise Edition",
                "InstanceName": "SBX01",
            }],
            "User": [{
                "Id": self.user_id, "Username": "integration@crosswalk.example.org", "FirstName": "Crosswalk",
                "LastName": "Integration", "Email": "integration@example.org", "Alias": "crosswlk",
            }],
        })  # fmt: skip

    # -- schema and visibility ------------------------------------------------------------------------------------

    def kind(self, name: str, tooling: bool = False) -> ObjectType:
        """The object of this API name (case-insensitive)."""
        found = self.objects.get(self._by_lower.get(name.lower(), ""))
        if found is None or (found.tooling and not tooling):
            raise not_found()
        return found

    def find_kind(self, name: str, tooling: bool = False) -> ObjectType | None:
        found = self.objects.get(self._by_lower.get(name.lower(), ""))
        return None if found is None or (found.tooling and not tooling) else found

    def view(self, name: str) -> View:
        """What the integration user sees of an object."""
        found = self._views.get(name)
        if found is None:
            found = self._views[name] = view_of(self.objects[name], self._granted(name))
        return found

    def children(self, name: str) -> dict[str, tuple[str, Field]]:
        """Child relationships of an object, by lower-cased name: the child object and its lookup field."""
        found = self._children.get(name)
        if found is None:
            found = self._children[name] = {
                field.children.lower(): (child, field)
                for child, kind in self.objects.items()
                for field in kind.references.values()
                if field.children and name in field.refs
            }
        return found

    def _granted(self, name: str) -> dict[str, bool]:
        """Grants of the permission sets assigned to the integration user.

        A grant on Task or Event counts for both: the field is one field of Activity [UNV].
        """
        assigned = {
            r.get("PermissionSetId") for r in self.tables["PermissionSetAssignment"].rows.values()
            if r.get("AssigneeId") == self.user_id
        }  # fmt: skip
        owners = {"Task", "Event", "Activity"} if name in ("Task", "Event") else {name}
        granted: dict[str, bool] = {}
        for grant in self.tables["FieldPermissions"].rows.values():
            owner, _, field = str(grant.get("Field")).partition(".")
            if grant.get("ParentId") in assigned and owner in owners and grant.get("PermissionsRead"):
                granted[field] = granted.get(field, False) or bool(grant.get("PermissionsEdit"))
        return granted

    def define_field(self, full_name: str, metadata: dict[str, Any], visible: bool = True) -> str:
        """Add a custom field; returns the id of its CustomField record.

        Either as an admin has done long ago (`visible`) or as the Tooling API does: invisible until a
        FieldPermissions grant.
        """
        names, field_name = targets(full_name)
        field = build_field(full_name, metadata, visible)
        for name in names:
            kind = self.objects.get(name)
            if kind is None:
                raise SalesforceError("INVALID_FIELD", f"Entity of type '{name}' not found", ["FullName"])
            if any(existing.lower() == field_name.lower() for existing in kind.fields):
                raise SalesforceError(
                    "DUPLICATE_DEVELOPER_NAME", f"There is already a field named {field_name.removesuffix('__c')} on "
                    f"{full_name.partition('.')[0]}.", ["DeveloperName"],
                )  # fmt: skip
        for name in names:
            self._add_field(name, field)
        key = self.new_id("00N")
        now = self.stamp()
        self.put("CustomField", {
            "Id": key, "DeveloperName": field_name.removesuffix("__c"), "TableEnumOrId": full_name.partition(".")[0],
            "FullName": full_name, "Metadata": metadata, "CreatedDate": now, "LastModifiedDate": now,
            "SystemModstamp": now, "CreatedById": self.user_id, "LastModifiedById": self.user_id,
        })  # fmt: skip
        return key

    def _add_field(self, name: str, field: Field) -> None:
        kind, table = self.objects[name], self.tables[name]
        kind.add(field)
        self._views.pop(name, None)
        if field.has_index:
            table.add_index(field.name)
        if field.default is not None:  # a new checkbox is false, not null, on the records that were there before
            for record in table.rows.values():
                record.setdefault(field.name, field.default)

    def reveal_field(self, name: str, field: str) -> None:
        """Make a field visible without a permission set."""
        self.objects[name].fields[field] = replace(self.objects[name].fields[field], open=True)
        self._views.pop(name, None)

    # -- records --------------------------------------------------------------------------------------------------

    def new_id(self, prefix: str) -> str:
        table = self.tables.get(self.by_prefix.get(prefix, ""))
        while True:
            key = self._ids.take(prefix)
            if table is None or key not in table.rows:
                return key

    def stamp(self) -> str:
        return stamp(self.clock.now())

    def find(self, key: str) -> tuple[str, Record] | None:
        """The object name and record of an id, deleted or not."""
        name = self.by_prefix.get(key[:3])
        record = self.tables[name].rows.get(key) if name else None
        return (name, record) if name and record is not None else None

    def put(self, name: str, record: Record) -> None:
        """Store a record; the only door to the tables for single writes."""
        table = self.tables[name]
        old = table.put(record)
        if self._undo is not None:
            self._undo.entries.append((table, record["Id"], old))
        if name in _SETUP:
            self._views.clear()

    def remove(self, name: str, key: str) -> None:
        """Remove a record of an object that has no bin."""
        table = self.tables[name]
        old = table.drop(key)
        if self._undo is not None and old is not None:
            self._undo.entries.append((table, key, old))
        if name in _SETUP:
            self._views.clear()

    def empty_bin(self, name: str) -> int:
        """Delete for good what lies in an object's recycle bin; returns how many records that were."""
        table = self.tables[name]
        gone = [(key, str(r["SystemModstamp"])) for key, r in table.rows.items() if r.get("IsDeleted")]
        for key, _ in gone:
            table.drop(key)
        self.purged.setdefault(name, []).extend(gone)
        return len(gone)

    @contextmanager
    def all_or_none(self) -> Iterator[list[bool]]:
        """Writes inside are taken back when the yielded list gets a True."""
        failed: list[bool] = []
        outer, self._undo = self._undo, _Undo([])
        try:
            yield failed
        finally:
            entries, self._undo = self._undo.entries, outer
            if any(failed):
                for table, key, old in reversed(entries):
                    if old is None:
                        table.drop(key)
                    else:
                        table.put(old)
                self._views.clear()
            elif outer is not None:
                outer.entries.extend(entries)

    # -- what the sandbox does to an org --------------------------------------------------------------------------

    def load(self, records: dict[str, list[dict[str, Any]]]) -> None:
        """Add records by object name, replacing those with the same Id. Nothing is validated but the field names.

        Definitions of custom fields may come along under "CustomField" ({"FullName", "Metadata"}); they are taken
        first and visible at once, as fields that the org has had for years. An active Lead assignment rule comes as
        "AssignmentRule": [{"OwnerId": who gets every lead}].
        """
        for definition in records.get("CustomField", ()):
            self.define_field(definition["FullName"], definition["Metadata"])
        now = self.stamp()
        for rule in records.get("AssignmentRule", ()):
            self.assignment_rule = rule["OwnerId"] if rule.get("Active", True) else None
        for name, rows in records.items():
            if name not in ("CustomField", "AssignmentRule"):
                kind, table = self.objects[name], self.tables[name]
                for row in rows:
                    table.put(self._complete(kind, row, now))
        for user in records.get("User", ()):
            key = normalise(user.get("Id"))
            if key and key != self.user_id and str(user.get("Username")).startswith("integration@"):
                self._sign_in_as(key)
        self._views.clear()

    def _sign_in_as(self, key: str) -> None:
        """A loaded user named integration@… takes the place of the built-in one."""
        self.tables["User"].drop(self.user_id)
        for record in self.tables["Organization"].rows.values():
            record["CreatedById"] = record["LastModifiedById"] = key
        self.user_id = key

    def _complete(self, kind: ObjectType, row: dict[str, Any], now: str) -> Record:
        unknown = row.keys() - kind.fields.keys() - {"attributes"}
        if unknown:
            raise ValueError(f"{kind.name} has no field {', '.join(sorted(unknown))}; define it before loading")
        record = dict(kind.defaults)
        for name, value in row.items():
            if value is not None and value != "" and name != "attributes":
                record[name] = parse_datetime(value) or value if kind.fields[name].type == "datetime" else value
        record["Id"] = normalise(row.get("Id")) or self.new_id(kind.prefix)
        created = record.setdefault("CreatedDate", now)
        modified = record.setdefault("LastModifiedDate", record.get("SystemModstamp") or created)
        record.setdefault("SystemModstamp", modified)
        record.setdefault("CreatedById", self.user_id)
        record.setdefault("LastModifiedById", record["CreatedById"])
        if "OwnerId" in kind.fields:
            record.setdefault("OwnerId", self.user_id)
        derive(kind.name, record, row)
        return record

    def settings(self) -> dict[str, Any]:
        """What may be turned while the org runs."""
        return {"assignment_rule": self.assignment_rule, "bulk_delay": self.bulk_delay, "api_limit": self.api_limit}

    def change(self, settings: dict[str, Any]) -> None:
        """Turn some of `settings()`; ValueError for anything else."""
        for name, value in settings.items():
            if name == "assignment_rule" and (value is None or (isinstance(value, str) and self.find(value))):
                self.assignment_rule = value
            elif name == "bulk_delay" and isinstance(value, int | float) and value >= 0:
                self.bulk_delay = float(value)
            elif name == "api_limit" and isinstance(value, int) and value >= 0:
                self.api_limit = value
            else:
                raise ValueError(f"salesforce has no setting {name} that could be {value!r}")

    def expire_tokens(self) -> None:
        """End all sessions: the next call gets 401 INVALID_SESSION_ID."""
        self.tokens.expire()

    def inspect(self, records: Iterable[str] = ()) -> dict[str, Any]:
        """Counts of live and deleted records by object; the records themselves of the objects asked for."""
        counts, deleted = {}, {}
        for name, table in self.tables.items():
            gone = sum(1 for r in table.rows.values() if r.get("IsDeleted"))
            counts[name] = len(table.rows) - gone
            if gone:
                deleted[name] = gone
        dump = self.dump(records, stamps=True) if records else {}
        return {
            "counts": counts,
            "deleted": deleted,
            "custom_fields": sorted(r["FullName"] for r in self.tables["CustomField"].rows.values()),
            "user_id": self.user_id,
            "assignment_rule": self.assignment_rule,
            "api_usage": self.api_usage,
            "jobs": {key: job.state for key, job in self.jobs.items()},
            "records": dump,
        }

    def dump(self, objects: Iterable[str] = (), stamps: bool = False) -> dict[str, list[Record]]:
        """Records by object, sorted by Id; without times unless `stamps`, so that two runs can be compared."""
        left_out = () if stamps else _STAMPS
        wanted = [self.kind(name, tooling=True).name for name in objects] or list(self.tables)
        return {
            name: [
                {k: v for k, v in sorted(record.items()) if v is not None and k not in left_out}
                for _, record in sorted(self.tables[name].rows.items())
            ]
            for name in wanted
            if self.tables[name].rows or objects
        }
