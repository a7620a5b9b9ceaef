"""Query cursors: the rest of a result, fetched by nextRecordsUrl.

A cursor holds the query and its records, not what is shown of them: pages are rendered when they are asked for.
Cursors live two days and there is no limit to their number [DOC]. Records are those of the moment of the query; what
changes later is not seen in later pages [UNV].
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.soql_parse import parse
from sandbox.salesforce.soql_render import Render
from sandbox.salesforce.soql_run import Asked, Found, render_with

PAGE = 2000  # records of a page, children below them included [DOC]
_LIFE = timedelta(days=2)  # [DOC]


@dataclass
class Cursor:
    """The records of a result, or of the sub-select at `into` below one record."""

    key: str
    asked: Asked
    into: tuple[int, ...]
    records: list[Record]
    size: int
    opened: datetime


def first_page(org: Org, found: Found, size: int = PAGE) -> dict[str, Any]:
    """The first page; a cursor is opened when there are more."""
    if found.query.count_only:
        return {"totalSize": len(found.records), "done": True, "records": []}
    if found.query.aggregate:
        return {"totalSize": len(found.records), "done": True, "records": found.records}
    return _page(org, Cursor("", found.asked, (), found.records, size, org.clock.now()), 0, found.asked.version)


def next_page(org: Org, locator: str, version: str) -> dict[str, Any]:
    """The page at `01g…-2000`. Raises SalesforceError: INVALID_QUERY_LOCATOR."""
    key, _, start = locator.partition("-")
    cursor = org.cursors.get(key)
    if cursor is None or not start.isdigit() or int(start) >= len(cursor.records) or _expired(org, cursor):
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(org, cursor, int(start), version)


def _expired(org: Org, cursor: Cursor) -> bool:
    return org.clock.now() - cursor.opened > _LIFE


def _page(org: Org, cursor: Cursor, start: int, version: str) -> dict[str, Any]:
    """Records from `start` on, until they and the children shown below them fill the page."""
    children = 0

    def nest(into: tuple[int, ...], records: list[Record], render: Render) -> dict[str, Any]:
        nonlocal children
        first = records[: cursor.size]
        children += len(first)
        below: dict[str, Any] = {"totalSize": len(records), "done": len(first) == len(records)}
        if len(first) < len(records):
            rest = _opened(org, Cursor("", cursor.asked, into, records, cursor.size, org.clock.now()))
            below["nextRecordsUrl"] = _address(version, rest, len(first))
        below["records"] = [render(record) for record in first]
        return below

    render = render_with(org, parse(cursor.asked.text), cursor.asked, cursor.into, nest)
    shown: list[dict[str, Any]] = []
    for record in cursor.records[start : start + cursor.size]:
        if shown and len(shown) + children >= cursor.size:
            break
        shown.append(render(record))
    stop = start + len(shown)
    page: dict[str, Any] = {"totalSize": len(cursor.records), "done": stop >= len(cursor.records)}
    if stop < len(cursor.records):
        page["nextRecordsUrl"] = _address(version, cursor if cursor.key else _opened(org, cursor), stop)
    page["records"] = shown
    return page


def _opened(org: Org, cursor: Cursor) -> Cursor:
    while org.cursors and _expired(org, next(iter(org.cursors.values()))):  # they lie in the order of their opening
        del org.cursors[next(iter(org.cursors))]
    cursor.key = org.new_id("01g")
    org.cursors[cursor.key] = cursor
    return cursor


def _address(version: str, cursor: Cursor, start: int) -> str:
    return f"/services/data/v{version}/query/{cursor.key}-{start}"
