"""HND-07: codes become sentences, keys become recognisable, and what happens next is said for every state."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crosswalk.domain import masking, next_steps
from crosswalk.domain.code_words import CODES, Words
from crosswalk.domain.plain_words import Event, few, sentence
from crosswalk.domain.record_ids import spellings

pytestmark = pytest.mark.feature("HND-07")

AT = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)
WORDS = Words(
    codes={"not_now": "interested, later", "identifiers": "what must not travel"},
    statuses={"recycled": "given back to marketing"},
    rules={"fit-area": "lives where we work", "cardiology": "the heart team"},
    bars={"patient": (40, 30)},
    version="2026.11",
)


def said(step: str, result: str, *reasons: str, **more: Any) -> str:
    return sentence(Event(step, AT, result, reasons, **more), WORDS)


def test_a_code_is_kept_beside_what_it_means() -> None:
    assert WORDS.mean("OUT_OF_AREA") == "OUT_OF_AREA (outside the area that we serve)"
    assert WORDS.mean("DAILY_CAP 25/25") == "DAILY_CAP 25/25 (daily cap 25/25 reached)"
    assert WORDS.mean("UNKNOWN_LABEL(payer)") == "UNKNOWN_LABEL(payer) (a label that nobody has mapped)"
    assert WORDS.mean("not_now") == "not_now (interested, later)", "the admins' own codes as well"
    assert WORDS.mean("SOMETHING_NEW") == "SOMETHING_NEW", "a code that nobody has explained is shown as it is"
    assert [code for code, about in CODES.items() if about.endswith(".") or "{" in about.replace("{rest}", "")] == []


def test_long_lists_are_shortened() -> None:
    assert few(["a"]) == "a"
    assert few(["a", "b", "c", "d"]) == "a, b, c, d", "one more is written out rather than counted"
    assert few(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_qualification_is_told_with_the_bar_of_its_own_version_only() -> None:
    reasons = [
        {"rule": "fit-area", "score": "fit", "points": 30},
        {"rule": "bounds", "score": "fit", "points": -10},
        {"rule": "intent-new", "score": "intent", "points": 20},
    ]
    detail = {"fit": 20, "intent": 20, "score_reasons": reasons, "gate": None, "motion": "patient"}
    text = said("qualify", "nurturing", version="2026.11", detail=detail)
    assert text == (
        "Not ready for sales: fit 20 (lives where we work +30, kept between 0 and 100 -10), intent 20 (intent-new "
        "+20); asked for 40 and 30 -> nurturing (definitions 2026.11)."
    )
    older = said("qualify", "marketing_qualified", version="2025.01", detail=detail)
    assert older.startswith("Qualified: ") and "asked for" not in older
    gated = said(
        "qualify", "disqualified", "OUT_OF_AREA", "fit-area +30", version="2026.11", detail={**detail, "gate": "area"}
    )
    assert gated.startswith("Disqualified by gate area: OUT_OF_AREA (outside the area that we serve). Scores: fit 20")


def test_a_route_names_who_was_passed_over_and_why() -> None:
    refused = [{"owner": f"intake{n:02}", "reason": "OTHER_SERVICE_LINE"} for n in range(6)]
    refused += [{"owner": "d.chen", "reason": "DAILY_CAP 25/25"}]
    detail = {"owner": "m.ortiz", "refused": refused, "inputs": {"territory": "chicago"}, "masked": ["service_line"]}
    assert said("route", "owner", rule="cardiology", detail=detail) == (
        "Routed to m.ortiz: rule cardiology (the heart team). Passed over: intake00, intake01, intake02 and 3 more: "
        "another service line; d.chen: daily cap 25/25 reached. It looked at territory chicago, service_line "
        "(withheld)."
    )
    for result in ("backup", "pool", "default", "kept"):
        assert "m.ortiz" in said("route", result, rule="x", detail={"owner": "m.ortiz"})
    assert said("route", "held", "NO_CAPACITY", rule="patient").startswith("No place yet: rule patient: NO_CAPACITY (")


REFUSED = {"object": "Lead", "fields": ["Company"]}
LATE = {"from": "assigned", "recorded_at": AT + timedelta(hours=2)}
RECYCLED = (
    "Status by sales: assigned -> recycled (given back to marketing): not_now (interested, later). "
    "The hub learned it at 2026-11-16 17:00 UTC."
)
MET = {"kind": "meeting", "code": "no_show", "object": "Event", "record_id": "8", "starts_at": AT}
UNHEARD = {"kind": "activity", "code": "no_answer", "object": "Task", "record_id": "9"}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (
            Event("gate_shaped", AT, "quarantined", ("NOT_CONTACTABLE",)),
            f"Put in quarantine at gate shaped: NOT_CONTACTABLE ({CODES['NOT_CONTACTABLE']}).",
        ),
        (
            Event("screen", AT, "found", ("identifiers",)),
            "The free text was screened and marked: identifiers (what must not travel). The text itself stays sealed.",
        ),
        (
            Event("shape", AT, "rejected", ("SPAM",)),
            "Dropped: SPAM (a machine filled the form in). It is counted and goes nowhere.",
        ),
        (
            Event("identify", AT, "held", ("IDENTITY_AMBIGUOUS",)),
            "Held for a person to look at: IDENTITY_AMBIGUOUS (its keys belong to several people).",
        ),
        (
            Event("apply", AT, "failed", ("REQUIRED_FIELD_MISSING",), system="crm", detail=REFUSED),
            "crm refused the Lead: REQUIRED_FIELD_MISSING (Company).",
        ),
        (
            Event(
                "apply", AT, "updated", system="crm", detail={"object": "Lead", "record_id": "7", "fields": ["City"]}
            ),
            "Updated crm Lead 7 with 1 field: City.",
        ),
        (Event("status", AT, "recycled", ("not_now",), actor="sales", detail=LATE), RECYCLED),
        (
            Event("unassign", AT, "ended", ("withdrawn",), detail={"owner_id": "intake01"}),
            "Taken from intake01: withdrawn (a later decision took it back).",
        ),
        (
            Event("outcome", AT, "stale", ("STALE_EVENT",), system="crm", detail=UNHEARD),
            f"Sales said in crm Task 9: activity no_answer. It changed nothing: STALE_EVENT ({CODES['STALE_EVENT']}).",
        ),
        (
            Event("quarantine", AT, "discarded", ("SPAM",), detail={"quarantine_id": 4}),
            "Left quarantine (row 4). A person discarded it: SPAM (a machine filled the form in).",
        ),
        (
            Event("outcome", AT, "noted", system="crm", detail=MET),
            "Sales said in crm Event 8: meeting of 2026-11-16 15:00 UTC no_show.",
        ),
        (Event("a_step_of_tomorrow", AT, "held", ("WHY",)), "Held at step a_step_of_tomorrow: WHY."),
    ],
)
def test_one_sentence_for_each(event: Event, text: str) -> None:
    assert sentence(event, WORDS) == text


def test_people_are_recognisable_and_no_more() -> None:
    person = {"first_name": "Jane", "last_name": "Roe", "email": "Jane.Roe@example.org", "phone": "+13125550142"}
    assert masking.person(person) == {"name": "J. R.", "email": "J***@example.org", "phone": "+1***0142"}
    assert masking.person(person, revealed=True) == {
        "name": "Jane Roe",
        "email": "Jane.Roe@example.org",
        "phone": "+13125550142",
    }
    assert masking.phone("+442079460142") == "+***0142"
    assert masking.person({}) == {"name": None, "email": None, "phone": None}


def test_a_record_id_may_be_short_or_long() -> None:
    """Both forms are of Salesforce's own documentation of the checksum: capitals decide the last three."""
    assert spellings("00QgK0000000001") == ("00QgK0000000001", "00QgK0000000001UAA")
    assert spellings("0015e00000AbCdE") == ("0015e00000AbCdE", "0015e00000AbCdEAAV")
    assert spellings("00QgK0000000001UAA") == ("00QgK0000000001UAA",)
    assert spellings("100203") == ("100203",)


LEAD = {
    "processing_state": "accepted",
    "status": "assigned",
    "owner_id": "m.ortiz",
    "resume_on": None,
    "merged_into": None,
}
TODAY = date(2026, 11, 16)
DECEMBER = date(2026, 12, 1)
ACTION = {"target": "crm", "object": "Lead", "state": "done", "reason": None}


@pytest.mark.parametrize(
    ("lead", "actions", "paused", "ahead"),
    [
        ({}, [ACTION], [], "Sales has it: m.ortiz is to take it; first touch due 2026-11-17."),
        ({"status": "connected"}, [ACTION], [], "Sales works it: m.ortiz."),
        ({}, [{**ACTION, "state": "pending"}], [], "crm Lead waits to be written by the next run."),
        ({}, [{**ACTION, "state": "pending"}], ["crm"], "the connection crm is paused (crosswalk resume crm)."),
        ({}, [{**ACTION, "state": "failed", "reason": "X"}], [], "crm Lead was refused: X."),
        ({"status": "converted"}, [], [], "Nothing: sales has won it."),
        ({"status": "disqualified"}, [], [], "Nothing: it is closed, unless the person inquires again."),
        ({"status": "nurturing", "owner_id": None}, [], [], "Marketing keeps in touch."),
        (
            {"status": "recycled", "resume_on": date(2027, 2, 1)},
            [],
            [],
            "in touch, and it is looked at again on 2027-02-01.",
        ),
        ({"processing_state": "held_capacity", "resume_on": DECEMBER}, [], [], "looked at again on 2026-12-01."),
        ({"processing_state": "held_capacity", "resume_on": TODAY}, [], [], "looked at again by the next run."),
        ({"processing_state": "held_consent"}, [], [], "until the person permits contact"),
        ({"processing_state": "held_review"}, [], [], "until the record is completed"),
        ({"processing_state": "dropped"}, [], [], "Nothing: it turned out to be nobody's inquiry."),
        ({"processing_state": "merged", "merged_into": "L2"}, [], [], "Nothing here: it is part of lead L2 now."),
    ],
)
def test_what_happens_next(lead: dict[str, Any], actions: list[dict[str, Any]], paused: list[str], ahead: str) -> None:
    (told,) = next_steps.ahead({**LEAD, **lead}, [], actions, paused, "2026-11-17", TODAY)
    assert ahead in told


def test_what_waits_for_a_person_comes_first() -> None:
    first, *_ = next_steps.ahead(LEAD, [{"id": 7, "state": "open"}], [ACTION], [], None, TODAY)
    assert first == "A person must look at row 7 of the quarantine: crosswalk quarantine show 7"
    assert next_steps.ahead_of_nobody([{"id": 7, "state": "open"}], "quarantined") == [first]
    (released,) = next_steps.ahead_of_nobody([{"id": 7, "state": "released"}], "held_review")
    assert released == "A person released row 7 of the quarantine; the next run judges it anew."
    assert next_steps.ahead_of_nobody([{"id": 7, "state": "superseded"}], "dropped")[0].startswith("Nothing")
    assert "the next run reads it again" in next_steps.ahead_of_nobody([], "dropped")[0]
