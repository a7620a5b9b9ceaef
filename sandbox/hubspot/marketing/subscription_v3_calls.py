"""Subscription preferences v3: an address may be subscribed or unsubscribed, but never won back [DOC]."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.requests import attributes
from sandbox.hubspot.marketing.subscription_rules import already, cannot_resubscribe, legal_basis, subscription_id
from sandbox.hubspot.marketing.subscriptions import API, SUBSCRIBED, UNSUBSCRIBED


def definitions(call: Call) -> Reply:
    """Translations are the fourth version's [SPEC]."""
    types = call.portal.marketing.subscriptions.types.values()
    shown = [{key: value for key, value in one.items() if key != "subscriptionTranslations"} for one in types]
    return 200, {"subscriptionDefinitions": shown}


def status(call: Call) -> Reply:
    """For any address: a contact is not needed [UNV]."""
    email = contacts.address(call.portal, call.path["email"])
    types = call.portal.marketing.subscriptions.types
    return 200, {"recipient": email, "subscriptionStatuses": [_status(call, email, key) for key in types]}


def subscribe(call: Call) -> Reply:
    return _change(call, SUBSCRIBED)


def unsubscribe(call: Call) -> Reply:
    return _change(call, UNSUBSCRIBED)


def _change(call: Call, wanted: str) -> Reply:
    given = attributes(call.body, "PublicUpdateSubscriptionStatusRequest", "emailAddress", "subscriptionId")
    email, key = contacts.address(call.portal, given["emailAddress"]), subscription_id(call, given["subscriptionId"])
    basis, explanation = legal_basis(call, given)
    kept = call.portal.marketing.subscriptions
    before = kept.choice(email, key).status
    if before == wanted:
        raise already(email, key, "subscribed to" if wanted == SUBSCRIBED else "unsubscribed from")
    if before == UNSUBSCRIBED:
        raise cannot_resubscribe(email, key)
    kept.choose(email, key, wanted, source=API, basis=basis, explanation=explanation)
    return 200, _status(call, email, key)


def _status(call: Call, email: str, key: int) -> dict[str, Any]:
    """v3 knows two states only; that what was never specified is NOT_SUBSCRIBED is [UNV]."""
    kept = call.portal.marketing.subscriptions
    kind, choice = kept.types[key], kept.choice(email, key)
    body = {
        "id": str(key),
        "name": kind["name"],
        "description": kind["description"],
        "status": "SUBSCRIBED" if choice.status == SUBSCRIBED else "NOT_SUBSCRIBED",
        "sourceOfStatus": "PORTAL_WIDE_STATUS" if kept.opted_out(email) else "SUBSCRIPTION_STATUS",
        "preferenceGroupName": kind["purpose"],
        "legalBasis": choice.basis,
        "legalBasisExplanation": choice.explanation,
    }
    return {name: value for name, value in body.items() if value is not None}


_V3 = ("/communication-preferences/v3",)
WAYS = [
    Way("GET", _V3, "/definitions", definitions),
    Way("GET", _V3, "/status/email/{email}", status),
    Way("POST", _V3, "/subscribe", subscribe),
    Way("POST", _V3, "/unsubscribe", unsubscribe),
]
