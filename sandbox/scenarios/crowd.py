"""The people of a scenario file: which kind each is, what they said, and when."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sandbox.hubspot.standard_properties import CONTACTS
from sandbox.scenarios.lakeshore_times import HOUR, Calendar
from sandbox.scenarios.npi import invalid_npi, valid_npi
from sandbox.scenarios.people import PATIENT_DOMAINS, Directory, Person
from sandbox.scenarios.portal_properties import hubspot_properties
from sandbox.scenarios.source import Key, Source
from sandbox.scenarios.values import Value, apportion, value

#: What may be filled in about anybody, before anything is drawn.
PERSON = frozenset(
    "first last mailbox domain area line number number3 valid_npi wrong_npi other_npi".split()
)  # fmt: skip
USUAL = {
    "email": "${mailbox}@${domain}",
    "firstname": "$first",
    "lastname": "$last",
    "phone": "(${area}) 555-01${line}",
}
_DAY = 24 * HOUR


class Row(dict[str, str]):
    """What was drawn for one person; what was not, is empty."""

    def __missing__(self, name: str) -> str:  # noqa: D105 -- the class says it
        return ""


class Crowd:
    """Everybody in the portal, by slot; `rows` hold what they said until defects have had their turn."""

    def __init__(self, source: Source, rng: random.Random, total: int, now: datetime) -> None:
        self._source = source
        self._rng = rng
        self.now = now
        self.days = int(source.data.get("days", 30))
        self.calendar = Calendar(now, self.days)
        spec = source.data["people"]
        self.specs: dict[str, dict[str, Any]] = spec["kinds"]
        self.kinds = self._kinds(total)
        recipes = {kind: self._recipe(kind, spec) for kind in self.specs}
        tables = [*recipes.values(), *(row for one in self.specs.values() for row in one.get("together", ()))]
        self.drawn = frozenset(name for table in tables for name in table)
        directory = Directory(rng, total)
        domains = spec.get("domains", PATIENT_DOMAINS)
        self.rows: list[Row] = []
        for slot, kind in enumerate(self.kinds):
            person = directory.person(domains[int(rng.random() * len(domains))])
            self.rows.append(self._row(slot, person, kind, recipes[kind]))
        inquiries = self.calendar.draw(rng, total)
        seen = dict.fromkeys(self.specs, 0)
        self.moments: list[tuple[int, int | None]] = []
        for slot, kind in enumerate(self.kinds):
            self.moments.append(self._moments(self.specs[kind], seen[kind], inquiries[slot]))
            seen[kind] += 1

    @cached_property
    def said(self) -> frozenset[str]:
        """The names of all properties that the portal has."""
        own = {row["name"] for row in hubspot_properties()} | self._source.data.get("properties", {}).keys()
        return frozenset(own | CONTACTS.definitions().keys())

    def values(self, key: Key, table: dict[str, Any], known: frozenset[str]) -> dict[str, Value]:
        """Compile a table of properties. Raises ScenarioError for unknown properties and names."""
        made = {}
        for name, raw in table.items():
            if not name.startswith("_") and name not in self.said:
                raise self._source.error(
                    (*key, name), "the portal has no such property; name it under `properties`, or begin it with _"
                )
            try:
                made[name] = value(raw)
            except ValueError as error:
                raise self._source.error((*key, name), str(error)) from error
            unknown = made[name].names - known
            if unknown:
                raise self._source.error((*key, name), f"${min(unknown)} is not known here")
        return made

    def _kinds(self, total: int) -> list[str]:
        weights = {kind: int(spec["weight"]) for kind, spec in self.specs.items()}
        if not any(weights.values()):
            raise self._source.error(("people", "kinds"), "all weights are 0")
        kinds = [kind for kind, count in apportion(total, weights).items() for _ in range(count)]
        self._rng.shuffle(kinds)
        return kinds

    def _recipe(self, kind: str, spec: dict[str, Any]) -> dict[str, Value]:
        """What is drawn for a kind, in an order in which every `$name` is known when it is needed."""
        own = spec["kinds"][kind].get("values", {})
        table = {**USUAL, **spec.get("values", {}), **own}
        together = frozenset(name for row in spec["kinds"][kind].get("together", ()) for name in row)
        known = PERSON | together
        key: Key = ("people", "kinds", kind, "values")
        waiting: dict[str, Value] = {}
        for name, raw in table.items():
            at = key if name in own else ("people", "values")
            waiting |= self.values(at, {name: raw}, known | table.keys())
        recipe: dict[str, Value] = {}
        while waiting:
            ready = [name for name, one in waiting.items() if not one.names & waiting.keys()]
            if not ready:
                raise self._source.error((*key, min(waiting)), "needs itself, by way of the names in it")
            recipe |= {name: waiting.pop(name) for name in ready}
        return recipe

    def _row(self, slot: int, person: Person, kind: str, recipe: dict[str, Value]) -> Row:
        rng = self._rng
        row = Row(
            first=person.first, last=person.last, mailbox=person.mailbox, domain=person.domain, area=person.area,
            line=person.line, number=str(slot + 1), number3=f"{slot % 1000:03d}", valid_npi=valid_npi(slot + 1),
            wrong_npi=invalid_npi(slot + 1), other_npi=valid_npi(max(1, slot)),
        )  # fmt: skip
        together = self.specs[kind].get("together")
        if together:
            row.update(together[int(rng.random() * len(together))])
        for name, one in recipe.items():
            row[name] = one.draw(rng, row)
        return row

    def _moments(self, spec: dict[str, Any], place: int, inquiry: int) -> tuple[int, int | None]:
        """Creation and inquiry, in milliseconds from the calendar's start; no inquiry for the quiet ones."""
        rng = self._rng
        if spec.get("quiet") == "true":
            return -int((1 + rng.random() * 300) * _DAY), None
        if "on" in spec:
            day = datetime.fromisoformat(f"{spec['on'][place % len(spec['on'])]}T08:00:00+00:00")
            opens = int((day - self.calendar.start) / timedelta(milliseconds=1))
            inquiry = min(opens + int(rng.random() * 10 * HOUR), self.days * _DAY)
        return inquiry - int(rng.random() * 15_000), inquiry
