"""Association labels (v4), pairs of one type and of custom objects, and the v3 associations endpoints."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.crm import associations as v3
from hubspot.crm.associations import v4

from sandbox.hubspot.associations import Associations

if TYPE_CHECKING:
    from conftest import Sandbox

LABELS = "/crm/v4/associations/contacts/companies/labels"
MOMENT = "2026-11-16T14:00:00.000Z"
VALID: dict[str, dict[str, str]] = {
    "contacts": {"firstname": "Kim"},
    "companies": {"name": "Lakeview Imaging"},
    "deals": {"dealname": "Knee", "dealstage": "appointmentscheduled"},
    "tickets": {"subject": "Call back", "hs_pipeline_stage": "1"},
    "calls": {"hs_timestamp": MOMENT},
    "emails": {"hs_timestamp": MOMENT, "hs_email_direction": "EMAIL"},
}


def create(sandbox: Sandbox, name: str) -> str:
    answer = sandbox.ask("POST", f"/crm/v3/objects/{name}", {"properties": VALID[name]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def spec(number: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": number}


def types(sandbox: Sandbox, source: str, key: str, target: str) -> dict[str, list[tuple[str, int, str | None]]]:
    """Associated id -> (category, type id, label)."""
    answer = sandbox.ask("GET", f"/crm/v4/objects/{source}/{key}/associations/{target}")
    assert answer.status_code == 200, answer.text
    return {
        str(row["toObjectId"]): [(kind["category"], kind["typeId"], kind["label"]) for kind in row["associationTypes"]]
        for row in answer.json()["results"]
    }


def labels(sandbox: Sandbox, path: str = LABELS) -> list[dict[str, Any]]:
    answer = sandbox.ask("GET", path)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


@pytest.mark.parametrize(
    ("source", "target", "there", "back"),
    [
        ("calls", "contacts", 194, 193),
        ("emails", "contacts", 198, 197),
        ("emails", "companies", 186, 185),
        ("tickets", "contacts", 16, 15),
        ("tickets", "companies", 339, 340),
        ("deals", "tickets", 27, 28),
        ("contacts", "contacts", 449, 449),
        ("companies", "companies", 450, 450),
        ("deals", "deals", 451, 451),
    ],
)
def test_default_pairs(sandbox: Sandbox, source: str, target: str, there: int, back: int) -> None:
    create(sandbox, target)
    key, other = create(sandbox, source), create(sandbox, target)
    answer = sandbox.ask("PUT", f"/crm/v4/objects/{source}/{key}/associations/default/{target}/{other}")
    assert answer.status_code == 200, answer.text
    assert types(sandbox, source, key, target) == {other: [("HUBSPOT_DEFINED", there, None)]}
    assert types(sandbox, target, other, source) == {key: [("HUBSPOT_DEFINED", back, None)]}
    [shown] = sandbox.control("GET", "/dump?system=hubspot")["hubspot"]["associations"]
    assert there in shown["types"] or back in shown["types"]
    assert sandbox.control("GET", "/inspect")["hubspot"]["associations"] == 1


def test_a_company_has_one_parent_and_many_children(sandbox: Sandbox) -> None:
    child, first, second = (create(sandbox, "companies") for _ in range(3))
    path = "/crm/v4/objects/companies/{}/associations/companies/{}"
    assert sandbox.ask("PUT", path.format(child, first), [spec(14)]).json()["labels"] == ["Parent Company"]
    assert types(sandbox, "companies", first, "companies")[child][1] == ("HUBSPOT_DEFINED", 13, "Child Company")
    sandbox.ask("PUT", path.format(second, child), [spec(13)])  # from the new parent's side
    assert types(sandbox, "companies", child, "companies") == {
        first: [("HUBSPOT_DEFINED", 450, None)],
        second: [("HUBSPOT_DEFINED", 450, None), ("HUBSPOT_DEFINED", 14, "Parent Company")],
    }
    itself = sandbox.ask("PUT", path.format(child, child), [spec(14)])
    assert (itself.status_code, itself.json()["category"]) == (400, "VALIDATION_ERROR")


def test_labels_of_ones_own_are_made_used_renamed_and_removed(sandbox: Sandbox) -> None:
    assert labels(sandbox) == [
        {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None},
        {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"},
    ]
    made = sandbox.ask("POST", LABELS, {"name": "referrer", "label": "Refers to", "inverseLabel": "Referred by"})
    assert made.status_code == 200
    there, back = made.json()["results"]
    assert (there["category"], there["label"], back["label"]) == ("USER_DEFINED", "Refers to", "Referred by")
    assert labels(sandbox)[-1] == there
    assert labels(sandbox, "/crm/associations/2026-03/companies/contacts/labels")[-1] == back
    assert there["typeId"] == 1  # HubSpot's numbers and one's own are apart

    contact, company = create(sandbox, "contacts"), create(sandbox, "companies")
    pair = f"/crm/v4/objects/contacts/{contact}/associations/companies/{company}"
    answer = sandbox.ask("PUT", pair, [spec(1), spec(there["typeId"], "USER_DEFINED")])
    assert (answer.status_code, answer.json()["labels"]) == (201, ["Primary", "Refers to"])
    assert types(sandbox, "companies", company, "contacts")[contact] == [
        ("HUBSPOT_DEFINED", 280, None),
        ("HUBSPOT_DEFINED", 2, "Primary"),
        ("USER_DEFINED", back["typeId"], "Referred by"),
    ]
    [shown] = sandbox.control("GET", "/dump?system=hubspot")["hubspot"]["associations"]
    assert (shown["types"], shown["user_types"]) == ([1, 279], [there["typeId"]])

    changed = {"associationTypeId": there["typeId"], "label": "Sends to"}
    assert sandbox.ask("PUT", LABELS, changed).status_code == 204
    assert types(sandbox, "contacts", contact, "companies")[company][-1][2] == "Sends to"
    assert types(sandbox, "companies", company, "contacts")[contact][-1][2] == "Referred by"

    entry = {"from": {"id": contact}, "to": {"id": company}, "types": [spec(1)]}
    batch = "/crm/v4/associations/contacts/companies/batch/labels/archive"
    assert sandbox.ask("POST", batch, {"inputs": [entry]}).status_code == 204
    assert [kind[1] for kind in types(sandbox, "contacts", contact, "companies")[company]] == [279, there["typeId"]]
    assert sandbox.ask("DELETE", f"{LABELS}/{there['typeId']}").status_code == 204
    assert types(sandbox, "companies", company, "contacts") == {contact: [("HUBSPOT_DEFINED", 280, None)]}
    assert len(labels(sandbox)) == 2
    whole = {**entry, "types": [spec(279)]}
    dated = sandbox.ask("POST", "/crm/associations/2026-03/0-1/0-2/batch/labels/archive", {"inputs": [whole]})
    assert (dated.status_code, dated.json()["results"]) == (200, [])
    assert types(sandbox, "companies", company, "contacts") == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", LABELS, {"label": "Refers to"}, 400),
        ("POST", LABELS, {"name": "refers-to", "label": "Refers to"}, 400),
        ("POST", LABELS, {"name": "1st", "label": "First"}, 400),
        ("POST", LABELS, {"name": "known", "label": "another"}, 400),
        ("POST", LABELS, {"name": "another", "label": "KNOWN"}, 400),
        ("POST", LABELS, ["known"], 400),
        ("POST", "/crm/v4/associations/notes/contacts/labels", {"name": "about", "label": "About"}, 400),
        ("POST", "/crm/v4/associations/unicorns/contacts/labels", {"name": "about", "label": "About"}, 400),
        ("PUT", LABELS, {"associationTypeId": 4711, "label": "x"}, 404),
        ("PUT", LABELS, {"associationTypeId": 279, "label": "x"}, 404),
        ("PUT", LABELS, {"associationTypeId": 1}, 400),
        ("DELETE", f"{LABELS}/279", None, 404),
        ("DELETE", f"{LABELS}/x", None, 404),
    ],
)
def test_what_is_no_label(sandbox: Sandbox, method: str, path: str, body: Any, status: int) -> None:
    sandbox.ask("POST", LABELS, {"name": "known", "label": "Known"})
    assert sandbox.ask(method, path, body).status_code == status
    assert len(labels(sandbox)) == 3


def test_a_pair_has_ten_labels_at_most(sandbox: Sandbox) -> None:
    for number in range(10):
        wanted = {"name": f"role_{number}", "label": f"Role {number}"}
        assert sandbox.ask("POST", LABELS, wanted).status_code == 200
    assert sandbox.ask("POST", LABELS, {"name": "role_10", "label": "Role 10"}).status_code == 400
    path = "/crm/v4/associations/contacts/contacts/labels"
    [alike] = sandbox.ask("POST", path, {"name": "sibling", "label": "Sibling"}).json()["results"]
    assert alike["label"] == "Sibling"


def test_custom_objects_bring_types_of_their_own(sandbox: Sandbox) -> None:
    schema = {
        "name": "visit",
        "labels": {"singular": "Visit", "plural": "Visits"},
        "primaryDisplayProperty": "title",
        "requiredProperties": ["title"],
        "properties": [{"name": "title", "label": "Title", "type": "string", "fieldType": "text"}],
        "associatedObjects": ["CONTACT"],
    }
    made = sandbox.ask("POST", "/crm-object-schemas/v3/schemas", schema)
    assert made.status_code == 201, made.text
    type_id = made.json()["objectTypeId"]
    visit = sandbox.ask("POST", f"/crm/v3/objects/{type_id}", {"properties": {"title": "Knee"}}).json()["id"]
    contact = create(sandbox, "contacts")
    sandbox.ask("PUT", f"/crm/v4/objects/{type_id}/{visit}/associations/default/contacts/{contact}")
    [(category, number, label)] = types(sandbox, type_id, visit, "contacts")[contact]
    assert (category, label) == ("USER_DEFINED", None)
    [(_, back, _)] = types(sandbox, "contacts", contact, type_id)[visit]
    assert back != number
    made = sandbox.ask(
        "POST", f"/crm/v4/associations/{type_id}/contacts/labels", {"name": "patient", "label": "Patient"}
    )
    assert made.status_code == 200
    named = sandbox.ask("GET", f"/crm/v3/associations/{type_id}/contacts/types").json()["results"]
    assert [entry["id"] for entry in named] == [str(number), str(made.json()["results"][0]["typeId"])]


# -- v3 ----------------------------------------------------------------------------------------------------------


def test_v3_reads_what_v4_made(sandbox: Sandbox) -> None:
    contact, first, second = create(sandbox, "contacts"), create(sandbox, "companies"), create(sandbox, "companies")
    pair = f"/crm/v4/objects/contacts/{contact}/associations/companies"
    sandbox.ask("PUT", f"{pair}/{first}", [spec(1)])
    sandbox.ask("PUT", f"{pair}/{second}", [spec(279)])
    rows = [
        {"id": first, "type": "contact_to_company_unlabeled"},
        {"id": first, "type": "contact_to_company"},
        {"id": second, "type": "contact_to_company_unlabeled"},
    ]
    path = f"/crm/v3/objects/contacts/{contact}/associations/companies"
    assert sandbox.ask("GET", path).json() == {"results": rows}
    page = sandbox.ask("GET", f"{path}?limit=2").json()
    assert page["results"] == rows[:2]
    assert sandbox.ask("GET", f"{path}?limit=2&after={page['paging']['next']['after']}").json() == {"results": rows[2:]}
    assert sandbox.ask("GET", f"{path}?limit=501").status_code == 400
    lonely = create(sandbox, "contacts")
    read = sandbox.ask(
        "POST",
        "/crm/v3/associations/Contacts/Companies/batch/read",
        {"inputs": [{"id": contact}, {"id": lonely}, {"id": "4711"}]},
    )
    assert read.status_code == 207
    assert read.json()["results"] == [{"from": {"id": contact}, "to": rows}]
    assert [error["context"]["fromObjectId"] for error in read.json()["errors"]] == [[lonely], ["4711"]]
    assert {error["subCategory"] for error in read.json()["errors"]} == {"crm.associations.NO_ASSOCIATIONS_FOUND"}


def test_v3_names_the_types(sandbox: Sandbox) -> None:
    path = "/crm/v3/associations/{}/{}/types"
    assert sandbox.ask("GET", path.format("contacts", "companies")).json()["results"] == [
        {"id": "279", "name": "contact_to_company_unlabeled"},
        {"id": "1", "name": "contact_to_company"},
    ]
    assert {row["name"] for row in sandbox.ask("GET", path.format("company", "company")).json()["results"]} == {
        "company_to_company",
        "parent_to_child_company",
        "child_to_parent_company",
    }
    assert sandbox.ask("GET", path.format("calls", "0-1")).json()["results"] == [
        {"id": "194", "name": "call_to_contact"}
    ]


@pytest.mark.parametrize("kind", ["contact_to_company", "CONTACT_TO_COMPANY", "1"])
def test_v3_associates_one_pair(sandbox: Sandbox, kind: str) -> None:
    contact, company = create(sandbox, "contacts"), create(sandbox, "companies")
    path = f"/crm/v3/objects/contacts/{contact}/associations/companies/{company}"
    made = sandbox.ask("PUT", f"{path}/{kind}")
    assert made.status_code == 200
    assert made.json()["id"] == contact
    assert {row["id"] for row in made.json()["associations"]["companies"]["results"]} == {company}
    assert [entry[1] for entry in types(sandbox, "contacts", contact, "companies")[company]] == [279, 1]
    assert sandbox.ask("DELETE", f"{path}/{kind}").status_code == 204
    assert [entry[1] for entry in types(sandbox, "contacts", contact, "companies")[company]] == [279]
    assert sandbox.ask("DELETE", f"{path}/contact_to_company_unlabeled").status_code == 204
    assert types(sandbox, "contacts", contact, "companies") == {}
    assert sandbox.ask("PUT", f"{path}/deal_to_company").status_code == 400
    missing = sandbox.ask("PUT", f"/crm/v3/objects/contacts/{contact}/associations/companies/4711/{kind}")
    assert missing.status_code == 400


def test_v3_through_the_official_client(sandbox: Sandbox) -> None:
    client = HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"])
    deal, contact = create(sandbox, "deals"), create(sandbox, "contacts")
    ends = {"_from": v3.PublicObjectId(id=deal), "to": v3.PublicObjectId(id=contact)}
    wanted = v3.BatchInputPublicAssociation(inputs=[v3.PublicAssociation(type="deal_to_contact", **ends)])
    api = client.crm.associations.batch_api
    made = api.create("deals", "contacts", wanted)
    assert (made.status, made.results[0].type, made.results[0].to.id) == ("COMPLETE", "deal_to_contact", contact)
    asked = v3.BatchInputPublicObjectId(inputs=[v3.PublicObjectId(id=deal), v3.PublicObjectId(id="4711")])
    read = api.read("deals", "contacts", asked)
    assert type(read).__name__ == "BatchResponsePublicAssociationMultiWithErrors"
    assert [(row.id, row.type) for row in read.results[0].to] == [(contact, "deal_to_contact")]
    known = client.crm.associations.schema.types_api.get_all("deals", "contacts").results
    assert [(kind.id, kind.name) for kind in known] == [("3", "deal_to_contact")]
    api.archive("deals", "contacts", wanted)
    assert types(sandbox, "deals", deal, "contacts") == {}


def test_labels_through_the_official_client(sandbox: Sandbox) -> None:
    client = HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"])
    api = client.crm.associations.v4.schema.definitions_api
    wanted = v4.schema.PublicAssociationDefinitionCreateRequest(
        name="referrer", label="Refers to", inverse_label="Referred by"
    )
    made = api.create("contacts", "companies", wanted).results
    assert [kind.label for kind in made] == ["Refers to", "Referred by"]
    change = v4.schema.PublicAssociationDefinitionUpdateRequest(association_type_id=made[0].type_id, label="Sends to")
    api.update("contacts", "companies", change)
    shown = api.get_all("contacts", "companies").results
    assert [(kind.category, kind.label) for kind in shown] == [
        ("HUBSPOT_DEFINED", None),
        ("HUBSPOT_DEFINED", "Primary"),
        ("USER_DEFINED", "Sends to"),
    ]
    api.remove("contacts", "companies", made[0].type_id)
    assert len(api.get_all("companies", "contacts").results) == 2


# -- the state ---------------------------------------------------------------------------------------------------


def test_what_a_merge_leaves() -> None:
    """The heir keeps its own primary company, and takes the rest."""
    links = Associations()
    default, primary = links.defaults["contacts", "companies"], links.types[1]
    links.link(primary, 1, 10)
    links.link(primary, 2, 20)
    links.link(default, 2, 21)
    links.link(links.defaults["contacts", "contacts"], 1, 2)
    links.move("contacts", 2, 1)
    assert links.of("contacts", 1, "companies") == {10: (1, 279), 20: (279,), 21: (279,)}
    assert links.of("contacts", 2, "companies") == {}
    assert links.of("contacts", 1, "contacts") == {}
    again: Associations = pickle.loads(pickle.dumps(links))
    assert again.dump() == links.dump()
    assert again.count() == 3
