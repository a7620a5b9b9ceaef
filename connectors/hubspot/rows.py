"""From the bytes of a search page to a frame.

Each stream gets its own decoder, made of the properties that its mapping reads: bytes become typed rows in one pass
and nothing else of the answer is kept.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import polars as pl

from connectors.hubspot.errors import VENDOR
from crosswalk.errors import ConfigError, TerminalError

RESERVED = ("external_id", "modified_at")


class Answer(NamedTuple):
    """One page of a search, read."""

    frame: pl.DataFrame
    total: int | None
    after: str | None
    """Where HubSpot says that the search goes on; None on what it takes for the last page."""
    left_out: frozenset[str]
    """Properties that every row lacks, which the portal does not define (any longer); an empty one is null."""


class Layout:
    """How the rows of one stream look on the wire and in a frame."""

    def __init__(self, modified: str, properties: Sequence[str]) -> None:
        if taken := sorted({*properties} & {*RESERVED}):
            raise ConfigError(f"{', '.join(taken)}: the hub's own column has this name; rename the HubSpot property")
        self.properties = tuple(dict.fromkeys(properties))
        self.requested = tuple(dict.fromkeys((*self.properties, modified)))
        fields = {name: f"p{number}" for number, name in enumerate(self.requested)}
        # A property that the portal does not define is left out of the row; the modification time never is.
        kind = str | msgspec.UnsetType | None
        wanted = [(field, kind, msgspec.UNSET) for name, field in fields.items() if name != modified]
        values = msgspec.defstruct(
            "Values",
            [(fields[modified], str), *wanted],
            rename={field: name for name, field in fields.items()},
            gc=False,
        )
        row = msgspec.defstruct("Row", [("id", str), ("properties", values)], gc=False)
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_envelope(row))
        self._columns = [(name, attrgetter(f"properties.{fields[name]}")) for name in self.properties]
        self._modified = attrgetter(f"properties.{fields[modified]}")
        self.empty, _ = self._frame([])

    def read(self, data: bytes) -> Answer:
        """Decode one page.

        Raises:
            TerminalError: the answer is not of the documented shape; says where, quotes nothing.
        """
        try:
            page = self._decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            page = self._decode_mended(data)
        following = page.paging.next if page.paging else None
        frame, left_out = self._frame(page.results)
        return Answer(frame, page.total, following.after if following else None, left_out)

    def _decode_mended(self, data: bytes) -> Any:
        """Decode again with half characters replaced: a text cut inside an emoji must not stop a whole route."""
        try:
            text = json.dumps(json.loads(data.decode(errors="replace")), ensure_ascii=False)
            return self._decoder.decode(text.encode(errors="replace"))
        except ValueError as error:
            # msgspec says where and what type, and quotes nothing; what json says may depend on the text.
            where = str(error) if isinstance(error, msgspec.ValidationError) else "not JSON"
        raise TerminalError(f"{VENDOR} sent an unreadable search page: {where}", code="UNREADABLE_ANSWER")

    def _frame(self, rows: Sequence[Any]) -> tuple[pl.DataFrame, frozenset[str]]:
        """Rows as a frame, and which properties all of them lack."""
        instants = [_instant(self._modified(row)) for row in rows]
        columns = [
            pl.Series("external_id", [row.id for row in rows], dtype=pl.String),
            pl.Series("modified_at", instants, dtype=pl.Datetime("us", "UTC")),
        ]
        left_out: set[str] = set()
        for name, value in self._columns:
            values = [value(row) for row in rows]
            if msgspec.UNSET in values:
                if all(one is msgspec.UNSET for one in values):
                    left_out.add(name)
                values = [None if one is msgspec.UNSET else one for one in values]
            columns.append(pl.Series(name, values, dtype=pl.String))
        return pl.DataFrame(columns), frozenset(left_out)


def _instant(text: str) -> datetime:
    """HubSpot's ISO time; for 200 of them Python is faster than a frame expression."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise TerminalError(f"{VENDOR} sent a modification time of unknown form", code="UNREADABLE_ANSWER")
    return moment


class _Next(msgspec.Struct):
    after: str


class _Paging(msgspec.Struct):
    next: _Next | None = None


def _envelope(row: type) -> type:
    """The search answer around the rows; every part but the rows may be absent."""
    return msgspec.defstruct(
        "Page",
        [("results", list[row]), ("total", int | None, None), ("paging", _Paging | None, None)],  # type: ignore[valid-type]  # a type made at run time
    )
