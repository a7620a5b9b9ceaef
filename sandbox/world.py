"""The simulated world: one clock, one HubSpot portal, one Salesforce org, and what was asked of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp

from sandbox import snapshots
from sandbox.clock import Clock
from sandbox.faults.register import Faults
from sandbox.hubspot.app import create_app as create_hubspot
from sandbox.hubspot.drift import change_schema
from sandbox.hubspot.portal import Portal
from sandbox.marketers.work import Marketers
from sandbox.request_log import RequestLog
from sandbox.sales.work import Sales
from sandbox.salesforce import bulk
from sandbox.salesforce.app import create_app as create_salesforce
from sandbox.salesforce.org import Org
from sandbox.scenarios import build
from sandbox.scenarios.model import SCENARIO_NOW, Scenario
from sandbox.wire import Latency

SYSTEMS = ("hubspot", "salesforce")


@dataclass(frozen=True)
class Plan:
    """Which scenario, how many contacts, which seed: the same plan always makes the same world."""

    scenario: str = "lakeshore"
    contacts: int = 2600
    seed: int = 1


class World:
    def __init__(self, plan: Plan, latency_ms: float = 0.0) -> None:
        self.clock = Clock(SCENARIO_NOW)
        self.hubspot = Portal(self.clock)
        self.salesforce = Org(self.clock)
        self.sales = Sales(self.salesforce)
        self.marketers = Marketers(self.hubspot)
        self.requests = RequestLog()
        self.latency = Latency(latency_ms)
        self.faults = Faults()
        self.snapshots: dict[str, bytes] = {}
        self._former: dict[str, dict[str, ASGIApp]] = {}  # snapshot -> system -> its application
        self.plan = self.started = plan
        self.truth: dict[str, Any] = {}
        self.load(plan)

    def load(self, plan: Plan) -> None:
        """Replace both systems by the plan's scenario; the clock starts anew at its `now`."""
        with _collector_at_rest():
            self._take(build(plan.scenario, contacts=plan.contacts, seed=plan.seed))
        self.plan = plan

    def _take(self, scenario: Scenario) -> None:
        self.clock.freeze(False)
        self.clock.set(scenario.now)
        self.hubspot.load(scenario)
        self.salesforce.reset()
        self.salesforce.load(scenario.salesforce_records)
        self.sales.forget()
        self.marketers.forget()
        self.truth = scenario.truth

    def reset(self) -> None:
        """Back to the scenario that the sandbox was started with."""
        self.faults.lift()
        self.load(self.started)

    def parts(self) -> dict[str, Any]:
        """What has a state that snapshots keep."""
        return {
            "hubspot": self.hubspot,
            "salesforce": self.salesforce,
            "sales": self.sales,
            "marketers": self.marketers,
        }

    def snapshot(self, name: str) -> int:
        """Keep the world as it is now under a name; returns its size in bytes."""
        self._former.pop(name, None)
        self.snapshots[name] = snapshots.take(self)
        return len(self.snapshots[name])

    def restore(self, name: str) -> None:
        """Back to a snapshot. Raises KeyError."""
        taken = self.snapshots[name]
        for job in self.salesforce.jobs.values():  # a job of the present must not write into the past
            if job.task is not None:
                job.task.cancel()
        with _collector_at_rest():
            snapshots.put_back(self, taken)
        bulk.resume(self.salesforce)

    def forget_snapshots(self) -> None:
        self.snapshots.clear()
        self._former.clear()

    # -- what faults do to the world ------------------------------------------------------------------------------

    def expire_tokens(self, system: str) -> None:
        if system == "salesforce":
            self.salesforce.expire_tokens()
        else:
            self.hubspot.access.expire_all()

    def change_schema(self, system: str, name: str, field: str, change: dict[str, Any]) -> None:
        """An admin changes a field between two calls. Raises the vendor's own errors for what cannot be."""
        if system == "salesforce":
            self.salesforce.change_schema(name, field, change)
        else:
            change_schema(self.hubspot, name, field, change)

    def lock(self, record: str, seconds: float) -> None:
        self.salesforce.lock(record, seconds)

    def as_it_was(self, system: str, snapshot: str) -> ASGIApp:
        """The system's application over the state of a snapshot, for whoever is signed in now."""
        apps = self._former.get(snapshot)
        if apps is None:
            portal, org = snapshots.beside(self, self.snapshots[snapshot])
            portal.access, org.tokens = self.hubspot.access, self.salesforce.tokens
            org.cursors = self.salesforce.cursors
            apps = {"hubspot": create_hubspot(portal, self.clock), "salesforce": create_salesforce(org, self.clock)}
            self._former[snapshot] = apps
        return apps[system]

    def describe(self) -> dict[str, Any]:
        return {
            "scenario": {"name": self.plan.scenario, "contacts": self.plan.contacts, "seed": self.plan.seed},
            "hubspot": self.hubspot.inspect(),
            "salesforce": self.salesforce.inspect(),
            "truth": self.truth,
        }


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Rests while a world is made, then forgets its records: hundreds of thousands of them, none of them garbage."""
    gc.unfreeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    gc.collect()
    gc.freeze()
