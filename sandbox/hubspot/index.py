"""What search sees: the portal as it was some moments ago, kept in the orders that search asks for.

HubSpot's search runs on an index that trails the records [DOC; lag measured in recordings, REC]. So the index holds
its own view of every record and takes a write over only when its lag has passed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Record(NamedTuple):
    """One object at one moment. Never changed, only replaced, so that index and portal can share it."""

    id: int
    properties: dict[str, str]  # only what has a value
    created: int  # ms since the epoch
    updated: int
    archived: bool = False
    archived_at: int | None = None


@dataclass(frozen=True)
class Answer:
    """The ids that match some filters, ascending; kept true while records change, so that paging stays cheap."""

    ids: list[int]
    matches: Callable[[Record], bool]

    def take(self, record: Record) -> None:
        """Let a record in or out, now that it is as given."""
        place = bisect_left(self.ids, record.id)
        inside = place < len(self.ids) and self.ids[place] == record.id
        if inside == (not record.archived and self.matches(record)):
            return
        if inside:
            del self.ids[place]
        else:
            self.ids.insert(place, record.id)


class SearchIndex:
    """The records of one object type, and the answers to the filters that were asked for lately."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        """Start with these, visible at once."""
        self.many = 2_000  # from here on it is cheaper to sort anew than to move each record in the orders
        self.changes = 0  # how many writes it has taken over, so that others see whether there were any since
        self._pending: deque[tuple[float, Record]] = deque()
        self._build(records)

    def _build(self, records: Iterable[Record]) -> None:
        self.records = _by_id(records)
        self.by_email: dict[str, int] = {}
        self.answers: dict[object, Answer] = {}
        self.orders: dict[object, list[int]] = {}  # until the next change
        for record in self.records.values():
            email = record.properties.get("email")
            if email:
                self.by_email.setdefault(email if email.islower() else email.lower(), record.id)
        self.ids = sorted(self.records)
        self.by_modified = sorted((record.updated, record.id) for record in self.records.values())

    def __getstate__(self) -> dict[str, Any]:
        """Without the answers, which are found again and hold functions that cannot be pickled."""
        return {**vars(self), "answers": {}, "orders": {}}

    def note(self, record: Record, due: float) -> None:
        """A write: it becomes visible when the clock's elapsed time reaches `due`."""
        self._pending.append((due, record))

    def forget(self, writes: int) -> None:
        """The last writes were taken back before anybody could see them."""
        for _ in range(writes):
            self._pending.pop()

    def catch_up(self, elapsed: float) -> None:
        """Take over every write whose lag has passed."""
        due = []
        while self._pending and self._pending[0][0] <= elapsed:
            due.append(self._pending.popleft()[1])
        self.changes += len(due)
        if len(due) > self.many:
            self._build(record for record in {**self.records, **_by_id(due)}.values() if not record.archived)
            return
        for record in due:
            self._take(record)
        if due:
            self.orders.clear()

    def _take(self, record: Record) -> None:
        for answer in self.answers.values():
            answer.take(record)
        before = self.records.pop(record.id, None)
        if before is not None:
            self._discard(before, keep_id=not record.archived)
        if record.archived:
            return
        if before is None:
            insort(self.ids, record.id)
        self.records[record.id] = record
        insort(self.by_modified, (record.updated, record.id))
        email = record.properties.get("email")
        if email:
            self.by_email[email.lower()] = record.id

    def _discard(self, before: Record, *, keep_id: bool) -> None:
        del self.by_modified[bisect_left(self.by_modified, (before.updated, before.id))]
        if not keep_id:
            del self.ids[bisect_left(self.ids, before.id)]
        email = before.properties.get("email", "").lower()
        if self.by_email.get(email) == before.id:
            del self.by_email[email]

    def modified_between(self, low: int | None, high: int | None) -> tuple[int, int]:
        """The slice of `by_modified` whose times are within the bounds, both included."""
        first = 0 if low is None else bisect_left(self.by_modified, (low, -1))
        last = len(self.by_modified) if high is None else bisect_right(self.by_modified, (high, 1 << 62))
        return first, last


def _by_id(records: Iterable[Record]) -> dict[int, Record]:
    """The last one of each."""
    return {record.id: record for record in records}
