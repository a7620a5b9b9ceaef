"""From the bytes of an answer to a frame.

Each stream gets its own decoder, made of the fields that its mapping reads: bytes become typed rows in one pass and
nothing else of the answer is kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import polars as pl

from connectors.salesforce.errors import VENDOR
from connectors.salesforce.soql import path
from crosswalk.errors import TerminalError

Scalar = str | bool | int | float | None


class Answer(NamedTuple):
    """One page of a query, read."""

    frame: pl.DataFrame
    total: int
    following: str | None
    """Where the vendor shows the next page; None after the last one."""


class Layout:
    """How the rows of one stream look on the wire and in a frame.

    ``times`` are the fields whose latest value is a row's modification time; ``fields`` become columns. Both may name
    a parent's field (``Opportunity.StageName``).
    """

    def __init__(self, times: Sequence[str], fields: Sequence[str]) -> None:
        self.fields = tuple(dict.fromkeys(fields))
        self.requested = tuple(dict.fromkeys(("Id", *times, *self.fields)))
        row = _struct([tuple(path(field).split(".")) for field in self.requested])
        envelope: list[Any] = [("records", list[row]), ("totalSize", int), ("nextRecordsUrl", str | None, None)]  # type: ignore[valid-type]  # a type made at run time
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.defstruct("Page", envelope))
        self._id = attrgetter("Id")
        self._times = [_getter(time) for time in times]
        self._columns = {field: _getter(field) for field in self.fields}

    def read(self, data: bytes) -> Answer:
        """Decode one page of a query.

        Raises:
            TerminalError: the answer is not of the documented shape; says where, quotes no value. A field is missing
                where the mapping spells it otherwise than the org does.
        """
        page = _decoded(self._decoder, data)
        rows = page.records
        return Answer(
            _frame(
                [self._id(row) for row in rows],
                [max(instant(text) for time in self._times if (text := time(row))) for row in rows],
                {field: [value(row) for row in rows] for field, value in self._columns.items()},
            ),
            page.totalSize,
            page.nextRecordsUrl,
        )


class _Removed(msgspec.Struct):
    id: str
    deletedDate: str  # noqa: N815 -- the vendor's spelling


class _Log(msgspec.Struct):
    deletedRecords: list[_Removed]  # noqa: N815 -- the vendor's spelling
    earliestDateAvailable: str  # noqa: N815
    latestDateCovered: str  # noqa: N815


class Removals(NamedTuple):
    """An answer of the deletion log, read: it is complete from ``earliest`` to ``covered``."""

    frame: pl.DataFrame
    earliest: datetime
    covered: datetime


_log: msgspec.json.Decoder[_Log] = msgspec.json.Decoder(_Log)


def removals(data: bytes) -> Removals:
    """Decode an answer of the deletion log; all that it says of a record is that it is gone, and since when.

    Raises:
        TerminalError: the answer is not of the documented shape.
    """
    log = _decoded(_log, data)
    gone = log.deletedRecords
    return Removals(
        _frame(
            [record.id for record in gone],
            [instant(record.deletedDate) for record in gone],
            {"IsDeleted": ["true"] * len(gone)},
        ),
        instant(log.earliestDateAvailable),
        instant(log.latestDateCovered),
    )


def instant(text: str) -> datetime:
    """Salesforce's time, such as 2026-11-16T15:00:00.000+0000.

    Raises:
        TerminalError: it is of another form.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _unreadable("a time of unknown form")
    return moment


def _decoded(decoder: msgspec.json.Decoder[Any], data: bytes) -> Any:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # msgspec says where and what type, and quotes nothing.
        where = str(error) if isinstance(error, msgspec.ValidationError) else "not JSON"
    raise _unreadable(where)


def _unreadable(where: str) -> TerminalError:
    return TerminalError(f"{VENDOR} sent an unreadable answer: {where}", code="UNREADABLE_ANSWER")


def _struct(paths: Iterable[tuple[str, ...]]) -> type:
    """A row, or a parent of one, with exactly these fields: all are required, because the vendor sends all."""
    below: dict[str, list[tuple[str, ...]]] = {}
    for first, *rest in paths:
        below.setdefault(first, []).append(tuple(rest))
    fields = [(name, _struct(rest) | None if any(rest) else Scalar) for name, rest in below.items()]
    return msgspec.defstruct("Row", fields, gc=False)


def _getter(field: str) -> Callable[[Any], Any]:
    """What reads a field off a row; a parent that is not there has none."""
    first, _, rest = field.partition(".")
    own = attrgetter(first)
    if not rest:
        return own
    above = _getter(rest)
    return lambda row: None if (parent := own(row)) is None else above(parent)


def _frame(ids: list[str], modified: list[datetime], columns: Mapping[str, list[Scalar]]) -> pl.DataFrame:
    return pl.DataFrame([
        pl.Series("external_id", ids, dtype=pl.String),
        pl.Series("modified_at", modified, dtype=pl.Datetime("us", "UTC")),
        *(pl.Series(field, _texts(values), dtype=pl.String) for field, values in columns.items()),
    ])  # fmt: skip


def _texts(values: list[Scalar]) -> list[str | None]:
    """Values as the field mapping expects them; most columns are text already."""
    if {*map(type, values)} <= {str, type(None)}:
        return values  # type: ignore[return-value]  # just checked
    return [_text(value) for value in values]


def _text(value: Scalar) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
