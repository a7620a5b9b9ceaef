"""The handoff package (HND-01): complete or refused, and nothing in it that the target may not see (HND-03)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswalk.domain.handoff import PARTS, describe, over_ceiling
from crosswalk.domain.schema import IDENTIFIED, LEAD, QUALIFIED, ROUTED, S, data_class
from crosswalk.platform.catalog import Catalog
from tests.domain.handed_off import actions, packaged, packages, routed
from tests.domain.leads import NOW, leads

LIAISON = {
    "motion": "referral",
    "lead_type": "clinician_referral",
    "audience": "clinician",
    "timeline": "this_week",
    "npi": "1000000004",
}


@pytest.mark.feature("HND-01")
def test_a_package_says_what_sales_needs(catalog: Catalog) -> None:
    lead = {
        **LIAISON,
        "campaign_name": "Partner portal",
        "conversions": 1,
        "visits": 2,
        "page_views": 7,
        "contact_preference": "phone",
        "buying_role": "champion",
        "has_text": True,
    }
    (package,) = packaged(catalog, lead).rows(named=True)
    assert {name: package[name] for name in PARTS if name not in {"score_reasons", "due_at"}} == {
        "next_action": "call_referrer",
        "reason": "fit 100, intent 100, rule referral",
        "campaign": "Partner portal",
        "topic": "cardiology",
        "engagement": "1 form submissions, 2 visits, 7 pages, 0 e-mail clicks",
        "buyer_role": "champion",
        "timeline": "this_week",
        "contact_preference": "phone",
        "consent": "email granted, phone granted, sms unknown",
        "questions": "held securely, not released",
    }
    assert (package["point"], package["missing"], package["withheld"]) == ("referral_to_liaison", None, [])
    text = describe(packaged(catalog, lead))[0]
    assert text.count("\n") == 12 and "Buyer role: champion" in text and "l1" in text


EMPTIED: list[tuple[str, dict[str, Any]]] = [
    ("next_action", {"consent_email": "denied", "consent_phone": "denied"}),
    ("due_at", {"owner_id": None}),
    ("campaign", {"channel": None}),
    ("topic", {"service_line": None}),
    ("score_reasons", {"score_reasons": []}),
    ("reason", {"fit": None}),
    ("timeline", {"timeline": None}),
    ("consent", {"consent_sms": None}),
]
"""Parts, and what takes each away. Nobody has asked this lead for its role or how it wants to be reached."""


@pytest.mark.feature("HND-01")
@pytest.mark.parametrize(("part", "gone"), EMPTIED, ids=[part for part, _ in EMPTIED])
def test_a_part_that_is_missing_is_named(part: str, gone: dict[str, Any], catalog: Catalog) -> None:
    ready = routed(catalog, LIAISON)
    ready = ready.with_columns(pl.lit(value, dtype=ready.schema[name]).alias(name) for name, value in gone.items())
    strict = replace(catalog, handoff=replace(catalog.handoff, unknown={}))
    (package,) = packages(strict, ready, NOW).rows(named=True)
    assert set(package["missing"].split(", ")) == {part, "buyer_role", "contact_preference"}


@pytest.mark.feature("HND-01")
def test_what_nobody_was_asked_is_said_to_be_unknown(catalog: Catalog) -> None:
    silent = {**LIAISON, "timeline": None, "service_line": None}
    (package,) = packages(
        catalog, routed(catalog, LIAISON).with_columns(pl.lit(None, S).alias("service_line")), NOW
    ).rows(named=True)
    assert package["missing"] is None and package["topic"] == catalog.handoff.unknown["topic"]
    (package,) = packaged(catalog, {**silent, "service_line": "cardiology"}).rows(named=True)
    assert [package[part] for part in ("buyer_role", "timeline", "contact_preference")] == [
        catalog.handoff.unknown[part] for part in ("buyer_role", "timeline", "contact_preference")
    ]


@pytest.mark.feature("HND-01")
def test_an_incomplete_package_is_not_complete_as_an_action(catalog: Catalog) -> None:
    frame = packages(catalog, routed(catalog, LIAISON).with_columns(channel=pl.lit(None, S)), NOW)
    for action in actions(catalog, frame).rows(named=True):
        assert (action["package_complete"], action["missing"]) == (False, "campaign")


@pytest.mark.feature("HND-01")
def test_a_lead_without_a_handoff_point_has_none(catalog: Catalog) -> None:
    frame = routed(catalog, {}).with_columns(next_status=pl.lit("nurturing"))
    assert packages(catalog, frame, NOW)["point"].to_list() == [None]


# ----------------------------------------------------------------------------------------------------- next action


@pytest.mark.feature("HND-01")
@pytest.mark.parametrize(
    ("lead", "action"),
    [
        ({"urgency": "urgent"}, "call_urgent"),
        ({}, "call_appointment"),
        ({"hand_raise": False}, "call_inquiry"),
        ({"hand_raise": False, "contact_preference": "email"}, "email_preferred"),
        ({"consent_phone": "denied"}, "email_inquiry"),  # D36: no call, an answer by e-mail
        ({"consent_phone": "unknown"}, "email_inquiry"),
        ({"phone": None}, "email_inquiry"),
        ({"email": None, "contact_preference": "email"}, "call_appointment"),
        ({"consent_phone": "denied", "consent_email": "denied", "consent_sms": "granted"}, "text_inquiry"),
        ({"consent_phone": "denied", "consent_email": "denied"}, None),
        ({"urgency": "urgent", "consent_phone": "denied"}, "email_inquiry"),
    ],
)
def test_no_permission_no_action_on_that_channel(lead: dict[str, Any], action: str | None, catalog: Catalog) -> None:
    (package,) = packaged(catalog, lead).rows(named=True)
    assert package["next_action"] == action
    assert (package["action_subject"] is None) == (action is None)


CONSENT = st.sampled_from(["granted", "denied", "unknown"])


@pytest.mark.feature("HND-01")
@settings(max_examples=30)
@given(
    lead=st.fixed_dictionaries({"consent_phone": CONSENT, "consent_email": CONSENT, "consent_sms": CONSENT}),
    taken=st.sampled_from(["consent_phone", "consent_email", "consent_sms"]),
)
def test_taking_a_permission_away_never_adds_a_contact(catalog: Catalog, lead: dict[str, str], taken: str) -> None:
    before, after = packaged(catalog, lead, {**lead, taken: "denied"})["next_action"].to_list()
    channels = {one.code: one.channel for one in catalog.handoff.next_actions}
    if after is not None:
        assert before is not None
        assert {**lead, taken: "denied"}[f"consent_{channels[after]}"] == "granted"


# ------------------------------------------------------------------------------------------------------------ due


@pytest.mark.feature("HND-01")
@pytest.mark.parametrize(
    ("now", "hours_to_due"),
    [
        (datetime(2026, 11, 16, 15, tzinfo=UTC), 2),  # Monday 9:00 in Chicago, first touch in two business hours
        (datetime(2026, 11, 16, 22, tzinfo=UTC), 17),  # 16:00: one hour today, one from 8:00 tomorrow
        (datetime(2026, 11, 14, 15, tzinfo=UTC), 49),  # Saturday 9:00 -> Monday 10:00
    ],
)
def test_it_is_due_in_the_owner_s_business_hours(now: datetime, hours_to_due: int, catalog: Catalog) -> None:
    (package,) = packages(catalog, routed(catalog, {}), now).rows(named=True)
    assert package["due_at"] - now == timedelta(hours=hours_to_due)


@pytest.mark.feature("HND-01")
def test_the_due_day_is_the_owner_s_day(catalog: Catalog) -> None:
    """Late afternoon on the west coast is the next day in UTC."""
    western = replace(catalog.owners["intake01"], tz="Pacific/Honolulu")
    ready = routed(catalog, {}).with_columns(owner_id=pl.lit("intake01"))
    changed = replace(catalog, owners={**catalog.owners, "intake01": western})
    (package,) = packages(changed, ready, datetime(2026, 11, 17, 0, 30, tzinfo=UTC)).rows(named=True)  # 14:30 there
    assert package["due_at"] == datetime(2026, 11, 17, 2, 30, tzinfo=UTC)
    assert package["due_date"] == date(2026, 11, 16)


# --------------------------------------------------------------------------------------------------------- ceiling


@pytest.mark.feature("HND-03", "CON-02")
def test_a_patient_s_service_line_stays_in_the_hub(catalog: Catalog) -> None:
    """D48: a field of class 3 for a CRM of ceiling 2 is withheld, and listed as withheld."""
    campaign = {"campaign_code": "2026q4-il-onco", "campaign_name": "Oncology search", "channel": "paid_search"}
    frame = packaged(catalog, {"service_line": "oncology", "payer": "medicare", **campaign})
    (package,) = frame.rows(named=True)
    assert (package["service_line"], package["payer"], package["campaign_code"]) == (None, None, None)
    assert (package["topic"], package["campaign"]) == ("held securely", "held securely")
    assert package["withheld"] == ["service_line", "campaign_code"]
    lead = next(row for row in actions(catalog, frame).rows(named=True) if row["object"] == "Lead")
    assert json.loads(lead["desired"])["fields"]["Crosswalk_Withheld__c"] == "service_line; campaign_code"


@pytest.mark.feature("HND-03", "CON-02")
def test_a_clinician_s_service_line_goes_along(catalog: Catalog) -> None:
    (package,) = packaged(catalog, LIAISON).rows(named=True)
    assert (package["service_line"], package["topic"], package["withheld"]) == ("cardiology", "cardiology", [])


@pytest.mark.feature("HND-03")
def test_rules_that_would_tell_are_protected(catalog: Catalog) -> None:
    patient = {"program_code": "AFIB-CLINIC", "payer": "medicare", "is_existing_patient": True}
    (package,) = packaged(catalog, patient).rows(named=True)
    told = f"{package['score_text']} {package['reason']} {package['rule_id']}"
    for name in ("fit-service", "fit-payer", "fit-existing", "program-afib"):
        assert name not in told
    assert package["rule_id"] == "protected" and "fit protected 40" in told and "fit-area" in told
    (referral,) = packaged(catalog, {**LIAISON, "payer": "medicare"}).rows(named=True)
    assert "fit-service" in referral["score_text"]  # a doctor's wish for a patient names nobody


def canaries(text: str) -> dict[str, str]:
    """A value for each text field of a lead above the CRM's ceiling, found again wherever it goes."""
    fields = {**LEAD, **IDENTIFIED, **QUALIFIED, **ROUTED}
    return {
        name: f"{text}-{name}-canary"
        for name, column in fields.items()
        if column.dtype == S and data_class(name) > 2 and name not in {"lead_type", "motion"}
    }


@pytest.mark.feature("HND-03", "CON-02")
@settings(max_examples=40)
@given(
    text=st.from_regex(r"[a-z]{6}", fullmatch=True),
    lead=st.fixed_dictionaries(
        {
            "urgency": st.sampled_from(["urgent", "routine"]),
            "is_existing_patient": st.none() | st.booleans(),
            "consent_phone": CONSENT,
            "timeline": st.none() | st.just("this_week"),
        }
    ),
)
def test_no_value_above_the_ceiling_leaves(catalog: Catalog, text: str, lead: dict[str, Any]) -> None:
    hidden = canaries(text)
    assert {"service_line", "program_code", "payer", "utm_term", "utm_raw", "landing_url"} <= hidden.keys()
    ready = routed(catalog, lead).with_columns(pl.lit(value).alias(name) for name, value in hidden.items())
    frame = actions(catalog, packages(catalog, ready, NOW))
    assert frame["over_ceiling"].to_list() == [0, 0]
    assert not [value for value in hidden.values() if value in "".join(frame["desired"])]


@pytest.mark.feature("HND-03", "CON-02")
def test_what_was_not_withheld_would_be_counted() -> None:
    frame = leads({"service_line": "oncology"}, {"service_line": "oncology", "motion": "b2b"}, {"service_line": None})
    assert over_ceiling(frame, ["service_line", "email"], 2).to_list() == [1, 0, 0]
    assert over_ceiling(frame, ["service_line", "email"], 3).to_list() == [0, 0, 0]
    assert over_ceiling(frame, ["service_line", "email"], 1).to_list() == [2, 1, 1]


@pytest.mark.feature("CON-02")
def test_without_an_agreement_nothing_above_class_two_passes(catalog: Catalog) -> None:
    crm = catalog.connections["salesforce"]
    assert crm.ceiling == 3
    assert replace(crm, baa=False).ceiling == 2
    assert catalog.connections["hubspot"].ceiling == 2
