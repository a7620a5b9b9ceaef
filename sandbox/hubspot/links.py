"""Associations as requests ask for them and object reads show them: what the endpoints for both share."""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.hubspot.association_types import HUBSPOT_DEFINED, LinkType, in_order
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.calls import Call
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.store import Store


class Link(NamedTuple):
    """A wanted association from some object: of which type, and to which object."""

    type: LinkType
    other: int


def shown_links(call: Call, key: int, requested: list[str]) -> dict[str, Any]:
    """`associations` of an object read: per asked-for type, one entry per association type; nothing where none [3P].

    Types that cannot be associated are passed over: a published tap asks contacts for products [3P].
    """
    source = call.store.kind.name
    found: dict[str, Any] = {}
    for target in (call.store_of(name).kind.name for name in requested):
        links = call.portal.associations.of(source, key, target)
        if links:
            types = call.portal.associations.types
            pairs = [
                (other, kind.name)
                for other in sorted(links)
                for kind in in_order(types[number] for number in links[other])
            ]
            found[target] = {"results": [{"id": str(other), "type": name} for other, name in pairs]}
    return {"associations": found} if found else {}


def default_between(associations: Associations, source: str, target: str) -> LinkType:
    """The unlabelled association between two object types. Raises an honest 501 for what HubSpot may have."""
    kind = associations.defaults.get((source, target))
    if kind is None:
        message = f"The sandbox does not simulate associations from {source} to {target}."
        raise HubSpotError(501, message, "NOT_SIMULATED")
    return kind


def named(call: Call, other: int, keys: tuple[int, ...]) -> list[dict[str, Any]]:
    """`{id, type}`, one for each association type, as object reads and the v3 endpoints show them."""
    types = call.portal.associations.types
    return [{"id": str(other), "type": kind.name} for kind in in_order(types[key] for key in keys)]


def wanted_links(call: Call, kind: ObjectType, body: Any) -> list[Link]:
    """The `associations` of a create: the type id says what the other object is."""
    wanted = body.get("associations") if isinstance(body, dict) else None
    if wanted is None:
        return []
    if not isinstance(wanted, list) or not all(isinstance(entry, dict) for entry in wanted):
        raise malformed()
    links = []
    for entry in wanted:
        for link in link_types(call.portal.associations, entry.get("types")):
            if link.source != kind.name:
                raise bad_request(f"Association type {link.id} is not one from {kind.name}.")
            links.append(Link(link, existing(call.portal.stores[link.target], object_id(entry.get("to")))))
    return links


def connect(call: Call, key: int, links: list[Link]) -> None:
    for link in links:
        call.portal.associations.link(link.type, key, link.other)


def object_id(end: Any) -> str:
    """The id of an object that a request names, as text or as a number [DOC]."""
    identifier = end.get("id") if isinstance(end, dict) else None
    if type(identifier) is int:
        return str(identifier)
    if not isinstance(identifier, str):
        raise malformed()
    return identifier


def existing(store: Store, identifier: str) -> int:
    """The id of a live object; the refusal is as a client's bug report quotes it [3P]."""
    record = store.lookup(identifier, None)
    if record is None or record.archived:
        raise bad_request(
            "One or more associations are invalid",
            context={
                "INVALID_OBJECT_IDS": [f"{store.kind.title}={identifier} is not valid"],
                "objectId": [identifier],
                "objectType": [store.kind.title],
            },
        )
    return record.id


def link_types(associations: Associations, types: Any) -> list[LinkType]:
    """The types that a request names, one at least."""
    if not isinstance(types, list) or not types:
        raise malformed()
    return [_link_type(associations, spec) for spec in types]


def _link_type(associations: Associations, spec: Any) -> LinkType:
    if not isinstance(spec, dict) or not {"associationCategory", "associationTypeId"} <= spec.keys():
        raise bad_request(
            "Invalid input JSON. Some required fields were not set: [associationCategory, associationTypeId]"
        )
    category, number = spec["associationCategory"], spec["associationTypeId"]
    kind = None
    if type(number) is int and number > 0:
        kind = associations.types.get(number if category == HUBSPOT_DEFINED else -number)
    if kind is None or kind.category != category:
        raise bad_request(f"There is no association type {number} of category {category}.")
    return kind


def malformed() -> HubSpotError:
    return bad_request(
        "Invalid input JSON: an association names 'from', 'to' and 'types' as the associations API has them"
    )
