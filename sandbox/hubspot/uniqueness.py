"""Which record of a type holds which unique value: a contact's e-mail, and values of custom unique properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sandbox.hubspot.index import Record


class Clash(NamedTuple):
    """A unique value that another record has."""

    name: str
    value: str
    holder: int


class UniqueValues:
    def __init__(self, names: Iterable[str]) -> None:
        self._holders: dict[str, dict[str, int]] = {name: {} for name in names}

    def watch(self, name: str) -> None:
        """From now on values of this property are unique; not in retrospect [DOC]."""
        self._holders.setdefault(name, {})

    def unwatch(self, name: str) -> None:
        """The property is no more."""
        self._holders.pop(name, None)

    def watches(self, name: str) -> bool:
        return name in self._holders

    def holder(self, name: str, value: str) -> int | None:
        return self._holders[name].get(_key(name, value))

    def clash(self, values: Mapping[str, str], own: int) -> Clash | None:
        """The first of these values that a record other than `own` holds."""
        for name, holders in self._holders.items():
            value = values.get(name)
            if value:
                other = holders.get(_key(name, value))
                if other is not None and other != own:
                    return Clash(name, value, other)
        return None

    def claim(self, record: Record) -> None:
        for name, holders in self._holders.items():
            for value in _values(name, record):
                holders[_key(name, value)] = record.id

    def release(self, record: Record) -> None:
        for name, holders in self._holders.items():
            for value in _values(name, record):
                holders.pop(_key(name, value), None)


def _values(name: str, record: Record) -> list[str]:
    """A contact's additional e-mails, left by merges, are as unique as its own [DOC]."""
    value = record.properties.get(name)
    if name == "email" and "hs_additional_emails" in record.properties:
        return [each for each in (value, *record.properties["hs_additional_emails"].split(";")) if each]
    return [value] if value else []


def _key(name: str, value: str) -> str:
    if name != "email":
        return value
    folded = value.strip().lower()
    return value if folded == value else folded  # most are the same: no second copy of a million addresses
