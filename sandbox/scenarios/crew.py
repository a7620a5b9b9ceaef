"""The staff that a scenario file names, as HubSpot owners and as Salesforce users and queues."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from sandbox.scenarios.model import Record
from sandbox.scenarios.names import FIRST_NAMES, LAST_NAMES
from sandbox.scenarios.salesforce_ids import record_id

#: When the staff was hired and the portal set up, as each vendor writes it.
SINCE_HUBSPOT, SINCE_SALESFORCE = "2025-01-06T15:00:00.000Z", "2025-01-06T15:00:00.000+0000"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the staff; who left is still an owner in HubSpot, no longer an active user in Salesforce."""

    number: int
    team: str
    email: str
    first: str
    last: str
    title: str
    active: bool

    @property
    def owner_id(self) -> str:
        """Their id in HubSpot."""
        return str(7100 + self.number)

    @property
    def user_id(self) -> str:
        """Their id in Salesforce."""
        return record_id("User", self.number)


def crew(staff: dict[str, Any]) -> list[Member]:
    """Everybody on the staff, in the file's order; names that the file leaves open are made up."""
    rng = random.Random(f"staff/{staff['domain']}")
    made: list[Member] = []
    for team in staff["people"]:
        names = team.get("names", [])
        left = set(map(int, team.get("left", [])))
        for number in range(1, max(int(team.get("count", 1)), len(names)) + 1):
            invented = f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}"
            first, _, last = (names[number - 1] if number <= len(names) else invented).partition(" ")
            email = f"{team['mailbox']}{number:02d}@{staff['domain']}"
            made.append(Member(len(made) + 1, team["mailbox"], email, first, last, team["title"], number not in left))
    return made


def integration_email(staff: dict[str, Any]) -> str:
    """The user that an integration signs in as."""
    return f"integration@{staff['domain']}"


def owners(members: list[Member]) -> list[Record]:
    """The staff as HubSpot's owners API lists them."""
    return [
        {
            "id": member.owner_id,
            "email": member.email,
            "firstName": member.first,
            "lastName": member.last,
            "userId": 5200 + member.number,
            "createdAt": SINCE_HUBSPOT,
            "updatedAt": SINCE_HUBSPOT,
            "archived": False,
        }
        for member in members
    ]


def users(members: list[Member], staff: dict[str, Any]) -> list[Record]:
    """The staff as Salesforce users, then the integration user."""
    integration = Member(
        len(members) + 1, "", integration_email(staff), "Integration", "User", "Integration User", active=True
    )
    return [
        {
            "Id": member.user_id,
            "Username": member.email,
            "Email": member.email,
            "FirstName": member.first,
            "LastName": member.last,
            "Name": f"{member.first} {member.last}",
            "Alias": member.email.partition("@")[0][:8],
            "Title": member.title,
            "IsActive": member.active,
            "UserType": "Standard",
            "TimeZoneSidKey": staff.get("time_zone", "America/Chicago"),
            "CreatedDate": SINCE_SALESFORCE,
            "LastModifiedDate": SINCE_SALESFORCE,
            "SystemModstamp": SINCE_SALESFORCE,
        }
        for member in (*members, integration)
    ]


def groups(staff: dict[str, Any]) -> list[Record]:
    """The queues that leads and tasks wait in."""
    return [
        {
            "Id": record_id("Group", number),
            "Name": label,
            "DeveloperName": developer_name,
            "Type": "Queue",
            "CreatedDate": SINCE_SALESFORCE,
            "LastModifiedDate": SINCE_SALESFORCE,
            "SystemModstamp": SINCE_SALESFORCE,
        }
        for number, (developer_name, label) in enumerate(staff.get("queues", {}).items(), start=1)
    ]
