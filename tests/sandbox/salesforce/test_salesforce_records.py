"""Single records: writing, refusals, upsert, reading."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.salesforce import people
from sandbox.salesforce.ids import normalise, to_18

MISSING = "00QgK0000zzzzzz"


def test_ids_have_the_checksum_of_salesforce():
    assert to_18("001D000000IqhSL") == "001D000000IqhSLIAZ"  # an example of Salesforce's own documentation
    assert normalise("not an id") is None and normalise("001D000000IqhSL") == "001D000000IqhSLIAZ"


def test_create_read_update_delete(wire):
    reply = wire.ask("POST", "sobjects/Lead", {"FirstName": " Ada ", "LastName": "Doe", "Company": "Acme Clinic"})
    assert reply.status_code == 201
    key = reply.json()["id"]
    assert reply.json() == {"id": key, "success": True, "errors": []} and key.startswith("00Q") and len(key) == 18
    assert reply.headers["Location"] == f"/services/data/v66.0/sobjects/Lead/{key}"
    lead = wire.ask("GET", f"sobjects/Lead/{key}").json()
    assert lead["attributes"] == {"type": "Lead", "url": f"/services/data/v66.0/sobjects/Lead/{key}"}
    assert (lead["Name"], lead["Status"], lead["Email"]) == ("Ada Doe", "Open - Not Contacted", None)
    assert lead["OwnerId"] == wire.org.user_id and lead["SystemModstamp"].endswith(".000+0000")
    assert wire.ask("PATCH", f"sobjects/Lead/{key[:15]}", {"FirstName": None}).status_code == 204
    assert wire.ask("GET", f"sobjects/Lead/{key}?fields=Name").json()["Name"] == "Doe"
    assert wire.ask("DELETE", f"sobjects/Lead/{key}").status_code == 204
    again = wire.ask("DELETE", f"sobjects/Lead/{key}")
    assert again.status_code == 404 and again.json()[0]["errorCode"] == "ENTITY_IS_DELETED"


@pytest.mark.parametrize(
    ("fields", "code", "message", "named"),
    [
        ({"LastName": None, "Company": ""}, "REQUIRED_FIELD_MISSING",
         "Required fields are missing: [LastName, Company]", ["LastName", "Company"]),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG",
         f"First Name: data value too large: {'x' * 41} (max length=40)", ["FirstName"]),
        ({"Email": "badone"}, "INVALID_EMAIL_ADDRESS", "Email: invalid email address: badone", ["Email"]),
        ({"Status": "Lost"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
         "Status: bad value for restricted picklist field: Lost", ["Status"]),
        ({"Shoe__c": "9"}, "INVALID_FIELD", "No such column 'Shoe__c' on sobject of type Lead", None),
        ({"OwnerId": MISSING}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []),
        ({"OwnerId": "me"}, "MALFORMED_ID", "Owner ID: id value of incorrect type: me", ["OwnerId"]),
    ],
)  # fmt: skip
def test_refusals(wire, fields, code, message, named):
    if fields.get("OwnerId") == MISSING:
        fields = {"OwnerId": "005gK0000zzzzzz"}
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "Doe", "Company": "Acme Clinic", **fields})
    assert reply.status_code == 400
    assert reply.json() == [{"message": message, "errorCode": code} | ({} if named is None else {"fields": named})]


def test_wrong_types_and_broken_json(wire):
    for value in (7, True, {"a": 1}):
        reply = wire.ask("POST", "sobjects/Lead", {"LastName": value, "Company": "A"})
        assert reply.json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    text = wire.ask("POST", "sobjects/Lead", {"LastName": ["A"], "Company": "A"}).json()[0]["message"]
    assert text.startswith("Cannot deserialize instance of string from START_ARRAY value [ or request may be missing")
    for field, value in (("Score__c", "many"), ("Consent__c", "perhaps"), ("Seen__c", "yesterday")):
        reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "A", field: value})
        assert reply.json()[0]["errorCode"] == "JSON_PARSER_ERROR", field
    headers = {"Content-Type": "application/json"}
    assert (
        wire.ask("POST", "sobjects/Lead", headers=headers, data=b'{"a":').json()[0]["errorCode"] == "JSON_PARSER_ERROR"
    )


def test_values_are_stored_in_canonical_form(wire):
    key = wire.lead(Score__c=12, Seen__c="2026-03-01T10:00:00+02:00", LeadSource="something new")
    lead = wire.ask("GET", f"sobjects/Lead/{key}").json()
    assert (lead["Score__c"], lead["Seen__c"]) == (12.0, "2026-03-01T08:00:00.000+0000")
    assert lead["LeadSource"] == "something new"  # not a restricted picklist
    assert lead["Consent__c"] is False


def test_owners(wire, user):
    gone = user("Gone", IsActive=False)
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "A", "OwnerId": gone})
    assert reply.json() == [{
        "message": f"operation performed with inactive user [{gone}] as owner of lead",
        "errorCode": "INACTIVE_OWNER_OR_USER", "fields": [],
    }]  # fmt: skip
    wire.org.load({"Group": [{"Id": wire.org.new_id("00G"), "Name": "Pool", "DeveloperName": "Pool", "Type": "Queue"}]})
    queue = wire.query("SELECT Id FROM Group WHERE Type = 'Queue'")["records"][0]["Id"]
    assert wire.read(wire.lead(OwnerId=queue))["OwnerId"] == queue


def test_unique_values_are_compared_without_case(wire):
    first = wire.lead(Crosswalk_Id__c="abc")
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "A", "Crosswalk_Id__c": "ABC"})
    text = f"duplicate value found: Crosswalk_Id__c duplicates value on record with id: {first}"
    assert reply.json() == [{"message": text, "errorCode": "DUPLICATE_VALUE", "fields": []}]
    assert wire.ask("PATCH", f"sobjects/Lead/{first}", {"Crosswalk_Id__c": "ABC"}).status_code == 204


def test_upsert_by_external_id(wire):
    path = "sobjects/Lead/Crosswalk_Id__c/k%2F1"
    created = wire.ask("PATCH", path, {"LastName": "A", "Company": "A"})
    assert created.status_code == 201 and created.json()["created"] is True
    changed = wire.ask("PATCH", path, {"FirstName": "B"})
    assert changed.status_code == 200 and changed.json() == {**created.json(), "created": False}
    assert wire.read(created.json()["id"])["Crosswalk_Id__c"] == "k/1"
    inside = wire.ask("PATCH", path, {"FirstName": "B", "Crosswalk_Id__c": "k/1"})
    assert inside.json()[0]["message"] == "The Crosswalk_Id__c field should not be specified in the sobject data."
    assert wire.ask("PATCH", "sobjects/Lead/Company/x", {"FirstName": "B"}).status_code == 404


def test_several_matches_answer_300_with_addresses(wire):
    keys = [wire.lead(Source_Key__c="s"), wire.lead(Source_Key__c="S")]
    reply = wire.ask("PATCH", "sobjects/Lead/Source_Key__c/s", {"FirstName": "B"}, allow_redirects=False)
    assert reply.status_code == 300
    assert reply.json() == [f"/services/data/v66.0/sobjects/Lead/{key}" for key in keys]


def test_converted_leads_cannot_be_changed(wire, user):
    key = wire.lead(OwnerId=user("Rep"))
    made = people.convert_lead(wire.org, key, opportunity="First visit")
    reply = wire.ask("PATCH", f"sobjects/Lead/{key}", {"FirstName": "B"})
    expected = {"message": "cannot reference converted lead", "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD", "fields": []}
    assert reply.status_code == 400 and reply.json() == [expected]
    lead = wire.ask("GET", f"sobjects/Lead/{key}").json()
    assert {name: lead[name] for name in made} == made and lead["Status"] == "Closed - Converted"


def test_merged_losers_are_seen_by_query_all(wire):
    master, loser = wire.lead(), wire.lead()
    people.merge(wire.org, "Lead", master, [loser])
    text = f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'"
    assert wire.query(text)["totalSize"] == 0
    record = wire.ask("GET", "queryAll", params={"q": text}).json()["records"][0]
    assert record["IsDeleted"] is True and record["MasterRecordId"] == master


def test_assignment_rule_fires_unless_told_not_to(wire, user):
    chief, rep = user("Chief"), user("Rep")
    wire.org.change({"assignment_rule": chief})
    assert wire.read(wire.lead(OwnerId=rep))["OwnerId"] == chief
    headers = {"Sforce-Auto-Assign": "FALSE"}
    body = {"LastName": "A", "Company": "A", "OwnerId": rep}
    key = wire.ask("POST", "sobjects/Lead", body, headers=headers).json()["id"]
    assert wire.read(key)["OwnerId"] == rep
    wire.ask("PATCH", f"sobjects/Lead/{key}", {"FirstName": "B"})
    assert wire.read(key)["OwnerId"] == chief


def test_tasks_point_to_living_people(wire):
    lead = wire.lead()
    body = {"Subject": "Call back", "WhoId": lead, "Status": "Completed", "Crosswalk_Id__c": "t1"}
    key = wire.ask("POST", "sobjects/Task", body).json()["id"]
    task = wire.query(f"SELECT IsClosed, Who.Type, Who.Name, Owner.Email FROM Task WHERE Id = '{key}'")["records"][0]
    assert task["IsClosed"] is True and task["Who"]["Type"] == "Lead" and task["Who"]["Name"] == "Doe"
    assert wire.ask("POST", "sobjects/Task", {"WhoId": MISSING}).json()[0]["errorCode"] == "INVALID_CROSS_REFERENCE_KEY"
    wire.ask("DELETE", f"sobjects/Lead/{lead}")
    assert wire.ask("POST", "sobjects/Task", {"WhoId": lead}).json()[0]["errorCode"] == "ENTITY_IS_DELETED"
    fields = {f["name"] for f in wire.ask("GET", "sobjects/Event/describe").json()["fields"]}
    assert "Crosswalk_Id__c" in fields  # a field of Activity


def test_parents_can_be_named_by_external_id(wire):
    wire.lead(Crosswalk_Id__c="k1")
    who = {"attributes": {"type": "Lead"}, "Crosswalk_Id__c": "k1"}
    owner = {"Username": "integration@crosswalk.example.org"}
    assert wire.ask("POST", "sobjects/Task", {"Subject": "Call", "Who": who, "Owner": owner}).status_code == 201
    reply = wire.ask("POST", "sobjects/Task", {"Who": {**who, "Crosswalk_Id__c": "none"}})
    text = "Foreign key external ID: none not found for field Crosswalk_Id__c in entity Lead"
    assert reply.json()[0]["message"] == text


def test_protected_fields(wire):
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "A", "IsConverted": True})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert reply.json()[0]["fields"] == ["IsConverted"]


def test_unknown_ids(wire):
    assert wire.ask("GET", f"sobjects/Lead/{MISSING}").json()[0]["message"] == "The requested resource does not exist"
    reply = wire.ask("GET", "sobjects/Lead/nonsense")
    assert reply.status_code == 404 and "nonsense" in reply.json()[0]["message"]


WINDOW = {"start": "2020-01-01T00:00:00+00:00", "end": "2099-01-01T00:00:59+00:00"}


def deleted_ids(wire, window=WINDOW):
    rows = wire.ask("GET", "sobjects/Lead/deleted/", params=window).json()["deletedRecords"]
    return [row["id"] for row in rows]


def test_updated_and_deleted(wire):
    kept, gone = wire.lead(), wire.lead()
    wire.ask("DELETE", f"sobjects/Lead/{gone}")
    updated = wire.ask("GET", "sobjects/Lead/updated/", params=WINDOW).json()
    assert updated["ids"] == [kept]
    # What has not happened yet is not covered, or a reader that goes on from there would miss it.
    assert updated["latestDateCovered"] <= wire.org.stamp()
    past = WINDOW | {"end": "2021-01-01T00:00:59+00:00"}
    covered = wire.ask("GET", "sobjects/Lead/updated/", params=past).json()
    assert covered == {"ids": [], "latestDateCovered": "2021-01-01T00:00:00.000+0000"}
    assert deleted_ids(wire) == [gone] and deleted_ids(wire, past) == []


def test_what_left_the_recycle_bin_is_known_for_fifteen_days(wire):
    clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    clock.freeze()
    wire.org.clock = clock
    gone = wire.lead()
    wire.ask("DELETE", f"sobjects/Lead/{gone}")
    clock.advance(60)
    text = f"SELECT Id FROM Lead WHERE Id = '{gone}'"
    assert wire.ask("GET", "queryAll", params={"q": text}).json()["totalSize"] == 1
    assert wire.org.empty_bin("Lead") == 1 and wire.org.empty_bin("Lead") == 0
    assert wire.ask("GET", "queryAll", params={"q": text}).json()["totalSize"] == 0
    assert wire.ask("GET", f"sobjects/Lead/{gone}").json()[0]["errorCode"] == "NOT_FOUND"
    assert deleted_ids(wire) == [gone]
    clock.advance(14 * 86_400)
    assert deleted_ids(wire) == [gone]
    clock.advance(86_400)
    assert deleted_ids(wire) == []
