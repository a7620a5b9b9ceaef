"""How much of a person is shown to who looks after the hub: enough to recognise, not enough to use (HND-07)."""

from collections.abc import Mapping
from typing import Any

HIDDEN = "***"


def email(address: str) -> str:
    """Keep the first letter and the domain: ``j***@example.org``."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}{HIDDEN}{at}{domain}"


def phone(number: str) -> str:
    """Keep the country code of an American number, and the last four digits: ``+1***0142``."""
    country = "+1" if number.startswith("+1") else "+"
    return f"{country}{HIDDEN}{number[-4:]}"


def name(first: str | None, last: str | None) -> str:
    """Keep the initials: ``J. R.``."""
    return " ".join(f"{part[0]}." for part in (first, last) if part)


def person(row: Mapping[str, Any], *, revealed: bool = False) -> dict[str, str | None]:
    """Return ``name``, ``email`` and ``phone`` of a stored person, masked unless ``revealed``; null where unknown."""
    first, last, address, number = (row.get(key) for key in ("first_name", "last_name", "email", "phone"))
    if revealed:
        whole = " ".join(part for part in (first, last) if part)
        return {"name": whole or None, "email": address, "phone": number}
    return {
        "name": name(first, last) or None,
        "email": email(address) if address else None,
        "phone": phone(number) if number else None,
    }
