"""Rules that an admin switches on: duplicates, validation, assignment; and locked rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from simple_salesforce import exceptions

from sandbox.clock import Clock
from sandbox.salesforce import people
from sandbox.salesforce.errors import SalesforceError


def lead(**fields):
    return {"LastName": "Doe", "Company": "Acme Clinic", **fields}


def row(**fields):
    return {"attributes": {"type": "Lead"}, **lead(**fields)}


def created(wire, name, **fields):
    reply = wire.ask("POST", f"sobjects/{name}", fields)
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def codes(reply):
    return [error["errorCode"] for error in reply.json()]


# -- duplicates -------------------------------------------------------------------------------------------------------

ALLOW = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}


@pytest.fixture
def alert(wire):
    wire.org.change({"duplicate_rules": True})
    return wire.lead(Email="doe@example.org", Phone="(312) 555-0100")


@pytest.mark.parametrize(
    "fields",
    [
        {"LastName": "Roe", "Company": "Other", "Email": "DOE@example.org"},
        {"LastName": "doe", "Company": "acme clinic"},
        {"LastName": "Doe", "Company": "Other", "Phone": "312-555-0100"},
    ],
)
def test_a_duplicate_is_refused_with_the_records_it_resembles(wire, alert, fields):
    reply = wire.ask("POST", "sobjects/Lead", fields)
    (error,) = reply.json()
    assert reply.status_code == 400
    assert (error["errorCode"], error["message"]) == ("DUPLICATES_DETECTED", "Use one of these records?")
    result = error["duplicateResult"]
    assert result["allowSave"] is True and result["duplicateRule"] == "Standard_Lead_Duplicate_Rule"
    (match,) = result["matchResults"]
    assert (match["entityType"], match["size"], match["success"]) == ("Lead", 1, True)
    shown = match["matchRecords"][0]["record"]
    url = f"/services/data/v66.0/sobjects/Lead/{alert}"
    assert shown == {"attributes": {"type": "Lead", "url": url}, "Id": alert}
    assert wire.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_people_of_other_firms_are_no_duplicates(wire, alert):
    assert wire.ask("POST", "sobjects/Lead", lead(Company="Other", Email="other@example.org")).status_code == 201


def test_the_header_lets_an_alert_pass(wire, alert):
    for text in (
        "allowSave=true",
        "allowSave=TRUE; includeRecordDetails=true",
        "includeRecordDetails=false,allowSave=true",
    ):
        headers = {"Sforce-Duplicate-Rule-Header": text}
        assert wire.ask("POST", "sobjects/Lead", lead(), headers=headers).status_code == 201
    assert wire.ask("POST", "/services/data/v51.0/sobjects/Lead", lead(), headers=ALLOW).status_code == 400
    details = {"Sforce-Duplicate-Rule-Header": "includeRecordDetails=true"}
    error = wire.ask("POST", "sobjects/Lead", lead(), headers=details).json()[0]
    shown = error["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]
    assert shown["Email"] == "doe@example.org"
    old = wire.ask("POST", "/services/data/v58.0/sobjects/Lead", lead()).json()[0]
    assert "duplicateResut" in old  # as older versions spell it


def test_a_blocking_rule_heeds_no_header(wire, alert):
    wire.org.change({"duplicate_rules": {"Lead": "block"}})
    reply = wire.ask("POST", "sobjects/Lead", lead(), headers=ALLOW)
    assert reply.json()[0]["duplicateResult"]["allowSave"] is False
    wire.org.change({"duplicate_rules": False})
    assert wire.ask("POST", "sobjects/Lead", lead()).status_code == 201


def test_rows_of_a_collection_and_upserts(wire, alert):
    body = {"records": [row(), row(LastName="New", Company="New")]}
    rows = wire.ask("POST", "composite/sobjects", body).json()
    assert [r["success"] for r in rows] == [False, True]
    assert rows[0]["errors"][0]["statusCode"] == "DUPLICATES_DETECTED" and rows[0]["errors"][0]["fields"] == []
    assert all(
        r["success"] for r in wire.ask("POST", "composite/sobjects", body | {"records": [row()]}, headers=ALLOW).json()
    )
    assert codes(wire.ask("PATCH", "sobjects/Lead/Crosswalk_Id__c/k", lead())) == ["DUPLICATES_DETECTED"]


def test_updates_are_looked_at_when_they_touch_what_is_compared(wire, alert):
    other = wire.lead(LastName="Roe", Company="Roe")
    assert codes(wire.ask("PATCH", f"sobjects/Lead/{other}", {"Email": "doe@example.org"})) == ["DUPLICATES_DETECTED"]
    wire.ask("PATCH", f"sobjects/Lead/{other}", {"Email": "doe@example.org"}, headers=ALLOW)
    assert wire.ask("PATCH", f"sobjects/Lead/{other}", {"Title": "Nurse"}).status_code == 204


def test_leads_are_compared_with_contacts_and_accounts_with_accounts(wire):
    account, contact = (
        created(wire, "Account", Name="Acme"),
        created(wire, "Contact", LastName="Poe", Email="p@example.org"),
    )
    wire.org.load({"DuplicateRule": [{"SobjectType": name} for name in ("Lead", "Account")]})
    result = wire.ask("POST", "sobjects/Lead", lead(Email="p@example.org")).json()[0]["duplicateResult"]
    (match,) = result["matchResults"]
    assert match["rule"] == "Standard_Contact_Match_Rule_v1_1"
    assert match["matchRecords"][0]["record"]["Id"] == contact
    assert codes(wire.ask("POST", "sobjects/Account", {"Name": "ACME"})) == ["DUPLICATES_DETECTED"]
    assert wire.ask("PATCH", f"sobjects/Account/{account}", {"Name": "Acme"}).status_code == 204
    with pytest.raises(ValueError, match="duplicate rule"):
        wire.org.load({"DuplicateRule": [{"SobjectType": "Task"}]})


def test_people_save_in_spite_of_an_alert(wire, alert, user):
    key = wire.ask("POST", "sobjects/Lead", lead(OwnerId=user("Rep")), headers=ALLOW).json()["id"]
    people.edit(wire.org, "Lead", key, {"Email": "doe@example.org"})
    assert people.convert_lead(wire.org, key)["ConvertedContactId"]


def test_the_official_client_shows_the_duplicates(official, alert):
    with pytest.raises(exceptions.SalesforceMalformedRequest) as refused:
        official.Lead.create(lead())
    assert refused.value.content[0]["duplicateResult"]["duplicateRuleEntityType"] == "Lead"
    assert official.Lead.create(lead(), headers=ALLOW)["success"]


@pytest.fixture
def load(official):
    """Insert rows of a CSV by Bulk; returns the job's failed results."""

    def run(name, text):
        jobs = getattr(official.bulk2, name)._client
        job = jobs.create_job("insert")["id"]
        jobs.upload_job_data(job, text)
        jobs.close_job(job)
        jobs.wait_for_job(job, is_query=False, wait=0.05)
        return jobs.get_ingest_results(job, "failedResults")

    return run


def test_rows_of_bulk_jobs_obey_the_rules_and_the_locks(wire, alert, load):
    wire.org.load({"ValidationRule": [
        {"Object": "Lead", "Field": "City", "Condition": {"matches": "[A-Z].*"}, "Message": "A capital"},
    ]})  # fmt: skip
    failed = load("Lead", "LastName,Company,City,NumberOfEmployees\nDoe,Acme Clinic,,\nRoe,B,chicago,\nPoe,C,,some\n")
    assert "DUPLICATES_DETECTED:Use one of these records?" in failed
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION:A capital:City --" in failed
    assert "INVALID_TYPE_ON_FIELD_IN_RECORD:Employees: value not of required type: some:NumberOfEmployees --" in failed
    account = created(wire, "Account", Name="Acme")
    wire.org.lock(account, 60)
    assert f"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: {account}" in load(
        "Contact", f"LastName,AccountId\nDoe,{account}\n"
    )


# -- validation -------------------------------------------------------------------------------------------------------


def test_everything_that_is_wrong_with_a_row_is_told(wire):
    reply = wire.ask("POST", "sobjects/Lead", lead(FirstName="x" * 41, Email="bad", Status="Lost"))
    assert codes(reply) == ["STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]
    rows = wire.ask("POST", "composite/sobjects", {"records": [row(FirstName="x" * 41, Email="bad")]}).json()
    assert [error["fields"] for error in rows[0]["errors"]] == [["FirstName"], ["Email"]]
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "Doe", "OwnerId": "005gK0000zzzzzz"})
    assert codes(reply) == ["REQUIRED_FIELD_MISSING", "INVALID_CROSS_REFERENCE_KEY"]


def test_validation_rules(wire):
    wire.org.load({"ValidationRule": [
        {"Object": "Lead", "Field": "PostalCode", "Condition": {"matches": "[0-9]{5}"}, "Message": "Five digits"},
        {"Object": "Lead", "Field": "Rating", "Condition": {"required_when": {"Status": "Working - Contacted"}},
         "Message": "Rate it first"},
    ]})  # fmt: skip
    key = wire.lead(PostalCode="60601")
    reply = wire.ask("POST", "sobjects/Lead", lead(PostalCode="6O601", Status="Working - Contacted"))
    assert reply.status_code == 400 and reply.json() == [
        {"message": "Five digits", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["PostalCode"]},
        {"message": "Rate it first", "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": ["Rating"]},
    ]
    assert codes(wire.ask("PATCH", f"sobjects/Lead/{key}", {"Status": "Working - Contacted"}))
    both = {"Status": "Working - Contacted", "Rating": "Hot"}
    assert wire.ask("PATCH", f"sobjects/Lead/{key}", both).status_code == 204
    assert codes(wire.ask("PATCH", f"sobjects/Lead/{key}", {"Rating": None}))


@pytest.mark.parametrize(
    "rule",
    [
        {"Object": "Lead", "Field": "Nope__c", "Condition": {"matches": "x"}, "Message": "m"},
        {"Object": "Nothing", "Field": "Name", "Condition": {"matches": "x"}, "Message": "m"},
        {"Object": "Lead", "Field": "City", "Condition": {"formula": "x"}, "Message": "m"},
        {"Object": "Lead", "Field": "City", "Condition": {"required_when": {"Nope__c": 1}}, "Message": "m"},
    ],
)
def test_validation_rules_that_make_no_sense(wire, rule):
    with pytest.raises(ValueError, match=r"Lead|validation"):
        wire.org.load({"ValidationRule": [rule]})


def test_numbers(wire):
    for value in (1.5, "1.5", "nan", True):
        assert codes(wire.ask("POST", "sobjects/Lead", lead(NumberOfEmployees=value))) == ["JSON_PARSER_ERROR"]
    assert codes(wire.ask("POST", "sobjects/Lead", lead(NumberOfEmployees=10**9))) == ["NUMBER_OUTSIDE_VALID_RANGE"]
    assert codes(wire.ask("POST", "sobjects/Lead", lead(Score__c=10_000))) == ["NUMBER_OUTSIDE_VALID_RANGE"]
    assert wire.read(wire.lead(Score__c=12.34))["Score__c"] == 12.3


def test_an_event_cannot_end_before_it_starts(wire):
    times = {"StartDateTime": "2026-03-02T15:00:00Z", "EndDateTime": "2026-03-02T14:00:00Z"}
    reply = wire.ask("POST", "sobjects/Event", {"Subject": "Meeting", **times})
    assert codes(reply) == ["FIELD_INTEGRITY_EXCEPTION"]


# -- assignment -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rules(wire, user):
    """The active rule by state, and another one."""
    west, rest, other = user("West"), user("Rest"), user("Other")
    wire.org.load({"AssignmentRule": [
        {"Name": "Everything", "Active": False, "OwnerId": other},
        {"Name": "By state", "Entries": [{"Criteria": {"State": "CA"}, "OwnerId": west}], "OwnerId": rest},
    ]})  # fmt: skip
    return {"West": west, "Rest": rest, "Other": other}


def owner_of(wire, **headers):
    def made(**fields):
        reply = wire.ask("POST", "sobjects/Lead", lead(**fields), headers=headers)
        return wire.read(reply.json()["id"])["OwnerId"]

    return made


def test_the_first_entry_that_fits_decides(wire, rules):
    made = owner_of(wire)
    assert made(State="ca") == rules["West"] and made(State="IL") == rules["Rest"] and made() == rules["Rest"]


def test_a_rule_can_be_named(wire, rules):
    found = {r["Name"]: r for r in wire.query("SELECT Id, Name, Active, SobjectType FROM AssignmentRule")["records"]}
    assert found["By state"]["Active"] is True and found["Everything"]["Active"] is False
    assert owner_of(wire, **{"Sforce-Auto-Assign": found["Everything"]["Id"][:15]})() == rules["Other"]
    assert owner_of(wire, **{"Sforce-Auto-Assign": "false"})() == wire.org.user_id
    unknown = wire.ask("POST", "sobjects/Lead", lead(), headers={"Sforce-Auto-Assign": "01QgK0000zzzzzz"})
    assert codes(unknown) == ["INVALID_CROSS_REFERENCE_KEY"]
    assert codes(wire.ask("DELETE", f"sobjects/AssignmentRule/{found['By state']['Id']}")) == [
        "INSUFFICIENT_ACCESS_OR_READONLY"
    ]


def test_the_setting_stands_for_a_rule_without_criteria(wire, rules):
    assert wire.org.settings()["assignment_rule"] == rules["Rest"]
    wire.org.change({"assignment_rule": rules["Other"]})
    assert owner_of(wire)(State="CA") == rules["Other"]
    wire.org.change({"assignment_rule": None})
    assert owner_of(wire)(State="CA") == wire.org.user_id


def test_queues_own_what_they_are_for(wire):
    group = wire.org.new_id("00G")
    wire.org.load({
        "Group": [{"Id": group, "Name": "Pool", "DeveloperName": "Pool", "Type": "Queue"}],
        "QueueSobject": [{"QueueId": group, "SobjectType": "Task"}],
    })  # fmt: skip
    assert codes(wire.ask("POST", "sobjects/Lead", lead(OwnerId=group))) == ["INVALID_OPERATION"]
    assert wire.ask("POST", "sobjects/Task", {"Subject": "Call", "OwnerId": group}).status_code == 201
    wire.ask("POST", "sobjects/QueueSobject", {"QueueId": group, "SobjectType": "Lead"})
    assert wire.ask("POST", "sobjects/Lead", lead(OwnerId=group)).status_code == 201
    found = wire.query("SELECT SobjectType, Queue.Name FROM QueueSobject ORDER BY SobjectType")["records"]
    assert [(r["SobjectType"], r["Queue"]["Name"]) for r in found] == [("Lead", "Pool"), ("Task", "Pool")]
    assert codes(wire.ask("POST", "sobjects/Contact", {"LastName": "A", "OwnerId": group})) == ["MALFORMED_ID"]
    member = wire.ask("POST", "sobjects/GroupMember", {"GroupId": group, "UserOrGroupId": wire.org.user_id})
    assert member.status_code == 201


# -- locks ------------------------------------------------------------------------------------------------------------


def test_a_locked_row_is_refused_until_it_is_free(wire):
    key, free = wire.lead(), wire.lead()
    wire.org.lock(key[:15], 60)
    text = f"unable to obtain exclusive access to this record or 1 records: {key}"
    reply = wire.ask("PATCH", f"sobjects/Lead/{key}", {"Title": "Nurse"})
    assert reply.status_code == 400
    assert reply.json() == [{"message": text, "errorCode": "UNABLE_TO_LOCK_ROW", "fields": []}]
    assert codes(wire.ask("DELETE", f"sobjects/Lead/{key}")) == ["UNABLE_TO_LOCK_ROW"]
    records = [{"attributes": {"type": "Lead"}, "id": i, "Title": "Nurse"} for i in (key, free)]
    rows = wire.ask("PATCH", "composite/sobjects", {"records": records}).json()
    assert [r["success"] for r in rows] == [False, True]
    wire.org.unlock(key)
    assert wire.ask("PATCH", f"sobjects/Lead/{key}", {"Title": "Nurse"}).status_code == 204


def test_a_lock_ends_by_itself_also_when_the_clock_stands(wire):
    clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    clock.freeze()
    wire.org.clock = clock
    key = wire.lead()
    wire.org.lock(key, 30)
    assert wire.org.inspect()["locks"] == [key]
    assert codes(wire.ask("PATCH", f"sobjects/Lead/{key}", {})) == ["UNABLE_TO_LOCK_ROW"]
    clock.advance(31)
    assert wire.ask("PATCH", f"sobjects/Lead/{key}", {}).status_code == 204


def test_children_need_their_parents(wire):
    account, campaign, key = (
        created(wire, "Account", Name="Acme"),
        created(wire, "Campaign", Name="Spring"),
        wire.lead(),
    )
    for parent in (account, campaign):
        wire.org.lock(parent, 60)
    assert codes(wire.ask("POST", "sobjects/Contact", {"LastName": "A", "AccountId": account})) == [
        "UNABLE_TO_LOCK_ROW"
    ]
    member = {"CampaignId": campaign, "LeadId": key}
    assert codes(wire.ask("POST", "sobjects/CampaignMember", member)) == ["UNABLE_TO_LOCK_ROW"]
    wire.org.unlock()
    assert wire.ask("POST", "sobjects/CampaignMember", member).status_code == 201


def test_a_writer_can_wait_for_a_lock(wire):
    key = wire.lead()
    wire.org.change({"lock_wait": 30})
    wire.org.lock(key, 0.05)
    assert wire.ask("PATCH", f"sobjects/Lead/{key}", {"Title": "Nurse"}).status_code == 204
    assert wire.read(key)["Title"] == "Nurse"


def test_refusals_reach_people_too(wire):
    key = wire.lead()
    wire.org.lock(key, 60)
    with pytest.raises(SalesforceError, match="UNABLE_TO_LOCK_ROW"):
        people.edit(wire.org, "Lead", key, {"Title": "Nurse"})
