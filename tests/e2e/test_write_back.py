"""What sales did comes to marketing's own contacts: with the command line, over the wire, and back again."""

import json
from typing import Any

import pytest

from tests.home import Home
from tests.vendors import Vendors
from tests.way import Way

pytestmark = pytest.mark.feature("FBK-06")
UPDATE = "contacts/batch/update"
OURS = {
    *("crosswalk_lead_id", "crosswalk_status", "crosswalk_stage", "crosswalk_reason", "crosswalk_segment"),
    *("crosswalk_suppressed", "crosswalk_next_nurture_on", "lifecyclestage", "hs_lead_status"),
}


@pytest.fixture
def home(home: Home, vendors: Vendors) -> Home:
    """A home whose vendors have what the mappings need."""
    home.do("setup")
    return home


def told(vendors: Vendors) -> dict[str, dict[str, str]]:
    """Contact -> what it says of its lead, the empty properties left out."""
    found = vendors.ask("dump", system="hubspot")["hubspot"]["contacts"]
    return {
        one["id"]: {name: value for name, value in one["properties"].items() if name in OURS and value} for one in found
    }


def crm(vendors: Vendors, home: Home, contact: str) -> str:
    """The record of a contact's lead in the CRM."""
    (lead,) = [row["lead_id"] for row in home.rows("lead") if row["external_id"] == contact]
    return str(vendors.ours("Lead")[lead]["Id"])


def sell(vendors: Vendors, home: Home, contact: str, status: str, **others: object) -> None:
    """Sales says how it went."""
    vendors.edit("Lead", crm(vendors, home, contact), Crosswalk_Sales_Status__c=status, **others)


def test_marketing_learns_what_sales_did(vendors: Vendors, home: Home) -> None:
    accepted, given_back, refused, untouched = vendors.create([vendors.inquiry() for _ in range(4)])
    home.sync()
    assert home.do("return-outcomes")["written"]["hubspot"]["contacts"]["updated"] == 4
    vendors.later(600)
    sell(vendors, home, accepted, "accepted")
    sell(vendors, home, given_back, "recycled", Crosswalk_Reason__c="not_now")
    sell(vendors, home, refused, "disqualified", Crosswalk_Reason__c="opted_out")
    document = home.do("return-outcomes")
    assert document["written"]["hubspot"]["contacts"] == {"created": 0, "updated": 3, "unchanged": 0, "failed": 0}
    said = told(vendors)
    assert said[accepted]["crosswalk_status"] == "accepted"
    assert said[accepted]["hs_lead_status"] == "IN_PROGRESS"
    assert (said[given_back]["crosswalk_status"], said[given_back]["crosswalk_reason"]) == ("recycled", "not_now")
    assert said[given_back]["crosswalk_next_nurture_on"] and said[given_back]["lifecyclestage"] == "lead"
    assert (said[refused]["crosswalk_reason"], said[refused]["crosswalk_suppressed"]) == ("opted_out", "true")
    assert said[untouched]["crosswalk_status"] == "assigned"


def test_what_marketing_may_not_know_never_leaves(vendors: Vendors, home: Home, ways: tuple[Way, Way]) -> None:
    """A patient's interest, insurance and medical question stay here; marketing gets its own fields and ids."""
    home.settings.update(vendors.settings(ways[0].url, ways[1].url))
    secret = {"service_line_interest": "Women's Health", "insurance_plan": "prairie blue"}
    contacts = vendors.create([vendors.inquiry(**secret) for _ in range(3)])
    home.sync()
    home.do("return-outcomes")
    vendors.later(600)
    for contact, reason in zip(contacts, ("medical_question", "payer_not_accepted", "adverse_event"), strict=True):
        sell(vendors, home, contact, "disqualified", Crosswalk_Reason__c=reason)
    home.do("return-outcomes")
    assert {row["reason"] for row in home.rows("lead")} == {"medical_question", "payer_not_accepted", "adverse_event"}
    bodies = [one.body.decode() for one in ways[0].asked if one.method == "POST" and one.path.endswith(UPDATE)]
    assert len(bodies) == 2
    leads = {row["external_id"]: row for row in home.rows("lead")}
    for body in bodies:
        for one in json.loads(body)["inputs"]:
            assert set(one["properties"]) <= OURS
            lead = leads[one["id"]]
            for value in (lead["service_line"], lead["payer"], lead["reason"], lead["campaign_code"], lead["location"]):
                assert value is None or value not in one["properties"].values()
    assert all(
        one["crosswalk_status"] == "disqualified" and "crosswalk_reason" not in one for one in told(vendors).values()
    )
    suppressed = [one["crosswalk_suppressed"] for one in told(vendors).values()]
    assert sorted(suppressed) == ["false", "false", "true"]


@pytest.mark.feature("FBK-11")
def test_sync_return_sync_return_is_quiet_at_the_end(vendors: Vendors, home: Home) -> None:
    contacts = vendors.create([vendors.inquiry() for _ in range(6)])
    home.sync()
    sell(vendors, home, contacts[0], "accepted")
    sell(vendors, home, contacts[1], "recycled", Crosswalk_Reason__c="no_budget")
    home.do("return-outcomes")
    vendors.later(600)
    home.sync()
    home.do("return-outcomes")
    vendors.forget_requests()
    before, kept = vendors.dump(), (home.rows("lead"), home.rows("outbox"), home.rows("known"), home.rows("conflict"))
    for _ in range(2):
        home.sync()
        home.do("return-outcomes")
    assert vendors.writes() == {}
    assert vendors.dump() == before
    assert (home.rows("lead"), home.rows("outbox"), home.rows("known"), home.rows("conflict")) == kept
    assert kept[-1] == []


@pytest.mark.feature("FBK-11")
def test_both_sides_edit_and_the_authority_wins(vendors: Vendors, home: Home) -> None:
    """Marketing overwrites the hub's status, sales the city that the hub then changes; both losers are logged."""
    (contact,) = vendors.create([vendors.inquiry(city="Joliet")])
    home.sync()
    home.do("return-outcomes")
    vendors.later(600)
    vendors.change(contact, crosswalk_status="customer (says marketing)", city="Aurora")
    vendors.edit("Lead", crm(vendors, home, contact), City="Elgin")
    document = home.sync()
    assert [(one["system"], one["field"], one["winner"], one["records"]) for one in document["conflicts"]] == [
        ("hubspot", "crosswalk_status", "hub", 1),
        ("salesforce", "City", "crm", 1),
    ]
    home.do("return-outcomes")
    assert told(vendors)[contact]["crosswalk_status"] == "assigned"
    (lead,) = vendors.ours("Lead").values()
    assert lead["City"] == "Elgin"
    assert "Elgin" not in str(home.rows("conflict")) and "says marketing" not in str(home.rows("conflict"))
    vendors.later(600)
    assert home.sync()["conflicts"] == []
    assert home.do("return-outcomes")["conflicts"] == []


def test_a_dry_run_of_the_way_back_changes_nothing(vendors: Vendors, home: Home) -> None:
    (contact,) = vendors.create([vendors.inquiry()])
    home.sync()
    sell(vendors, home, contact, "accepted")
    vendors.forget_requests()
    before = vendors.dump(), home.content()
    planned: dict[str, Any] = home.do("return-outcomes", "--dry-run")
    assert planned["written"]["hubspot"]["contacts"]["updated"] == 1
    assert vendors.writes() == {}
    assert (vendors.dump(), home.content()) == before


def test_a_portal_without_the_properties_is_told_what_to_do(vendors: Vendors, home: Home, fresh_portal: None) -> None:
    vendors.create([vendors.inquiry()])
    home.sync()
    ended = home.run("return-outcomes", "--json")
    assert ended.code != 0
    assert "crosswalk setup" in ended.err
    assert {row["state"] for row in home.rows("outbox") if row["target"] == "hubspot"} == {"pending"}
    home.do("setup")
    assert home.do("return-outcomes")["written"]["hubspot"]["contacts"]["updated"] == 1


@pytest.fixture
def fresh_portal(vendors: Vendors, home: Home) -> None:
    """A portal that nobody has set up."""
    vendors.load(fields=False)
    vendors.set_up(vendors.fields)
