"""The standard properties of activities: notes, tasks, meetings, calls and e-mails.

Names, types and internal option values from HubSpot's engagement guides [DOC]; labels are ours.
"""

from __future__ import annotations

from sandbox.hubspot.property_table import Options, PropertyTable
from sandbox.hubspot.standard_shared import ACTIVITY_TIMES, KEPT, KEPT_PREFIXES, NUMBERS, OWNERS, SOURCE, same

# What every portal begins with; HubSpot's guide gives these ids [DOC].
_CALL_OUTCOMES: Options = [
    ("9d9162e7-6cf3-4944-bf63-4dff82258764", "Busy"),
    ("f240bbac-87c9-4f6e-bf70-924b57d47db7", "Connected"),
    ("a4c4c377-d246-4b32-a13b-75a56a4cd0ff", "Left live message"),
    ("b2cf5968-551e-4856-9783-52b3da59a7d0", "Left voicemail"),
    ("73a0d17f-1163-4015-bdd5-ec830791da20", "No answer"),
    ("17b47fee-58de-441e-a44c-c6300d46f273", "Wrong number"),
]

NOTES = PropertyTable(
    group="engagement",
    text=f"hs_attachment_ids=Attached file IDs|{SOURCE}",
    textarea="hs_note_body=Note body",
    numbers=NUMBERS,
    datetimes=ACTIVITY_TIMES,
    enumerations=OWNERS,
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
TASKS = PropertyTable(
    group="engagement",
    text=f"hs_task_subject=Task Title|hs_task_reminders=Reminders|{SOURCE}",
    textarea="hs_task_body=Task Notes",
    numbers=NUMBERS,
    datetimes=f"{ACTIVITY_TIMES}|hs_task_completion_date=Completed at",
    enumerations={
        "hs_task_status": (
            "Task Status",
            "select",
            same("NOT_STARTED", "IN_PROGRESS", "WAITING", "COMPLETED", "DEFERRED"),
        ),
        "hs_task_priority": ("Priority", "select", same("NONE", "LOW", "MEDIUM", "HIGH")),
        "hs_task_type": ("Task Type", "select", same("EMAIL", "CALL", "TODO")),
        **OWNERS,
    },
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
MEETINGS = PropertyTable(
    group="engagement",
    text=f"""
hs_meeting_title=Meeting name|hs_meeting_location=Location|hs_meeting_external_url=External URL
hs_activity_type=Call and meeting type|hs_attachment_ids=Attached file IDs|{SOURCE}
""",
    textarea="hs_meeting_body=Description|hs_internal_meeting_notes=Internal notes",
    numbers=NUMBERS,
    datetimes=f"{ACTIVITY_TIMES}|hs_meeting_start_time=Start time|hs_meeting_end_time=End time",
    enumerations={
        "hs_meeting_outcome": (
            "Meeting outcome",
            "select",
            same("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED"),
        ),
        **OWNERS,
    },
    kept=KEPT,
    kept_prefixes=KEPT_PREFIXES,
)
CALLS = PropertyTable(
    group="engagement",
    text=f"""
hs_call_title=Call title|hs_call_recording_url=Recording URL|hs_call_callee_object_id=Callee object ID
hs_call_callee_object_type_id=Callee object type|hs_call_app_id=Integrating app ID|hs_call_source=Call source
hs_activity_type=Call and meeting type|hs_attachment_ids=Attached file IDs|hs_body_preview=Body preview|{SOURCE}
""",
    textarea="hs_call_body=Call notes",
    phones="hs_call_from_number=From number|hs_call_to_number=To number",
    numbers=f"{NUMBERS}|hs_call_duration=Call duration",
    datetimes=ACTIVITY_TIMES,
    enumerations={
        "hs_call_direction": ("Call direction", "select", same("INBOUND", "OUTBOUND")),
        "hs_call_disposition": ("Call outcome", "select", _CALL_OUTCOMES),
        "hs_call_status": (
            "Call status",
            "select",
            same(
                *("BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING"),
                *("FAILED", "IN_PROGRESS", "NO_ANSWER", "QUEUED", "RINGING"),
            ),
        ),
        **OWNERS,
    },
    kept=KEPT | {"hs_body_preview"},
    kept_prefixes=KEPT_PREFIXES,
)
EMAILS = PropertyTable(
    group="engagement",
    text=f"""
hs_email_subject=Email subject|hs_attachment_ids=Attached file IDs|hs_email_from_email=From|hs_email_to_email=To
hs_email_headers=Email headers|{SOURCE}
""",
    textarea="hs_email_text=Email body|hs_email_html=Email HTML",
    numbers=NUMBERS,
    datetimes=ACTIVITY_TIMES,
    enumerations={
        "hs_email_direction": ("Email direction", "select", same("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL")),
        "hs_email_status": ("Email send status", "select", same("BOUNCED", "FAILED", "SCHEDULED", "SENDING", "SENT")),
        **OWNERS,
    },
    kept=KEPT | {"hs_email_from_email", "hs_email_to_email"},
    kept_prefixes=KEPT_PREFIXES,
)
