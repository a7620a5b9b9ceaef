"""Contacts and pages as HubSpot writes them."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.index import Record
from sandbox.hubspot.portal import Portal, Written

DEFAULT_PROPERTIES = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
_ALWAYS = ("createdate", "hs_object_id", "lastmodifieddate")


def shown(portal: Portal, requested: Iterable[str]) -> list[str]:
    """Which properties a reply carries: the requested ones that are defined, in order of name.

    An undefined one is left out without a word; the three system ones always come along.
    """
    wanted = set(requested)
    if not wanted:
        return list(DEFAULT_PROPERTIES)
    return sorted((wanted & portal.schema.definitions.keys()).union(_ALWAYS))


def contact(record: Record, names: Iterable[str]) -> dict[str, Any]:
    """A contact with these properties; defined but empty is null [REC]."""
    values = record.properties
    body: dict[str, Any] = {
        "id": values["hs_object_id"],
        "properties": {name: values.get(name) for name in names},
        "createdAt": values["createdate"],
        "updatedAt": values["lastmodifieddate"],
        "archived": record.archived,
    }
    if record.archived_at is not None:
        body["archivedAt"] = iso_ms(record.archived_at)
    return body


def written(outcome: Written) -> dict[str, Any]:
    """The reply to a write: the written properties, the calculated and the system ones [REC]."""
    return contact(outcome.record, sorted({*outcome.echoed, *_ALWAYS}))


def cursor(key: int) -> str:
    """Opaque by documentation, so made to look it: nobody shall compute with it."""
    return base64.urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def cursor_id(after: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except ValueError:
        raise bad_request(f"Invalid cursor: {after}", context={"after": [after]}) from None
