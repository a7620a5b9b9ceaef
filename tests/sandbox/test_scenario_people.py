"""Nobody real: addresses, phones, provider numbers and places stay within what is kept for fiction."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import zipcodes

from sandbox.scenarios import SCENARIO_NOW, Scenario, build
from sandbox.scenarios.names import ACCENTED_FIRST, ACCENTED_LAST, FIRST_NAMES, LAST_NAMES, folded, mojibake
from sandbox.scenarios.npi import invalid_npi, valid_npi
from sandbox.scenarios.places import (
    FOREIGN,
    LEADING_ZERO,
    LOCAL_AREA_CODES,
    NEAR,
    OTHER_AREA_CODES,
    OUT_OF_AREA,
    WASHINGTON,
)

EMAIL = re.compile(r"[a-z0-9._+-]+@([a-z0-9-]+\.)*example\.org\Z", re.IGNORECASE)
BAD_EMAILS = ("D17", "D21", "D22", "email_spaces", "email_inner_space", "email_mailto", "email_two")
BAD_PHONES = ("D26", "D27", "D27_email", "D28", "D32", "phone_short", "phone_letters")


def luhn(number: str) -> bool:
    digits = [int(char) for char in reversed(number)]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


@pytest.fixture(scope="module")
def month() -> Scenario:
    return build("lakeshore", 2_600, 1)


def _ids(scenario: Scenario, cases: tuple[str, ...]) -> set[str]:
    return {row_id for case in cases for row_id in scenario.truth["cases"][case]}


def test_emails_are_fictional_unless_seeded_bad(month: Scenario) -> None:
    bad = _ids(month, BAD_EMAILS)
    for row in month.hubspot_contacts:
        if "email" in row and row["hs_object_id"] not in bad:
            assert EMAIL.match(row["email"]), row["email"]
    seeded = [row["email"] for row in month.hubspot_contacts if row["hs_object_id"] in bad]
    assert len(seeded) == len(bad)
    domain = re.compile(r"@(test\.com|gmail\.con|gmial\.com|(\w+\.)+example\.org)\b")
    assert all(domain.search(email) for email in seeded)
    assert all(EMAIL.match(email) is None for email in seeded)


def test_phones_are_fictional_unless_seeded_bad(month: Scenario) -> None:
    bad = _ids(month, BAD_PHONES)
    areas = {*LOCAL_AREA_CODES, *OTHER_AREA_CODES}
    for row in month.hubspot_contacts:
        if "phone" in row and row["hs_object_id"] not in bad:
            digits = re.sub(r"\D", "", row["phone"])[-10:]
            assert re.fullmatch(r"\d{3}55501\d\d", digits), row["phone"]
            assert digits[:3] in areas


@pytest.mark.parametrize("size", [2_600, 45_000])
def test_emails_ids_and_people_are_distinct(size: int) -> None:
    scenario = build("lakeshore", size, 4)
    emails = [row["email"].lower() for row in scenario.hubspot_contacts if "email" in row]
    assert len(emails) == len(set(emails))
    ids = [int(row["hs_object_id"]) for row in scenario.hubspot_contacts]
    assert ids == list(range(100_001, 100_001 + size))
    skip = {pair["duplicate"] for pair in scenario.truth["duplicates"]} | _ids(scenario, ("D17", "D19"))
    people = [
        (row["firstname"], row.get("lastname"), re.sub(r"\D", "", row["phone"])[-10:])
        for row in scenario.hubspot_contacts
        if "phone" in row and row["hs_object_id"] not in skip
    ]
    assert len(people) == len(set(people))


def test_moments_are_in_order_and_in_the_month(month: Scenario) -> None:
    start = (SCENARIO_NOW - timedelta(days=30)).isoformat()[:19]
    last = ""
    for row in month.hubspot_contacts:
        created, inquiry, modified = row["createdate"], row["inquiry_at"], row["lastmodifieddate"]
        assert start <= created <= inquiry <= modified <= "2026-11-16T15:00:00.000Z"
        assert last <= created
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", inquiry)
        last = created


def test_provider_numbers(month: Scenario) -> None:
    cases = month.truth["cases"]
    referrals = [row for row in month.hubspot_contacts if "referring_npi" in row]
    assert len(referrals) == 180 - len(cases["D42"])
    for row in referrals:
        npi = row["referring_npi"]
        if row["hs_object_id"] in cases["D34"]:
            assert npi == "1.23457E+09"
        else:
            assert re.fullmatch(r"1\d{9}", npi)
            assert luhn("80840" + npi) == (row["hs_object_id"] not in cases["D33"])


def test_known_provider_numbers() -> None:
    assert [valid_npi(number) for number in (1, 2, 3)] == ["1000000004", "1000000012", "1000000020"]
    assert not any(luhn("80840" + invalid_npi(number)) for number in range(1, 500))


def test_properties_used_are_defined(month: Scenario) -> None:
    custom = {definition["name"] for definition in month.hubspot_properties}
    used = {name for row in month.hubspot_contacts for name in row}
    assert custom <= used
    assert {name for name in used - custom if name.startswith("hs_")} <= {
        "hs_object_id", "hs_lead_status", "hs_analytics_source", "hs_email_open", "hs_email_click",
        "hs_analytics_num_page_views", "hs_analytics_num_visits",
    }  # fmt: skip
    assert all(isinstance(value, str) and value for row in month.hubspot_contacts for value in row.values())


def test_places_are_real() -> None:
    tables = (*NEAR.values(), WASHINGTON, OUT_OF_AREA, LEADING_ZERO)
    for zip_code, city, state in [place for table in tables for place in table]:
        found = zipcodes.matching(zip_code)  # type: ignore[no-untyped-call]
        assert (found[0]["city"], found[0]["state"]) == (city, state)
    assert {len(row[0]) for row in LEADING_ZERO} == {5}
    assert not zipcodes.matching(FOREIGN[0][0])  # type: ignore[no-untyped-call]


def test_names_stay_apart_in_mailboxes() -> None:
    assert len(FIRST_NAMES) * len(LAST_NAMES) > 100_000
    for names in (FIRST_NAMES, LAST_NAMES):
        assert len({folded(name) for name in names}) == len(names)
    for name in (*ACCENTED_FIRST, *ACCENTED_LAST):
        assert mojibake(name) != name
        assert mojibake(name).encode("cp1252").decode("utf-8") == name
