"""Specialty (RTE-03): the registry's taxonomy by NPI, else what the form says, else a doubt."""

from typing import Any

import polars as pl
import pytest

from crosswalk.domain.specialty import resolve
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import leads

pytestmark = pytest.mark.feature("RTE-03")

CASES: list[tuple[str, dict[str, Any], str | None, list[str]]] = [
    ("conflict: NPI wins", {"npi": "1000000004", "specialty": "dermatology"}, "cardiology", ["SPECIALTY_CONFLICT"]),
    ("both agree", {"npi": "1000000004", "specialty": "cardiology"}, "cardiology", []),
    ("only the NPI", {"npi": "1000000020"}, "gastroenterology", []),
    ("only the form", {"specialty": "dermatology"}, "dermatology", []),
    ("an NPI that the registry lacks", {"npi": "1234567893", "specialty": "neurology"}, "neurology", []),
    ("neither", {}, None, ["SPECIALTY_UNKNOWN"]),
    ("a patient has none", {"audience": "patient"}, None, []),
    ("the longest prefix decides", {"npi": "1000000038"}, "internal_medicine", []),
]
REGISTRY = pl.DataFrame(
    {
        "npi": ["1000000004", "1000000020", "1000000038", "1000000004"],
        "taxonomy": ["207RC0000X", "207RG0100X", "207R00000X", "207N00000X"],
    }
)


@pytest.mark.parametrize(("lead", "specialty", "codes"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_a_clinician(lead: dict[str, Any], specialty: str | None, codes: list[str], catalog: Catalog) -> None:
    resolved = resolve(leads({"audience": "clinician", **lead}), catalog.codes["specialty"], REGISTRY)
    assert resolved.select("specialty", "codes").rows() == [(specialty, codes)]


def test_earlier_codes_stay(catalog: Catalog) -> None:
    lead = {"audience": "clinician", "npi": "1000000004", "specialty": "dermatology", "codes": ["NAME_CASE"]}
    resolved = resolve(leads(lead), catalog.codes["specialty"], REGISTRY)
    assert resolved["codes"].to_list() == [["NAME_CASE", "SPECIALTY_CONFLICT"]]


def test_without_a_registry_the_form_is_believed(catalog: Catalog) -> None:
    frame = leads({"npi": "1000000004", "specialty": "dermatology"})
    assert resolve(frame, catalog.codes["specialty"], REGISTRY.clear())["specialty"].to_list() == ["dermatology"]


def test_every_taxonomy_prefix_names_one_specialty(catalog: Catalog) -> None:
    prefixes = catalog.codes["specialty"].native["nucc"]
    assert len(set(prefixes.values())) == len(prefixes)
