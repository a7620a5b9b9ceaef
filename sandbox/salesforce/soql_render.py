"""How records of a query are shown: fields nested by relationship in JSON, flat in CSV."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_ast import Query, Selected
from sandbox.salesforce.soql_filter import Getter
from sandbox.salesforce.soql_reader import Reader

Render = Callable[[Record], dict[str, Any]]
_MOST_FIELDS = 200  # records that a query with FIELDS(ALL) or FIELDS(CUSTOM) may ask for [DOC]


class Shown(NamedTuple):
    """A path and where it stands; `alias` is the name it is shown under, if not its own."""

    path: str
    at: int
    alias: str | None = None


def selected(query: Query, reader: Reader) -> list[Shown]:
    """The paths that a query selects, FIELDS() spelled out. None may come twice [DOC]."""
    found: list[Shown] = []
    for item in query.select:
        if item.inner is None and item.function in (None, "TOLABEL"):
            found.append(_single(item, reader))
        elif item.function == "FIELDS":
            found += _fields(query, item, reader)
    seen: set[str] = set()
    for shown in found:
        name = shown.alias or reader.canonical(shown.path, shown.at)
        if name in seen:
            raise SalesforceError("INVALID_FIELD", f"duplicate field selected: {name}")
        seen.add(name)
    return found


def _single(item: Selected, reader: Reader) -> Shown:
    """Labels of picklist values are the values themselves, so toLabel() changes nothing but the name."""
    if item.alias and item.function is None:
        raise reader.complaint("MALFORMED_QUERY", item.at, "only aggregate expressions use field aliasing")
    return Shown(item.path, item.at, item.alias)


def _fields(query: Query, item: Selected, reader: Reader) -> list[Shown]:
    which = item.path.upper()
    if which not in ("ALL", "STANDARD", "CUSTOM"):
        raise reader.complaint("MALFORMED_QUERY", item.at, f"unexpected token: '{item.path}'")
    if which != "STANDARD" and (query.limit is None or query.limit > _MOST_FIELDS):
        text = f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_FIELDS}"  # [DOC]
        raise SalesforceError("MALFORMED_QUERY", text)
    custom = which == "CUSTOM"
    return [Shown(n, item.at) for n, f in reader.view.fields.items() if which == "ALL" or f.custom == custom]


def columns(query: Query, reader: Reader) -> list[tuple[str, Getter]]:
    """Header and reader of each column of a CSV."""
    return [
        (reader.canonical(shown.path, shown.at), reader.resolve(shown.path, shown.at)[1])
        for shown in selected(query, reader)
    ]


def renderer(reader: Reader, paths: Iterable[Shown]) -> Render:
    """A function that shows a record with these fields, in this order."""
    shape: list[tuple[str, str, Callable[[Record], Any] | None]] = []  # name shown, field, or what shows a parent
    nested: dict[str, list[Shown]] = {}
    for shown in paths:
        parts = reader.parts(shown.path)
        field, _ = reader.resolve(shown.path, shown.at)
        if len(parts) == 1:
            shape.append((shown.alias or field.name, field.name, None))
            continue
        relation = str(reader.parent(reader.view, parts[0], shown.at).relationship)
        if relation not in nested:
            shape.append((relation, "", None))
        nested.setdefault(relation, []).append(Shown(".".join(parts[1:]), shown.at))
    parents = {relation: _parent(reader, relation, below) for relation, below in nested.items()}
    shape = [(name, field, parents.get(name) if not field else None) for name, field, _ in shape]
    kind = reader.view.kind
    tooling = "tooling/" if kind.tooling or reader.tooling else ""
    base = f"/services/data/v{reader.version}/{tooling}sobjects/{kind.name}/"

    def render(record: Record) -> dict[str, Any]:
        shown: dict[str, Any] = {"attributes": {"type": kind.name, "url": base + record["Id"]}}
        for name, field, parent in shape:
            shown[name] = record.get(field) if parent is None else parent(record)
        return shown

    return render


def _parent(reader: Reader, relation: str, paths: list[Shown]) -> Callable[[Record], Any]:
    lookup = reader.parent(reader.view, relation, 0)
    find = reader.org.find
    if len(lookup.refs) == 1:
        inner = renderer(reader.of(reader.org.view(lookup.refs[0])), paths)

        def show(record: Record) -> Any:
            hit = find(record.get(lookup.name) or "")
            return inner(hit[1]) if hit else None

        return show
    return _name_renderer(reader, lookup.name, paths)


def _name_renderer(reader: Reader, lookup: str, paths: Iterable[Shown]) -> Callable[[Record], Any]:
    """What shows the parent behind a polymorphic lookup as the Name object does [DOC]."""
    find = reader.org.find
    names = [reader.field(None, shown.path, shown.at).name for shown in paths]

    def show(record: Record) -> Any:
        hit = find(record.get(lookup) or "")
        if hit is None:
            return None
        kind, target = hit
        shown: dict[str, Any] = {"attributes": {"type": "Name", "url": _url(reader, kind, target)}}
        for name in names:
            shown[name] = kind if name == "Type" else target.get(name)
        return shown

    return show


def typeof(reader: Reader, item: Selected) -> tuple[str, Callable[[Record], Any]]:
    """The relationship of a TYPEOF and what shows its parent: other fields for other objects [DOC]."""
    lookup = reader.parent(reader.view, item.path, item.at)
    if len(lookup.refs) < 2:
        text = f"TYPEOF needs a polymorphic relationship: {item.path} is none"  # text [UNV]
        raise reader.complaint("MALFORMED_QUERY", item.at, text)
    org, find = reader.org, reader.org.find
    renders: dict[str, Render] = {}
    otherwise: Callable[[Record], Any] | None = None
    for branch in item.branches:
        paths = [Shown(path, at) for path, at in branch.paths]
        if branch.object is None:
            otherwise = _name_renderer(reader, lookup.name, paths)
            continue
        kind = org.find_kind(branch.object)
        if kind is None or kind.name not in lookup.refs:
            text = f"{branch.object} is not an object that {item.path} can refer to"  # text [UNV]
            raise reader.complaint("INVALID_TYPE", branch.at, text)
        renders[kind.name] = renderer(reader.of(org.view(kind.name)), paths)

    def show(record: Record) -> Any:
        hit = find(record.get(lookup.name) or "")
        if hit is None:
            return None
        kind, target = hit
        if kind in renders:
            return renders[kind](target)
        return otherwise(record) if otherwise else {"attributes": {"type": kind, "url": _url(reader, kind, target)}}

    return str(lookup.relationship), show


def _url(reader: Reader, kind: str, record: Record) -> str:
    return f"/services/data/v{reader.version}/sobjects/{kind}/{record['Id']}"
