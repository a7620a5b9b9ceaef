"""What happened when: entries sorted by time, read in windows."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from sandbox.hubspot.marketing.requests import Mark

E = TypeVar("E", bound=tuple[object, ...])
EVER = 1 << 62


class Log(Generic[E]):
    """Tuples that begin with the moment in ms and a number that no other entry of that moment has."""

    __slots__ = ("entries",)

    def __init__(self, entries: Iterable[E] = ()) -> None:
        self.entries: list[E] = sorted(entries)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.entries)

    def add(self, entry: E) -> None:
        if not self.entries or self.entries[-1] < entry:
            self.entries.append(entry)
        else:
            insort(self.entries, entry)  # the clock was set back

    def drop(self, gone: Callable[[E], bool]) -> None:
        """Forget entries, as if they had never been."""
        self.entries = [entry for entry in self.entries if not gone(entry)]

    def at(self, moment: int) -> Sequence[E]:
        """All entries of one moment."""
        low, high = self._place((moment,)), self._place((moment + 1,))
        return self.entries[low:high]

    def newest_first(self, low: int = 0, high: int = EVER, beyond: Mark | None = None) -> Iterator[E]:
        """From the latest to the earliest of a window, both ends included; `beyond`: older than this place."""
        first, last = self._place((low,)), self._place((high + 1,))
        if beyond is not None:
            last = min(last, self._place(beyond))
        return (self.entries[place] for place in range(last - 1, first - 1, -1))

    def oldest_first(self, low: int = 0, high: int = EVER, beyond: Mark | None = None) -> Iterator[E]:
        first, last = self._place((low,)), self._place((high + 1,))
        if beyond is not None:
            first = max(first, self._place((beyond.at, beyond.number + 1)))
        return (self.entries[place] for place in range(first, last))

    def _place(self, key: tuple[int, ...]) -> int:
        return bisect_left(self.entries, key)
