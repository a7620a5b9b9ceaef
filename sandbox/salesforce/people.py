"""What salespeople and admins do to records in the browser.

Field-level security is not asked: pages show people more than the API shows the integration user. Values are converted
and refused as everywhere; refusals are SalesforceError.
"""

from typing import Any

from sandbox.salesforce.duplicate_rules import ACKNOWLEDGED
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import ObjectType, Record
from sandbox.salesforce.table import fold
from sandbox.salesforce.writes import delete, insert, live, locked_fields, update

_SHARED = ("FirstName", "LastName", "Salutation", "Email", "Phone", "MobilePhone", "Title", "LeadSource",
           "Description", "HasOptedOutOfEmail", "DoNotCall")  # fmt: skip


def create(org: Org, name: str, values: Record, user: str | None = None) -> str:
    """Create a record as `user`; returns its id."""
    view = org.view(org.kind(name).name)
    typed = _typed(view.kind, values, creating=True)
    return insert(org, view, typed, org.stamp(), rule=False, by=user, how=ACKNOWLEDGED)


def edit(org: Org, name: str, key: str, changes: Record, user: str | None = None) -> None:
    """Change fields of a record. `user` is who did it; its owner by default."""
    old = _live(org, name, key)
    view = org.view(org.kind(name).name)
    values = _typed(view.kind, changes, creating=False)
    update(org, view, old, values, org.stamp(), rule=False, by=_doer(org, old, user), how=ACKNOWLEDGED)


def remove(org: Org, name: str, key: str, user: str | None = None) -> None:
    """Move a record to the recycle bin."""
    old = _live(org, name, key)
    delete(org, org.view(org.kind(name).name), old, org.stamp(), _doer(org, old, user))


def undelete(org: Org, name: str, key: str) -> None:
    """Take a record out of the recycle bin, with what went into it because of it [DOC]."""
    kind = org.kind(name)
    record = org.tables[kind.name].rows.get(key)
    if record is None or not record.get("IsDeleted"):
        raise SalesforceError("UNDELETE_FAILED", f"{name} {key} is not in the recycle bin")
    now, deleted = org.stamp(), record["SystemModstamp"]
    org.put(kind.name, {**record, "IsDeleted": False, "SystemModstamp": now})
    for child, field in org.children(kind.name).values():
        if field.cascade:
            for below in org.tables[child].lookup(field.name, (fold(key),)):
                row = org.tables[child].rows[below]
                if row.get("IsDeleted") and row["SystemModstamp"] == deleted:
                    undelete(org, child, below)


def convert_lead(org: Org, key: str, opportunity: str | None = None) -> dict[str, Any]:
    """What the Convert button does: an account, a contact and, when named, an opportunity come of the lead [DOC].

    All activities go to the contact and are related to the opportunity, else to the account; the contact becomes the
    primary contact role; campaign memberships become the contact's.
    """
    lead = _live(org, "Lead", key)
    owner = str(lead.get("OwnerId", ""))
    if lead.get("IsConverted"):
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", f"{key} is converted already")
    if not owner.startswith("005"):
        raise SalesforceError(
            "INVALID_CROSS_REFERENCE_KEY", f"{key} is owned by a queue: a person has to take it first"
        )
    now = org.stamp()

    def new(name: str, values: Record) -> str:
        return insert(org, org.view(name), values, now, rule=False, by=owner, how=ACKNOWLEDGED)

    account = new("Account", {"Name": lead["Company"], "Phone": lead.get("Phone"), "OwnerId": owner})
    person = {name: lead[name] for name in _SHARED if name in lead}
    contact = new("Contact", {**person, "AccountId": account, "OwnerId": owner})
    made: dict[str, Any] = {"ConvertedAccountId": account, "ConvertedContactId": contact}
    if opportunity:
        deal = {"Name": opportunity, "StageName": "Prospecting", "CloseDate": now[:10], "AccountId": account,
                "LeadSource": lead.get("LeadSource"), "OwnerId": owner}  # fmt: skip
        made["ConvertedOpportunityId"] = new("Opportunity", deal)
        new("OpportunityContactRole", {
            "OpportunityId": made["ConvertedOpportunityId"], "ContactId": contact, "IsPrimary": True,
        })  # fmt: skip
    for name in ("Task", "Event"):
        for activity in live(org, name, "WhoId", key):
            related = activity.get("WhatId") or made.get("ConvertedOpportunityId", account)
            org.put(name, {**activity, "WhoId": contact, "WhatId": related, "SystemModstamp": now})
    for member in live(org, "CampaignMember", "LeadId", key):
        org.put("CampaignMember", {**member, "ContactId": contact, "LeadOrContactId": contact, "Type": "Contact",
                                   "SystemModstamp": now})  # fmt: skip
    closed = {"IsConverted": True, "ConvertedDate": now[:10], "Status": "Closed - Converted", "IsUnreadByOwner": False}
    update(org, org.view("Lead"), lead, {**made, **closed}, now, rule=False, by=owner)
    return made


def merge(org: Org, name: str, master: str, losers: list[str], user: str | None = None) -> None:
    """Merge one or two records into a master [DOC].

    What belongs to the losers goes to the master, they go to the bin and point to it. The master's own fields stay.
    """
    kept = _live(org, name, master)
    if name not in ("Account", "Contact", "Lead"):
        raise SalesforceError("INVALID_TYPE", f"{name} cannot be merged")
    if not 1 <= len(losers) <= 2 or master in losers or len(set(losers)) < len(losers):
        raise SalesforceError("INVALID_ARGUMENT_TYPE", "a merge takes one or two records besides the master")
    now, view, by = org.stamp(), org.view(name), _doer(org, kept, user)
    gone = [_live(org, name, key) for key in losers]
    if kept.get("IsConverted") or any(record.get("IsConverted") for record in gone):
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "converted leads cannot be merged")
    for record in gone:
        _hand_over(org, name, record["Id"], master, now)
        org.put(name, {**record, "MasterRecordId": master})
        delete(org, view, org.tables[name].rows[record["Id"]], now, by)
    update(org, view, kept, {}, now, rule=False, by=by)


def _hand_over(org: Org, name: str, loser: str, master: str, now: str) -> None:
    """Children of the loser become the master's; where it has the same campaign or role already, the second goes."""
    for child, field in org.children(name).values():
        for record in live(org, child, field.name, loser):
            moved = {**record, field.name: master, "SystemModstamp": now}
            if child == "CampaignMember":
                moved["LeadOrContactId"] = master
            twin = {"CampaignMember": "CampaignId", "OpportunityContactRole": "OpportunityId"}.get(child)
            if twin and any(o.get(twin) == record.get(twin) for o in live(org, child, field.name, master)):
                delete(org, org.view(child), record, now)
            else:
                org.put(child, moved)


def _live(org: Org, name: str, key: str) -> Record:
    table = org.tables[org.kind(name).name]
    record = table.rows.get(key)
    if record is None:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", f"{name} has no record {key}")
    if record.get("IsDeleted"):
        raise SalesforceError("ENTITY_IS_DELETED", f"{key} is deleted already")
    return record


def _doer(org: Org, record: Record, user: str | None) -> str:
    """Who acts: `user`, else the record's owner if that is a person, else the integration user."""
    owner = str(record.get("OwnerId", ""))
    return user or (owner if owner.startswith("005") else org.user_id)


def _typed(kind: ObjectType, values: Record, *, creating: bool) -> Record:
    typed: Record = {}
    locked = []
    for name, value in values.items():
        field = kind.fields.get(name)
        if field is None:
            raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {kind.name}")
        if not (field.createable if creating else field.updateable):
            locked.append(name)
        typed[name] = kind.convert[name](value)
    if locked:
        raise locked_fields(locked)
    return typed
