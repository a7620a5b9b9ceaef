"""Running a query: which records, in which order, shown how."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import TEXTUAL
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_ast import Comparison, Condition, Ordering, Query, Selected
from sandbox.salesforce.soql_filter import Conditions, Predicate
from sandbox.salesforce.soql_groups import grouped
from sandbox.salesforce.soql_parse import complaint, parse
from sandbox.salesforce.soql_reader import Reader, Render
from sandbox.salesforce.soql_semi_join import answered
from sandbox.salesforce.table import fold

_ENTITY_SUFFIX = (
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass
class Found:
    """Records of a query and how to show one. Aggregates are already in their shown form."""

    records: list[Record]
    render: Render
    count_only: bool = False


def run(org: Org, text: str, version: str, deleted: bool = False, tooling: bool = False) -> Found:
    """Run a query. `deleted`: queryAll, which shows deleted records as well."""
    query = parse(text)
    kind = org.find_kind(query.source, tooling)
    if kind is None or (tooling and not kind.tooling and kind.name not in ("User", "Organization")):
        what = f"sObject type '{query.source}' is not supported."
        raise complaint("INVALID_TYPE", text, query.source_at, f"{what} {_ENTITY_SUFFIX}")
    reader = Reader(org, text, org.view(kind.name), version, tooling)
    records = _matching(org, query, text, reader, deleted)
    if query.count_only:
        return Found(list(islice(records, query.limit)), lambda r: r, count_only=True)
    if query.group_by or any(s.function and s.function != "FIELDS" for s in query.select):
        return Found(grouped(query, text, reader, records), lambda r: r)
    render = _renderer(org, query, text, reader, deleted)
    start = query.offset
    if start > 2000:
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")  # [DOC]
    stop = None if query.limit is None else start + query.limit
    return Found(list(islice(records, start, stop)), render)


def _renderer(org: Org, query: Query, text: str, reader: Reader, deleted: bool) -> Render:
    """Shows a record with the selected fields and, below them, its children of each sub-select."""
    for item in query.select:
        if item.alias:
            raise complaint("MALFORMED_QUERY", text, item.at, "only aggregate expressions use field aliasing")
    own = reader.renderer(_paths(query, text, reader))
    below = dict(
        _children(org, item, item.inner, text, reader, deleted) for item in query.select if item.inner is not None
    )
    if not below:
        return own
    return lambda record: own(record) | {name: show(record) for name, show in below.items()}


def _children(
    org: Org, item: Selected, inner: Query, text: str, reader: Reader, deleted: bool
) -> tuple[str, Callable[[Record], Any]]:
    """The relationship's name and what shows a record's children: a result of its own, null when there are none."""
    relation = item.path.rpartition(".")[2]
    child, field = org.children(reader.view.kind.name).get(relation.lower(), (None, None))
    if child is None or field is None:
        what = f"Didn't understand relationship '{relation}' in FROM part of query call."
        raise complaint("INVALID_TYPE", text, inner.source_at, f"{what} {_ENTITY_SUFFIX}")
    if inner.count_only or _is_aggregate(inner):
        raise complaint("MALFORMED_QUERY", text, inner.source_at, "sub-selects over children take no aggregates")
    table = org.tables[child]
    below = Reader(org, text, org.view(child), reader.version)
    render = _renderer(org, inner, text, below, deleted)
    accept = _conditions(org, inner, text, below, deleted)[1]

    def show(record: Record) -> Any:
        found = [table.rows[key] for key in sorted(table.lookup(field.name, (fold(record["Id"]),)))]
        found = [r for r in found if (deleted or not r.get("IsDeleted")) and (accept is None or accept(r))]
        found = _sorted(found, inner.order_by, text, below)
        found = found[inner.offset : None if inner.limit is None else inner.offset + inner.limit]
        shown = [render(r) for r in found]
        return {"totalSize": len(shown), "done": True, "records": shown} if shown else None

    return str(field.children), show


def _paths(query: Query, text: str, reader: Reader) -> list[tuple[str, int]]:
    paths: list[tuple[str, int]] = []
    for item in query.select:
        if item.inner is not None:
            continue
        if item.function != "FIELDS":
            paths.append((item.path, item.at))
            continue
        which = item.path.upper()
        if which not in ("ALL", "STANDARD", "CUSTOM"):
            raise complaint("MALFORMED_QUERY", text, item.at, f"unexpected token: '{item.path}'")
        if which != "STANDARD" and (query.limit is None or query.limit > 200):
            text_ = "The SOQL FIELDS function must have a LIMIT of at most 200"  # [DOC]
            raise SalesforceError("MALFORMED_QUERY", text_)
        custom = which == "CUSTOM"
        paths += [(n, item.at) for n, f in reader.view.fields.items() if which == "ALL" or f.custom == custom]
    return paths


def _conditions(
    org: Org, query: Query, text: str, reader: Reader, deleted: bool
) -> tuple[Condition | None, Predicate | None, Conditions]:
    """The WHERE clause with its sub-selects answered, what it accepts, and what knows the indexes."""
    conditions = Conditions(text, org.tables[reader.view.kind.name], reader.resolve, org.clock.now())
    where = query.where and answered(
        query.where, text, lambda node, inner: _ids(org, node, inner, text, reader, deleted)
    )
    return where, conditions.predicate(where) if where else None, conditions


def _ids(org: Org, node: Comparison, inner: Query, text: str, reader: Reader, deleted: bool) -> list[str]:
    """The ids that the sub-select of a semi-join or anti-join finds."""
    kind = org.find_kind(inner.source)
    if kind is None:
        what = f"sObject type '{inner.source}' is not supported."
        raise complaint("INVALID_TYPE", text, inner.source_at, f"{what} {_ENTITY_SUFFIX}")
    if kind is reader.view.kind:
        what = "The inner and outer selects should not be on the same object type"  # [DOC]
        raise complaint("MALFORMED_QUERY", text, inner.source_at, what)
    below = Reader(org, text, org.view(kind.name), reader.version)
    field, get = below.resolve(inner.select[0].path or "Id", inner.select[0].at) if inner.select else (None, None)
    if field is None or get is None or len(inner.select) != 1 or inner.select[0].function or inner.select[0].inner:
        raise complaint("MALFORMED_QUERY", text, inner.source_at, "a semi join sub-select selects one field")
    for one, at in ((field, inner.select[0].at), (reader.resolve(node.path, node.at)[0], node.at)):
        if one.type not in ("id", "reference"):
            what = f"a semi join compares ids and references: {one.name} is neither"
            raise complaint("MALFORMED_QUERY", text, at, what)
    found = {get(record) for record in _matching(org, inner, text, below, deleted)}
    return sorted(key for key in found if key is not None)


def _matching(org: Org, query: Query, text: str, reader: Reader, deleted: bool) -> Iterator[Record]:
    table = org.tables[reader.view.kind.name]
    where, accept, conditions = _conditions(org, query, text, reader, deleted)
    picked = conditions.candidates(where) if where else None
    by_change = _by_change(query.order_by)
    ordered = False
    keys: Iterable[str]
    if picked is not None:
        keys = sorted(picked)
    elif by_change or conditions.changed_since(where) is not None:
        keys = table.since(conditions.changed_since(where) or "")
        ordered = by_change
    else:
        keys = table.rows
    rows = table.rows
    records: Iterable[Record] = (rows[key] for key in keys)
    if not deleted:
        records = (r for r in records if not r.get("IsDeleted"))
    if accept is not None:
        records = filter(accept, records)
    if query.order_by and not ordered and not _is_aggregate(query):
        return iter(_sorted(list(records), query.order_by, text, reader))
    return iter(records)


def _is_aggregate(query: Query) -> bool:
    return query.count_only or bool(query.group_by) or any(s.function not in (None, "FIELDS") for s in query.select)


def _by_change(order: tuple[Ordering, ...]) -> bool:
    """ORDER BY SystemModstamp[, Id]: the table's log has that order already."""
    if any(o.descending for o in order):
        return False
    return [o.path.lower() for o in order] in (["systemmodstamp"], ["systemmodstamp", "id"])


def _as_is(value: Any) -> Any:
    return value


def _sorted(records: list[Record], order: tuple[Ordering, ...], text: str, reader: Reader) -> list[Record]:
    for item in reversed(order):
        field, get = reader.resolve(item.path, item.at)
        if not field.filterable:
            message = f"field '{field.name}' can not be sorted in a query call"
            raise complaint("MALFORMED_QUERY", text, item.at, message)
        # Nulls come first in either direction unless NULLS LAST is said [DOC].
        empty = [r for r in records if get(r) is None]
        full = [r for r in records if get(r) is not None]
        # Ids sort by character code, text without case.
        key = fold if field.type in TEXTUAL else _as_is
        full.sort(key=lambda r, g=get, k=key: k(g(r)), reverse=item.descending)  # type: ignore[misc]
        records = full + empty if item.nulls_last else empty + full
    return records
