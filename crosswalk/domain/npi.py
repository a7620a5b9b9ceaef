"""National Provider Identifier (NRM-01): ten digits, first 1 or 2, Luhn check over ``80840`` and the number (CMS)."""

import re

_EXCEL = re.compile(r"^\d(\.\d+)?e\+?\d+$", re.IGNORECASE)


def is_valid(npi: str) -> bool:
    """Whether the check digit is right.

    >>> is_valid("1234567893"), is_valid("1234567890"), is_valid("3234567893")
    (True, False, False)
    """
    if len(npi) != 10 or not npi.isascii() or not npi.isdigit() or npi[0] not in "12":
        return False
    total = 24  # what the constant prefix 80840 adds to the Luhn sum
    for position, char in enumerate(npi):
        digit = int(char) * (2 if position % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def clean(text: str) -> tuple[str | None, str | None]:
    """Return the identifier, or None and the code that says why not; a bad one never blocks a lead."""
    squeezed = re.sub(r"[\s.-]", "", text) if not _EXCEL.match(text.strip()) else text.strip()
    if not squeezed:
        return None, None
    if _EXCEL.match(squeezed):
        return None, "NPI_EXCEL_DAMAGED"
    return (squeezed, None) if is_valid(squeezed) else (None, "NPI_INVALID")
