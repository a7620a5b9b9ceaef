"""Synthetic worlds for the sandbox: what HubSpot and Salesforce hold when it starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.scenarios.empty import empty
from sandbox.scenarios.generic import generic
from sandbox.scenarios.lakeshore import lakeshore
from sandbox.scenarios.model import SCENARIO_NOW, Scenario
from sandbox.scenarios.source import Source, read
from sandbox.scenarios.zelvoria import launch, zelvoria

SCENARIOS: dict[str, Callable[[int, int], Scenario]] = {"empty": empty, "lakeshore": lakeshore, "zelvoria": zelvoria}
GENERATORS: dict[str, Callable[[Source, int, int], Scenario]] = {"generic": generic, "zelvoria": launch}

__all__ = ["SCENARIOS", "SCENARIO_NOW", "Scenario", "build"]


def build(name: str, contacts: int, seed: int) -> Scenario:
    """Build a scenario; the same name, size and seed give the same content in every process.

    Args:
        name: one of SCENARIOS, or the path of a scenario file or of its directory: anything with a / or .yaml in it.
        contacts: how many contacts the portal has.
        seed: another seed, other people.

    Raises:
        ValueError: unknown name, negative number; ScenarioError with file, line and key for a file that is wrong.
    """
    if contacts < 0:
        raise ValueError("the number of contacts cannot be negative")
    if name in SCENARIOS:
        return SCENARIOS[name](contacts, seed)
    if "/" in name or name.endswith((".yaml", ".yml")):
        source = read(Path(name))
        generator = source.data.get("generator", "generic")
        if generator not in GENERATORS:
            raise source.error(("generator",), f"one of {', '.join(GENERATORS)}")
        return GENERATORS[generator](source, contacts, seed)
    raise ValueError(f"unknown scenario {name!r}; known: {', '.join(sorted(SCENARIOS))}, or a path like ./my/scenario")
