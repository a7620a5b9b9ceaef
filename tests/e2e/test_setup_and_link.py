"""Before the first write: fields are made, and what the CRM has already is tied to people."""

import pytest

from tests.home import Home
from tests.vendors import Vendors


def test_setup_creates_the_fields_once(vendors: Vendors, home: Home) -> None:
    vendors.load(0, fields=False)
    looked = home.run("setup", "--check", "--json")
    assert looked.code == 1 and looked.document["counts"]["missing"] > 20
    assert vendors.writes() == {}
    first = home.do("setup")
    assert first["ok"] is True and first["counts"]["created"] == looked.document["counts"]["missing"]
    vendors.forget_requests()
    again = home.do("setup")
    assert set(again["counts"]) == {"present"} and vendors.writes() == {}
    assert home.do("setup", "--check")["ok"] is True


def test_a_sync_before_setup_says_so(vendors: Vendors, home: Home) -> None:
    vendors.load(0, fields=False)
    vendors.create([vendors.inquiry()])
    ended = home.run("sync")
    assert ended.code == 1 and "SCHEMA_DRIFT" in ended.err and "crosswalk setup" in ended.err
    home.do("setup")
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 1, "nothing is lost by it"


def test_a_linked_lead_is_updated(vendors: Vendors, home: Home) -> None:
    """By phone and name: their e-mail in the CRM is another one, so only the link can know."""
    given = vendors.inquiry(lastname="Linkwood")
    old = vendors.insert(
        "Lead",
        FirstName=given["firstname"],
        LastName="Linkwood",
        Company="Individual",
        Phone=given["phone"],
        Email="old.address@inbox.example.org",
    )
    counts = home.do("link")["counts"]["salesforce Lead"]
    assert counts == {"linked": 1, "ambiguous": 0, "closed": 0, "no_key": 0}
    vendors.create([given])
    written = home.sync()["written"]["salesforce"]
    assert written["Lead"] == {"created": 0, "updated": 1, "unchanged": 0, "failed": 0}
    [lead] = vendors.records("Lead")
    assert lead["Id"] == old and lead["Crosswalk_Id__c"]
    assert lead["Email"] == "old.address@inbox.example.org", "what sales has is filled, not overwritten"
    [task] = vendors.records("Task")
    assert task["WhoId"] == old


@pytest.mark.feature("NRM-03")
def test_without_a_link_an_open_lead_with_the_same_address_is_adopted(vendors: Vendors, home: Home) -> None:
    given = vendors.inquiry(email="Same.Address@Inbox.example.org")
    old = vendors.insert("Lead", LastName="Whoever", Company="Individual", Email="same.address@inbox.example.org")
    vendors.create([given])
    written = home.sync()["written"]["salesforce"]["Lead"]
    assert written == {"created": 0, "updated": 1, "unchanged": 0, "failed": 0}
    [lead] = vendors.records("Lead")
    assert lead["Id"] == old and lead["LastName"] == "Whoever"


def test_two_open_leads_with_the_same_address_wait_for_a_person(vendors: Vendors, home: Home) -> None:
    twins = [
        vendors.insert("Lead", LastName=name, Company="Individual", Email="twin@inbox.example.org")
        for name in ("Twinsley", "Twinsely")
    ]
    linked = home.do("link")
    assert linked["counts"]["salesforce Lead"]["ambiguous"] == 2
    assert {one["record_id"] for one in linked["ambiguous"]} == set(twins)
    vendors.create([vendors.inquiry(email="twin@inbox.example.org"), vendors.inquiry()])
    document = home.sync()
    assert document["written"]["salesforce"]["Lead"]["created"] == 1
    assert document["reasons"]["CRM_AMBIGUOUS"] == 1
    assert [one for one in vendors.records("Lead") if one["Id"] in twins and one.get("Crosswalk_Id__c")] == []


def test_a_converted_lead_is_left_alone(vendors: Vendors, home: Home) -> None:
    truth = vendors.load(400)
    counts = home.do("link")["counts"]["salesforce Lead"]
    assert counts["closed"] > 0, truth["crm"]
    converted = {one["Id"]: one for one in vendors.records("Lead") if one["IsConverted"]}
    home.sync()
    after = {one["Id"]: one for one in vendors.records("Lead") if one["IsConverted"]}
    assert after == converted


def test_link_twice_is_link_once(vendors: Vendors, home: Home) -> None:
    vendors.load(300)
    first = home.do("link")
    rows = home.rows("link"), home.rows("person"), home.rows("person_key")
    again = home.do("link")
    assert again["counts"] == first["counts"]
    assert (home.rows("link"), home.rows("person"), home.rows("person_key")) == rows
    assert vendors.writes() == {}


def test_lakeshore_has_no_duplicate_lead_after_link_and_sync(vendors: Vendors, home: Home) -> None:
    vendors.load(600)
    before = [one["Email"].lower() for one in vendors.records("Lead") if one.get("Email") and not one["IsConverted"]]
    home.do("link")
    home.sync()
    after = [one["Email"].lower() for one in vendors.records("Lead") if one.get("Email") and not one["IsConverted"]]
    twice = {one for one in after if after.count(one) > 1}
    assert twice == {one for one in before if before.count(one) > 1}, "only the CRM's own duplicates remain"
    assert len(vendors.ours("Task")) == len(vendors.ours("Lead"))
