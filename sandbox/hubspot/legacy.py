"""Reads of older API versions that data taps still make: property definitions, pipelines, subscription types, users.

The definitions have the keys of recorded replies [REC]; the others those that the taps' own schemas name [3P].
"""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.pipelines import Pipeline, Stage
from sandbox.hubspot.rendering import cursor, cursor_id
from sandbox.hubspot.schema import parse_ms
from sandbox.hubspot.standard_minor import FORMS
from sandbox.hubspot.store import PORTAL_ID

MAX_USERS, DEFAULT_USERS = 500, 100

# What a definition of v1 and v2 has, and no other version has.
_CONSTANT: dict[str, Any] = {
    "externalOptionsReferenceType": None,
    "searchableInGlobalSearch": False,
    "optionSortStrategy": None,
    "numberDisplayHint": None,
    "currencyPropertyName": None,
    "deleted": None,
    "textDisplayHint": None,
    "favorited": False,
    "favoritedOrder": -1,
    "displayMode": "current_value",
    "showCurrencySymbol": None,
    "optionsAreMutable": None,
    "searchTextAnalysisMode": None,
    "isCustomizedDefault": False,
}
_SAME = (
    *("name", "label", "description", "groupName", "type", "fieldType", "hidden", "hasUniqueValue", "calculated"),
    *("displayOrder", "externalOptions", "formField"),
)


def list_properties(call: Call) -> Reply:
    """A bare list, moments in milliseconds."""
    store = call.store_of(call.path.get("object_type", "contacts"))
    return 200, [_definition(entry) for entry in store.schema.definitions.values()]


def list_form_properties(call: Call) -> Reply:
    """Forms have definitions too, though they are no type of object here; which ones is [UNV]."""
    return 200, [_definition(entry) for entry in FORMS.definitions().values()]


def _definition(entry: dict[str, Any]) -> dict[str, Any]:
    fixed = entry["modificationMetadata"]
    return {
        **{key: entry[key] for key in _SAME},
        **_CONSTANT,
        "options": [_option(option, fixed.get("readOnlyOptions", False)) for option in entry["options"]],
        "createdAt": _ms(entry.get("createdAt")),
        "updatedAt": _ms(entry.get("updatedAt")),
        "createdUserId": None,
        "updatedUserId": None,
        "hubspotDefined": True if entry["hubspotDefined"] else None,
        "referencedObjectType": entry.get("referencedObjectType"),
        "readOnlyDefinition": fixed["readOnlyDefinition"],
        "readOnlyValue": fixed["readOnlyValue"],
        "mutableDefinitionNotDeletable": not fixed["archivable"] and not fixed["readOnlyDefinition"],
    }


def _option(option: dict[str, Any], read_only: bool) -> dict[str, Any]:
    return {
        "label": option["label"],
        "value": option["value"],
        "displayOrder": option["displayOrder"],
        "hidden": option["hidden"],
        "description": option.get("description"),
        "readOnly": read_only,
        "doubleData": None,
    }


def _ms(moment: str | None) -> int | None:
    return None if moment is None else parse_ms(moment)


def list_pipelines(call: Call) -> Reply:
    store = call.store
    pipelines = call.portal.pipelines.of(store.kind)
    return 200, {"results": [_pipeline(one, store.kind.title, store.kind.type_id, one.id) for one in pipelines]}


def _pipeline(pipeline: Pipeline, title: str, type_id: str, key: str) -> dict[str, Any]:
    return {
        "pipelineId": key,
        "label": pipeline.label,
        "displayOrder": pipeline.display_order,
        "active": True,
        "default": key in ("default", "0"),
        "objectType": title,
        "objectTypeId": type_id,
        "stages": [_stage(stage) for stage in pipeline.in_order()],
        "createdAt": parse_ms(pipeline.created),
        "updatedAt": parse_ms(pipeline.updated),
    }


def _stage(stage: Stage) -> dict[str, Any]:
    return {
        "stageId": stage.id,
        "label": stage.label,
        "displayOrder": stage.display_order,
        "metadata": stage.metadata,
        "active": True,
        "createdAt": parse_ms(stage.created),
        "updatedAt": parse_ms(stage.updated),
    }


def list_users(call: Call) -> Reply:
    """Who can log in: an owner that is not archived has a user, whose id is another number than the owner's [SPEC]."""
    users = sorted((one for one in call.portal.owners if not one["archived"]), key=lambda one: int(one["userId"]))
    limit = page_size(call, DEFAULT_USERS, MAX_USERS)
    after = call.query.get("after")
    last = cursor_id(after) if after else 0
    left = [one for one in users if int(one["userId"]) > last]
    body: dict[str, Any] = {"results": [_user(one) for one in left[:limit]]}
    if len(left) > limit:
        body["paging"] = next_page(call, cursor(int(left[limit - 1]["userId"])))
    return 200, body


def _user(owner: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(owner["userId"]),
        "email": owner["email"],
        "firstName": owner["firstName"],
        "lastName": owner["lastName"],
        "roleIds": [],
        "superAdmin": False,
    }


def list_subscriptions(call: Call) -> Reply:
    """The subscription types, under the keys that the taps' own schemas name [3P]."""
    types = call.portal.marketing.subscriptions.types
    return 200, {"subscriptionDefinitions": [_subscription(key, kind) for key, kind in types.items()]}


def _subscription(key: int, kind: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": key,
        "portalId": PORTAL_ID,
        "name": kind["name"],
        "description": kind["description"],
        "active": kind["isActive"],
        "internal": kind["isInternal"],
        "category": kind["purpose"],
        "channel": kind["communicationMethod"],
        "internalName": None,
        "businessUnitId": 0,
    }


def list_workflows(call: Call) -> Reply:
    """A portal of the sandbox has no workflows."""
    return 200, {"workflows": []}


_USERS = ("/settings/v3/users", "/settings/users/v3", "/settings/users/{version}")
_CONTACTS = ("crm.schemas.contacts.read", "crm.objects.contacts.read")
WAYS = [
    Way("GET", ("/properties/v1/contacts/properties",), "", list_properties, scopes=_CONTACTS),
    Way("GET", ("/properties/v2/form/properties",), "", list_form_properties, scopes=("forms",)),
    Way("GET", ("/properties/v2/{object_type}/properties",), "", list_properties),
    Way("GET", ("/crm-pipelines/v1/pipelines/{object_type}",), "", list_pipelines),
    Way("GET", ("/email/public/v1/subscriptions",), "", list_subscriptions),
    Way("GET", ("/automation/v3/workflows",), "", list_workflows, scopes=("automation",)),
    Way("GET", _USERS, "", list_users),
    Way("GET", _USERS, "/", list_users),
]
