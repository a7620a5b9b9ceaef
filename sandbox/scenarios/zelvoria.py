"""Scenario "zelvoria": the launch of an invented medicine, on top of what `data/zelvoria.yaml` says of its people."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from sandbox.scenarios.crew import Member
from sandbox.scenarios.generic import Generic
from sandbox.scenarios.model import Record, Scenario
from sandbox.scenarios.salesforce_ids import stamp
from sandbox.scenarios.source import DATA, Source, read
from sandbox.scenarios.zelvoria_assets import ASSETS, asset_records
from sandbox.scenarios.zelvoria_files import congress_files

LEADS = ("us_lead", "de_lead", "uk_lead", "congress_lead")
_NOTE = "doc says it stopped working after 3 weeks"
_CALLS = ("Detailed Zelvoria, interested", "Left the dosing guide with the nurse", "Short visit, wants the new data")


def zelvoria(contacts: int, seed: int) -> Scenario:
    """The shipped launch; the same arguments give the same scenario everywhere."""
    return launch(read(DATA / "zelvoria.yaml"), contacts, seed)


def launch(source: Source, contacts: int, seed: int) -> Scenario:
    """A launch as the file describes it."""
    made = Generic(source, contacts, seed)
    rng = random.Random(f"{source.data['name']}/{contacts}/{seed}/launch")
    return _Launch(made, rng).scenario()


class _Launch:
    def __init__(self, made: Generic, rng: random.Random) -> None:
        self._made = made
        self._rng = rng
        self._data: dict[str, Any] = made.source.data["data"]
        places = [row for spec in made.crowd.specs.values() for row in spec["together"]]
        territories = list(dict.fromkeys(row["hcp_territory"] for row in places))
        reps = [member for member in made.members if member.team == "rep"]
        if len(reps) != len(territories):
            raise made.source.error(("staff", "people"), f"{len(territories)} territories need as many of mailbox rep")
        self.rep_of: dict[str, Member] = dict(zip(territories, reps, strict=True))
        self.stale = self._realign()
        self._own()
        self.truth: dict[str, Any] = {}

    def scenario(self) -> Scenario:
        """The people's scenario with what a launch adds to it."""
        self._practices()
        self._visits()
        base = self._made.scenario()
        self._campaigns(base)
        assets = asset_records(self._data["assets"], self._made.members[0].user_id)
        for record in assets:
            self._made.crm.add(ASSETS, record)
        files, resent = congress_files(
            self._rng, base.hubspot_contacts, self._made.source.data["engagement"]["events"][-1]["start"],
            int(self._data["scans_per_day"]),
        )  # fmt: skip
        cases = self._cases(base)
        return replace(
            base,
            salesforce_records=self._made.crm.records,
            truth={
                **base.truth,
                "leads": sum(base.truth["kinds"][kind] for kind in LEADS if kind in base.truth["kinds"]),
                "cases": cases,
                "rates": {name: len(found) for name, found in cases.items()},
                "territories": {name: rep.email for name, rep in self.rep_of.items()},
                "left": {"rep": self._leaver().email, "on": self._data["left_on"]},
                "realigned": {**self._data["realigned"], "stale": self.stale},
                "assets": dict(Counter(record["Status__c"] for record in assets)),
                "emails": [email["name"] for email in self._made.source.data["engagement"]["emails"]],
                "files": files,
                "resent": resent,
            },
        )

    # -- territories and their representatives --------------------------------------------------------------------

    def _leaver(self) -> Member:
        return next(rep for rep in self.rep_of.values() if not rep.active)

    def _realign(self) -> list[str]:
        """From the realignment on, leads carry the new territory; the older contacts' old one is stale."""
        moved = self._data["realigned"]
        since = f"{datetime.fromisoformat(moved['on']):%Y-%m-%dT%H:%M:%S}"
        stale = []
        for contact in self._made.contacts.values():
            if contact.get("zip") == moved["zip"] and contact.get("hcp_territory") == moved["from"]:
                if contact["createdate"] < since:
                    stale.append(contact["hs_object_id"])
                else:
                    contact["hcp_territory"] = moved["to"]
        return stale

    def _own(self) -> None:
        """The CRM is realigned already, and every record there belongs to its territory's representative."""
        moved = self._data["realigned"]
        for name, known in self._made.crm.known.items():
            for slot, record in known.items():
                contact = self._made.contacts[slot]
                territory = str(record["Territory__c"])
                if contact.get("zip") == moved["zip"] and territory == moved["from"]:
                    territory = record["Territory__c"] = moved["to"]
                record["OwnerId"] = self.rep_of[territory].user_id
                if name == "Contact":
                    record["NPI__c"] = contact.get("npi")
                    record["PDRP__c"] = contact.get("pdrp_opt_out") == "true"
                    record["No_Contact__c"] = record["DoNotCall"] = contact.get("no_contact") == "true"
        left = stamp(datetime.fromisoformat(self._data["left_on"]))
        for user in self._made.crm.records["User"]:
            if user["Id"] == self._leaver().user_id:
                user.update(LastModifiedDate=left, SystemModstamp=left)

    # -- what sales did ---------------------------------------------------------------------------------------------

    def _practices(self) -> None:
        """An account for every practice that a known doctor names."""
        crm, accounts = self._made.crm, {}
        managers = [member.user_id for member in self._made.members if member.team == "account"]
        for place, record in enumerate(crm.records.get("Account", [])):
            record["OwnerId"] = managers[place % len(managers)]
        for slot, record in crm.known.get("Contact", {}).items():
            name = self._made.contacts[slot].get("company")
            if not name:
                continue
            if name not in accounts:
                owner = self._made.members[0].user_id
                accounts[name] = crm.add(
                    "Account", {"Name": name, "Type": "Prospect", "Industry": "Healthcare", "OwnerId": owner}
                )["Id"]
            record["AccountId"] = accounts[name]

    def _visits(self) -> None:
        """Notes of visits; one in a hundred tells of an effect that was lost, another names a replaced material."""
        crm, rng = self._made.crm, self._rng
        known = list(crm.known.get("Lead", {}).values()) + list(crm.known.get("Contact", {}).values())
        self.told: dict[str, list[str]] = {"D54": [], "D61": []}
        for place, record in enumerate(rng.sample(known, (len(known) + 9) // 10)):
            task: Record = {
                "Subject": "Visit",
                "Status": "Completed",
                "Priority": "Normal",
                "WhoId": record["Id"],
                "OwnerId": record["OwnerId"],
                "Description": _CALLS[int(rng.random() * len(_CALLS))],
                "ActivityDate": f"2026-11-{2 + int(rng.random() * 14):02d}",
                "Asset_Used__c": f"ZEL-{1 + int(rng.random() * 7):03d} v1",
            }
            case = {0: "D54", 1: "D61"}.get(place % 100, "")
            if case == "D54":
                task["Description"] = _NOTE
            elif case == "D61":
                task["Asset_Used__c"] = "ZEL-014 v2"
                task["ActivityDate"] = "2026-11-13"
            made = crm.add("Task", task)
            if case:
                self.told[case].append(made["Id"])

    def _campaigns(self, base: Scenario) -> None:
        """Webinars, congress and e-mail programs as the CRM's campaigns; doctors known there are members of events."""
        crm = self._made.crm
        by_contact = {self._made.ids[slot]: record for slot, record in crm.known.get("Contact", {}).items()}
        for event in base.hubspot_marketing_events:
            kind = "Webinar" if event["eventType"] == "WEBINAR" else "Conference"
            campaign = crm.add("Campaign", {
                "Name": event["eventName"], "Type": kind, "Status": "Completed", "IsActive": True,
                "StartDate": event["startDateTime"][:10], "EndDate": event["endDateTime"][:10],
            })  # fmt: skip
            for one in event["attendances"]:
                if one["state"] == "ATTENDED" and one["contact"] in by_contact:
                    member = {"CampaignId": campaign["Id"], "ContactId": by_contact[one["contact"]]["Id"]}
                    crm.add("CampaignMember", {**member, "Status": "Responded"})
        for email in self._made.source.data["engagement"]["emails"]:
            crm.add("Campaign", {"Name": email["name"], "Type": "Email", "Status": "In Progress", "IsActive": True})

    def _cases(self, base: Scenario) -> dict[str, list[str]]:
        """The cases of contacts by HubSpot id; D54, D61 and D65 by the id of the CRM's record."""
        leaver = self._leaver().user_id
        orphans = [record["Id"] for record in self._made.crm.records.get("Lead", []) if record["OwnerId"] == leaver]
        return {**base.truth["cases"], **self.told, "D65": orphans}
