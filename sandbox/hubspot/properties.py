"""The properties endpoints: definitions one by one, in batches, and their groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, batch_inputs, batch_reply
from sandbox.hubspot.errors import HubSpotError, bad_request

MAX_BATCH = 100
Definition = dict[str, Any]


def list_properties(call: Call) -> Reply:
    """All of them in one reply, the archived ones when asked for them."""
    schema = call.store.schema
    chosen = schema.archived if call.flag("archived") else schema.definitions
    return 200, {"results": [public(entry) for entry in chosen.values()]}


def read_property(call: Call) -> Reply:
    return 200, public(_found(call, call.path["name"], archived=call.flag("archived")))


def create_property(call: Call) -> Reply:
    return 201, public(call.store.define(_object(call.body)))


def update_property(call: Call) -> Reply:
    """An option that is taken away stays on the records that have it."""
    _found(call, call.path["name"], archived=False)
    schema, now = call.store.schema, call.portal.clock.now_ms()
    return 200, public(schema.update(call.path["name"], _object(call.body), now))


def archive_property(call: Call) -> Reply:
    """Its values are kept, unseen; that archiving twice is an error is [UNV]."""
    _found(call, call.path["name"], archived=False)
    call.store.undefine(call.path["name"])
    return 204, None


# -- batches -----------------------------------------------------------------------------------------------------


def batch_create(call: Call) -> Reply:
    # The specification of 2026-09 has a 200 here, those before it a 201.
    return _batch(
        call, 200 if call.path.get("version") == "2026-09" else 201, lambda entry: public(call.store.define(entry))
    )


def batch_read(call: Call) -> Reply:
    archived = bool(_object(call.body).get("archived", False))
    return _batch(call, 200, lambda entry: public(_found(call, str(entry.get("name")), archived=archived)))


def batch_archive(call: Call) -> Reply:
    """Names that there are not are passed over [UNV]."""
    store = call.store
    names = [str(entry.get("name")) for entry in batch_inputs(call.body, MAX_BATCH)]
    for name in names:
        if name in store.schema.definitions:
            store.undefine(name)
    return 204, None


def _batch(call: Call, status: int, act: Callable[[Definition], Definition]) -> Reply:
    """Each input for itself."""
    started = call.portal.clock.now_ms()
    results, errors = [], []
    for entry in batch_inputs(call.body, MAX_BATCH):
        try:
            results.append(act(entry))
        except HubSpotError as refused:
            errors.append(refused.batch_entry(None))
    return batch_reply(call, started, status, results, errors)


# -- groups ------------------------------------------------------------------------------------------------------


def list_groups(call: Call) -> Reply:
    return 200, {"results": list(call.store.schema.groups.values())}


def read_group(call: Call) -> Reply:
    return 200, _group(call)


def create_group(call: Call) -> Reply:
    return 201, call.store.schema.create_group(_object(call.body))


def update_group(call: Call) -> Reply:
    group, body = _group(call), _object(call.body)
    group.update({key: body[key] for key in ("label", "displayOrder") if body.get(key) is not None})
    return 200, group


def archive_group(call: Call) -> Reply:
    """Only an empty one [UNV]."""
    schema, name = call.store.schema, _group(call)["name"]
    if any(entry["groupName"] == name for entry in schema.definitions.values()):
        raise bad_request(f"Property group {name} still has properties.")
    del schema.groups[name]
    return 204, None


# -- what they share ---------------------------------------------------------------------------------------------


def public(definition: Definition) -> Definition:
    """As the API shows a definition; custom ones tell since when they are."""
    return {"archived": False, **definition}


def _found(call: Call, name: str, *, archived: bool) -> Definition:
    schema = call.store.schema
    definition = (schema.archived if archived else schema.definitions).get(name)
    if definition is None:
        raise HubSpotError(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
    return definition


def _group(call: Call) -> dict[str, Any]:
    group = call.store.schema.groups.get(call.path["name"])
    if group is None:
        raise HubSpotError(404, f"Property group {call.path['name']} does not exist", "OBJECT_NOT_FOUND")
    return group


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise bad_request("Invalid input JSON: the body is an object")
    return body


_PROPERTIES = ("/crm/v3/properties/{object_type}", "/crm/properties/{version}/{object_type}")
WAYS = [
    Way("GET", _PROPERTIES, "", list_properties),
    Way("POST", _PROPERTIES, "", create_property),
    Way("POST", _PROPERTIES, "/batch/create", batch_create),
    Way("POST", _PROPERTIES, "/batch/read", batch_read),
    Way("POST", _PROPERTIES, "/batch/archive", batch_archive),
    Way("GET", _PROPERTIES, "/groups", list_groups),
    Way("POST", _PROPERTIES, "/groups", create_group),
    Way("GET", _PROPERTIES, "/groups/{name}", read_group),
    Way("PATCH", _PROPERTIES, "/groups/{name}", update_group),
    Way("DELETE", _PROPERTIES, "/groups/{name}", archive_group),
    Way("GET", _PROPERTIES, "/{name}", read_property),
    Way("PATCH", _PROPERTIES, "/{name}", update_property),
    Way("DELETE", _PROPERTIES, "/{name}", archive_property),
]
