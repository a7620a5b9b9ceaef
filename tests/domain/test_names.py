"""Personal names (NRM-01): repaired, split from credentials, never "corrected"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crosswalk.domain.names import person
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

pytestmark = pytest.mark.feature("NRM-01")

Read = tuple[str | None, str | None, str | None, list[str]]
NAMES: list[tuple[str | None, str | None, Read]] = [
    ("Jane", "Roe", ("Jane", "Roe", None, [])),
    ("Jane", "de la Cruz", ("Jane", "de la Cruz", None, [])),
    ("jane", "roe", ("jane", "roe", None, [])),
    ("JANE", "ROE", ("Jane", "Roe", None, ["NAME_CASE"])),
    ("JANE", "O'NEILL-DÍAZ", ("Jane", "O'Neill-Díaz", None, ["NAME_CASE"])),
    ("Jane", "O’Neill", ("Jane", "O’Neill", None, [])),
    ("JosÃ©", "NuÃ±ez", ("José", "Nuñez", None, ["MOJIBAKE_FIXED"])),  # D13
    ("Jose\u0301", "Roe", ("José", "Roe", None, [])),
    ("  Jane   Ann ", " Roe ", ("Jane Ann", "Roe", None, [])),
    (None, "DOE, JANE A., MD", ("Jane A.", "Doe", "MD", ["NAME_SPLIT", "CREDENTIALS_SPLIT", "NAME_CASE"])),
    ("REDDER, HEIDI", None, ("Heidi", "Redder", None, ["NAME_SPLIT", "NAME_CASE"])),
    ("Jane", "Doe, Jane", ("Jane", "Doe", None, ["NAME_SPLIT"])),
    ("John", "Smith, Jr.", ("John", "Smith, Jr.", None, [])),
    ("Cher", None, (None, "Cher", None, ["NAME_SINGLE"])),
    (None, "Patel", (None, "Patel", None, [])),
    (None, None, (None, None, None, [])),
    ("Dr. Amit", "Patel", ("Amit", "Patel", None, [])),
    ("Amit", "Patel MD", ("Amit", "Patel", "MD", ["CREDENTIALS_SPLIT"])),
    ("Amit", "Patel, M.D., Ph.D.", ("Amit", "Patel", "MD PhD", ["CREDENTIALS_SPLIT"])),
    ("Amit, RN", "Patel", ("Amit", "Patel", "RN", ["CREDENTIALS_SPLIT"])),
    ("Jane", "Doe DO", ("Jane", "Doe", "DO", ["CREDENTIALS_SPLIT"])),
    ("Minh", "Do", ("Minh", "Do", None, [])),
    (None, "Minh Do", (None, "Minh Do", None, [])),  # a family name, not an osteopath
]


@pytest.mark.parametrize(("first", "last", "read"), NAMES, ids=[f"{one[0]}|{one[1]}" for one in NAMES])
def test_a_name(first: str | None, last: str | None, read: Read) -> None:
    assert person(first, last) == read


@pytest.mark.parametrize(("first", "last", "read"), NAMES, ids=[f"{one[0]}|{one[1]}" for one in NAMES])
def test_a_form_is_read_by_the_same_rules(first: str | None, last: str | None, read: Read, catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"firstname": first, "lastname": last})
    assert (lead["first_name"], lead["last_name"], lead["credentials"]) == read[:3]
    assert set(read[3]) <= set(lead["codes"])


def test_credentials_of_their_own_win(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"lastname": "Patel, MD", "credentials": "DO"})
    assert (lead["last_name"], lead["credentials"]) == ("Patel", "DO")


PART = st.none() | st.text("aBcÉ ,.'-DOMR", max_size=14) | st.sampled_from(["Do", "MD", "DOE, JANE, MD", "JosÃ©"])


@given(first=PART, last=PART)
def test_cleaning_twice_changes_nothing(first: str | None, last: str | None) -> None:
    once = person(first, last)
    assert person(*once[:2])[:2] == once[:2] or once[2] or "," in f"{first}{last}"
