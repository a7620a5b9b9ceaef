"""Running a query: which records, in which order, shown how."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import ObjectType, Record
from sandbox.salesforce.soql_ast import Comparison, Condition, Ordering, Query, Selected
from sandbox.salesforce.soql_dates import FUNCTIONS
from sandbox.salesforce.soql_filter import Conditions, Predicate, folds
from sandbox.salesforce.soql_groups import grouped
from sandbox.salesforce.soql_index import candidates, changed_since
from sandbox.salesforce.soql_parse import parse
from sandbox.salesforce.soql_reader import RELATIONSHIP_SUFFIX, Reader
from sandbox.salesforce.soql_render import Render, columns, renderer, selected, typeof
from sandbox.salesforce.soql_semi_join import answered
from sandbox.salesforce.soql_tokens import complaint
from sandbox.salesforce.table import fold

_ENTITY_SUFFIX = (
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)
_MOST_SKIPPED = 2000  # OFFSET [DOC]
_ONE_BATCH = 2000  # rows of a query with OFFSET or with aggregates, which have no second page [DOC]
_DEEPEST = 4  # sub-selects below each other, from version 58.0 on; one before [DOC]
_MOST_CHILDREN = 20  # sub-selects of a query [DOC]

# Shows the children that a sub-select found below a record. The first argument says which sub-select: its places in
# SELECT, from the outermost on.
Nest = Callable[[tuple[int, ...], list[Record], Render], dict[str, Any]]


@dataclass(frozen=True)
class Asked:
    """A query as it was asked. `deleted`: queryAll, which shows deleted records as well."""

    text: str
    version: str
    deleted: bool = False
    tooling: bool = False


@dataclass
class Found:
    """The records of a query, unrendered; rows of an aggregate query are in their shown form."""

    asked: Asked
    query: Query
    records: list[Record]


def run(org: Org, asked: Asked) -> Found:
    """Run a query. Raises SalesforceError where Salesforce refuses it."""
    query = parse(asked.text)
    reader = reader_of(org, query, asked)
    if (query.offset or 0) > _MOST_SKIPPED:
        text = f"Maximum SOQL offset allowed is {_MOST_SKIPPED}"  # [DOC]
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", text)
    if query.aggregate:
        rows = grouped(query, reader, matching(org, query, reader, asked.deleted), org.clock.now())
        if len(rows) > _ONE_BATCH:
            text = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
            raise SalesforceError("EXCEEDED_ID_LIMIT", text)  # [3P]
        return Found(asked, query, rows)
    if not query.count_only:
        render_with(org, query, asked)  # refuses what cannot be shown, even when there are no records
    records = matching(org, query, reader, asked.deleted)
    if query.offset is None:
        return Found(asked, query, list(islice(records, query.limit)))
    most = _ONE_BATCH if query.limit is None else min(query.limit, _ONE_BATCH)
    return Found(asked, query, list(islice(records, query.offset, query.offset + most)))


@dataclass
class Rows:
    """A query as a flat table."""

    object: str
    header: list[str]
    records: Callable[[], Iterator[Record]]
    cells: Callable[[Record], list[Any]]


def table_of(org: Org, asked: Asked) -> Rows:
    """A query without aggregates and sub-selects, for a CSV. Raises SalesforceError where Salesforce refuses it."""
    query = parse(asked.text)
    reader = reader_of(org, query, asked)
    header = columns(query, reader)
    getters = [get for _, get in header]
    return Rows(
        object=reader.view.kind.name,
        header=[name for name, _ in header],
        records=lambda: islice(matching(org, query, reader, asked.deleted), query.limit),
        cells=lambda record: [get(record) for get in getters],
    )


def check(org: Org, asked: Asked) -> None:
    """Raises SalesforceError where Salesforce refuses a query for its conditions or its order."""
    query = parse(asked.text)
    reader = reader_of(org, query, asked)
    _accepted(org, query, reader, asked.deleted)
    _sorted([], query.order_by, reader)


def render_with(org: Org, query: Query, asked: Asked, into: tuple[int, ...] = (), nest: Nest | None = None) -> Render:
    """What shows a record of a query, or of its sub-select at `into`."""
    reader, below = reader_of(org, query, asked), query
    for place in into:
        inner = below.select[place].inner
        assert inner is not None
        child, _ = _relation(org, inner, reader)
        reader, below = reader.of(org.view(child)), inner
    return _renderer(org, below, reader, asked.deleted, into, nest or _whole)


def _whole(into: tuple[int, ...], records: list[Record], render: Render) -> dict[str, Any]:
    return {"totalSize": len(records), "done": True, "records": [render(r) for r in records]}


def reader_of(org: Org, query: Query, asked: Asked) -> Reader:
    """Resolves the paths of a query. Raises SalesforceError for an object that there is not."""
    kind = _kind(org, query, asked.text, asked.tooling)
    return Reader(org, asked.text, org.view(kind.name), asked.version, asked.tooling)


def _kind(org: Org, query: Query, text: str, tooling: bool = False) -> ObjectType:
    kind = org.find_kind(query.source, tooling)
    if kind is None or (tooling and not kind.tooling and kind.name not in ("User", "Organization")):
        what = f"sObject type '{query.source}' is not supported. {_ENTITY_SUFFIX}"
        raise complaint("INVALID_TYPE", text, query.source_at, what)
    return kind


# -- showing ------------------------------------------------------------------------------------------------------


def _renderer(org: Org, query: Query, reader: Reader, deleted: bool, into: tuple[int, ...], nest: Nest) -> Render:
    """Shows a record with the selected fields and, below them, other parents and its children."""
    for item in query.select:
        if item.function in FUNCTIONS or item.function == "GROUPING":
            what = f"Field must be grouped or aggregated: {item.path}"
            raise reader.complaint("MALFORMED_QUERY", item.at, what)
    own = renderer(reader, selected(query, reader))
    further = dict(typeof(reader, item) for item in query.select if item.function == "TYPEOF")
    places = [place for place, item in enumerate(query.select) if item.inner is not None]
    if len(places) > _MOST_CHILDREN:
        what = f"no more than {_MOST_CHILDREN} parent-to-child relationships are allowed"  # text [UNV]
        raise reader.complaint("MALFORMED_QUERY", query.select[places[_MOST_CHILDREN]].at, what)
    further.update(_children(org, query, (*into, place), reader, deleted, nest) for place in places)
    if not further:
        return own
    return lambda record: own(record) | {name: show(record) for name, show in further.items()}


def _relation(org: Org, inner: Query, reader: Reader) -> tuple[str, Field]:
    """The child object of a sub-select and its lookup field."""
    relation = inner.source.rpartition(".")[2]
    child, field = org.children(reader.view.kind.name).get(relation.lower(), (None, None))
    if child is None or field is None:
        what = f"Didn't understand relationship '{relation}' in FROM part of query call. {RELATIONSHIP_SUFFIX}"
        raise reader.complaint("INVALID_TYPE", inner.source_at, what)
    return child, field


def _children(
    org: Org, query: Query, into: tuple[int, ...], reader: Reader, deleted: bool, nest: Nest
) -> tuple[str, Callable[[Record], Any]]:
    """The relationship's name and what shows a record's children: a result of its own, null when there are none."""
    inner = query.select[into[-1]].inner
    assert inner is not None
    child, field = _relation(org, inner, reader)
    if inner.count_only or inner.aggregate:
        raise reader.complaint("MALFORMED_QUERY", inner.source_at, "sub-selects over children take no aggregates")
    if len(into) > (_DEEPEST if float(reader.version) >= 58 else 1):
        raise reader.complaint("MALFORMED_QUERY", inner.source_at, "too many levels of sub-selects")  # text [UNV]
    if inner.offset is not None and query.limit != 1:
        what = "OFFSET is only allowed in sub-selects when the outer query has LIMIT 1"  # [DOC], text [UNV]
        raise reader.complaint("MALFORMED_QUERY", inner.source_at, what)
    table = org.tables[child]
    below = reader.of(org.view(child))
    render = _renderer(org, inner, below, deleted, into, nest)
    accept = _accepted(org, inner, below, deleted)[1]

    def show(record: Record) -> Any:
        found = [table.rows[key] for key in sorted(table.lookup(field.name, (fold(record["Id"]),)))]
        found = [r for r in found if (deleted or not r.get("IsDeleted")) and (accept is None or accept(r))]
        start = inner.offset or 0
        found = _sorted(found, inner.order_by, below)[start : None if inner.limit is None else start + inner.limit]
        return nest(into, found, render) if found else None

    return str(field.children), show


# -- finding ------------------------------------------------------------------------------------------------------


def _accepted(
    org: Org, query: Query, reader: Reader, deleted: bool
) -> tuple[Condition | None, Predicate | None, Conditions]:
    """The WHERE clause with its sub-selects answered, what it accepts, and what knows its fields."""
    conditions = Conditions(reader.text, reader.resolve, org.clock.now())
    where = query.where and answered(
        query.where, reader.text, lambda node, inner: _ids(org, node, inner, reader, deleted)
    )
    return where, conditions.predicate(where) if where else None, conditions


def _ids(org: Org, node: Comparison, inner: Query, reader: Reader, deleted: bool) -> list[str]:
    """The ids that the sub-select of a semi-join or anti-join finds."""
    kind = _kind(org, inner, reader.text)
    if kind is reader.view.kind:
        what = "The inner and outer selects should not be on the same object type"  # [DOC]
        raise reader.complaint("MALFORMED_QUERY", inner.source_at, what)
    below = reader.of(org.view(kind.name))
    item = inner.select[0] if len(inner.select) == 1 else Selected("", "none")
    if item.function or item.inner:
        raise reader.complaint("MALFORMED_QUERY", inner.source_at, "a semi join sub-select selects one field")
    for word, given in (("OFFSET", inner.offset), ("LIMIT", inner.limit), ("ORDER BY", inner.order_by or None)):
        if given is not None:
            what = f"{word} is not allowed in a semi join sub-select"  # text [UNV]
            raise reader.complaint("MALFORMED_QUERY", inner.source_at, what)
    field, get = below.resolve(item.path, item.at)
    outer, _ = reader.resolve(node.path, node.at)
    for one, at in ((field, item.at), (outer, node.at)):
        if one.type not in ("id", "reference"):
            what = f"a semi join compares ids and references: {one.name} is neither"
            raise reader.complaint("MALFORMED_QUERY", at, what)
    if not set(field.refs or (kind.name,)) & set(outer.refs or (reader.view.kind.name,)):
        what = (
            f"The selected field '{field.name}' in the subquery and the left operand field in the where expression in "
            f"the outer query '{outer.name}' should point to the same object type"
        )  # [3P]
        raise reader.complaint("MALFORMED_QUERY", node.at, what)
    found = {get(record) for record in matching(org, inner, below, deleted)}
    return sorted(key for key in found if key is not None)


def matching(org: Org, query: Query, reader: Reader, deleted: bool) -> Iterator[Record]:
    """The records of a query in its order. The table may change while they are taken from the iterator."""
    table = org.tables[reader.view.kind.name]
    where, accept, conditions = _accepted(org, query, reader, deleted)
    picked = candidates(where, conditions, table) if where else None
    by_change = _by_change(query.order_by)
    ordered = False
    keys: list[str]
    if picked is not None:
        keys = sorted(picked)
    elif by_change or changed_since(where, conditions) is not None:
        keys = list(table.since(changed_since(where, conditions) or ""))
        ordered = by_change
    else:
        keys = list(table.rows)
    records: Iterable[Record] = (record for record in map(table.rows.get, keys) if record is not None)
    if not deleted:
        records = (r for r in records if not r.get("IsDeleted"))
    if query.scope == "mine":
        records = (r for r in records if r.get("OwnerId") == org.user_id)
    if accept is not None:
        records = filter(accept, records)
    if query.order_by and not ordered and not query.aggregate:
        return iter(_sorted(list(records), query.order_by, reader))
    return iter(records)


def _by_change(order: tuple[Ordering, ...]) -> bool:
    """ORDER BY SystemModstamp[, Id]: the table's log has that order already."""
    if any(o.descending for o in order):
        return False
    return [o.path.lower() for o in order] in (["systemmodstamp"], ["systemmodstamp", "id"])


def _as_is(value: Any) -> Any:
    return value


def _sorted(records: list[Record], order: tuple[Ordering, ...], reader: Reader) -> list[Record]:
    for item in reversed(order):
        field, get = reader.resolve(item.path, item.at)
        if not field.filterable:
            message = f"field '{field.name}' can not be sorted in a query call"
            raise reader.complaint("MALFORMED_QUERY", item.at, message)
        # Nulls come first in either direction unless NULLS LAST is said [DOC].
        empty = [r for r in records if get(r) is None]
        full = [r for r in records if get(r) is not None]
        # Ids sort by character code, text without case.
        key = fold if folds(field) else _as_is
        full.sort(key=lambda r, g=get, k=key: k(g(r)), reverse=item.descending)  # type: ignore[misc]
        records = full + empty if item.nulls_last else empty + full
    return records
