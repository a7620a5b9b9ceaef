"""Contacts over the wire, one at a time: paths, bodies, validation, errors."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"


def beds(sandbox: Sandbox) -> None:
    """A number property."""
    number = {"name": "beds", "label": "Beds", "type": "number", "fieldType": "number"}
    definition = {**number, "groupName": "contactinformation"}
    assert sandbox.ask("POST", "/crm/v3/properties/contacts", definition).status_code == 201


def test_a_create_echoes_what_was_written_and_what_is_calculated(sandbox: Sandbox) -> None:
    answer = sandbox.ask("POST", CONTACTS, {"properties": {"email": "John.Doe@Example.ORG", "firstname": "John"}})
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == ["id", "properties", "createdAt", "updatedAt", "archived"]
    assert body["properties"] == {
        "createdate": body["createdAt"],
        "email": "john.doe@example.org",
        "firstname": "John",
        "hs_all_contact_vids": body["id"],
        "hs_email_domain": "example.org",
        "hs_is_contact": "true",
        "hs_is_unworked": "true",
        "hs_object_id": body["id"],
        "hs_pipeline": "contacts-lifecycle-pipeline",
        "lastmodifieddate": body["updatedAt"],
    }
    assert len(body["createdAt"]) == 24
    assert body["archived"] is False


def test_the_read_properties_are_the_requested_ones(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    body = sandbox.ask("GET", f"{CONTACTS}/{key}?properties=city,fax&properties=no_such_property").json()
    assert set(body["properties"]) == {"city", "fax", "createdate", "hs_object_id", "lastmodifieddate"}
    assert body["properties"]["fax"] is None  # defined but empty
    default = sandbox.ask("GET", f"{CONTACTS}/{key}").json()["properties"]
    assert set(default) == {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}


def test_dated_paths_and_other_names_reach_the_same_contacts(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    expected = sandbox.ask("GET", f"{CONTACTS}/{key}").json()
    for path in ("/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1", "/crm/v3/objects/CONTACT"):
        assert sandbox.ask("GET", f"{path}/{key}").json() == expected
        assert sandbox.ask("GET", path).json()["results"] == [expected]
    assert sandbox.ask("GET", f"/crm/objects/2031-03/contacts/{key}").status_code == 404


def test_an_email_finds_a_contact_whatever_its_case(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    path = f"{CONTACTS}/Kim@Example.org?idProperty=email"
    assert sandbox.ask("GET", path).json()["id"] == key
    assert sandbox.ask("PATCH", path, {"properties": {"city": "Gary"}}).json()["properties"]["city"] == "Gary"
    assert sandbox.ask("GET", f"{CONTACTS}/x?idProperty=city").status_code == 400


def test_a_second_contact_with_an_email_is_a_conflict_that_names_the_first(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    answer = sandbox.ask("POST", CONTACTS, {"properties": {"email": "KIM@example.org"}})
    assert answer.status_code == 409
    body = answer.json()
    assert uuid.UUID(body.pop("correlationId"))
    assert body == {
        "status": "error",
        "message": f"Contact already exists. Existing ID: {key}",
        "category": "CONFLICT",
    }


def test_an_archived_contact_leaves_and_frees_its_email(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    for _ in range(2):
        gone = sandbox.ask("DELETE", f"{CONTACTS}/{key}")
        assert (gone.status_code, gone.content) == (204, b"")
    assert sandbox.ask("GET", f"{CONTACTS}/{key}").status_code == 404
    assert sandbox.ask("GET", CONTACTS).json() == {"results": []}
    archived = sandbox.ask("GET", f"{CONTACTS}?archived=true").json()["results"]
    assert [row["id"] for row in archived] == [key]
    assert archived[0]["archived"] is True
    assert archived[0]["archivedAt"]
    assert sandbox.ask("POST", CONTACTS, {"properties": {"email": "kim@example.org"}}).status_code == 201


def test_list_pages_are_opaque_and_complete(sandbox: Sandbox) -> None:
    keys = sandbox.hubspot_contacts(*(f"p{n}@example.org" for n in range(25)))
    assert len(sandbox.ask("GET", CONTACTS).json()["results"]) == 10
    seen: list[str] = []
    after = ""
    while True:
        page = sandbox.ask("GET", f"{CONTACTS}?limit=8&properties=email{after}").json()
        seen += [row["id"] for row in page["results"]]
        if "paging" not in page:
            break
        cursor = page["paging"]["next"]["after"]
        assert cursor != page["results"][-1]["id"]
        link = page["paging"]["next"]["link"]
        assert sandbox.ask("GET", link.removeprefix(sandbox.hubspot["url"])).status_code == 200
        after = f"&after={cursor}"
    assert seen == keys
    for bad in ("limit=101", "limit=0", "limit=x", "after=%21"):
        answer = sandbox.ask("GET", f"{CONTACTS}?{bad}")
        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_an_empty_text_clears_and_an_update_moves_the_watermark(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", city="Gary", zip="46408")
    before = sandbox.ask("GET", f"{CONTACTS}/{key}").json()["updatedAt"]
    sandbox.control("POST", "/clock", advance_seconds=5)
    sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"city": "", "zip": None}})
    after = sandbox.ask("GET", f"{CONTACTS}/{key}?properties=city,zip").json()
    assert after["properties"]["city"] is None
    assert after["properties"]["zip"] is None
    assert after["updatedAt"] > before
    assert after["createdAt"] == before


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("hs_lead_status", "OPEN_DEAL", "OPEN_DEAL"),
        ("closedate", "1764547200000", "2025-12-01T00:00:00.000Z"),
        ("closedate", "2025-12-01T01:00:00+01:00", "2025-12-01T00:00:00.000Z"),
        ("date_of_birth", "1764547200000", "2025-12-01"),
        ("date_of_birth", "1960-02-29", "1960-02-29"),
        ("fax", 12, "12"),
        ("closedate", "86400000", "1970-01-02T00:00:00.000Z"),
        ("beds", "1000.50", "1000.50"),
        ("beds", -3, "-3"),
        ("beds", "1e3", "1e3"),
        ("hs_legal_basis", "Not applicable;Not applicable", "Not applicable"),
    ],
)
def test_values_are_kept_as_text(sandbox: Sandbox, name: str, value: Any, kept: str) -> None:
    beds(sandbox)
    [key] = sandbox.hubspot_contacts("kim@example.org", **{name: value})
    assert sandbox.ask("GET", f"{CONTACTS}/{key}?properties={name}").json()["properties"][name] == kept


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("no_such_property", "x", "PROPERTY_DOESNT_EXIST"),
        ("hs_lead_status", "open_deal", "INVALID_OPTION"),
        ("hs_legal_basis", "Not applicable;Nonsense", "INVALID_OPTION"),
        ("hubspot_owner_id", "999", "INVALID_OWNER_ID"),
        ("email", "kim@nowhere", "INVALID_EMAIL"),
        ("closedate", "soon", "INVALID_LONG"),
        ("closedate", "9" * 18, "INVALID_LONG"),
        ("beds", "1,000", "INVALID_NUMBER"),
        ("beds", "1_000", "INVALID_NUMBER"),
        ("beds", "nan", "INVALID_NUMBER"),
        ("date_of_birth", "1764547200001", "INVALID_DATE"),
        ("lastmodifieddate", "2025-12-01T00:00:00Z", "READ_ONLY_VALUE"),
        ("message", "x" * 65_537, "PROPERTY_VALUE_TOO_LONG"),
        ("city", ["Gary"], "INVALID_VALUE"),
    ],
)
def test_a_bad_value_is_refused_and_named(sandbox: Sandbox, name: str, value: Any, code: str) -> None:
    beds(sandbox)
    answer = sandbox.ask("POST", CONTACTS, {"properties": {"firstname": "Kim", name: value}})
    assert answer.status_code == 400
    body = answer.json()
    assert body["category"] == "VALIDATION_ERROR"
    prefix, _, listed = body["message"].partition(": ")
    assert prefix == "Property values were not valid"
    [problem] = json.loads(listed)
    assert (problem["isValid"], problem["error"], problem["name"]) == (False, code, name)
    assert body["errors"][0]["code"] == code
    assert body["errors"][0]["context"] == {"propertyName": [name]}
    assert sandbox.ask("GET", CONTACTS).json() == {"results": []}


def test_a_checkbox_value_with_a_leading_semicolon_appends(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", hs_legal_basis="Not applicable")
    answer = sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"hs_legal_basis": ";Performance of a contract"}})
    assert answer.json()["properties"]["hs_legal_basis"] == "Not applicable;Performance of a contract"


def test_the_lifecycle_stage_moves_forward_only_unless_cleared(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", lifecyclestage="opportunity")

    def stage_after(value: str) -> str:
        sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"lifecyclestage": value}})
        read = sandbox.ask("GET", f"{CONTACTS}/{key}?properties=lifecyclestage").json()
        return str(read["properties"]["lifecyclestage"])

    assert stage_after("lead") == "opportunity"
    assert stage_after("customer") == "customer"
    assert stage_after("") == "None"
    assert stage_after("lead") == "lead"


@pytest.mark.parametrize(
    ("method", "path", "status", "category"),
    [
        ("GET", f"{CONTACTS}/4711", 404, "OBJECT_NOT_FOUND"),
        ("GET", f"{CONTACTS}/²", 404, "OBJECT_NOT_FOUND"),
        ("PATCH", f"{CONTACTS}/4711", 404, "OBJECT_NOT_FOUND"),
        ("GET", "/crm/v3/objects/unicorns", 400, "VALIDATION_ERROR"),
        ("GET", "/crm/v3/objects/invoices", 501, "NOT_SIMULATED"),
        ("POST", CONTACTS, 400, "VALIDATION_ERROR"),
        ("GET", "/crm/v3/nothing", 404, None),
        ("PUT", CONTACTS, 405, None),
    ],
)
def test_errors_have_hubspots_body(sandbox: Sandbox, method: str, path: str, status: int, category: str | None) -> None:
    answer = sandbox.ask(method, path, {"properties": {}} if method == "PATCH" else None)
    assert answer.status_code == status
    body = answer.json()
    assert body["status"] == "error"
    assert body.get("category") == category
    assert answer.headers["X-HubSpot-Correlation-Id"] == body["correlationId"]


def test_a_uri_that_is_too_long_is_refused(sandbox: Sandbox) -> None:
    names = ",".join(f"property_{number}" for number in range(1_300))
    assert sandbox.ask("GET", f"{CONTACTS}?properties={names[:16_000]}").status_code == 200
    answer = sandbox.ask("GET", f"{CONTACTS}?properties={names}")
    assert (answer.status_code, answer.json()["status"]) == (414, "error")


def test_an_archived_contact_is_read_by_id_when_asked_for(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org")
    assert sandbox.ask("GET", f"{CONTACTS}/{key}?archived=true").status_code == 404
    sandbox.ask("DELETE", f"{CONTACTS}/{key}")
    body = sandbox.ask("GET", f"{CONTACTS}/{key}?archived=true").json()
    assert (body["id"], body["archived"]) == (key, True)
    assert sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"city": "Gary"}}).status_code == 404


def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {sandbox.hubspot['token']}"}
    answer = sandbox.session.post(sandbox.hubspot["url"] + CONTACTS, data=b"{no", headers=headers, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Invalid input JSON")
    answer = sandbox.session.post(sandbox.hubspot["url"] + CONTACTS, data=b"\xff\xfe", headers=headers, timeout=10)
    assert answer.status_code == 400


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", "Basic cGF0", "pat-na1-sandbox"])
def test_without_the_token_nothing_is_answered(sandbox: Sandbox, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = sandbox.session.get(sandbox.hubspot["url"] + CONTACTS, headers=headers, timeout=10)
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"
    assert not [name for name in answer.headers if "RateLimit" in name]


def test_properties_are_listed_read_and_created(sandbox: Sandbox) -> None:
    listed = sandbox.ask("GET", "/crm/v3/properties/contacts").json()["results"]
    by_name = {entry["name"]: entry for entry in listed}
    assert by_name["lifecyclestage"]["options"][0]["value"] == "subscriber"
    assert by_name["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True
    assert by_name["email"]["hasUniqueValue"] is True
    wanted = {
        "name": "joint_status",
        "label": "Joint status",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "contactinformation",
        "options": [{"label": "New", "value": "new"}, {"label": "Won", "value": "won"}],
    }
    made = sandbox.ask("POST", "/crm/properties/2026-03/contacts", wanted)
    assert made.status_code == 201
    assert made.json() == sandbox.ask("GET", "/crm/v3/properties/contacts/joint_status").json()
    assert made.json()["hubspotDefined"] is False
    assert sandbox.ask("POST", "/crm/v3/properties/contacts", wanted).status_code == 409
    assert sandbox.ask("POST", "/crm/v3/properties/contacts", {**wanted, "name": "Bad Name"}).status_code == 400
    assert sandbox.ask("GET", "/crm/v3/properties/contacts/nothing").status_code == 404
    [key] = sandbox.hubspot_contacts("kim@example.org", joint_status="new")
    bad = sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"joint_status": "Won"}})
    assert bad.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_owners_are_paged_and_known_by_two_numbers(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=150)
    everyone = sandbox.ask("GET", "/crm/v3/owners/").json()["results"]
    assert everyone == sandbox.ask("GET", "/crm/owners/2026-03?limit=500").json()["results"]
    page = sandbox.ask("GET", "/crm/v3/owners?limit=2").json()
    rest = sandbox.ask("GET", f"/crm/v3/owners?limit=500&after={page['paging']['next']['after']}").json()
    assert page["results"] + rest["results"] == everyone
    first = everyone[0]
    assert first["id"] != str(first["userId"])
    assert sandbox.ask("GET", f"/crm/v3/owners/{first['id']}").json() == first
    assert sandbox.ask("GET", f"/crm/v3/owners/{first['userId']}?idProperty=userId").json() == first
    assert sandbox.ask("GET", f"/crm/v3/owners?email={first['email']}").json()["results"] == [first]
    archived = sandbox.ask("GET", "/crm/v3/owners?archived=true").json()["results"]
    assert all(owner["archived"] for owner in archived)
    assert sandbox.ask("GET", "/crm/v3/owners/1").status_code == 404


def test_the_account_says_who_it_is(sandbox: Sandbox) -> None:
    details = sandbox.ask("GET", "/account-info/v3/details").json()
    assert details == sandbox.ask("GET", "/account-info/2026-03/details").json()
    assert isinstance(details["portalId"], int)
