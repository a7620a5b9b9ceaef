"""What the subscription APIs of both generations ask of a request."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.calls import Call
from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.marketing.subscriptions import LEGAL_BASES


def subscription_id(call: Call, raw: Any) -> int:
    """The id of a type that the portal has. The refusal's text is ours [UNV]."""
    text = str(raw)
    if isinstance(raw, bool) or not (text.isascii() and text.isdigit()):
        raise bad_request(f"Invalid subscription id: {text}", context={"subscriptionId": [text]})
    if int(text) not in call.portal.marketing.subscriptions.types:
        raise bad_request(f"Subscription {text} does not exist", context={"subscriptionId": [text]})
    return int(text)


def legal_basis(call: Call, given: dict[str, Any]) -> tuple[str | None, str | None]:
    """Required where the account's data privacy settings are on [SPEC], the setting `data_privacy` of the sandbox."""
    basis, explanation = given.get("legalBasis"), given.get("legalBasisExplanation")
    if basis is not None and basis not in LEGAL_BASES:
        raise bad_request(f"Invalid legalBasis: {basis}", context={"legalBasis": [str(basis)]})
    if call.portal.data_privacy and not (basis and explanation):
        raise bad_request(
            "legalBasis and legalBasisExplanation are required for portals with data privacy settings turned on",
            context={"legalBasis": [str(basis)]},
        )
    return basis, explanation


def already(email: str, subscription: int, what: str) -> HubSpotError:
    """[UNV] wording."""
    return bad_request(f"{email} is already {what} subscription {subscription}")


def cannot_resubscribe(email: str, subscription: int) -> HubSpotError:
    """That it is refused [DOC]; the words [UNV]."""
    return bad_request(f"Subscription {subscription} for {email} cannot be updated because they have unsubscribed")
