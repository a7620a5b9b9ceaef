"""What a connector asks about the portal itself: owners and account."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, next_page, page_size
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.limits import ACCOUNT_UTC_OFFSET_MS, DAY_MS, Allowance
from sandbox.hubspot.rendering import cursor, cursor_id
from sandbox.hubspot.schema import parse_ms
from sandbox.hubspot.store import PORTAL_ID

MAX_OWNERS = 500
DEFAULT_OWNERS = 100
TIME_ZONE = "US/Eastern"


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


def list_owners_v2(call: Call) -> Reply:
    """All in one reply, inactive ones on demand: the legacy endpoint that older taps use [DOC]."""
    email, inactive = call.query.get("email"), call.flag("includeInactive")
    return 200, [
        _legacy(owner)
        for owner in call.portal.owners
        if (inactive or not owner["archived"]) and (not email or owner.get("email", "").lower() == email.lower())
    ]


def read_owner_v2(call: Call) -> Reply:
    for owner in call.portal.owners:
        if owner["id"] == call.path["owner_id"]:
            return 200, _legacy(owner)
    raise HubSpotError(404, f"Owner {call.path['owner_id']} does not exist", "OBJECT_NOT_FOUND")


def _legacy(owner: dict[str, Any]) -> dict[str, Any]:
    number, active = int(owner["id"]), not owner["archived"]
    remote = {
        "portalId": PORTAL_ID,
        "ownerId": number,
        "remoteId": str(owner.get("userId", "")),
        "remoteType": "HUBSPOT",
        "active": active,
    }
    return {
        "portalId": PORTAL_ID,
        "ownerId": number,
        "type": owner["type"],
        "firstName": owner.get("firstName", ""),
        "lastName": owner.get("lastName", ""),
        "email": owner.get("email", ""),
        "createdAt": parse_ms(owner["createdAt"]),
        "updatedAt": parse_ms(owner["updatedAt"]),
        "remoteList": [remote],
        "hasContactsAccess": active,
        "isActive": active,
        "activeUserId": owner.get("userId") if active else None,
        "userIdIncludingInactive": owner.get("userIdIncludingInactive"),
    }


def account(call: Call) -> Reply:
    """The legacy endpoint for what a token opens [DOC]."""
    return 200, {
        "portalId": PORTAL_ID,
        "timeZone": TIME_ZONE,
        "currency": "USD",
        "utcOffsetMilliseconds": ACCOUNT_UTC_OFFSET_MS,
        "utcOffset": "-05:00",
    }


def daily_usage(call: Call) -> Reply:
    """Today's calls of all apps, as of now; the real reply may be some minutes old."""
    now = call.portal.clock.now_ms()
    midnight = now - (now + ACCOUNT_UTC_OFFSET_MS) % DAY_MS
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": call.portal.gate.limits.daily,
        "currentUsage": call.portal.gate.used[Allowance.CALLS],
        "collectedAt": iso_ms(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso_ms(midnight + DAY_MS),
    }
    return 200, {"results": [usage]}


def account_details(call: Call) -> Reply:
    """Invented: one Professional account on the US East coast."""
    return 200, {
        "portalId": PORTAL_ID,
        "accountType": "STANDARD",
        "timeZone": TIME_ZONE,
        "companyCurrency": "USD",
        "additionalCurrencies": [],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": ACCOUNT_UTC_OFFSET_MS,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


_OWNERS = ("/crm/v3/owners", "/crm/owners/{version}")
_OWNERS_V2 = ("/owners/v2/owners",)
_ACCOUNT = ("/account-info/v3", "/account-info/{version}")
WAYS = [
    Way("GET", _OWNERS, "", list_owners),
    Way("GET", _OWNERS, "/", list_owners),  # the official client's spelling
    Way("GET", _OWNERS, "/{owner_id}", read_owner),
    Way("GET", _OWNERS_V2, "", list_owners_v2),
    Way("GET", _OWNERS_V2, "/", list_owners_v2),
    Way("GET", _OWNERS_V2, "/{owner_id}", read_owner_v2),
    Way("GET", _ACCOUNT, "/details", account_details),
    Way("GET", _ACCOUNT, "/api-usage/daily/private-apps", daily_usage),
    Way("GET", ("/integrations/v1/me",), "", account),
]
