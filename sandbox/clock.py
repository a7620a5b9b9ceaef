"""The sandbox's own time: starts where the scenario says, ticks in real time unless frozen, and can be moved."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


class Clock:
    """One clock for both vendors, so that their timestamps and `Date` headers agree."""

    def __init__(self, start: datetime) -> None:
        self._base = start.astimezone(UTC)
        self._mark = time.monotonic()
        self._frozen = False
        self._advanced = 0.0
        self._header: tuple[int, str] = (-1, "")

    @property
    def frozen(self) -> bool:
        return self._frozen

    def now(self) -> datetime:
        """The current sandbox time, aware, in UTC."""
        if self._frozen:
            return self._base
        return self._base + timedelta(seconds=time.monotonic() - self._mark)

    def now_ms(self) -> int:
        """The current sandbox time in milliseconds since the epoch, the unit HubSpot keeps."""
        return to_ms(self.now())

    def elapsed(self) -> float:
        """Seconds that have passed, real plus advanced ones, also while frozen.

        Index lag and rate windows run on this: a frozen clock must not keep a written record invisible for ever.
        """
        return time.monotonic() + self._advanced

    def advance(self, seconds: float) -> None:
        self._base += timedelta(seconds=seconds)
        self._advanced += max(0.0, seconds)

    def set(self, moment: datetime) -> None:
        self._base = moment.astimezone(UTC)
        self._mark = time.monotonic()

    def freeze(self, frozen: bool = True) -> None:
        if frozen != self._frozen:
            self._base = self.now()
            self._mark = time.monotonic()
            self._frozen = frozen

    def http_date(self) -> str:
        """The value of the `Date` header; formatted once a second."""
        now = self.now()
        second = int(now.timestamp())
        if second != self._header[0]:
            self._header = (second, format_datetime(now, usegmt=True))
        return self._header[1]


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def iso_ms(milliseconds: int) -> str:
    """HubSpot's spelling of a moment: ISO-8601, milliseconds, Z [REC]."""
    seconds, millis = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"
