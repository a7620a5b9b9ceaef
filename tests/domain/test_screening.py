"""First reading of free text (CON-03 in part): kinds are found, the most urgent decides, no word leaves."""

import polars as pl
import pytest

from crosswalk.domain.screening import screen
from crosswalk.platform.catalog import Catalog
from tests.domain.inquiries import shape

pytestmark = pytest.mark.feature("CON-03")

TEXTS: list[tuple[str, list[str]]] = [
    ("I want to end my life", ["emergency"]),  # D50
    ("Some days I don’t want to live", ["emergency"]),
    ("he is going to kill himself", ["emergency"]),
    ("I can't breathe", ["emergency"]),
    ("I CANNOT BREATHE", ["emergency"]),
    ("my chest hurts badly", ["emergency"]),
    ("My father does not wake up", ["emergency"]),
    ("she took too many pills", ["emergency"]),
    ("patient developed hepatitis two weeks after starting Zelvoria", ["adverse_event"]),  # D51
    ("No side effects so far", ["adverse_event"]),  # D55
    ("had an allergic reaction to the cream", ["adverse_event"]),
    ("We improve SEO, first page of Google", ["vendor"]),  # D20
    ("are you hiring nurses", ["job_seeker"]),  # D43
    ("DOB 03/14/1961 MRN 00482913 uncontrolled T2DM", ["identifiers"]),  # D45
    ("SSN 123-45-6789", ["identifiers"]),  # D46
    ("my social is 900-12-3456", ["identifiers"]),
    ("I was diagnosed last month", ["identifiers"]),
    ("I can't breathe. SSN 123-45-6789", ["emergency", "identifiers"]),
    ("Please call me in the afternoon.", []),
    ("Do you have Saturday hours?", []),
    ("We would like to talk about working together.", []),
    ("Looking for a new doctor close to home.", []),
    ("  ", []),
]


@pytest.mark.parametrize(("text", "kinds"), TEXTS)
def test_a_text(text: str, kinds: list[str], catalog: Catalog) -> None:
    found = screen(pl.DataFrame({"payload_id": ["p"], "message": [text]}), ["message"], catalog.lexicon)
    assert found["kind"].to_list() == kinds


def test_findings_hold_no_word_of_the_text(catalog: Catalog) -> None:
    texts = [text for text, _ in TEXTS if text.strip()]
    frame = pl.DataFrame({"payload_id": [f"p{n}" for n in range(len(texts))], "message": texts})
    found = screen(frame, ["message"], catalog.lexicon)
    assert found.columns == ["payload_id", "kind", "action", "reason"]
    assert set(found["kind"]) <= set(catalog.lexicon.kinds)
    assert set(found["reason"]) == {kind.reason for kind in catalog.lexicon.kinds.values()}


def test_a_kind_spread_over_two_fields_is_found(catalog: Catalog) -> None:
    frame = pl.DataFrame(
        {"payload_id": ["p"], "a": [None], "b": ["SSN 123-45-6789"]}, schema_overrides={"a": pl.String}
    )
    assert screen(frame, ["a", "b", "absent"], catalog.lexicon)["kind"].to_list() == ["identifiers"]
    assert screen(frame, ["absent"], catalog.lexicon).is_empty()


def test_d45_d46_the_lead_goes_on_without_its_text(catalog: Catalog) -> None:
    texts = ["DOB 03/14/1961 MRN 00482913 uncontrolled T2DM", "SSN 123-45-6789"]
    for lead in shape(catalog, *[{"message": text} for text in texts]):
        assert (lead["drop_reason"], lead["hold_reason"], lead["has_text"]) == (None, None, True)
        assert not [
            value for value in lead.values() if isinstance(value, str) and ("00482913" in value or "123-45" in value)
        ]


def test_d50_nothing_is_automated(catalog: Catalog) -> None:
    (lead,) = shape(catalog, {"message": "I want to end my life"})
    assert lead["hold_reason"] == "SAFETY_REVIEW"
