"""Time as Salesforce writes it. Canonical strings sort as the moments they name."""

import time
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """The sandbox clock, as far as the org needs it."""

    def now(self) -> datetime: ...

    def elapsed(self) -> float: ...


class WallClock:
    """Real time; used when nobody gave a clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.monotonic()


def stamp(moment: datetime) -> str:
    """2026-11-22T10:01:13.000+0000: whole seconds, always UTC [REC]."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def parse_datetime(text: str) -> str | None:
    """An ISO 8601 date-time in canonical form, None when it is none. Without an offset it is UTC [UNV]."""
    if len(text) < 16 or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def parse_date(text: str) -> str | None:
    """An ISO 8601 date in canonical form, None when it is none."""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else None
    except ValueError:
        return None
