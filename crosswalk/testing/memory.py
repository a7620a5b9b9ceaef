"""A source and a target in memory: the smallest connectors that keep the contract, and fakes for pipeline tests."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import polars as pl

from crosswalk.domain.planning import Create, Receipt, Record, Write
from crosswalk.errors import ConfigError, CrosswalkError, RecordError
from crosswalk.platform.http import CallCounter
from crosswalk.ports import Cursor, Lookup, Page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """One row of a source; an unindexed row exists but is not shown yet."""

    external_id: str
    modified_at: datetime
    values: Mapping[str, str | None]
    indexed: bool = True


class MemorySource:
    """Streams of rows, read in windows of modification time like a vendor's search."""

    def __init__(
        self,
        properties: Mapping[str, Sequence[str]],
        *,
        page_rows: int = 200,
        look_back: timedelta = timedelta(seconds=120),
    ) -> None:
        self.calls = CallCounter()
        self._properties, self._page_rows, self._look_back = properties, page_rows, look_back
        self._rows: dict[str, dict[str, Row]] = {stream: {} for stream in properties}

    def put(self, stream: str, *rows: Row) -> None:
        """Insert rows, or replace those with the same id."""
        self._rows[stream].update({row.external_id: row for row in rows})

    def index(self, stream: str) -> None:
        """Show every row that was put unindexed."""
        self.put(stream, *[replace(row, indexed=True) for row in self._rows[stream].values()])

    def pull(self, stream: str, since: Cursor) -> Iterator[Page]:
        """Yield the pages of the open window, or of a new one."""
        if stream not in self._rows:
            raise ConfigError(f"no stream is called {stream}", key="streams")
        window, first = since, since.last_id is None
        lower = EPOCH if since.since is None else since.since - self._look_back
        if window.until is None:
            self.calls.add()
            newest = max((row.modified_at for row in self._shown(stream, lower)), default=None)
            if newest is None:
                yield Page(self._frame(stream, []), since)
                return
            window = replace(since, until=max(newest, since.since or newest))
        while True:
            self.calls.add()
            rows = [row for row in self._shown(stream, lower) if row.modified_at <= (window.until or EPOCH)]
            left = sorted(
                (row for row in rows if row.external_id > (window.last_id or "")), key=lambda r: r.external_id
            )
            page, more = left[: self._page_rows], len(left) > self._page_rows
            window = replace(window, last_id=page[-1].external_id) if more else Cursor(since=window.until)
            yield Page(self._frame(stream, page), window, len(rows) if first else None)
            if not more:
                return
            first = False

    def _shown(self, stream: str, lower: datetime) -> list[Row]:
        return [row for row in self._rows[stream].values() if row.indexed and row.modified_at >= lower]

    def _frame(self, stream: str, rows: Sequence[Row]) -> pl.DataFrame:
        columns: dict[str, pl.Series] = {
            "external_id": pl.Series([row.external_id for row in rows], dtype=pl.String),
            "modified_at": pl.Series([row.modified_at for row in rows], dtype=pl.Datetime("us", "UTC")),
        }
        for name in self._properties[stream]:
            columns[name] = pl.Series([row.values.get(name) for row in rows], dtype=pl.String)
        return pl.DataFrame(columns)


@dataclass
class MemoryTarget:
    """Objects with records, keyed by external id.

    ``refuse`` may refuse single writes with a RecordError; ``failure``, once set, is raised by the next call.
    """

    refuse: Callable[[Write], RecordError | None] = lambda _: None
    failure: CrosswalkError | None = None
    calls: CallCounter = field(default_factory=CallCounter)
    _records: dict[str, dict[str, Record]] = field(default_factory=dict)

    def put(self, *records: Record) -> None:
        """Insert records that are there before the hub."""
        for record in records:
            self._records.setdefault(record.object, {})[record.record_id] = record

    def all(self, object: str) -> list[Record]:
        """Every record of an object, with all its fields."""
        return list(self._records.get(object, {}).values())

    def lookup(self, query: Lookup) -> list[Record]:
        """Return what any key of the query hits, with the fields asked for."""
        self._call()
        return [
            replace(record, fields={name: record.fields.get(name) for name in query.fields})
            for record in self.all(query.object)
            if record.external_id in query.external_ids
            or record.record_id in query.record_ids
            or any(record.fields.get(name) in sought for name, sought in query.match.items())
        ]

    def apply(self, actions: Sequence[Write]) -> Iterator[Receipt]:
        """Write, one receipt for each action."""
        self._call()
        for action in actions:
            refusal = self.refuse(action)
            yield (
                Receipt(action.action_id, "failed", code=refusal.code, fields=refusal.fields)
                if refusal
                else self._write(action)
            )

    def _write(self, action: Write) -> Receipt:
        if isinstance(action, Create):
            known = [record for record in self.all(action.object) if record.external_id == action.external_id]
            record_id = known[0].record_id if known else f"R{len(self.all(action.object)) + 1:06}"
            fields = dict(action.fields)
        else:
            record_id, fields = action.record_id, {name: change.new for name, change in action.changes.items()}
        old = self._records.setdefault(action.object, {}).get(record_id)
        if old is None and not isinstance(action, Create):
            return Receipt(action.action_id, "failed", record_id, code="NOT_FOUND")
        self.put(Record(action.object, record_id, action.external_id, {**(old.fields if old else {}), **fields}))
        return Receipt(action.action_id, "updated" if old else "created", record_id)

    def _call(self) -> None:
        self.calls.add()
        failure, self.failure = self.failure, None
        if failure:
            raise failure
