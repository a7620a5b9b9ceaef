"""Control routes for faults, snapshots, the request log and changes of schema. Same manners as control_people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.control_people import Refused
from sandbox.faults.fault import SYSTEMS, BadFault, fault_of
from sandbox.hubspot.drift import CHANGES
from sandbox.salesforce import schema_change
from sandbox.world import World

Body = dict[str, Any]
Query = Mapping[str, str]
NOW = "as-of-the-fault"


def set_faults(world: World, body: Body) -> Body:
    """One fault, or several under `faults`: all of them or none."""
    wanted = body.get("faults", [body])
    if not isinstance(wanted, list) or not all(isinstance(entry, dict) for entry in wanted):
        raise Refused("faults is a list of objects")
    try:
        for entry in wanted:
            fault_of(0, _whole(world, entry))
    except BadFault as wrong:
        raise Refused(str(wrong)) from wrong
    return {"faults": [world.faults.add(_whole(world, entry)).shown() for entry in wanted]}


def _whole(world: World, entry: Body) -> Body:
    """With what stale reads show unless told otherwise: the world as it is now."""
    if entry.get("kind") == "stale":
        if not entry.get("snapshot"):
            world.snapshot(NOW)
            entry = {**entry, "snapshot": NOW}
        if entry["snapshot"] not in world.snapshots:
            raise BadFault(f"there is no snapshot {entry['snapshot']!r}")
    if entry.get("kind") == "schema":
        _check_change(entry.get("system"), entry.get("change"))
    return entry


def _check_change(system: object, change: object) -> None:
    if system not in SYSTEMS:
        raise BadFault("a change of schema needs its system")
    known = CHANGES if system == "hubspot" else schema_change.CHANGES
    if not isinstance(change, dict) or len(change) != 1 or not change.keys() <= set(known):
        raise BadFault(f"change has one key, one of {', '.join(known)}")


def faults(world: World, query: Query) -> Body:
    return {"faults": world.faults.shown()}


def lift_faults(world: World, query: Query) -> Body:
    key = query.get("id")
    if key is not None and not key.isdigit():
        raise Refused("id is a fault's number")
    return {"lifted": world.faults.lift(None if key is None else int(key)), "faults": world.faults.shown()}


def snapshot(world: World, body: Body) -> Body:
    name = _name(body)
    return {"name": name, "bytes": world.snapshot(name)}


def restore(world: World, body: Body) -> Body:
    name = _name(body)
    if name not in world.snapshots:
        raise Refused(f"there is no snapshot {name!r}; there are {', '.join(sorted(world.snapshots)) or 'none'}")
    world.restore(name)
    return world.describe()


def snapshots(world: World, query: Query) -> Body:
    return {"snapshots": {name: len(taken) for name, taken in sorted(world.snapshots.items())}}


def forget_snapshots(world: World, query: Query) -> Body:
    world.forget_snapshots()
    return {"snapshots": {}}


def log(world: World, query: Query) -> Body:
    """The calls of the vendors one by one, oldest first: ?after=, ?system=, ?limit= (1,000)."""
    numbers = [query.get("after", "0"), query.get("limit", "1000")]
    if not all(text.isascii() and text.isdigit() for text in numbers):
        raise Refused("after and limit are whole numbers")
    after, limit = map(int, numbers)
    entries = [entry._asdict() for entry in world.requests.after(after, query.get("system"))]
    return {"total": world.requests.number, "requests": entries[:limit]}


def change_schema(world: World, body: Body) -> Body:
    system, name, field, change = (body.get(key) for key in ("system", "object", "field", "change"))
    if system not in SYSTEMS or not isinstance(name, str) or not isinstance(field, str) or not isinstance(change, dict):
        raise Refused(f"give system ({' or '.join(SYSTEMS)}), object, field and change")
    world.change_schema(system, name, field, change)
    return {"system": system, "object": name, "field": field, "change": change}


def lock(world: World, body: Body) -> Body:
    record, seconds = body.get("record"), body.get("seconds", 10)
    if not isinstance(record, str) or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refused("give record, an id, and seconds")
    world.lock(record, float(seconds))
    return {"record": record, "seconds": seconds}


def define_object(world: World, body: Body) -> Body:
    name, fields = body.get("name"), body.get("fields", [])
    if not isinstance(name, str) or not isinstance(fields, list):
        raise Refused("give name, like Clinic__c, and fields, a list of {FullName, Metadata}")
    world.salesforce.define_object(name, body.get("label"), fields, body.get("plural"))
    return {"name": name}


def unlock(world: World, body: Body) -> Body:
    record = body.get("record")
    if record is not None and not isinstance(record, str):
        raise Refused("record is an id")
    world.salesforce.unlock(record)
    return {"record": record}


def private_app(world: World, body: Body) -> Body:
    token, scopes = body.get("token"), body.get("scopes")
    if not isinstance(token, str) or not isinstance(scopes, list) or not all(isinstance(s, str) for s in scopes):
        raise Refused("give token and scopes, a list of names")
    world.hubspot.access.add_private_app(token, scopes)
    return {"token": token, "scopes": scopes}


def _name(body: Body) -> str:
    name = body.get("name", "default")
    if not isinstance(name, str) or not name:
        raise Refused("name is text")
    return name


#: What reads or takes away is told by the query, what changes by the body.
ASKED = [
    ("GET", "/faults", "The faults that are set, and how often each matched and struck.", faults),
    ("DELETE", "/faults", "Lift all of them, or ?id= one.", lift_faults),
    ("GET", "/snapshots", "The snapshots kept, with their size in bytes.", snapshots),
    ("DELETE", "/snapshots", "Forget them.", forget_snapshots),
    ("GET", "/log", "The last 20,000 calls one by one: ?after= a number, ?system=, ?limit=.", log),
]
TOLD = [
    ("/faults", "Set a fault, or several: {faults: [...]}. See docs/sandbox.md for the kinds.", set_faults),
    ("/snapshot", "Keep the world as it is: {name}.", snapshot),
    ("/restore", "Go back to a snapshot: {name}.", restore),
    ("/schema", "An admin changes a field: {system, object, field, change}.", change_schema),
    ("/lock", "Somebody holds a Salesforce record: {record, seconds}.", lock),
    ("/unlock", "They let go of it, or of all of them: {record}, optional.", unlock),
    ("/object", "A Salesforce admin makes a custom object: {name, label, plural, fields}.", define_object),
    ("/private-app", "Another HubSpot private app: {token, scopes}.", private_app),
]
