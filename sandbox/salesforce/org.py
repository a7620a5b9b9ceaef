"""The org: schema, records, permissions, tokens and jobs, all in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import assignment, duplicate_rules, org_load, org_reports, org_settings, schema_change
from sandbox.salesforce.auth import Tokens
from sandbox.salesforce.duplicate_rules import DuplicateRule
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import IdSequence, normalise
from sandbox.salesforce.locks import Locks
from sandbox.salesforce.objects import standard_objects
from sandbox.salesforce.schema import ObjectType, Record, View, view_of
from sandbox.salesforce.stamps import Clock, WallClock, stamp
from sandbox.salesforce.table import Table
from sandbox.salesforce.validation import ValidationRule

if TYPE_CHECKING:
    from sandbox.salesforce.bulk import Job
    from sandbox.salesforce.cursors import Cursor

_SETUP = ("PermissionSetAssignment", "FieldPermissions")


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
        self.lock_wait = 0.0  # seconds that a write waits for a row lock before it is refused
        self.session_seconds: float | None = None  # how long a session lives unused; None: until it is ended
        self.compress = False  # gzip replies for clients that accept it
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
        self.assignment_entries: dict[str, list[assignment.Entry]] = {}  # by id of the AssignmentRule
        self.duplicate_rules: dict[str, DuplicateRule] = {}  # by object
        self.validation_rules: dict[str, list[ValidationRule]] = {}  # by object
        self.locks = Locks()
        self.api_usage = 0
        self.jobs: dict[str, Job] = {}
        self.cursors: dict[str, Cursor] = {}
        self.organization_id = self._ids.take("00D")
        self.user_id = self._ids.take("005")
        self.tokens = Tokens(self.organization_id)
        self.schema_changed = self.clock.now()  # when a describe last became another one
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

    def forget_views(self) -> None:
        """Something changed in the schema or in who sees what."""
        self._views.clear()
        self._children.clear()
        self.schema_changed = self.clock.now()

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

    def add_object(self, kind: ObjectType) -> None:
        self.objects[kind.name] = kind
        self.tables[kind.name] = Table(kind)
        self.by_prefix[kind.prefix] = kind.name
        self._by_lower[kind.name.lower()] = kind.name
        self.forget_views()

    def define_object(
        self, name: str, label: str | None = None, fields: Iterable[dict[str, Any]] = (), plural: str | None = None
    ) -> None:
        """Add a custom object with its fields, as `schema_change.define_object` does."""
        schema_change.define_object(self, name, label, plural, fields)

    def define_field(self, full_name: str, metadata: dict[str, Any], visible: bool = True) -> str:
        """Add a custom field; returns the id of its CustomField record. As `schema_change.define_field` does."""
        return schema_change.define_field(self, full_name, metadata, visible)

    def change_schema(self, name: str, field: str, change: dict[str, Any]) -> None:
        """Change or remove a field, as `schema_change.change_schema` does."""
        schema_change.change_schema(self, name, field, change)

    def reveal_field(self, name: str, field: str) -> None:
        """Make a field visible without a permission set."""
        self.change_schema(name, field, {"hide": False})

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
            self.forget_views()

    def remove(self, name: str, key: str) -> None:
        """Remove a record of an object that has no bin."""
        table = self.tables[name]
        old = table.drop(key)
        if self._undo is not None and old is not None:
            self._undo.entries.append((table, key, old))
        if name in _SETUP:
            self.forget_views()

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

    def queue_owns(self, queue: str, name: str) -> bool:
        """Whether a queue is one for records of this object."""
        table = self.tables["QueueSobject"]
        return any(table.rows[key].get("SobjectType") == name for key in table.lookup("QueueId", (queue.lower(),)))

    @property
    def in_transaction(self) -> bool:
        """Whether writes are being collected that may be taken back."""
        return self._undo is not None

    # -- rules and locks ------------------------------------------------------------------------------------------

    @property
    def assignment_rule(self) -> str | None:
        """Who gets the leads that no criteria of the active assignment rule sort out."""
        return assignment.default_owner(self)

    @assignment_rule.setter
    def assignment_rule(self, owner: str | None) -> None:
        """Make a rule that gives every lead to one owner the active one; None: no rule is active."""
        if owner is None:
            assignment.deactivate(self)
        else:
            assignment.add(self, "Standard", [assignment.Entry(owner)])

    def set_duplicate_rule(self, rule: DuplicateRule) -> None:
        duplicate_rules.index(self, rule.object)
        self.duplicate_rules[rule.object] = rule

    def lock(self, key: str, seconds: float) -> None:
        """Somebody holds a record for that long; writes that need it get UNABLE_TO_LOCK_ROW."""
        self.locks.take(normalise(key) or key, seconds, self.clock)

    def unlock(self, key: str | None = None) -> None:
        """End a lock, or all of them."""
        self.locks.release(key and (normalise(key) or key))

    # -- what the sandbox does to an org --------------------------------------------------------------------------

    def load(self, records: org_load.Records) -> None:
        """Add records by object name, and rules and definitions, as `org_load.load` does."""
        org_load.load(self, records)

    def settings(self) -> dict[str, Any]:
        """What may be turned while the org runs."""
        return org_settings.settings(self)

    def change(self, settings: dict[str, Any]) -> None:
        """Turn some of `settings()`; ValueError for anything else."""
        org_settings.change(self, settings)

    def expire_tokens(self) -> None:
        """End all sessions: the next call gets 401 INVALID_SESSION_ID. Refresh tokens stay good."""
        self.tokens.expire()

    def inspect(self, records: Iterable[str] = ()) -> dict[str, Any]:
        """Counts of live and deleted records by object; the records themselves of the objects asked for."""
        return org_reports.inspect(self, records)

    def dump(self, objects: Iterable[str] = (), stamps: bool = False) -> dict[str, list[Record]]:
        """Records by object, sorted by Id; without times unless `stamps`, so that two runs can be compared."""
        return org_reports.dump(self, objects, stamps)

    def __getstate__(self) -> dict[str, Any]:
        """Without what follows from the rest."""
        return {**vars(self), "_views": {}, "_children": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Nothing of the former state is left."""
        vars(self).clear()
        vars(self).update(state)
