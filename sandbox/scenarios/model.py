"""The shape every scenario has, whatever its story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

#: The instant at which every shipped scenario is frozen; the sandbox clock starts there.
SCENARIO_NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)

Record = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """Everything the two pretend vendors are loaded with, and the truth about what was seeded."""

    name: str
    now: datetime
    hubspot_properties: list[Record]
    hubspot_owners: list[Record]
    hubspot_contacts: list[dict[str, str]]
    salesforce_records: dict[str, list[Record]]
    truth: dict[str, Any] = field(default_factory=dict)
