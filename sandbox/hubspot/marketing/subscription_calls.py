"""Subscription preferences v4 and date-versioned: three states, opting out of everything, batches [SPEC]."""

from __future__ import annotations

from typing import Any

from sandbox.clock import iso_ms
from sandbox.hubspot.calls import Call, Reply, Way, batch_reply
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.requests import attributes
from sandbox.hubspot.marketing.subscription_rules import cannot_resubscribe, legal_basis, subscription_id
from sandbox.hubspot.marketing.subscriptions import API, NOT_SPECIFIED, SUBSCRIBED, UNSUBSCRIBED, Choice

MAX_BATCH = 100
CHANNEL = "EMAIL"
Body = dict[str, Any]


def definitions(call: Call) -> Reply:
    types = list(call.portal.marketing.subscriptions.types.values())
    if not call.flag("includeTranslations"):
        types = [{key: value for key, value in one.items() if key != "subscriptionTranslations"} for one in types]
    return _reply(call, types)


def read(call: Call) -> Reply:
    _in_channel(call)
    return _reply(call, _statuses(call, contacts.address(call.portal, call.path["subscriber"])))


def write(call: Call) -> Reply:
    given = attributes(call.body, "PartialPublicStatusRequest", "channel", "statusState", "subscriptionId")
    return _reply(call, [_write(call, contacts.address(call.portal, call.path["subscriber"]), given)])


def read_opt_out(call: Call) -> Reply:
    """Without an opt-out `results` is empty [SPEC]."""
    _in_channel(call)
    return _reply(call, _wide(call, contacts.address(call.portal, call.path["subscriber"])))


def opt_out(call: Call) -> Reply:
    _in_channel(call)
    return _reply(call, _opt_out(call, contacts.address(call.portal, call.path["subscriber"])))


def batch_read(call: Call) -> Reply:
    _in_channel(call)
    return _each(call, lambda email: {"subscriberIdString": email, "statuses": _statuses(call, email)})


def batch_read_opt_outs(call: Call) -> Reply:
    _in_channel(call)
    return _each(call, lambda email: {"subscriberIdString": email, "wideStatuses": _wide(call, email)})


def batch_opt_out(call: Call) -> Reply:
    _in_channel(call)
    return _each(call, lambda email: {"subscriberIdString": email, "statuses": _opt_out(call, email)}, partial=200)


def batch_write(call: Call) -> Reply:
    """Each input for itself; errors beside the results and always a 200, as the specification has no 207 here."""
    _refuse_small_accounts(call)
    started, results, errors = call.portal.clock.now_ms(), [], []
    for entry in _inputs(call, dict):
        try:
            required = ("channel", "statusState", "subscriberIdString", "subscriptionId")
            given = attributes(entry, "PublicStatusRequest", *required)
            results.append(_write(call, contacts.address(call.portal, given["subscriberIdString"]), given))
        except HubSpotError as refused:
            errors.append(_error(refused, str(entry.get("subscriberIdString"))))
    _, body = batch_reply(call, started, 200, results, errors)
    return 200, body


# -- one address ---------------------------------------------------------------------------------------------------


def _statuses(call: Call, email: str) -> list[Body]:
    kept = call.portal.marketing.subscriptions
    return [_status(call, email, key, kept.choice(email, key)) for key in kept.types]


def _status(call: Call, email: str, key: int, choice: Choice) -> Body:
    body = {
        "channel": CHANNEL,
        "subscriberIdString": email,
        "subscriptionId": key,
        "subscriptionName": call.portal.marketing.subscriptions.types[key]["name"],
        "status": choice.status,
        "source": choice.source,
        "timestamp": iso_ms(choice.at),
        "legalBasis": choice.basis,
        "legalBasisExplanation": choice.explanation,
    }
    return {name: value for name, value in body.items() if value is not None}


def _write(call: Call, email: str, given: Body) -> Body:
    """A single opt-out may be taken back here [DOC]; that one from everything stands against it is [UNV]."""
    if given["channel"] != CHANNEL:
        raise bad_request(f"Invalid channel: {given['channel']}", context={"channel": [str(given["channel"])]})
    wanted = given["statusState"]
    if wanted not in (SUBSCRIBED, UNSUBSCRIBED, NOT_SPECIFIED):
        raise bad_request(f"Invalid statusState: {wanted}", context={"statusState": [str(wanted)]})
    key = subscription_id(call, given["subscriptionId"])
    basis, explanation = legal_basis(call, given)
    kept = call.portal.marketing.subscriptions
    before = kept.choice(email, key)
    if kept.opted_out(email) and wanted != UNSUBSCRIBED:
        raise cannot_resubscribe(email, key)
    if before.status == wanted:
        return {**_status(call, email, key, before), "setStatusSuccessReason": "NO_STATUS_CHANGE"}
    choice = kept.choose(email, key, wanted, source=API, basis=basis, explanation=explanation)
    again = before.status == UNSUBSCRIBED and wanted == SUBSCRIBED
    reason = "RESUBSCRIBE_OCCURRED" if again else "REQUESTED_CHANGE_OCCURRED"
    return {**_status(call, email, key, choice), "setStatusSuccessReason": reason}


def _wide(call: Call, email: str) -> list[Body]:
    out = call.portal.marketing.subscriptions.opted_out(email)
    if out is None:
        return []
    return [
        {
            "channel": CHANNEL,
            "subscriberIdString": email,
            "status": out.status,
            "wideStatusType": "PORTAL_WIDE",
            "timestamp": iso_ms(out.at),
        }
    ]


def _opt_out(call: Call, email: str) -> list[Body]:
    """Opting out twice changes nothing; the statuses come back only on request [UNV]."""
    kept = call.portal.marketing.subscriptions
    if kept.opted_out(email) is None:
        kept.opt_out(email, source=API)
    if not call.flag("verbose"):
        return []
    reason = {"setStatusSuccessReason": "UNSUBSCRIBE_FROM_ALL_OCCURRED"}
    return [{**one, **reason} for one in _statuses(call, email)]


# -- requests and replies ------------------------------------------------------------------------------------------


def _in_channel(call: Call) -> None:
    channel = call.query.get("channel")
    if channel != CHANNEL:
        raise bad_request(
            f"Invalid channel: {channel}. The only one is {CHANNEL}.", context={"channel": [str(channel)]}
        )


def _reply(call: Call, results: list[Body]) -> Reply:
    return batch_reply(call, call.portal.clock.now_ms(), 200, results, [])


def _refuse_small_accounts(call: Call) -> None:
    """The batches are for Marketing Hub Enterprise [DOC]; category and text of the refusal [UNV]."""
    if not call.portal.enterprise:
        raise HubSpotError(403, "This account does not have access to Marketing Hub Enterprise.", "BANNED")


def _inputs(call: Call, kind: type) -> list[Any]:
    inputs = call.body.get("inputs") if isinstance(call.body, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(entry, kind) for entry in inputs):
        raise bad_request("Invalid input JSON: 'inputs' is a list")
    if len(inputs) > MAX_BATCH:
        raise bad_request(f"The batch has {len(inputs)} inputs; the limit is {MAX_BATCH}.")
    return inputs


def _each(call: Call, answer: Any, partial: int = 207) -> Reply:
    """A result per address, and an error for what is none."""
    _refuse_small_accounts(call)
    started, results, errors = call.portal.clock.now_ms(), [], []
    for text in _inputs(call, str):
        try:
            results.append(answer(contacts.address(call.portal, text)))
        except HubSpotError as refused:
            errors.append(_error(refused, text))
    status, body = batch_reply(call, started, 200, results, errors)
    return (partial if errors else status), body


def _error(refused: HubSpotError, subscriber: str) -> Body:
    entry = refused.batch_entry(None)
    return {**entry, "context": {**entry["context"], "subscriberIdString": [subscriber]}, "errors": [], "links": {}}


_V4 = ("/communication-preferences/v4", "/communication-preferences/{version}")
WAYS = [
    Way("GET", _V4, "/definitions", definitions),
    Way("POST", _V4, "/statuses/batch/read", batch_read),
    Way("POST", _V4, "/statuses/batch/write", batch_write),
    Way("POST", _V4, "/statuses/batch/unsubscribe-all", batch_opt_out),
    Way("POST", _V4, "/statuses/batch/unsubscribe-all/read", batch_read_opt_outs),
    Way("GET", _V4, "/statuses/{subscriber}", read),
    Way("POST", _V4, "/statuses/{subscriber}", write),
    Way("GET", _V4, "/statuses/{subscriber}/unsubscribe-all", read_opt_out),
    Way("POST", _V4, "/statuses/{subscriber}/unsubscribe-all", opt_out),
]
