"""Records of one object, with hash indexes and a log ordered by SystemModstamp."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.salesforce.schema import ObjectType, Record

# Most keys of most indexes name one record: a bare id is kept for those, a dict (an ordered set) for the others.
_Slot = str | dict[str, None]


def fold(value: Any) -> Any:
    """Salesforce compares strings without case [DOC]."""
    return value.lower() if isinstance(value, str) else value


class Table:
    """`put` and `drop` are the only ways to change a record, so that indexes cannot go stale."""

    def __init__(self, kind: ObjectType) -> None:
        self.kind = kind
        self.rows: dict[str, Record] = {}
        self._indexes: dict[str, dict[Any, _Slot]] = {name: {} for name in kind.indexed}
        self._log: list[tuple[str, str]] = []
        self._log_sorted = True
        self._log_whole = True  # False: rebuild before use

    def put(self, record: Record) -> Record | None:
        """Store a record, replacing the one with its Id; returns the replaced one."""
        key = record["Id"]
        old = self.rows.get(key)
        self.rows[key] = record
        if old is None:
            for name, index in self._indexes.items():
                value = record.get(name)
                if value is not None:
                    _link(index, fold(value), key)
            self._note(record.get("SystemModstamp") or "", key)
            return None
        for name, index in self._indexes.items():
            before, after = old.get(name), record.get(name)
            if before != after:
                if before is not None:
                    _unlink(index, fold(before), key)
                if after is not None:
                    _link(index, fold(after), key)
        stamp = record.get("SystemModstamp") or ""
        if stamp != old.get("SystemModstamp"):
            self._note(stamp, key)
        return old

    def drop(self, key: str) -> Record | None:
        """Forget a record altogether."""
        old = self.rows.pop(key, None)
        if old is not None:
            for name, index in self._indexes.items():
                value = old.get(name)
                if value is not None:
                    _unlink(index, fold(value), key)
            self._log_whole = False
        return old

    def add_index(self, name: str) -> None:
        index: dict[Any, _Slot] = {}
        for key, record in self.rows.items():
            value = record.get(name)
            if value is not None:
                _link(index, fold(value), key)
        self._indexes[name] = index

    def drop_index(self, name: str) -> None:
        self._indexes.pop(name, None)

    def has_index(self, name: str) -> bool:
        return name == "Id" or name in self._indexes

    def lookup(self, name: str, values: Iterable[Any]) -> set[str]:
        """Ids of records whose indexed field has one of the (folded) values."""
        if name == "Id":
            return {value for value in values if value in self.rows}
        index = self._indexes[name]
        found: set[str] = set()
        for value in values:
            slot = index.get(value)
            if slot is None:
                continue
            if isinstance(slot, str):
                found.add(slot)
            else:
                found.update(slot)
        return found

    def since(self, stamp: str) -> Iterator[str]:
        """Ids of records with SystemModstamp >= stamp, ordered by (SystemModstamp, Id)."""
        if not self._log_whole or len(self._log) > 2 * len(self.rows) + 1000:
            self._log = [(r.get("SystemModstamp") or "", key) for key, r in self.rows.items()]
            self._log_whole, self._log_sorted = True, False
        if not self._log_sorted:
            self._log.sort()
            self._log_sorted = True
        rows = self.rows
        for at in range(bisect_left(self._log, (stamp, "")), len(self._log)):
            moment, key = self._log[at]
            record = rows.get(key)
            if record is not None and record.get("SystemModstamp", "") == moment:
                yield key

    def _note(self, stamp: str, key: str) -> None:
        if self._log and (stamp, key) < self._log[-1]:
            self._log_sorted = False
            if stamp < self._log[-1][0]:
                self._log_whole = False  # time went back: an entry could come twice
        self._log.append((stamp, key))


def _link(index: dict[Any, _Slot], value: Any, key: str) -> None:
    slot = index.get(value)
    if slot is None:
        index[value] = key
    elif isinstance(slot, str):
        index[value] = {slot: None, key: None}
    else:
        slot[key] = None


def _unlink(index: dict[Any, _Slot], value: Any, key: str) -> None:
    slot = index.get(value)
    if isinstance(slot, dict):
        slot.pop(key, None)
        if not slot:
            del index[value]
    elif slot == key:
        del index[value]
