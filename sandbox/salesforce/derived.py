"""Fields that Salesforce computes from others of the same record."""

from collections.abc import Callable, Container
from datetime import datetime, timedelta

from sandbox.salesforce.schema import Record
from sandbox.salesforce.stamps import stamp

#: Stage -> (probability, forecast category), as a new org has them [DOC].
STAGES: dict[str, tuple[int, str]] = {
    "Prospecting": (10, "Pipeline"),
    "Qualification": (10, "Pipeline"),
    "Needs Analysis": (20, "Pipeline"),
    "Value Proposition": (50, "Pipeline"),
    "Id. Decision Makers": (60, "Pipeline"),
    "Perception Analysis": (70, "Pipeline"),
    "Proposal/Price Quote": (75, "Pipeline"),
    "Negotiation/Review": (90, "Pipeline"),
    "Closed Won": (100, "Closed"),
    "Closed Lost": (0, "Omitted"),
}


def derive(name: str, record: Record, written: Container[str] = ()) -> None:
    """Compute them in place. `written` are the fields that this write gave."""
    compute = _RULES.get(name)
    if compute is not None:
        compute(record, written)


def _person(record: Record, written: Container[str]) -> None:
    # The salutation is part of Name in some locales; the API's Name leaves it out [UNV].
    record["Name"] = " ".join(p for p in (record.get("FirstName"), record.get("LastName")) if p)


def _task(record: Record, written: Container[str]) -> None:
    closed = record.get("Status") == "Completed"
    if closed and not record.get("IsClosed"):
        record["CompletedDateTime"] = record.get("SystemModstamp")
    elif not closed:
        record.pop("CompletedDateTime", None)
    record["IsClosed"] = closed
    record["IsHighPriority"] = record.get("Priority") == "High"


def _event(record: Record, written: Container[str]) -> None:
    """The start's two names and its day; the end follows from the duration unless it was given [DOC]."""
    start = record.get("ActivityDateTime") if "ActivityDateTime" in written else record.get("StartDateTime")
    if start is None:
        return
    record["StartDateTime"] = record["ActivityDateTime"] = start
    record["ActivityDate"] = start[:10]
    begins, end, minutes = datetime.fromisoformat(start), record.get("EndDateTime"), record.get("DurationInMinutes")
    if end is not None and (minutes is None or "EndDateTime" in written):
        record["DurationInMinutes"] = round((datetime.fromisoformat(end) - begins).total_seconds() / 60)
    elif minutes is not None:
        record["EndDateTime"] = stamp(begins + timedelta(minutes=minutes))


def _opportunity(record: Record, written: Container[str]) -> None:
    """A stage that an admin added counts as open, without a probability of its own [UNV]."""
    stage = record.get("StageName")
    probability, category = STAGES.get(stage or "", (None, "Pipeline"))
    if record.get("Probability") is None and probability is not None:
        record["Probability"] = float(probability)
    record["ForecastCategory"] = record["ForecastCategoryName"] = category
    record["IsWon"] = stage == "Closed Won"
    record["IsClosed"] = stage in ("Closed Won", "Closed Lost")


def _member(record: Record, written: Container[str]) -> None:
    record["LeadOrContactId"] = record.get("ContactId") or record.get("LeadId")
    record["Type"] = "Contact" if record.get("ContactId") else "Lead"
    record["HasResponded"] = record.get("Status") == "Responded"
    if not record["HasResponded"]:
        record.pop("FirstRespondedDate", None)
    elif record.get("FirstRespondedDate") is None:
        record["FirstRespondedDate"] = str(record.get("SystemModstamp"))[:10]


_RULES: dict[str, Callable[[Record, Container[str]], None]] = {
    "Lead": _person,
    "Contact": _person,
    "User": _person,
    "Task": _task,
    "Event": _event,
    "Opportunity": _opportunity,
    "CampaignMember": _member,
}
