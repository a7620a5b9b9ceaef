"""The schemas endpoints: a portal's own object types."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.association_types import LinkType
from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.custom_objects import Definition, associate, no_such_type
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.properties import public
from sandbox.hubspot.store import PORTAL_ID


def list_schemas(call: Call) -> Reply:
    custom = call.portal.custom_objects
    if call.flag("archived"):
        return 200, {"results": [{**entry, "properties": [], "associations": []} for entry in custom.archived.values()]}
    return 200, {"results": [_shown(call, entry) for entry in custom.live.values()]}


def create_schema(call: Call) -> Reply:
    return 201, _shown(call, call.portal.custom_objects.define(call.portal, _object(call.body)))


def read_schema(call: Call) -> Reply:
    return 200, _shown(call, _definition(call))


def update_schema(call: Call) -> Reply:
    """The reply is without properties and associations [SPEC]."""
    definition = _definition(call)
    custom = call.portal.custom_objects
    changed = custom.update(call.portal, definition["fullyQualifiedName"], _object(call.body))
    return 200, {**changed, "portalId": PORTAL_ID}


def archive_schema(call: Call) -> Reply:
    """With `archived=true` an archived one is forgotten for good [DOC]."""
    if call.flag("archived"):
        call.portal.custom_objects.purge(call.path["object_type"])
    else:
        call.portal.custom_objects.archive(call.portal, _definition(call)["fullyQualifiedName"])
    return 204, None


def read_schemas(call: Call) -> Reply:
    """A batch read by name or id; what there is not is left out [UNV]."""
    inputs = _object(call.body).get("inputs")
    if not isinstance(inputs, list):
        raise bad_request("Invalid input JSON: 'inputs' is a list of object types")
    custom = call.portal.custom_objects
    names = [name for name in (custom.name_of(str(text)) for text in inputs) if name]
    return 200, {"results": [_shown(call, custom.live[name]) for name in dict.fromkeys(names)]}


def create_association(call: Call) -> Reply:
    definition, body = _definition(call), _object(call.body)
    ends = [call.store_of(str(body.get(key))).kind for key in ("fromObjectTypeId", "toObjectTypeId")]
    if ends[0].name != definition["fullyQualifiedName"]:
        raise bad_request(f"fromObjectTypeId is not {definition['objectTypeId']}")
    if (ends[0].name, ends[1].name) in call.portal.associations.defaults:
        raise HubSpotError(409, "The two object types are associated already.", "OBJECT_ALREADY_EXISTS")
    associate(call.portal, ends[0].name, ends[1].name)
    return 201, _association(call, call.portal.associations.defaults[ends[0].name, ends[1].name], definition)


def archive_association(call: Call) -> Reply:
    """Under the id of either direction."""
    name = _definition(call)["fullyQualifiedName"]
    for pair, kind in call.portal.associations.defaults.items():
        if name in pair and str(kind.id) == call.path["association_id"]:
            call.portal.associations.forget_pair(*pair)
            return 204, None
    raise HubSpotError(404, f"Association {call.path['association_id']} does not exist", "OBJECT_NOT_FOUND")


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise bad_request("Invalid input JSON: the body is an object")
    return body


def _definition(call: Call) -> Definition:
    name = call.portal.custom_objects.name_of(call.path["object_type"])
    if name is None:
        raise no_such_type(call.path["object_type"])
    return call.portal.custom_objects.live[name]


def _shown(call: Call, definition: Definition) -> dict[str, Any]:
    name = definition["fullyQualifiedName"]
    schema = call.portal.stores[name].schema
    links = [kind for pair, kind in call.portal.associations.defaults.items() if name in pair]
    return {
        **definition,
        "properties": [public(entry) for entry in schema.definitions.values()],
        "associations": [_association(call, kind, definition) for kind in links],
    }


def _association(call: Call, kind: LinkType, definition: Definition) -> dict[str, Any]:
    stores = call.portal.stores
    return {
        "fromObjectTypeId": stores[kind.source].kind.type_id,
        "toObjectTypeId": stores[kind.target].kind.type_id,
        "name": kind.name,
        "id": str(kind.id),
        "createdAt": definition["createdAt"],
        "updatedAt": definition["updatedAt"],
    }


_SCHEMAS = ("/crm/v3/schemas", "/crm-object-schemas/v3/schemas", "/crm-object-schemas/{version}/schemas")
WAYS = [
    Way("GET", _SCHEMAS, "", list_schemas),
    Way("POST", _SCHEMAS, "", create_schema),
    Way("POST", _SCHEMAS, "/batch/read", read_schemas),
    Way("GET", _SCHEMAS, "/{object_type}", read_schema),
    Way("PATCH", _SCHEMAS, "/{object_type}", update_schema),
    Way("DELETE", _SCHEMAS, "/{object_type}", archive_schema),
    Way("POST", _SCHEMAS, "/{object_type}/associations", create_association),
    Way("DELETE", _SCHEMAS, "/{object_type}/associations/{association_id}", archive_association),
]
