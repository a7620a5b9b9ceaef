"""The pipelines endpoints: pipelines and their stages, of deals, tickets and leads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.pipelines import Pipeline, Stage

# What the metadata of a stage must say, by type [SPEC].
_METADATA = {"deals": "probability", "tickets": "ticketState", "leads": "leadState"}


def list_pipelines(call: Call) -> Reply:
    """A type without pipelines has none of them [UNV]."""
    return 200, {"results": [pipeline.public() for pipeline in call.portal.pipelines.of(call.store.kind)]}


def read_pipeline(call: Call) -> Reply:
    return 200, _pipeline(call).public()


def create_pipeline(call: Call) -> Reply:
    kind, body = _kind(call), _object(call.body)
    pipelines = call.portal.pipelines.by_type[kind.name]
    label, order = _label(body), _order(body)
    _refuse_twice(label, [pipeline.label for pipeline in pipelines.values()])
    key = str(body.get("pipelineId") or call.portal.pipelines.new_id())
    if key in pipelines:
        raise HubSpotError(409, f"A pipeline with the id '{key}' already exists.", "CONFLICT")
    now = iso_ms(call.portal.clock.now_ms())
    pipelines[key] = Pipeline(key, label, order, _stages(call, kind, body, key), now, now)
    return _done(call, 201, pipelines[key].public())


def replace_pipeline(call: Call) -> Reply:
    """PUT: stages that the request does not name are gone; a stage keeps its id by naming it."""
    kind, pipeline, body = _kind(call), _pipeline(call), _object(call.body)
    label, order, stages = _label(body), _order(body), _stages(call, kind, body, pipeline.id)
    if call.flag("validateReferencesBeforeDelete") or call.flag("validateDealStageUsagesBeforeDelete"):
        _refuse_used(call, pipeline.stages.keys() - stages.keys())
    pipeline.label, pipeline.display_order, pipeline.stages = label, order, stages
    return _touched(call, pipeline)


def update_pipeline(call: Call) -> Reply:
    pipeline, body = _pipeline(call), _object(call.body)
    if body.get("label") is not None:
        others = call.portal.pipelines.by_type[_kind(call).name].values()
        _refuse_twice(_label(body), [other.label for other in others if other is not pipeline])
        pipeline.label = _label(body)
    if body.get("displayOrder") is not None:
        pipeline.display_order = _order(body)
    return _touched(call, pipeline)


def delete_pipeline(call: Call) -> Reply:
    """With records in it only unless asked to look [SPEC]; the last one stays [UNV]."""
    kind, pipeline = _kind(call), _pipeline(call)
    pipelines = call.portal.pipelines.by_type[kind.name]
    if len(pipelines) == 1:
        raise bad_request(f"The last pipeline of {kind.name} cannot be deleted.")
    if call.flag("validateReferencesBeforeDelete") or call.flag("validateDealStageUsagesBeforeDelete"):
        _refuse_used(call, set(pipeline.stages))
    del pipelines[pipeline.id]
    return _done(call, 204, None)


def list_stages(call: Call) -> Reply:
    return 200, {"results": [stage.public() for stage in _pipeline(call).in_order()]}


def read_stage(call: Call) -> Reply:
    return 200, _stage(call).public()


def create_stage(call: Call) -> Reply:
    kind, pipeline = _kind(call), _pipeline(call)
    stage = _new_stage(call, kind, _object(call.body), pipeline.stages, taken=_taken(call))
    pipeline.stages[stage.id] = stage
    return _done(call, 201, stage.public())


def replace_stage(call: Call) -> Reply:
    kind, pipeline, stage, body = _kind(call), _pipeline(call), _stage(call), _object(call.body)
    others = {key: other for key, other in pipeline.stages.items() if other is not stage}
    wanted = _new_stage(call, kind, {**body, "stageId": stage.id}, others, taken=set(others))
    wanted.created = stage.created
    pipeline.stages[stage.id] = wanted
    return _done(call, 200, wanted.public())


def update_stage(call: Call) -> Reply:
    stage, body = _stage(call), _object(call.body)
    whole = {"label": stage.label, "displayOrder": stage.display_order, "metadata": stage.metadata}
    given = {key: body[key] for key in whole if body.get(key) is not None}
    return replace_stage(replace(call, body={**whole, **given}))


def delete_stage(call: Call) -> Reply:
    pipeline, stage = _pipeline(call), _stage(call)
    if len(pipeline.stages) == 1:
        raise bad_request(f"The last stage of pipeline {pipeline.id} cannot be deleted.")
    if call.flag("validateReferencesBeforeDelete"):
        _refuse_used(call, {stage.id})
    del pipeline.stages[stage.id]
    return _done(call, 204, None)


# -- what they share ---------------------------------------------------------------------------------------------


def _kind(call: Call) -> ObjectType:
    kind = call.store.kind
    if not kind.stage:
        raise bad_request(f"Objects of type {kind.title} have no pipelines of their own here.")
    return kind


def _pipeline(call: Call) -> Pipeline:
    found = call.portal.pipelines.by_type.get(call.store.kind.name, {}).get(call.path["pipeline_id"])
    if found is None:
        raise HubSpotError(404, f"Pipeline {call.path['pipeline_id']} does not exist", "OBJECT_NOT_FOUND")
    return found


def _stage(call: Call) -> Stage:
    found = _pipeline(call).stages.get(call.path["stage_id"])
    if found is None:
        raise HubSpotError(404, f"Stage {call.path['stage_id']} does not exist", "OBJECT_NOT_FOUND")
    return found


def _stages(call: Call, kind: ObjectType, body: dict[str, Any], pipeline: str) -> dict[str, Stage]:
    wanted = body.get("stages")
    if not isinstance(wanted, list) or not wanted or not all(isinstance(entry, dict) for entry in wanted):
        raise bad_request("Invalid input JSON: 'stages' is a list of at least one stage", context={"field": ["stages"]})
    taken = _taken(call, but=pipeline)
    made: dict[str, Stage] = {}
    for entry in wanted:
        stage = _new_stage(call, kind, entry, made, taken=taken | made.keys())
        made[stage.id] = stage
    return made


def _taken(call: Call, but: str = "") -> set[str]:
    """The stage ids that the type's pipelines have."""
    pipelines = call.portal.pipelines.of(call.store.kind)
    return {key for pipeline in pipelines if pipeline.id != but for key in pipeline.stages}


def _new_stage(
    call: Call, kind: ObjectType, entry: dict[str, Any], others: dict[str, Stage], *, taken: set[str]
) -> Stage:
    """A stage as a request describes it; its label is its own within the pipeline, its id within the type [SPEC]."""
    label, order, metadata = _label(entry), _order(entry), entry.get("metadata")
    _refuse_twice(label, [other.label for other in others.values()])
    needed = _METADATA[kind.name]
    if not isinstance(metadata, dict) or needed not in metadata:
        raise bad_request(f"The metadata of a {kind.singular} stage needs '{needed}'.", context={"field": ["metadata"]})
    key = str(entry.get("stageId") or call.portal.pipelines.new_id())
    if key in taken:
        raise HubSpotError(409, f"A stage with the id '{key}' already exists.", "CONFLICT")
    now = iso_ms(call.portal.clock.now_ms())
    return Stage(key, label, order, _metadata(kind, metadata), now, now)


def _metadata(kind: ObjectType, given: dict[str, Any]) -> dict[str, str]:
    """All text; whether a stage is closed follows from the rest unless the request says so."""
    texts = {str(name): str(value) for name, value in given.items()}
    if kind.name == "tickets":
        return {"isClosed": "true" if texts["ticketState"] == "CLOSED" else "false", **texts}
    if kind.name == "deals":
        try:
            share = float(texts["probability"])
        except ValueError:
            share = -1
        if not 0 <= share <= 1:
            raise bad_request(
                "The probability of a deal stage is between 0.0 and 1.0.", context={"field": ["metadata"]}
            )
        return {"isClosed": "true" if share in (0, 1) else "false", **texts}
    return texts


def _refuse_twice(label: str, labels: list[str]) -> None:
    if label in labels:
        raise HubSpotError(409, f"The label '{label}' is in use already.", "CONFLICT")


def _refuse_used(call: Call, stages: set[str]) -> None:
    store = call.store
    if any(store.records[key].properties.get(store.kind.stage) in stages for key in store.live):
        raise bad_request(
            f"There are {store.kind.name} in the stages that would be deleted: {', '.join(sorted(stages))}"
        )


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise bad_request("Invalid input JSON: the body is an object")
    return body


def _label(body: dict[str, Any]) -> str:
    label = body.get("label")
    if not isinstance(label, str) or not label:
        raise bad_request("Invalid input JSON: required field 'label' is missing", context={"field": ["label"]})
    return label


def _order(body: dict[str, Any]) -> int:
    order = body.get("displayOrder")
    if type(order) is not int:
        raise bad_request("Invalid input JSON: 'displayOrder' is a whole number", context={"field": ["displayOrder"]})
    return order


def _touched(call: Call, pipeline: Pipeline) -> Reply:
    pipeline.updated = iso_ms(call.portal.clock.now_ms())
    return _done(call, 200, pipeline.public())


def _done(call: Call, status: int, body: dict[str, Any] | None) -> Reply:
    call.portal.install_pipelines()
    return status, body


_PIPELINES = ("/crm/v3/pipelines/{object_type}", "/crm/pipelines/{version}/{object_type}")
_ONE, _STAGES = "/{pipeline_id}", "/{pipeline_id}/stages"
WAYS = [
    Way("GET", _PIPELINES, "", list_pipelines),
    Way("POST", _PIPELINES, "", create_pipeline),
    Way("GET", _PIPELINES, _ONE, read_pipeline),
    Way("PUT", _PIPELINES, _ONE, replace_pipeline),
    Way("PATCH", _PIPELINES, _ONE, update_pipeline),
    Way("DELETE", _PIPELINES, _ONE, delete_pipeline),
    Way("GET", _PIPELINES, _STAGES, list_stages),
    Way("POST", _PIPELINES, _STAGES, create_stage),
    Way("GET", _PIPELINES, f"{_STAGES}/{{stage_id}}", read_stage),
    Way("PUT", _PIPELINES, f"{_STAGES}/{{stage_id}}", replace_stage),
    Way("PATCH", _PIPELINES, f"{_STAGES}/{{stage_id}}", update_stage),
    Way("DELETE", _PIPELINES, f"{_STAGES}/{{stage_id}}", delete_stage),
]
