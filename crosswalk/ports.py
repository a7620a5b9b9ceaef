"""The seams: what a system must offer to be a source, a target, or both. At most three methods each.

A connector is found by the entry point group ``crosswalk.connectors``; the entry point is a callable
``connector(connection, settings, properties) -> Connector`` (properties: stream -> source properties to read). Extras
(schema administration, a health probe, counting) are opt-in protocols: a connector that lacks one leaves the attribute
``None``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import polars as pl

from crosswalk.domain.planning import Receipt, Record, Write


@dataclass(frozen=True)
class Cursor:
    """How far a stream has been read: a window of modification times and the last id landed in it.

    ``until is None`` means that no window is open: the next pull opens one, up to the newest change visible then, or
    to the vendor's time. A finished window becomes the next one's lower bound. ``last_id`` is the source's own affair:
    where it reads by the vendor's place in a list, it is that place.
    """

    since: datetime | None = None
    until: datetime | None = None
    last_id: str | None = None


@dataclass(frozen=True)
class Page:
    """Some rows of a stream, and where reading goes on after them.

    ``frame`` has ``external_id`` (String), ``modified_at`` (Datetime us, UTC) and one String column for each
    property that the field mapping reads. ``expected`` is the vendor's own count of the window's rows, where it
    gives one (first page only): reconciliation compares it with what was landed. ``vendor_now`` is the vendor's own
    time when it answered (its ``Date`` header), by which its times are compared with ours. ``gap`` is a time of which
    the vendor no longer tells what happened, because its log is shorter than the pause since the last reading.
    ``left_out`` are the properties that all rows of the page lack because the vendor does not know them, where it says
    so by leaving them out (null in the frame, as an empty one is); a stream that had one before stops (TRK-05).
    """

    frame: pl.DataFrame
    cursor: Cursor
    expected: int | None = None
    vendor_now: datetime | None = None
    gap: tuple[datetime, datetime] | None = None
    left_out: frozenset[str] = frozenset()


class Source(Protocol):
    """A system that rows are read from."""

    def pull(self, stream: str, since: Cursor) -> Iterator[Page]:
        """Yield pages from the cursor on; the last page's cursor has its window closed."""
        ...


@dataclass(frozen=True)
class Lookup:
    """What to look up in one object of a target: by our external id, by record id, or by exact key fields.

    ``match`` maps a target field to the values sought (Email -> addresses).
    """

    object: str
    fields: Sequence[str]
    external_ids: Sequence[str] = ()
    record_ids: Sequence[str] = ()
    match: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Target(Protocol):
    """A system that records are written to."""

    def lookup(self, query: Lookup) -> list[Record]:
        """Return every record that any of the query's keys hits."""
        ...

    def apply(self, actions: Sequence[Write]) -> Iterator[Receipt]:
        """Write the actions of one object; exactly one receipt for each, idempotent by external id."""
        ...


FieldState = Literal["present", "created", "missing", "different"]


@dataclass(frozen=True)
class FieldSpec:
    """A field that the hub needs in a target object, as the field mapping declares it.

    ``type`` is one of text, long_text, number, checkbox, date, datetime, picklist, email, phone, url; empty for a
    standard field (``custom`` false), whose type is the vendor's affair.
    """

    object: str
    name: str
    type: str
    label: str = ""
    length: int | None = None
    external_id: bool = False
    values: tuple[str, ...] = ()
    custom: bool = True


@dataclass(frozen=True)
class FieldReport:
    """What became of one field in ``crosswalk setup``; ``advice`` says what an admin must do, if anything."""

    spec: FieldSpec
    state: FieldState
    advice: str = ""


class Admin(Protocol):
    """Schema administration of a target."""

    def check(self, specs: Sequence[FieldSpec]) -> list[FieldReport]:
        """Compare the target's fields with what the mappings need; writes nothing."""
        ...

    def create(self, specs: Sequence[FieldSpec]) -> list[FieldReport]:
        """Create what is missing and may be created; idempotent."""
        ...


@dataclass(frozen=True)
class Health:
    """One line of ``crosswalk doctor``: what was asked, whether it is well, and what to do if not."""

    subject: str
    ok: bool
    advice: str = ""


class Probe(Protocol):
    """Reachability and permissions of a system."""

    def health(self) -> list[Health]:
        """Ask the vendor the cheapest questions that prove the connection works; never raises for a refusal."""
        ...


class Census(Protocol):
    """Counting and listing of what a target holds, for reconciliation and for linking."""

    def count(self, object: str) -> int:  # noqa: A002 -- the vendor's word for a table
        """Return how many records of an object carry our external id."""
        ...

    def records(self, object: str, fields: Sequence[str]) -> Iterator[list[Record]]:  # noqa: A002
        """Yield every live record of an object in pages, with the fields asked for, our external id only among them."""
        ...

    def users(self) -> Mapping[str, str]:
        """Return the active users and queues that may own records: lower-case e-mail or queue name -> record id."""
        ...


@dataclass(frozen=True)
class Connector:
    """Everything that a system offers the hub, bound to one connection."""

    name: str
    source: Source | None = None
    target: Target | None = None
    admin: Admin | None = None
    probe: Probe | None = None
    census: Census | None = None
    calls: "Calls | None" = None


class Calls(Protocol):
    """How many vendor calls this connection has made so far."""

    @property
    def made(self) -> int:
        """Count of HTTP requests sent, token requests included."""
        ...


Pages = Iterable[Page]
