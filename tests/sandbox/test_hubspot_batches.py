"""Batches: whole or partial success, and what identifies an input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

BATCH = "/crm/v3/objects/contacts/batch"


def upsert(email: str, trace: str | None = None, **properties: Any) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": email, "idProperty": "email", "properties": properties}
    return entry if trace is None else {**entry, "objectWriteTraceId": trace}


def test_upsert_says_which_ones_are_new(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("old@example.org", city="Gary")
    answer = sandbox.ask(
        "POST",
        f"{BATCH}/upsert",
        {"inputs": [upsert("new@example.org", firstname="N"), upsert("OLD@example.org", firstname="O")]},
    )
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "COMPLETE"
    assert set(body) == {"status", "results", "startedAt", "completedAt"}
    by_email = {result["properties"].get("email"): result for result in body["results"]}
    assert by_email["new@example.org"]["new"] is True
    assert [result["new"] for result in body["results"] if result["id"] == key] == [False]
    kept = sandbox.ask("GET", f"/crm/v3/objects/contacts/{key}?properties=city,firstname").json()["properties"]
    assert (kept["city"], kept["firstname"]) == ("Gary", "O")


def test_upsert_by_a_unique_property_of_ones_own(sandbox: Sandbox) -> None:
    definition = {
        "name": "crm_key",
        "label": "CRM key",
        "type": "string",
        "fieldType": "text",
        "groupName": "contactinformation",
        "hasUniqueValue": True,
    }
    assert sandbox.ask("POST", "/crm/v3/properties/contacts", definition).status_code == 201
    entry = {"id": "00Q1", "idProperty": "crm_key", "properties": {"email": "kim@example.org"}}
    first = sandbox.ask("POST", f"{BATCH}/upsert", {"inputs": [entry]}).json()["results"][0]
    again = sandbox.ask("POST", f"{BATCH}/upsert", {"inputs": [entry]}).json()["results"][0]
    assert (first["new"], again["new"], first["id"] == again["id"]) == (True, False, True)
    read = {"idProperty": "crm_key", "inputs": [{"id": "00Q1"}], "properties": ["crm_key"]}
    found = sandbox.ask("POST", f"{BATCH}/read", read).json()["results"]
    assert [row["id"] for row in found] == [first["id"]]
    clash = sandbox.ask("POST", "/crm/v3/objects/contacts", {"properties": {"crm_key": "00Q1"}})
    assert clash.json()["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"


def test_with_trace_ids_the_good_inputs_go_through(sandbox: Sandbox) -> None:
    sandbox.hubspot_contacts("old@example.org")
    inputs = [
        {"objectWriteTraceId": "t1", "properties": {"email": "a@example.org"}},
        {"objectWriteTraceId": "t2", "properties": {"email": "b@example.org", "nonsense": "1"}},
        {"objectWriteTraceId": "t3", "properties": {"email": "old@example.org"}},
    ]
    answer = sandbox.ask("POST", f"{BATCH}/create", {"inputs": inputs})
    assert answer.status_code == 207
    body = answer.json()
    assert body["status"] == "COMPLETE"
    assert body["numErrors"] == 2
    assert [result["properties"]["email"] for result in body["results"]] == ["a@example.org"]
    by_trace = {error["context"]["objectWriteTraceId"][0]: error for error in body["errors"]}
    assert set(by_trace) == {"t2", "t3"}
    assert by_trace["t2"]["category"] == "VALIDATION_ERROR"
    assert '"error":"PROPERTY_DOESNT_EXIST"' in by_trace["t2"]["message"]
    assert by_trace["t3"]["category"] == "CONFLICT"
    assert len(sandbox.ask("GET", "/crm/v3/objects/contacts").json()["results"]) == 2


@pytest.mark.parametrize("traces", [(None, None), ("same", "same"), ("one", None)])
def test_without_distinct_trace_ids_one_bad_input_fails_the_whole_batch(
    sandbox: Sandbox, traces: tuple[str | None, str | None]
) -> None:
    [key] = sandbox.hubspot_contacts("old@example.org", city="Gary")
    before = sandbox.control("GET", "/dump?system=hubspot&times=true")
    inputs = [
        upsert("old@example.org", traces[0], city="Hammond"),
        upsert("new@example.org", traces[1], firstname="N"),
        upsert("bad@example.org", None, nonsense="1"),
    ]
    answer = sandbox.ask("POST", f"{BATCH}/upsert", {"inputs": inputs})
    assert answer.status_code == 400
    assert sandbox.control("GET", "/dump?system=hubspot&times=true") == before
    found = sandbox.ask("POST", "/crm/v3/objects/contacts/search", {"limit": 10}).json()
    assert [row["id"] for row in found["results"]] == [key]
    # The addresses are free, and the next id is what it would have been.
    assert sandbox.hubspot_contacts("new@example.org") == [str(int(key) + 50)]


def test_a_duplicate_fails_a_batch_create(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("old@example.org")
    inputs = [{"properties": {"email": "new@example.org"}}, {"properties": {"email": "old@example.org"}}]
    answer = sandbox.ask("POST", f"{BATCH}/create", {"inputs": inputs})
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {key}"
    assert len(sandbox.ask("GET", "/crm/v3/objects/contacts").json()["results"]) == 1


def test_unknown_ids_are_reported_beside_the_known(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    for verb in ("read", "update"):
        inputs = [{"id": key, "properties": {"city": "Gary"}}, {"id": "4711", "properties": {"city": "Gary"}}]
        answer = sandbox.ask("POST", f"{BATCH}/{verb}", {"inputs": inputs})
        assert answer.status_code == 207
        body = answer.json()
        assert [result["id"] for result in body["results"]] == [key]
        assert body["numErrors"] == 1
        assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
        assert body["errors"][0]["context"] == {"ids": ["4711"]}


def test_batch_read_by_email_and_update_and_archive(sandbox: Sandbox) -> None:
    keys = sandbox.hubspot_contacts("a@example.org", "b@example.org")
    read = {
        "idProperty": "email",
        "properties": ["email"],
        "inputs": [{"id": "B@example.org"}, {"id": "a@example.org"}],
    }
    answer = sandbox.ask("POST", f"{BATCH}/read", read)
    assert answer.status_code == 200
    assert {row["properties"]["email"] for row in answer.json()["results"]} == {"a@example.org", "b@example.org"}
    inputs = [{"id": keys[0], "properties": {"city": "Gary"}}]
    assert (
        sandbox.ask("POST", f"{BATCH}/update", {"inputs": inputs}).json()["results"][0]["properties"]["city"] == "Gary"
    )
    gone = sandbox.ask("POST", f"{BATCH}/archive", {"inputs": [{"id": key} for key in keys]})
    assert gone.status_code == 204
    assert sandbox.ask("GET", "/crm/v3/objects/contacts").json() == {"results": []}


@pytest.mark.parametrize(
    "inputs",
    [
        [{"id": str(n), "properties": {}} for n in range(101)],
        [{"id": "1", "properties": {}}, {"id": "1", "properties": {}}],
        [{"properties": {}}],
        [{"id": 5, "properties": {}}],
        ["1"],
        None,
    ],
)
def test_a_malformed_batch_is_refused(sandbox: Sandbox, inputs: Any) -> None:
    answer = sandbox.ask("POST", f"{BATCH}/update", {"inputs": inputs})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_an_id_that_comes_twice_fails_the_batch_by_name(sandbox: Sandbox) -> None:
    twice = [upsert("kim@example.org", "t1", city="Gary"), upsert("kim@example.org", "t2", city="Hammond")]
    answer = sandbox.ask("POST", f"{BATCH}/upsert", {"inputs": twice})
    assert answer.status_code == 400
    assert answer.json()["message"] == "Duplicate IDs found in batch input: [kim@example.org]. IDs must be unique"
    assert answer.json()["context"] == {"ids": ["kim@example.org"]}


def test_partial_upserts_by_email_are_refused_when_the_switch_says_so(sandbox: Sandbox) -> None:
    sandbox.hubspot_contacts("kim@example.org", city="Gary", zip="46408")
    sandbox.control("POST", "/settings", refuse_partial_email_upserts=True)
    partial = sandbox.ask("POST", f"{BATCH}/upsert", {"inputs": [upsert("kim@example.org", city="Hammond")]})
    assert partial.status_code == 400
    assert partial.json()["context"] == {"propertyName": ["zip"]}
    entire = [upsert("kim@example.org", city="Hammond", zip=""), upsert("new@example.org", city="Gary")]
    assert sandbox.ask("POST", f"{BATCH}/upsert", {"inputs": entire}).status_code == 200


def test_from_2026_09_on_there_is_no_207(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    inputs = [{"id": key, "properties": {"city": "Gary"}}, {"id": "4711", "properties": {"city": "Gary"}}]
    for version, status in (("2026-03", 207), ("2026-09", 200)):
        for verb in ("read", "update"):
            path = f"/crm/objects/{version}/contacts/batch/{verb}"
            answer = sandbox.ask("POST", path, {"inputs": inputs})
            assert (answer.status_code, answer.json()["numErrors"]) == (status, 1)
            assert [row["id"] for row in answer.json()["results"]] == [key]
