"""National Provider Identifiers (NRM-01): a bad one is left out and said, and never blocks a lead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.npi import clean, is_valid
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

pytestmark = pytest.mark.feature("NRM-01")

WRITTEN: list[tuple[str, tuple[str | None, str | None]]] = [
    ("1234567893", ("1234567893", None)),
    ("1000000004", ("1000000004", None)),
    ("1000000012", ("1000000012", None)),
    (" 1234-567-893 ", ("1234567893", None)),
    ("1234567890", (None, "NPI_INVALID")),  # D33
    ("3234567893", (None, "NPI_INVALID")),
    ("123456789", (None, "NPI_INVALID")),
    ("12345678931", (None, "NPI_INVALID")),
    ("١٢٣٤٥٦٧٨٩٣", (None, "NPI_INVALID")),
    ("none", (None, "NPI_INVALID")),
    ("1.23457E+09", (None, "NPI_EXCEL_DAMAGED")),  # D34
    ("1e9", (None, "NPI_EXCEL_DAMAGED")),
    ("  ", (None, None)),
]


@pytest.mark.parametrize(("written", "read"), WRITTEN)
def test_an_identifier(written: str, read: tuple[str | None, str | None]) -> None:
    assert clean(written) == read


def luhn(number: str) -> bool:
    """The check as ISO/IEC 7812 writes it, over the full number with its prefix."""
    digits = [int(char) for char in reversed("80840" + number)]
    doubled = [2 * digit if place % 2 else digit for place, digit in enumerate(digits)]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


@given(number=st.integers(1_000_000_000, 2_999_999_999).map(str))
def test_the_check_digit_is_luhn_s(number: str) -> None:
    assert is_valid(number) == luhn(number)


@pytest.mark.parametrize(("written", "code"), [("1234567890", "NPI_INVALID"), ("1.23457E+09", "NPI_EXCEL_DAMAGED")])
def test_d33_d34_the_lead_goes_on(written: str, code: str, catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"referring_npi": written, "audience_type": "Physician"})
    assert lead["npi"] is None and code in lead["codes"]
    assert lead["drop_reason"] is None and lead["hold_reason"] is None and lead["lead_type"] == "clinician_referral"
