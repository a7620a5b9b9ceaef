"""Who wants which e-mail: subscription types, the choices per address, and the change that each choice was.

Choices belong to an address, whether or not a contact has it. An opt-out from everything stands above the single ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.clock import iso_ms
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.log import Log
from sandbox.hubspot.marketing.seeds import lower, milliseconds
from sandbox.hubspot.schema import parse_ms

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

SUBSCRIBED, UNSUBSCRIBED, NOT_SPECIFIED = "SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"
LEGAL_BASES = frozenset(
    """
    CONSENT_WITH_NOTICE LEGITIMATE_INTEREST_CLIENT LEGITIMATE_INTEREST_OTHER LEGITIMATE_INTEREST_PQL NON_GDPR
    PERFORMANCE_OF_CONTRACT PROCESS_AND_STORE
    """.split()
)
EVERYTHING = 0  # in the place of a subscription type's id: the opt-out from all of them
API, FORM, PAGE = "API", "FORM", "SUBSCRIPTION_MANAGEMENT"

# What an account starts with; names as in HubSpot's knowledge base [DOC], ids ours [INV].
_DEFAULTS = (("7100001", "Marketing Information"), ("7100002", "Customer Service Communication"))


class Choice(NamedTuple):
    """What an address chose, or somebody for it."""

    status: str
    at: int
    source: str
    basis: str | None = None
    explanation: str | None = None


class Change(NamedTuple):
    """An entry of the timeline: `subscription` is 0 for all of them."""

    at: int
    number: int
    email: str
    subscription: int
    status: str
    source: str


class Subscriptions:
    """The subscription types of a portal and every choice made."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.types: dict[int, dict[str, Any]] = {}
        self.choices: dict[int, dict[str, Choice]] = {EVERYTHING: {}}  # type -> address -> choice
        self._changes: Log[Change] | None = None  # written down when somebody first asks or changes something

    def define(self, seeds: Iterable[Mapping[str, Any]]) -> None:
        """Take the subscription types; each gets the contact property that shows an opt-out from it [3P]."""
        given = list(seeds) or [{"id": key, "name": name, "isDefault": True} for key, name in _DEFAULTS]
        schema = contacts.store_of(self._portal).schema
        model = schema.definitions["hs_email_optout"]
        for seed in given:
            entry = {**_TYPE, **seed, "id": str(seed["id"])}
            self.types[int(entry["id"])] = entry
            self.choices[int(entry["id"])] = {}
            name = f"hs_email_optout_{entry['id']}"
            schema.definitions.setdefault(
                name, {**model, "name": name, "label": f"Opted out of email: {entry['name']}"}
            )

    def load(self, seeds: Iterable[Mapping[str, Any]]) -> None:
        """Take choices `{email, subscriptionId, status, at}`; without a subscriptionId it is an opt-out from all.

        Contacts show an opt-out, though a scenario need not say so twice.
        """
        for seed in seeds:
            subscription = int(seed.get("subscriptionId") or EVERYTHING)
            if subscription not in self.choices:
                raise ValueError(f"the scenario uses an undefined subscription type: {subscription}")
            email, status, source = lower(seed["email"]), intern(seed["status"]), str(seed.get("source", PAGE))
            basis, explanation = seed.get("legalBasis"), seed.get("legalBasisExplanation")
            self.choices[subscription][email] = Choice(status, milliseconds(seed["at"]), source, basis, explanation)
            if status == UNSUBSCRIBED:
                record = contacts.by_email(self._portal, email)
                if record is not None:
                    record.properties.setdefault(_shown_as(subscription), "true")

    # -- asking --------------------------------------------------------------------------------------------------

    def opted_out(self, email: str) -> Choice | None:
        """The opt-out from everything, if it stands."""
        choice = self.choices[EVERYTHING].get(email)
        return choice if choice is not None and choice.status == UNSUBSCRIBED else None

    def choice(self, email: str, subscription: int) -> Choice:
        """What holds for one type: the opt-out from everything, else the single choice, else nothing was specified."""
        wide = self.opted_out(email)
        if wide is not None:
            return wide
        made = self.choices[subscription].get(email)
        return made or Choice(NOT_SPECIFIED, parse_ms(self.types[subscription]["createdAt"]), "")

    # -- changing ------------------------------------------------------------------------------------------------

    def choose(
        self,
        email: str,
        subscription: int,
        status: str,
        *,
        source: str,
        basis: str | None = None,
        explanation: str | None = None,
    ) -> Choice:
        """Note a choice and show it on the contact, if one has this address."""
        choice = Choice(status, self._portal.clock.now_ms(), source, basis, explanation)
        changes = self.changes  # before this one is among the choices
        self.choices[subscription][email] = choice
        changes.add(Change(choice.at, len(changes), email, subscription, status, source))
        name, record = _shown_as(subscription), contacts.by_email(self._portal, email)
        if record is not None and (status == UNSUBSCRIBED or name in record.properties):
            contacts.note(self._portal, record, {name: "true" if status == UNSUBSCRIBED else "false"})
        return choice

    def opt_out(self, email: str, *, source: str) -> Choice:
        """No more marketing e-mail of any kind."""
        return self.choose(email, EVERYTHING, UNSUBSCRIBED, source=source)

    @property
    def changes(self) -> Log[Change]:
        """Every change so far; of what a scenario brought, the choices."""
        if self._changes is None:
            seeded = (
                (email, subscription, choice)
                for subscription, made in self.choices.items()
                for email, choice in made.items()
            )
            self._changes = Log(
                Change(choice.at, number, email, subscription, choice.status, choice.source)
                for number, (email, subscription, choice) in enumerate(seeded)
            )
        return self._changes

    def dump(self) -> list[dict[str, Any]]:
        return [
            {"id": f"{email}/{subscription}", "email": email, "subscriptionId": subscription, "status": choice.status}
            for subscription, made in sorted(self.choices.items())
            for email, choice in sorted(made.items())
        ]


def _shown_as(subscription: int) -> str:
    """The contact property that shows an opt-out."""
    return "hs_email_optout" if subscription == EVERYTHING else f"hs_email_optout_{subscription}"


_TYPE: dict[str, Any] = {
    "name": "",
    "description": "",
    "purpose": "Marketing",
    "communicationMethod": "Email",
    "isActive": True,
    "isDefault": False,
    "isInternal": False,
    "createdAt": iso_ms(1_704_100_000_000),
    "updatedAt": iso_ms(1_704_100_000_000),
    "subscriptionTranslations": [],
}
