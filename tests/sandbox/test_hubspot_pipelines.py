"""Pipelines and their stages, and the records that are validated against them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from hubspot.crm import pipelines

if TYPE_CHECKING:
    from conftest import Sandbox

PIPELINES = "/crm/v3/pipelines/deals"
DEALS = "/crm/v3/objects/deals"
IMPLANTS: dict[str, Any] = {
    "label": "Implants",
    "displayOrder": 1,
    "stages": [
        {"label": "Asked", "displayOrder": 0, "metadata": {"probability": "0.1"}},
        {"label": "Placed", "displayOrder": 1, "metadata": {"probability": "1.0"}},
    ],
}


def define(sandbox: Sandbox) -> dict[str, Any]:
    answer = sandbox.ask("POST", PIPELINES, IMPLANTS)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_a_portal_begins_with_one_pipeline_each(sandbox: Sandbox) -> None:
    [deals] = sandbox.ask("GET", PIPELINES).json()["results"]
    assert (deals["id"], len(deals["stages"])) == ("default", 7)
    assert deals["stages"][0]["metadata"] == {"isClosed": "false", "probability": "0.2"}
    [tickets] = sandbox.ask("GET", "/crm/pipelines/2026-03/tickets").json()["results"]
    assert [stage["id"] for stage in tickets["stages"]] == ["1", "2", "3", "4"]
    assert sandbox.ask("GET", f"{PIPELINES}/default").json() == deals
    assert sandbox.ask("GET", f"{PIPELINES}/default/stages").json()["results"] == deals["stages"]
    assert sandbox.ask("GET", f"{PIPELINES}/default/stages/closedwon").json() == deals["stages"][5]
    assert sandbox.ask("GET", f"{PIPELINES}/nothing").status_code == 404
    assert sandbox.ask("GET", f"{PIPELINES}/default/stages/nothing").status_code == 404


def test_the_pipeline_must_be_named_while_there_are_several(sandbox: Sandbox) -> None:
    made = define(sandbox)
    deal = {"dealname": "Knee", "dealstage": "closedwon"}
    answer = sandbox.ask("POST", DEALS, {"properties": deal})
    assert (answer.status_code, answer.json()["context"]) == (400, {"properties": ["pipeline"]})
    assert sandbox.ask("POST", DEALS, {"properties": {**deal, "pipeline": "default"}}).status_code == 201
    assert sandbox.ask("DELETE", f"{PIPELINES}/{made['id']}").status_code == 204
    assert sandbox.ask("POST", DEALS, {"properties": deal}).status_code == 201


def test_a_stage_belongs_to_its_pipeline(sandbox: Sandbox) -> None:
    made = define(sandbox)
    asked, placed = (stage["id"] for stage in made["stages"])
    wrong = {"dealname": "Knee", "dealstage": asked, "pipeline": "default"}
    answer = sandbox.ask("POST", DEALS, {"properties": wrong})
    assert (answer.status_code, answer.json()["errors"][0]["context"]) == (400, {"propertyName": ["dealstage"]})
    created = sandbox.ask("POST", DEALS, {"properties": {**wrong, "pipeline": made["id"]}}).json()
    assert created["properties"]["hs_is_closed"] == "false"
    path = f"{DEALS}/{created['id']}"
    assert sandbox.ask("PATCH", path, {"properties": {"dealstage": "closedwon"}}).status_code == 400
    won = sandbox.ask("PATCH", path, {"properties": {"dealstage": placed}}).json()["properties"]
    assert (won["hs_is_closed"], won["hs_is_closed_won"]) == ("true", "true")
    moved = sandbox.ask("PATCH", path, {"properties": {"dealstage": "closedlost", "pipeline": "default"}})
    assert (moved.status_code, moved.json()["properties"]["hs_is_closed_won"]) == (200, "false")
    unknown = sandbox.ask("PATCH", path, {"properties": {"pipeline": "nothing"}})
    assert unknown.json()["errors"][0]["code"] == "INVALID_OPTION"


def test_tickets_have_stages_too(sandbox: Sandbox) -> None:
    ticket = {"subject": "Scanner", "hs_pipeline": "0", "hs_pipeline_stage": "4"}
    closed = sandbox.ask("POST", "/crm/v3/objects/tickets", {"properties": ticket}).json()["properties"]
    assert closed["hs_is_closed"] == "true"
    wrong = sandbox.ask("POST", "/crm/v3/objects/tickets", {"properties": {**ticket, "hs_pipeline_stage": "9"}})
    assert wrong.status_code == 400


def test_the_properties_list_what_there_is(sandbox: Sandbox) -> None:
    made = define(sandbox)
    options = sandbox.ask("GET", "/crm/v3/properties/deals/pipeline").json()["options"]
    assert [(option["value"], option["label"]) for option in options] == [
        ("default", "Sales Pipeline"),
        (made["id"], "Implants"),
    ]
    stages = {option["value"] for option in sandbox.ask("GET", "/crm/v3/properties/deals/dealstage").json()["options"]}
    assert {stage["id"] for stage in made["stages"]} < stages


def test_stages_come_change_and_go(sandbox: Sandbox) -> None:
    made = define(sandbox)
    path = f"{PIPELINES}/{made['id']}/stages"
    stage = {"label": "Lost", "displayOrder": 2, "metadata": {"probability": "0"}}
    lost = sandbox.ask("POST", path, stage)
    assert (lost.status_code, lost.json()["metadata"]["isClosed"]) == (201, "true")
    assert sandbox.ask("POST", path, stage).status_code == 409
    key = lost.json()["id"]
    patched = sandbox.ask("PATCH", f"{path}/{key}", {"label": "Gone"})
    assert (patched.status_code, patched.json()["label"]) == (200, "Gone")
    replaced = sandbox.ask("PUT", f"{path}/{key}", {**stage, "label": "Away"})
    assert (replaced.status_code, replaced.json()["id"]) == (200, key)
    deal = {"dealname": "Knee", "dealstage": key, "pipeline": made["id"]}
    assert sandbox.ask("POST", DEALS, {"properties": deal}).status_code == 201
    assert sandbox.ask("DELETE", f"{path}/{key}?validateReferencesBeforeDelete=true").status_code == 400
    assert sandbox.ask("DELETE", f"{path}/{key}").status_code == 204
    whole = sandbox.ask("PUT", f"{PIPELINES}/{made['id']}", {**IMPLANTS, "label": "Implant"})
    assert (whole.status_code, whole.json()["label"]) == (200, "Implant")


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"label": ""}, 400),
        ({"label": "Sales Pipeline"}, 409),
        ({"displayOrder": "1"}, 400),
        ({"stages": []}, 400),
        ({"stages": [{"label": "Asked", "displayOrder": 0, "metadata": {}}]}, 400),
        ({"stages": [{"label": "Asked", "displayOrder": 0, "metadata": {"probability": "2"}}]}, 400),
        ({"stages": IMPLANTS["stages"] * 2}, 409),
        ({"pipelineId": "default"}, 409),
    ],
)
def test_what_is_no_pipeline(sandbox: Sandbox, changes: dict[str, Any], status: int) -> None:
    assert sandbox.ask("POST", PIPELINES, {**IMPLANTS, **changes}).status_code == status
    assert len(sandbox.ask("GET", PIPELINES).json()["results"]) == 1


def test_the_last_pipeline_and_the_last_stage_stay(sandbox: Sandbox) -> None:
    assert sandbox.ask("DELETE", f"{PIPELINES}/default").status_code == 400
    only = {**IMPLANTS, "stages": IMPLANTS["stages"][:1]}
    made = sandbox.ask("POST", PIPELINES, only).json()
    assert sandbox.ask("DELETE", f"{PIPELINES}/{made['id']}/stages/{made['stages'][0]['id']}").status_code == 400
    assert sandbox.ask("POST", "/crm/v3/pipelines/contacts", IMPLANTS).status_code == 400
    assert sandbox.ask("GET", "/crm/v3/pipelines/notes").json() == {"results": []}


def test_the_official_client_knows_all_of_it(sandbox: Sandbox) -> None:
    crm = HubSpot(access_token=sandbox.hubspot["token"], host=sandbox.hubspot["url"]).crm.pipelines
    stage = pipelines.PipelineStageInput(label="Asked", display_order=0, metadata={"probability": "0.1"})
    wanted = pipelines.PipelineInput(label="Implants", display_order=1, stages=[stage])
    made = crm.pipelines_api.create("deals", wanted)
    assert [one.label for one in crm.pipelines_api.get_all("deals").results] == ["Sales Pipeline", "Implants"]
    changed = crm.pipelines_api.update("deals", made.id, pipelines.PipelinePatchInput(label="Implant"))
    assert changed.label == "Implant"
    second = pipelines.PipelineStageInput(label="Placed", display_order=1, metadata={"probability": "1.0"})
    placed = crm.pipeline_stages_api.create("deals", made.id, second)
    assert placed.metadata == {"isClosed": "true", "probability": "1.0"}
    assert [one.label for one in crm.pipeline_stages_api.get_all("deals", made.id).results] == ["Asked", "Placed"]
    crm.pipelines_api.archive("deals", made.id)
