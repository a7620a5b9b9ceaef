"""Companies, deals, tickets and activities: one implementation with contacts, and where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

OBJECTS = "/crm/v3/objects"
MOMENT = "2026-11-16T14:00:00.000Z"
VALID: dict[str, dict[str, str]] = {
    "companies": {"name": "Lakeview Imaging", "domain": "lakeview.example.org"},
    "deals": {"dealname": "Knee", "dealstage": "appointmentscheduled"},
    "notes": {"hs_timestamp": MOMENT, "hs_note_body": "Called back"},
    "tasks": {"hs_timestamp": MOMENT, "hs_task_subject": "Call back", "hs_task_status": "NOT_STARTED"},
    "meetings": {"hs_timestamp": MOMENT, "hs_meeting_title": "First visit"},
    "calls": {"hs_timestamp": MOMENT, "hs_call_title": "First call", "hs_call_duration": "180000"},
    "emails": {"hs_timestamp": MOMENT, "hs_email_subject": "First mail", "hs_email_direction": "EMAIL"},
    "tickets": {"subject": "Scanner down", "hs_pipeline_stage": "1"},
}
TEXT = {
    "companies": "city",
    "deals": "description",
    "notes": "hs_note_body",
    "tasks": "hs_task_body",
    "meetings": "hs_meeting_body",
    "calls": "hs_call_body",
    "emails": "hs_email_text",
    "tickets": "content",
}
SPELLINGS = {
    "companies": ("company", "0-2", "COMPANIES"),
    "deals": ("deal", "0-3", "Deal"),
    "notes": ("note", "0-46", "NOTES"),
    "tasks": ("task", "0-27", "TASK"),
    "meetings": ("meeting", "0-47", "Meetings"),
    "calls": ("call", "0-48", "CALL"),
    "emails": ("email", "0-49", "Email"),
    "tickets": ("ticket", "0-5", "TICKETS"),
}
every_type = pytest.mark.parametrize("name", list(VALID))


def create(sandbox: Sandbox, name: str, **properties: str) -> dict[str, Any]:
    answer = sandbox.ask("POST", f"{OBJECTS}/{name}", {"properties": {**VALID[name], **properties}})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def created(name: str) -> str:
    return "createdate" if name in ("companies", "deals", "tickets") else "hs_createdate"


@every_type
def test_a_create_echoes_what_was_written_and_the_system_properties(sandbox: Sandbox, name: str) -> None:
    body = create(sandbox, name)
    system = {
        "hs_object_id": body["id"],
        created(name): body["createdAt"],
        "hs_lastmodifieddate": body["updatedAt"],
    }
    derived = {
        "companies": {"website": "lakeview.example.org"},
        "deals": {"pipeline": "default", "hs_is_closed": "false", "hs_is_closed_won": "false"},
        "tickets": {"hs_pipeline": "0", "hs_is_closed": "false"},
    }
    assert body["properties"] == {**VALID[name], **system, **derived.get(name, {})}
    assert "lastmodifieddate" not in body["properties"]


@every_type
def test_it_lives_from_create_to_archive(sandbox: Sandbox, name: str) -> None:
    key = create(sandbox, name)["id"]
    path, text = f"{OBJECTS}/{name}/{key}", TEXT[name]
    sandbox.control("POST", "/clock", advance_seconds=5)
    changed = sandbox.ask("PATCH", path, {"properties": {text: "Gary"}})
    assert changed.status_code == 200
    assert changed.json()["properties"][text] == "Gary"
    read = sandbox.ask("GET", f"{path}?properties={text}").json()
    assert read["properties"][text] == "Gary"
    assert read["updatedAt"] > read["createdAt"]
    assert sandbox.ask("GET", f"{OBJECTS}/{name}?properties={text}").json() == {"results": [read]}
    rule = {"propertyName": text, "operator": "EQ", "value": "gary"}
    body = {"filterGroups": [{"filters": [rule]}], "properties": [text]}
    assert sandbox.ask("POST", f"{OBJECTS}/{name}/search", body).json() == {"total": 1, "results": [read]}
    assert sandbox.ask("DELETE", path).status_code == 204
    assert sandbox.ask("GET", path).status_code == 404
    assert sandbox.ask("POST", f"{OBJECTS}/{name}/search", body).json() == {"total": 0, "results": []}
    assert sandbox.ask("GET", f"{OBJECTS}/{name}?archived=true").json()["results"][0]["id"] == key


@every_type
def test_every_spelling_and_version_of_the_path_reaches_it(sandbox: Sandbox, name: str) -> None:
    made = create(sandbox, name)
    for spelling in (name, *SPELLINGS[name]):
        for prefix in (OBJECTS, "/crm/objects/2026-03", "/crm/objects/2026-09"):
            listed = sandbox.ask("GET", f"{prefix}/{spelling}").json()["results"]
            assert [row["id"] for row in listed] == [made["id"]]
    for other in {*VALID, "contacts"} - {name}:
        assert sandbox.ask("GET", f"{OBJECTS}/{other}").json() == {"results": []}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("companies", "name domain createdate hs_lastmodifieddate hs_object_id"),
        ("deals", "dealname amount closedate pipeline dealstage createdate hs_lastmodifieddate hs_object_id"),
        ("notes", "hs_createdate hs_lastmodifieddate hs_object_id"),
        ("tasks", "hs_createdate hs_lastmodifieddate hs_object_id"),
        ("meetings", "hs_createdate hs_lastmodifieddate hs_object_id"),
        ("calls", "hs_createdate hs_lastmodifieddate hs_object_id"),
        ("emails", "hs_createdate hs_lastmodifieddate hs_object_id"),
        (
            "tickets",
            (
                "subject content hs_pipeline hs_pipeline_stage hs_ticket_category hs_ticket_priority createdate"
                " hs_lastmodifieddate hs_object_id"
            ),
        ),
    ],
)
def test_the_properties_shown_unasked(sandbox: Sandbox, name: str, expected: str) -> None:
    key = create(sandbox, name)["id"]
    assert set(sandbox.ask("GET", f"{OBJECTS}/{name}/{key}").json()["properties"]) == set(expected.split())
    found = sandbox.ask("POST", f"{OBJECTS}/{name}/search", {}).json()["results"]
    assert set(found[0]["properties"]) == set(expected.split())


@pytest.mark.parametrize(
    ("name", "properties", "missing"),
    [
        ("companies", {"city": "Gary"}, ["name", "domain"]),
        ("deals", {"dealstage": "closedwon"}, ["dealname"]),
        ("deals", {"dealname": "Knee"}, ["dealstage"]),
        ("notes", {"hs_note_body": "x"}, ["hs_timestamp"]),
        ("tasks", {"hs_timestamp": ""}, ["hs_timestamp"]),
        ("meetings", {}, ["hs_timestamp"]),
        ("calls", {"hs_call_title": "x"}, ["hs_timestamp"]),
        ("emails", {"hs_email_subject": "x"}, ["hs_timestamp"]),
        ("tickets", {"subject": "x"}, ["hs_pipeline_stage"]),
    ],
)
def test_a_create_without_what_is_required_is_refused(
    sandbox: Sandbox, name: str, properties: dict[str, str], missing: list[str]
) -> None:
    answer = sandbox.ask("POST", f"{OBJECTS}/{name}", {"properties": properties})
    assert answer.status_code == 400
    title = SPELLINGS[name][0].upper()
    assert answer.json()["message"] == f"Error creating {title}. Some required properties were not set."
    assert answer.json()["context"] == {"properties": missing}
    assert sandbox.ask("GET", f"{OBJECTS}/{name}").json() == {"results": []}


def test_one_of_name_and_domain_is_enough_and_domains_are_not_unique(sandbox: Sandbox) -> None:
    for properties in ({"domain": "lakeview.example.org"}, {"domain": "lakeview.example.org"}, {"name": "Lakeview"}):
        assert sandbox.ask("POST", f"{OBJECTS}/companies", {"properties": properties}).status_code == 201
    rule = {"propertyName": "domain", "operator": "EQ", "value": "lakeview.example.org"}
    found = sandbox.ask("POST", f"{OBJECTS}/companies/search", {"filterGroups": [{"filters": [rule]}]}).json()
    assert found["total"] == 2
    assert sandbox.ask("GET", f"{OBJECTS}/companies/lakeview.example.org?idProperty=domain").status_code == 400


def test_a_deal_knows_whether_it_is_closed_and_its_stage_is_an_option(sandbox: Sandbox) -> None:
    key = create(sandbox, "deals")["id"]
    won = sandbox.ask("PATCH", f"{OBJECTS}/deals/{key}", {"properties": {"dealstage": "closedwon", "amount": 900}})
    assert won.json()["properties"]["hs_is_closed_won"] == "true"
    assert won.json()["properties"]["amount"] == "900"
    bad = sandbox.ask("PATCH", f"{OBJECTS}/deals/{key}", {"properties": {"dealstage": "won"}})
    assert bad.json()["errors"][0]["code"] == "INVALID_OPTION"


@every_type
def test_batches_of_every_kind(sandbox: Sandbox, name: str) -> None:
    batch, text = f"{OBJECTS}/{name}/batch", TEXT[name]
    inputs = [
        {"objectWriteTraceId": "good", "properties": VALID[name]},
        {"objectWriteTraceId": "bad", "properties": {**VALID[name], "nonsense": "1"}},
    ]
    made = sandbox.ask("POST", f"{batch}/create", {"inputs": inputs})
    assert made.status_code == 207
    assert made.json()["numErrors"] == 1
    assert made.json()["errors"][0]["context"] == {"objectWriteTraceId": ["bad"]}
    [first] = made.json()["results"]
    assert first["objectWriteTraceId"] == "good"
    updates = [{"id": first["id"], "properties": {text: "a"}}, {"id": "4711", "properties": {text: "a"}}]
    updated = sandbox.ask("POST", f"{batch}/update", {"inputs": updates})
    assert updated.status_code == 207
    assert updated.json()["errors"][0]["context"] == {"ids": ["4711"]}
    assert SPELLINGS[name][0].upper() in updated.json()["errors"][0]["message"]
    read = sandbox.ask("POST", f"{batch}/read", {"properties": [text], "inputs": [{"id": first["id"]}]})
    assert read.status_code == 200
    assert read.json()["results"][0]["properties"][text] == "a"
    refused = sandbox.ask("POST", f"{batch}/create", {"inputs": [{"properties": VALID[name]}, {"properties": {}}]})
    assert refused.status_code == 400
    assert sandbox.ask("POST", f"{batch}/archive", {"inputs": [{"id": first["id"]}]}).status_code == 204
    assert sandbox.ask("GET", f"{OBJECTS}/{name}").json() == {"results": []}


@every_type
def test_upsert_by_a_unique_property_of_the_types_own(sandbox: Sandbox, name: str) -> None:
    definition = {
        "name": "crm_key",
        "label": "CRM key",
        "type": "string",
        "fieldType": "text",
        "groupName": {
            "companies": "companyinformation",
            "deals": "dealinformation",
            "tickets": "ticketinformation",
        }.get(name, "engagement"),
        "hasUniqueValue": True,
    }
    assert sandbox.ask("POST", f"/crm/v3/properties/{name}", definition).status_code == 201
    assert sandbox.ask("GET", "/crm/v3/properties/contacts/crm_key").status_code == 404
    entry = {"id": "001A", "idProperty": "crm_key", "properties": VALID[name]}
    news = [
        sandbox.ask("POST", f"{OBJECTS}/{name}/batch/upsert", {"inputs": [entry]}).json()["results"][0]
        for _ in range(2)
    ]
    assert [row["new"] for row in news] == [True, False]
    assert sandbox.ask("GET", f"{OBJECTS}/{name}/001A?idProperty=crm_key").json()["id"] == news[0]["id"]


@pytest.mark.parametrize("name", ["products", "0-8", "quotes", "leads"])
def test_a_tap_that_lists_what_there_is_none_of_gets_an_empty_page(sandbox: Sandbox, name: str) -> None:
    assert sandbox.ask("GET", f"{OBJECTS}/{name}?limit=100").json() == {"results": []}
    assert sandbox.ask("GET", f"/crm/v3/properties/{name}").json()["results"]


@every_type
def test_the_watermark_is_hs_lastmodifieddate(sandbox: Sandbox, name: str) -> None:
    keys = [create(sandbox, name)["id"] for _ in range(3)]
    sandbox.control("POST", "/clock", advance_seconds=60)
    sandbox.ask("PATCH", f"{OBJECTS}/{name}/{keys[0]}", {"properties": {TEXT[name]: "x"}})
    newest = {"sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "DESCENDING"}], "limit": 1}
    found = sandbox.ask("POST", f"{OBJECTS}/{name}/search", newest).json()
    assert (found["total"], found["results"][0]["id"]) == (3, keys[0])
    stamp = found["results"][0]["properties"]["hs_lastmodifieddate"]
    rule = {"propertyName": "hs_lastmodifieddate", "operator": "LT", "value": stamp}
    after = {"propertyName": "hs_object_id", "operator": "GT", "value": keys[1]}
    page = sandbox.ask("POST", f"{OBJECTS}/{name}/search", {"filterGroups": [{"filters": [rule, after]}]}).json()
    assert [row["id"] for row in page["results"]] == keys[2:]
    contacts_own = {"sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}]}
    assert sandbox.ask("POST", f"{OBJECTS}/{name}/search", contacts_own).status_code == 400


@every_type
def test_a_query_looks_into_the_types_own_text(sandbox: Sandbox, name: str) -> None:
    create(sandbox, name)
    word = {"companies": "lake", "deals": "knee", "notes": "called", "tasks": "call", "tickets": "scan"}.get(
        name, "first"
    )
    assert sandbox.ask("POST", f"{OBJECTS}/{name}/search", {"query": word}).json()["total"] == 1
    assert sandbox.ask("POST", f"{OBJECTS}/{name}/search", {"query": "elsewhere"}).json()["total"] == 0


@pytest.mark.parametrize("name", ["invoices", "0-123", "carts", "users"])
@pytest.mark.parametrize("path", ["/crm/v3/objects/{}", "/crm/v3/properties/{}", "/crm/objects/2026-03/{}/1"])
def test_what_exists_at_hubspot_and_not_here_says_so(sandbox: Sandbox, name: str, path: str) -> None:
    answer = sandbox.ask("GET", path.format(name))
    assert (answer.status_code, answer.json()["category"]) == (501, "NOT_SIMULATED")


def test_the_control_api_shows_every_type(sandbox: Sandbox) -> None:
    ids = {name: create(sandbox, name)["id"] for name in VALID}
    sandbox.hubspot_contacts("kim@example.org")
    dumped = sandbox.control("GET", "/dump?system=hubspot")["hubspot"]
    assert {"contacts", "owners", *VALID, "associations"} <= dumped.keys()
    counts = sandbox.control("GET", "/inspect")["hubspot"]
    for name, key in ids.items():
        assert [row["id"] for row in dumped[name]] == [key]
        assert "hs_lastmodifieddate" not in dumped[name][0]["properties"]
        assert created(name) not in dumped[name][0]["properties"]
        page = sandbox.control("GET", f"/inspect?system=hubspot&object={name}")
        assert (page["total"], page["records"][0]["properties"]["hs_object_id"]) == (1, key)
        assert counts[name] == 1
    assert counts["contacts"] == 1
    sandbox.control("POST", "/reset")
    assert sandbox.control("GET", "/inspect")["hubspot"]["notes"] == 0
