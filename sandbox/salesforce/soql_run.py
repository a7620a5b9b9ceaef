"""Running a query: which records, in which order, shown how."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import TEXTUAL
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_ast import Ordering, Query
from sandbox.salesforce.soql_filter import Conditions, Predicate
from sandbox.salesforce.soql_groups import grouped
from sandbox.salesforce.soql_parse import complaint, parse
from sandbox.salesforce.soql_reader import Reader, Render
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
    for item in query.select:
        if item.alias:
            raise complaint("MALFORMED_QUERY", text, item.at, "only aggregate expressions use field aliasing")
    render = reader.renderer(_paths(query, text, reader))
    start = query.offset
    if start > 2000:
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")  # [DOC]
    stop = None if query.limit is None else start + query.limit
    return Found(list(islice(records, start, stop)), render)


def _paths(query: Query, text: str, reader: Reader) -> list[tuple[str, int]]:
    paths: list[tuple[str, int]] = []
    for item in query.select:
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


def _matching(org: Org, query: Query, text: str, reader: Reader, deleted: bool) -> Iterator[Record]:
    table = org.tables[reader.view.kind.name]
    conditions = Conditions(text, table, reader.resolve, org.clock.now())
    accept: Predicate | None = conditions.predicate(query.where) if query.where else None
    picked = conditions.candidates(query.where) if query.where else None
    by_change = _by_change(query.order_by)
    ordered = False
    keys: Iterable[str]
    if picked is not None:
        keys = sorted(picked)
    elif by_change or conditions.changed_since(query.where) is not None:
        keys = table.since(conditions.changed_since(query.where) or "")
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
