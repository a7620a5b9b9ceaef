"""What the CRM already knew before the hub: patients, referrers, open, converted and ambiguous leads."""

from __future__ import annotations

import random
from datetime import timedelta

from sandbox.scenarios.lakeshore_cast import Cast
from sandbox.scenarios.lakeshore_labels import CALL, REFERRAL, pick
from sandbox.scenarios.lakeshore_plan import Plan
from sandbox.scenarios.model import SCENARIO_NOW, Record
from sandbox.scenarios.practices import Practice, accounts
from sandbox.scenarios.salesforce_ids import record_id, stamp
from sandbox.scenarios.staff import INACTIVE_EMAIL, salesforce_groups, salesforce_users

_SUBJECTS = ("Call back", "Send directions", "Confirm insurance", "Left voicemail")


class CrmWriter:
    """Collects the org's records while the contacts that match them are walked through in order."""

    def __init__(self, rng: random.Random, plan: Plan, cast: Cast, made: list[Practice]) -> None:
        self._rng = rng
        self._plan = plan
        self._cast = cast
        users, groups = salesforce_users(), salesforce_groups()
        ids = {user["Email"]: user["Id"] for user in users}
        self._intake: tuple[str, ...] = tuple(
            ids[mail] for mail in ids if mail.startswith("intake") and mail != INACTIVE_EMAIL
        )
        self._liaisons: tuple[str, ...] = tuple(ids[mail] for mail in ids if mail.startswith("liaison"))
        self._pool: str = groups[0]["Id"]
        account_rows = accounts(made, self._liaisons[0])
        self._patients: str = account_rows[-1]["Id"]
        self.records: dict[str, list[Record]] = {
            "User": users, "Group": groups, "Account": account_rows, "Contact": [], "Lead": [], "Task": [],
        }  # fmt: skip
        #: Slots whose address the CRM spells in capitals.
        self.shouted: list[int] = []

    def add(self, slot: int, contact: dict[str, str]) -> None:
        """The records that the CRM holds for a contact, if any."""
        known = self._plan.crm[slot]
        if known == "crm_contact":
            self._contact(slot, contact)
        elif known == "crm_open_lead":
            self._lead(slot, contact)
        elif known == "crm_ambiguous":
            self._lead(slot, contact)
            self._lead(slot, contact, twin=True)
        elif known == "crm_converted":
            lead = self._lead(slot, contact)
            holder = self._contact(slot, contact)
            lead.update(
                IsConverted=True,
                Status="Closed - Converted",
                ConvertedDate=str(lead["LastModifiedDate"])[:10],
                ConvertedContactId=holder["Id"],
                ConvertedAccountId=holder["AccountId"],
            )

    def _dates(self) -> Record:
        days = 31 + int(self._rng.random() * 170)
        created = SCENARIO_NOW - timedelta(days=days, minutes=int(self._rng.random() * 600))
        changed = created + timedelta(hours=int(self._rng.random() * 600))
        return {"CreatedDate": stamp(created), "LastModifiedDate": stamp(changed), "SystemModstamp": stamp(changed)}

    def _identity(self, slot: int) -> Record:
        person = self._cast.person(slot)
        email = person.email
        if self._rng.random() < 0.2 and slot not in self.shouted:
            email = email.upper()
            self.shouted.append(slot)
        phone = f"({person.area}) 555-01{person.line}"
        return {"FirstName": person.first, "LastName": person.last, "Name": f"{person.first} {person.last}",
                "Email": email, "Phone": phone}  # fmt: skip

    def _owner(self, slot: int) -> str:
        if self._plan.methods[slot] == REFERRAL:
            return pick(self._rng, self._liaisons)
        return self._pool if self._rng.random() < 0.3 else pick(self._rng, self._intake)

    def _contact(self, slot: int, contact: dict[str, str]) -> Record:
        rows = self.records["Contact"]
        practice = self._cast.practice.get(slot)
        record: Record = {
            "Id": record_id("Contact", len(rows) + 1),
            **self._identity(slot),
            "AccountId": practice.account_id if practice else self._patients,
            "MailingCity": contact.get("city"),
            "MailingState": contact.get("state"),
            "MailingPostalCode": contact.get("zip"),
            "LeadSource": "Partner Referral" if practice else "Web",
            "OwnerId": pick(self._rng, self._liaisons if practice else self._intake),
            **self._dates(),
        }
        rows.append(record)
        return record

    def _lead(self, slot: int, contact: dict[str, str], twin: bool = False) -> Record:
        rows = self.records["Lead"]
        practice = self._cast.practice.get(slot)
        method = self._plan.methods[slot]
        record: Record = {
            "Id": record_id("Lead", len(rows) + 1),
            **self._identity(slot),
            "Company": practice.name if practice else "Individual",
            "City": contact.get("city"),
            "State": contact.get("state"),
            "PostalCode": contact.get("zip"),
            "LeadSource": {CALL: "Phone Inquiry", REFERRAL: "Partner Referral"}.get(method, "Web"),
            "Status": "Working - Contacted" if self._rng.random() < 0.4 and not twin else "Open - Not Contacted",
            "IsConverted": False,
            "OwnerId": self._owner(slot),
            **self._dates(),
        }
        rows.append(record)
        if self._rng.random() < 0.15:
            self._task(record)
        return record

    def _task(self, lead: Record) -> None:
        rows = self.records["Task"]
        owner = lead["OwnerId"]
        rows.append(
            {
                "Id": record_id("Task", len(rows) + 1),
                "Subject": pick(self._rng, _SUBJECTS),
                "Status": "Completed" if self._rng.random() < 0.7 else "Not Started",
                "Priority": "Normal",
                "WhoId": lead["Id"],
                "OwnerId": self._intake[0] if owner == self._pool else owner,
                "ActivityDate": str(lead["LastModifiedDate"])[:10],
                "CreatedDate": lead["LastModifiedDate"],
                "LastModifiedDate": lead["LastModifiedDate"],
                "SystemModstamp": lead["LastModifiedDate"],
            }
        )
