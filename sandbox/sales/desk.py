"""What a salesperson's page writes: Salesforce's own fields always, the hub's where an admin has made them."""

from datetime import datetime, timedelta

from sandbox.sales.codes import (
    DISPOSITION_FIELD,
    DISPOSITIONS,
    NATIVE,
    OUTCOME_FIELD,
    REASON_FIELD,
    STATUS_FIELD,
    TYPED,
    TYPED_SHARE,
)
from sandbox.sales.draw import Draw
from sandbox.salesforce import people
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.stamps import stamp


class Desk:
    """Writes as the owner of the record, now."""

    def __init__(self, org: Org) -> None:
        self.org = org

    def move(self, lead: Record, status: str, reason: str | None = None) -> None:
        """Set a lead's status and, where it is given back or closed, the reason."""
        changes: Record = {"Status": NATIVE[status], "IsUnreadByOwner": False}
        changes |= self._ours("Lead", STATUS_FIELD, status) | self._ours("Lead", REASON_FIELD, reason)
        people.edit(self.org, "Lead", lead["Id"], changes)

    def reason(self, code: str, draw: Draw) -> str | None:
        """The code, now and then something typed; None where the org has no such field."""
        return self._choice("Lead", REASON_FIELD, code, draw)

    def call(self, lead: Record, disposition: str, text: str | None, draw: Draw) -> str:
        """Log a call; returns the disposition as written, a code or something typed."""
        said = self._choice("Task", DISPOSITION_FIELD, disposition, draw) or disposition
        self._task(lead, {
            "Subject": "Call",
            "TaskSubtype": "Call",
            "CallType": "Outbound",
            "CallDurationInSeconds": draw.whole(20, 900),
            "CallDisposition": DISPOSITIONS.get(said, said),
            "Description": text,
            **self._ours("Task", DISPOSITION_FIELD, said),
        })  # fmt: skip
        return said

    def note(self, lead: Record, text: str) -> None:
        self._task(lead, {"Subject": "Note", "Description": text})

    def _task(self, lead: Record, values: Record) -> None:
        day = self.org.stamp()[:10]
        shared = {"WhoId": lead["Id"], "OwnerId": lead["OwnerId"], "Status": "Completed", "ActivityDate": day}
        people.create(self.org, "Task", shared | values, lead["OwnerId"])

    def book(self, lead: Record, draw: Draw, after: str | None = None) -> str:
        """Put a meeting into the calendar, after the Event that it replaces if any; returns its id."""
        before = self.org.tables["Event"].rows[after]["StartDateTime"] if after else self.org.stamp()
        day = datetime.fromisoformat(before) + timedelta(days=draw.whole(1, 9))
        start = day.replace(hour=draw.whole(14, 21), minute=draw.one((0, 30)), second=0)
        values = {
            "Subject": "Meeting",
            "WhoId": lead["Id"],
            "OwnerId": lead["OwnerId"],
            "StartDateTime": stamp(start),
            "DurationInMinutes": draw.one((30, 45, 60)),
            **self._ours("Event", OUTCOME_FIELD, "scheduled"),
        }
        return people.create(self.org, "Event", values, lead["OwnerId"])

    def close_meeting(self, event: str, outcome: str) -> None:
        people.edit(self.org, "Event", event, self._ours("Event", OUTCOME_FIELD, outcome))

    def _choice(self, name: str, field: str, code: str, draw: Draw) -> str | None:
        """What a person leaves in a picklist of ours: the code, or what they type where the list is open."""
        typed = draw.one(TYPED) if draw.chance(TYPED_SHARE) else code
        found = self.org.objects[name].fields.get(field)
        if found is None or (found.restricted and code not in found.values):
            return None
        return code if found.restricted else typed

    def _ours(self, name: str, field: str, value: str | None) -> Record:
        """The field's part of a write; nothing where the org has no such field or its list has no such value."""
        found = self.org.objects[name].fields.get(field)
        if value is None or found is None or (found.restricted and value not in found.values):
            return {}
        return {field: value}
