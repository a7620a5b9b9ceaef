"""GROUP BY and aggregate functions."""

from collections.abc import Iterable
from typing import Any

from sandbox.salesforce.fields import NUMERIC
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_ast import Ordering, Query, Selected
from sandbox.salesforce.soql_parse import complaint
from sandbox.salesforce.soql_reader import Reader
from sandbox.salesforce.table import fold


def grouped(query: Query, text: str, reader: Reader, records: Iterable[Record]) -> list[Record]:
    keys = [reader.resolve(path, 0) for path in query.group_by]
    grouped_names = {path.lower() for path in query.group_by}
    for item in query.select:
        if item.function is None and item.path.lower() not in grouped_names:
            raise complaint("MALFORMED_QUERY", text, item.at, f"Field must be grouped or aggregated: {item.path}")
    groups: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        groups.setdefault(tuple(get(record) for _, get in keys), []).append(record)
    if not query.group_by:
        groups.setdefault((), [])
    rows = []
    for values, members in groups.items():
        row: Record = {"attributes": {"type": "AggregateResult"}}
        unnamed = 0
        for item in query.select:
            if item.function is None:
                at = [p.lower() for p in query.group_by].index(item.path.lower())
                row[item.alias or keys[at][0].name] = values[at]
            else:
                name = item.alias or f"expr{unnamed}"
                unnamed += item.alias is None
                row[name] = _aggregate(item, members, reader, text)
        rows.append((values, members, row))
    for order in reversed(query.order_by):
        keyed = [(_group_key(order, query, row, reader, text), row) for row in rows]
        keyed.sort(key=lambda entry: entry[0], reverse=order.descending)
        rows = [row for _, row in keyed]
    chosen = [row for _, _, row in rows]
    return chosen[query.offset : None if query.limit is None else query.offset + query.limit]


def _group_key(order: Ordering, query: Query, entry: Any, reader: Reader, text: str) -> tuple[bool, Any]:
    values, members, _ = entry
    path = order.path
    if "(" in path:
        function, _, inner = path.removesuffix(")").partition("(")
        value = _aggregate(Selected(inner, function, None, order.at), members, reader, text)
    else:
        names = [p.lower() for p in query.group_by]
        if path.lower() not in names:
            raise complaint("MALFORMED_QUERY", text, order.at, f"Ordered field must be grouped or aggregated: {path}")
        value = values[names.index(path.lower())]
    return (value is not None, fold(value) if value is not None else 0)


def _aggregate(item: Selected, members: list[Record], reader: Reader, text: str) -> Any:
    if not item.path:
        if item.function == "COUNT":
            return len(members)
        raise complaint("MALFORMED_QUERY", text, item.at, "unexpected token: ')'")
    field, get = reader.resolve(item.path, item.at)
    values = [v for v in map(get, members) if v is not None]
    match item.function:
        case "COUNT":
            return len(values)
        case "COUNT_DISTINCT":
            return len({fold(v) for v in values})
        case "MIN" | "MAX":
            pick = min if item.function == "MIN" else max
            return pick(values, key=fold) if values else None
    if field.type not in NUMERIC:
        message = f"field {field.name} does not support aggregate operator {item.function}"
        raise complaint("MALFORMED_QUERY", text, item.at, message)
    if not values:
        return None
    return float(sum(values)) if item.function == "SUM" else sum(values) / len(values)
