"""Identity by exact keys (NRM-03; NRM-02 in part): the same person once, two people never as one."""

import random
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswalk.domain.identity import identify, keys, lead_id, merge
from crosswalk.domain.schema import S
from tests.domain.leads import NOW, by_unit, leads

NOBODY = pl.DataFrame(schema={"kind": S, "value": S, "person_id": S})
NO_LEADS = pl.DataFrame(schema={"person_id": S, "motion": S, "lead_id": S})
STRANGER = {"email": None, "email_key": None, "phone": None, "npi": None}
KEEP = ["first_name", "last_name", "email", "email_key", "phone", "phone_ext", "zip5", "consent_sms", "timeline"]


def people(*rows: dict[str, Any], known: pl.DataFrame = NOBODY) -> list[str | None]:
    """The person of each row, or its doubt."""
    found = identify(leads(*rows), known)
    return [person or doubt for person, doubt in found.select("person_id", "doubt").rows()]


def knowing(*stored: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(list(stored), schema=NOBODY.schema, orient="row")


CLINICIAN = {**STRANGER, "audience": "clinician"}
MAIL, PHONE = {"email_key": "dr.patel@mail.example.org"}, {"phone": "+13125550142"}
NAMELESS, TOM = {"first_name": None}, {"first_name": "Tom"}
ONE, OTHER = {**CLINICIAN, "npi": "1000000004"}, {**CLINICIAN, "npi": "1000000012"}
PLACE = {"street": "1 Elm Ct", "zip5": "60611"}
PAIRS: list[tuple[str, dict[str, Any], dict[str, Any], bool | str]] = [
    ("D15: one address from two platforms", MAIL, MAIL, True),
    ("phone and full name", PHONE, PHONE, True),
    ("phone and name in capitals", PHONE, {**PHONE, "last_name": "ROE"}, True),
    ("a phone alone is a household's", PHONE, {**PHONE, **TOM}, False),
    ("a phone without a name", {**PHONE, **NAMELESS}, {**PHONE, **NAMELESS}, False),
    ("a name alone", {}, {}, False),
    ("a place alone", PLACE, PLACE, False),
    ("one NPI", ONE, {**ONE, "last_name": "Doe"}, True),
    ("D35: NPIs differ, address shared", {**ONE, **MAIL}, {**OTHER, **MAIL}, "NPI_CONFLICT"),
    ("the doctor who sent two patients", {"npi": "1000000004"}, {"npi": "1000000004", **TOM}, False),
    ("a doctor and a patient of theirs", ONE, {"npi": "1000000004", **TOM}, False),
]


@pytest.mark.feature("NRM-02", "NRM-03")
@pytest.mark.parametrize(("left", "right", "same"), [one[1:] for one in PAIRS], ids=[one[0] for one in PAIRS])
def test_a_pair(left: dict[str, Any], right: dict[str, Any], same: bool | str) -> None:
    first, second = people({**STRANGER, **left}, {**STRANGER, **right})
    if isinstance(same, str):
        assert (first, second) == (same, same)
    else:
        assert (first == second) is same


@pytest.mark.feature("NRM-03")
def test_the_same_source_record_is_the_same_person_whatever_it_says() -> None:
    before, after = {"external_id": "7"}, {"external_id": "7", "email_key": "new@mail.example.org", "last_name": "Doe"}
    (once,), (again,) = people(before), people(after)
    assert once == again
    assert people({**after, "unit": "x"}, known=knowing(("source", "hubspot:contacts:7", "p7"))) == ["p7"]


@pytest.mark.feature("NRM-03")
def test_a_known_person_is_found_by_any_key() -> None:
    for kind, value, row in [
        ("email", "jane.roe@mail.example.org", {}),
        ("phone_name", "+13125550142 jane roe", {"email_key": None}),
        ("npi", "1000000004", {**CLINICIAN, "npi": "1000000004"}),
    ]:
        assert people(row, known=knowing((kind, value, "p7"))) == ["p7"]


@pytest.mark.feature("NRM-02")
def test_keys_of_two_known_people_are_ambiguous() -> None:
    known = knowing(("email", "jane.roe@mail.example.org", "p1"), ("phone_name", "+13125550142 jane roe", "p2"))
    assert people({}, {**STRANGER, "last_name": "Other"}, known=known)[0] == "IDENTITY_AMBIGUOUS"


@pytest.mark.feature("NRM-02")
def test_people_are_joined_through_a_third_record() -> None:
    by_mail = {**STRANGER, "email_key": "a@mail.example.org"}
    both = {**STRANGER, "email_key": "a@mail.example.org", "phone": "+13125550142"}
    by_phone = {**STRANGER, "phone": "+13125550142"}
    assert len(set(people(by_mail, both, by_phone))) == 1


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "email_key": st.none()
            | st.sampled_from(["a@mail.example.org", "b@mail.example.org", "c@mail.example.org"]),
            "phone": st.none() | st.sampled_from(["+13125550142", "+13125550143"]),
            "first_name": st.none() | st.sampled_from(["Jane", "Tom"]),
            "npi": st.none() | st.sampled_from(["1000000004", "1000000012"]),
            "audience": st.sampled_from(["patient", "clinician"]),
        }
    ),
    min_size=1,
    max_size=10,
)


@pytest.mark.feature("NRM-02", "NRM-03")
@settings(max_examples=60)
@given(rows=ROWS, seed=st.integers(0, 99))
def test_who_is_who_does_not_depend_on_the_order_of_rows(rows: list[dict[str, Any]], seed: int) -> None:
    frame = leads(*rows)
    mixed = frame.sample(fraction=1, shuffle=True, seed=seed)
    assert by_unit(identify(frame, NOBODY)) == by_unit(identify(mixed, NOBODY))


@pytest.mark.feature("NRM-02", "NRM-03")
@settings(max_examples=60)
@given(rows=ROWS, cut=st.integers(0, 10))
def test_two_batches_never_join_what_one_would_keep_apart(rows: list[dict[str, Any]], cut: int) -> None:
    """A batch knows less than the whole: it may keep two records apart, it never joins strangers."""
    frame = leads(*rows)
    whole = {unit: _group(row) for unit, row in by_unit(identify(frame, NOBODY)).items()}
    first, second = frame.head(cut), frame.slice(min(cut, frame.height))
    told = by_unit(identify(first, NOBODY))
    placed = pl.DataFrame(
        [row for row in told.values() if row["person_id"]], schema={"unit": S, "person_id": S, "doubt": S}
    )
    known = (
        keys(first)
        .join(placed.select("unit", "person_id"), on="unit")
        .select("kind", "value", "person_id")
        .unique(["kind", "value"])
    )
    told |= by_unit(identify(second, known))
    merged: dict[str, set[str]] = {}
    for unit, row in told.items():
        if row["person_id"]:
            merged.setdefault(row["person_id"], set()).add(whole[unit])
    groups = [group for group in merged.values() if "NPI_CONFLICT" not in group]
    assert all(len(group) == 1 for group in groups)


def _group(row: dict[str, Any]) -> str:
    return str(row["person_id"] or row["doubt"])


# ---------------------------------------------------------------------------------------------- folding inquiries


def folded(*rows: dict[str, Any], stored: pl.DataFrame = NO_LEADS) -> dict[str, dict[str, Any]]:
    at = [{"received_at": NOW + timedelta(hours=n), **row} for n, row in enumerate(rows)]
    return by_unit(merge(leads(*at), stored, KEEP))


@pytest.mark.feature("NRM-03")
def test_the_newest_inquiry_goes_on_and_older_ones_fill_its_gaps() -> None:
    told = folded(
        {"zip5": "60611", "timeline": "researching", "first_name": "J."},
        {"zip5": None, "timeline": "this_week", "first_name": "Jane"},
    )
    assert {row["survivor"] for row in told.values()} == {"u1"}
    assert (told["u1"]["zip5"], told["u1"]["timeline"], told["u1"]["first_name"]) == ("60611", "this_week", "Jane")


@pytest.mark.feature("NRM-03")
def test_one_lead_for_each_motion() -> None:
    told = folded({}, {"motion": "referral"}, {"person_id": "p2"})
    assert len({row["lead_id"] for row in told.values()}) == 3
    assert all(row["survivor"] == unit for unit, row in told.items())


@pytest.mark.feature("NRM-03")
@pytest.mark.parametrize(
    ("older", "newer", "kept"),
    [
        ("denied", None, "denied"),
        ("granted", None, "granted"),
        ("granted", "denied", "denied"),
        ("denied", "granted", "granted"),
        (None, None, None),
    ],
)
def test_an_explicit_permission_survives_a_silent_form(older: str | None, newer: str | None, kept: str | None) -> None:
    """Unknown is nothing said; the pipeline brings it as null."""
    assert folded({"consent_sms": older}, {"consent_sms": newer})["u1"]["consent_sms"] == kept
    stored = pl.DataFrame({"person_id": ["p1"], "motion": ["patient"], "lead_id": ["l7"], "consent_sms": [older]},
                          schema_overrides={"consent_sms": S})  # fmt: skip
    assert folded({"consent_sms": newer}, stored=stored)["u0"]["consent_sms"] == kept


@pytest.mark.feature("NRM-03")
def test_a_stored_lead_goes_on_under_its_id() -> None:
    stored = pl.DataFrame({"person_id": ["p1"], "motion": ["patient"], "lead_id": ["l7"], "zip5": ["60611"]})
    told = folded({"zip5": None}, {"person_id": "p2", "zip5": None}, stored=stored)
    assert (told["u0"]["lead_id"], told["u0"]["is_new"], told["u0"]["zip5"]) == ("l7", False, "60611")
    assert told["u1"]["is_new"] is True and told["u1"]["zip5"] is None


@pytest.mark.feature("NRM-03")
def test_what_belongs_together_is_of_one_inquiry() -> None:
    """An extension of the old number is not one of the new number."""
    told = folded(
        {"phone": "+13125550142", "phone_ext": "9", "email": "a@mail.example.org", "email_key": "a@mail.example.org"},
        {"phone": "+13125550143", "phone_ext": None, "email": "info@mail.example.org", "email_key": None},
        {"phone": None, "phone_ext": None, "email": None, "email_key": None},
    )
    for unit in ("u1", "u2"):
        assert (told[unit]["phone"], told[unit]["phone_ext"]) == ("+13125550143", None)
        assert (told[unit]["email"], told[unit]["email_key"]) == ("info@mail.example.org", None)


@pytest.mark.feature("NRM-03")
def test_ids_are_derived_from_what_opened_the_lead() -> None:
    told = folded({}, {})
    assert {row["lead_id"] for row in told.values()} == {lead_id("u0", "patient")}
    assert lead_id("u0", "patient") == lead_id("u0", "patient") != lead_id("u0", "referral")


@pytest.mark.feature("NRM-03")
def test_folding_does_not_depend_on_the_order_of_rows() -> None:
    rows = [
        {"person_id": f"p{n % 3}", "zip5": zip5, "received_at": NOW + timedelta(minutes=n % 4)}
        for n, zip5 in enumerate(["60611", None, "60612", None, None, "60613", None, None])
    ]
    frame = leads(*rows)
    once = by_unit(merge(frame, NO_LEADS, KEEP))
    mixed = list(range(frame.height))
    random.Random(4).shuffle(mixed)
    assert by_unit(merge(frame[mixed], NO_LEADS, KEEP)) == once


@pytest.mark.feature("NRM-03")
def test_no_leads_are_no_problem() -> None:
    nothing = leads({}).clear()
    assert identify(nothing, NOBODY).is_empty() and merge(nothing, NO_LEADS, KEEP).is_empty()
