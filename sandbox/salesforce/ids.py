"""Record ids: 15 case-sensitive characters plus the 3-character checksum that makes 18."""

import re

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")
_POD = "gK0000"  # stands for the instance part of an id


def to_18(fifteen: str) -> str:
    """Append the checksum: one character per five, a bit for each upper-case letter."""
    check = ""
    for start in (0, 5, 10):
        bits = 0
        for position in range(5):
            if "A" <= fifteen[start + position] <= "Z":
                bits |= 1 << position
        check += _CHECK[bits]
    return fifteen + check


def normalise(value: object) -> str | None:
    """The 18-character form, or None for what cannot be an id. A given checksum is taken as it is."""
    if not isinstance(value, str) or not _SHAPE.match(value):
        return None
    return value if len(value) == 18 else to_18(value)


class IdSequence:
    """Deterministic ids: one counter per key prefix."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def take(self, prefix: str) -> str:
        number = self._next.get(prefix, 1)
        self._next[prefix] = number + 1
        tail = ""
        for _ in range(6):
            number, rest = divmod(number, 62)
            tail = BASE62[rest] + tail
        return to_18(prefix + _POD + tail)
