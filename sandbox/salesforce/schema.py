"""An object of the org: its fields, and what writing and reading derive from them."""

from collections.abc import Iterable
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
    custom: bool = False
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

    def set_fields(self, fields: Iterable[Field]) -> None:
        """Have these fields and no others, in this order."""
        for kept in (self.fields, self.convert, self.defaults, self.references):
            kept.clear()
        for listed in (self.required, self.unique, self.indexed):
            listed.clear()
        for one in fields:
            self.add(one)

    def __getstate__(self) -> dict[str, Any]:
        """Without the conversions: they are functions, and follow from the fields."""
        return {**vars(self), "convert": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The conversions are made anew."""
        vars(self).update(state)
        self.convert = {name: converter(one) for name, one in self.fields.items()}


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
