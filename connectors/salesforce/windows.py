"""What is asked for a window of a stream; PURE, so that it can be read in a test.

Records are read by query, in the order of their ids; of records that left the recycle bin only the deletion log tells.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote_plus, urlencode

from connectors.salesforce.soql import LONGEST, encoded, name, path, quote
from crosswalk.domain.connections import Stream
from crosswalk.errors import ConfigError
from crosswalk.ports import Cursor

LOG_DAYS = timedelta(days=15)
"""How long the vendor keeps its deletion log."""
LOG_WINDOW = timedelta(minutes=2)
"""The shortest window of the log: its end must come more than a minute after its start, and seconds are ignored."""
OVERLAP = timedelta(seconds=1)
"""Always read again: times are whole seconds, and one that has begun is not over."""


def query(stream: Stream, fields: Sequence[str], window: Cursor) -> str:
    """Return the SOQL for the rest of an open window.

    A record belongs to it when its own modification time does, or that of a parent that is read along.
    """
    if window.until is None:
        raise ValueError("the window is not open")
    until = f"<= {_literal(window.until)}"
    if window.since is None:
        changed = f"{path(stream.modified)} {until}"
    else:
        lower = _literal(window.since - max(timedelta(seconds=stream.look_back_seconds), OVERLAP))
        times = [path(time) for time in (stream.modified, *stream.also_modified)]
        changed = " OR ".join(f"({time} >= {lower} AND {time} {until})" for time in times)
    conditions = [f"({stream.filter})" if stream.filter else "", f"({changed})"]
    if window.last_id is not None:
        conditions.append(f"Id > {quote(window.last_id)}")
    columns = ", ".join(path(field) for field in fields)
    return f"SELECT {columns} FROM {name(stream.object)} WHERE {' AND '.join(filter(None, conditions))} ORDER BY Id"


def check_length(stream: Stream, fields: Sequence[str]) -> None:
    """Refuse a mapping that reads more fields than an address can hold, before anything is sent.

    Raises:
        ConfigError: the longest query of this stream would be refused.
    """
    latest = datetime(9999, 12, 31, tzinfo=UTC)
    length = encoded(query(stream, fields, Cursor(latest, latest, "0" * 18)))
    if length > LONGEST:
        raise ConfigError(
            f"{len(fields)} fields of {stream.object} make a query of {length} bytes, and an address holds {LONGEST}: "
            "map fewer fields",
            key=stream.object,
        )


def address(soql: str) -> str:
    """Where a query is asked that also shows what was deleted, merged away or archived."""
    return f"queryAll/?q={quote_plus(soql)}"


def removals(stream: Stream, since: datetime | None, now: datetime) -> str:
    """Where the deletion log is asked for what was deleted since then, or since it begins."""
    end = _minute(now)
    oldest = end - LOG_DAYS
    start = oldest if since is None else min(max(_minute(since), oldest), end - LOG_WINDOW)
    return f"sobjects/{name(stream.object)}/deleted/?" + urlencode({"start": _literal(start), "end": _literal(end)})


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _literal(moment: datetime) -> str:
    """Whole seconds below, so that a lower bound never moves up."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
