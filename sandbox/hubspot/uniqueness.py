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
            value = record.properties.get(name)
            if value:
                holders[_key(name, value)] = record.id

    def release(self, record: Record) -> None:
        for name, holders in self._holders.items():
            holders.pop(_key(name, record.properties.get(name, "")), None)


def _key(name: str, value: str) -> str:
    return value.strip().lower() if name == "email" else value
