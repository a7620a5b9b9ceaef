"""POST /merge: two records become a new one, to which both old ids lead.

As HubSpot's changelog announced it in January 2025 [DOC]: the result is a new record with a new id, for contacts and
companies as before for the other types; the primary record's values stand, the other's fill what it leaves empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.index import Record
from sandbox.hubspot.object_types import every_id
from sandbox.hubspot.objects import OBJECTS
from sandbox.hubspot.rendering import rendered, shown
from sandbox.hubspot.store import Store

# Those that HubSpot's knowledge base lists, besides custom objects [DOC].
MERGEABLE = frozenset(("contacts", "companies", "deals", "tickets"))
MAX_IDENTITIES = 250
_COUNTED_TOGETHER = ("num_conversion_events", "num_unique_conversion_events")


def merge_objects(call: Call) -> Reply:
    store = call.store
    if store.kind.name not in MERGEABLE and not store.kind.is_custom:
        raise bad_request(f"Objects of type {store.kind.title} cannot be merged.")
    primary, other = (_record(store, call.body, key) for key in ("primaryObjectId", "objectIdToMerge"))
    if primary.id == other.id:
        raise bad_request(f"Cannot merge an object with itself: {primary.id}")
    gone = [int(key) for one in (primary, other) for key in every_id(one.id, one.properties)]
    if len(gone) > MAX_IDENTITIES:
        # The error guide counts this among the 414s [DOC]; the words are ours.
        raise HubSpotError(414, f"A record can have at most {MAX_IDENTITIES} merged ids.", "VALIDATION_ERROR")
    merged = store.merge(primary, other, _values(store, primary, other, gone, call.portal.clock.now_ms()))
    return 200, rendered(store.kind, merged, shown(store, []))


def _record(store: Store, body: Any, key: str) -> Record:
    identifier = body.get(key) if isinstance(body, dict) else None
    if not isinstance(identifier, str) or not identifier:
        raise bad_request(f"Invalid input JSON: required field '{key}' is missing", context={"field": [key]})
    return store.resolve(identifier)


def _values(store: Store, primary: Record, other: Record, gone: list[int], now: int) -> dict[str, str]:
    """The new record's values, but for what the store derives from them."""
    first, second = primary.properties, other.properties
    values = {**second, **first, "hs_merged_object_ids": ";".join(map(str, gone))}
    if store.kind.name == "contacts":
        values |= _contact(first, second)
        stamps = f"{primary.id}:{now};{other.id}:{now}"
        earlier = ";".join(filter(None, (one.get("hs_calculated_merged_vids", "") for one in (first, second))))
        values["hs_calculated_merged_vids"] = f"{earlier};{stamps}" if earlier else stamps
    if "lifecyclestage" in values:
        # Of two stages the further one stays, whoever had it [DOC].
        stages = [one.get("lifecyclestage", "") for one in (first, second)]
        values["lifecyclestage"] = max(stages, key=store.schema.stage_place)
    oldest = min(primary.created, other.created)
    return {**values, store.kind.created: iso_ms(oldest)}


def _contact(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """A contact keeps the other's e-mail as an additional one; form submissions are added up [DOC]."""
    listed = [one.get("hs_additional_emails", "") for one in (first, second)]
    addresses = [address for text in (*listed, second.get("email", "")) for address in text.split(";") if address]
    email = first.get("email") or second.get("email", "")
    additional = [address for address in dict.fromkeys(addresses) if address != email]
    values = {"hs_additional_emails": ";".join(additional)} if additional else {}
    for name in _COUNTED_TOGETHER:
        if name in first and name in second:
            values[name] = str(int(float(first[name])) + int(float(second[name])))
    return values


WAYS = [Way("POST", OBJECTS, "/merge", merge_objects)]
