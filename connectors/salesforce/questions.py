"""Many queries in few calls: five in one (composite), and several calls in flight.

The vendor counts such a call once; with one query alone, or for the further pages of an answer, the plain road is as
short.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import orjson

from connectors.salesforce.errors import VENDOR, of_part
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.windows import address
from crosswalk.errors import TerminalError

PER_CALL = 5
"""Queries that one call may hold."""
IN_FLIGHT = 4

Rows = list[dict[str, Any]]


def ask(session: SalesforceSession, queries: Sequence[str]) -> Iterator[Rows]:
    """Yield the rows of all queries, deleted records too; a refusal of one is raised.

    Raises:
        TransientError, ConfigError, TerminalError: as the session raises them.
    """
    if len(queries) == 1:
        yield from session.query(queries[0], deleted=True)
        return
    calls = [queries[start : start + PER_CALL] for start in range(0, len(queries), PER_CALL)]
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        yield from pool.map(partial(_ask, session), calls)


def _ask(session: SalesforceSession, queries: Sequence[str]) -> Rows:
    """Make one call; it only reads, so it may be repeated although it is a POST."""
    rows: Rows = []
    for part in session.retrying(lambda: _parts(session, queries)):
        page = part
        rows += page["records"]
        while not page["done"]:
            page = orjson.loads(session.call("GET", page["nextRecordsUrl"]).content)
            rows += page["records"]
    return rows


def _parts(session: SalesforceSession, queries: Sequence[str]) -> list[dict[str, Any]]:
    """The first page of each query."""
    parts = [
        {"method": "GET", "url": session.data_path + address(soql), "referenceId": f"q{place}"}
        for place, soql in enumerate(queries)
    ]
    body = orjson.dumps({"compositeRequest": parts})
    answers = orjson.loads(session.call("POST", "composite", body).content)["compositeResponse"]
    if len(answers) != len(queries):
        raise TerminalError(f"{VENDOR} answered another number of queries than were asked", code="ROW_COUNT")
    for one in answers:
        if one["httpStatusCode"] != 200:
            raise of_part(one["httpStatusCode"], one["body"])
    return [one["body"] for one in answers]
