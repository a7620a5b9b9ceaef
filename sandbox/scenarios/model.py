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
    # What a portal holds besides contacts, each as HubSpot's API would show it; ids are given.
    hubspot_schemas: list[Record] = field(default_factory=list)  # custom objects: {name, objectTypeId, properties, ...}
    hubspot_objects: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # type -> records, like contacts
    hubspot_links: list[tuple[str, str, str, str]] = field(default_factory=list)  # type, id, type, id: default links
    hubspot_lists: list[Record] = field(default_factory=list)  # {listId, name, objectTypeId, processingType, members}
    hubspot_forms: list[Record] = field(default_factory=list)
    hubspot_submissions: list[Record] = field(default_factory=list)  # {form, submittedAt ms, values, pageUrl}
    hubspot_email_events: list[Record] = field(default_factory=list)  # {type, recipient, created ms, emailCampaignId}
    hubspot_marketing_events: list[Record] = field(default_factory=list)  # objectId, attendances [{contact, state, at}]
    hubspot_subscription_types: list[Record] = field(default_factory=list)
    hubspot_subscriptions: list[Record] = field(default_factory=list)  # {email, subscriptionId?, status, at ms}
