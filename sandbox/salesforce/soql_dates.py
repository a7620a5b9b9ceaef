"""Date literals (LAST_N_DAYS:3) and date functions (CALENDAR_YEAR(CreatedDate)) [DOC].

Days are those of UTC and weeks start on Sunday, as for a user with the locale en_US; the fiscal year is the calendar
year.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

_PERIOD = re.compile(
    r"""(?P<fixed>YESTERDAY|TODAY|TOMORROW|LAST_90_DAYS|NEXT_90_DAYS)
    | (?P<one>LAST|THIS|NEXT)_(?:WEEK|MONTH|(?:FISCAL_)?(?:QUARTER|YEAR))
    | (?P<several>LAST|NEXT)_N_(?:DAYS|WEEKS|MONTHS|(?:FISCAL_)?(?:QUARTERS|YEARS))
    | (?P<ago>N)_(?:DAYS|WEEKS|MONTHS|(?:FISCAL_)?(?:QUARTERS|YEARS))_AGO""",
    re.VERBOSE,
)
_FIXED = {"YESTERDAY": (-1, -1), "TODAY": (0, 0), "TOMORROW": (1, 1), "LAST_90_DAYS": (-90, 0), "NEXT_90_DAYS": (1, 90)}
_ONE = {"LAST": (-1, -1), "THIS": (0, 0), "NEXT": (1, 1)}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def is_period(word: str) -> bool:
    return _PERIOD.fullmatch(word) is not None


def takes_number(word: str) -> bool:
    """LAST_N_DAYS wants :n."""
    return word.startswith("N_") or "_N_" in word


def period(text: str, now: datetime) -> tuple[date, date]:
    """The first and last day of a date literal. Raises OverflowError or ValueError for days no calendar has."""
    today = now.astimezone(UTC).date()
    word, _, number = text.partition(":")
    match, n = _PERIOD.fullmatch(word), int(number or 0)
    assert match is not None
    unit = next(u for u in ("DAY", "WEEK", *_MONTHS) if match["fixed"] or u in word)
    if match["fixed"]:
        first, last = _FIXED[word]
    elif match["one"]:
        first, last = _ONE[match["one"]]
    elif match["ago"]:
        first, last = -n, -n
    elif match["several"] == "NEXT":
        first, last = 1, n
    else:  # the last n days include today, the last n weeks or months end before this one
        first, last = -n, 0 if unit == "DAY" else -1
    return _start(unit, today, first), _start(unit, today, last + 1) - timedelta(days=1)


def _start(unit: str, today: date, shift: int) -> date:
    """The first day of the unit that lies `shift` units after today's."""
    if unit == "DAY":
        return today + timedelta(days=shift)
    if unit == "WEEK":
        return today - timedelta(days=today.isoweekday() % 7) + timedelta(weeks=shift)
    months = _MONTHS[unit]
    months_since_0 = (today.year * 12 + today.month - 1) // months * months + shift * months
    return date(months_since_0 // 12, months_since_0 % 12 + 1, 1)


# -- functions ----------------------------------------------------------------------------------------------------


def _day(value: str) -> date:
    return date.fromisoformat(value[:10])


def _quarter(value: str) -> int:
    return (int(value[5:7]) + 2) // 3


FUNCTIONS: dict[str, Callable[[str], Any]] = {
    "CALENDAR_MONTH": lambda value: int(value[5:7]),
    "CALENDAR_QUARTER": _quarter,
    "CALENDAR_YEAR": lambda value: int(value[:4]),
    "DAY_IN_MONTH": lambda value: int(value[8:10]),
    "DAY_IN_WEEK": lambda value: _day(value).isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda value: _day(value).timetuple().tm_yday,
    "DAY_ONLY": lambda value: value[:10],
    "FISCAL_MONTH": lambda value: int(value[5:7]),
    "FISCAL_QUARTER": _quarter,
    "FISCAL_YEAR": lambda value: int(value[:4]),
    "HOUR_IN_DAY": lambda value: int(value[11:13]),
    "WEEK_IN_MONTH": lambda value: (int(value[8:10]) - 1) // 7 + 1,
    "WEEK_IN_YEAR": lambda value: (_day(value).timetuple().tm_yday - 1) // 7 + 1,
}
ONLY_DATETIME = ("DAY_ONLY", "HOUR_IN_DAY")
