"""The labels that Lakeshore's forms, call centre and agencies write, and how often: `data/lakeshore.yaml`."""

from __future__ import annotations

import random
from typing import Any, TypeVar

from sandbox.scenarios.source import shipped

T = TypeVar("T")

DATA: dict[str, Any] = shipped("lakeshore")["data"]


def weighted(table: dict[str, Any]) -> tuple[str, ...]:
    """A table of weights written out, so that one draw is one index."""
    return tuple(label for label, weight in table.items() for _ in range(int(weight)))


def pick(rng: random.Random, options: tuple[T, ...] | list[T]) -> T:
    """One of the options, faster than random.choice."""
    return options[int(rng.random() * len(options))]


WEB, CALL, PAID, CHAT = "Web form", "Call tracking", "Paid search lead form", "Chat"
REFERRAL, FAIR = "Referral form", "Health fair"

#: Leads per method in a month of 2,600.
METHOD_WEIGHTS = {method: int(one["leads"]) for method, one in DATA["methods"].items()}
FORMS = {method: weighted(one["forms"]) for method, one in DATA["methods"].items()}

#: Canonical code -> labels seen in the field; the first is the one the forms' own list offers.
AUDIENCES = {code: weighted(labels) for code, labels in DATA["audiences"].items()}
AUDIENCE_OTHER: str = DATA["audience_other"]

_LINES: dict[str, Any] = DATA["service_lines"]
SERVICE_LINES = {code: weighted(line["labels"]) for code, line in _LINES.items()}
SERVICE_MIX = weighted({code: line["weight"] for code, line in _LINES.items()})
UNKNOWN_SERVICES = tuple(DATA["unknown_services"])
#: How campaign codes abbreviate the service lines.
LINE_PARTS: dict[str, str] = {code: line["part"] for code, line in _LINES.items()}
SLUGS: dict[str, str] = {code: line["slug"] for code, line in _LINES.items()}
PROGRAMS: dict[str, str] = {code: line["program"] for code, line in _LINES.items() if "program" in line}

LOCATIONS = {name: weighted(clinic["labels"]) for name, clinic in DATA["clinics"].items()}
CLINIC_MIX = weighted({name: clinic["weight"] for name, clinic in DATA["clinics"].items()})
TELEHEALTH = next(name for name in LOCATIONS if name not in CLINIC_MIX)

URGENCIES = weighted(DATA["urgencies"])
REFERRAL_URGENCIES = weighted(DATA["referral_urgencies"])
TIMELINES = weighted(DATA["timelines"])
PLANS_ACCEPTED = tuple(DATA["plans_accepted"])
PLANS_REFUSED = tuple(DATA["plans_refused"])
PLANS = (*PLANS_ACCEPTED[:6] * 4, "Self-pay", "prairie blue", "", "", "", "", "", "")
EXISTING = weighted(DATA["existing_patient"])
PREFERRED_CONTACT = weighted(DATA["preferred_contact"])
COUNTRIES = weighted(DATA["countries"])
STATE_NAMES = {"IL": "Illinois", "WI": "Wisconsin", "IN": "Indiana", "WA": "Washington"}
CREDENTIALS = weighted(DATA["credentials"])
SPECIALTIES = weighted(DATA["specialties"])
PARTNER_COUNT = int(DATA["partners"])
