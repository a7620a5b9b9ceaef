"""Reading what sales made of leads: windows of modification time, each read in the order of record ids.

All streams of one connector end their windows at the same instant: the vendor's own time when it first answered. So a
run sees one state of the org, however long it reads, and what changes meanwhile is for the next run (FBK-01).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import requests

from connectors.salesforce import windows
from connectors.salesforce.layout import Layout, removals
from connectors.salesforce.session import SalesforceSession, dated
from crosswalk.domain.connections import Stream
from crosswalk.errors import ConfigError, TransientError
from crosswalk.ports import Cursor, Page


@dataclass(frozen=True)
class _Reading:
    """What a pull needs to know about its stream."""

    stream: Stream
    layout: Layout


class SalesforceSource:
    """Streams of one Salesforce org."""

    def __init__(
        self, session: SalesforceSession, streams: Mapping[str, Stream], properties: Mapping[str, Sequence[str]]
    ) -> None:
        if unknown := sorted({*properties} - {*streams}):
            raise ConfigError(f"no stream of this connection is called {', '.join(unknown)}", key="streams")
        self._session = session
        self._readings = {name: _reading(stream, properties.get(name, ())) for name, stream in streams.items()}

    def pull(self, stream: str, since: Cursor) -> Iterator[Page]:
        """Yield the pages of one window: the open one, or a new one up to the vendor's time at the first call.

        Raises:
            SchemaDrift: a field is missing or hidden from the run-as user: `crosswalk setup`.
        """
        if stream not in self._readings:
            raise ConfigError(f"no stream of this connection is called {stream}", key="streams")
        reading = self._readings[stream]
        until = since.until or self._until(since.since)
        if reading.stream.deleted:
            yield self._removals(reading.stream, since.since, until)
        else:
            yield from self._window(reading, replace(since, until=until))

    def _until(self, since: datetime | None) -> datetime:
        """The end of a new window; never before its start."""
        opened = self._session.opened()
        return opened if since is None else max(opened, since)

    def _window(self, reading: _Reading, window: Cursor) -> Iterator[Page]:
        """Read on from the window's last id until there is no more."""
        first, following = window.last_id is None, None
        while True:
            reply = self._page(reading, window, following)
            frame, total, following = reading.layout.read(reply.content)
            if following is None:
                window = Cursor(since=window.until)
            elif not frame.is_empty():
                window = replace(window, last_id=frame["external_id"][-1])
            yield Page(frame, window, total if first else None, dated(reply))
            if following is None:
                return
            first = False

    def _page(self, reading: _Reading, window: Cursor, following: str | None) -> requests.Response:
        """The vendor's next page; where it has lost its place, the rest of the window is asked for anew."""
        if following is not None:
            try:
                return self._session.call("GET", following)
            except TransientError:
                pass  # the new query finds out whether it was more than a forgotten place
        return self._session.call(
            "GET", windows.address(windows.query(reading.stream, reading.layout.requested, window))
        )

    def _removals(self, stream: Stream, since: datetime | None, until: datetime) -> Page:
        """What the deletion log says, in one page; a time that is no longer in it is told as a gap."""
        reply = self._session.call("GET", windows.removals(stream, since, until))
        frame, earliest, covered = removals(reply.content)
        if since is None:
            return Page(frame, Cursor(covered), vendor_now=dated(reply))
        gap = (since, earliest) if since < earliest else None
        return Page(frame, Cursor(max(since, covered)), vendor_now=dated(reply), gap=gap)


def _reading(stream: Stream, fields: Sequence[str]) -> _Reading:
    """Check what is asked of a stream.

    Raises:
        ConfigError: it cannot be asked for.
    """
    layout = Layout((stream.modified, *stream.also_modified), fields)
    if stream.deleted and (stream.filter or {*fields} - {"IsDeleted"}):
        raise ConfigError("the deletion log tells ids and IsDeleted only, of all records", key=stream.object)
    if not stream.deleted:
        windows.check_length(stream, layout.requested)
    return _Reading(stream, layout)
