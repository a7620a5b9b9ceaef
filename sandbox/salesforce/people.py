"""What salespeople and admins do to records in the browser: no field-level security, no API rules, new stamps."""

from typing import Any

from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record
from sandbox.salesforce.writes import insert


def edit(org: Org, name: str, key: str, changes: Record, user: str | None = None) -> None:
    """Change fields of a record. `user` is who did it; its owner by default."""
    old = org.tables[name].rows[key]
    record = {k: v for k, v in {**old, **changes}.items() if v is not None}
    record["SystemModstamp"] = record["LastModifiedDate"] = org.stamp()
    record["LastModifiedById"] = user or old.get("OwnerId") or org.user_id
    org.objects[name].derive(record)
    org.put(name, record)


def convert_lead(org: Org, key: str, opportunity: str | None = None) -> dict[str, Any]:
    """What the Convert button does: an account, a contact and, when named, an opportunity come of the lead [DOC]."""
    lead = org.tables["Lead"].rows[key]
    if lead.get("IsConverted") or lead.get("IsDeleted"):
        raise ValueError(f"{key} is converted or deleted already")
    now, owner = org.stamp(), lead.get("OwnerId", "")
    if not owner.startswith("005"):
        raise ValueError(f"{key} is owned by a queue: a person has to take it first")
    account = insert(org, org.view("Account"), {"Name": lead["Company"], "OwnerId": owner}, now, rule=False)
    shared = ("FirstName", "LastName", "Email", "Phone", "MobilePhone", "Title", "LeadSource", "Description")
    person = {name: lead[name] for name in shared if name in lead}
    person |= {"AccountId": account, "OwnerId": owner}
    contact = insert(org, org.view("Contact"), person, now, rule=False)
    made: dict[str, Any] = {"ConvertedAccountId": account, "ConvertedContactId": contact}
    if opportunity:
        deal = {"Name": opportunity, "StageName": "Prospecting", "CloseDate": now[:10], "AccountId": account,
                "OwnerId": owner}  # fmt: skip
        made["ConvertedOpportunityId"] = insert(org, org.view("Opportunity"), deal, now, rule=False)
    edit(org, "Lead", key, {**made, "IsConverted": True, "ConvertedDate": now[:10], "Status": "Closed - Converted"})
    return made


def merge(org: Org, name: str, master: str, losers: list[str]) -> None:
    """Merge up to two records into a master: losers are deleted and point to it [DOC]."""
    if not 1 <= len(losers) <= 2:
        raise ValueError("a merge takes one or two records besides the master")
    for key in losers:
        edit(org, name, key, {"IsDeleted": True, "MasterRecordId": master})
    edit(org, name, master, {})


def remove(org: Org, name: str, key: str) -> None:
    """Move a record to the recycle bin."""
    edit(org, name, key, {"IsDeleted": True})
