"""The faults that are set, in the order in which they were set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.faults.fault import Fault, fault_of


class Faults:
    def __init__(self) -> None:
        self._set: list[Fault] = []
        self._made = 0

    def __bool__(self) -> bool:
        """Whether any is set."""
        return bool(self._set)

    def add(self, given: Mapping[str, Any]) -> Fault:
        """Raises BadFault."""
        fault = fault_of(self._made + 1, given)
        self._made += 1
        self._set.append(fault)
        return fault

    def lift(self, key: int | None = None) -> int:
        """Take one away, or all; how many those were."""
        before = len(self._set)
        self._set = [] if key is None else [fault for fault in self._set if fault.id != key]
        return before - len(self._set)

    def striking(self, system: str, method: str, path: str) -> list[Fault]:
        """The faults that strike this call; each counts it."""
        return [fault for fault in self._set if fault.strikes(system, method, path)]

    def shown(self) -> list[dict[str, Any]]:
        return [fault.shown() for fault in self._set]
