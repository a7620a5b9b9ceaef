"""Reading from HubSpot: windows of modification time, each read in the order of record ids."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.hubspot.client import Client
from connectors.hubspot.rows import Answer, Layout
from connectors.hubspot.search import PAGE_ROWS, Body, check_length, newest, page
from crosswalk.domain.connections import Stream
from crosswalk.errors import ConfigError
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
        for reading in self._readings.values():
            check_length(reading.stream, reading.rows.requested)

    def pull(self, stream: str, since: Cursor) -> Iterator[Page]:
        """Yield the pages of one window: the open one, or a new one up to the newest change that HubSpot shows."""
        if stream not in self._readings:
            raise ConfigError(f"no stream of this connection is called {stream}", key="streams")
        reading = self._readings[stream]
        window = since if since.until is not None else self._open(reading, since)
        if window is None:
            yield Page(reading.rows.empty, since)
        else:
            yield from self._window(reading, window)

    def _open(self, reading: _Reading, since: Cursor) -> Cursor | None:
        """A window up to the newest change, or None where there is nothing to read.

        It never ends before it starts: the newest row of the last window may have been deleted since.
        """
        answer = self._shown(reading, reading.newest, lambda after: newest(reading.stream, since.since, after))
        if answer.frame.is_empty():
            return None
        until = answer.frame["modified_at"][0]
        return Cursor(since.since, until if since.since is None else max(until, since.since))

    def _window(self, reading: _Reading, window: Cursor) -> Iterator[Page]:
        """Read on from the window's last id until HubSpot has no more."""
        first = window.last_id is None
        while True:
            answer = self._page(reading, window)
            frame = answer.frame
            more = frame.height >= PAGE_ROWS or answer.after is not None
            if more:
                window = replace(window, last_id=frame["external_id"][-1])
            yield Page(frame, window if more else Cursor(since=window.until), answer.total if first else None)
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
