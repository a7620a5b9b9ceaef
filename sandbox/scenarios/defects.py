"""Which people carry which defect of a scenario file: exact counts by rounding, placed by the seed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sandbox.scenarios.crowd import PERSON, Crowd
from sandbox.scenarios.source import Source
from sandbox.scenarios.values import part

#: The lane that decides what becomes of a contact; other lanes come on top of it.
CASE = "case"


class Defects:
    """Places the defects in the file's order, at most one per lane and person, and changes what those people said."""

    def __init__(self, source: Source, rng: random.Random, crowd: Crowd) -> None:
        self._source = source
        self._rng = rng
        self._crowd = crowd
        self.slots: dict[str, list[int]] = {}
        self.original_of: dict[int, int] = {}
        self.canaries: dict[int, list[str]] = {}
        self._lanes: dict[str, set[int]] = {CASE: set()}
        self._order = list(range(len(crowd.rows)))
        for name, spec in source.data.get("defects", {}).items():
            # A fresh order each time: otherwise every lane would hit the same people first.
            rng.shuffle(self._order)
            self._place(name, spec)

    def clean(self, slot: int) -> bool:
        """Nothing decides about this contact but what it says."""
        return slot not in self._lanes[CASE]

    def _place(self, name: str, spec: dict[str, Any]) -> None:
        crowd = self._crowd
        kinds = spec.get("kinds", list(crowd.specs))
        for place, kind in enumerate(kinds):
            if kind not in crowd.specs:
                raise self._source.error(("defects", name, "kinds", place), f"there is no kind {kind}")
        known = PERSON | crowd.drawn | crowd.said
        changes = crowd.values(("defects", name, "set"), spec.get("set", {}), known)
        where = {key: frozenset(values) for key, values in spec.get("where", {}).items()}
        for key in where.keys() - known:
            raise self._source.error(("defects", name, "where", key), "there is no such property")
        wanted = max(part(sum(kind in kinds for kind in crowd.kinds), spec["share"]), int(spec.get("at_least", 0)))
        taken = self._lanes.setdefault(spec.get("lane", CASE), set())
        fitting = [
            slot
            for slot in self._order
            if slot not in taken
            and crowd.kinds[slot] in kinds
            and all(crowd.rows[slot][key] in values for key, values in where.items())
        ]
        hit = fitting[: min(wanted, len(fitting) // 2) if "copy" in spec else wanted]
        taken.update(hit)
        self.slots[name] = hit
        for slot, original in zip(hit, fitting[len(hit) :], strict=False):
            if "copy" in spec:
                self.original_of[slot] = original
                taken.add(original)  # the original stays clean
                crowd.rows[slot].update({key: crowd.rows[original][key] for key in spec["copy"]})
        for slot in hit:
            row = crowd.rows[slot]
            for key, one in changes.items():
                row[key] = one.draw(self._rng, row)
            if "canary" in spec:
                self.canaries.setdefault(slot, []).append(row[spec["canary"]])
            if "at" in spec:
                at = int((datetime.fromisoformat(spec["at"]) - crowd.calendar.start) / timedelta(milliseconds=1))
                crowd.moments[slot] = (at, at)
