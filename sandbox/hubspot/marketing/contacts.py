"""The contacts as marketing's features meet them: by e-mail address, and with what the portal itself notes on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.index import Record
from sandbox.hubspot.schema import ValueRefused, accept
from sandbox.hubspot.store import Store

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal


def store_of(portal: Portal) -> Store:
    return portal.stores["contacts"]


def by_email(portal: Portal, email: str) -> Record | None:
    """The contact that has this address, if one has."""
    record = store_of(portal).lookup(email, "email")
    return None if record is None or record.archived else record


def by_id(portal: Portal, key: int) -> Record | None:
    """The contact under an id, also one that was merged away."""
    try:
        return store_of(portal).resolve(str(key))
    except HubSpotError:
        return None


def address(portal: Portal, text: object) -> str:
    """An e-mail address as the portal keeps it. Raises the 400."""
    try:
        email = accept(store_of(portal).schema, frozenset(), "email", text, "")
    except ValueRefused as refused:
        raise bad_request(refused.message, context={"email": [str(text)]}) from None
    if not email:
        raise bad_request("An email address is required", context={"email": [""]})
    return email


def note(portal: Portal, record: Record | None, values: Mapping[str, str]) -> None:
    """Properties that HubSpot keeps itself; those that this portal does not have are left out."""
    store = store_of(portal)
    if record is None:
        return
    current = store.records[record.id]  # what the caller holds may be older
    known = {name: value for name, value in values.items() if name in store.schema.definitions}
    if any(current.properties.get(name, "") != value for name, value in known.items()):
        store.keep(current, known)


def counted(record: Record, name: str) -> str:
    """A counter property, one up."""
    return str(int(float(record.properties.get(name) or 0)) + 1)
