"""The standard properties of companies, deals, notes, tasks and meetings: those that a hub writes or asks for.

Names, types and internal option values from HubSpot's object guides [DOC]; labels are ours. A company's `industry` is
plain text here, as the list of its options is HubSpot's own [INV].
"""

from __future__ import annotations

from sandbox.hubspot.property_table import Enumeration, Options, PropertyTable
from sandbox.hubspot.standard_properties import LEAD_STATUS, LIFECYCLE_STAGES

DEAL_STAGES: Options = [
    ("appointmentscheduled", "Appointment Scheduled"),
    ("qualifiedtobuy", "Qualified To Buy"),
    ("presentationscheduled", "Presentation Scheduled"),
    ("decisionmakerboughtin", "Decision Maker Bought-In"),
    ("contractsent", "Contract Sent"),
    ("closedwon", "Closed Won"),
    ("closedlost", "Closed Lost"),
]
_DEAL_TYPES: Options = [("newbusiness", "New Business"), ("existingbusiness", "Existing Business")]
_COMPANY_TYPES: Options = [
    ("PROSPECT", "Prospect"),
    ("PARTNER", "Partner"),
    ("RESELLER", "Reseller"),
    ("VENDOR", "Vendor"),
    ("OTHER", "Other"),
]


def _same(*values: str) -> Options:
    return [(value, value.replace("_", " ").capitalize()) for value in values]


_OWNERS: dict[str, Enumeration] = {
    "hubspot_owner_id": ("Owner", "select", []),
    "hubspot_team_id": ("HubSpot Team", "select", []),
}
_KEPT = frozenset(
    """
    hs_object_id createdate hs_createdate hs_lastmodifieddate hs_merged_object_ids hs_created_by_user_id
    hs_updated_by_user_id hubspot_owner_assigneddate hs_pipeline hs_is_closed hs_is_closed_won notes_last_contacted
    notes_last_updated
    """.split()
)
_KEPT_PREFIXES = ("num_", "hs_num_", "hs_object_source")
_SOURCE = "hs_merged_object_ids=Merged record IDs|hs_object_source=Record source|hs_object_source_label=Source label"
_NUMBERS = "hs_object_id=Record ID|hs_created_by_user_id=Created by user ID|hs_updated_by_user_id=Updated by user ID"
_TIMES = "hs_lastmodifieddate=Last Modified Date|hubspot_owner_assigneddate=Owner Assigned Date"
_TOUCHES = "notes_last_contacted=Last Contacted|notes_last_updated=Last Activity Date"
_ACTIVITY_TIMES = f"{_TIMES}|hs_createdate=Create date|hs_timestamp=Activity date"

COMPANIES = PropertyTable(
    group="companyinformation",
    text=f"""
name=Company name|domain=Company Domain Name|website=Website URL|address=Street Address|address2=Street Address 2
city=City|state=State/Region|zip=Postal Code|country=Country/Region|industry=Industry|timezone=Time Zone
founded_year=Year Founded|linkedin_company_page=LinkedIn Company Page|hs_pipeline=Pipeline|{_SOURCE}
""",
    textarea="description=Description|about_us=About Us",
    phones="phone=Phone Number",
    numbers=f"""
{_NUMBERS}|numberofemployees=Number of Employees|annualrevenue=Annual Revenue
num_associated_contacts=Number of Associated Contacts|num_associated_deals=Number of Associated Deals
hs_num_child_companies=Number of child companies|hs_num_open_deals=Number of open deals
""",
    datetimes=f"{_TIMES}|{_TOUCHES}|createdate=Create Date|closedate=Close Date",
    booleans="is_public=Is Public",
    enumerations={
        "lifecyclestage": ("Lifecycle Stage", "radio", LIFECYCLE_STAGES),
        "hs_lead_status": ("Lead Status", "radio", LEAD_STATUS),
        "type": ("Type", "select", _COMPANY_TYPES),
        **_OWNERS,
    },
    kept=_KEPT,
    kept_prefixes=_KEPT_PREFIXES,
)
DEALS = PropertyTable(
    group="dealinformation",
    text=f"dealname=Deal Name|hs_next_step=Next step|{_SOURCE}",
    textarea="description=Deal Description|closed_lost_reason=Lost reason|closed_won_reason=Won reason",
    numbers=f"{_NUMBERS}|amount=Amount|num_associated_contacts=Number of Associated Contacts",
    datetimes=f"{_TIMES}|{_TOUCHES}|createdate=Create Date|closedate=Close Date",
    booleans="hs_is_closed=Is Deal Closed?|hs_is_closed_won=Is Closed Won",
    enumerations={
        "dealstage": ("Deal Stage", "radio", DEAL_STAGES),
        "pipeline": ("Pipeline", "select", [("default", "Sales Pipeline")]),
        "dealtype": (
            "Deal Type",
            "radio",
            [("newbusiness", "New Business"), ("existingbusiness", "Existing Business")],
        ),
        "hs_priority": ("Priority", "select", [("low", "Low"), ("medium", "Medium"), ("high", "High")]),
        **_OWNERS,
    },
    kept=_KEPT,
    kept_prefixes=_KEPT_PREFIXES,
)
NOTES = PropertyTable(
    group="engagement",
    text=f"hs_attachment_ids=Attached file IDs|{_SOURCE}",
    textarea="hs_note_body=Note body",
    numbers=_NUMBERS,
    datetimes=_ACTIVITY_TIMES,
    enumerations=_OWNERS,
    kept=_KEPT,
    kept_prefixes=_KEPT_PREFIXES,
)
TASKS = PropertyTable(
    group="engagement",
    text=f"hs_task_subject=Task Title|hs_task_reminders=Reminders|{_SOURCE}",
    textarea="hs_task_body=Task Notes",
    numbers=_NUMBERS,
    datetimes=f"{_ACTIVITY_TIMES}|hs_task_completion_date=Completed at",
    enumerations={
        "hs_task_status": (
            "Task Status",
            "select",
            _same("NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED"),
        ),
        "hs_task_priority": ("Priority", "select", _same("NONE", "LOW", "MEDIUM", "HIGH")),
        "hs_task_type": ("Task Type", "select", _same("EMAIL", "CALL", "TODO")),
        **_OWNERS,
    },
    kept=_KEPT,
    kept_prefixes=_KEPT_PREFIXES,
)
MEETINGS = PropertyTable(
    group="engagement",
    text=f"""
hs_meeting_title=Meeting name|hs_meeting_location=Location|hs_meeting_external_url=External URL
hs_activity_type=Call and meeting type|hs_attachment_ids=Attached file IDs|{_SOURCE}
""",
    textarea="hs_meeting_body=Description|hs_internal_meeting_notes=Internal notes",
    numbers=_NUMBERS,
    datetimes=f"{_ACTIVITY_TIMES}|hs_meeting_start_time=Start time|hs_meeting_end_time=End time",
    enumerations={
        "hs_meeting_outcome": (
            "Meeting outcome",
            "select",
            _same("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"),
        ),
        **_OWNERS,
    },
    kept=_KEPT,
    kept_prefixes=_KEPT_PREFIXES,
)
