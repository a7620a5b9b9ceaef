"""Sub-selects: children below their parent, and semi-joins."""

from __future__ import annotations

import pytest


@pytest.fixture
def sold(wire):
    """Two deals, the first with two contacts; three leads, the first two with tasks."""
    keys: dict[str, str] = {}

    def add(label, name, **fields):
        keys[label] = wire.ask("POST", f"sobjects/{name}", fields).json()["id"]

    for label in ("won", "open"):
        stage = "Closed Won" if label == "won" else "Prospecting"
        add(label, "Opportunity", Name=label, StageName=stage, CloseDate="2026-04-01")
    for label in ("Ada", "Bela"):
        add(label, "Contact", LastName=label)
        add(f"role {label}", "OpportunityContactRole", OpportunityId=keys["won"], ContactId=keys[label],
            Role="Evaluator", IsPrimary=label == "Bela")  # fmt: skip
    for label, status in (("one", "Working - Contacted"), ("two", "Open - Not Contacted"), ("three", None)):
        add(label, "Lead", LastName=label, Company="Acme", **({"Status": status} if status else {}))
    for label in ("one", "two"):
        add(f"task {label}", "Task", Subject=label, WhoId=keys[label])
    add("task Ada", "Task", Subject="Ada", WhoId=keys["Ada"])
    add("loose task", "Task", Subject="loose")
    return keys


def test_children_come_below_their_parent(wire, sold):
    inner = "SELECT ContactId, Contact.LastName, Role, IsPrimary FROM OpportunityContactRoles ORDER BY IsPrimary DESC"
    won, other = wire.query(f"SELECT Name, ({inner}) FROM Opportunity ORDER BY Name DESC")["records"]
    below = won["OpportunityContactRoles"]
    assert (below["totalSize"], below["done"]) == (2, True)
    assert [r["Contact"]["LastName"] for r in below["records"]] == ["Bela", "Ada"]
    assert below["records"][0] == {
        "attributes": {
            "type": "OpportunityContactRole",
            "url": f"/services/data/v66.0/sobjects/OpportunityContactRole/{sold['role Bela']}",
        },
        "ContactId": sold["Bela"], "Contact": below["records"][0]["Contact"], "Role": "Evaluator", "IsPrimary": True,
    }  # fmt: skip
    assert other["Name"] == "open" and other["OpportunityContactRoles"] is None


def test_children_can_be_filtered_and_limited(wire, sold):
    text = "SELECT Id, (SELECT Id FROM OpportunityContactRoles WHERE IsPrimary = true LIMIT 1) FROM Opportunity o"
    (record,) = [r for r in wire.query(text)["records"] if r["OpportunityContactRoles"]]
    assert [r["Id"] for r in record["OpportunityContactRoles"]["records"]] == [sold["role Bela"]]
    wire.ask("DELETE", f"sobjects/OpportunityContactRole/{sold['role Bela']}")
    assert not any(r["OpportunityContactRoles"] for r in wire.query(text)["records"])
    tasks = wire.query("SELECT Id, (SELECT Subject FROM Tasks) FROM Lead WHERE LastName = 'one'")["records"][0]["Tasks"]
    assert tasks["records"][0]["Subject"] == "one"


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("WhoId IN (SELECT Id FROM Lead)", ["one", "two"]),
        ("WhoId IN (SELECT Id FROM Lead WHERE Status = 'Working - Contacted')", ["one"]),
        ("WhoId IN (SELECT Id FROM Lead WHERE LastName = 'nobody')", []),
        ("WhoId NOT IN (SELECT Id FROM Lead)", ["Ada", "loose"]),
        ("WhoId NOT IN (SELECT Id FROM Lead WHERE LastName = 'nobody')", ["Ada", "loose", "one", "two"]),
        ("WhoId IN (SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsWon = true)", ["Ada"]),
        ("Subject = 'one' AND WhoId IN (SELECT Id FROM Lead l WHERE l.Company = 'acme')", ["one"]),
    ],
)
def test_semi_joins(wire, sold, where, expected):
    reply = wire.query(f"SELECT Subject FROM Task WHERE {where} ORDER BY Subject")
    assert [r["Subject"] for r in reply["records"]] == expected


def test_a_semi_join_on_the_id_and_deleted_rows(wire, sold):
    text = "SELECT LastName FROM Lead WHERE Id IN (SELECT WhoId FROM Task)"
    assert {r["LastName"] for r in wire.query(text)["records"]} == {"one", "two"}
    wire.ask("DELETE", f"sobjects/Task/{sold['task one']}")
    assert {r["LastName"] for r in wire.query(text)["records"]} == {"two"}


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Opportunity", "INVALID_TYPE", "relationship 'Nothings' in FROM"),
        ("SELECT Id, (SELECT COUNT() FROM Tasks) FROM Lead", "MALFORMED_QUERY", "aggregates"),
        ("SELECT Id, (SELECT Nope FROM Tasks) FROM Lead", "INVALID_FIELD", "No such column 'Nope' on entity 'Task'"),
        ("SELECT Id, (SELECT Id FROM Tasks FROM Lead", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Lead WHERE Id IN (SELECT Id FROM Lead)", "MALFORMED_QUERY", "same object type"),
        ("SELECT Id FROM Task WHERE WhoId IN (SELECT Name FROM Lead)", "MALFORMED_QUERY", "Name is neither"),
        ("SELECT Id FROM Task WHERE WhoId IN (SELECT Id, Name FROM Lead)", "MALFORMED_QUERY", "one field"),
        ("SELECT Id FROM Task WHERE WhoId IN (SELECT COUNT() FROM Lead)", "MALFORMED_QUERY", "one field"),
        ("SELECT Id FROM Task WHERE WhoId IN (SELECT Id FROM Leed)", "INVALID_TYPE", "'Leed' is not supported"),
        ("SELECT Id FROM Task WHERE Subject = 'a' OR WhoId IN (SELECT Id FROM Lead)", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Task WHERE NOT WhoId IN (SELECT Id FROM Lead)", "MALFORMED_QUERY", "'NOT'"),
        (f"SELECT Id FROM Task WHERE {' AND '.join(['WhoId IN (SELECT Id FROM Lead)'] * 3)}", "MALFORMED_QUERY",
         "Maximum 2 semi join"),
        ("SELECT Id FROM Task WHERE Subject IN (SELECT Id FROM Lead)", "MALFORMED_QUERY", "Subject is neither"),
    ],
)  # fmt: skip
def test_wrong_sub_selects(wire, text, code, part):
    reply = wire.ask("GET", "query", params={"q": text})
    assert reply.status_code == 400
    (error,) = reply.json()
    assert error["errorCode"] == code and part in error["message"]
