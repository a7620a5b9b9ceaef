"""How people reach the portal: through its own functions, as a form, an e-mail, a page or a colleague's screen does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.datastructures import QueryParams

from sandbox.clock import iso_ms, to_ms
from sandbox.hubspot.access import PRIVATE_APP_ID
from sandbox.hubspot.batches import batch_create
from sandbox.hubspot.calls import Call
from sandbox.hubspot.index import Record
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.marketing_events import MarketingEvent
from sandbox.hubspot.marketing.subscriptions import PAGE, UNSUBSCRIBED
from sandbox.hubspot.merging import merge_objects
from sandbox.hubspot.portal import Portal
from sandbox.marketers.codes import FORMS

ACCOUNT = "webinar-tool"
FIRST_CAMPAIGN = 910_000


class Desk:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.marketing = portal.marketing
        self.store = contacts.store_of(portal)

    def forms(self) -> list[dict[str, Any]]:
        """The portal's forms that an address alone is enough for; the team makes two where there are none."""
        found = self._fitting()
        if not found:
            self.marketing.forms.load(FORMS)
            found = self._fitting()
        return found

    def _fitting(self) -> list[dict[str, Any]]:
        return [
            form
            for _, form in sorted(self.marketing.forms.definitions.items())
            if not form["archived"] and not form["configuration"]["recaptchaEnabled"] and _easy(form)
        ]

    def submit(self, form: Mapping[str, Any], email: str, page: tuple[str, str], **values: str) -> None:
        """Somebody fills in a form on a page (its address and title), as far as the form has these fields."""
        asked = {field["name"] for group in form["fieldGroups"] for field in group["fields"]}
        given = {name: value for name, value in {**values, "email": email}.items() if name in asked and value}
        fields = [{"objectTypeId": "0-1", "name": name, "value": value} for name, value in given.items()]
        body = {"fields": fields, "context": {"pageUri": page[0], "pageName": page[1]}}
        self.marketing.submissions.submit(dict(form), body, secure=False)

    # -- e-mail --------------------------------------------------------------------------------------------------

    def letter(self, step: int) -> int:
        """The id of the e-mail campaign of a step."""
        campaign = FIRST_CAMPAIGN + step
        self.marketing.emails.names.setdefault(campaign, f"Letter {step}")
        return campaign

    def send(self, email: str, campaign: int, *then: str, **extra: Any) -> list[str]:
        """Send an e-mail and let this happen to it; nothing is sent to who has opted out. Returns the events' types."""
        if self.marketing.subscriptions.opted_out(email) is not None:
            self.marketing.emails.happen("DROPPED", email, campaign, dropReason="PREVIOUSLY_UNSUBSCRIBED_PORTAL")
            return ["DROPPED"]
        for kind in ("SENT", "PROCESSED"):
            self.marketing.emails.happen(kind, email, campaign)
        for kind in then:
            self.marketing.emails.happen(kind, email, campaign, **(extra if kind == then[-1] else {}))
        return ["SENT", "PROCESSED", *then]

    def unsubscribe(self, email: str, campaign: int, subscription: int | None) -> bool:
        """By the link in an e-mail: one type, or all of them; False if that was so before."""
        kept = self.marketing.subscriptions
        if kept.opted_out(email) is not None:
            return False
        if subscription is None:
            kept.opt_out(email, source=PAGE)
            extra: dict[str, Any] = {"portalSubscriptionStatus": "UNSUBSCRIBED"}
        elif kept.choice(email, subscription).status == UNSUBSCRIBED:
            return False
        else:
            kept.choose(email, subscription, UNSUBSCRIBED, source=PAGE)
            extra = {"subscriptions": [{"id": subscription, "status": "UNSUBSCRIBED"}]}
        self.marketing.emails.happen("STATUSCHANGE", email, campaign, source="SOURCE_RECIPIENT", **extra)
        return True

    # -- webinars ------------------------------------------------------------------------------------------------

    def announce(self, step: int) -> MarketingEvent:
        """A webinar in a week, an hour long."""
        start = self.portal.clock.now() + timedelta(days=7)
        times = {"startDateTime": iso_ms(to_ms(start)), "endDateTime": iso_ms(to_ms(start + timedelta(hours=1)))}
        return self.marketing.events.create(
            PRIVATE_APP_ID,
            {
                "externalAccountId": ACCOUNT,
                "externalEventId": f"webinar-{step}",
                "eventName": f"Webinar {step}",
                "eventOrganizer": "Marketing",
                "eventType": "WEBINAR",
                **times,
            },
        )

    def take_part(self, event: MarketingEvent, contact: int, state: str, minutes: int = 0) -> None:
        """Register, attend for some minutes, or cancel."""
        now = self.portal.clock.now_ms()
        more = {"joinedAt": now - minutes * 60_000, "leftAt": now} if minutes else {}
        self.marketing.events.record(event, contact, state, now, more)

    def hold(self, event: MarketingEvent) -> None:
        """The webinar is over: it took place in the hour that ends now."""
        now = self.portal.clock.now_ms()
        times = {"startDateTime": iso_ms(now - 3_600_000), "endDateTime": iso_ms(now)}
        self.marketing.events.change(event, {**times, "eventCompleted": True})

    # -- by hand -------------------------------------------------------------------------------------------------

    def write(self, record: Record, **values: str) -> None:
        self.store.update(record, values)

    def type_in(self, **values: str) -> Record:
        return self.store.create(values).record

    def bring_in(self, rows: list[dict[str, str]]) -> None:
        """Import a list."""
        batch_create(self._call({"inputs": [{"properties": row} for row in rows]}))

    def merge(self, primary: int, other: int) -> None:
        merge_objects(self._call({"primaryObjectId": str(primary), "objectIdToMerge": str(other)}))

    def delete(self, record: Record) -> None:
        self.store.archive(record)

    def _call(self, body: dict[str, Any]) -> Call:
        return Call(self.portal, {"object_type": "contacts"}, QueryParams(), body)


def _easy(form: Mapping[str, Any]) -> bool:
    """No field is required but the address, the names and the phone number."""
    fields = [field for group in form["fieldGroups"] for field in group["fields"]]
    known = ("email", "firstname", "lastname", "phone")
    return any(field["name"] == "email" for field in fields) and all(
        field["name"] in known for field in fields if field["required"]
    )
