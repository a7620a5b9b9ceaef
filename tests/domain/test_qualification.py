"""Qualification: hard gates with a reason each (QUA-02), fit and intent whose points sum to the score (QUA-01)."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswalk.domain.qualification import (
    HardGate,
    Qualification,
    Signal,
    StageRule,
    Threshold,
    judge,
    lint,
    place,
    qualify,
)
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import leads

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    # gate, what is wrong, result, reason
    ("permitted", {"consent_email": "unknown", "consent_phone": "denied"}, "held", "NO_CONSENT"),
    (
        "permitted",
        {"consent_email": "denied", "consent_phone": "denied", "consent_sms": "denied"},
        "held",
        "NO_CONSENT",
    ),
    ("contactable", {"phone": None, "consent_email": "denied"}, "held", "NO_PERMITTED_CHANNEL"),
    ("contactable", {"email": None, "consent_phone": "denied"}, "held", "NO_PERMITTED_CHANNEL"),
    ("buyer_type", {"motion": "hcp", "lead_type": None}, "rejected", "WRONG_BUYER_ROLE"),
    ("service_known", {"service_line": None}, "held", "SERVICE_UNKNOWN"),
    ("service_offered", {"service_line": "vein_center"}, "rejected", "SERVICE_NOT_OFFERED"),
    ("region_served", {"state": "MA", "zip5": "02139"}, "rejected", "OUT_OF_AREA"),  # D29
    ("country_served", {"country": "CA", "state": None}, "rejected", "OUT_OF_AREA"),
    ("payer", {"payer": "not_accepted"}, "rejected", "PAYER_NOT_ACCEPTED"),
]


@pytest.mark.feature("QUA-02")
@pytest.mark.parametrize(("gate", "wrong", "result", "reason"), REFUSED)
def test_a_gate_refuses_with_its_reason(
    gate: str, wrong: dict[str, Any], result: str, reason: str, catalog: Catalog
) -> None:
    qualified = qualify(leads(wrong), catalog.qualification)
    assert qualified["gate"].to_list() == [gate]
    assert judge(qualified).rows() == [("u0", result, reason)]
    assert (qualified["next_status"][0] == "disqualified") == (result == "rejected")


@pytest.mark.feature("QUA-02")
def test_every_gate_has_a_failing_lead(catalog: Catalog) -> None:
    assert {gate for gate, *_ in REFUSED} == {gate.id for gate in catalog.qualification.gates}


@pytest.mark.feature("QUA-02")
def test_the_first_gate_that_refuses_decides(catalog: Catalog) -> None:
    wrong = {"consent_email": "denied", "consent_phone": "denied", "state": "MA", "payer": "not_accepted"}
    assert judge(qualify(leads(wrong), catalog.qualification))["reason"].to_list() == ["NO_CONSENT"]


@pytest.mark.feature("QUA-02")
@pytest.mark.parametrize(
    "sound",
    [
        {},
        {"consent_phone": "denied"},  # D36: by e-mail
        {"state": "WA"},  # telehealth
        {"state": None, "zip5": None},  # D31: the default queue will have it
        {"payer": None},
        {"motion": "b2b", "lead_type": "employer_b2b", "service_line": None, "company": "Harbor Works", "state": "TX"},
    ],
)
def test_a_sound_lead_passes_every_gate(sound: dict[str, Any], catalog: Catalog) -> None:
    qualified = qualify(leads(sound), catalog.qualification)
    assert qualified["gate"].to_list() == [None] and judge(qualified).is_empty()
    assert qualified["next_status"].to_list() == ["marketing_qualified"]


@pytest.mark.feature("QUA-01")
def test_below_the_threshold_marketing_keeps_the_lead(catalog: Catalog) -> None:
    weak = {"hand_raise": False, "capture_method": "event_scan", "timeline": "researching"}
    qualified = qualify(leads(weak), catalog.qualification)
    assert qualified.select("gate", "next_status").rows() == [(None, "nurturing")]
    assert judge(qualified).rows() == [("u0", "skipped", "BELOW_THRESHOLD")]


LEADS = st.fixed_dictionaries(
    {},
    optional={
        "service_line": st.none() | st.just("oncology"),
        "state": st.none() | st.sampled_from(["IL", "MA"]),
        "payer": st.none() | st.just("medicare"),
        "is_existing_patient": st.none() | st.booleans(),
        "audience": st.none() | st.sampled_from(["patient", "clinician"]),
        "motion": st.sampled_from(["patient", "referral", "b2b"]),
        "company": st.none() | st.just("Harbor Works"),
        "hand_raise": st.none() | st.booleans(),
        "lead_type": st.sampled_from(["patient_inquiry", "clinician_referral"]),
        "capture_method": st.none() | st.sampled_from(["web_form", "event_scan", "chat"]),
        "urgency": st.none() | st.sampled_from(["urgent", "routine"]),
        "timeline": st.none() | st.sampled_from(["this_week", "researching"]),
        "email_clicks": st.none() | st.integers(0, 9),
        "visits": st.none() | st.integers(0, 9),
    },
)


@pytest.mark.feature("QUA-01")
@settings(max_examples=40)
@given(rows=st.lists(LEADS, min_size=1, max_size=12))
def test_the_reasons_sum_to_the_scores(catalog: Catalog, rows: list[dict[str, Any]]) -> None:
    for lead in qualify(leads(*rows), catalog.qualification).rows(named=True):
        for score in ("fit", "intent"):
            points = [one["points"] for one in lead["score_reasons"] if one["score"] == score]
            assert sum(points) == lead[score]
            assert 0 <= lead[score] <= 100


@pytest.mark.feature("QUA-01")
def test_points_beyond_the_bounds_are_explained() -> None:
    rules = Qualification(
        gates=(),
        fit=(Signal("much", 90, {"state": "IL"}), Signal("more", 40, {"state": "IL"})),
        intent=(Signal("away", -30, {"state": "IL"}),),
        thresholds={"patient": Threshold()},
    )
    (lead,) = qualify(leads({}), rules).rows(named=True)
    assert (lead["fit"], lead["intent"]) == (100, 0)
    assert [tuple(one.values()) for one in lead["score_reasons"]] == [
        ("much", "fit", 90),
        ("more", "fit", 40),
        ("bounds", "fit", -30),
        ("away", "intent", -30),
        ("bounds", "intent", 30),
    ]


@pytest.mark.feature("QUA-01")
def test_one_raised_hand_outranks_any_number_of_opens(catalog: Catalog) -> None:
    opens = {"hand_raise": False, "capture_method": None, "email_opens": 500, "email_clicks": 500, "visits": 500}
    hand = {"hand_raise": True, "capture_method": None}
    many, one = qualify(leads(opens, hand), catalog.qualification)["intent"]
    assert one > many


@pytest.mark.feature("STG-02")
@pytest.mark.parametrize(
    ("lead", "stage"),
    [
        ({"hand_raise": True}, "evaluation"),
        ({"hand_raise": False, "lead_type": "clinician_referral"}, "evaluation"),
        ({"hand_raise": False, "capture_method": "event_scan"}, "awareness"),
        ({"hand_raise": False}, "consideration"),
        ({"hand_raise": True, "stage": "onboarding"}, "onboarding"),  # what was reached is kept
    ],
)
def test_a_new_lead_is_placed_on_its_journey(lead: dict[str, Any], stage: str, catalog: Catalog) -> None:
    placed = place(leads(lead), catalog.qualification)
    assert placed.select("stage", "status").rows() == [(stage, "new")]


def test_without_stage_rules_the_stage_stays_empty() -> None:
    rules = Qualification((), (), (), {})
    assert place(leads({}), rules)["stage"].to_list() == [None]
    assert place(leads({}), Qualification((), (), (), {}, (StageRule("awareness"),)))["stage"].to_list() == [
        "awareness"
    ]


def test_the_rule_set_as_a_whole_is_checked() -> None:
    gate = HardGate("same", {"state": "IL"}, "OUT_OF_AREA")
    rules = Qualification((gate,), (Signal("same", 5, {}),), (), {"patient": Threshold()})
    assert lint(rules, ["patient", "b2b"]) == [
        (("thresholds",), "motion 'b2b' has no threshold"),
        (("fit", 0, "id"), "rule id 'same' is used twice"),
    ]


def test_no_leads_are_no_problem(catalog: Catalog) -> None:
    qualified = qualify(leads({}).clear(), catalog.qualification)
    assert qualified.is_empty() and judge(qualified).is_empty()
    assert qualified.schema["score_reasons"] == pl.List(
        pl.Struct({"rule": pl.String, "score": pl.String, "points": pl.Int64})
    )
