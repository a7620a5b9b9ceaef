"""Faults do what they say, where and when they say it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Sandbox

LIST = "/crm/v3/objects/contacts"
BATCH = "/crm/v3/objects/contacts/batch/create"


@pytest.fixture
def world(sandbox: Sandbox) -> Sandbox:
    sandbox.control("DELETE", "/faults")
    return sandbox


def fault(world: Sandbox, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.control("POST", "/faults", **given)["faults"][0]
    return made


def statuses(world: Sandbox, count: int, path: str = LIST) -> list[int]:
    return [world.ask("GET", path).status_code for _ in range(count)]


def salesforce(world: Sandbox, method: str, path: str, body: Any = None) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": world.salesforce["client_id"],
        "client_secret": world.salesforce["client_secret"],
    }
    token = requests.post(f"{world.salesforce['url']}/services/oauth2/token", data=form, timeout=10).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    return requests.request(method, world.salesforce["url"] + path, json=body, headers=headers, timeout=10)


# -- when ------------------------------------------------------------------------------------------------------


def test_at_the_nth_call(world: Sandbox) -> None:
    fault(world, kind="status", status=503, endpoint=f"GET {LIST}", nth=[2, 4])
    assert statuses(world, 5) == [200, 503, 200, 503, 200]


def test_other_endpoints_are_neither_struck_nor_counted(world: Sandbox) -> None:
    fault(world, kind="status", status=502, endpoint="GET /crm/v3/objects/{object_type}", nth=2)
    assert statuses(world, 1) == [200]
    assert statuses(world, 3, "/crm/v3/owners") == [200, 200, 200]
    assert statuses(world, 2) == [502, 200]


def test_every_few_calls_and_so_often_at_most(world: Sandbox) -> None:
    fault(world, kind="status", status=500, endpoint="GET *", every=2, times=2)
    assert statuses(world, 8) == [200, 500, 200, 500, 200, 200, 200, 200]


def test_chance_follows_the_seed(world: Sandbox) -> None:
    def drawn(seed: int) -> list[int]:
        world.control("DELETE", "/faults")
        fault(world, kind="status", status=500, endpoint="GET *", probability=0.4, seed=seed)
        return statuses(world, 40)

    assert drawn(7) == drawn(7) != drawn(8)
    assert 5 < drawn(7).count(500) < 30


def test_what_is_set_is_shown_and_lifted(world: Sandbox) -> None:
    first = fault(world, kind="latency", milliseconds=1, system="hubspot")
    second = fault(world, kind="status", status=500, endpoint="POST *")
    statuses(world, 2)
    shown = world.control("GET", "/faults")["faults"]
    assert [(entry["kind"], entry["matched"], entry["struck"]) for entry in shown] == [
        ("latency", 2, 2),
        ("status", 0, 0),
    ]
    assert world.control("DELETE", f"/faults?id={first['id']}")["lifted"] == 1
    assert [entry["id"] for entry in world.control("GET", "/faults")["faults"]] == [second["id"]]
    world.control("POST", "/reset")
    assert world.control("GET", "/faults")["faults"] == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"kind": "earthquake"}, "kind must be one of"),
        ({"kind": "status"}, "status must be given"),
        ({"kind": "status", "status": 99}, "from 200 to 599"),
        ({"kind": "garbled", "bytes": -1}, "bytes cannot be negative"),
        ({"kind": "latency", "milliseconds": -1}, "cannot be negative"),
        ({"kind": "status", "status": "503"}, "status must be given, as int"),
        ({"kind": "status", "status": 503, "nht": 3}, "no key nht"),
        ({"kind": "status", "status": 503, "nth": 0}, "nth is a number from 1 on"),
        ({"kind": "status", "status": 503, "nth": 1, "every": 2}, "exclude each other"),
        ({"kind": "status", "status": 503, "probability": 2}, "probability must be a number from 0 to 1"),
        ({"kind": "status", "status": 503, "endpoint": "GET crm"}, "begins with /"),
        ({"kind": "status", "status": 503, "system": "pardot"}, "system must be one of"),
        ({"kind": "reset", "when": "never"}, "when must be one of before, after"),
        ({"kind": "stale", "snapshot": "none"}, "no snapshot 'none'"),
        ({"kind": "schema", "object": "Lead", "field": "X", "change": {"remove": True}}, "needs its system"),
        (
            {"kind": "schema", "system": "hubspot", "object": "contacts", "field": "x", "change": {"eat": 1}},
            "change has",
        ),
    ],
)
def test_a_description_that_makes_no_fault_is_refused(world: Sandbox, given: dict[str, Any], named: str) -> None:
    answer = requests.post(f"{world.hubspot['url']}/_sandbox/faults", json=given, timeout=10)
    assert (answer.status_code, named in answer.json()["error"]) == (400, True), answer.text


# -- what ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "key", "value"),
    [
        ("burst", "policyName", "TEN_SECONDLY_ROLLING"),
        ("daily", "policyName", "DAILY"),
        ("search", "category", "RATE_LIMITS"),
    ],
)
def test_each_429_of_hubspot(world: Sandbox, limit: str, key: str, value: str) -> None:
    fault(world, kind="rate_limit", limit=limit, system="hubspot", nth=1)
    answer = world.ask("GET", LIST)
    assert (answer.status_code, answer.json()[key]) == (429, value)
    assert "Retry-After" not in answer.headers


@pytest.mark.parametrize(("limit", "policy"), [("concurrent", "TEN_SECONDLY_ROLLING"), ("requests", "DAILY")])
def test_a_limit_of_the_other_vendor_is_its_nearest(world: Sandbox, limit: str, policy: str) -> None:
    fault(world, kind="rate_limit", limit=limit, nth=1)
    assert world.ask("GET", LIST).json()["policyName"] == policy


def test_a_limit_may_say_when_to_come_again(world: Sandbox) -> None:
    fault(world, kind="rate_limit", headers={"Retry-After": "3"}, nth=1)
    assert world.ask("GET", LIST).headers["Retry-After"] == "3"


def test_the_request_limit_of_salesforce(world: Sandbox) -> None:
    limits = "GET /services/data/{version}/limits"
    fault(world, kind="rate_limit", limit="requests", system="salesforce", endpoint=limits)
    answer = salesforce(world, "GET", "/services/data/v60.0/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_a_gateway_error_is_no_json(world: Sandbox) -> None:
    fault(world, kind="status", status=504, nth=1)
    answer = world.ask("GET", LIST)
    assert answer.status_code == 504
    assert answer.headers["content-type"].startswith("text/html")


def test_a_body_and_headers_of_ones_own(world: Sandbox) -> None:
    fault(world, kind="status", status=423, body={"message": "locked"}, headers={"X-Why": "test"}, nth=1)
    answer = world.ask("GET", LIST)
    assert (answer.status_code, answer.json(), answer.headers["X-Why"]) == (423, {"message": "locked"}, "test")


@pytest.mark.parametrize("kind", ["reset", "status"])
@pytest.mark.parametrize(("when", "kept"), [("before", 0), ("after", 1)])
def test_the_write_is_lost_or_only_its_answer(world: Sandbox, kind: str, when: str, kept: int) -> None:
    more = {"status": 504} if kind == "status" else {}
    fault(world, kind=kind, when=when, endpoint=f"POST {BATCH}", nth=1, **more)
    inputs = {"inputs": [{"properties": {"email": "a@people.example.org"}}]}
    if kind == "reset":
        with pytest.raises(requests.ConnectionError):
            world.ask("POST", BATCH, inputs)
    else:
        assert world.ask("POST", BATCH, inputs).status_code == 504
    assert world.control("GET", "/inspect")["hubspot"]["contacts"] == kept
    statuses_seen = world.control("GET", "/requests")["hubspot"]["by_status"]
    assert statuses_seen == {"reset" if kind == "reset" else "504": 1}
    assert list(world.control("GET", "/requests")["hubspot"]["by_endpoint"]) == [
        "POST /crm/v3/objects/{object_type}/batch/create"
    ]


def test_a_body_that_breaks_off(world: Sandbox) -> None:
    fault(world, kind="truncated", share=0.5, endpoint=f"GET {LIST}", nth=1)
    world.hubspot_contacts("a@people.example.org", "b@people.example.org")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        world.ask("GET", LIST)
    assert statuses(world, 1) == [200]


def test_a_cut_body_that_pretends_to_be_whole(world: Sandbox) -> None:
    fault(world, kind="truncated", share=0.5, honest_length=True, endpoint=f"GET {LIST}", nth=1)
    answer = world.ask("GET", LIST)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_a_garbled_body(world: Sandbox) -> None:
    fault(world, kind="garbled", endpoint=f"GET {LIST}", nth=[1, 2])
    first, second, third = (world.ask("GET", LIST) for _ in range(3))
    assert len(first.content) == len(third.content)
    for spoiled in (first, second):
        with pytest.raises(UnicodeDecodeError):
            spoiled.content.decode()
    assert third.json() == {"results": []}


def test_a_page_where_data_was_expected(world: Sandbox) -> None:
    fault(world, kind="content_type", nth=1)
    answer = world.ask("GET", LIST)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_named_rows_of_a_batch_fail(world: Sandbox) -> None:
    fault(world, kind="partial", rows=["B@people.example.org"], code="VALIDATION_ERROR", endpoint=f"POST {BATCH}")
    inputs = [
        {"properties": {"email": f"{name}@people.example.org"}, "objectWriteTraceId": name} for name in ("a", "b", "c")
    ]
    answer = world.ask("POST", BATCH, {"inputs": inputs})
    assert answer.status_code == 207
    assert [error["context"]["objectWriteTraceId"] for error in answer.json()["errors"]] == [["b"]]
    assert len(answer.json()["results"]) == 2


def test_named_rows_of_a_collection_fail(world: Sandbox) -> None:
    fault(world, kind="partial", rows=["Roe"], code="UNABLE_TO_LOCK_ROW", system="salesforce", fields=[])
    records = [{"attributes": {"type": "Lead"}, "LastName": n, "Company": "X"} for n in ("Doe", "Roe")]
    rows = salesforce(world, "POST", "/services/data/v60.0/composite/sobjects", {"records": records}).json()
    assert [row["success"] for row in rows] == [True, False]
    assert rows[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"


def test_a_token_ends_in_the_middle(world: Sandbox) -> None:
    fault(world, kind="expire_token", system="salesforce", endpoint="GET *", nth=1)
    answer = salesforce(world, "GET", "/services/data/v60.0/limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert salesforce(world, "GET", "/services/data/v60.0/limits").status_code == 200


def test_a_request_is_delivered_twice(world: Sandbox) -> None:
    fault(world, kind="duplicate", endpoint="POST /crm/v3/objects/notes", nth=1)
    note = {"properties": {"hs_timestamp": "2026-11-16T15:00:00Z", "hs_note_body": "x"}}
    assert world.ask("POST", "/crm/v3/objects/notes", note).status_code == 201
    assert world.control("GET", "/inspect")["hubspot"]["notes"] == 2


def test_a_page_shows_a_row_twice(world: Sandbox) -> None:
    world.hubspot_contacts("a@people.example.org", "b@people.example.org")
    fault(world, kind="duplicate", what="rows", endpoint=f"GET {LIST}", nth=1)
    ids = [result["id"] for result in world.ask("GET", LIST).json()["results"]]
    assert len(ids) == 3
    assert ids[1] == ids[2]


def test_a_stale_read(world: Sandbox) -> None:
    (key,) = world.hubspot_contacts("a@people.example.org", firstname="Ada")
    fault(world, kind="stale", endpoint=f"GET {LIST}*", nth=[1, 2])
    world.ask("PATCH", f"{LIST}/{key}", {"properties": {"firstname": "Bea"}})
    read = [world.ask("GET", f"{LIST}/{key}").json()["properties"]["firstname"] for _ in range(3)]
    assert read == ["Ada", "Ada", "Bea"]


def test_a_property_that_is_renamed_takes_its_values_along(world: Sandbox) -> None:
    definition = {
        "name": "shoe",
        "label": "Shoe",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
    }
    assert world.ask("POST", "/crm/v3/properties/contacts", definition).status_code == 201
    (key,) = world.hubspot_contacts("a@people.example.org", shoe="42")
    world.control("POST", "/schema", system="hubspot", object="contacts", field="shoe", change={"rename": "size"})
    shown = world.ask("GET", f"{LIST}/{key}?properties=shoe,size").json()["properties"]
    assert (shown.get("size"), "shoe" in shown) == ("42", False)
    search = {"filterGroups": [{"filters": [{"propertyName": "size", "operator": "EQ", "value": "42"}]}]}
    assert world.ask("POST", f"{LIST}/search", search).json()["total"] == 1


def test_the_schema_changes_between_two_calls(world: Sandbox) -> None:
    (key,) = world.hubspot_contacts("a@people.example.org", firstname="Ada")
    change = {"object": "contacts", "field": "firstname", "change": {"remove": True}}
    fault(world, kind="schema", system="hubspot", endpoint=f"GET {LIST}*", nth=2, **change)
    shown = [world.ask("GET", f"{LIST}/{key}").json()["properties"] for _ in range(2)]
    assert ["firstname" in properties for properties in shown] == [True, False]
    answer = world.ask("PATCH", f"{LIST}/{key}", {"properties": {"firstname": "Bea"}})
    assert (answer.status_code, "PROPERTY_DOESNT_EXIST" in answer.text) == (400, True)


# -- snapshots and the log -----------------------------------------------------------------------------------------


def test_back_to_a_snapshot(world: Sandbox) -> None:
    world.hubspot_contacts("a@people.example.org")
    salesforce(world, "POST", "/services/data/v60.0/sobjects/Lead", {"LastName": "Doe", "Company": "X"})
    before = world.control("GET", "/dump?times=true")
    world.control("POST", "/snapshot", name="first")
    world.hubspot_contacts("b@people.example.org")
    salesforce(world, "POST", "/services/data/v60.0/sobjects/Lead", {"LastName": "Roe", "Company": "X"})
    assert world.control("GET", "/dump?times=true") != before
    world.control("POST", "/restore", name="first")
    assert world.control("GET", "/dump?times=true") == before
    assert world.hubspot_contacts("b@people.example.org")
    search = {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}]}]}
    assert world.ask("POST", f"{LIST}/search", search).json()["total"] == 2


def test_an_unknown_snapshot_is_named(world: Sandbox) -> None:
    answer = requests.post(f"{world.hubspot['url']}/_sandbox/restore", json={"name": "never"}, timeout=10)
    assert (answer.status_code, "no snapshot 'never'" in answer.json()["error"]) == (400, True)


def test_the_log_tells_call_by_call(world: Sandbox) -> None:
    fault(world, kind="status", status=503, endpoint=f"GET {LIST}", nth=2)
    statuses(world, 2)
    salesforce(world, "GET", "/services/data/v60.0/limits")
    entries = world.control("GET", "/log")["requests"]
    assert [(entry["number"], entry["system"], entry["status"]) for entry in entries] == [
        (1, "hubspot", 200),
        (2, "hubspot", 503),
        (3, "salesforce", 200),
        (4, "salesforce", 200),
    ]
    assert entries[1]["endpoint"] == "GET /crm/v3/objects/{object_type}"
    assert len(world.control("GET", "/log?after=2&system=salesforce&limit=1")["requests"]) == 1
