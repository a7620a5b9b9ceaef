"""Reading from HubSpot: windows of modification time, each read in the order of record ids.

A first reading of many records may take the list of all of them instead.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.hubspot import listing
from connectors.hubspot.ahead import Ahead
from connectors.hubspot.client import Client
from connectors.hubspot.rows import Answer, Layout
from connectors.hubspot.search import PAGE_ROWS, Body, check_length, newest, page
from crosswalk.domain.connections import Stream
from crosswalk.errors import ConfigError, TerminalError
from crosswalk.ports import Cursor, Page


@dataclass(frozen=True)
class _Reading:
    """What a pull needs to know about its stream."""

    stream: Stream
    rows: Layout
    newest: Layout


class HubSpotSource:
    """Streams of one HubSpot portal."""

    def __init__(self, client: Client, streams: Mapping[str, Stream], properties: Mapping[str, Sequence[str]]) -> None:
        if unknown := sorted({*properties} - {*streams}):
            raise ConfigError(f"no stream of this connection is called {', '.join(unknown)}", key="streams")
        self._client = client
        self._readings = {
            name: _Reading(stream, Layout(stream.modified, properties.get(name, ())), Layout(stream.modified, ()))
            for name, stream in streams.items()
        }
        self._left: dict[str, Ahead] = {}
        """Windows that a taker has left in the middle."""
        for reading in self._readings.values():
            check_length(reading.stream, reading.rows.requested)

    def pull(self, stream: str, since: Cursor) -> Iterator[Page]:
        """Yield the pages of one window: the open one, or a new one up to the newest change that HubSpot shows."""
        if stream not in self._readings:
            raise ConfigError(f"no stream of this connection is called {stream}", key="streams")
        ahead = self._left.pop(stream, None)
        if ahead is None or ahead.position != since or not ahead.goes_on:
            ahead = Ahead(self._pages(self._readings[stream], since), since)
        try:
            yield from ahead
        except GeneratorExit:
            self._left[stream] = ahead
            raise

    def _pages(self, reading: _Reading, since: Cursor) -> Iterator[Page]:
        """Ask for the pages, one after the other."""
        if (place := listing.after(since)) is not None:
            yield from self._resumed_list(reading, since, place)
        elif since.until is not None:
            yield from self._window(reading, since)
        elif (opened := self._open(reading, since)) is None:
            yield Page(reading.rows.empty, since)
        else:
            window, total = opened
            first = self._quick_list(reading, total) if since.since is None else None
            yield from self._window(reading, window) if first is None else self._list(reading, window, first, total)

    def _open(self, reading: _Reading, since: Cursor) -> tuple[Cursor, int | None] | None:
        """A window up to the newest change and HubSpot's count of rows, or None where there is nothing to read.

        It never ends before it starts: the newest row of the last window may have been deleted since.
        """
        answer = self._shown(reading, reading.newest, lambda after: newest(reading.stream, since.since, after))
        if answer.frame.is_empty():
            return None
        until = answer.frame["modified_at"][0]
        return Cursor(since.since, until if since.since is None else max(until, since.since)), answer.total

    def _quick_list(self, reading: _Reading, total: int | None) -> Answer | None:
        """The first page of the list of all records, where that is the faster road to them."""
        if (total or 0) <= listing.WORTH_ASKING:
            return None
        asked = time.monotonic()
        answer = self._listed(reading, None)
        return answer if time.monotonic() - asked < listing.QUICK else None

    def _listed(self, reading: _Reading, after: str | None) -> Answer:
        return reading.rows.read(self._client.list(reading.stream.object, reading.rows.requested, after))

    def _list(self, reading: _Reading, window: Cursor, answer: Answer, total: int | None) -> Iterator[Page]:
        """Read the list to its end. Rows that change meanwhile are newer than the window's end, and come again."""
        while answer.after is not None:
            window = replace(window, last_id=listing.place(answer.after))
            yield Page(answer.frame, window, total, left_out=answer.left_out)
            answer, total = self._listed(reading, answer.after), None
        yield Page(answer.frame, Cursor(since=window.until), total, left_out=answer.left_out)

    def _resumed_list(self, reading: _Reading, window: Cursor, place: str) -> Iterator[Page]:
        """Go on with a list; where HubSpot no longer knows the place, read anew."""
        try:
            answer = self._listed(reading, place)
        except TerminalError as error:
            if error.code != "VALIDATION_ERROR":
                raise
            yield from self._pages(reading, Cursor())
        else:
            yield from self._list(reading, window, answer, None)

    def _window(self, reading: _Reading, window: Cursor) -> Iterator[Page]:
        """Read on from the window's last id until HubSpot has no more."""
        first = window.last_id is None
        while True:
            answer = self._page(reading, window)
            frame = answer.frame
            more = frame.height >= PAGE_ROWS or answer.after is not None
            if more:
                window = replace(window, last_id=frame["external_id"][-1])
            total = answer.total if first else None
            yield Page(frame, window if more else Cursor(since=window.until), total, left_out=answer.left_out)
            if not more:
                return
            first = False

    def _page(self, reading: _Reading, window: Cursor) -> Answer:
        """The next page of the window."""
        names = reading.rows.requested
        return self._shown(reading, reading.rows, lambda after: page(reading.stream, names, window, after))

    def _shown(self, reading: _Reading, layout: Layout, body: Callable[[str | None], Body]) -> Answer:
        """The first answer that has rows, or the last one.

        HubSpot still counts rows that it no longer shows (just archived), so a page may come short, even empty,
        with more behind it; an empty one gives no row to go on from, so HubSpot's own offset passes over it.
        """
        after = None
        while True:
            answer = layout.read(self._client.search(reading.stream.object, body(after)))
            if not answer.frame.is_empty():
                return answer
            if answer.after in (None, after):
                return answer._replace(after=None)
            after = answer.after
