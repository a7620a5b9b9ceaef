"""Merging, deleting for privacy, and the past of a property: what happens to a record as such."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from conftest import Sandbox

CONTACTS = "/crm/v3/objects/contacts"


def merge(sandbox: Sandbox, primary: str, other: str, name: str = "contacts") -> requests.Response:
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    return sandbox.ask("POST", f"/crm/v3/objects/{name}/merge", body)


def read(sandbox: Sandbox, key: str, *names: str) -> dict[str, Any]:
    answer = sandbox.ask("GET", f"{CONTACTS}/{key}?properties={','.join(names)}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_a_merge_makes_a_new_record_to_which_both_ids_lead(sandbox: Sandbox) -> None:
    [first] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    sandbox.control("POST", "/clock", advance_seconds=60)
    [second] = sandbox.hubspot_contacts("lee@example.org", city="Hammond", zip="46320")
    answer = merge(sandbox, second, first)
    assert answer.status_code == 200
    made = answer.json()
    assert made["id"] not in (first, second)
    names = ("city", "zip", "hs_merged_object_ids", "hs_all_contact_vids", "hs_additional_emails", "email")
    told = read(sandbox, made["id"], *names)["properties"]
    assert (told["city"], told["zip"], told["email"]) == ("Hammond", "46320", "lee@example.org")
    assert told["hs_merged_object_ids"] == f"{second};{first}"
    assert told["hs_all_contact_vids"] == f"{made['id']};{second};{first}"
    assert told["hs_additional_emails"] == "kim@example.org"
    for old in (first, second):
        assert read(sandbox, old)["id"] == made["id"]
        changed = sandbox.ask("PATCH", f"{CONTACTS}/{old}", {"properties": {"city": f"City {old}"}})
        assert (changed.status_code, changed.json()["id"]) == (200, made["id"])
    listed = sandbox.ask("GET", CONTACTS).json()["results"]
    assert [row["id"] for row in listed] == [made["id"]]
    assert sandbox.ask("GET", f"{CONTACTS}?archived=true").json()["results"] == []
    assert sandbox.ask("POST", f"{CONTACTS}/search", {}).json()["total"] == 1


def test_the_primary_wins_and_the_other_fills_what_it_leaves_empty(sandbox: Sandbox) -> None:
    [first] = sandbox.hubspot_contacts("kim@example.org", city="Gary", lifecyclestage="lead")
    [second] = sandbox.hubspot_contacts("lee@example.org", phone="555-0100", lifecyclestage="customer")
    made = merge(sandbox, first, second).json()["id"]
    told = read(sandbox, made, "city", "phone", "lifecyclestage")["properties"]
    assert (told["city"], told["phone"]) == ("Gary", "555-0100")
    assert told["lifecyclestage"] == "customer", "the stage further down the funnel stays"


def test_batches_do_not_know_merged_ids(sandbox: Sandbox) -> None:
    first, second = sandbox.hubspot_contacts("a@example.org", "b@example.org")
    made = merge(sandbox, first, second).json()["id"]
    inputs = [{"id": key, "properties": {"city": "Gary"}} for key in (first, made)]
    for verb in ("read", "update"):
        answer = sandbox.ask("POST", f"{CONTACTS}/batch/{verb}", {"inputs": inputs})
        assert answer.status_code == 207
        assert answer.json()["errors"][0]["context"] == {"ids": [first]}
        assert [row["id"] for row in answer.json()["results"]] == [made]


def test_the_additional_email_finds_the_survivor_and_is_taken(sandbox: Sandbox) -> None:
    first, second = sandbox.hubspot_contacts("a@example.org", "b@example.org")
    made = merge(sandbox, first, second).json()["id"]
    assert sandbox.ask("GET", f"{CONTACTS}/B@example.org?idProperty=email").json()["id"] == made
    refused = sandbox.ask("POST", CONTACTS, {"properties": {"email": "b@example.org"}})
    assert (refused.status_code, refused.json()["message"]) == (409, f"Contact already exists. Existing ID: {made}")
    sandbox.ask("DELETE", f"{CONTACTS}/{made}")
    assert sandbox.ask("POST", CONTACTS, {"properties": {"email": "b@example.org"}}).status_code == 201


def test_a_merged_record_can_be_merged_again(sandbox: Sandbox) -> None:
    one, two, three = sandbox.hubspot_contacts("a@example.org", "b@example.org", "c@example.org")
    first = merge(sandbox, one, two).json()["id"]
    last = merge(sandbox, three, one).json()["id"]
    assert {read(sandbox, key)["id"] for key in (one, two, three, first, last)} == {last}
    told = read(sandbox, last, "hs_merged_object_ids", "hs_additional_emails", "hs_calculated_merged_vids")
    assert set(told["properties"]["hs_merged_object_ids"].split(";")) == {one, two, three, first}
    assert set(told["properties"]["hs_additional_emails"].split(";")) == {"a@example.org", "b@example.org"}
    vids = [entry.partition(":")[0] for entry in told["properties"]["hs_calculated_merged_vids"].split(";")]
    assert set(vids) == {one, two, three, first}


def test_associations_move_to_the_new_record(sandbox: Sandbox) -> None:
    first, second = sandbox.hubspot_contacts("a@example.org", "b@example.org")
    company = sandbox.ask("POST", "/crm/v3/objects/companies", {"properties": {"name": "Lakeview"}}).json()["id"]
    for key in (first, second):
        path = f"/crm/v4/objects/contacts/{key}/associations/default/companies/{company}"
        assert sandbox.ask("PUT", path).status_code == 200
    made = merge(sandbox, first, second).json()["id"]
    back = sandbox.ask("GET", f"/crm/v4/objects/companies/{company}/associations/contacts").json()["results"]
    assert [str(row["toObjectId"]) for row in back] == [made]


@pytest.mark.parametrize("name", ["companies", "deals", "tickets"])
def test_other_types_merge_too(sandbox: Sandbox, name: str) -> None:
    valid = {
        "companies": {"name": "Lakeview"},
        "deals": {"dealname": "Knee", "dealstage": "closedwon"},
        "tickets": {"subject": "Scanner", "hs_pipeline_stage": "1"},
    }[name]
    first, second = (
        sandbox.ask("POST", f"/crm/v3/objects/{name}", {"properties": valid}).json()["id"] for _ in range(2)
    )
    made = merge(sandbox, first, second, name).json()["id"]
    assert sandbox.ask("GET", f"/crm/objects/2026-09/{name}/{second}").json()["id"] == made


def test_what_cannot_be_merged(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("a@example.org")
    assert merge(sandbox, key, key).status_code == 400
    assert merge(sandbox, key, "4711").status_code == 404
    assert sandbox.ask("POST", f"{CONTACTS}/merge", {"primaryObjectId": key}).status_code == 400
    assert merge(sandbox, key, key, "notes").status_code == 400
    assert read(sandbox, key)["id"] == key


# -- GDPR --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", [CONTACTS, "/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1"])
def test_a_gdpr_delete_leaves_nothing(sandbox: Sandbox, prefix: str) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    answer = sandbox.ask("POST", f"{prefix}/gdpr-delete", {"objectId": key})
    assert (answer.status_code, answer.content) == (204, b"")
    for query in ("", "?archived=true"):
        assert sandbox.ask("GET", f"{CONTACTS}/{key}{query}").status_code == 404
        assert sandbox.ask("GET", f"{CONTACTS}{query}").json() == {"results": []}
    assert sandbox.ask("POST", f"{CONTACTS}/search", {}).json() == {"total": 0, "results": []}
    assert "kim@example.org" not in str(sandbox.control("GET", "/dump?system=hubspot"))


def test_a_gdpr_delete_by_email_takes_an_archived_contact_too(sandbox: Sandbox) -> None:
    live, gone = sandbox.hubspot_contacts("kim@example.org", "lee@example.org")
    sandbox.ask("DELETE", f"{CONTACTS}/{gone}")
    body = {"objectId": "KIM@example.org", "idProperty": "email"}
    assert sandbox.ask("POST", f"{CONTACTS}/gdpr-delete", body).status_code == 204
    assert sandbox.ask("POST", f"{CONTACTS}/gdpr-delete", {"objectId": gone}).status_code == 204
    for key in (live, gone):
        assert sandbox.ask("GET", f"{CONTACTS}/{key}?archived=true").status_code == 404
    # The address itself is not blocked: it belonged to somebody.
    again = sandbox.ask("POST", CONTACTS, {"properties": {"email": "kim@example.org"}})
    assert again.status_code == 201, again.text


def test_an_unknown_email_is_blocklisted(sandbox: Sandbox) -> None:
    [other] = sandbox.hubspot_contacts("lee@example.org")
    body = {"objectId": "Kim@example.org", "idProperty": "email"}
    assert sandbox.ask("POST", f"{CONTACTS}/gdpr-delete", body).status_code == 204
    properties = {"properties": {"email": "kim@example.org"}}
    assert sandbox.ask("POST", CONTACTS, properties).status_code == 400
    assert sandbox.ask("PATCH", f"{CONTACTS}/{other}", properties).status_code == 400
    sandbox.reset()
    assert sandbox.ask("POST", CONTACTS, properties).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (CONTACTS, {"objectId": "4711"}, 404),
        (CONTACTS, {}, 400),
        (CONTACTS, {"objectId": "x", "idProperty": "city"}, 400),
        ("/crm/v3/objects/companies", {"objectId": "1"}, 400),
    ],
)
def test_what_gdpr_delete_refuses(sandbox: Sandbox, path: str, body: dict[str, str], status: int) -> None:
    assert sandbox.ask("POST", f"{path}/gdpr-delete", body).status_code == status


# -- the past ----------------------------------------------------------------------------------------------------


def past(sandbox: Sandbox, key: str, name: str) -> list[tuple[str, str]]:
    body = sandbox.ask("GET", f"{CONTACTS}/{key}?propertiesWithHistory={name}").json()
    versions = body["propertiesWithHistory"][name]
    stamps = [version["timestamp"] for version in versions]
    assert stamps == sorted(stamps, reverse=True)
    return [(version["value"], version["sourceType"]) for version in versions]


def test_versions_come_newest_first(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    for city in ("Hammond", "Hammond", "", "Gary"):
        sandbox.control("POST", "/clock", advance_seconds=5)
        sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"city": city}})
    assert [value for value, _ in past(sandbox, key, "city")] == ["Gary", "", "Hammond", "Gary"]
    assert past(sandbox, key, "email") == [("kim@example.org", "INTEGRATION")]
    assert past(sandbox, key, "fax") == []


def test_a_seeded_value_is_its_first_version(sandbox: Sandbox) -> None:
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=150)
    contact = sandbox.ask("GET", f"{CONTACTS}?limit=1").json()["results"][0]
    key, email = contact["id"], contact["properties"]["email"]
    assert past(sandbox, key, "email") == [(email, "IMPORT")]
    body = sandbox.ask("GET", f"{CONTACTS}/{key}?propertiesWithHistory=email").json()
    assert body["propertiesWithHistory"]["email"][0]["timestamp"] == contact["createdAt"]


def test_history_in_lists_and_batches_halves_the_page(sandbox: Sandbox) -> None:
    keys = sandbox.hubspot_contacts(*(f"p{n}@example.org" for n in range(60)))
    page = sandbox.ask("GET", f"{CONTACTS}?limit=50&propertiesWithHistory=email&properties=city").json()["results"]
    assert page[1]["propertiesWithHistory"]["email"][0]["value"] == "p1@example.org"
    assert sandbox.ask("GET", f"{CONTACTS}?limit=51&propertiesWithHistory=email").status_code == 400
    for many, status in ((50, 200), (51, 400)):
        wanted = {"propertiesWithHistory": ["email"], "inputs": [{"id": key} for key in keys[:many]]}
        assert sandbox.ask("POST", f"{CONTACTS}/batch/read", wanted).status_code == status


def test_a_batch_that_fails_leaves_no_past(sandbox: Sandbox) -> None:
    [key] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    inputs = [{"id": key, "properties": {"city": "Hammond"}}, {"id": "4711", "properties": {"nonsense": "1"}}]
    inputs[1]["id"] = sandbox.hubspot_contacts("lee@example.org")[0]
    assert sandbox.ask("POST", f"{CONTACTS}/batch/update", {"inputs": inputs}).status_code == 400
    assert [value for value, _ in past(sandbox, key, "city")] == ["Gary"]


def test_a_merged_record_has_both_pasts(sandbox: Sandbox) -> None:
    [first] = sandbox.hubspot_contacts("kim@example.org", city="Gary")
    sandbox.control("POST", "/clock", advance_seconds=5)
    [second] = sandbox.hubspot_contacts("lee@example.org", city="Hammond")
    sandbox.control("POST", "/clock", advance_seconds=5)
    made = merge(sandbox, first, second).json()["id"]
    assert past(sandbox, made, "city") == [
        ("Gary", "MERGE_OBJECTS"),
        ("Hammond", "INTEGRATION"),
        ("Gary", "INTEGRATION"),
    ]
    sandbox.ask("PATCH", f"{CONTACTS}/{made}", {"properties": {"city": "Crown Point"}})
    assert [value for value, _ in past(sandbox, made, "city")][:2] == ["Crown Point", "Gary"]
