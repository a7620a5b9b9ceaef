"""composite/sobjects and composite."""

from __future__ import annotations


def lead(**fields):
    return {"attributes": {"type": "Lead"}, "LastName": "Doe", "Company": "Acme Clinic", **fields}


def test_rows_keep_their_order_and_failed_rows_have_no_id(wire):
    records = [lead(FirstName="A"), lead(Email="bad"), lead(FirstName="C"), lead(LastName=None), lead(Nope__c=1)]
    reply = wire.ask("POST", "composite/sobjects", {"allOrNone": False, "records": records})
    rows = reply.json()
    assert reply.status_code == 200 and [row["success"] for row in rows] == [True, False, True, False, False]
    assert "id" not in rows[1] and rows[1]["errors"] == [
        {"statusCode": "INVALID_EMAIL_ADDRESS", "message": "Email: invalid email address: bad", "fields": ["Email"]}
    ]
    assert wire.read(rows[2]["id"])["FirstName"] == "C"
    assert rows[4]["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_all_or_none_takes_everything_back(wire):
    kept = wire.lead(FirstName="Old", Crosswalk_Id__c="k")
    records = [
        {"attributes": {"type": "Lead"}, "id": kept, "FirstName": "New", "Crosswalk_Id__c": "other"},
        {"attributes": {"type": "Lead"}, "id": kept, "Email": "bad"},
    ]
    rows = wire.ask("PATCH", "composite/sobjects", {"allOrNone": True, "records": records}).json()
    codes = [row["errors"][0]["statusCode"] for row in rows]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_EMAIL_ADDRESS"]
    assert wire.read(kept)["FirstName"] == "Old"
    assert wire.query("SELECT Id FROM Lead WHERE Crosswalk_Id__c = 'K'")["records"][0]["Id"] == kept
    wire.ask("POST", "composite/sobjects", {"allOrNone": True, "records": [lead(), lead(Email="bad")]})
    assert wire.query("SELECT COUNT() FROM Lead")["totalSize"] == 1


def test_upsert_rows_carry_created(wire):
    known = wire.lead(Crosswalk_Id__c="k1")
    records = [lead(Crosswalk_Id__c="k1", FirstName="B"), lead(Crosswalk_Id__c="k2"), lead(),
               lead(Crosswalk_Id__c="K2", FirstName="second")]  # fmt: skip
    body = {"allOrNone": False, "records": records}
    rows = wire.ask("PATCH", "composite/sobjects/Lead/Crosswalk_Id__c", body).json()
    assert rows[0] == {"id": known, "success": True, "errors": [], "created": False}
    assert rows[1]["created"] is True
    assert rows[2]["errors"][0]["statusCode"] == "MISSING_ARGUMENT"
    assert rows[3]["errors"][0] == {
        "statusCode": "DUPLICATE_VALUE",
        "message": "Duplicate external id specified: K2",
        "fields": ["Crosswalk_Id__c"],
    }


def test_upsert_refuses_several_matches_and_converted_leads(wire):
    keys = [wire.lead(Source_Key__c="s"), wire.lead(Source_Key__c="s")]
    wire.org.load({"Lead": [{"Id": "00QgK0000000Zzz", "LastName": "A", "Company": "B", "IsConverted": True,
                             "Source_Key__c": "c"}]})  # fmt: skip
    body = {"records": [lead(Source_Key__c="s"), lead(Source_Key__c="c")]}
    rows = wire.ask("PATCH", "composite/sobjects/Lead/Source_Key__c", body).json()
    assert rows[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID" and keys[1] in rows[0]["errors"][0]["message"]
    assert rows[1]["errors"] == [
        {"statusCode": "CANNOT_UPDATE_CONVERTED_LEAD", "message": "cannot reference converted lead", "fields": []}
    ]


def test_more_than_200_rows_are_refused(wire):
    reply = wire.ask("POST", "composite/sobjects", {"records": [lead()] * 201})
    assert reply.status_code == 400 and reply.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    mixed = [lead(), {"attributes": {"type": "Account"}, "Name": "A"}] * 6
    assert "chunks" in wire.ask("POST", "composite/sobjects", {"records": mixed}).json()[0]["message"]


def test_delete_and_retrieve(wire):
    keys = [wire.lead() for _ in range(3)]
    rows = wire.ask("DELETE", f"composite/sobjects?ids={keys[0]},00QgK0000zzzzzz&allOrNone=false").json()
    assert [row["success"] for row in rows] == [True, False]
    assert rows[1]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    shown = wire.ask("POST", "composite/sobjects/Lead", {"ids": keys, "fields": ["Id", "Name"]}).json()
    assert shown[0] is None and [row["Id"] for row in shown[1:]] == keys[1:]


def test_collections_honour_auto_assign(wire, user):
    chief = user("Chief")
    wire.org.change({"assignment_rule": chief})
    key = wire.ask("POST", "composite/sobjects", {"records": [lead()]}).json()[0]["id"]
    off = wire.ask("POST", "composite/sobjects", {"records": [lead()]}, headers={"Sforce-Auto-Assign": "false"})
    assert wire.read(key)["OwnerId"] == chief and wire.read(off.json()[0]["id"])["OwnerId"] == wire.org.user_id


def composite(wire, *subrequests, all_or_none=False):
    requests = [
        {"method": method, "url": f"/services/data/v66.0/{path}", "referenceId": reference, "body": body}
        for reference, method, path, body in subrequests
    ]
    body = {"allOrNone": all_or_none, "compositeRequest": requests}
    return wire.ask("POST", "composite", body).json()["compositeResponse"]


def test_composite_references(wire):
    replies = composite(
        wire,
        ("lead", "POST", "sobjects/Lead", {"LastName": "A", "Company": "B"}),
        ("task", "POST", "sobjects/Task", {"Subject": "Call", "WhoId": "@{lead.id}"}),
        ("list", "GET", "query?q=SELECT+Id,+WhoId+FROM+Task", None),
        ("read", "GET", "sobjects/Lead/@{list.records[0].WhoId}", None),
        ("none", "GET", "sobjects/Lead/@{nothing.id}", None),
    )
    assert [r["httpStatusCode"] for r in replies] == [201, 201, 200, 200, 400]
    assert replies[3]["body"]["LastName"] == "A" and replies[4]["body"][0]["errorCode"] == "PROCESSING_HALTED"


def test_composite_all_or_none(wire):
    replies = composite(
        wire,
        ("one", "POST", "sobjects/Lead", {"LastName": "A", "Company": "B"}),
        ("two", "POST", "sobjects/Lead", {"LastName": "A"}),
        all_or_none=True,
    )
    assert [r["body"][0]["errorCode"] for r in replies] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert wire.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
