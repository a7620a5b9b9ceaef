"""Control routes for what people do in the vendors' browsers: single acts, and the script of a sales team.

Every handler raises `Refused` or one of the vendors' own errors (REFUSALS); the text tells the caller why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.errors import HubSpotError
from sandbox.salesforce import people
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import normalise
from sandbox.world import World

Body = dict[str, Any]
MAX_STEPS = 100


class Refused(ValueError):
    """What the caller asked for makes no sense."""


REFUSALS = (Refused, HubSpotError, SalesforceError)


def edit(world: World, body: Body) -> Body:
    _only(body, "system", "object", "id", "changes", "user")
    changes = body.get("changes")
    if not isinstance(changes, dict):
        raise Refused("changes is an object: field name to value")
    if body.get("system") == "hubspot":
        return _edit_hubspot(world, body, changes)
    if body.get("system") != "salesforce":
        raise Refused("system is salesforce or hubspot")
    user = _id(body, "user") if "user" in body else None
    if user is not None and not world.salesforce.tables["User"].rows.get(user, {}).get("IsActive"):
        raise Refused(f"there is no active user {user}")
    name, key = _object(world, body, also=("User",)), _id(body, "id")  # an admin may deactivate a user
    people.edit(world.salesforce, name, key, changes, user)
    return {"record": world.salesforce.tables[name].rows[key]}


def _edit_hubspot(world: World, body: Body, changes: Body) -> Body:
    store = world.hubspot.stores.get(str(body.get("object")))
    if store is None:
        raise Refused(f"object must be one of {', '.join(sorted(world.hubspot.stores))}")
    record = store.update(store.find(str(body.get("id"))), changes).record
    return {"record": {"id": str(record.id), "properties": record.properties}}


def convert(world: World, body: Body) -> Body:
    _only(body, "lead", "opportunity")
    opportunity = body.get("opportunity")
    if opportunity is not None and not (isinstance(opportunity, str) and opportunity.strip()):
        raise Refused("opportunity is its name")
    return people.convert_lead(world.salesforce, _id(body, "lead"), opportunity)


def merge(world: World, body: Body) -> Body:
    _only(body, "object", "master", "losers")
    losers = body.get("losers")
    if not isinstance(losers, list):
        raise Refused("losers is a list of ids")
    name, master = _object(world, body), _id(body, "master")
    people.merge(world.salesforce, name, master, [_id({"losers": key}, "losers") for key in losers])
    return {"record": world.salesforce.tables[name].rows[master]}


def delete(world: World, body: Body) -> Body:
    _only(body, "object", "id")
    name, key = _object(world, body), _id(body, "id")
    people.remove(world.salesforce, name, key)
    return {"record": world.salesforce.tables[name].rows.get(key)}


def undelete(world: World, body: Body) -> Body:
    _only(body, "object", "id")
    name, key = _object(world, body), _id(body, "id")
    people.undelete(world.salesforce, name, key)
    return {"record": world.salesforce.tables[name].rows[key]}


def empty_recycle_bin(world: World, body: Body) -> Body:
    _only(body, "object")
    org = world.salesforce
    names = (
        [_object(world, body)] if "object" in body else [name for name, kind in org.objects.items() if kind.deletable]
    )
    counts = {name: org.empty_bin(name) for name in names}
    return {"gone": {name: count for name, count in counts.items() if count}}


def expire_tokens(world: World, body: Body) -> Body:
    """Salesforce's unless `system` is hubspot, whose OAuth tokens end; a private app's token never does."""
    _only(body, "system")
    system = body.get("system", "salesforce")
    if system not in ("salesforce", "hubspot"):
        raise Refused("system is salesforce or hubspot")
    world.expire_tokens(system)
    return {}


def work(world: World, body: Body) -> Body:
    """Sales works its leads, marketing its contacts, or both, sales first."""
    _only(body, "seed", "share", "steps", "scope", "team")
    seed, share, steps = body.get("seed", 1), body.get("share", 1.0), body.get("steps", 1)
    scope, team = body.get("scope", "crosswalk"), body.get("team", "sales")
    if type(seed) is not int:
        raise Refused("seed is a whole number")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise Refused("share is a number from 0 to 1")
    if type(steps) is not int or not 0 <= steps <= MAX_STEPS:
        raise Refused(f"steps is a whole number from 0 to {MAX_STEPS}")
    if scope not in ("crosswalk", "all"):
        raise Refused("scope is crosswalk or all")
    if team not in ("sales", "marketing", "both"):
        raise Refused("team is sales, marketing or both")
    answer: Body = {}
    if team != "marketing":
        answer = world.sales.work(seed=seed, share=share, steps=steps, every=scope == "all")
    if team == "sales":
        return answer
    told = world.marketers.work(seed=seed, share=share, steps=steps)
    return told if team == "marketing" else {**answer, "marketing": told}


def _only(body: Body, *names: str) -> None:
    unknown = body.keys() - set(names)
    if unknown:
        raise Refused(f"no such key: {', '.join(sorted(unknown))}; there are {', '.join(names) or 'none'}")


def _object(world: World, body: Body, also: tuple[str, ...] = ()) -> str:
    kind = world.salesforce.find_kind(str(body.get("object")))
    if kind is None or not (kind.deletable or kind.name in also):
        raise Refused(f"Salesforce has no object {body.get('object')!r} that people work with")
    return kind.name


def _id(body: Body, name: str) -> str:
    key = normalise(body.get(name))
    if key is None:
        raise Refused(f"{name} must be a record id, not {body.get(name)!r}")
    return key


TABLE: list[tuple[str, str, Callable[[World, Body], Body]]] = [
    ("/edit", "A person changes a record: {system, object, id, changes, user?}.", edit),
    ("/convert", "The Convert button: {lead, opportunity?}, the latter a name.", convert),
    ("/merge", "Merge one or two records into a master: {object, master, losers}.", merge),
    ("/delete", "A person deletes a Salesforce record: {object, id}.", delete),
    ("/undelete", "A person takes a Salesforce record out of the recycle bin: {object, id}.", undelete),
    ("/empty-recycle-bin", "Delete for good what is in Salesforce's recycle bin: {object?}.", empty_recycle_bin),
    ("/expire-tokens", "End all Salesforce sessions, or with {system: hubspot} HubSpot's OAuth tokens.", expire_tokens),
    (
        "/work",
        "The sales team works its leads, or marketing its contacts: {team, seed, share, steps, scope}, each optional.",
        work,
    ),
]
