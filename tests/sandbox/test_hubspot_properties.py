"""The properties API: definitions, batches, groups, and what becomes of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.crm.properties import (
    BatchInputPropertyCreate,
    BatchInputPropertyName,
    BatchReadInputPropertyName,
    OptionInput,
    PropertyCreate,
    PropertyGroupCreate,
    PropertyGroupUpdate,
    PropertyName,
    PropertyUpdate,
)

if TYPE_CHECKING:
    from conftest import Sandbox

PROPERTIES = "/crm/v3/properties/contacts"
CONTACTS = "/crm/v3/objects/contacts"
STATUS: dict[str, Any] = {
    "name": "joint_status",
    "label": "Joint status",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "options": [{"label": "New", "value": "new"}, {"label": "Won", "value": "won"}],
}


def define(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    answer = sandbox.ask("POST", PROPERTIES, {**STATUS, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def text(name: str, **more: Any) -> dict[str, Any]:
    return {**STATUS, "name": name, "label": name, "type": "string", "fieldType": "text", "options": [], **more}


def test_an_option_that_went_stays_on_records_and_is_refused_anew(sandbox: Sandbox) -> None:
    define(sandbox)
    [key] = sandbox.hubspot_contacts("kim@example.org", joint_status="won")
    left = [{"label": "New", "value": "new"}, {"label": "Lost", "value": "lost"}]
    changed = sandbox.ask("PATCH", f"{PROPERTIES}/joint_status", {"options": left, "label": "Status"})
    assert changed.status_code == 200
    assert [option["value"] for option in changed.json()["options"]] == ["new", "lost"]
    assert changed.json()["label"] == "Status"
    read = sandbox.ask("GET", f"{CONTACTS}/{key}?properties=joint_status").json()
    assert read["properties"]["joint_status"] == "won"
    for value, status in (("won", 400), ("lost", 200)):
        answer = sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"joint_status": value}})
        assert answer.status_code == status


def test_an_archived_property_is_in_no_reply_and_takes_no_value(sandbox: Sandbox) -> None:
    define(sandbox)
    [key] = sandbox.hubspot_contacts("kim@example.org", joint_status="won")
    assert sandbox.ask("DELETE", f"{PROPERTIES}/joint_status").status_code == 204
    assert sandbox.ask("GET", f"{PROPERTIES}/joint_status").status_code == 404
    archived = sandbox.ask("GET", f"{PROPERTIES}/joint_status?archived=true").json()
    assert (archived["archived"], bool(archived["archivedAt"])) == (True, True)
    assert [entry["name"] for entry in sandbox.ask("GET", f"{PROPERTIES}?archived=true").json()["results"]] == [
        "joint_status"
    ]
    assert "joint_status" not in sandbox.ask("GET", f"{CONTACTS}/{key}?properties=joint_status").json()["properties"]
    refused = sandbox.ask("PATCH", f"{CONTACTS}/{key}", {"properties": {"joint_status": "new"}})
    assert refused.json()["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"
    assert sandbox.ask("DELETE", f"{PROPERTIES}/joint_status").status_code == 404


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"type": "colour"}, 400),
        ({"type": "number"}, 400),  # does not go with a select
        ({"options": []}, 400),
        ({"options": [{"label": "New"}]}, 400),
        ({"options": [{"label": "New", "value": "a"}, {"label": "Newer", "value": "a"}]}, 400),
        ({"groupName": "nowhere"}, 400),
        ({"groupName": None}, 400),
        ({"name": "Joint Status"}, 400),
        ({"name": "email"}, 409),
    ],
)
def test_what_is_no_property(sandbox: Sandbox, changes: dict[str, Any], status: int) -> None:
    assert sandbox.ask("POST", PROPERTIES, {**STATUS, **changes}).status_code == status


def test_hubspots_own_properties_stay_as_they_are(sandbox: Sandbox) -> None:
    for method, body in (("PATCH", {"label": "Mail"}), ("DELETE", None)):
        assert sandbox.ask(method, f"{PROPERTIES}/email", body).status_code == 400
    stages = sandbox.ask("GET", f"{PROPERTIES}/lifecyclestage").json()["options"]
    added = [*stages, {"label": "Nurture", "value": "nurture"}]
    assert sandbox.ask("PATCH", f"{PROPERTIES}/lifecyclestage", {"options": added}).status_code == 200


def test_ten_properties_at_most_are_unique(sandbox: Sandbox) -> None:
    for number in range(10):
        define(sandbox, **text(f"key_{number}", hasUniqueValue=True))
    eleventh = text("key_10", hasUniqueValue=True)
    assert sandbox.ask("POST", PROPERTIES, eleventh).status_code == 400
    assert sandbox.ask("DELETE", f"{PROPERTIES}/key_0").status_code == 204
    assert sandbox.ask("POST", PROPERTIES, eleventh).status_code == 201
    assert sandbox.ask("GET", f"{CONTACTS}/x?idProperty=key_0").status_code == 400


def test_a_thousand_properties_of_its_own_at_most(sandbox: Sandbox) -> None:
    for start in range(0, 1_000, 100):
        inputs = [text(f"p_{number}") for number in range(start, start + 100)]
        sandbox.ask("POST", f"{PROPERTIES}/batch/create", {"inputs": inputs})
    own = [entry for entry in sandbox.ask("GET", PROPERTIES).json()["results"] if not entry["hubspotDefined"]]
    assert len(own) == 1_000
    assert sandbox.ask("POST", PROPERTIES, text("one_too_many")).status_code == 400


@pytest.mark.parametrize(
    ("prefix", "created", "partly"), [("v3", 201, 207), ("2026-03", 201, 207), ("2026-09", 200, 200)]
)
def test_batches(sandbox: Sandbox, prefix: str, created: int, partly: int) -> None:
    path = "/crm/v3/properties/contacts" if prefix == "v3" else f"/crm/properties/{prefix}/contacts"
    made = sandbox.ask("POST", f"{path}/batch/create", {"inputs": [text("a"), text("b")]})
    assert (made.status_code, [entry["name"] for entry in made.json()["results"]]) == (created, ["a", "b"])
    again = sandbox.ask("POST", f"{path}/batch/create", {"inputs": [text("a"), text("c")]})
    assert (again.status_code, again.json()["numErrors"]) == (partly, 1)
    names = [{"name": name} for name in ("a", "c", "nothing")]
    read = sandbox.ask("POST", f"{path}/batch/read", {"archived": False, "inputs": names})
    assert (read.status_code, [entry["name"] for entry in read.json()["results"]]) == (partly, ["a", "c"])
    assert sandbox.ask("POST", f"{path}/batch/archive", {"inputs": names}).status_code == 204
    gone = sandbox.ask("POST", f"{path}/batch/read", {"archived": True, "inputs": names[:2]})
    assert [entry["archived"] for entry in gone.json()["results"]] == [True, True]


def test_groups(sandbox: Sandbox) -> None:
    group = {"name": "imaging", "label": "Imaging", "displayOrder": 3}
    made = sandbox.ask("POST", f"{PROPERTIES}/groups", group)
    assert (made.status_code, made.json()) == (201, {**group, "archived": False})
    assert sandbox.ask("POST", f"{PROPERTIES}/groups", group).status_code == 409
    assert made.json() in sandbox.ask("GET", f"{PROPERTIES}/groups").json()["results"]
    define(sandbox, groupName="imaging")
    changed = sandbox.ask("PATCH", f"{PROPERTIES}/groups/imaging", {"label": "Scans"})
    assert (changed.status_code, changed.json()["label"]) == (200, "Scans")
    assert sandbox.ask("DELETE", f"{PROPERTIES}/groups/imaging").status_code == 400
    sandbox.ask("DELETE", f"{PROPERTIES}/joint_status")
    assert sandbox.ask("DELETE", f"{PROPERTIES}/groups/imaging").status_code == 204
    assert sandbox.ask("GET", f"{PROPERTIES}/groups/imaging").status_code == 404


def test_validation_rules_hold_from_2026_09_on(sandbox: Sandbox) -> None:
    rules = "/crm/property-validations/2026-09/contacts/zip/rule-type"
    assert sandbox.ask("PUT", f"{rules}/REGEX", {"ruleArguments": ["[0-9]{5}"]}).status_code == 204
    assert sandbox.ask("PUT", f"{rules}/MAX_LENGTH", {"ruleArguments": ["5"]}).status_code == 204
    assert sandbox.ask("GET", f"{rules}/REGEX").json()["ruleArguments"] == ["[0-9]{5}"]
    [told] = sandbox.ask("GET", "/crm/v3/property-validations/0-1").json()["results"]
    assert (told["propertyName"], len(told["propertyValidationRules"])) == ("zip", 2)
    bad, good = {"properties": {"zip": "4632"}}, {"properties": {"zip": "46320"}}
    for version, status in (("2026-09", 400), ("2026-03", 201)):
        assert sandbox.ask("POST", f"/crm/objects/{version}/contacts", bad).status_code == status
    refused = sandbox.ask("POST", "/crm/objects/2026-09/contacts/batch/create", {"inputs": [good, bad]})
    assert refused.json()["errors"][0]["context"] == {"propertyName": ["zip"]}
    assert sandbox.ask("POST", "/crm/objects/2026-09/contacts", good).status_code == 201
    assert sandbox.ask("POST", "/crm/objects/2026-09/contacts", {"properties": {"zip": ""}}).status_code == 201
    for kind, arguments, status in (("REGEX", ["["], 400), ("URL", ["x"], 501), ("COLOUR", ["x"], 400)):
        assert sandbox.ask("PUT", f"{rules}/{kind}", {"ruleArguments": arguments}).status_code == status


def test_the_official_client_knows_all_of_it(sandbox: Sandbox) -> None:
    api = HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"]).crm.properties
    options = [OptionInput(label="New", value="new", display_order=0, hidden=False)]
    wanted = PropertyCreate(
        name="joint", label="Joint", type="enumeration", field_type="select", group_name="imaging", options=options
    )
    api.groups_api.create("contacts", PropertyGroupCreate(name="imaging", label="Imaging"))
    api.groups_api.update("contacts", "imaging", PropertyGroupUpdate(label="Scans"))
    assert api.groups_api.get_by_name("contacts", "imaging").label == "Scans"
    made = api.batch_api.create("contacts", BatchInputPropertyCreate(inputs=[wanted]))
    assert made.results[0].group_name == "imaging"
    assert api.core_api.update("contacts", "joint", PropertyUpdate(label="Joined")).label == "Joined"
    names = [PropertyName(name="joint")]
    asked = BatchReadInputPropertyName(archived=False, inputs=names)
    assert api.batch_api.read("contacts", asked).results[0].label == "Joined"
    api.batch_api.archive("contacts", BatchInputPropertyName(inputs=names))
    assert [entry.name for entry in api.core_api.get_all("contacts", archived=True).results] == ["joint"]
    api.groups_api.archive("contacts", "imaging")
