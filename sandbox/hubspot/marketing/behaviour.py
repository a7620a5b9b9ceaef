"""Web events: which page a known visitor has seen. The events API is there for Enterprise accounts only [DOC]."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID, uuid5

from sandbox.hubspot.marketing.log import Log

VISITED = "e_visited_page"
EVENT_TYPES = (VISITED,)
_EVENTS = UUID("5f1d0c36-53a1-4f2e-9b0a-657665666e74")


class WebEvent(NamedTuple):
    at: int
    number: int
    contact: int
    kind: str
    properties: tuple[tuple[str, str], ...]

    @property
    def id(self) -> str:
        return str(uuid5(_EVENTS, str(self.number)))


class Behaviour:
    def __init__(self) -> None:
        self.log: Log[WebEvent] = Log()
        self.of_contact: dict[int, Log[WebEvent]] = {}
        self._count = 0

    def visit(self, contact: int, url: str, title: str, at: int) -> None:
        properties = (("hs_url", url), ("hs_title", title)) if title else (("hs_url", url),)
        event = WebEvent(at, self._count, contact, VISITED, properties)
        self._count += 1
        self.log.add(event)
        self.of_contact.setdefault(contact, Log()).add(event)

    def forget(self, contact: int) -> None:
        self.log.drop(lambda event: event.contact == contact)
        self.of_contact.pop(contact, None)
