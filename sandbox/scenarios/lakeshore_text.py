"""What people write in the message field: harmless lines, and the ones a hub has to catch."""

from __future__ import annotations

import random

from sandbox.scenarios.lakeshore_labels import pick

HARMLESS = (
    "Please call me in the afternoon.",
    "I would like to book a first visit.",
    "Is there parking near the clinic?",
    "Mornings work best for me.",
    "Do you have Saturday hours?",
    "Looking for a new doctor close to home.",
    "Is the entrance wheelchair accessible?",
    "A friend recommended your clinic.",
    "Which documents should I bring?",
    "Do you offer video visits?",
    "Please let me know the next available date.",
    "How long is the first appointment?",
)
REFERRAL_LINES = (
    "Please contact our office to arrange the visit.",
    "Records will follow by fax.",
    "New referral, please confirm receipt.",
    "Please schedule at the location named above.",
)
BUSINESS_LINES = (
    "We would like to talk about working together.",
    "Please send information on your services for our group.",
    "Can someone walk us through the onboarding?",
)
EMERGENCY = (
    "I want to end my life",
    "I can't breathe and my chest feels crushed",
    "My father collapsed and does not wake up, what do I do",
    "I took all of my pills tonight",
)
VENDOR = (
    "We improve SEO, first page of Google",
    "We sell verified e-mail lists of patients in your city, reply for a quote.",
    "Our agency can redesign your website in two weeks, may I send a proposal?",
    "Get more five-star reviews with our software, free demo this week.",
)
JOB = (
    "are you hiring nurses",
    "I am a medical assistant looking for a job, where can I send my resume?",
    "Do you have open positions at the front desk?",
    "I would like to apply for an internship this winter.",
)
OPT_OUT = ("", "", "Please take me off all of your lists.", "Do not contact me again.")
TESTS = ("test", "asdf", "just testing the form", "please ignore, test entry")

_CONDITIONS = (
    "uncontrolled T2DM", "atrial fibrillation", "stage 2 breast cancer", "severe psoriasis", "HIV", "epilepsy",
    "major depression", "Crohn's disease", "rheumatoid arthritis", "chronic migraine", "hepatitis C", "COPD",
)  # fmt: skip
_STORIES = (
    "I was diagnosed with {condition} {when} and the medicine makes me dizzy.",
    "My {condition} got worse {when}, I need someone to look at it.",
    "Looking for a second doctor for my {condition}, first seen {when}.",
    "I have {condition} and ran out of my prescription {when}.",
    "{condition}, treated elsewhere {when}, now it is back.",
)
_WHEN = ("last month", "two weeks ago", "in the spring", "over the summer", "in September", "last year")
_HCP_FORM_STORIES = (
    "I am a patient myself and have had {condition} {when}, please help me.",
    "This is about my own {condition}, it started {when}. I am not a doctor.",
)
_CLINICIAN_LINES = (
    "Dr. {first} {last} here, can you see my patient Thursday?",
    "Dr. {last}, can you see my patient this week?",
    "I am a physician and want to refer a patient to you. Dr. {last}",
)


def identifiers(rng: random.Random) -> tuple[str, list[str]]:
    """A note with birth date and record number, and the strings that must never travel on."""
    born = f"{int(rng.random() * 12) + 1:02d}/{int(rng.random() * 28) + 1:02d}/{1935 + int(rng.random() * 70)}"
    chart = f"{int(rng.random() * 9_000_000) + 100_000:08d}"
    condition = pick(rng, _CONDITIONS)
    text = pick(
        rng,
        (
            f"DOB {born} MRN {chart} {condition}",
            f"My date of birth is {born}, chart number MRN {chart}. I have {condition}.",
            f"MRN: {chart}, DOB: {born}",
        ),
    )
    return text, [born, chart]


def social_security(rng: random.Random) -> tuple[str, list[str]]:
    """A note with a number shaped like a social security number, in a block that is never issued."""
    number = f"900-{int(rng.random() * 49) + 10:02d}-{int(rng.random() * 9000) + 1000}"
    return pick(rng, (f"SSN {number}", f"my social is {number} if you need it for the insurance")), [number]


def health_story(rng: random.Random, on_provider_form: bool = False) -> tuple[str, list[str]]:
    """A note that names a condition; the whole of it is what must not travel on."""
    template = pick(rng, _HCP_FORM_STORIES if on_provider_form else _STORIES)
    text = template.format(condition=pick(rng, _CONDITIONS), when=pick(rng, _WHEN))
    return text, [text]


def clinician_line(rng: random.Random, first: str, last: str) -> str:
    """What a doctor writes who found the patients' form."""
    return pick(rng, _CLINICIAN_LINES).format(first=first[0] + ".", last=last)
