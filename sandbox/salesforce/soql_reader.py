"""Paths of a query: what field each names, and how to read it off a record."""

from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.soql_ast import function_of
from sandbox.salesforce.soql_dates import FUNCTIONS, ONLY_DATETIME
from sandbox.salesforce.soql_filter import Getter
from sandbox.salesforce.soql_tokens import complaint

_SUFFIX = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
RELATIONSHIP_SUFFIX = (
    "If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship "
    "name. Please reference your WSDL or the describe call for the appropriate names."
)
_NAME_FIELDS = ("Alias", "Email", "FirstName", "Id", "IsActive", "LastName", "Name", "Phone", "Title", "Type",
                "Username")  # what the polymorphic Name object shows [DOC]  # fmt: skip
_TYPE = Field("Type", "Type", createable=False, updateable=False)
_DEEPEST = 5  # parents above each other [DOC]


class Reader:
    """Resolves paths of one query from one object. `text` is kept for error messages."""

    def __init__(self, org: Org, text: str, view: View, version: str, tooling: bool = False) -> None:
        self.org = org
        self.text = text
        self.version = version
        self.tooling = tooling
        self.view = view

    def complaint(self, code: str, at: int, message: str) -> SalesforceError:
        return complaint(code, self.text, at, message)

    def of(self, view: View) -> "Reader":
        """A reader for another object of the same query."""
        return Reader(self.org, self.text, view, self.version, self.tooling)

    def resolve(self, path: str, at: int) -> tuple[Field, Getter]:
        """The field a path names and a function that reads it off a record."""
        function, path = function_of(path)
        field, get = self._plain(path, at)
        if not function:
            return field, get
        if function not in FUNCTIONS:
            raise self.complaint("MALFORMED_QUERY", at, f"unexpected token: '{function}'")
        if field.type != "datetime" and (field.type != "date" or function in ONLY_DATETIME):
            what = f"field {field.name} does not support date function {function}"  # text [UNV]
            raise self.complaint("MALFORMED_QUERY", at, what)
        compute = FUNCTIONS[function]

        def computed(record: Record) -> Any:
            value = get(record)
            return None if value is None else compute(value)

        return Field(field.name, field.label, "date" if function == "DAY_ONLY" else "int"), computed

    def _plain(self, path: str, at: int) -> tuple[Field, Getter]:
        *relations, name = self.parts(path)
        if len(relations) > _DEEPEST:
            what = f"{path}: no more than {_DEEPEST} levels of relationships are allowed"  # text [UNV]
            raise self.complaint("INVALID_FIELD", at, what)
        view: View | None = self.view
        lookups: list[str] = []
        for relation in relations:
            parent = self.parent(view, relation, at)
            lookups.append(parent.name)
            view = self.org.view(parent.refs[0]) if len(parent.refs) == 1 else None
        field = self.field(view, name, at)
        if not lookups:
            return field, _own(field.name)
        return field, self._through(lookups, field.name, view is None)

    def parts(self, path: str) -> list[str]:
        """The steps of a path; Lead.Name is Name."""
        first, *rest = path.split(".")
        return rest if rest and first.lower() == self.view.kind.name.lower() else [first, *rest]

    def canonical(self, path: str, at: int) -> str:
        """The path as the schema spells it: owner.name is Owner.Name."""
        *relations, name = self.parts(path)
        view: View | None = self.view
        steps: list[str] = []
        for relation in relations:
            parent = self.parent(view, relation, at)
            steps.append(str(parent.relationship))
            view = self.org.view(parent.refs[0]) if len(parent.refs) == 1 else None
        return ".".join([*steps, self.field(view, name, at).name])

    def parent(self, view: View | None, relation: str, at: int) -> Field:
        """The lookup behind a relationship name."""
        wanted = relation.lower()
        for field in view.fields.values() if view else ():
            if field.relationship and field.relationship.lower() == wanted:
                return field
        text = f"Didn't understand relationship '{relation}' in field path. {RELATIONSHIP_SUFFIX}"
        raise self.complaint("INVALID_FIELD", at, text)

    def field(self, view: View | None, name: str, at: int) -> Field:
        """A field of an object; without one, of the Name object that stands behind polymorphic lookups."""
        found: Field | None
        if view is None:
            known = next((n for n in _NAME_FIELDS if n.lower() == name.lower()), None)
            found = _TYPE if known == "Type" else self.org.view("User").find(known) if known else None
        else:
            found = view.find(name)
        if found is None:
            entity = view.kind.name if view else "Name"
            raise self.complaint("INVALID_FIELD", at, f"No such column '{name}' on entity '{entity}'. {_SUFFIX}")
        return found

    def _through(self, lookups: list[str], name: str, polymorphic: bool) -> Getter:
        find = self.org.find

        def get(record: Record) -> Any:
            current: Record | None = record
            kind = ""
            for lookup in lookups:
                key = current.get(lookup) if current else None
                hit = find(key) if key else None
                if hit is None:
                    return None
                kind, current = hit
            if polymorphic and name == "Type":
                return kind  # Owner.Type is the object's name, not a field of it
            return current.get(name) if current else None

        return get


def _own(name: str) -> Getter:
    return lambda record: record.get(name)
