"""Distinct invented people: a name, a mailbox and a fictional 555-01xx phone each."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.scenarios.names import FIRST_NAMES, LAST_NAMES, folded
from sandbox.scenarios.places import LOCAL_AREA_CODES, OTHER_AREA_CODES

PATIENT_DOMAINS = ("mail.example.org", "inbox.example.org", "post.example.org")


@dataclass(slots=True)
class Person:
    """Somebody who writes or calls; duplicates of a contact share one person."""

    first: str
    last: str
    mailbox: str
    domain: str
    area: str
    line: str

    @property
    def email(self) -> str:
        return f"{self.mailbox}@{self.domain}"

    @property
    def e164(self) -> str:
        return f"+1{self.area}55501{self.line}"


class Directory:
    """Hands out people whose names differ, or whose phones do once all names are used.

    Phones are fictional and therefore few (a hundred per area code): beyond some 36,000 people they repeat
    between differently named people, as household phones do.
    """

    def __init__(self, rng: random.Random, count: int) -> None:
        self._rng = rng
        names = len(FIRST_NAMES) * len(LAST_NAMES)
        self._names = rng.sample(range(names), min(count, names))
        local = [(area, f"{line:02d}") for area in LOCAL_AREA_CODES for line in range(100)]
        other = [(area, f"{line:02d}") for area in OTHER_AREA_CODES for line in range(100)]
        rng.shuffle(local)
        rng.shuffle(other)
        self._phones = local + other
        self._folded_first = tuple(folded(name) for name in FIRST_NAMES)
        self._folded_last = tuple(folded(name) for name in LAST_NAMES)
        self._taken: set[str] = set()
        self._next = 0

    def claim(self, mailbox: str, domain: str) -> str:
        """The mailbox, or the first numbered variant of it that nobody at the domain has yet."""
        candidate, number = mailbox, 1
        while f"{candidate}@{domain}" in self._taken:
            number += 1
            candidate = f"{mailbox}{number}"
        self._taken.add(f"{candidate}@{domain}")
        return candidate

    def person(self, domain: str = "") -> Person:
        """The next person, at the given domain or at one of the patients' mail providers."""
        number = self._next
        self._next += 1
        last, first = divmod(self._names[number % len(self._names)], len(FIRST_NAMES))
        area, line = self._phones[number % len(self._phones)]
        draw = self._rng.random()
        domain = domain or PATIENT_DOMAINS[int(draw * 3)]
        style = draw * 3 % 1.0
        first_box, last_box = self._folded_first[first], self._folded_last[last]
        if style < 0.55:
            mailbox = f"{first_box}.{last_box}"
        elif style < 0.85:
            mailbox = f"{first_box[0]}.{last_box}{int(style * 1000) % 90 + 10}"
        else:
            mailbox = f"{first_box}{last_box[0]}{int(style * 10000) % 900 + 100}"
        return Person(FIRST_NAMES[first], LAST_NAMES[last], self.claim(mailbox, domain), domain, area, line)
