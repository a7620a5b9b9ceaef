"""An object of the org: its fields, and what writing and reading derive from them."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce.fields import Field
from sandbox.salesforce.values import Convert, converter

Record = dict[str, Any]
WRITE_ERROR = (
    "Please check the security settings of this field and verify that it is read/write for your profile or "
    "permission set."
)


@dataclass
class ObjectType:
    """Name, key prefix and fields; `deletable` objects keep deleted records in a bin (IsDeleted)."""

    name: str
    label: str
    plural: str
    prefix: str
    deletable: bool = True
    tooling: bool = False
    fields: dict[str, Field] = field(default_factory=dict)
    convert: dict[str, Convert] = field(default_factory=dict)
    defaults: Record = field(default_factory=dict)
    required: list[Field] = field(default_factory=list)
    references: dict[str, Field] = field(default_factory=dict)
    unique: list[str] = field(default_factory=list)
    indexed: list[str] = field(default_factory=list)

    def add(self, new: Field) -> None:
        self.fields[new.name] = new
        self.convert[new.name] = converter(new)
        if new.default is not None:
            self.defaults[new.name] = new.default
        if new.required:
            self.required.append(new)
        if new.type == "reference":
            self.references[new.name] = new
        if new.unique:
            self.unique.append(new.name)
        if new.has_index:
            self.indexed.append(new.name)


@dataclass(frozen=True)
class View:
    """What one user sees of an object: field-level security applied."""

    kind: ObjectType
    fields: dict[str, Field]  # readable, in order
    lower: dict[str, Field]
    createable: frozenset[str]
    updateable: frozenset[str]

    def find(self, name: str) -> Field | None:
        """Field names are case-insensitive on the wire."""
        return self.fields.get(name) or self.lower.get(name.lower())


def view_of(kind: ObjectType, granted: dict[str, bool]) -> View:
    """`granted` maps a field that needs a grant to whether it may be edited."""
    readable = {name: f for name, f in kind.fields.items() if f.open or name in granted}
    editable = {name for name, f in readable.items() if f.open or granted[name]}
    return View(
        kind=kind,
        fields=readable,
        lower={name.lower(): f for name, f in readable.items()},
        createable=frozenset(n for n in editable if readable[n].createable),
        updateable=frozenset(n for n in editable if readable[n].updateable),
    )


def describe_object(view: View, version: str, full: bool) -> dict[str, Any]:
    """The sobject part of a describe, with the fields when `full` [REC keys]."""
    kind = view.kind
    base = f"/services/data/v{version}/{'tooling/' if kind.tooling else ''}sobjects/{kind.name}"
    business = kind.name in ("Account", "Contact", "Lead", "Opportunity", "Task", "Event", "Campaign")
    shown: dict[str, Any] = {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": bool(view.createable),
        "custom": False,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": kind.deletable or kind.name in ("PermissionSet", "PermissionSetAssignment", "FieldPermissions"),
        "deprecatedAndHidden": False,
        "feedEnabled": business,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": kind.prefix,
        "label": kind.label,
        "labelPlural": kind.plural,
        "layoutable": business,
        "mergeable": kind.name in ("Account", "Contact", "Lead"),
        "mruEnabled": business,
        "name": kind.name,
        "queryable": True,
        "replicateable": kind.deletable,
        "retrieveable": True,
        "searchable": business,
        "triggerable": business,
        "undeletable": kind.deletable,
        "updateable": bool(view.updateable),
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }
    if full:
        shown["fields"] = [
            f.describe(name in view.createable, name in view.updateable) for name, f in view.fields.items()
        ]
        shown.update(actionOverrides=[], childRelationships=[], namedLayoutInfos=[], recordTypeInfos=[],
                     supportedScopes=[{"label": f"All {kind.plural}", "name": "everything"}])  # fmt: skip
    return shown
