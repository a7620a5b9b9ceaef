"""Invented medical practices around Lakeshore; the first of them are its referral partners."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.scenarios.lakeshore_labels import PARTNER_COUNT, pick
from sandbox.scenarios.model import SCENARIO_NOW, Record
from sandbox.scenarios.places import NEAR
from sandbox.scenarios.salesforce_ids import record_id, stamp

_PLACES = """
Northside Westgate Eastbrook Southmere Harborview Lakebluff Prairie Riverbend Oakridge Maplecrest Birchwood Elmhaven
Stonebridge Fairmeadow Highfield Brookside Cedarline Pinehurst Willowmere Summitview Millpond Greenfield Sandhill
Rosewater Ironwood Foxglove Larkspur Heronsgate Kingsmere Bellweather Clearwater Dunesview Evergale Foundry Glenmoor
""".split()
_KINDS = (
    ("Family Medicine", "family"), ("Internal Medicine", "internal"), ("Pediatric Group", "pediatrics"),
    ("Women's Clinic", "womens"), ("Primary Care", "primarycare"), ("Medical Group", "medical"),
    ("Urgent Care", "urgentcare"), ("Health Partners", "partners"), ("Physicians", "physicians"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice that refers patients; `partner` is empty for those without an agreement."""

    number: int
    name: str
    domain: str
    partner: str
    zip: str
    city: str
    state: str

    @property
    def account_id(self) -> str:
        return record_id("Account", self.number)


def practices(rng: random.Random, contacts: int) -> list[Practice]:
    """120 practices and some more for bigger sizes; every name and domain occurs once."""
    made = []
    places = [place for near in NEAR.values() for place in near]
    for index in range(120 + contacts // 200):
        turn, position = divmod(index, len(_PLACES) * len(_KINDS))
        # Steps through both lists at once, so that neighbours differ in place and in kind.
        kind, slug = _KINDS[(position + position // len(_PLACES)) % len(_KINDS)]
        place = _PLACES[position % len(_PLACES)]
        extra = f" {turn + 1}" if turn else ""
        zip_code, city, state = pick(rng, places)
        partner = f"PTR-{index + 1:04d}" if index < PARTNER_COUNT else ""
        domain = f"{place.lower()}-{slug}{extra.strip()}.example.org"
        made.append(Practice(index + 1, f"{place} {kind}{extra}", domain, partner, zip_code, city, state))
    return made


def accounts(made: list[Practice], owner_id: str) -> list[Record]:
    """The practices as Salesforce accounts, then one that holds the patients."""
    created = stamp(SCENARIO_NOW.replace(month=3))
    records: list[Record] = [
        {
            "Id": practice.account_id,
            "Name": practice.name,
            "AccountNumber": practice.partner or None,
            "Type": "Customer - Channel" if practice.partner else "Prospect",
            "Industry": "Healthcare",
            "Website": f"https://{practice.domain}",
            "BillingCity": practice.city,
            "BillingState": practice.state,
            "BillingPostalCode": practice.zip,
            "BillingCountry": "United States",
            "OwnerId": owner_id,
            "CreatedDate": created,
            "LastModifiedDate": created,
            "SystemModstamp": created,
        }
        for practice in made
    ]
    records.append(
        {
            "Id": record_id("Account", len(made) + 1),
            "Name": "Individual patients",
            "Type": "Other",
            "Industry": "Healthcare",
            "OwnerId": owner_id,
            "CreatedDate": created,
            "LastModifiedDate": created,
            "SystemModstamp": created,
        }
    )
    return records
