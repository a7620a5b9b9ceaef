"""What people write in the message field: harmless lines, and the ones a hub has to catch."""

from __future__ import annotations

import random

from sandbox.scenarios.lakeshore_labels import DATA, pick

_TEXTS: dict[str, tuple[str, ...]] = {kind: tuple(lines) for kind, lines in DATA["texts"].items()}
HARMLESS, REFERRAL_LINES, BUSINESS_LINES = _TEXTS["harmless"], _TEXTS["referral"], _TEXTS["business"]
EMERGENCY, VENDOR, JOB, TESTS = _TEXTS["emergency"], _TEXTS["vendor"], _TEXTS["job"], _TEXTS["test"]
OPT_OUT = _TEXTS["opt_out"]


def identifiers(rng: random.Random) -> tuple[str, list[str]]:
    """A note with birth date and record number, and the strings that must never travel on."""
    born = f"{int(rng.random() * 12) + 1:02d}/{int(rng.random() * 28) + 1:02d}/{1935 + int(rng.random() * 70)}"
    chart = f"{int(rng.random() * 9_000_000) + 100_000:08d}"
    condition = pick(rng, _TEXTS["conditions"])
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
    template = pick(rng, _TEXTS["hcp_form_stories" if on_provider_form else "stories"])
    text = template.format(condition=pick(rng, _TEXTS["conditions"]), when=pick(rng, _TEXTS["when"]))
    return text, [text]


def clinician_line(rng: random.Random, first: str, last: str) -> str:
    """What a doctor writes who found the patients' form."""
    return pick(rng, _TEXTS["clinician_lines"]).format(first=first[0] + ".", last=last)
