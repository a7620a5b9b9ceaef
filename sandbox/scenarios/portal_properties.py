"""The portal's own contact properties, as HubSpot's properties API shows them.

Coded fields are plain text on purpose: forms, agencies and call centres each write their own labels into
them, which is what a hub has to cope with. Only tick boxes are typed.
"""

from __future__ import annotations

from sandbox.scenarios.model import Record

GROUP_NAME = "crosswalk_capture"

_TEXT = {
    "capture_method": "Capture method",
    "form_name": "Form name",
    "landing_page_url": "Landing page URL",
    "audience_type": "Audience",
    "service_line_interest": "Service line of interest",
    "preferred_location": "Preferred location",
    "inquiry_urgency": "Urgency",
    "desired_timeline": "Desired timeline",
    "insurance_plan": "Insurance plan",
    "existing_patient": "Existing patient",
    "program_code": "Program code",
    "referral_partner_id": "Referral partner",
    "referring_npi": "Referring NPI",
    "npi": "NPI",
    "credentials": "Credentials",
    "specialty_form": "Specialty (as entered)",
    "preferred_contact_method": "Preferred contact method",
    "submission_ip": "Submission IP",
    "honeypot_value": "Honeypot",
}
_TICKS = {
    "appointment_request": "Appointment requested",
    "email_permission": "May e-mail",
    "phone_permission": "May call",
    "sms_permission": "May text",
}
_MOMENTS = {"inquiry_at": "Inquiry at"}


def definition(name: str, label: str, kind: str, field: str, order: int) -> Record:
    """A custom property as HubSpot's properties API shows it."""
    options = []
    if kind == "bool":
        options = [
            {"label": label, "value": value, "displayOrder": position, "hidden": False, "description": ""}
            for position, (label, value) in enumerate((("Yes", "true"), ("No", "false")))
        ]
    return {
        "name": name,
        "label": label,
        "type": kind,
        "fieldType": field,
        "description": "",
        "groupName": GROUP_NAME,
        "options": options,
        "displayOrder": order,
        "calculated": False,
        "externalOptions": False,
        "hasUniqueValue": False,
        "hidden": False,
        "hubspotDefined": False,
        "formField": True,
        "archived": False,
        "createdAt": "2025-01-06T15:00:00.000Z",
        "updatedAt": "2025-01-06T15:00:00.000Z",
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
    }


def hubspot_properties() -> list[Record]:
    """Fresh definitions of every custom property; callers may change them."""
    kinds = ((_TEXT, "string", "text"), (_TICKS, "bool", "booleancheckbox"), (_MOMENTS, "datetime", "date"))
    names = [(name, label, kind, field) for table, kind, field in kinds for name, label in table.items()]
    return [definition(*row, order) for order, row in enumerate(names)]
