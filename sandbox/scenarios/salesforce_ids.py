"""Salesforce record ids: 15 characters plus the three-character suffix that encodes their capitals."""

from __future__ import annotations

from datetime import UTC, datetime

PREFIXES = {
    "User": "005", "Group": "00G", "Account": "001", "Contact": "003", "Lead": "00Q", "Task": "00T", "Event": "00U",
    "Opportunity": "006", "Campaign": "701", "CampaignMember": "00v",
}  # fmt: skip

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "5e00000"


def suffix(short_id: str) -> str:
    """The check suffix of a 15-character id: one letter per five characters, one bit per capital."""
    return "".join(
        _SUFFIX[sum(1 << bit for bit, char in enumerate(short_id[start : start + 5]) if "A" <= char <= "Z")]
        for start in (0, 5, 10)
    )


def record_id(object_name: str, number: int) -> str:
    """The 18-character id of the numbered record of an object; the same number gives the same id."""
    digits = ""
    rest = number
    while rest:
        rest, digit = divmod(rest, 62)
        digits = _DIGITS[digit] + digits
    short_id = PREFIXES[object_name] + _POD + digits.rjust(5, "0")
    return short_id + suffix(short_id)


def stamp(moment: datetime) -> str:
    """A moment as Salesforce writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")
