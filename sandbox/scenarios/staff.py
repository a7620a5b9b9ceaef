"""The people who work at Lakeshore, as HubSpot owners and as Salesforce users and queues."""

from __future__ import annotations

from sandbox.scenarios.crew import crew, groups, integration_email, owners, users
from sandbox.scenarios.model import Record
from sandbox.scenarios.source import shipped

_STAFF = shipped("lakeshore")["staff"]
_MEMBERS = crew(_STAFF)
STAFF_DOMAIN: str = _STAFF["domain"]
INTEGRATION_EMAIL = integration_email(_STAFF)
#: The coordinator who left: still an owner in HubSpot, no longer an active user in Salesforce.
INACTIVE_EMAIL = next(member.email for member in _MEMBERS if not member.active)


def hubspot_owners() -> list[Record]:
    """The staff as HubSpot's owners API lists them."""
    return owners(_MEMBERS)


def salesforce_users() -> list[Record]:
    """The staff as Salesforce users, then the user that an integration signs in as."""
    return users(_MEMBERS, _STAFF)


def salesforce_groups() -> list[Record]:
    """The queues that leads and tasks wait in."""
    return groups(_STAFF)
