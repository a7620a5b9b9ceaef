"""The congress organizer's badge scans: CSV files as they come, Latin-1, semicolons, damaged names, sent twice."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sandbox.scenarios.npi import valid_npi

ENCODING = "latin-1"
_HEADER = "badge;first name;last name;e-mail;specialty;country;NPI;scanned at"
_DAYS = 3


def congress_files(
    rng: random.Random, contacts: list[dict[str, str]], start: str, per_day: int
) -> tuple[dict[str, dict[str, str]], dict[str, Any]]:
    """The files by name (`encoding`, `text`), and what the second one repeats of the first (D14).

    The scans are those of the contacts whose badge was scanned; a day has at most `per_day` of them.
    """
    guests = [row for row in contacts if row.get("congress_badge") == "true" and "email" in row]
    rng.shuffle(guests)
    size = min(per_day, len(guests) // _DAYS)
    opens = datetime.fromisoformat(start)
    days = [
        [_line(day * size + place, row, opens + timedelta(days=day), rng) for place, row in enumerate(chosen)]
        for day, chosen in enumerate(guests[day * size : (day + 1) * size] for day in range(_DAYS))
    ]
    new = size // 20
    again = days[0][: size - new] + [_stranger(_DAYS * size + place, opens, rng) for place in range(new)]
    names = [f"congress-day-{day}.csv" for day in range(1, _DAYS + 1)]
    files = {name: _file(lines) for name, lines in zip(names, days, strict=True)}
    files["congress-day-1-again.csv"] = _file(again)
    resent = {"file": "congress-day-1-again.csv", "of": names[0], "old": size - new, "new": new}
    return files, resent


def _file(lines: list[str]) -> dict[str, str]:
    return {"encoding": ENCODING, "text": "\r\n".join((_HEADER, *lines, ""))}


def _line(number: int, row: dict[str, str], day: datetime, rng: random.Random) -> str:
    at = day + timedelta(minutes=int(rng.random() * 600))
    fields = (
        f"B{number + 1:05d}", row["firstname"], row["lastname"], row["email"], row.get("specialty_form", ""),
        row.get("country", ""), row.get("npi", ""), f"{at:%d.%m.%Y %H:%M}",
    )  # fmt: skip
    return ";".join(fields)


def _stranger(number: int, day: datetime, rng: random.Random) -> str:
    """Somebody whom the portal does not know yet."""
    row = {
        "firstname": "Guest", "lastname": f"Number{number}", "email": f"guest{number}@congress.example.org",
        "specialty_form": "Cardiology", "country": "United States", "npi": valid_npi(5_000_000 + number),
    }  # fmt: skip
    return _line(number, row, day, rng)
