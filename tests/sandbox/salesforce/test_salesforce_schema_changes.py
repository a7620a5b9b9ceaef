"""Objects and fields that appear, change and go while clients work, and states that are kept and put back."""

from __future__ import annotations

import pickle

import pytest

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org

VALUES = [{"fullName": name, "label": name, "default": name == "new"} for name in ("new", "open", "lost")]
STAGE = {
    "type": "Picklist", "label": "Stage", "valueSet": {"restricted": True, "valueSetDefinition": {"value": VALUES}},
}  # fmt: skip
TEXT = {"type": "Text", "label": "Note", "length": 20}


@pytest.fixture
def field(wire):
    wire.org.define_field("Lead.Note__c", TEXT)
    wire.org.define_field("Lead.Stage__c", STAGE)
    return wire.lead(Note__c="12", Stage__c="open")


def described(wire, name, kind="Lead"):
    fields = {f["name"]: f for f in wire.ask("GET", f"sobjects/{kind}/describe").json()["fields"]}
    return fields.get(name)


def code(reply):
    return reply.json()[0]["errorCode"]


def test_a_removed_field_is_gone_everywhere(wire, field):
    wire.org.change_schema("Lead", "Note__c", {"remove": True})
    assert described(wire, "Note__c") is None
    assert wire.query("SELECT Note__c FROM Lead")[0]["errorCode"] == "INVALID_FIELD"
    assert code(wire.ask("PATCH", f"sobjects/Lead/{field}", {"Note__c": "x"})) == "INVALID_FIELD"
    assert "Note__c" not in wire.read(field) and "Lead.Note__c" not in wire.org.inspect()["custom_fields"]


def test_a_renamed_field_keeps_its_values(wire, field):
    wire.org.change_schema("Lead", "Crosswalk_Id__c", {"rename": "Hub_Id__c"})
    key = wire.ask("PATCH", "sobjects/Lead/Hub_Id__c/k1", {"LastName": "A", "Company": "B"}).json()["id"]
    assert wire.ask("GET", "sobjects/Lead/Hub_Id__c/k1").json()["Id"] == key
    assert wire.ask("GET", "sobjects/Lead/Crosswalk_Id__c/k1").status_code == 404
    wire.org.change_schema("Lead", "Note__c", {"rename": "Remark__c"})
    assert wire.query("SELECT Remark__c FROM Lead WHERE Remark__c = '12'")["records"][0]["Remark__c"] == "12"
    with pytest.raises(SalesforceError, match="standard"):
        wire.org.change_schema("Lead", "Email", {"rename": "Mail"})


def test_a_field_of_another_type(wire, field):
    other = wire.lead(Note__c="many")
    wire.org.change_schema("Lead", "Note__c", {"retype": {"type": "Number", "precision": 5, "scale": 0}})
    assert described(wire, "Note__c")["type"] == "double"
    found = wire.query("SELECT Id, Note__c FROM Lead WHERE Note__c > 3")["records"]
    assert [(r["Id"], r["Note__c"]) for r in found] == [(field, 12.0)]
    assert "Note__c" not in wire.read(other)  # lost
    assert code(wire.ask("PATCH", f"sobjects/Lead/{field}", {"Note__c": "many"})) == "JSON_PARSER_ERROR"


def test_picklist_values(wire, field):
    wire.org.change_schema("Lead", "Stage__c", {"drop_value": "lost"})
    refused = wire.ask("PATCH", f"sobjects/Lead/{field}", {"Stage__c": "lost"})
    assert code(refused) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    wire.org.change_schema("Lead", "Stage__c", {"rename_value": ["open", "working"]})
    assert [v["value"] for v in described(wire, "Stage__c")["picklistValues"]] == ["new", "working"]
    assert wire.query("SELECT Stage__c FROM Lead")["records"][0]["Stage__c"] == "working"
    wire.org.change_schema("Lead", "Stage__c", {"drop_value": "new"})
    assert "Stage__c" not in wire.read(wire.lead())  # the default went with it
    with pytest.raises(SalesforceError, match="no value"):
        wire.org.change_schema("Lead", "Stage__c", {"drop_value": "none"})


def test_a_field_that_becomes_required(wire, field):
    wire.org.change_schema("Lead", "Title", {"require": True})
    assert described(wire, "Title")["nillable"] is False
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "B"})
    assert reply.json()[0]["message"] == "Required fields are missing: [Title]"
    wire.org.change_schema("Lead", "Title", {"require": False})
    assert wire.lead()


def test_a_hidden_field_comes_back_with_its_values(wire, field):
    wire.org.change_schema("Lead", "Note__c", {"hide": True})
    assert described(wire, "Note__c") is None
    assert code(wire.ask("PATCH", f"sobjects/Lead/{field}", {"Note__c": "x"})) == "INVALID_FIELD"
    wire.org.change_schema("Lead", "Note__c", {"hide": False})
    assert wire.query("SELECT Note__c FROM Lead")["records"][0]["Note__c"] == "12"


def test_fields_of_activities_change_on_tasks_and_events(wire):
    wire.org.change_schema("Activity", "Crosswalk_Id__c", {"remove": True})
    assert described(wire, "Crosswalk_Id__c", "Task") is None and described(wire, "Crosswalk_Id__c", "Event") is None


@pytest.mark.parametrize(
    ("name", "what", "change"),
    [
        ("Lead", "Nope__c", {"remove": True}),
        ("Lead", "City", {"paint": "red"}),
        ("Lead", "City", {"remove": True, "hide": True}),
        ("Nothing", "City", {"remove": True}),
    ],
)
def test_changes_that_make_no_sense(wire, name, what, change):
    with pytest.raises(SalesforceError):
        wire.org.change_schema(name, what, change)


# -- custom objects ---------------------------------------------------------------------------------------------------


@pytest.fixture
def clinic(wire):
    lookup = {"type": "Lookup", "label": "Account", "referenceTo": "Account", "relationshipName": "Clinics"}
    beds = {"type": "Number", "label": "Beds", "precision": 4, "scale": 0}
    key = {"type": "Text", "label": "Key", "length": 20, "externalId": True, "unique": True}
    fields = [{"FullName": "Account__c", "Metadata": lookup}, {"FullName": "Beds__c", "Metadata": beds},
              {"FullName": "Key__c", "Metadata": key}]  # fmt: skip
    wire.org.define_object("Clinic__c", "Clinic", fields)


def test_a_custom_object_is_described(wire, clinic):
    shown = wire.ask("GET", "sobjects/Clinic__c/describe").json()
    assert (shown["custom"], shown["keyPrefix"], shown["labelPlural"]) == (True, "a00", "Clinics")
    fields = {f["name"]: f for f in shown["fields"]}
    assert (
        fields["Account__c"]["referenceTo"] == ["Account"] and fields["Account__c"]["relationshipName"] == "Account__r"
    )
    assert fields["Name"]["nameField"] and fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert "Clinic__c" in {s["name"] for s in wire.ask("GET", "sobjects").json()["sobjects"]}
    below = wire.ask("GET", "sobjects/Account/describe").json()["childRelationships"]
    assert ("Clinics__r", "Clinic__c") in {(c["relationshipName"], c["childSObject"]) for c in below}
    wire.org.define_object("Ward__c")
    assert wire.ask("GET", "sobjects/Ward__c/describe").json()["keyPrefix"] == "a01"
    with pytest.raises(SalesforceError, match="already"):
        wire.org.define_object("clinic__c")


def test_its_records_are_records(wire, clinic, official):
    account = wire.ask("POST", "sobjects/Account", {"Name": "Acme"}).json()["id"]
    key = official.Clinic__c.create({"Name": "North", "Account__c": account, "Beds__c": 12})["id"]
    assert key.startswith("a00")
    found = official.query("SELECT Name, Beds__c, Account__r.Name, Owner.Name FROM Clinic__c")["records"][0]
    assert (found["Beds__c"], found["Account__r"]["Name"]) == (12.0, "Acme")
    below = official.query("SELECT (SELECT Name FROM Clinics__r) FROM Account")["records"][0]["Clinics__r"]
    assert below["records"][0]["Name"] == "North"
    assert official.Clinic__c.upsert("Key__c/k1", {"Beds__c": 3}) == 201
    unnamed = official.Clinic__c.get_by_custom_id("Key__c", "k1")
    assert unnamed["Name"] == unnamed["Id"]
    row = {"attributes": {"type": "Clinic__c"}, "Account__c": "nothing"}
    rows = wire.ask("POST", "composite/sobjects", {"records": [row]}).json()
    assert rows[0]["errors"][0]["statusCode"] == "MALFORMED_ID"
    official.Account.delete(account)
    assert official.Clinic__c.get(key)["Account__c"] is None  # cleared with its parent
    assert official.Clinic__c.delete(key) == 204
    assert official.query("SELECT COUNT() FROM Clinic__c")["totalSize"] == 1


def test_details_go_with_their_master(wire, clinic):
    master = {"type": "MasterDetail", "label": "Clinic", "referenceTo": "Clinic__c", "relationshipName": "Wards"}
    wire.org.define_object("Ward__c", "Ward", [{"FullName": "Clinic__c", "Metadata": master}])
    clinic_id = wire.ask("POST", "sobjects/Clinic__c", {"Name": "North"}).json()["id"]
    assert code(wire.ask("POST", "sobjects/Ward__c", {"Name": "A"})) == "REQUIRED_FIELD_MISSING"
    wire.ask("POST", "sobjects/Ward__c", {"Name": "A", "Clinic__c": clinic_id})
    wire.ask("DELETE", f"sobjects/Clinic__c/{clinic_id}")
    assert wire.query("SELECT COUNT() FROM Ward__c")["totalSize"] == 0


def test_custom_objects_come_with_a_scenario(wire):
    wire.org.load({
        "CustomObject": [{"FullName": "Clinic__c", "Metadata": {"label": "Clinic", "pluralLabel": "Clinics"}}],
        "CustomField": [{"FullName": "Clinic__c.Note__c", "Metadata": TEXT}],
        "Clinic__c": [{"Name": "North", "Note__c": "x"}],
    })  # fmt: skip
    assert wire.query("SELECT Note__c FROM Clinic__c")["records"][0]["Note__c"] == "x"


def test_multi_select_picklists(wire):
    values = {"type": "MultiselectPicklist", "label": "Days", "visibleLines": 3, "valueSet": STAGE["valueSet"]}
    wire.org.define_field("Lead.Days__c", values)
    assert wire.read(wire.lead(Days__c="lost;NEW;lost"))["Days__c"] == "new;lost"
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "B", "Days__c": "new;never"})
    assert code(reply) == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


# -- states -----------------------------------------------------------------------------------------------------------


def test_the_state_of_an_org_can_be_kept_and_put_back(wire, clinic):
    wire.org.change({"duplicate_rules": True})
    wire.org.load({"ValidationRule": [
        {"Object": "Lead", "Field": "City", "Condition": {"matches": "[A-Z].*"}, "Message": "A capital"},
    ]})  # fmt: skip
    key = wire.lead(Email="a@example.org")
    wire.org.lock(key, 60)
    wire.org.clock, clock = None, wire.org.clock
    kept = pickle.dumps(wire.org.__getstate__())
    wire.org.clock = clock
    other = Org.__new__(Org)
    other.__setstate__(pickle.loads(kept))
    other.clock = clock
    assert other.dump(stamps=True) == wire.org.dump(stamps=True)
    wire.org.unlock()
    wire.ask("DELETE", f"sobjects/Lead/{key}")
    wire.org.change_schema("Lead", "Email", {"remove": True})
    wire.org.__setstate__(pickle.loads(kept))
    wire.org.clock = clock
    assert code(wire.ask("PATCH", f"sobjects/Lead/{key}", {"City": "x"})) == "UNABLE_TO_LOCK_ROW"
    wire.org.unlock()
    assert code(wire.ask("PATCH", f"sobjects/Lead/{key}", {"City": "x"})) == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    again = {"LastName": "Roe", "Company": "Roe", "Email": "a@example.org"}
    assert code(wire.ask("POST", "sobjects/Lead", again)) == "DUPLICATES_DETECTED"
    assert wire.ask("POST", "sobjects/Clinic__c", {"Beds__c": 3}).status_code == 201
