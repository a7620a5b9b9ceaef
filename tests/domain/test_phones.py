"""Phone numbers (NRM-01): E.164 by the record's country; the quick pattern and the phone library agree."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.phones import Phone, area_codes, clean, well_formed
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

pytestmark = pytest.mark.feature("NRM-01")

NUMBERS: list[tuple[str, str, Phone]] = [
    ("312.555.0142", "US", Phone("+13125550142")),
    ("(312) 555-0142", "US", Phone("+13125550142")),
    ("+1 312 555 0142", "US", Phone("+13125550142")),
    ("1-312-555-0142", "US", Phone("+13125550142")),
    ("312.555.0142 x9", "US", Phone("+13125550142", "9")),  # D26
    ("312-555-0142 ext. 204", "US", Phone("+13125550142", "204")),
    ("312-555-0142 #7", "US", Phone("+13125550142", "7")),
    ("1111111111", "US", Phone(None, None, ("PHONE_INVALID",))),  # D27
    ("0000000000", "US", Phone(None, None, ("PHONE_INVALID",))),
    ("555-0142", "US", Phone(None, None, ("PHONE_INVALID",))),
    ("call me", "US", Phone(None, None, ("PHONE_INVALID",))),
    ("", "US", Phone(None)),
    ("0044 20 7946 0958", "US", Phone("+442079460958")),  # D28
    ("+44 20 7946 0958", "US", Phone("+442079460958")),
    ("011 44 20 7946 0958", "US", Phone("+442079460958")),
    ("020 7946 0958", "GB", Phone("+442079460958")),
    ("800-555-0142", "US", Phone("+18005550142", None, ("PHONE_NOT_PERSONAL",))),
    ("900-555-0142", "US", Phone("+19005550142", None, ("PHONE_NOT_PERSONAL",))),
]


@pytest.mark.parametrize(("written", "country", "read"), NUMBERS, ids=[f"{one[1]} {one[0]}" for one in NUMBERS])
def test_a_number(written: str, country: str, read: Phone) -> None:
    assert clean(written, country) == read


SHAPES = ["{}{}{}", "({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "+1{}{}{}", "+1 {} {} {}", "1-{}-{}-{}", " {} {} {} "]


def quick(*written: str) -> list[str | None]:
    return pl.DataFrame({"phone": written}).select(well_formed("phone")).to_series().to_list()


@given(
    area=st.integers(200, 999),
    exchange=st.integers(200, 999),
    line=st.integers(0, 9999).map("{:04}".format),
    shape=st.sampled_from(SHAPES),
)
def test_the_quick_pattern_agrees_with_the_library(area: int, exchange: int, line: str, shape: str) -> None:
    written = shape.format(area, exchange, line)
    (accepted,) = quick(written)
    assert accepted is None or clean(written) == Phone(accepted)


def test_the_quick_pattern_agrees_with_the_library_for_every_area_code() -> None:
    written = [f"{area}{exchange}0142" for area in range(200, 1000) for exchange in range(200, 1000, 53)]
    told = [(number, accepted) for number, accepted in zip(written, quick(*written), strict=True) if accepted]
    assert [number for number, accepted in told if clean(number) != Phone(accepted)] == []
    assert len({number[:3] for number, _ in told}) == len(area_codes()) > 300


@given(text=st.text("0123456789+()-. x", max_size=20))
def test_reading_a_number_again_changes_nothing(text: str) -> None:
    once = clean(text)
    if once.e164:
        assert clean(once.e164).e164 == once.e164


def test_d27_a_number_that_cannot_be_is_no_way_to_reach_anybody(catalog: Catalog) -> None:
    alone, with_email = shape(catalog, {"phone": "1111111111", "email": None}, {"phone": "1111111111"})
    assert (alone["phone"], alone["contactable"]) == (None, False)
    assert (with_email["phone"], with_email["contactable"]) == (None, True)
    assert "PHONE_INVALID" in alone["codes"] and "PHONE_INVALID" in with_email["codes"]


def test_a_number_is_read_by_the_country_of_the_record(catalog: Catalog) -> None:
    british, american = shape(
        catalog, {"phone": "020 7946 0958", "country": "UK", "zip": None, "state": None}, {"phone": "020 7946 0958"}
    )
    assert british["phone"] == "+442079460958"
    assert american["phone"] is None and "PHONE_INVALID" in american["codes"]
