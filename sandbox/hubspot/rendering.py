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
    wanted = set(requested) & store.schema.definitions.keys() if requested else store.kind.shown
    return sorted({*wanted, *store.kind.always})


def rendered(kind: ObjectType, record: Record, names: Iterable[str]) -> dict[str, Any]:
    """An object with these properties; defined but empty is null [REC]."""
    values = record.properties
    body: dict[str, Any] = {
        "id": values["hs_object_id"],
        "properties": {name: values.get(name) for name in names},
        "createdAt": values[kind.created],
        "updatedAt": values[kind.modified],
        "archived": record.archived,
    }
    if record.archived_at is not None:
        body["archivedAt"] = iso_ms(record.archived_at)
    return body


def written(kind: ObjectType, outcome: Written) -> dict[str, Any]:
    """The reply to a write: the written properties, the calculated and the system ones [REC]."""
    return rendered(kind, outcome.record, sorted({*outcome.echoed, *kind.always}))


def cursor(key: int) -> str:
    """Opaque by documentation, so made to look it: nobody shall compute with it."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def cursor_id(after: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except ValueError:
        raise bad_request(f"Invalid cursor: {after}", context={"after": [after]}) from None
