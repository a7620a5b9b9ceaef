"""The association labels of a portal (v4): which there are, and making, renaming and removing one's own."""

from __future__ import annotations

import re
from typing import Any

from sandbox.hubspot.association_calls import MAX_WRITES, default_type, fitting, nothing_left
from sandbox.hubspot.association_types import USER_DEFINED, LinkType
from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.limits import Allowance
from sandbox.hubspot.links import object_id

MAX_LABELS = 10  # per pair of object types [DOC]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")
_LABELLED = frozenset(("contacts", "companies", "deals", "tickets"))  # and custom objects [DOC]


def list_labels(call: Call) -> Reply:
    default = default_type(call)
    return 200, {"results": [_shown(kind) for kind in call.portal.associations.between(default.source, default.target)]}


def create_label(call: Call) -> Reply:
    """200 and the type in either direction, the asked-for one first."""
    default = default_type(call)
    _refuse_unlabelled(default)
    wanted = _texts(call.body, required=("name", "label"))
    if not _NAME.fullmatch(wanted["name"]):
        raise bad_request(f"The name {wanted['name']} may not have hyphens or begin with a digit.")
    own = [kind for kind in _both_ways(call, default) if kind.category == USER_DEFINED and kind.label]
    if any(wanted["name"] == kind.name for kind in own):
        raise bad_request(f"An association type named {wanted['name']} exists between these object types.")
    _refuse_duplicate(own, wanted)
    if len({min(kind.id, kind.back) for kind in own}) >= MAX_LABELS:
        raise bad_request(f"There are at most {MAX_LABELS} association labels between two object types.")
    made = call.portal.associations.add_label(
        default.source, default.target, wanted["name"], wanted["label"], wanted.get("inverseLabel")
    )
    return 200, {"results": [_shown(kind) for kind in made]}


def rename_label(call: Call) -> Reply:
    default = default_type(call)
    wanted = _texts(call.body, required=("label",))
    kind = _own(call, default, call.body.get("associationTypeId"))
    others = [other for other in _both_ways(call, default) if other.id not in (kind.id, kind.back) and other.label]
    _refuse_duplicate(others, wanted)
    call.portal.associations.rename_label(kind, wanted["label"], wanted.get("inverseLabel"))
    return 204, None


def delete_label(call: Call) -> Reply:
    default, number = default_type(call), call.path["type_id"]
    call.portal.associations.drop_label(_own(call, default, int(number) if number.isdecimal() else None))
    return 204, None


def batch_unlabel(call: Call) -> Reply:
    """Labels go, the default association stays unless it is among them; what is not there is no error [UNV]."""
    started, default = call.portal.clock.now_ms(), default_type(call)
    for entry in batch_inputs(call.body, MAX_WRITES):
        kinds = fitting(call, default, entry.get("types"))
        start = call.store.lookup(object_id(entry.get("from")), None)
        end = call.store_of(call.path["to_type"]).lookup(object_id(entry.get("to")), None)
        for kind in kinds:
            if start and end:
                call.portal.associations.unlabel(kind, start.id, end.id)
    return nothing_left(call, started)


def _shown(kind: LinkType) -> dict[str, Any]:
    return {"category": kind.category, "typeId": kind.id, "label": kind.label}


def _both_ways(call: Call, default: LinkType) -> list[LinkType]:
    between = call.portal.associations.between
    there = between(default.source, default.target)
    return there if default.source == default.target else there + between(default.target, default.source)


def _own(call: Call, default: LinkType, number: Any) -> LinkType:
    """A label of the portal's own, in this direction; those of HubSpot cannot be changed."""
    kind = call.portal.associations.types.get(-number) if type(number) is int and number > 0 else None
    if kind is None or kind.label is None or (kind.source, kind.target) != (default.source, default.target):
        raise HubSpotError(404, f"There is no association label {number} between these objects.", "OBJECT_NOT_FOUND")
    return kind


def _texts(body: Any, required: tuple[str, ...]) -> dict[str, str]:
    wanted = {} if not isinstance(body, dict) else {key: body.get(key) for key in ("name", "label", "inverseLabel")}
    missing = [key for key in required if not wanted.get(key)]
    if missing:
        raise bad_request(f"Invalid input JSON. Some required fields were not set: [{', '.join(missing)}]")
    given = {key: value for key, value in wanted.items() if value is not None}
    if not all(isinstance(value, str) for value in given.values()):
        raise bad_request("Invalid input JSON: name, label and inverseLabel are strings")
    return given


def _refuse_duplicate(kinds: list[LinkType], wanted: dict[str, str]) -> None:
    taken = {(kind.label or "").lower() for kind in kinds}
    for label in (wanted["label"], wanted.get("inverseLabel", wanted["label"])):
        if label.lower() in taken:
            raise bad_request(f"The label {label} is in use between these object types.")


def _refuse_unlabelled(default: LinkType) -> None:
    """Activities take no labels [DOC]; custom objects do, and their associations are all the portal's own."""
    if default.category != USER_DEFINED and not {default.source, default.target} <= _LABELLED:
        raise bad_request(f"Associations from {default.source} to {default.target} take no labels.")


_LABELS = (
    "/crm/v4/associations/{object_type}/{to_type}/labels",
    "/crm/associations/v4/{object_type}/{to_type}/labels",
    "/crm/associations/{version}/{object_type}/{to_type}/labels",
)
_BATCHES = (
    "/crm/v4/associations/{object_type}/{to_type}/batch/labels",
    "/crm/associations/{version}/{object_type}/{to_type}/batch/labels",
)
WAYS = [
    Way("GET", _LABELS, "", list_labels, Allowance.ASSOCIATIONS),
    Way("POST", _LABELS, "", create_label, Allowance.ASSOCIATIONS),
    Way("PUT", _LABELS, "", rename_label, Allowance.ASSOCIATIONS),
    Way("DELETE", _LABELS, "/{type_id}", delete_label, Allowance.ASSOCIATIONS),
    Way("POST", _BATCHES, "/archive", batch_unlabel, Allowance.ASSOCIATIONS),
]
