"""The pipelines of deals, tickets and leads: what stages a record may be in, and what follows from the stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.schema import Schema

MADE = iso_ms(0)  # of the pipelines that every portal has [SPEC]


@dataclass
class Stage:
    """One stage; `metadata` says by its keys what the stage means, all values text [DOC]."""

    id: str
    label: str
    display_order: int
    metadata: dict[str, str]
    created: str = MADE
    updated: str = MADE

    def public(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.display_order,
            "metadata": self.metadata,
            "id": self.id,
            "createdAt": self.created,
            "updatedAt": self.updated,
            "archived": False,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        }


@dataclass
class Pipeline:
    id: str
    label: str
    display_order: int
    stages: dict[str, Stage] = field(default_factory=dict)
    created: str = MADE
    updated: str = MADE

    def in_order(self) -> list[Stage]:
        """By display order, and by label where two have the same [SPEC]."""
        return sorted(self.stages.values(), key=lambda stage: (stage.display_order, stage.label))

    def public(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "displayOrder": self.display_order,
            "id": self.id,
            "stages": [stage.public() for stage in self.in_order()],
            "createdAt": self.created,
            "updatedAt": self.updated,
            "archived": False,
        }


# What every portal begins with [DOC]: id, label, metadata of its stages.
_DEALS = [
    ("appointmentscheduled", "Appointment Scheduled", {"isClosed": "false", "probability": "0.2"}),
    ("qualifiedtobuy", "Qualified To Buy", {"isClosed": "false", "probability": "0.4"}),
    ("presentationscheduled", "Presentation Scheduled", {"isClosed": "false", "probability": "0.6"}),
    ("decisionmakerboughtin", "Decision Maker Bought-In", {"isClosed": "false", "probability": "0.8"}),
    ("contractsent", "Contract Sent", {"isClosed": "false", "probability": "0.9"}),
    ("closedwon", "Closed Won", {"isClosed": "true", "probability": "1.0"}),
    ("closedlost", "Closed Lost", {"isClosed": "true", "probability": "0.0"}),
]
_TICKETS = [
    ("1", "New", {"isClosed": "false", "ticketState": "OPEN"}),
    ("2", "Waiting on contact", {"isClosed": "false", "ticketState": "OPEN"}),
    ("3", "Waiting on us", {"isClosed": "false", "ticketState": "OPEN"}),
    ("4", "Closed", {"isClosed": "true", "ticketState": "CLOSED"}),
]
_LEADS = [
    ("new-stage-id", "New", {"leadState": "NEW"}),
    ("attempting-stage-id", "Attempting", {"leadState": "IN_PROGRESS"}),
    ("connected-stage-id", "Connected", {"leadState": "IN_PROGRESS"}),
    ("qualified-stage-id", "Qualified", {"leadState": "QUALIFIED"}),
    ("unqualified-stage-id", "Disqualified", {"leadState": "UNQUALIFIED"}),
]


def _made(key: str, label: str, stages: list[tuple[str, str, dict[str, str]]]) -> dict[str, Pipeline]:
    made = {name: Stage(name, text, place, dict(meta)) for place, (name, text, meta) in enumerate(stages)}
    return {key: Pipeline(key, label, 0, made)}


class Pipelines:
    """Object type -> its pipelines by id."""

    def __init__(self) -> None:
        self.by_type = {
            "deals": _made("default", "Sales Pipeline", _DEALS),
            "tickets": _made("0", "Support Pipeline", _TICKETS),
            "leads": _made("lead-pipeline-id", "Lead Pipeline", _LEADS),
        }
        self._next = 1

    def of(self, kind: ObjectType) -> list[Pipeline]:
        """By display order, and by label where two have the same [SPEC]."""
        return sorted(self.by_type.get(kind.name, {}).values(), key=lambda one: (one.display_order, one.label))

    def new_id(self) -> str:
        """HubSpot makes numbers up for both pipelines and stages."""
        self._next += 1
        return str(90_000_000 + self._next)

    def options(self, kind: ObjectType) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What the properties for pipeline and stage admit, as the properties API shows it."""
        pipelines = self.of(kind)
        stages = [stage for pipeline in pipelines for stage in pipeline.in_order()]
        return _options([(one.id, one.label) for one in pipelines]), _options([(one.id, one.label) for one in stages])

    def mismatch(self, kind: ObjectType, values: Mapping[str, str]) -> str:
        """What is wrong with the stage in its pipeline, if something is; the words are [UNV]."""
        stage, named = values.get(kind.stage, ""), values.get(kind.pipeline, "")
        pipelines = self.by_type[kind.name]
        if not named and len(pipelines) == 1:
            named = next(iter(pipelines))
        if not stage or named not in pipelines or stage in pipelines[named].stages:
            return ""
        return f"Stage {stage} does not belong to pipeline {named}."

    def completed(self, kind: ObjectType, values: Mapping[str, str]) -> dict[str, str]:
        """The pipeline, which need not be named while there is only one [DOC], and what follows from the stage."""
        pipelines = self.by_type[kind.name]
        named = values.get(kind.pipeline) or (next(iter(pipelines)) if len(pipelines) == 1 else "")
        stage = pipelines[named].stages.get(values.get(kind.stage, "")) if named in pipelines else None
        if kind.name == "leads":  # they begin in the first stage unasked
            first = pipelines[named].in_order()[0].id if named in pipelines else ""
            return {kind.pipeline: named, kind.stage: values.get(kind.stage) or first}
        closed = stage.metadata.get("isClosed", "false") if stage else "false"
        derived = {kind.pipeline: named, "hs_is_closed": closed}
        if kind.name == "deals":
            won = closed == "true" and stage is not None and float(stage.metadata.get("probability", 0)) == 1
            derived["hs_is_closed_won"] = "true" if won else "false"
        return derived


def install(pipelines: Pipelines, kind: ObjectType, schema: Schema) -> None:
    """The properties for pipeline and stage admit what there is now; a stage that went stays on its records."""
    for name, options in zip((kind.pipeline, kind.stage), pipelines.options(kind), strict=True):
        schema.definitions[name] = {**schema.definitions[name], "options": options}


def _options(entries: list[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"label": label, "value": value, "displayOrder": place, "hidden": False}
        for place, (value, label) in enumerate(entries)
    ]
