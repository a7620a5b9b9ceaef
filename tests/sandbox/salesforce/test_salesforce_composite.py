"""composite/tree, composite/graph and composite/batch, and what a composite request must look like."""

from __future__ import annotations

import pytest

BASE = "/services/data/v66.0"


def sub(reference, method, path, body=None):
    return {"method": method, "url": f"{BASE}/{path}", "referenceId": reference, "body": body}


def node(kind, reference, **fields):
    return {"attributes": {"type": kind, "referenceId": reference}, **fields}


def counts(wire, *names):
    return [wire.query(f"SELECT COUNT() FROM {name}")["totalSize"] for name in names]


def test_a_tree_is_created_level_by_level(wire, official):
    contact = node("Contact", "c1", LastName="Doe", Tasks={"records": [node("Task", "t1", Subject="Call")]})
    records = [node("Account", "a1", Name="One", Contacts={"records": [contact]}), node("Account", "a2", Name="Two")]
    reply = wire.ask("POST", "composite/tree/Account", {"records": records})
    assert reply.status_code == 201 and reply.json()["hasErrors"] is False
    results = reply.json()["results"]
    assert [r["referenceId"] for r in results] == ["a1", "a2", "c1", "t1"]
    ids = {r["referenceId"]: r["id"] for r in results}
    found = wire.query("SELECT Id, AccountId, (SELECT Id FROM Tasks) FROM Contact")["records"][0]
    assert (found["Id"], found["AccountId"]) == (ids["c1"], ids["a1"])
    assert found["Tasks"]["records"][0]["Id"] == ids["t1"]
    again = official.restful("composite/tree/Lead/", method="POST",
                             json={"records": [node("Lead", "l", LastName="A", Company="B")]})  # fmt: skip
    assert again["results"][0]["id"].startswith("00Q")


def test_a_tree_is_created_as_a_whole_or_not_at_all(wire):
    contact = node("Contact", "c1", LastName="Doe", Email="123")
    records = [node("Account", "a1", Name="One", Contacts={"records": [contact]})]
    reply = wire.ask("POST", "composite/tree/Account", {"records": records})
    assert reply.status_code == 400 and reply.json() == {
        "hasErrors": True,
        "results": [{
            "referenceId": "c1",
            "errors": [{"statusCode": "INVALID_EMAIL_ADDRESS", "message": "Email: invalid email address: 123",
                        "fields": ["Email"]}],
        }],
    }  # fmt: skip
    assert counts(wire, "Account", "Contact") == [0, 0]
    twice = wire.ask("POST", "composite/tree/Account", {"records": [node("Account", "a", Name="A")] * 2}).json()
    assert [r["referenceId"] for r in twice["results"]] == ["a", "a"]
    assert twice["results"][0]["errors"][0]["statusCode"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "records",
    [
        [],
        [node("Account", f"a{n}", Name="A") for n in range(201)],
        [node("Contact", "c", LastName="A")],
        [{"attributes": {"type": "Account"}, "Name": "A"}],
    ],
)
def test_trees_that_are_refused(wire, records):
    reply = wire.ask("POST", "composite/tree/Account", {"records": records})
    assert reply.status_code == 400 and reply.json()[0]["errorCode"] == "INVALID_INPUT"


def test_each_graph_stands_for_itself(wire):
    good = [sub("a", "POST", "sobjects/Account", {"Name": "Acme"}),
            sub("c", "POST", "sobjects/Contact", {"LastName": "Doe", "AccountId": "@{a.id}"})]  # fmt: skip
    bad = [sub("a", "POST", "sobjects/Account", {"Name": "Gone"}), sub("c", "POST", "sobjects/Contact", {}),
           sub("d", "POST", "sobjects/Contact", {"LastName": "Never"})]  # fmt: skip
    graphs = [{"graphId": "1", "compositeRequest": good}, {"graphId": "2", "compositeRequest": bad}]
    reply = wire.ask("POST", "composite/graph", {"graphs": graphs}).json()["graphs"]
    assert [(g["graphId"], g["isSuccessful"]) for g in reply] == [("1", True), ("2", False)]
    codes = [r["httpStatusCode"] for r in reply[0]["graphResponse"]["compositeResponse"]]
    assert codes == [201, 201]
    errors = [r["body"][0]["errorCode"] for r in reply[1]["graphResponse"]["compositeResponse"]]
    assert errors == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert counts(wire, "Account", "Contact") == [1, 1]


def test_graphs_take_records_only(wire):
    def refused(*graphs):
        return wire.ask("POST", "composite/graph", {"graphs": list(graphs)}).json()[0]["errorCode"]

    query = {"graphId": "1", "compositeRequest": [sub("q", "GET", "query?q=SELECT+Id+FROM+Lead")]}
    assert refused(query) == "INVALID_INPUT"
    one = [sub(f"n{n}", "GET", "sobjects/Lead/x") for n in range(300)]
    assert refused({"graphId": "1", "compositeRequest": one}, {"graphId": "2", "compositeRequest": one}) == (
        "LIMIT_EXCEEDED"
    )
    assert refused({"graphId": "1", "compositeRequest": one}, {"graphId": "1", "compositeRequest": one}) == (
        "INVALID_INPUT"
    )
    assert refused() == "INVALID_INPUT"


def test_a_batch_of_requests(wire):
    key = wire.lead()
    requests = [
        {"method": "PATCH", "url": f"v66.0/sobjects/Lead/{key}", "richInput": {"Title": "Nurse"}},
        {"method": "GET", "url": f"v66.0/sobjects/Lead/{key}?fields=Title"},
        {"method": "GET", "url": "v66.0/sobjects/Nothing/describe"},
        {"method": "GET", "url": "v66.0/limits"},
    ]
    reply = wire.ask("POST", "composite/batch", {"batchRequests": requests}).json()
    assert reply["hasErrors"] is True and [r["statusCode"] for r in reply["results"]] == [204, 200, 404, 200]
    assert reply["results"][0]["result"] is None and reply["results"][1]["result"]["Title"] == "Nurse"
    halted = wire.ask("POST", "composite/batch", {"batchRequests": requests, "haltOnError": True}).json()["results"]
    assert halted[3]["statusCode"] == 412 and halted[3]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    too_many = wire.ask("POST", "composite/batch", {"batchRequests": requests * 7})
    assert too_many.json()[0]["errorCode"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "requests",
    [
        [],
        [sub(f"n{n}", "GET", "limits") for n in range(26)],
        [sub("same", "GET", "limits"), sub("same", "GET", "limits")],
        [{"method": "GET", "url": f"{BASE}/limits"}],
        [sub("a b", "GET", "limits")],
        [{"method": "CALL", "url": f"{BASE}/limits", "referenceId": "a"}],
    ],
)
def test_composite_requests_that_are_refused(wire, requests):
    reply = wire.ask("POST", "composite", {"compositeRequest": requests})
    assert reply.status_code == 400 and reply.json()[0]["errorCode"] == "INVALID_INPUT"


def test_subrequests_count_as_one_call(wire):
    before = wire.org.api_usage
    wire.ask("POST", "composite", {"compositeRequest": [sub("a", "GET", "limits"), sub("b", "GET", "limits")]})
    assert wire.org.api_usage == before + 1
    assert set(wire.ask("GET", "composite").json()) == {"tree", "batch", "sobjects", "graph"}
