"""Labels become codes (GLO-02, DQ-02): what nobody has mapped is said, never passed through."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.labels import CodeList, encode, key
from crosswalk.platform.catalog import Catalog
from sandbox.scenarios import build
from tests.domain.inquiries import shape

LABELS: list[tuple[str, str, str]] = [
    # field, as a platform writes it, our code
    ("service_line", "Cardiology", "cardiology"),
    ("service_line", "Heart Care", "cardiology"),
    ("service_line", "  heart   care ", "cardiology"),
    ("service_line", "HEART-CARE", "cardiology"),
    ("service_line", "cardio", "cardiology"),
    ("service_line", "Ortho", "orthopedics"),
    ("service_line", "Orthopaedics", "orthopedics"),
    ("service_line", "Women's Health", "womens_health"),
    ("service_line", "Women’s Health", "womens_health"),
    ("service_line", "Womens Health", "womens_health"),
    ("service_line", "OB/GYN", "womens_health"),
    ("service_line", "ob gyn", "womens_health"),
    ("service_line", "womens_health", "womens_health"),
    ("service_line", "GI", "gastroenterology"),
    ("service_line", "Mental Health", "behavioral_health"),
    ("audience", "Patient", "patient"),
    ("audience", "Patient / Self", "patient"),
    ("audience", "caregiver / family", "caregiver"),
    ("audience", "Referring Provider", "clinician"),
    ("audience", "Physician", "clinician"),
    ("audience", "HR / Employer", "employer"),
    ("audience", "Health plan", "payer"),
    ("specialty", "Family practice", "family_medicine"),
    ("specialty", "OB-GYN", "ob_gyn"),
    ("location", "Chicago - Streeterville", "chicago"),
    ("location", "Video visit", "telehealth"),
    ("urgency", "STAT", "urgent"),
    ("timeline", "Just researching", "researching"),
    ("timeline", "1-3 months", "one_to_three_months"),
    ("payer", "Sunrise Discount Card", "not_accepted"),
    ("payer", "prairie blue", "prairie_blue"),
    ("capture_method", "Health fair", "event_scan"),
    ("capture_method", "Paid search lead form", "ad_lead_form"),
    ("contact_preference", "Text message", "sms"),
    ("buying_role", "Decision maker", "decision_maker"),
]
UNKNOWN = [
    ("service_line", "Wellness spa"),
    ("audience", "Warm-ish"),
    ("urgency", "!!"),
    ("payer", "cash, cheque or chickens"),
    ("specialty", "heart stuff"),
    ("status", "Warm – call l8r"),  # D66
]


@pytest.mark.feature("GLO-02", "DQ-02")
@pytest.mark.parametrize(("field", "label", "code"), LABELS)
def test_a_label_means_a_code(field: str, label: str, code: str, catalog: Catalog) -> None:
    coded, unknown = encode(pl.Series([label]), catalog.codes[field])
    assert (coded.to_list(), unknown.to_list()) == ([code], [False])


@pytest.mark.feature("GLO-02", "DQ-02")
@pytest.mark.parametrize(("field", "label"), UNKNOWN)
def test_an_unknown_label_means_nothing(field: str, label: str, catalog: Catalog) -> None:
    coded, unknown = encode(pl.Series([label]), catalog.codes[field])
    assert (coded.to_list(), unknown.to_list()) == ([None], [True])


@pytest.mark.feature("GLO-02", "DQ-02")
@pytest.mark.parametrize("empty", [None, "", "   "])
def test_no_label_is_not_an_unknown_one(empty: str | None, catalog: Catalog) -> None:
    coded, unknown = encode(pl.Series([empty], dtype=pl.String), catalog.codes["service_line"])
    assert (coded.to_list(), unknown.to_list()) == ([None], [False])


@pytest.mark.feature("GLO-02", "DQ-02")
def test_the_lead_says_which_label_was_unknown(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"service_line_interest": "Warm-ish", "insurance_plan": "none of yours"})
    assert lead["service_line"] is None and lead["payer"] is None
    assert lead["codes"] == ["UNKNOWN_LABEL(service_line)", "UNKNOWN_LABEL(payer)"]


@pytest.mark.feature("GLO-02")
@pytest.mark.parametrize(
    ("field", "property"),
    [
        ("service_line", "service_line_interest"),
        ("audience", "audience_type"),
    ],
)
def test_every_label_in_the_field_is_mapped(field: str, property: str, catalog: Catalog) -> None:
    meant = build("lakeshore", 50, 1).truth["labels"][property]
    coded, _ = encode(pl.Series(list(meant)), catalog.codes[field])
    assert dict(zip(meant, coded, strict=True)) == meant


@given(values=st.lists(st.none() | st.text(max_size=12) | st.sampled_from(["A", "a-1", "Beta", "ß"])))
def test_only_codes_come_out(values: list[str | None]) -> None:
    codes = CodeList("x", "", {"a_1": "", "b": ""}, {"b": ("Beta", "ß")})
    coded, unknown = encode(pl.Series(values, dtype=pl.String), codes)
    for value, code, doubt in zip(values, coded, unknown, strict=True):
        assert code in {None, "a_1", "b"}
        assert doubt == bool(value and value.strip() and code is None)
        assert code is None or key(value or "") in codes.table()
