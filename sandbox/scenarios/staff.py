"""The people who work at Lakeshore, as HubSpot owners and as Salesforce users and queues."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.scenarios.model import Record
from sandbox.scenarios.salesforce_ids import record_id, stamp

STAFF_DOMAIN = "lakeshore.example.org"
INTEGRATION_EMAIL = f"integration@{STAFF_DOMAIN}"
INTAKE_COUNT = 14
#: The coordinator who left: still an owner in HubSpot, no longer an active user in Salesforce.
INACTIVE_EMAIL = f"intake13@{STAFF_DOMAIN}"

QUEUES = {
    "Intake_Pool": "Intake Pool",
    "Referral_Pool": "Referral Pool",
    "Nurse_Line": "Nurse Line",
    "Default_Queue": "Default Queue",
    "Privacy_Desk": "Privacy Desk",
}

_INTAKE_NAMES = (
    "Alba Wrenfield", "Bram Oakmere", "Cleo Fenwick", "Dario Holmstead", "Edda Larkwell", "Fabian Croftley",
    "Greta Marlow", "Hollis Penhurst", "Imani Duskgate", "Jonas Tarnby", "Kaya Rushford", "Linus Hartcombe",
    "Mona Gladethorpe", "Nils Brackdale",
)  # fmt: skip
_OTHER_STAFF = (
    ("liaison01", "Orla Stonewick"),
    ("liaison02", "Pavel Greyholm"),
    ("nurse01", "Quinn Ashmere"),
    ("privacy01", "Rosa Millgate"),
    ("manager01", "Sven Eldershaw"),
)
_HIRED = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)


def staff() -> list[tuple[str, str, str]]:
    """Mailbox, first and last name of everybody on the staff, intake first."""
    intake = [(f"intake{number:02d}", name) for number, name in enumerate(_INTAKE_NAMES, start=1)]
    return [(f"{mailbox}@{STAFF_DOMAIN}", *name.split(" ", 1)) for mailbox, name in (*intake, *_OTHER_STAFF)]  # type: ignore[misc]


def hubspot_owners() -> list[Record]:
    """The staff as HubSpot's owners API lists them."""
    created = "2025-01-06T15:00:00.000Z"
    return [
        {
            "id": str(7101 + position),
            "email": email,
            "firstName": first,
            "lastName": last,
            "userId": 5201 + position,
            "createdAt": created,
            "updatedAt": created,
            "archived": False,
        }
        for position, (email, first, last) in enumerate(staff())
    ]


def _user(number: int, email: str, first: str, last: str, title: str) -> Record:
    created = stamp(_HIRED)
    return {
        "Id": record_id("User", number),
        "Username": email,
        "Email": email,
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Alias": email.partition("@")[0][:8],
        "Title": title,
        "IsActive": email != INACTIVE_EMAIL,
        "UserType": "Standard",
        "TimeZoneSidKey": "America/Chicago",
        "CreatedDate": created,
        "LastModifiedDate": created,
        "SystemModstamp": created,
    }


def salesforce_users() -> list[Record]:
    """The staff as Salesforce users, then the user that an integration signs in as."""
    titles = {"intake": "Intake Coordinator", "liaison": "Referral Liaison", "nurse": "Nurse Line",
              "privacy": "Privacy Officer", "manager": "Intake Manager"}  # fmt: skip
    users = [
        _user(number, email, first, last, titles[email.split("@")[0].rstrip("0123456789")])
        for number, (email, first, last) in enumerate(staff(), start=1)
    ]
    users.append(_user(len(users) + 1, INTEGRATION_EMAIL, "Integration", "User", "Integration User"))
    return users


def salesforce_groups() -> list[Record]:
    """The queues that leads and tasks wait in."""
    created = stamp(_HIRED)
    return [
        {
            "Id": record_id("Group", number),
            "Name": label,
            "DeveloperName": developer_name,
            "Type": "Queue",
            "CreatedDate": created,
            "LastModifiedDate": created,
            "SystemModstamp": created,
        }
        for number, (developer_name, label) in enumerate(QUEUES.items(), start=1)
    ]
