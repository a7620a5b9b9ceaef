"""Marketing events, webinars above all: what each is, and who may address it by its id in the webinar tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.clock import iso_ms
from sandbox.hubspot.access import PRIVATE_APP_ID
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.marketing.participations import STATES, Participations
from sandbox.hubspot.marketing.requests import missing
from sandbox.hubspot.marketing.seeds import milliseconds
from sandbox.hubspot.schema import parse_ms

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

FIRST_ID, ID_STEP = 300_000_101, 50
FIELDS = (
    *("eventName", "eventOrganizer", "eventType", "eventDescription", "eventUrl", "startDateTime", "endDateTime"),
    *("eventCancelled", "eventCompleted"),
)
_TIMES = ("startDateTime", "endDateTime")
_FLAGS = ("eventCancelled", "eventCompleted")


@dataclass
class MarketingEvent:
    id: int
    app: int  # which made it
    account: str  # the account in the webinar tool
    external: str
    created: int
    updated: int
    values: dict[str, Any]
    participations: Participations = field(default_factory=Participations)

    @property
    def key(self) -> tuple[int, str, str]:
        return self.app, self.account, self.external

    @property
    def over(self) -> bool:
        """No-shows are counted from here on [SPEC]."""
        return bool(self.values["eventCompleted"])


class MarketingEvents:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.events: dict[int, MarketingEvent] = {}  # in order of id
        self.of_contact: dict[int, dict[int, None]] = {}  # contact -> its events, in order
        self._by_key: dict[tuple[int, str, str], int] = {}
        self._next = FIRST_ID

    def load(self, seeds: Iterable[Mapping[str, Any]]) -> None:
        """Take events as the API shows them, with `attendances` `{contact, state, at, joinedAt?, leftAt?}`."""
        for seed in sorted(seeds, key=lambda one: int(one["objectId"])):
            key, now = int(seed["objectId"]), self._portal.clock.now_ms()
            created, updated = (
                milliseconds(seed[name]) if name in seed else now for name in ("createdAt", "updatedAt")
            )
            app = int(seed.get("appId") or (seed.get("appInfo") or {}).get("id") or PRIVATE_APP_ID)
            account, external = str(seed.get("externalAccountId", "")), str(seed.get("externalEventId") or key)
            event = MarketingEvent(key, app, account, external, created, updated, _new(seed))
            self._keep(event)
            for one in seed.get("attendances", ()):
                more = {name: milliseconds(one[name]) for name in ("joinedAt", "leftAt") if one.get(name)}
                self.record(
                    event, int(one["contact"]), STATES[str(one["state"]).lower()], milliseconds(one["at"]), more
                )
        self._next = max(self.events, default=FIRST_ID - ID_STEP) + ID_STEP

    # -- finding -------------------------------------------------------------------------------------------------

    def find(self, text: str) -> MarketingEvent:
        event = self.events.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
        if event is None:
            raise missing("Marketing event", text)
        return event

    def find_external(self, app: int, account: str, external: str) -> MarketingEvent:
        """Only what the same app has made; else it is not there [DOC]."""
        key = self._by_key.get((app, account, external))
        if key is None:
            raise missing("Marketing event", external)
        return self.events[key]

    def with_external(self, external: str) -> list[MarketingEvent]:
        return [event for event in self.events.values() if event.external == external]

    # -- writing -------------------------------------------------------------------------------------------------

    def create(self, app: int, given: Mapping[str, Any]) -> MarketingEvent:
        """A new event, or what the same app made under the same ids, changed: creating is an upsert [DOC]."""
        account, external = str(given["externalAccountId"]), str(given["externalEventId"])
        checked = accepted(given)
        known = self._by_key.get((app, account, external))
        if known is not None:
            return self.change(self.events[known], given)
        now = self._portal.clock.now_ms()
        event = MarketingEvent(self._next, app, account, external, now, now, _new(checked))
        self._next += ID_STEP
        self._keep(event)
        return event

    def change(self, event: MarketingEvent, given: Mapping[str, Any]) -> MarketingEvent:
        event.values |= accepted(given)
        event.updated = self._portal.clock.now_ms()
        return event

    def remove(self, event: MarketingEvent) -> None:
        del self.events[event.id], self._by_key[event.key]
        for contact in event.participations.rows:
            self.of_contact.get(contact, {}).pop(event.id, None)

    def record(self, event: MarketingEvent, contact: int, state: str, at: int, more: Mapping[str, int]) -> None:
        event.participations.record(contact, state, at, more)
        self.of_contact.setdefault(contact, {})[event.id] = None

    def forget(self, contact: int) -> None:
        """Somebody never took part in anything."""
        for event in self.of_contact.pop(contact, {}):
            del self.events[event].participations.rows[contact]

    def _keep(self, event: MarketingEvent) -> None:
        if event.id in self.events or event.key in self._by_key:
            raise ValueError(f"the scenario has marketing event {event.id} twice")
        self.events[event.id] = event
        self._by_key[event.key] = event.id

    def dump(self, *, times: bool) -> list[dict[str, Any]]:
        return [
            {
                "id": str(event.id),
                "externalEventId": event.external,
                "externalAccountId": event.account,
                **event.values,
                "participations": event.participations.dump(times=times),
            }
            for event in self.events.values()
        ]


def accepted(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request as they are kept. Raises the 400; its texts are ours [UNV].

    Custom properties that the account has not defined are dropped without a word [SPEC], and here none are defined.
    """
    values = {name: given[name] for name in FIELDS if given.get(name) is not None}
    for name in _TIMES:
        if name in values:
            try:
                values[name] = iso_ms(parse_ms(str(values[name])))
            except ValueError:
                raise bad_request(f"Invalid {name}: {values[name]}", context={name: [str(values[name])]}) from None
    for name in _FLAGS:
        if not isinstance(values.get(name, False), bool):
            raise bad_request(f"Invalid {name}: {values[name]}", context={name: [str(values[name])]})
    custom = given.get("customProperties") or []
    if not isinstance(custom, list) or not all(isinstance(one, dict) and one.get("name") for one in custom):
        raise bad_request("Invalid input JSON: 'customProperties' is a list of names and values")
    return values


def _new(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"eventCancelled": False, "eventCompleted": False, "customProperties": [], **accepted(given)}
