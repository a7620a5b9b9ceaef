"""HND-07: `crosswalk explain` tells the whole path of a lead, by any key, to people who have never seen the code."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.explained import AS_OF, LATER, explained, step, synced, told
from tests.e2e.test_privacy import personal_values
from tests.home import Home
from tests.vendors import Vendors

pytestmark = pytest.mark.feature("HND-07")

TWIN = {"firstname": "Ilka", "lastname": "Twin-Amberly", "phone": "(312) 555-0177"}
"""HubSpot refuses a second contact with the same e-mail address; the same name and phone are the same person too."""


def test_a_routed_lead_is_found_by_every_key(vendors: Vendors, home: Home) -> None:
    (contact,) = vendors.create([vendors.inquiry(email="Ada.Routed@inbox.example.org", phone="(312) 555-0142")])
    synced(home)
    (lead,) = home.rows("lead")
    record = vendors.ours("Lead")[lead["lead_id"]]["Id"]
    (task,) = [one["Id"] for one in vendors.records("Task")]
    keys = ["ada.routed@inbox.example.org", contact, record, record[:15], task, lead["lead_id"], lead["person_id"]]
    documents = [explained(home, key) for key in keys]
    assert all(one == documents[0] for one in documents[1:])
    document = documents[0]
    assert document["lead_id"] == lead["lead_id"] and document["person_id"] == lead["person_id"]
    assert (document["status"], document["processing_state"]) == ("assigned", "accepted")
    assert document["owner"] == lead["owner_id"] and document["others"] == []
    assert document["targets"]["salesforce"] == {
        "Lead": {"id": record, "state": "linked"},
        "Task": {"id": task, "state": "linked"},
    }
    assert [one["step"] for one in document["path"]][:4] == ["land", "qualify", "route", "stage"]
    qualified, routed = step(document, "qualify"), step(document, "route")
    assert qualified["result"] == "marketing_qualified" and "fit-service +40" in qualified["reasons"]
    assert qualified["version"] == routed["version"] == lead["definitions_version"]
    assert (routed["rule"], routed["result"], routed["detail"]["owner"]) == ("patient", "owner", lead["owner_id"])
    assert {one["reason"] for one in routed["detail"]["refused"]} >= {"OTHER_SERVICE_LINE", "INACTIVE", "MORE_LOADED"}
    written = [one for one in document["path"] if one["step"] == "apply"]
    assert [(one["result"], one["detail"]["record_id"]) for one in written] == [("created", record), ("created", task)]
    assert "Email" in written[0]["detail"]["fields"], "names of fields, never values"


def test_it_reads_like_english(vendors: Vendors, home: Home) -> None:
    (contact,) = vendors.create([vendors.inquiry(email="ada.routed@inbox.example.org", phone="(312) 555-0142")])
    synced(home)
    text = told(home, contact)
    (lead,) = home.rows("lead")
    owner = lead["owner_id"]
    for said in (
        "a***@inbox.example.org, +1***0142",
        "assigned: has an owner in sales",
        f"owner {owner} ({owner}@lakeshore.example.org)",
        f"Read from hubspot contacts {contact}.",
        "Qualified: fit 85 (asks for something we offer +40, lives where we work +30, names a plan we accept +15)",
        "asked for 40 and 30 -> marketing_qualified (definitions 2026.11)",
        f"Routed to {owner}: rule patient (intake by service line). Passed over: ",
        "intake13: not active",
        "Status: new -> marketing_qualified -> assigned",
        "Created salesforce Lead 00Q",
        f"Sales has it: {owner} is to take it; first touch due 2026-11-16.",
        "--reveal shows them",
    ):
        assert said in text, said


def test_a_lead_that_waits_for_capacity(vendors: Vendors, home: Home) -> None:
    (contact,) = vendors.create([vendors.inquiry(service_line_interest="Neurology")])
    synced(home)
    document = explained(home, contact)
    assert (document["status"], document["processing_state"]) == ("marketing_qualified", "held_capacity")
    routed = step(document, "route")
    assert (routed["result"], routed["reasons"], routed["rule"]) == (
        "held",
        ["SERVICE_LINE_CLOSED"],
        "closed-service-line",
    )
    assert "salesforce" not in document["targets"] and "looked at again on 2026-12-01" in document["next"][0]
    assert "No place yet: rule closed-service-line" in told(home, contact)


@pytest.mark.parametrize(
    ("inquiry", "status", "state", "result", "reason", "ahead"),
    [
        (
            {"email_permission": "", "phone_permission": ""},
            *("new", "held_consent", "held", "NO_CONSENT", "permits contact"),
        ),
        (
            {"desired_timeline": "Just researching", "appointment_request": ""},
            *("nurturing", "accepted", "nurturing", "BELOW_THRESHOLD", "Marketing keeps in touch"),
        ),
        (
            {"zip": "94105", "state": "CA"},
            *("disqualified", "accepted", "disqualified", "OUT_OF_AREA", "it is closed"),
        ),
    ],
)
def test_a_lead_that_stays_with_marketing(
    vendors: Vendors,
    home: Home,
    inquiry: dict[str, str],
    status: str,
    state: str,
    result: str,
    reason: str,
    ahead: str,
) -> None:
    (contact,) = vendors.create([vendors.inquiry(**inquiry)])
    synced(home)
    document = explained(home, contact)
    assert (document["status"], document["processing_state"]) == (status, state)
    qualified = step(document, "qualify")
    assert (qualified["result"], qualified["reasons"][0]) == (result, reason)
    assert document["owner"] is None and "salesforce" not in document["targets"] and ahead in document["next"][0]
    assert reason in told(home, contact)


def test_a_contact_in_quarantine_and_a_dropped_one(vendors: Vendors, home: Home) -> None:
    """They never became leads, and still "where is this contact?" is answered; by an address that is no key as well."""
    quarantined, dropped, held = vendors.create(
        [
            vendors.inquiry(email="", phone=""),
            vendors.inquiry(email="test@test.com"),
            vendors.inquiry(email="Bela.Typo@gmail.con", phone=""),
        ]
    )
    synced(home)
    nobody: dict[str, Any] = {
        "lead_id": None,
        "person_id": None,
        "status": None,
        "stage": None,
        "owner": None,
        "targets": {},
    }
    document = explained(home, quarantined)
    assert {name: document[name] for name in nobody} == nobody
    assert document["processing_state"] == "quarantined"
    assert [one["step"] for one in document["path"]] == ["land", "gate_shaped"]
    assert document["path"][-1]["reasons"] == ["NOT_CONTACTABLE"]
    (row,) = [one["id"] for one in home.do("quarantine", "list") if one["external_id"] == quarantined]
    assert f"crosswalk quarantine show {row}" in document["next"][0]

    document = explained(home, dropped)
    assert document["processing_state"] == "dropped" and document["lead_id"] is None
    assert (document["path"][-1]["result"], document["path"][-1]["reasons"]) == ("rejected", ["TEST_RECORD"])
    assert explained(home, "test@test.com") == document
    assert "Dropped: TEST_RECORD (somebody tried the form out)" in told(home, dropped)

    document = explained(home, "bela.typo@gmail.con")
    assert document == explained(home, held)
    assert document["processing_state"] == "held_review" and document["path"][-1]["reasons"] == ["EMAIL_SUGGEST"]


def test_a_merged_duplicate_and_a_second_inquiry(vendors: Vendors, home: Home) -> None:
    """Two contacts of one person are one lead; another inquiry later goes on with it."""
    first, second = vendors.create(
        [
            vendors.inquiry(**TWIN, email="once@inbox.example.org", inquiry_at="2026-11-16T13:00:00Z"),
            vendors.inquiry(**TWIN, email="twice@inbox.example.org", inquiry_at="2026-11-16T14:00:00Z"),
        ]
    )
    synced(home)
    document = explained(home, first)
    assert document == explained(home, second)
    assert {one["detail"]["external_id"] for one in document["path"] if one["step"] == "land"} == {first, second}
    merged = step(document, "identify")
    assert merged["reasons"] == ["MERGED"] and "Folded into the person's lead" in merged["text"]

    vendors.change(second, desired_timeline="Within a month")
    synced(home, LATER)
    document = explained(home, "twice@inbox.example.org")
    landed = [
        (one["detail"]["external_id"], one["detail"]["again"]) for one in document["path"] if one["step"] == "land"
    ]
    assert sorted(landed[:2]) == [(first, False), (second, False)] and landed[2:] == [(second, True)]
    assert len([one for one in document["path"] if one["step"] == "qualify"]) == 2
    assert [one["result"] for one in document["path"] if one["step"] == "apply"] == ["created", "created", "updated"]
    assert "again, with new content" in told(home, first)


def test_somebody_with_two_leads(vendors: Vendors, home: Home) -> None:
    """As a patient and for an employer: the newest inquiry comes first, the other is named, either can be chosen."""
    email = "both@inbox.example.org"
    work = {"audience_type": "Employer", "company": "Prairie Mills", "inquiry_at": "2026-11-16T14:30:00Z"}
    as_patient, as_employer = vendors.create([vendors.inquiry(**TWIN), vendors.inquiry(**TWIN, email=email, **work)])
    synced(home)
    leads = {one["motion"]: one["lead_id"] for one in home.rows("lead")}
    document = explained(home, email)
    assert document["lead_id"] == leads["b2b"]
    assert document["others"] == [{"lead_id": leads["patient"], "status": "assigned", "motion": "patient"}]
    assert [one["detail"]["external_id"] for one in document["path"] if one["step"] == "land"] == [as_employer]
    chosen = explained(home, leads["patient"])
    assert chosen["lead_id"] == leads["patient"] and chosen["others"][0]["lead_id"] == leads["b2b"]
    assert [one["detail"]["external_id"] for one in chosen["path"] if one["step"] == "land"] == [as_patient]
    text = told(home, email)
    assert text.count("What happened") == 2 and all(f"Lead {one}" in text for one in leads.values())
    text = told(home, leads["patient"])
    assert text.count("What happened") == 1 and f"The person has other leads: {leads['b2b']}" in text


def test_a_write_that_was_refused_or_waits_is_told(vendors: Vendors, home: Home) -> None:
    """Several records of the CRM could be the lead's: what is held, why, and that a person must choose."""
    for _ in range(2):
        vendors.insert("Lead", LastName="Alike", Company="Alike", Email="alike@inbox.example.org")
    home.do("link")
    (contact,) = vendors.create([vendors.inquiry(email="alike@inbox.example.org")])
    synced(home)
    document = explained(home, contact)
    assert document["targets"]["salesforce"]["Lead"] == {
        "id": None,
        "state": "held",
        "outbox": "held",
        "reason": "CRM_AMBIGUOUS",
    }
    held = [one for one in document["path"] if one["reasons"] == ["CRM_AMBIGUOUS"]]
    assert [(one["step"], one["result"], one["detail"]["object"]) for one in held] == [("plan", "held", "Lead")]
    text = told(home, contact)
    assert "a person must choose" in text and "salesforce Lead is held: CRM_AMBIGUOUS" in text


def test_somebody_known_from_the_crm_only(vendors: Vendors, home: Home) -> None:
    record = vendors.insert("Lead", FirstName="Olga", LastName="Known", Company="K", Email="olga@inbox.example.org")
    home.do("link")
    document = explained(home, record)
    assert (document["lead_id"], document["processing_state"]) == (None, "no_inquiry")
    assert document == explained(home, "olga@inbox.example.org")
    assert document["targets"]["salesforce"]["Lead"]["id"] == record
    assert f"salesforce Lead {record} was recognised" in told(home, record)


def test_an_unknown_key_is_said_plainly(vendors: Vendors, home: Home) -> None:
    assert home.run("explain", "x").code == 2, "there is no hub yet"
    vendors.create([vendors.inquiry()])
    synced(home)
    for key in ("stranger.person@inbox.example.org", "4711", "00Q000000000001AAA", "no-such-lead"):
        ended = home.run("explain", key)
        assert ended.code == 2 and ended.out == "" and "has read nothing with this key" in ended.err
        assert "stranger" not in ended.err


@pytest.mark.feature("CON-02")
def test_nothing_personal_is_told(vendors: Vendors, home: Home) -> None:
    """Every kind of path of the scenario, for people and for programs; free text not even when revealed."""
    truth = vendors.load(400)
    home.do("link")
    synced(home, "2026-11-22T13:00:00Z")
    contacts = vendors.dump()["hubspot"]["contacts"]
    canaries = {text for texts in truth["canaries"].values() for text in texts}
    messages = {str(one["properties"].get("message") or "").strip() for one in contacts} - {""}
    values = personal_values(contacts) | canaries | messages
    assert len(canaries) > 20 and len(values) > 600
    cases = {(one["processing_state"], one["status"], one["reason"]): one["lead_id"] for one in home.rows("lead")}
    refused = {one["reason"]: one["unit"] for one in home.rows("verdict") if one["step"] in ("shape", "identify")}
    ids = {one["payload_id"]: one["external_id"] for one in home.rows("payload")}
    found = {one["payload_id"]: one["kind"] for one in home.rows("finding")}
    texts = [ids[unit] for unit in list(found)[:4]]
    keys = [*cases.values(), *(ids[unit] for unit in refused.values()), *texts]
    assert len(keys) >= 15
    shown = [home.run("explain", key, *options) for key in keys for options in ((), ("--json",))]
    assert {one.code for one in shown} == {0}
    assert [value for one in shown for value in values if value in one.out + one.err] == []
    revealed = [home.run("explain", key, *options, "--reveal") for key in texts for options in ((), ("--json",))]
    assert [text for one in revealed for text in messages if len(text) > 20 and text in one.out] == []


def test_codes_of_class_three_are_withheld_until_revealed(vendors: Vendors, home: Home) -> None:
    """A patient's topic decides the route, and is not told; who may see it asks for it."""
    (contact,) = vendors.create([vendors.inquiry(email="cora@inbox.example.org", message="My knee hurts in Oshkosh")])
    synced(home)
    masked = home.run("explain", contact, "--json")
    assert "womens_health" not in masked.out and "cora@" not in masked.out and "Women" not in masked.out
    assert step(masked.document, "route")["detail"]["masked"] == ["service_line"]
    document = explained(home, contact, "--reveal")
    assert step(document, "route")["detail"]["inputs"]["service_line"] == "womens_health"
    assert document["person"]["email"] == "cora@inbox.example.org"
    assert document["revealed"]["email"] == "cora@inbox.example.org"
    assert document["revealed"]["message"] == "(free text, sealed)"
    text = told(home, contact, "--reveal")
    assert "cora@inbox.example.org" in text and "(free text, sealed)" in text and "Oshkosh" not in text


def test_it_may_be_asked_while_a_run_writes(vendors: Vendors, home: Home) -> None:
    (contact,) = vendors.create([vendors.inquiry()])
    synced(home)
    before = explained(home, contact)
    with closing(sqlite3.connect(home.folder / ".crosswalk" / "hub.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE lead SET status = 'accepted'")
        files = home.content()
        assert explained(home, contact) == before, "what is not committed yet is not told"
        assert home.content() == files
        writer.execute("ROLLBACK")


def test_on_either_database(vendors: Vendors, home: Home, database_url: str) -> None:
    if database_url:
        home.settings["CROSSWALK_DATABASE_URL"] = home.database = database_url
    contact, other = vendors.create([vendors.inquiry(), vendors.inquiry(email="", phone="")])
    synced(home)
    document = explained(home, contact)
    assert [one["step"] for one in document["path"]][:3] == ["land", "qualify", "route"]
    assert json.dumps(document["targets"]["salesforce"]).count("linked") == 2
    assert explained(home, other)["processing_state"] == "quarantined"
    assert datetime.fromisoformat(document["path"][0]["at"]).astimezone(UTC) >= datetime.fromisoformat(AS_OF)
