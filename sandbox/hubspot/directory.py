"""What a connector asks about the portal itself: properties, owners, account."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.rendering import cursor, cursor_id
from sandbox.hubspot.store import PORTAL_ID

MAX_OWNERS = 500
DEFAULT_OWNERS = 100


def list_properties(call: Call) -> Reply:
    """All of them in one reply; nothing here archives a property, so the archived ones are none."""
    if call.flag("archived"):
        return 200, {"results": []}
    return 200, {"results": [_public(entry) for entry in call.store.schema.definitions.values()]}


def read_property(call: Call) -> Reply:
    definition = call.store.schema.definitions.get(call.path["name"])
    if definition is None:
        raise HubSpotError(404, f"Property {call.path['name']} does not exist", "OBJECT_NOT_FOUND")
    return 200, _public(definition)


def create_property(call: Call) -> Reply:
    if not isinstance(call.body, dict):
        raise bad_request("Invalid input JSON: a property definition is an object")
    return 201, _public(call.store.define(call.body))


def _public(definition: dict[str, Any]) -> dict[str, Any]:
    return {"archived": False, **definition}


def list_owners(call: Call) -> Reply:
    archived, email = call.flag("archived"), call.query.get("email")
    owners = [
        owner
        for owner in call.portal.owners
        if owner["archived"] == archived and (not email or str(owner.get("email", "")).lower() == email.lower())
    ]
    limit = page_size(call, DEFAULT_OWNERS, MAX_OWNERS)
    after = call.query.get("after")
    if after:
        last = cursor_id(after)
        owners = [owner for owner in owners if int(owner["id"]) > last]
    body: dict[str, Any] = {"results": owners[:limit]}
    if len(owners) > limit:
        body["paging"] = next_page(call, cursor(int(owners[limit - 1]["id"])))
    return 200, body


def read_owner(call: Call) -> Reply:
    """By owner id, or by user id with `?idProperty=userId`: the two are never the same number [SPEC]."""
    wanted, key = call.path["owner_id"], call.query.get("idProperty", "id")
    if key not in ("id", "userId"):
        raise bad_request(f"Invalid idProperty: {key}")
    for owner in call.portal.owners:
        if str(owner.get(key)) == wanted and owner["archived"] == call.flag("archived"):
            return 200, owner
    raise HubSpotError(404, f"Owner {wanted} does not exist", "OBJECT_NOT_FOUND")


def account_details(call: Call) -> Reply:
    """Invented: one Professional account on the US East coast."""
    return 200, {
        "portalId": PORTAL_ID,
        "accountType": "STANDARD",
        "timeZone": "US/Eastern",
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


_PROPERTIES = ("/crm/v3/properties/{object_type}", "/crm/properties/{version}/{object_type}")
_OWNERS = ("/crm/v3/owners", "/crm/owners/{version}")
_ACCOUNT = ("/account-info/v3/details", "/account-info/{version}/details")
WAYS = [
    Way("GET", _PROPERTIES, "", list_properties),
    Way("POST", _PROPERTIES, "", create_property),
    Way("GET", _PROPERTIES, "/{name}", read_property),
    Way("GET", _OWNERS, "", list_owners),
    Way("GET", _OWNERS, "/", list_owners),  # the official client's spelling
    Way("GET", _OWNERS, "/{owner_id}", read_owner),
    Way("GET", _ACCOUNT, "", account_details),
]
