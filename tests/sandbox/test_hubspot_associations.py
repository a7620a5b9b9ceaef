"""Associations: the v4 endpoints, and associations in object reads and creates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Sandbox

BATCH = "/crm/v4/associations/contacts/companies/batch"
MOMENT = "2026-11-16T14:00:00.000Z"
VALID: dict[str, dict[str, str]] = {
    "contacts": {"firstname": "Kim"},
    "companies": {"name": "Lakeview Imaging"},
    "deals": {"dealname": "Knee", "dealstage": "appointmentscheduled"},
    "notes": {"hs_timestamp": MOMENT},
    "tasks": {"hs_timestamp": MOMENT},
    "meetings": {"hs_timestamp": MOMENT},
}


def create(sandbox: Sandbox, name: str, **more: Any) -> str:
    answer = sandbox.ask("POST", f"/crm/v3/objects/{name}", {"properties": VALID[name], **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def path(source: str, key: str, target: str, other: str = "") -> str:
    return f"/crm/v4/objects/{source}/{key}/associations/{target}" + (f"/{other}" if other else "")


def default(source: str, key: str, target: str, other: str) -> str:
    return f"/crm/v4/objects/{source}/{key}/associations/default/{target}/{other}"


def spec(number: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": number}


def links(sandbox: Sandbox, source: str, key: str, target: str) -> dict[str, list[int]]:
    """Associated id -> type ids."""
    answer = sandbox.ask("GET", path(source, key, target))
    assert answer.status_code == 200, answer.text
    return {
        str(row["toObjectId"]): [kind["typeId"] for kind in row["associationTypes"]] for row in answer.json()["results"]
    }


@pytest.mark.parametrize(
    ("source", "target", "there", "back"),
    [
        ("contacts", "companies", 279, 280),
        ("companies", "contacts", 280, 279),
        ("deals", "contacts", 3, 4),
        ("contacts", "deals", 4, 3),
        ("deals", "companies", 341, 342),
        ("notes", "contacts", 202, 201),
        ("notes", "companies", 190, 189),
        ("notes", "deals", 214, 213),
        ("tasks", "contacts", 204, 203),
        ("meetings", "contacts", 200, 199),
    ],
)
def test_a_default_association_holds_both_ways(
    sandbox: Sandbox, source: str, target: str, there: int, back: int
) -> None:
    create(sandbox, source)  # so that the two ids differ
    key, other = create(sandbox, source), create(sandbox, target)
    answer = sandbox.ask("PUT", default(source, key, target, other))
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "COMPLETE"
    assert body["results"] == [
        {"from": {"id": key}, "to": {"id": other}, "associationSpec": spec(there)},
        {"from": {"id": other}, "to": {"id": key}, "associationSpec": spec(back)},
    ]
    assert links(sandbox, source, key, target) == {other: [there]}
    assert links(sandbox, target, other, source) == {key: [back]}
    assert sandbox.ask("PUT", default(source, key, target, other)).status_code == 200
    assert links(sandbox, source, key, target) == {other: [there]}


def test_a_labelled_association_and_the_one_primary_company(sandbox: Sandbox) -> None:
    key, first, second = create(sandbox, "contacts"), create(sandbox, "companies"), create(sandbox, "companies")
    answer = sandbox.ask("PUT", path("contact", key, "0-2", first), [spec(1)])
    assert answer.status_code == 201
    assert answer.json() == {
        "fromObjectTypeId": "0-1",
        "fromObjectId": int(key),
        "toObjectTypeId": "0-2",
        "toObjectId": int(first),
        "labels": ["Primary"],
    }
    assert sandbox.ask("GET", path("contacts", key, "companies")).json()["results"] == [
        {
            "toObjectId": int(first),
            "associationTypes": [
                {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
                {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
            ],
        }
    ]
    # Made primary from the company's side, the second takes the place of the first.
    assert sandbox.ask("PUT", path("companies", second, "contacts", key), [spec(2)]).status_code == 201
    assert links(sandbox, "contacts", key, "companies") == {first: [279], second: [279, 1]}
    assert links(sandbox, "companies", first, "contacts") == {key: [280]}


def test_delete_takes_every_association_of_a_pair(sandbox: Sandbox) -> None:
    key, other = create(sandbox, "deals"), create(sandbox, "companies")
    sandbox.ask("PUT", path("deals", key, "companies", other), [spec(5), spec(341)])
    assert links(sandbox, "companies", other, "deals") == {key: [342, 6]}
    for _ in range(2):
        assert sandbox.ask("DELETE", path("deals", key, "companies", other)).status_code == 204
    assert links(sandbox, "deals", key, "companies") == {}
    assert links(sandbox, "companies", other, "deals") == {}


def test_an_archived_object_leaves_its_associations(sandbox: Sandbox) -> None:
    key, other = create(sandbox, "notes"), create(sandbox, "contacts")
    sandbox.ask("PUT", default("notes", key, "contacts", other))
    sandbox.ask("DELETE", f"/crm/v3/objects/notes/{key}")
    assert links(sandbox, "contacts", other, "notes") == {}
    assert sandbox.control("GET", "/dump?system=hubspot")["hubspot"]["associations"] == []


@pytest.mark.parametrize(
    ("method", "tail", "body", "status"),
    [
        ("PUT", "companies/{company}", [spec(3)], 400),  # a deal's
        ("PUT", "companies/{company}", [spec(280)], 400),  # the way back
        ("PUT", "companies/{company}", [spec(279, "USER_DEFINED")], 400),
        ("PUT", "companies/{company}", [{"associationTypeId": 279}], 400),
        ("PUT", "companies/{company}", [], 400),
        ("PUT", "companies/{company}", {"types": []}, 400),
        ("PUT", "companies/4711", [spec(279)], 400),
        ("PUT", "default/companies/4711", None, 400),
        ("PUT", "default/unicorns/1", None, 400),
        ("PUT", "default/products/1", None, 501),
        ("PUT", "default/contacts/1", None, 400),
        ("GET", "products", None, 501),
        ("GET", "companies?limit=501", None, 400),
    ],
)
def test_what_cannot_be_associated_is_refused(sandbox: Sandbox, method: str, tail: str, body: Any, status: int) -> None:
    key, company = create(sandbox, "contacts"), create(sandbox, "companies")
    answer = sandbox.ask(method, path("contacts", key, tail.format(company=company)), body)
    assert answer.status_code == status, answer.text
    assert answer.json()["category"] in ("VALIDATION_ERROR", "NOT_SIMULATED")
    assert links(sandbox, "contacts", key, "companies") == {}


def test_an_object_that_does_not_exist_is_named(sandbox: Sandbox) -> None:
    key = create(sandbox, "contacts")
    answer = sandbox.ask("PUT", path("contacts", key, "companies", "4711"), [spec(279)]).json()
    assert answer["message"] == "One or more associations are invalid"
    assert answer["context"]["INVALID_OBJECT_IDS"] == ["COMPANY=4711 is not valid"]
    assert sandbox.ask("GET", path("contacts", "4711", "companies")).status_code == 404


def test_batches_make_read_and_take_away(sandbox: Sandbox) -> None:
    keys = [create(sandbox, "contacts") for _ in range(3)]
    companies = [create(sandbox, "companies") for _ in range(2)]
    inputs = [
        {"from": {"id": keys[0]}, "to": {"id": companies[0]}, "types": [spec(279)]},
        {"from": {"id": keys[0]}, "to": {"id": companies[1]}, "types": [spec(279), spec(1)]},
        {"from": {"id": "4711"}, "to": {"id": companies[1]}, "types": [spec(279)]},
    ]
    made = sandbox.ask("POST", f"{BATCH}/create", {"inputs": inputs})
    assert made.status_code == 207
    assert [row["labels"] for row in made.json()["results"]] == [[], ["Primary"]]
    assert made.json()["numErrors"] == 1
    assert made.json()["errors"][0]["context"]["objectId"] == ["4711"]
    assert sandbox.ask("POST", f"{BATCH}/create", {"inputs": inputs[:2]}).status_code == 201

    pairs = [{"from": {"id": keys[1]}, "to": {"id": companies[0]}}]
    defaults = sandbox.ask("POST", "/crm/associations/2026-03/0-1/0-2/batch/associate/default", {"inputs": pairs})
    assert defaults.status_code == 200
    assert defaults.json()["results"][0]["associationSpec"] == spec(279)

    read = sandbox.ask("POST", f"{BATCH}/read", {"inputs": [{"id": key} for key in keys]})
    assert read.status_code == 207  # the third has none
    assert {row["from"]["id"]: [str(other["toObjectId"]) for other in row["to"]] for row in read.json()["results"]} == {
        keys[0]: companies,
        keys[1]: companies[:1],
    }
    [error] = read.json()["errors"]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["message"] == f"No company is associated with contact {keys[2]}."
    assert sandbox.ask("POST", f"{BATCH}/read", {"inputs": [{"id": keys[0]}]}).status_code == 200

    gone = [{"from": {"id": keys[0]}, "to": [{"id": company} for company in companies]}]
    assert sandbox.ask("POST", f"{BATCH}/archive", {"inputs": gone}).status_code == 204
    assert links(sandbox, "contacts", keys[0], "companies") == {}
    assert links(sandbox, "companies", companies[0], "contacts") == {keys[1]: [280]}


@pytest.mark.parametrize(
    ("verb", "most", "entry"),
    [
        ("create", 2_000, {"from": {"id": "1"}, "to": {"id": "1"}, "types": [spec(279)]}),
        ("associate/default", 2_000, {"from": {"id": "1"}, "to": {"id": "1"}}),
        ("read", 1_000, {"id": "1"}),
        ("archive", 2_000, {"from": {"id": "1"}, "to": [{"id": "1"}]}),
    ],
)
def test_batches_have_their_own_caps(sandbox: Sandbox, verb: str, most: int, entry: dict[str, Any]) -> None:
    assert sandbox.ask("POST", f"{BATCH}/{verb}", {"inputs": [entry] * most}).status_code in (200, 204, 207)
    answer = sandbox.ask("POST", f"{BATCH}/{verb}", {"inputs": [entry] * (most + 1)})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_associations_are_paged(sandbox: Sandbox) -> None:
    company = create(sandbox, "companies")
    keys = sandbox.hubspot_contacts(*(f"p{n}@example.org" for n in range(25)))
    pairs = [{"from": {"id": company}, "to": {"id": key}} for key in keys]
    sandbox.ask("POST", "/crm/v4/associations/companies/contacts/batch/associate/default", {"inputs": pairs})
    seen: list[str] = []
    after = ""
    while True:
        page = sandbox.ask("GET", f"{path('companies', company, 'contacts')}?limit=10{after}").json()
        seen += [str(row["toObjectId"]) for row in page["results"]]
        if "paging" not in page:
            break
        after = f"&after={page['paging']['next']['after']}"
    assert seen == keys
    dated = sandbox.ask("GET", f"/crm/objects/2026-09/companies/{company}/associations/contacts").json()
    assert [str(row["toObjectId"]) for row in dated["results"]] == keys


def test_a_batch_read_pages_each_object(sandbox: Sandbox) -> None:
    company = create(sandbox, "companies")
    keys = [key for n in range(6) for key in sandbox.hubspot_contacts(*(f"p{n}x{m}@example.org" for m in range(90)))]
    pairs = [{"from": {"id": company}, "to": {"id": key}} for key in keys]
    batch = "/crm/v4/associations/companies/contacts/batch"
    sandbox.ask("POST", f"{batch}/associate/default", {"inputs": pairs})
    [first] = sandbox.ask("POST", f"{batch}/read", {"inputs": [{"id": company}]}).json()["results"]
    rest = {"id": company, "after": first["paging"]["next"]["after"]}
    [second] = sandbox.ask("POST", f"{batch}/read", {"inputs": [rest]}).json()["results"]
    assert "paging" not in second
    assert [str(row["toObjectId"]) for row in first["to"] + second["to"]] == keys


def test_object_reads_show_the_associations_that_are_asked_for(sandbox: Sandbox) -> None:
    key, company, deal = create(sandbox, "contacts"), create(sandbox, "companies"), create(sandbox, "deals")
    sandbox.ask("PUT", path("contacts", key, "companies", company), [spec(1)])
    sandbox.ask("PUT", default("deals", deal, "contacts", key))
    asked = "associations=companies,0-3&associations=notes"
    expected = {
        "companies": {
            "results": [
                {"id": company, "type": "contact_to_company_unlabeled"},
                {"id": company, "type": "contact_to_company"},
            ]
        },
        "deals": {"results": [{"id": deal, "type": "contact_to_deal"}]},
    }
    assert sandbox.ask("GET", f"/crm/v3/objects/contacts/{key}?{asked}").json()["associations"] == expected
    lonely = create(sandbox, "contacts")
    listed = sandbox.ask("GET", f"/crm/v3/objects/contacts?{asked}").json()["results"]
    assert [(row["id"], row.get("associations")) for row in listed] == [(key, expected), (lonely, None)]
    assert "associations" not in sandbox.ask("GET", f"/crm/v3/objects/contacts/{key}").json()
    assert sandbox.ask("GET", "/crm/v3/objects/contacts?associations=carts").status_code == 501
    passed_over = sandbox.ask("GET", f"/crm/v3/objects/contacts/{key}?associations=products,deals").json()
    assert list(passed_over["associations"]) == ["deals"]


def test_a_create_associates_at_once_or_not_at_all(sandbox: Sandbox) -> None:
    contact, company = create(sandbox, "contacts"), create(sandbox, "companies")
    wanted = [{"to": {"id": contact}, "types": [spec(202)]}, {"to": {"id": company}, "types": [spec(190)]}]
    note = create(sandbox, "notes", associations=wanted)
    assert links(sandbox, "contacts", contact, "notes") == {note: [201]}
    assert links(sandbox, "notes", note, "companies") == {company: [190]}
    for bad in (
        [{"to": {"id": "4711"}, "types": [spec(202)]}],
        [{"to": {"id": contact}, "types": [spec(204)]}],
        [{"to": {"id": contact}}],
        "contacts",
    ):
        answer = sandbox.ask("POST", "/crm/v3/objects/notes", {"properties": VALID["notes"], "associations": bad})
        assert answer.status_code == 400
    assert len(sandbox.ask("GET", "/crm/v3/objects/notes").json()["results"]) == 1


@pytest.mark.parametrize("traced", [False, True])
def test_a_batch_create_associates_what_it_makes(sandbox: Sandbox, traced: bool) -> None:
    contact = create(sandbox, "contacts")
    wanted = [{"to": {"id": contact}, "types": [spec(204)]}]
    inputs: list[dict[str, Any]] = [
        {"properties": VALID["tasks"], "associations": wanted},
        {"properties": {}, "associations": wanted},
    ]
    for number, entry in enumerate(inputs):
        if traced:
            entry["objectWriteTraceId"] = str(number)
    answer = sandbox.ask("POST", "/crm/v3/objects/tasks/batch/create", {"inputs": inputs})
    found = links(sandbox, "contacts", contact, "tasks")
    if traced:
        assert answer.status_code == 207
        assert list(found) == [answer.json()["results"][0]["id"]]
    else:
        assert answer.status_code == 400
        assert found == {}


def test_the_dump_shows_each_association_once(sandbox: Sandbox) -> None:
    key, company = create(sandbox, "contacts"), create(sandbox, "companies")
    sandbox.ask("PUT", path("companies", company, "contacts", key), [spec(2)])
    expected = [
        {
            "id": f"contacts/{key}/companies/{company}",
            "from": {"type": "contacts", "id": key},
            "to": {"type": "companies", "id": company},
            "types": [1, 279],
        }
    ]
    assert sandbox.control("GET", "/dump?system=hubspot")["hubspot"]["associations"] == expected
    assert sandbox.control("GET", "/inspect?system=hubspot&object=associations")["records"] == expected
    assert sandbox.control("GET", "/inspect")["hubspot"]["associations"] == 1
