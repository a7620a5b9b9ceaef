"""Scenario "empty": the same portal, staff and queues as Lakeshore's, before the first inquiry."""

from __future__ import annotations

from sandbox.scenarios.model import SCENARIO_NOW, Scenario
from sandbox.scenarios.portal_properties import hubspot_properties
from sandbox.scenarios.staff import INTEGRATION_EMAIL, hubspot_owners, salesforce_groups, salesforce_users


def empty(contacts: int, seed: int) -> Scenario:
    """No contacts whatever is asked for; the arguments are those of every scenario."""
    del contacts, seed
    users = salesforce_users()
    return Scenario(
        name="empty",
        now=SCENARIO_NOW,
        hubspot_properties=hubspot_properties(),
        hubspot_owners=hubspot_owners(),
        hubspot_contacts=[],
        salesforce_records={
            "User": users, "Group": salesforce_groups(), "Account": [], "Contact": [], "Lead": [], "Task": [],
        },
        truth={
            "contacts": 0,
            "cases": {},
            "rates": {},
            "integration_user": next(user["Id"] for user in users if user["Email"] == INTEGRATION_EMAIL),
        },
    )  # fmt: skip
