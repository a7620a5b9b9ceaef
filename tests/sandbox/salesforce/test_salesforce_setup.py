"""Custom fields and field-level security: a new field is there but nobody sees it."""

from __future__ import annotations

DEFINITION = {"type": "Text", "label": "Motion", "length": 20}


def define(wire, full_name="Lead.Motion__c", **metadata):
    body = {"FullName": full_name, "Metadata": {**DEFINITION, **metadata}}
    return wire.ask("POST", "tooling/sobjects/CustomField", body)


def grant(wire, field, edit=True):
    """Give the integration user access through a permission set; returns the set's id."""
    key = wire.ask("POST", "sobjects/PermissionSet", {"Name": "Hub", "Label": "Hub"}).json()["id"]
    user = wire.ask("GET", "/services/oauth2/userinfo").json()["user_id"]
    row = {"ParentId": key, "SobjectType": field.split(".")[0], "Field": field, "PermissionsRead": True,
           "PermissionsEdit": edit}  # fmt: skip
    assert wire.ask("POST", "sobjects/FieldPermissions", row).status_code == 201
    body = {"AssigneeId": user, "PermissionSetId": key}
    assert wire.ask("POST", "sobjects/PermissionSetAssignment", body).status_code == 201
    return key


def visible(wire, name="Motion__c", kind="Lead"):
    return name in {f["name"] for f in wire.ask("GET", f"sobjects/{kind}/describe").json()["fields"]}


def test_a_new_field_is_invisible_until_it_is_granted(wire):
    lead = wire.lead()
    reply = define(wire)
    assert reply.status_code == 201 and reply.json()["success"] and reply.json()["id"].startswith("00N")
    assert not visible(wire)
    asked = wire.query("SELECT Motion__c FROM Lead")[0]
    assert asked["errorCode"] == "INVALID_FIELD" and "No such column 'Motion__c' on entity 'Lead'" in asked["message"]
    written = wire.ask("PATCH", f"sobjects/Lead/{lead}", {"Motion__c": "x"})
    assert written.json()[0]["message"] == "No such column 'Motion__c' on sobject of type Lead"
    grant(wire, "Lead.Motion__c")
    assert visible(wire)
    assert wire.ask("PATCH", f"sobjects/Lead/{lead}", {"Motion__c": "x"}).status_code == 204
    assert wire.query("SELECT Motion__c FROM Lead")["records"][0]["Motion__c"] == "x"


def test_read_only_grants_do_not_allow_writing(wire):
    define(wire)
    grant(wire, "Lead.Motion__c", edit=False)
    field = next(f for f in wire.ask("GET", "sobjects/Lead/describe").json()["fields"] if f["name"] == "Motion__c")
    assert not field["createable"] and not field["updateable"]
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "A", "Motion__c": "x"})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_taking_the_assignment_away_hides_the_field(wire):
    define(wire)
    grant(wire, "Lead.Motion__c")
    key = wire.query("SELECT Id FROM PermissionSetAssignment")["records"][0]["Id"]
    assert wire.ask("DELETE", f"sobjects/PermissionSetAssignment/{key}").status_code == 204
    assert not visible(wire)


def test_activity_fields_appear_on_tasks_and_events(wire):
    assert define(wire, "Activity.Motion__c").status_code == 201
    grant(wire, "Task.Motion__c")
    assert visible(wire, kind="Task") and visible(wire, kind="Event")


def test_grants_in_a_collection(wire):
    for number in range(3):
        define(wire, f"Lead.Extra_{number}__c")
    parent = grant(wire, "Lead.Extra_0__c")
    names = [f"Lead.Extra_{n}__c" for n in (0, 1, 2)] + ["Lead.None__c"]
    records = [
        {"attributes": {"type": "FieldPermissions"}, "ParentId": parent, "SobjectType": "Lead", "Field": name,
         "PermissionsRead": True, "PermissionsEdit": True}
        for name in names
    ]  # fmt: skip
    rows = wire.ask("POST", "composite/sobjects", {"allOrNone": False, "records": records}).json()
    assert [row["success"] for row in rows] == [False, True, True, False]
    codes = [row["errors"][0]["statusCode"] for row in (rows[0], rows[3])]
    assert codes == ["DUPLICATE_VALUE", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"]


def test_defining_twice_is_refused_with_a_list(wire):
    define(wire)
    reply = define(wire)
    assert reply.status_code == 400 and reply.json()[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    assert define(wire, "Activity.Crosswalk_Id__c").json()[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"


def test_incomplete_definitions(wire):
    assert define(wire, length=None).json()[0]["message"] == "Must specify 'length' for a CustomField of type Text"
    assert define(wire, "Lead.Motion").json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert define(wire, type="Nothing").status_code == 400
    assert define(wire, "Nothing.Motion__c").status_code == 400
    assert wire.ask("POST", "tooling/sobjects/CustomField", {"FullName": "Lead.A__c"}).json()[0]["errorCode"] == (
        "REQUIRED_FIELD_MISSING"
    )


def test_restricted_picklists(wire):
    values = [{"fullName": "granted", "label": "granted", "default": False}, {"fullName": "denied", "label": "denied"}]
    value_set = {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}
    assert define(wire, "Lead.State__c", type="Picklist", length=None, valueSet=value_set).status_code == 201
    wire.org.reveal_field("Lead", "State__c")
    assert wire.read(wire.lead(State__c="GRANTED"))["State__c"] == "granted"
    reply = wire.ask("POST", "sobjects/Lead", {"LastName": "A", "Company": "A", "State__c": "maybe"})
    assert reply.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_tooling_query(wire):
    define(wire)
    text = "SELECT Id, DeveloperName, TableEnumOrId FROM CustomField WHERE DeveloperName = 'Motion'"
    found = wire.ask("GET", "tooling/query", params={"q": text}).json()
    assert found["records"][0]["TableEnumOrId"] == "Lead"
    assert wire.query(text)[0]["errorCode"] == "INVALID_TYPE"  # not in the data API


def test_definitions_come_with_a_scenario(wire):
    wire.org.load({
        "CustomField": [{"FullName": "Lead.Old__c", "Metadata": DEFINITION}],
        "Lead": [{"Id": "00QgK0000000Zzz", "LastName": "A", "Company": "B", "Old__c": "kept"}],
        "User": [{"Id": "005gK0000000Zzz", "LastName": "Hub", "Username": "integration@example.org"}],
    })  # fmt: skip
    assert visible(wire, "Old__c")
    assert wire.org.dump(["Lead"])["Lead"][0]["Old__c"] == "kept"
    assert wire.ask("GET", "/services/oauth2/userinfo").json()["user_id"].startswith("005gK0000000Zzz")
    assert wire.org.inspect(["Lead"])["counts"]["Lead"] == 1
