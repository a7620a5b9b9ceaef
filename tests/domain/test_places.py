"""Countries, states and ZIP codes (NRM-01): a country decides which law applies, so it is never guessed."""

from typing import Any

import pytest

from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

pytestmark = pytest.mark.feature("NRM-01")

PLACES: list[tuple[str | None, str | None, str | None, tuple[Any, ...], list[str]]] = [
    # zip, state, country -> zip5, state, country, codes
    ("60611", "IL", "US", ("60611", "IL", "US"), []),
    ("60611-2611", "Illinois", "USA", ("60611", "IL", "US"), ["ZIP_TRIMMED"]),
    ("606112611", "illinois ", "U.S.A.", ("60611", "IL", "US"), ["ZIP_TRIMMED"]),
    ("2139", "MA", "US", ("02139", "MA", "US"), ["ZIP_PADDED"]),  # D29
    ("2139", "Massachusetts", None, ("02139", "MA", "US"), ["ZIP_PADDED", "COUNTRY_INFERRED"]),
    ("60611", "WI", "US", ("60611", "IL", "US"), ["ZIP_STATE_CONFLICT"]),
    ("60611", None, "US", ("60611", "IL", "US"), []),
    (None, "WA", "US", (None, "WA", "US"), []),
    (None, None, "US", (None, None, "US"), []),  # D31
    ("99999", None, "US", (None, None, "US"), ["ZIP_UNKNOWN"]),  # D31
    ("99999", "IL", "US", (None, "IL", "US"), ["ZIP_UNKNOWN"]),
    ("n/a", "IL", "US", (None, "IL", "US"), ["ZIP_UNKNOWN"]),
    ("60611", "Ontario", "US", ("60611", "IL", "US"), ["STATE_UNKNOWN"]),
    ("60611", "IL", None, ("60611", "IL", "US"), ["COUNTRY_INFERRED"]),
    ("60311", None, None, (None, None, None), ["COUNTRY_UNKNOWN"]),  # D32: Frankfurt
    ("60611", None, None, (None, None, None), ["COUNTRY_UNKNOWN"]),  # it only looks like Chicago
    ("60311", "WI", None, (None, "WI", None), ["COUNTRY_UNKNOWN"]),
    ("60311", "Hessen", "Deutschland", (None, "Hessen", "DE"), []),
    ("SW1A 1AA", None, "UK", (None, None, "GB"), []),
    ("60611", "IL", "Atlantis", (None, "IL", None), ["COUNTRY_UNKNOWN"]),
]


@pytest.mark.parametrize(("zip", "state", "country", "read", "codes"), PLACES)
def test_a_place(
    zip: str | None,
    state: str | None,
    country: str | None,
    read: tuple[Any, ...],
    codes: list[str],
    catalog: Catalog,
) -> None:
    (lead,) = shape(catalog, {"zip": zip, "state": state, "country": country, "phone": None})
    assert (lead["zip5"], lead["state"], lead["country"]) == read
    assert sorted(lead["codes"]) == sorted(codes)


def test_d32_an_unknown_country_holds_the_lead(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"zip": "60311", "state": None, "country": None})
    assert lead["hold_reason"] == "COUNTRY_UNKNOWN"


def test_cleaned_places_stay_as_they_are(catalog: Catalog) -> None:
    names = ("zip5", "state", "country")
    written = [dict(zip(("zip", "state", "country"), place[:3], strict=True)) for place in PLACES]
    once = [[lead[name] for name in names] for lead in shape(catalog, *written)]
    again = shape(catalog, *[dict(zip(("zip", "state", "country"), place, strict=True)) for place in once])
    assert [[lead[name] for name in names] for lead in again] == once
