"""All that marketing keeps in a portal, as one attribute of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hubspot.marketing.behaviour import Behaviour
from sandbox.hubspot.marketing.email_events import EmailEvents
from sandbox.hubspot.marketing.forms import Forms
from sandbox.hubspot.marketing.marketing_events import MarketingEvents
from sandbox.hubspot.marketing.submissions import Submissions
from sandbox.hubspot.marketing.subscriptions import Subscriptions
from sandbox.hubspot.object_types import every_id

if TYPE_CHECKING:
    from sandbox.hubspot.index import Record
    from sandbox.hubspot.portal import Portal
    from sandbox.scenarios.model import Scenario


class Marketing:
    def __init__(self, portal: Portal) -> None:
        self.forms = Forms(portal)
        self.submissions = Submissions(portal)
        self.emails = EmailEvents(portal)
        self.events = MarketingEvents(portal)
        self.subscriptions = Subscriptions(portal)
        self.behaviour = Behaviour()

    def define(self, scenario: Scenario) -> None:
        """What contacts may refer to: to be loaded before them."""
        self.subscriptions.define(scenario.hubspot_subscription_types)

    def load(self, scenario: Scenario) -> None:
        self.forms.load(scenario.hubspot_forms)
        self.submissions.load(scenario.hubspot_submissions)
        self.emails.load(scenario.hubspot_email_events)
        self.events.load(scenario.hubspot_marketing_events)
        self.subscriptions.load(scenario.hubspot_subscriptions)

    def purge(self, record: Record) -> None:
        """A contact is deleted for privacy, and with it what it did [DOC]; its choices of subscriptions stay [UNV]."""
        email = record.properties.get("email", "").strip().lower()
        if email:
            self.submissions.forget(email)
            self.emails.forget(email)
        for key in map(int, every_id(record.id, record.properties)):
            self.events.forget(key)
            self.behaviour.forget(key)

    def inspect(self) -> dict[str, int]:
        return {
            "forms": len(self.forms.definitions),
            "form_submissions": len(self.submissions),
            "email_events": len(self.emails.log),
            "marketing_events": len(self.events.events),
            "participations": sum(len(one.participations.rows) for one in self.events.events.values()),
            "subscription_types": len(self.subscriptions.types),
            "subscription_choices": sum(map(len, self.subscriptions.choices.values())),
        }

    def dump(self, *, times: bool) -> dict[str, list[dict[str, Any]]]:
        """Without the e-mail events and submissions one by one: there may be hundreds of thousands."""
        return {
            "forms": self.forms.dump(times=times),
            "marketing_events": self.events.dump(times=times),
            "subscription_choices": self.subscriptions.dump(),
        }
