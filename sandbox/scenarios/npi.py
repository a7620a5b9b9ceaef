"""Provider numbers (NPI) with a valid check digit, in a low range believed never issued."""

from __future__ import annotations

_FIRST = 100_000_000


def check_digit(nine: int) -> int:
    """The Luhn digit over 80840 and the nine digits; the constant prefix contributes 24."""
    total = 24
    for position, char in enumerate(reversed(str(nine))):
        digit = int(char) * 2 if position % 2 == 0 else int(char)
        total += digit - 9 if digit > 9 else digit
    return -total % 10


def valid_npi(number: int) -> str:
    """The valid NPI with the given running number, counted from 1."""
    nine = _FIRST + number - 1
    return f"{nine}{check_digit(nine)}"


def invalid_npi(number: int) -> str:
    """A number that looks like an NPI and fails its check digit."""
    nine = _FIRST + number - 1
    return f"{nine}{(check_digit(nine) + 1 + number % 8) % 10}"
