"""Lead types: which inquiry is of which kind (TYP-01), and what each must bring along (DQ-01)."""

from pathlib import Path
from typing import Any

import pytest

from crosswalk.errors import ConfigErrors
from crosswalk.platform.catalog import Catalog
from crosswalk.platform.files import read_yaml
from tests.domain.inquiries import shape

KINDS: list[tuple[dict[str, str | None], str, str]] = [
    ({}, "patient_inquiry", "patient"),
    ({"audience_type": None}, "patient_inquiry", "patient"),
    ({"audience_type": "Other"}, "patient_inquiry", "patient"),  # an unknown label says nothing
    ({"audience_type": "Parent"}, "caregiver_inquiry", "patient"),
    ({"capture_method": "Health fair"}, "event_contact", "patient"),
    ({"audience_type": "Referring provider"}, "clinician_referral", "referral"),
    ({"capture_method": "Referral form"}, "clinician_referral", "referral"),
    ({"audience_type": "Case manager"}, "provider_org_b2b", "b2b"),
    ({"audience_type": "Practice manager"}, "provider_org_b2b", "b2b"),
    ({"audience_type": "HR / Employer"}, "employer_b2b", "b2b"),
    ({"audience_type": "Health plan"}, "payer_b2b", "b2b"),
]


@pytest.mark.feature("TYP-01")
@pytest.mark.parametrize(("contact", "lead_type", "motion"), KINDS)
def test_an_inquiry_is_of_a_kind(contact: dict[str, str | None], lead_type: str, motion: str, catalog: Catalog) -> None:
    (lead,) = shape(catalog, contact)
    assert (lead["lead_type"], lead["motion"]) == (lead_type, motion)


@pytest.mark.feature("TYP-01")
def test_every_type_has_an_inquiry(catalog: Catalog) -> None:
    assert {kind for _, kind, _ in KINDS} == {kind.code for kind in catalog.lead_types.lead_types}


@pytest.mark.feature("TYP-01")
@pytest.mark.parametrize("missing", ["sla", "motion", "owners", "content"])
def test_a_type_must_say_everything(missing: str, tmp_path: Path, catalog: Catalog) -> None:
    lines = {
        "code": "walk_in",
        "about": "Comes by.",
        "motion": "patient",
        "when": "{capture_method: chat}",
        "owners": "[intake]",
        "content": "[educational]",
        "sla": "{accept_hours: 1, first_touch_hours: 2, max_queue_hours: 4, attempts: 4}",
    }
    del lines[missing]
    file = tmp_path / "lead_types.yaml"
    file.write_text("lead_types:\n  - " + "\n    ".join(f"{name}: {text}" for name, text in lines.items()) + "\n")
    with pytest.raises(ConfigErrors) as refused:
        read_yaml(file, "lead-types")
    assert str(refused.value) == f"{file}:2: lead_types[0].{missing}: is missing"


@pytest.mark.feature("TYP-01")
def test_every_type_of_a_sales_motion_has_a_threshold(catalog: Catalog) -> None:
    motions = {kind.motion for kind in catalog.lead_types.lead_types if kind.sales}
    assert motions <= catalog.qualification.thresholds.keys()


# ---------------------------------------------------------------------------------------------- DQ-01: the matrix

COMPLETE: dict[str, dict[str, str | None]] = {kind: contact for contact, kind, _ in reversed(KINDS)}
GONE: dict[str, tuple[str, ...]] = {
    "first_name or last_name": ("firstname", "lastname"),
    "last_name or company": ("firstname", "lastname", "company"),
    "email or phone": ("email", "phone"),
    "audience": ("audience_type",),
}
MATRIX: dict[str, tuple[str, ...]] = {
    "patient_inquiry": ("first_name or last_name", "email or phone"),
    "caregiver_inquiry": ("first_name or last_name", "email or phone"),
    "event_contact": ("first_name or last_name", "email or phone"),
    "clinician_referral": ("last_name or company", "email or phone", "audience"),
    "provider_org_b2b": ("last_name or company", "email or phone"),
    "employer_b2b": ("last_name or company", "email or phone"),
    "payer_b2b": ("last_name or company", "email or phone"),
}


def contact_of(kind: str, **changes: Any) -> dict[str, Any]:
    """A complete inquiry of a kind, but for the changes; a referral that names no audience is known by its form."""
    form = {"capture_method": "Referral form"} if kind == "clinician_referral" else {}
    return {**COMPLETE[kind], **form, **changes}


@pytest.mark.feature("DQ-01")
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in MATRIX.items() for field in fields])
def test_a_required_field_that_is_missing_is_named(kind: str, field: str, catalog: Catalog) -> None:
    (lead,) = shape(catalog, contact_of(kind, **dict.fromkeys(GONE[field])))
    assert (lead["lead_type"], lead["missing_required"]) == (kind, field)


@pytest.mark.feature("DQ-01")
@pytest.mark.parametrize("kind", MATRIX)
def test_a_complete_inquiry_misses_nothing(kind: str, catalog: Catalog) -> None:
    (lead,) = shape(catalog, {**contact_of(kind), **({"audience_type": "Physician"} if "referral" in kind else {})})
    assert lead["missing_required"] is None


@pytest.mark.feature("DQ-01")
@pytest.mark.parametrize("kept", ["firstname", "lastname"])
def test_one_of_several_is_enough(kept: str, catalog: Catalog) -> None:
    gone = "lastname" if kept == "firstname" else "firstname"
    (lead,) = shape(catalog, {gone: None})
    assert lead["missing_required"] is None


@pytest.mark.feature("DQ-01")
def test_all_that_is_missing_is_named(catalog: Catalog) -> None:
    (lead,) = shape(catalog, dict.fromkeys(("firstname", "lastname", "email", "phone")))
    assert lead["missing_required"] == "first_name or last_name, email or phone"


@pytest.mark.feature("DQ-01")
def test_the_matrix_is_that_of_the_rules(catalog: Catalog) -> None:
    rules = {
        kind.code: tuple(one if isinstance(one, str) else " or ".join(one) for one in kind.requires)
        for kind in catalog.lead_types.lead_types
    }
    assert rules == MATRIX
