"""Object types of a portal's own: their definition, and that every endpoint knows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.crm import schemas

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.scenarios import build

if TYPE_CHECKING:
    from conftest import Sandbox

SCHEMAS = "/crm/v3/schemas"
PRACTICE: dict[str, Any] = {
    "name": "practice",
    "labels": {"singular": "Practice", "plural": "Practices"},
    "primaryDisplayProperty": "title",
    "requiredProperties": ["title"],
    "searchableProperties": ["title"],
    "secondaryDisplayProperties": ["beds"],
    "properties": [
        {"name": "title", "label": "Title", "type": "string", "fieldType": "text"},
        {"name": "beds", "label": "Beds", "type": "number", "fieldType": "number"},
        {"name": "npi", "label": "NPI", "type": "string", "fieldType": "text", "hasUniqueValue": True},
    ],
    "associatedObjects": ["CONTACT"],
}


def define(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    answer = sandbox.ask("POST", SCHEMAS, {**PRACTICE, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def create(sandbox: Sandbox, **properties: str) -> str:
    answer = sandbox.ask("POST", "/crm/v3/objects/practice", {"properties": {"title": "Lakeview", **properties}})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_definition_is_shown_with_its_properties_and_associations(sandbox: Sandbox) -> None:
    made = define(sandbox)
    portal = sandbox.ask("GET", "/account-info/v3/details").json()["portalId"]
    assert made["fullyQualifiedName"] == f"p{portal}_practice"
    assert made["objectTypeId"] == f"2-{made['id']}"
    assert {"title", "beds", "npi", "hs_object_id", "hs_createdate"} <= {entry["name"] for entry in made["properties"]}
    pairs = {(entry["fromObjectTypeId"], entry["toObjectTypeId"]) for entry in made["associations"]}
    assert {(made["objectTypeId"], "0-1"), ("0-1", made["objectTypeId"]), (made["objectTypeId"], "0-46")} <= pairs
    assert sandbox.ask("GET", SCHEMAS).json() == {"results": [made]}
    for path in (SCHEMAS, "/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-03/schemas"):
        assert sandbox.ask("GET", f"{path}/{made['objectTypeId']}").json() == made


def test_every_object_endpoint_knows_it_by_any_of_its_names(sandbox: Sandbox) -> None:
    made = define(sandbox)
    key = create(sandbox, beds="12", npi="1234567893")
    for spelling in ("practice", "p_practice", made["fullyQualifiedName"], made["objectTypeId"], "PRACTICE"):
        for prefix in ("/crm/v3/objects", "/crm/objects/2026-03", "/crm/objects/2026-09"):
            listed = sandbox.ask("GET", f"{prefix}/{spelling}?properties=beds").json()["results"]
            assert [(row["id"], row["properties"]["beds"]) for row in listed] == [(key, "12")]
    path = "/crm/v3/objects/practice"
    assert set(sandbox.ask("GET", f"{path}/{key}").json()["properties"]) == {
        *("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
    }
    assert sandbox.ask("GET", f"{path}/1234567893?idProperty=npi").json()["id"] == key
    assert sandbox.ask("POST", f"{path}/search", {"query": "lake"}).json()["total"] == 1
    inputs = [{"id": "1234567893", "idProperty": "npi", "properties": {"title": "Lakeside"}}]
    assert sandbox.ask("POST", f"{path}/batch/upsert", {"inputs": inputs}).json()["results"][0]["new"] is False
    other = create(sandbox)
    merged = sandbox.ask("POST", f"{path}/merge", {"primaryObjectId": key, "objectIdToMerge": other}).json()["id"]
    assert sandbox.ask("GET", f"{path}/{other}").json()["id"] == merged
    assert sandbox.ask("DELETE", f"{path}/{merged}").status_code == 204


def test_what_is_required_is_asked_for(sandbox: Sandbox) -> None:
    define(sandbox)
    answer = sandbox.ask("POST", "/crm/v3/objects/practice", {"properties": {"beds": "1"}})
    assert (answer.status_code, answer.json()["context"]) == (400, {"properties": ["title"]})
    changed = sandbox.ask("PATCH", f"{SCHEMAS}/practice", {"requiredProperties": ["beds"], "description": "Ours"})
    assert (changed.status_code, changed.json()["description"]) == (200, "Ours")
    assert sandbox.ask("POST", "/crm/v3/objects/practice", {"properties": {"beds": "1"}}).status_code == 201


def test_properties_and_associations_of_a_custom_object(sandbox: Sandbox) -> None:
    define(sandbox)
    extra = {
        "name": "region",
        "label": "Region",
        "type": "string",
        "fieldType": "text",
        "groupName": "practice_information",
    }
    assert sandbox.ask("POST", "/crm/v3/properties/practice", extra).status_code == 201
    key = create(sandbox, region="North")
    [contact] = sandbox.hubspot_contacts("kim@example.org")
    path = f"/crm/v4/objects/contacts/{contact}/associations"
    assert sandbox.ask("PUT", f"{path}/default/practice/{key}").status_code == 200
    [link] = sandbox.ask("GET", f"{path}/practice").json()["results"]
    assert str(link["toObjectId"]) == key
    assert [kind["category"] for kind in link["associationTypes"]] == ["USER_DEFINED"]


def test_a_type_without_records_can_be_deleted_and_its_name_freed(sandbox: Sandbox) -> None:
    define(sandbox)
    key = create(sandbox)
    assert sandbox.ask("DELETE", f"{SCHEMAS}/practice").status_code == 400
    sandbox.ask("DELETE", f"/crm/v3/objects/practice/{key}")
    assert sandbox.ask("DELETE", f"{SCHEMAS}/practice").status_code == 204
    assert sandbox.ask("GET", f"{SCHEMAS}/practice").status_code == 404
    assert sandbox.ask("GET", "/crm/v3/objects/practice").status_code == 400
    assert [entry["name"] for entry in sandbox.ask("GET", f"{SCHEMAS}?archived=true").json()["results"]] == ["practice"]
    assert sandbox.ask("POST", SCHEMAS, PRACTICE).status_code == 409
    assert sandbox.ask("DELETE", f"{SCHEMAS}/practice?archived=true").status_code == 204
    assert sandbox.ask("POST", SCHEMAS, PRACTICE).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "1st"}, 400),
        ({"name": "contact"}, 409),
        ({"labels": {"singular": "Practice"}}, 400),
        ({"properties": None}, 400),
        ({"properties": [{"name": "title", "label": "Title", "type": "string", "fieldType": "number"}]}, 400),
        ({"requiredProperties": ["nothing"]}, 400),
        ({"primaryDisplayProperty": "nothing"}, 400),
        ({"associatedObjects": ["unicorn"]}, 400),
    ],
)
def test_what_is_no_definition(sandbox: Sandbox, changes: dict[str, Any], status: int) -> None:
    assert sandbox.ask("POST", SCHEMAS, {**PRACTICE, **changes}).status_code == status
    assert sandbox.ask("GET", SCHEMAS).json() == {"results": []}


def test_the_official_client_reads_and_writes_definitions(sandbox: Sandbox) -> None:
    client = HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"])
    api = client.crm.schemas.core_api
    egg = schemas.ObjectSchemaEgg(
        name="practice",
        labels=schemas.ObjectTypeDefinitionLabels(singular="Practice", plural="Practices"),
        properties=[
            schemas.ObjectTypePropertyCreate(name="title", label="Title", type="string", field_type="text", options=[])
        ],
        required_properties=["title"],
        associated_objects=["CONTACT"],
    )
    made = api.create(egg)
    assert made.object_type_id.startswith("2-")
    assert [entry.name for entry in api.get_all().results] == ["practice"]
    assert api.get_by_id(made.object_type_id).to_dict() == made.to_dict()
    changed = api.update("practice", schemas.ObjectTypeDefinitionPatch(description="Ours"))
    assert (changed.description, changed.portal_id) == ("Ours", 48000155)
    wanted = schemas.AssociationDefinitionEgg(from_object_type_id=made.object_type_id, to_object_type_id="0-2")
    link = api.create_association("practice", wanted)
    assert (link.from_object_type_id, link.to_object_type_id) == (made.object_type_id, "0-2")
    api.archive_association("practice", link.id)
    assert "0-2" not in [entry.to_object_type_id for entry in api.get_by_id("practice").associations]
    page = client.crm.objects.basic_api.get_page("practice")
    assert page.results == []
    api.archive("practice")


def test_a_scenario_may_bring_custom_objects_and_their_links() -> None:
    stamp = "2026-01-05T10:00:00.000Z"
    base = build("empty", contacts=0, seed=1)
    times = {"hs_createdate": stamp, "hs_lastmodifieddate": stamp}
    contact = {"hs_object_id": "7", "email": "kim@example.org", "createdate": stamp, "lastmodifieddate": stamp}
    scenario = type(base)(
        name="own",
        now=base.now,
        hubspot_properties=[],
        hubspot_owners=[],
        hubspot_contacts=[contact],
        salesforce_records={},
        hubspot_schemas=[{**PRACTICE, "objectTypeId": "2-77"}],
        hubspot_objects={"practice": [{"hs_object_id": "9", "title": "Lakeview", **times}]},
        hubspot_links=[("contacts", "7", "practice", "9")],
    )
    portal = Portal(Clock(datetime(2026, 11, 16, 15, tzinfo=UTC)))
    portal.load(scenario)
    store = portal.store("2-77")
    assert [record.properties["title"] for record in store.records.values()] == ["Lakeview"]
    assert list(portal.associations.of("contacts", 7, store.kind.name)) == [9]
    assert portal.inspect()[store.kind.name] == 1
    assert portal.dump()[store.kind.name][0]["id"] == "9"


def test_all_of_it_survives_a_snapshot(sandbox: Sandbox) -> None:
    define(sandbox)
    key, other = create(sandbox, beds="12"), create(sandbox)
    sandbox.ask("PATCH", f"/crm/v3/objects/practice/{key}", {"properties": {"beds": "13"}})
    rule = {"propertyName": "beds", "operator": "EQ", "value": "13"}
    search = {"filterGroups": [{"filters": [rule]}]}
    assert sandbox.ask("POST", "/crm/v3/objects/practice/search", search).json()["total"] == 1
    stage = {"label": "Lost", "displayOrder": 9, "metadata": {"probability": "0"}}
    sandbox.ask("POST", "/crm/v3/pipelines/deals/default/stages", stage)
    paths = (
        f"/crm/v3/objects/practice/{key}?propertiesWithHistory=beds",
        f"/crm/v3/objects/practice/{other}",
        *(SCHEMAS, "/crm/v3/pipelines/deals", "/crm/v3/properties/practice", "/crm/v3/properties/deals"),
    )
    sandbox.control("POST", "/snapshot", name="before")
    before = [sandbox.ask("GET", path).json() for path in paths]
    merge = {"primaryObjectId": key, "objectIdToMerge": other}
    assert sandbox.ask("POST", "/crm/v3/objects/practice/merge", merge).status_code == 200
    sandbox.ask("DELETE", "/crm/v3/properties/practice/beds")
    sandbox.ask("DELETE", "/crm/v3/pipelines/deals/default/stages/closedlost")
    sandbox.control("POST", "/restore", name="before")
    assert [sandbox.ask("GET", path).json() for path in paths] == before
    assert sandbox.ask("POST", "/crm/v3/objects/practice/search", search).json()["total"] == 1
