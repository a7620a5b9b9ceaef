"""Paths of a query: what field each names, how to read it off a record, and how to show it."""

from collections.abc import Callable, Iterable
from typing import Any

from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.soql_filter import Getter
from sandbox.salesforce.soql_parse import complaint

Render = Callable[[Record], dict[str, Any]]
_SUFFIX = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
_NAME_FIELDS = ("Alias", "Email", "FirstName", "Id", "IsActive", "LastName", "Name", "Phone", "Title", "Type",
                "Username")  # what the polymorphic Name object shows [DOC]  # fmt: skip
_TYPE = Field("Type", "Type", createable=False, updateable=False)


class Reader:
    """Resolves paths of one query from one object. `text` is kept for error messages."""

    def __init__(self, org: Org, text: str, view: View, version: str, tooling: bool = False) -> None:
        self._org = org
        self._text = text
        self.version = version
        self._tooling = tooling
        self.view = view

    def resolve(self, path: str, at: int) -> tuple[Field, Getter]:
        """The field a path names and a function that reads it off a record."""
        *relations, name = path.split(".")
        if relations and relations[0].lower() == self.view.kind.name.lower():
            relations = relations[1:]  # Lead.Name is Name
        view: View | None = self.view
        steps: list[tuple[str, tuple[str, ...]]] = []
        for relation in relations:
            parent = self._parent(view, relation, at)
            steps.append((parent.name, parent.refs))
            view = self._org.view(parent.refs[0]) if len(parent.refs) == 1 else None
        field = self._field(view, name, relations, at)
        if not steps:
            return field, _own(field.name)
        return field, self._through([s for s, _ in steps], field.name, view is None)

    def _parent(self, view: View | None, relation: str, at: int) -> Field:
        wanted = relation.lower()
        for field in view.fields.values() if view else ():
            if field.relationship and field.relationship.lower() == wanted:
                return field
        text = f"Didn't understand relationship '{relation}' in field path. {_SUFFIX}"
        raise complaint("INVALID_FIELD", self._text, at, text)

    def _field(self, view: View | None, name: str, relations: list[str], at: int) -> Field:
        found: Field | None
        if view is None:  # behind a polymorphic lookup
            known = next((n for n in _NAME_FIELDS if n.lower() == name.lower()), None)
            found = _TYPE if known == "Type" else self._org.view("User").find(known) if known else None
        else:
            found = view.find(name)
        if found is None:
            entity = view.kind.name if view else "Name"
            raise complaint("INVALID_FIELD", self._text, at, f"No such column '{name}' on entity '{entity}'. {_SUFFIX}")
        return found

    def _through(self, lookups: list[str], name: str, polymorphic: bool) -> Getter:
        find = self._org.find

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

    # -- showing --------------------------------------------------------------------------------------------------

    def renderer(self, paths: Iterable[tuple[str, int]]) -> Render:
        """A function that shows a record with these fields, in this order."""
        own: list[str] = []
        nested: dict[str, list[tuple[str, int]]] = {}
        shape: list[tuple[str, bool]] = []
        for path, at in paths:
            field, _ = self.resolve(path, at)
            parts = path.split(".")
            if len(parts) > 1 and parts[0].lower() == self.view.kind.name.lower():
                parts = parts[1:]
            if len(parts) == 1:
                if field.name not in own:
                    own.append(field.name)
                    shape.append((field.name, False))
            else:
                relation = str(self._parent(self.view, parts[0], at).relationship)
                if relation not in nested:
                    shape.append((relation, True))
                nested.setdefault(relation, []).append((".".join(parts[1:]), at))
        return self._compose(shape, nested)

    def _compose(self, shape: list[tuple[str, bool]], nested: dict[str, list[tuple[str, int]]]) -> Render:
        kind = self.view.kind
        tooling = "tooling/" if kind.tooling or self._tooling else ""
        base = f"/services/data/v{self.version}/{tooling}sobjects/{kind.name}/"
        parents = {name: self._parent_renderer(name, paths) for name, paths in nested.items()}

        def render(record: Record) -> dict[str, Any]:
            shown: dict[str, Any] = {"attributes": {"type": kind.name, "url": base + record["Id"]}}
            for name, is_parent in shape:
                shown[name] = parents[name](record) if is_parent else record.get(name)
            return shown

        return render

    def _parent_renderer(self, relation: str, paths: list[tuple[str, int]]) -> Callable[[Record], Any]:
        parent = self._parent(self.view, relation, 0)
        find, version = self._org.find, self.version
        if len(parent.refs) == 1:
            view = self._org.view(parent.refs[0])
            inner = Reader(self._org, self._text, view, version).renderer(paths)

            def show(record: Record) -> Any:
                hit = find(record.get(parent.name) or "")
                return inner(hit[1]) if hit else None

            return show
        names = [self._field(None, path, [relation], at).name for path, at in paths]

        def show_name(record: Record) -> Any:
            hit = find(record.get(parent.name) or "")
            if hit is None:
                return None
            kind, target = hit
            url = f"/services/data/v{version}/sobjects/{kind}/{target['Id']}"
            shown: dict[str, Any] = {"attributes": {"type": "Name", "url": url}}
            for name in names:
                shown[name] = kind if name == "Type" else target.get(name)
            return shown

        return show_name


def _own(name: str) -> Getter:
    return lambda record: record.get(name)
