"""The life of every marketing e-mail: sent, delivered, opened, clicked, …; and what of it shows on the contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sandbox.clock import iso_ms
from sandbox.hubspot.index import Record
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.log import Log
from sandbox.hubspot.marketing.requests import Mark
from sandbox.hubspot.marketing.seeds import lower, milliseconds
from sandbox.hubspot.store import PORTAL_ID

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

TYPES = frozenset(
    """
    SENT DROPPED PROCESSED DELIVERED DEFERRED BOUNCE OPEN CLICK PRINT FORWARD STATUSCHANGE SPAMREPORT UNBOUNCE
    """.split()
)
APP_ID, APP_NAME = 113, "Batch"
_ID_MASK = 0x9E3779B97F4A7C15F39CC0605CEDC835
_SEED_KEYS = frozenset(("type", "recipient", "created", "emailCampaignId", "campaignName", "id"))
Extra = tuple[tuple[str, Any], ...]


class EmailEvent(NamedTuple):
    """One event; `extra` is what only some types have, `url` of a click and the like."""

    created: int
    number: int
    type: str
    recipient: str
    campaign: int
    extra: Extra = ()

    @property
    def id(self) -> str:
        """Looks random, and is the same for the same event of the same scenario."""
        return str(UUID(int=(self.number + 1) * _ID_MASK % (1 << 128)))


class EmailEvents:
    """All events of a portal by time, and per type and recipient."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.names: dict[int, str] = {}  # campaign -> name
        self._take([])

    def _take(self, events: list[EmailEvent]) -> None:
        self.log: Log[EmailEvent] = Log(events)
        self.counters: Counter[tuple[int, str]] = Counter()
        self.first: dict[int, int] = {}  # campaign -> its first event
        self.latest: dict[int, int] = {}  # campaign -> its last event
        by_type: dict[str, list[EmailEvent]] = {}
        for event in self.log.entries:
            by_type.setdefault(event.type, []).append(event)
            self.counters[event.campaign, event.type] += 1
            self.first.setdefault(event.campaign, event.created)
            self.latest[event.campaign] = event.created
        self._happened = len(self.log)  # so that no number comes twice
        self.by_type = {kind: Log(several) for kind, several in by_type.items()}
        self._by_recipient: dict[str, Log[EmailEvent]] | None = None  # built when somebody first asks

    def load(self, seeds: Iterable[Mapping[str, Any]]) -> None:
        """Take `{type, recipient, created ms, emailCampaignId}`, more keys as the type has; no contact changes."""
        events = []
        for number, seed in enumerate(seeds):
            if seed["type"] not in TYPES:
                raise ValueError(f"the scenario has an e-mail event of unknown type {seed['type']}")
            extra: Extra = ()
            if not seed.keys() <= _SEED_KEYS:
                extra = tuple((key, value) for key, value in seed.items() if key not in _SEED_KEYS)
            campaign = int(seed["emailCampaignId"])
            if campaign not in self.names:
                self.names[campaign] = str(seed.get("campaignName") or f"E-mail {campaign}")
            recipient, created = lower(seed["recipient"]), milliseconds(seed["created"])
            events.append(EmailEvent(created, number, intern(seed["type"]), recipient, campaign, extra))
        self._take(events)

    # -- asking --------------------------------------------------------------------------------------------------

    def newest_first(
        self, low: int, high: int, beyond: Mark | None, *, kind: str | None, recipient: str | None
    ) -> Iterator[EmailEvent]:
        """A window, read from the shortest list that holds all of it."""
        if recipient is not None:
            found = self.of_recipient(recipient).newest_first(low, high, beyond)
            return (event for event in found if kind is None or event.type == kind)
        log = self.log if kind is None else self.by_type.get(kind, Log())
        return log.newest_first(low, high, beyond)

    def of_recipient(self, recipient: str) -> Log[EmailEvent]:
        return self._recipients().get(recipient.lower()) or Log()

    def find(self, created: int, key: str) -> EmailEvent | None:
        return next((event for event in self.log.at(created) if event.id == key), None)

    def sent(self, event: EmailEvent) -> EmailEvent | None:
        """The SENT event that began the life of this one's e-mail."""
        for earlier in self.of_recipient(event.recipient).newest_first(0, event.created):
            if earlier.type == "SENT" and earlier.campaign == event.campaign:
                return earlier
        return None

    def forget(self, recipient: str) -> None:
        """Nothing was ever sent to this address. What campaigns have counted stays."""
        for log in (self.log, *self.by_type.values()):
            log.drop(lambda event: event.recipient == recipient)
        self._recipients().pop(recipient, None)

    # -- happening -----------------------------------------------------------------------------------------------

    def happen(self, kind: str, recipient: str, campaign: int, **extra: Any) -> EmailEvent:
        """Something happens to an e-mail now; counters and dates on the contact follow."""
        assert kind in TYPES
        now, email = self._portal.clock.now_ms(), recipient.lower()
        event = EmailEvent(now, self._happened, intern(kind), email, campaign, tuple(sorted(extra.items())))
        self._happened += 1
        recipients = self._recipients()
        self.log.add(event)
        self.by_type.setdefault(kind, Log()).add(event)
        recipients.setdefault(email, Log()).add(event)
        self.counters[campaign, kind] += 1
        self.first.setdefault(campaign, now)
        self.latest[campaign] = max(now, self.latest.get(campaign, 0))
        self.names.setdefault(campaign, f"E-mail {campaign}")
        record = contacts.by_email(self._portal, email)
        if record is not None:
            contacts.note(self._portal, record, self._shown(event, record))
        return event

    def _shown(self, event: EmailEvent, record: Record) -> dict[str, str]:
        """The contact's properties about marketing e-mail, as their descriptions in HubSpot say [DOC]."""
        moment = iso_ms(event.created)
        if event.type == "SENT":
            first = {} if record.properties.get("hs_email_first_send_date") else {"hs_email_first_send_date": moment}
            name = {"hs_email_last_email_name": self.names[event.campaign]}
            return {"hs_email_last_send_date": moment, **name, **first}
        counted = {"DELIVERED": "delivered", "OPEN": "open", "CLICK": "click", "BOUNCE": "bounce"}.get(event.type)
        if counted is None:
            return {}
        values = {f"hs_email_{counted}": contacts.counted(record, f"hs_email_{counted}")}
        if counted in ("open", "click"):
            values[f"hs_email_last_{counted}_date"] = moment
            if not record.properties.get(f"hs_email_first_{counted}_date"):
                values[f"hs_email_first_{counted}_date"] = moment
        return values

    def _recipients(self) -> dict[str, Log[EmailEvent]]:
        if self._by_recipient is None:
            several: dict[str, list[EmailEvent]] = {}
            for event in self.log.entries:
                several.setdefault(event.recipient, []).append(event)
            self._by_recipient = {email: Log(events) for email, events in several.items()}
        return self._by_recipient

    def shown(self, event: EmailEvent) -> dict[str, Any]:
        """The event as the API shows it; UNBOUNCE has no application and no e-mail [DOC]."""
        body: dict[str, Any] = {
            "id": event.id,
            "created": event.created,
            "type": event.type,
            "recipient": event.recipient,
            "portalId": PORTAL_ID,
        }
        if event.type == "UNBOUNCE":
            return body
        body |= {"appId": APP_ID, "appName": APP_NAME, "emailCampaignId": event.campaign}
        if event.type == "SENT":
            body |= {"subject": self.names[event.campaign], "from": "Marketing <marketing@example.org>"}
            body |= {"replyTo": ["marketing@example.org"], "cc": [], "bcc": []}
        else:
            before = self.sent(event)
            if before is not None:
                body["sentBy"] = {"id": before.id, "created": before.created}
        return body | dict(event.extra)
