"""The simulated world: one clock, one HubSpot portal, one Salesforce org, and what was asked of them."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import Any

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.sales.work import Sales
from sandbox.salesforce.org import Org
from sandbox.scenarios import build
from sandbox.scenarios.model import SCENARIO_NOW, Scenario
from sandbox.wire import Counts, Latency

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
        self.counts = Counts()
        self.latency = Latency(latency_ms)
        self.plan = self.started = plan
        self.truth: dict[str, Any] = {}
        self.load(plan)

    def load(self, plan: Plan) -> None:
        """Replace both systems by the plan's scenario; the clock starts anew at its `now`.

        The collector rests meanwhile and then forgets the records: hundreds of thousands of them, none of which is
        garbage, would be walked again and again.
        """
        gc.unfreeze()
        gc.disable()
        try:
            scenario = build(plan.scenario, contacts=plan.contacts, seed=plan.seed)
            self._take(scenario)
        finally:
            gc.enable()
        self.plan = plan
        gc.collect()
        gc.freeze()

    def _take(self, scenario: Scenario) -> None:
        self.clock.freeze(False)
        self.clock.set(scenario.now)
        self.hubspot.load(scenario)
        self.salesforce.reset()
        self.salesforce.load(scenario.salesforce_records)
        self.sales.forget()
        self.truth = scenario.truth

    def reset(self) -> None:
        """Back to the scenario that the sandbox was started with."""
        self.load(self.started)

    def describe(self) -> dict[str, Any]:
        return {
            "scenario": {"name": self.plan.scenario, "contacts": self.plan.contacts, "seed": self.plan.seed},
            "hubspot": self.hubspot.inspect(),
            "salesforce": self.salesforce.inspect(),
            "truth": self.truth,
        }
