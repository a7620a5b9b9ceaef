"""Who stands behind each contact, and under which name, mailbox and phone they appear in it."""

from __future__ import annotations

import random
from collections.abc import Callable

from sandbox.scenarios.lakeshore_labels import REFERRAL, pick
from sandbox.scenarios.lakeshore_plan import Plan
from sandbox.scenarios.names import ACCENTED_FIRST, ACCENTED_LAST, folded, mojibake
from sandbox.scenarios.people import PATIENT_DOMAINS, Directory, Person
from sandbox.scenarios.places import FOREIGN
from sandbox.scenarios.practices import Practice
from sandbox.scenarios.staff import STAFF_DOMAIN

_VENDOR_DOMAINS = ("growthbox.example.org", "clickforge.example.org", "rankwise.example.org")
_SPAM_DOMAIN = "bulk.example.org"
_PHONE_SHAPES: tuple[Callable[[str, str], str], ...] = (
    lambda area, line: f"({area}) 555-01{line}",
    lambda area, line: f"{area}-555-01{line}",
    lambda area, line: f"+1{area}55501{line}",
    lambda area, line: f"{area}55501{line}",
    lambda area, line: f"{area}.555.01{line}",
    lambda area, line: f"+1 {area} 555 01{line}",
)


class Cast:
    """Casts every slot of a plan; duplicates play the person of their original."""

    def __init__(self, rng: random.Random, plan: Plan, made: list[Practice]) -> None:
        self._rng = rng
        self._plan = plan
        self._directory = Directory(rng, plan.total)
        partners = [practice for practice in made if practice.partner]
        self.practice: dict[int, Practice] = {}
        self.people: list[Person | None] = [None] * plan.total
        for slot in range(plan.total):
            if slot in plan.original_of:
                continue
            domain = ""
            case = plan.case[slot]
            if case == "D41" or (plan.methods[slot] == REFERRAL and case != "D42"):
                practice = pick(rng, partners if rng.random() < 0.85 else made)
                self.practice[slot] = practice
                domain = practice.domain
            elif case == "D18":
                domain = STAFF_DOMAIN
            elif case == "D20":
                domain = pick(rng, _VENDOR_DOMAINS)
            self.people[slot] = self._person(domain, plan.name[slot] == "mojibake")
        for slot, original in plan.original_of.items():
            self.people[slot] = self.people[original]

    def _person(self, domain: str, accented: bool) -> Person:
        person = self._directory.person(domain)
        if accented:
            person.first, person.last = pick(self._rng, ACCENTED_FIRST), pick(self._rng, ACCENTED_LAST)
            person.mailbox = self._directory.claim(f"{folded(person.first)}.{folded(person.last)}", person.domain)
        return person

    def person(self, slot: int) -> Person:
        """The person in a slot."""
        person = self.people[slot]
        assert person is not None
        return person

    def names(self, slot: int) -> tuple[str, str]:
        """First and last name as typed; either may be empty."""
        person, case, shape = self.person(slot), self._plan.case[slot], self._plan.name[slot]
        first, last = person.first, person.last
        if case == "D17":
            return pick(self._rng, (("asdf", "asdf"), ("test", "test"), ("Test", "User")))
        if case == "D19":
            return first[:2] + last[-3:], last[:3] + first[-2:]
        if case == "dup_name_case":
            return (first.upper(), last.upper()) if self._rng.random() < 0.5 else (first.lower(), last.lower())
        if shape == "mojibake":
            return mojibake(first), mojibake(last)
        if shape == "name_caps":
            return first.upper(), last.upper()
        if shape == "name_last_first":
            full = f"{last}, {first}"
            return (full.upper() if self._rng.random() < 0.5 else full), ""
        if shape == "name_single":
            return first, ""
        return first, last

    def email(self, slot: int) -> str:
        """The address as typed, or nothing."""
        person, case, rng = self.person(slot), self._plan.case[slot], self._rng
        mailbox, domain = person.mailbox, person.domain
        if not case:
            # Not for links that carry the address themselves: the two must stay recognizably the same.
            return person.email.title() if rng.random() < 0.03 and self._plan.track[slot] != "D08" else person.email
        if case in ("missing_email", "missing_both", "dup_no_email", "D27"):
            return ""
        if case == "D17":
            box = self._directory.claim(pick(rng, ("test", "asdf", "qwerty")), "test.com")
            return f"{box}@test.com"
        if case == "D19":
            return f"{folded(person.last)[:6]}{slot}@{_SPAM_DOMAIN}"
        if case == "dup_plus_tag":
            return f"{self._directory.claim(f'{mailbox}+lakeshore', domain)}@{domain}"
        if case in ("dup_other_email", "dup_name_case"):
            other = PATIENT_DOMAINS[(PATIENT_DOMAINS.index(domain) + 1) % len(PATIENT_DOMAINS)]
            spelt = f"{folded(person.last)}_{folded(person.first)[:3]}"
            return f"{self._directory.claim(spelt, other)}@{other}"
        if case in ("D21", "D22"):
            # Claimed: among a million, namesakes at two real domains meet at the mistyped one.
            typo = "gmail.con" if case == "D21" else "gmial.com"
            return f"{self._directory.claim(mailbox, typo)}@{typo}"
        damaged = {
            "email_spaces": f"  {mailbox}@{domain} ",
            "email_inner_space": f"{mailbox.replace('.', ' ', 1)} @{domain}",
            "email_mailto": f"mailto:{mailbox}@{domain}",
            "email_two": f"{mailbox}@{domain}; {mailbox}.home@{PATIENT_DOMAINS[0]}",
        }
        return damaged.get(case, person.email)

    def phone(self, slot: int) -> str:
        """The phone as typed, or nothing."""
        person, case, rng = self.person(slot), self._plan.case[slot], self._rng
        if case in ("missing_phone", "missing_both", "D22"):
            return ""
        if case in ("D27", "D27_email"):
            return "1111111111"
        if case == "phone_short":
            return pick(rng, (f"555-01{person.line}", f"{person.area}5501", f"{person.area}-555-0"))
        if case == "phone_letters":
            return pick(rng, ("call me", f"{person.area}-555-O1{person.line[0]}A", "n/a", "same as before"))
        if case == "D26":
            return f"{person.area}.555.01{person.line} x{int(person.line) % 9 + 1}"
        if case == "D28":
            return f"0044 20 7946 0{int(person.area) % 1000:03d}"
        if case == "D32":
            return self.foreign(slot)[2].format(int(person.line))
        return pick(rng, _PHONE_SHAPES)(person.area, person.line)

    def foreign(self, slot: int) -> tuple[str, str, str]:
        """Postal code, city and phone pattern of somebody from abroad."""
        return FOREIGN[int(self.person(slot).line) % len(FOREIGN)]
