"""Synthetic worlds for the sandbox: what HubSpot and Salesforce hold when it starts."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.scenarios.empty import empty
from sandbox.scenarios.lakeshore import lakeshore
from sandbox.scenarios.model import SCENARIO_NOW, Scenario

SCENARIOS: dict[str, Callable[[int, int], Scenario]] = {"empty": empty, "lakeshore": lakeshore}

__all__ = ["SCENARIOS", "SCENARIO_NOW", "Scenario", "build"]


def build(name: str, contacts: int, seed: int) -> Scenario:
    """Build a scenario; the same name, size and seed give the same content in every process."""
    if name not in SCENARIOS:
        raise ValueError(f"unknown scenario {name!r}; known: {', '.join(sorted(SCENARIOS))}")
    if contacts < 0:
        raise ValueError("the number of contacts cannot be negative")
    return SCENARIOS[name](contacts, seed)
