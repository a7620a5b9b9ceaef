"""What frees a unit that waits: for each reason code which command, or which person (NRM-04)."""

from collections.abc import Mapping

OVERDUE_DAYS = 14
"""Nothing waits for ever: what has waited longer than this is marked."""

EDIT = "look at it, mend it at its source, or: crosswalk quarantine edit ROW --set …, then crosswalk quarantine release"
MENDED = "a rule or list of ours is wrong for it: mend the file under mappings/, then crosswalk quarantine release"
CODES = "map the label under mappings/codes/, then crosswalk quarantine release --reason {reason}"

ADVICE: Mapping[str, str] = {
    # rows that a gate or the shaping stopped
    "SAFETY_REVIEW": "somebody qualified reads it now: crosswalk quarantine show ROW --reveal; then release or discard",
    "COUNTRY_UNKNOWN": "somebody says which country's law applies: edit the country, or release it as it is",
    "EMAIL_DISPOSABLE": "somebody decides whether the address is serious: release or discard",
    "EMAIL_SUGGEST": "somebody asks or guesses what was meant: edit the address, then release",
    "RECEIVED_AT_MISSING": EDIT,
    "NOT_CONTACTABLE": EDIT,
    "REQUIRED_MISSING": EDIT,
    "LEAD_TYPE_UNKNOWN": MENDED,
    "MOTION_UNKNOWN": MENDED,
    "AUDIENCE_UNKNOWN": CODES,
    "URGENCY_UNKNOWN": CODES,
    "CHANNEL_UNKNOWN": MENDED,
    "CAPTURE_METHOD_UNKNOWN": CODES,
    "EMAIL_SYNTAX": EDIT,
    "PHONE_SYNTAX": EDIT,
    "IDENTITY_AMBIGUOUS": "somebody finds out who it is: edit the key that is another person's, then release",
    "NPI_CONFLICT": "somebody finds out whose NPI it is: edit it, then release",
    # leads
    "NO_CONSENT": "the person permits contact at the source; nobody else can",
    "NO_PERMITTED_CHANNEL": "the person permits a way that reaches them, or gives an address or number for it",
    "SERVICE_UNKNOWN": "the inquiry is completed at the source with what the person asks for",
    "NO_CAPACITY": "resumes by itself on {resume_on}; sooner with more capacity in mappings/routing/owners.yaml",
    "SERVICE_LINE_CLOSED": "resumes by itself on {resume_on}, when the closure in mappings/routing/rules.yaml ends",
    "RESUMES": "resumes by itself on {resume_on}",
    "NO_HANDOFF_POINT": "name a point in mappings/rules/handoff.yaml, then crosswalk redecide --reason {reason}",
    "PACKAGE_INCOMPLETE": "complete what the handoff needs at the source, then crosswalk quarantine release",
    # what is to be written
    "QUEUED": "the next crosswalk sync writes it",
    "PAUSED": "crosswalk resume {target}",
    "CONSENT_WITHDRAWN": "the person permits contact at the source again",
    "LEAD_WITHDRAWN": "a later decision took the lead back; it goes on if the lead is assigned again",
    "OWNER_UNKNOWN": "add or activate the user or queue in the CRM, or mend mappings/routing/owners.yaml; tried hourly",
    "PARENT_MISSING": "the record that it belongs to comes first; see what that one waits for",
    "CRM_AMBIGUOUS": "choose or merge the records in the CRM, then crosswalk link",
    "RELEASED": "the next run that reads its stream replays it",
    "EMPTY_WRITE": "the plan has nothing to write: mend the field mapping of the target",
    "VALUE_TOO_LONG": "a value is longer than the field: mend the field mapping of the target",
    # what came back from sales
    "EVENT_TIME_MISSING": "the record has no time: complete it in the CRM",
    "MEETING_START_MISSING": "the meeting has no start: complete it in the CRM",
    "REASON_MISSING": "sales chooses a coded reason in the CRM",
    "TRANSITION_UNKNOWN": "sales and marketing agree on the status, in the CRM or in mappings/rules/status_graph.yaml",
    "TRANSITION_SIDE": "marketing makes the move, or mappings/rules/status_graph.yaml allows it to sales",
    "TRANSITION_FIELDS": "sales fills in what the move needs in the CRM",
    "UNKNOWN_LABEL": "map the CRM's label under mappings/codes/, then crosswalk quarantine release --reason '{reason}'",
}
"""Reason code -> what frees it; a code's argument in brackets is left out."""

BY_PLACE: Mapping[str, str] = {
    "quarantine": EDIT,
    "lead": "complete the record at its source, or mend the rule, then crosswalk redecide --reason {reason}",
    "outbox": "the target refused it: mend the record or the target's field, then crosswalk quarantine release",
}
"""What frees a unit whose code is not the hub's own: a vendor's, or one that admins have made."""


def advice(place: str, code: str, **about: object) -> str:
    """Say what frees units that wait in a place for a reason; ``about`` fills the gaps of the sentence."""
    said = ADVICE.get(code.partition("(")[0], BY_PLACE.get(place, EDIT))
    return said.format(**{"reason": code, "resume_on": None, **about})
