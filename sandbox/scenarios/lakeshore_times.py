"""When people write: busy Mondays, quiet weekends and nights, in Chicago's local time."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import accumulate

DAYS = 30
HOUR = 3_600_000
WINDOW = DAYS * 24 * HOUR

_DAY_WEIGHTS = (170, 101, 101, 101, 102, 30, 30)
_HOUR_WEIGHTS = (3, 2, 2, 2, 3, 6, 12, 30, 62, 92, 100, 98, 80, 88, 90, 82, 70, 52, 42, 40, 32, 22, 12, 6)
#: Clocks in Chicago went back an hour at this instant.
_WINTER_SINCE = datetime.fromisoformat("2026-11-01T07:00:00+00:00")


def _local(moment: datetime) -> datetime:
    return moment - timedelta(hours=6 if moment >= _WINTER_SINCE else 5)


class Calendar:
    """Draws moments within the days before the scenario's now, in milliseconds from their start."""

    def __init__(self, now: datetime, days: int = DAYS) -> None:
        self.now = now
        self.start = now - timedelta(days=days)
        hours = [_local(self.start + timedelta(hours=hour)) for hour in range(days * 24)]
        self._weights = list(accumulate(_DAY_WEIGHTS[hour.weekday()] * _HOUR_WEIGHTS[hour.hour] for hour in hours))

    def draw(self, rng: random.Random, count: int) -> list[int]:
        """That many inquiry moments, unsorted."""
        hours = rng.choices(range(len(self._weights)), cum_weights=self._weights, k=count)
        return [hour * HOUR + int(rng.random() * HOUR) for hour in hours]

    def text(self, offset: int) -> str:
        """The moment as HubSpot writes it."""
        moment = self.start + timedelta(milliseconds=offset)
        return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"
