"""Bodies of HubSpot search requests; pure, so that what goes over the wire can be read in a test."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crosswalk.domain.connections import Stream
from crosswalk.errors import ConfigError
from crosswalk.ports import Cursor

PAGE_ROWS = 200
LONGEST_BODY = 3_000
KEY = "hs_object_id"

Body = dict[str, Any]


def newest(stream: Stream, since: datetime | None, after: str | None = None) -> Body:
    """Ask for the row that changed last, which is where the next window ends.

    One row is enough, unless HubSpot has just hidden it: then ``after`` goes on behind it, by whole pages.
    """
    sort = {"propertyName": stream.modified, "direction": "DESCENDING"}
    return _body(_from(stream, since), sort, [stream.modified], PAGE_ROWS if after else 1, after)


def page(stream: Stream, properties: Sequence[str], window: Cursor, after: str | None = None) -> Body:
    """Ask for the next rows of an open window, in the order of their ids.

    Each page starts behind the last id rather than at an offset: an offset ends at 10,000 rows, and shifts when
    rows leave the window while it is read. ``after`` skips within the page's own filters (see BEHAVIOR.md).
    """
    if window.until is None:
        raise ValueError("the window is not open")
    filters = [*_from(stream, window.since), _filter(stream.modified, "LTE", _milliseconds(window.until))]
    if window.last_id is not None:
        filters.append(_filter(KEY, "GT", window.last_id))
    return _body(filters, {"propertyName": KEY, "direction": "ASCENDING"}, properties, PAGE_ROWS, after)


def check_length(stream: Stream, properties: Sequence[str]) -> None:
    """Refuse a mapping that reads more properties than one search can ask for, before anything is sent.

    Raises:
        ConfigError: the longest request of this stream would be refused by HubSpot.
    """
    latest = datetime.max.replace(tzinfo=UTC)
    length = len(json.dumps(page(stream, properties, Cursor(latest, latest, "9" * 20), "10000")))
    if length > LONGEST_BODY:
        raise ConfigError(
            f"{len(properties)} properties of {stream.object} make a search request of {length} characters, "
            f"and HubSpot takes {LONGEST_BODY}: map fewer properties",
            key=stream.object,
        )


def _from(stream: Stream, since: datetime | None) -> list[dict[str, str]]:
    """The window's lower bound, earlier by the look-back because HubSpot indexes late; none at a first read."""
    if since is None:
        return []
    lower = since - timedelta(seconds=stream.look_back_seconds)
    return [_filter(stream.modified, "GTE", _milliseconds(lower))]


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _body(
    filters: list[dict[str, str]], sort: dict[str, str], properties: Sequence[str], limit: int, after: str | None
) -> Body:
    body: Body = {"sorts": [sort], "properties": list(properties), "limit": limit}
    if filters:
        body["filterGroups"] = [{"filters": filters}]
    if after:
        body["after"] = after
    return body


def _milliseconds(moment: datetime) -> str:
    """HubSpot's own precision; whole milliseconds below, so that a lower bound never moves up."""
    return str((moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
