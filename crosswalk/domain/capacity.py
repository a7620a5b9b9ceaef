"""Who may take one more lead: activity, leave, working hours and caps (RTE-04)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Leave:
    """Days off, both inclusive."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    start: date
    end: date


@dataclass(frozen=True)
class Owner:
    """Somebody, or a queue, that leads are handed to.

    ``crm`` is the user's e-mail or the queue's developer name in the CRM. ``hours`` maps mon … sun to "09:00-17:00"
    in the owner's time zone; absent days are off. ``None`` caps are unlimited. Empty ``service_lines`` or
    ``territories`` mean all.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    code: str
    kind: Literal["person", "queue"]
    team: str
    crm: str
    active: bool = True
    service_lines: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    tz: str = "America/Chicago"
    hours: Mapping[str, str] = field(default_factory=dict)
    leave: tuple[Leave, ...] = ()
    daily_cap: int | None = None
    open_cap: int | None = None

    def on_leave(self, day: date) -> bool:
        """Whether the owner is away on a day."""
        return any(one.start <= day <= one.end for one in self.leave)

    def on_duty(self, now: datetime) -> bool:
        """Whether ``now`` lies in the owner's working hours; a queue always is."""
        if self.kind == "queue":
            return True
        local = now.astimezone(ZoneInfo(self.tz))
        hours = self.hours.get(WEEKDAYS[local.weekday()])
        if hours is None or self.on_leave(local.date()):
            return False
        opens, _, closes = hours.partition("-")
        return opens <= local.strftime("%H:%M") < closes

    def local_day(self, at: datetime) -> date:
        """The owner's calendar day of an instant."""
        return at.astimezone(ZoneInfo(self.tz)).date()


@dataclass
class Loads:
    """How much everybody carries; grows as a run assigns.

    The daily cap counts leads by the day on which they were received, so that a backfill of last month does not use
    up today's capacity; the open cap bounds what piles up in total.
    """

    daily: dict[tuple[str, date], int] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)

    def refusal(self, owner: Owner, day: date) -> str | None:
        """Return why an owner cannot take a lead of this day, or None."""
        if owner.daily_cap is not None and self.daily.get((owner.code, day), 0) >= owner.daily_cap:
            return f"DAILY_CAP {owner.daily_cap}/{owner.daily_cap}"
        if owner.open_cap is not None and self.open.get(owner.code, 0) >= owner.open_cap:
            return f"OPEN_CAP {owner.open_cap}/{owner.open_cap}"
        return None

    def take(self, owner: Owner, day: date) -> None:
        """Count one more lead."""
        self.daily[owner.code, day] = self.daily.get((owner.code, day), 0) + 1
        self.open[owner.code] = self.open.get(owner.code, 0) + 1

    def give(self, code: str, day: date) -> None:
        """Count one lead less: its owner is chosen anew."""
        self.daily[code, day] = self.daily.get((code, day), 0) - 1
        self.open[code] = self.open.get(code, 0) - 1
