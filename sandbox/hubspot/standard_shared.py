"""What the property tables of HubSpot's object types share: owners, the system's properties, which are read-only."""

from __future__ import annotations

from sandbox.hubspot.property_table import Enumeration, Options


def same(*values: str) -> Options:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


OWNERS: dict[str, Enumeration] = {
    "hubspot_owner_id": ("Owner", "select", []),
    "hubspot_team_id": ("HubSpot Team", "select", []),
}
KEPT = frozenset(
    """
    hs_object_id createdate hs_createdate hs_lastmodifieddate hs_merged_object_ids hs_created_by_user_id
    hs_updated_by_user_id hubspot_owner_assigneddate notes_last_contacted notes_last_updated
    """.split()
)
KEPT_PREFIXES = ("num_", "hs_num_", "hs_object_source")
SOURCE = "hs_merged_object_ids=Merged record IDs|hs_object_source=Record source|hs_object_source_label=Source label"
NUMBERS = "hs_object_id=Record ID|hs_created_by_user_id=Created by user ID|hs_updated_by_user_id=Updated by user ID"
TIMES = "hs_lastmodifieddate=Last Modified Date|hubspot_owner_assigneddate=Owner Assigned Date"
TOUCHES = "notes_last_contacted=Last Contacted|notes_last_updated=Last Activity Date"
ACTIVITY_TIMES = f"{TIMES}|hs_createdate=Create date|hs_timestamp=Activity date"
