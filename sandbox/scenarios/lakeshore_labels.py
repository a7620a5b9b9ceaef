"""The labels that Lakeshore's forms, call centre and agencies write, and how often each occurs."""

from __future__ import annotations

import random
from typing import TypeVar

T = TypeVar("T")

WEB, CALL, PAID, CHAT = "Web form", "Call tracking", "Paid search lead form", "Chat"
REFERRAL, FAIR = "Referral form", "Health fair"

#: Leads per method in a month of 2,600.
METHOD_WEIGHTS = {WEB: 1100, CALL: 700, PAID: 350, CHAT: 200, REFERRAL: 180, FAIR: 70}

FORMS = {
    WEB: ("Request an appointment", "Request an appointment", "Ask us a question", "Find a doctor", "Call me back"),
    CALL: ("Inbound call",),
    PAID: ("Google lead form", "Google lead form", "Bing lead form"),
    CHAT: ("Website chat",),
    REFERRAL: ("Provider referral", "Provider referral", "Partner referral"),
    FAIR: ("Health fair sign-up",),
}


def weighted(table: dict[str, int]) -> tuple[str, ...]:
    """A table of weights written out, so that one draw is one index."""
    return tuple(label for label, weight in table.items() for _ in range(weight))


def pick(rng: random.Random, options: tuple[T, ...] | list[T]) -> T:
    """One of the options, faster than random.choice."""
    return options[int(rng.random() * len(options))]


#: Canonical code -> labels seen in the field; the first is the one the forms' own list offers.
AUDIENCES: dict[str, tuple[str, ...]] = {
    "patient": ("Patient", "Patient", "Patient", "patient", "Self", "Patient / Self"),
    "caregiver": ("Caregiver", "Caregiver", "Family member", "Parent", "caregiver / family"),
    "clinician": ("Referring provider", "Referring provider", "Referring Provider", "Physician"),
    "care_manager": ("Care manager", "Case manager"),
    "practice_admin": ("Practice administrator", "Practice manager"),
    "employer": ("Employer", "HR / Employer"),
    "payer": ("Payer", "Health plan"),
}
AUDIENCE_OTHER = "Other"

SERVICE_LINES: dict[str, tuple[str, ...]] = {
    "cardiology": ("Cardiology", "Cardiology", "Cardiology", "Heart Care", "cardio"),
    "orthopedics": ("Orthopedics", "Orthopedics", "Ortho", "Orthopaedics"),
    "dermatology": ("Dermatology", "Dermatology", "Derm", "Skin"),
    "neurology": ("Neurology", "Neurology", "neuro"),
    "oncology": ("Oncology", "Oncology", "Cancer Care"),
    "womens_health": ("Women's Health", "Women's Health", "OB/GYN", "Womens Health"),
    "gastroenterology": ("Gastroenterology", "GI", "Digestive Health"),
    "pediatrics": ("Pediatrics", "Pediatrics", "Peds"),
    "behavioral_health": ("Behavioral health", "Behavioral Health", "Mental Health", "behavioral"),
}
UNKNOWN_SERVICES = ("Wellness spa", "Vein center", "Laser aesthetics", "Sleep lab", "Travel clinic")
SERVICE_MIX = weighted({
    "cardiology": 20, "orthopedics": 17, "dermatology": 12, "neurology": 7, "oncology": 8, "womens_health": 12,
    "gastroenterology": 9, "pediatrics": 8, "behavioral_health": 7,
})  # fmt: skip
#: How campaign codes abbreviate the service lines.
LINE_PARTS = {
    "cardiology": "cardio", "orthopedics": "ortho", "dermatology": "derm", "neurology": "neuro", "oncology": "onco",
    "womens_health": "wh", "gastroenterology": "gi", "pediatrics": "peds", "behavioral_health": "bh",
}  # fmt: skip
SLUGS = {
    "cardiology": "heart", "orthopedics": "bones-and-joints", "dermatology": "skin", "neurology": "neurology",
    "oncology": "cancer-care", "womens_health": "womens-health", "gastroenterology": "digestive-health",
    "pediatrics": "children", "behavioral_health": "behavioral-health",
}  # fmt: skip

TELEHEALTH = "Lakeshore Telehealth (WA)"
LOCATIONS: dict[str, tuple[str, ...]] = {
    "Lakeshore Chicago": ("Lakeshore Chicago", "Lakeshore Chicago", "Chicago", "Chicago - Streeterville"),
    "Lakeshore Evanston": ("Lakeshore Evanston", "Lakeshore Evanston", "Evanston"),
    "Lakeshore Naperville": ("Lakeshore Naperville", "Lakeshore Naperville", "Naperville"),
    "Lakeshore Milwaukee": ("Lakeshore Milwaukee", "Lakeshore Milwaukee", "Milwaukee", "milwaukee clinic"),
    "Lakeshore Kenosha": ("Lakeshore Kenosha", "Lakeshore Kenosha", "Kenosha"),
    "Lakeshore Hammond": ("Lakeshore Hammond", "Lakeshore Hammond", "Hammond"),
    TELEHEALTH: (TELEHEALTH, TELEHEALTH, "Telehealth", "Video visit"),
}
CLINIC_MIX = weighted({
    "Lakeshore Chicago": 30, "Lakeshore Evanston": 15, "Lakeshore Naperville": 18, "Lakeshore Milwaukee": 20,
    "Lakeshore Kenosha": 8, "Lakeshore Hammond": 9,
})  # fmt: skip

URGENCIES = weighted({"Routine": 52, "routine": 6, "Soon": 22, "ASAP": 3, "Urgent": 5, "urgent": 1, "": 11})
REFERRAL_URGENCIES = weighted({"Routine": 60, "Soon": 24, "Urgent": 12, "URGENT": 2, "": 2})
TIMELINES = weighted({"This week": 25, "Within a month": 33, "1-3 months": 16, "Just researching": 12, "": 14})
PLANS_ACCEPTED = (
    "Prairie Blue PPO", "Great Lakes HMO", "Lakeland Mutual", "Summit Choice Plus", "Medicare", "Medicaid", "Self-pay",
)  # fmt: skip
PLANS_REFUSED = ("Sunrise Discount Card", "Harbor HMO", "Frontier Short-Term")
PLANS = (*PLANS_ACCEPTED[:6] * 4, "Self-pay", "prairie blue", "", "", "", "", "", "")
EXISTING = weighted({"No": 55, "Yes": 15, "": 30})
PREFERRED_CONTACT = weighted({"Phone": 55, "Email": 20, "Text": 15, "": 10})
COUNTRIES = weighted({"United States": 70, "USA": 16, "US": 13, "": 1})
STATE_NAMES = {"IL": "Illinois", "WI": "Wisconsin", "IN": "Indiana", "WA": "Washington"}
PROGRAMS = {
    "cardiology": "AFIB-CLINIC", "orthopedics": "JOINT-REPLACE", "oncology": "SECOND-OPINION",
    "womens_health": "MATERNITY-PLUS", "gastroenterology": "COLON-CHECK", "behavioral_health": "TELE-BH",
}  # fmt: skip

CREDENTIALS = weighted({"MD": 45, "DO": 15, "NP": 14, "PA-C": 10, "MD, FACC": 4, "MD PhD": 2, "RN": 2, "": 8})
SPECIALTIES = weighted({
    "Family Medicine": 30, "Family practice": 6, "Internal Medicine": 24, "IM": 3, "Pediatrics": 9, "OB-GYN": 6,
    "Cardiology": 6, "Emergency Medicine": 4, "Primary care": 6, "": 6,
})  # fmt: skip
PARTNER_COUNT = 41
