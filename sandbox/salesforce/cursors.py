"""Query cursors: the rest of a result, fetched by nextRecordsUrl."""

from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql_run import Found

PAGE = 2000
_KEPT = 50  # how many cursors stay open; how long Salesforce keeps one is not known [UNV]


@dataclass
class Cursor:
    """The records of a result as they were when the query ran."""

    key: str
    found: Found
    size: int


def first_page(org: Org, found: Found, version: str, size: int = PAGE) -> dict[str, Any]:
    """The first page; a cursor is opened when there are more."""
    if found.count_only:
        return {"totalSize": len(found.records), "done": True, "records": []}
    if len(found.records) <= size:
        return {"totalSize": len(found.records), "done": True, "records": [found.render(r) for r in found.records]}
    cursor = Cursor(org.new_id("01g"), found, size)
    org.cursors[cursor.key] = cursor
    while len(org.cursors) > _KEPT:
        del org.cursors[next(iter(org.cursors))]
    return _page(cursor, 0, version)


def next_page(org: Org, locator: str, version: str) -> dict[str, Any]:
    """The page at `01g…-2000`."""
    key, _, start = locator.partition("-")
    cursor = org.cursors.get(key)
    if cursor is None or not start.isdigit() or int(start) >= len(cursor.found.records):
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(cursor, int(start), version)


def _page(cursor: Cursor, start: int, version: str) -> dict[str, Any]:
    records = cursor.found.records
    stop = start + cursor.size
    page: dict[str, Any] = {"totalSize": len(records), "done": stop >= len(records)}
    if stop < len(records):
        page["nextRecordsUrl"] = f"/services/data/v{version}/query/{cursor.key}-{stop}"
    page["records"] = [cursor.found.render(r) for r in records[start:stop]]
    return page
