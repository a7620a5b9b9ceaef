"""What happens to a lead after its first delivery: in HubSpot, in Salesforce, and between two writes."""

import re

import pytest

from tests.home import Home
from tests.vendors import Vendors
from tests.way import Fault, Way


def one_lead(vendors: Vendors) -> dict[str, object]:
    [lead] = vendors.ours("Lead").values()
    return lead


@pytest.mark.feature("NRM-03", "HND-04")
def test_a_new_phone_is_one_update_and_no_second_task(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry(phone="")])
    home.sync()
    assert "Phone" not in one_lead(vendors)
    vendors.change(contact, phone="(312) 555-0177")
    vendors.forget_requests()
    written = home.sync()["written"]["salesforce"]
    assert written["Lead"] == {"created": 0, "updated": 1, "unchanged": 0, "failed": 0}
    assert written.get("Task", {"created": 0, "updated": 0})["created"] == 0
    assert one_lead(vendors)["Phone"] == "+13125550177"
    assert len(vendors.records("Task")) == 1
    assert sum(vendors.writes().values()) == 1


def test_what_the_crm_has_is_filled_not_overwritten(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry(phone="(312) 555-0142")])
    home.sync()
    vendors.change(contact, phone="(312) 555-0177")
    home.sync()
    assert one_lead(vendors)["Phone"] == "+13125550142"


@pytest.mark.feature("RTE-01")
def test_a_manual_owner_change_is_preserved(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry()])
    home.sync()
    lead = one_lead(vendors)
    other = next(one["Id"] for one in vendors.records("User") if one["Id"] != lead["OwnerId"] and one["IsActive"])
    vendors.edit("Lead", str(lead["Id"]), OwnerId=other, Status="Working - Contacted")
    vendors.change(contact, desired_timeline="Within a month")
    assert home.sync()["written"]["salesforce"]["Lead"]["updated"] == 1
    after = one_lead(vendors)
    assert (after["OwnerId"], after["Status"]) == (other, "Working - Contacted")


@pytest.mark.feature("STG-01")
def test_the_crm_is_told_the_status_that_was_reached(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    home.sync()
    [lead] = home.rows("lead")
    assert lead["status"] == one_lead(vendors)["Crosswalk_Status__c"] == "assigned"


@pytest.mark.feature("NRM-03")
def test_a_second_inquiry_of_a_person_is_part_of_their_open_lead(vendors: Vendors, home: Home) -> None:
    given = vendors.inquiry()
    vendors.create([given])
    home.sync()
    again = {**given, "email": "another.address@inbox.example.org", "inquiry_at": "2026-11-16T14:30:00Z"}
    vendors.create([again])  # the same phone and name
    written = home.sync()["written"]["salesforce"]
    assert written["Lead"]["created"] == 0 and len(vendors.ours("Lead")) == 1
    assert len(vendors.records("Task")) == 1


def test_a_change_that_fails_a_gate_waits_and_a_correction_goes_on(vendors: Vendors, home: Home) -> None:
    [contact, *_] = vendors.create([vendors.inquiry() for _ in range(8)])
    home.sync()
    before = vendors.ours("Lead")
    vendors.change(contact, email="", phone="")
    ended = home.run("sync", "--json")
    assert ended.code == 3, "one row was new, and one is in quarantine"
    [row] = home.do("quarantine", "list")
    assert (row["external_id"], row["reason"]) == (contact, "NOT_CONTACTABLE")
    assert vendors.ours("Lead") == before, "nothing of the failed change reaches the CRM"
    vendors.change(contact, phone="(312) 555-0188")
    assert home.sync()["written"]["salesforce"]["Lead"]["failed"] == 0
    assert home.do("quarantine", "list") == []
    assert home.run("quarantine", "show", str(row["id"]), "--json").document["state"] == "superseded"


def test_a_row_quarantined_at_first_becomes_a_lead_when_it_is_corrected(vendors: Vendors, home: Home) -> None:
    [contact, *_] = vendors.create([vendors.inquiry(email="", phone=""), *(vendors.inquiry() for _ in range(8))])
    home.sync()
    assert len(vendors.ours("Lead")) == 8
    vendors.change(contact, email="reachable@inbox.example.org")
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 1
    assert home.do("quarantine", "list") == []


@pytest.mark.feature("QUA-02")
def test_a_withdrawn_permission_stops_what_has_not_gone_out(
    vendors: Vendors, troubled: Home, ways: tuple[Way, Way]
) -> None:
    [contact] = vendors.create([vendors.inquiry()])
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Lead", 418, {"error": "teapot"}))
    assert troubled.run("sync").code == 1
    ways[1].clear()
    vendors.change(contact, email_permission="false", phone_permission="false")
    document = troubled.run("sync", "--json").document
    assert vendors.ours("Lead") == {}
    assert {"CONSENT_WITHDRAWN", "NO_CONSENT"} & set(document["reasons"])


@pytest.mark.feature("HND-04")
def test_killed_between_record_and_task(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    vendors.create([vendors.inquiry() for _ in range(5)])
    running = troubled.start("sync", "--json")

    def kill_at_the_first_task(when: str, method: str, path: str) -> None:
        if when == "before" and method == "PATCH" and re.search(r"composite/sobjects/Task", path):
            running.kill()

    ways[1].watch = kill_at_the_first_task
    assert running.wait().code == -9
    # The proxy passes on what it has; whether the vendor saw it or not, the next run must end the same.
    assert len(vendors.ours("Lead")) == 5
    ways[1].clear()
    leads = vendors.ours("Lead")
    written = troubled.sync()["written"]["salesforce"]
    assert "Lead" not in written and vendors.ours("Lead") == leads
    assert len(vendors.ours("Task")) == len(vendors.records("Task")) == 5
    assert {one["WhoId"] for one in vendors.records("Task")} == {one["Id"] for one in leads.values()}


@pytest.mark.feature("HND-04")
def test_stopped_between_record_and_task(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    vendors.create([vendors.inquiry() for _ in range(5)])
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Task", 418, {"error": "teapot"}))
    assert troubled.run("sync").code == 1
    assert (len(vendors.ours("Lead")), len(vendors.ours("Task"))) == (5, 0)
    written = troubled.sync()["written"]["salesforce"]
    assert written == {"Task": {"created": 5, "updated": 0, "unchanged": 0, "failed": 0}}


@pytest.mark.feature("HND-04")
def test_an_answer_that_never_came_creates_nothing_twice(
    vendors: Vendors, troubled: Home, ways: tuple[Way, Way]
) -> None:
    """The vendor has committed, and the connection breaks."""
    vendors.create([vendors.inquiry() for _ in range(5)])
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Lead", commits=True, hangs_up=True))
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Task", commits=True, hangs_up=True))
    troubled.sync()
    assert len(vendors.records("Lead")) == len(vendors.records("Task")) == 5


def test_one_person_with_two_motions_has_two_leads(vendors: Vendors, home: Home) -> None:
    """A clinician who sends a patient and is one herself; the CRM knows her from before."""
    own = vendors.inquiry(lastname="Doubleday")
    names = {"FirstName": own["firstname"], "LastName": "Doubleday", "Phone": own["phone"]}
    vendors.insert("Lead", Company="Individual", **names)
    home.do("link")
    referring = {**own, "audience_type": "Physician", "email": "", "company": "Example Practice"}
    vendors.create([own, referring])
    document = home.sync()
    assert document["written"]["salesforce"]["Lead"]["failed"] == 0, document["reasons"]
    assert len(home.rows("lead")) == 2 and len({row["person_id"] for row in home.rows("lead")}) == 1
    assert len(vendors.ours("Lead")) == len(vendors.records("Lead")) == 2
