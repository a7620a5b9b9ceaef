"""Ending a run as a power cut would, at a vendor call or at a moment between two."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.forks import Ended
from tests.home import Home
from tests.vendors import Vendors
from tests.way import Way

AS_OF = "2026-11-16T15:00:00Z"
OWN_TO_A_RUN = {"Id", "WhoId", "CreatedById", "LastModifiedById", "ActivityDate"}


@dataclass(frozen=True)
class AtCall:
    """Dies at the n-th vendor call, before or after the vendor has done its work."""

    number: int
    when: str


@dataclass(frozen=True)
class AtTime:
    """Dies so many seconds after its first vendor call."""

    seconds: float


Death = AtCall | AtTime


@dataclass
class Deaths:
    """Runs ``crosswalk sync`` through the ways, and kills it."""

    home: Home
    ways: tuple[Way, Way]
    batch: int
    calls: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def _arguments(self) -> tuple[str, ...]:
        return "sync", "--json", "--as-of", AS_OF, "--batch-size", str(self.batch)

    def run(self) -> Ended:
        """Run to the end."""
        self._watch(None)
        return self.home.run(*self._arguments())

    def die(self, death: Death) -> Ended:
        """Run until it dies; a run that is over before that ends by itself."""
        begun = threading.Event()
        victim: list[Any] = []
        started = threading.Event()

        def watch(when: str, method: str, path: str) -> None:
            begun.set()
            with self._lock:
                if when == "before":
                    self.calls.append(f"{method} {path}")
                due = isinstance(death, AtCall) and when == death.when and len(self.calls) == death.number
            if due and started.wait(5):
                victim[0].kill()

        self.calls.clear()
        self._watch(watch)
        running = self.home.start(*self._arguments())
        victim.append(running)
        started.set()
        if isinstance(death, AtTime):
            begun.wait(10)
            running.lives(death.seconds)
            running.kill()
        return running.wait()

    def _watch(self, watch: Any) -> None:
        for way in self.ways:
            way.watch = watch


def crm(vendors: Vendors) -> dict[str, list[str]]:
    """Leads and tasks of the CRM without ids and times; a task under the external id of its lead."""
    leads = {one["Id"]: one for one in vendors.records("Lead")}
    found: dict[str, list[dict[str, Any]]] = {"Lead": list(leads.values()), "Task": []}
    for one in vendors.records("Task"):
        found["Task"].append({**one, "Lead": leads.get(one.get("WhoId", ""), {}).get("Crosswalk_Id__c")})
    return {
        table: sorted(
            json.dumps({name: value for name, value in one.items() if name not in OWN_TO_A_RUN}, sort_keys=True)
            for one in some
        )
        for table, some in found.items()
    }


def hub(home: Home) -> dict[str, list[dict[str, Any]]]:
    """What the hub has come to, without who did it when; record ids are the CRM's own affair."""
    found = {
        name: home.rows(name)
        for name in ("person", "person_key", "lead", "outbox", "payload", "seen", "quarantine", "history", "assignment")
    }
    for table, columns in {"outbox": ("record_id", "reason"), "payload": ("body",)}.items():
        for row in found[table]:
            for column in columns:
                row.pop(column)
    return {name: sorted(rows, key=lambda row: json.dumps(row, default=str)) for name, rows in found.items()}


def assert_nothing_twice(vendors: Vendors, before: set[str]) -> None:
    """No lead or task by external id, no new open lead by address."""
    for table in ("Lead", "Task"):
        vendors.ours(table)
    addresses = [
        one["Email"].lower() for one in vendors.records("Lead") if one.get("Email") and not one.get("IsConverted")
    ]
    twice = {one for one in addresses if addresses.count(one) > 1}
    assert twice <= before, "a second open lead with the same address"
    assert len(vendors.ours("Task")) == len(vendors.ours("Lead"))
