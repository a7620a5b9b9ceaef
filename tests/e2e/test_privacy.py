"""CON-02: what a person told HubSpot stays where it may be; nothing of it in output, logs, Data Docs or quarantine."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.home import Home, strings
from tests.vendors import Vendors
from tests.way import Fault, Way

pytestmark = pytest.mark.feature("CON-02")

PERSONAL = ("firstname", "lastname", "email", "phone", "mobilephone", "message", "address")
LONG_ENOUGH = 6
"""A shorter value (a first name such as Ann) is also part of ordinary words."""


def personal_values(contacts: list[dict[str, Any]]) -> set[str]:
    values = {str(one["properties"].get(name) or "").strip() for one in contacts for name in PERSONAL}
    return {value for value in values if len(value) >= LONG_ENOUGH and not value.isalpha()} | {
        name
        for one in contacts
        if len(name := str(one["properties"].get("lastname") or "").strip()) >= LONG_ENOUGH and name not in WORDS
    }


WORDS = {"Patient", "Unknown", "Person", "Testing", "Webinar"}


def shown(home: Home, outputs: list[str]) -> Iterator[tuple[str, str]]:
    yield from ((f"output {number}", text) for number, text in enumerate(outputs))
    for path in (home.folder / ".crosswalk").rglob("*"):
        if path.is_file() and path.suffix in {".html", ".json", ".log", ".txt"}:
            yield str(path), path.read_text()


@pytest.mark.slow
def test_nothing_personal_is_shown(vendors: Vendors, home: Home) -> None:
    truth = vendors.load(500)
    contacts = vendors.dump()["hubspot"]["contacts"]
    canaries = {text for texts in truth["canaries"].values() for text in texts}
    commands = [
        *(("sync", "--dry-run"), ("link", "--json"), ("sync", "--json"), ("sync",), ("ledger",), ("ledger", "--json")),
        *(("quarantine", "list"), ("quarantine", "list", "--json"), ("doctor",), ("setup",)),
    ]
    outputs = []
    for command in commands:
        ended = home.run(*command)
        assert ended.code == 0, (command, ended.err)
        outputs += [ended.out, ended.err]
    for row in home.do("quarantine", "list"):
        ended = home.run("quarantine", "show", str(row["id"]), "--json")
        outputs += [ended.out, ended.err]
    values = personal_values(contacts) | canaries
    assert len(canaries) > 20 and len(values) > 800
    found = [(place, value) for place, text in shown(home, outputs) for value in values if value in text]
    assert found == []


def test_health_and_identifiers_stay_out_of_the_crm(vendors: Vendors, home: Home) -> None:
    """Class 3 and above: identifiers, stories and the patient's own topic."""
    truth = vendors.load(500)
    before = {one["Id"] for one in vendors.records("Lead")}
    home.sync()
    canaries = {text for texts in truth["canaries"].values() for text in texts}
    contacts = vendors.dump()["hubspot"]["contacts"]
    messages = {str(one["properties"].get("message") or "") for one in contacts} - {""}
    crm = json.dumps(vendors.dump()["salesforce"], ensure_ascii=False)
    assert [text for text in canaries | messages if text in crm] == []
    patients = [one for one in vendors.records("Lead") if one.get("Crosswalk_Lead_Type__c") == "patient_inquiry"]
    assert len([one for one in patients if one["Id"] not in before]) > 100
    assert not [one for one in patients if one.get("Crosswalk_Service_Line__c")]
    assert all("service_line" in one["Crosswalk_Withheld__c"] for one in patients)


def test_payloads_are_sealed_at_rest(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry(message="My knee has hurt since the marathon in Oshkosh.")])
    home.sync()
    database = strings(home.folder / ".crosswalk" / "hub.db")
    assert b"marathon in Oshkosh" not in database
    assert len(home.rows("payload")) == 1


def test_a_vendor_that_quotes_values_is_not_repeated(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    """Salesforce puts the refused value into its message; we keep code and field names only."""
    vendors.create([vendors.inquiry(lastname="Quotington") for _ in range(2)])
    errors = [
        {
            "success": False,
            "errors": [
                {
                    "statusCode": "INVALID_EMAIL_ADDRESS",
                    "message": "Email: invalid email address: secret.canary@inbox.example.org",
                    "fields": ["Email"],
                }
            ],
        }
        for _ in range(2)
    ]
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Lead", 200, errors))
    outputs = []
    for command in (("sync", "--json"), ("sync",), ("ledger",), ("quarantine", "list", "--json")):
        ended = troubled.run(*command)
        outputs += [ended.out, ended.err]
    listed = troubled.do("quarantine", "list")
    assert {row["reason"] for row in listed} >= {"INVALID_EMAIL_ADDRESS"}
    outputs += [troubled.run("quarantine", "show", str(row["id"])).out for row in listed]
    assert not [text for text in outputs if "secret.canary" in text or "Quotington" in text]
    assert b"secret.canary" not in strings(troubled.folder / ".crosswalk" / "hub.db")


def test_an_unreadable_answer_is_not_repeated(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    vendors.create([vendors.inquiry()])
    ways[0].faults.append(Fault("POST", "/search", 500, b"<html>canary.person@inbox.example.org</html>", times=99))
    ended = troubled.run("sync")
    assert ended.code == 1
    assert "canary" not in ended.out + ended.err and "Traceback" not in ended.err
