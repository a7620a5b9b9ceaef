"""Objects and pages as HubSpot writes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.index import Record
from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.store import Store, Written


def shown(store: Store, requested: Sequence[str]) -> list[str]:
    """Which properties a reply carries: the requested ones that are defined, in order of name.

    An undefined one is left out without a word; the three system ones always come along.
    """
    wanted = set(requested or store.kind.shown) & store.schema.definitions.keys()
    return sorted({*wanted, *store.kind.always})


def rendered(kind: ObjectType, record: Record, names: Sequence[str]) -> dict[str, Any]:
    """An object with these properties; defined but empty is null [REC]."""
    values = record.properties
    body: dict[str, Any] = {
        "id": values["hs_object_id"],
        "properties": dict(zip(names, map(values.get, names), strict=True)),  # a third faster than a comprehension
        "createdAt": values[kind.created],
        "updatedAt": values[kind.modified],
        "archived": record.archived,
    }
    if record.archived_at is not None:
        body["archivedAt"] = iso_ms(record.archived_at)
    return body


def with_history(store: Store, body: dict[str, Any], key: int, names: Iterable[str]) -> dict[str, Any]:
    """An object with the past of these properties; an undefined one is left out without a word."""
    defined = [name for name in names if name in store.schema.definitions]
    past = {
        name: [version.public() for version in store.history.versions(store.records[key], name)] for name in defined
    }
    # Their values come along among the properties [UNV].
    now = {name: store.records[key].properties.get(name) for name in defined}
    return {**body, "properties": {**body["properties"], **now}, "propertiesWithHistory": past}


def written(kind: ObjectType, outcome: Written) -> dict[str, Any]:
    """The reply to a write: the written properties that have a value, the calculated and the system ones [REC].

    Of the system's three a contact's update shows the time alone [REC].
    """
    always = kind.always if outcome.new or kind.name != "contacts" else (kind.modified,)
    echoed = {name for name in outcome.echoed if name in outcome.record.properties}
    return rendered(kind, outcome.record, sorted(echoed.union(always)))


def cursor(key: int) -> str:
    """Opaque by documentation, so made to look it: nobody shall compute with it."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def cursor_id(after: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except ValueError:
        raise bad_request(f"Invalid cursor: {after}", context={"after": [after]}) from None
