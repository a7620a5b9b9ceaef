"""The CRM side of a month: ids, references and the matches that the truth names."""

from __future__ import annotations

from collections import Counter

import pytest

from sandbox.scenarios import Scenario, build
from sandbox.scenarios.salesforce_ids import PREFIXES, record_id, suffix


@pytest.fixture(scope="module")
def month() -> Scenario:
    return build("lakeshore", 2_600, 1)


def test_ids_have_prefix_and_check_suffix(month: Scenario) -> None:
    seen = set()
    for name, records in month.salesforce_records.items():
        for record in records:
            assert record["Id"].startswith(PREFIXES[name]) and len(record["Id"]) == 18
            assert suffix(record["Id"][:15]) == record["Id"][15:]
            seen.add(record["Id"])
    assert len(seen) == sum(map(len, month.salesforce_records.values()))


def test_check_suffix_of_a_documented_id() -> None:
    assert suffix("003D000000QOMqg") == "IAH"
    assert record_id("Lead", 62)[:15] == "00Q5e0000000010"


def test_references_lead_somewhere(month: Scenario) -> None:
    known = {record["Id"] for records in month.salesforce_records.values() for record in records}
    fields = ("OwnerId", "AccountId", "WhoId", "ConvertedContactId", "ConvertedAccountId")
    for records in month.salesforce_records.values():
        for record in records:
            assert all(record[name] in known for name in fields if record.get(name))
    inactive = [user["Id"] for user in month.salesforce_records["User"] if not user["IsActive"]]
    assert len(inactive) == 1
    assert all(record.get("OwnerId") != inactive[0] for record in month.salesforce_records["Lead"])


def test_staff_is_the_same_on_both_sides(month: Scenario) -> None:
    users = {user["Email"]: user for user in month.salesforce_records["User"]}
    owners = {owner["email"] for owner in month.hubspot_owners}
    assert len(owners) == 19 and set(users) == owners | {"integration@lakeshore.example.org"}
    assert all(user["Username"] == email for email, user in users.items())
    assert [email for email, user in users.items() if not user["IsActive"]] == ["intake13@lakeshore.example.org"]
    assert users["integration@lakeshore.example.org"]["Id"] == month.truth["integration_user"]
    assert all(group["Type"] == "Queue" for group in month.salesforce_records["Group"])


def test_matches_are_found_by_email_exactly_as_often_as_stated(month: Scenario) -> None:
    emails = {row["hs_object_id"]: row.get("email", "").lower() for row in month.hubspot_contacts}
    leads = month.salesforce_records["Lead"]
    still_open = Counter(lead["Email"].lower() for lead in leads if not lead["IsConverted"])
    converted = {lead["Email"].lower(): lead for lead in leads if lead["IsConverted"]}
    contacts = {contact["Email"].lower(): contact for contact in month.salesforce_records["Contact"]}
    crm = month.truth["crm"]
    assert all(still_open[emails[row_id]] == 1 for row_id in crm["open_lead"])
    assert all(still_open[emails[row_id]] == 2 for row_id in crm["ambiguous"])
    assert sum(still_open.values()) == len(crm["open_lead"]) + 2 * len(crm["ambiguous"])
    assert set(contacts) == {emails[row_id] for row_id in crm["contact"] + crm["converted"]}
    assert set(converted) == {emails[row_id] for row_id in crm["converted"]}
    for email, lead in converted.items():
        assert lead["ConvertedContactId"] == contacts[email]["Id"] and lead["Status"] == "Closed - Converted"
    shouted = {emails[row_id] for row_id in month.truth["cases"]["D15"]}
    assert shouted == {record["Email"].lower() for record in (*leads, *month.salesforce_records["Contact"])
                       if record["Email"].isupper()}  # fmt: skip


def test_no_custom_fields_yet(month: Scenario) -> None:
    assert not [name for records in month.salesforce_records.values() for record in records for name in record
                if name.endswith("__c")]  # fmt: skip
