"""Every stated proportion is met exactly, and the truth points at contacts that really carry the case."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from sandbox.scenarios import Scenario, build
from sandbox.scenarios.lakeshore_plan import JUNK, RATES, REFERRAL_RATES, share

#: What the description promises for a month, written down a second time.
MONTH = {
    "duplicates": 234, "utm_defects": 572, "unknown_campaign": 104, "missing_contact": 286, "bad_email": 78,
    "bad_phone": 130, "text": 182, "out_of_area": 156, "junk": 130, "opt_out": 39, "phone_unticked": 156,
    "consent_blank": 52, "emergency": 1, "misfiled": 13, "zip_unmatched": 26, "unknown_service": 26, "mojibake": 13,
    "name_shape": 52, "telehealth_wa": 52, "crm_contact": 104, "crm_open_lead": 130, "crm_converted": 26,
    "crm_ambiguous": 13,
}  # fmt: skip

Rows = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def month() -> Scenario:
    return build("lakeshore", 2_600, 1)


@pytest.fixture(scope="module")
def rows(month: Scenario) -> Rows:
    return {row["hs_object_id"]: row for row in month.hubspot_contacts}


def _in(month: Scenario, rows: Rows, *cases: str) -> list[dict[str, str]]:
    return [rows[row_id] for case in cases for row_id in month.truth["cases"][case]]


def test_a_month_is_as_described(month: Scenario) -> None:
    assert {rate: month.truth["rates"][rate] for rate in MONTH} == MONTH
    assert month.truth["methods"] == {
        "Call tracking": 700, "Chat": 200, "Health fair": 70, "Paid search lead form": 350, "Referral form": 180,
        "Web form": 1_100,
    }  # fmt: skip


@pytest.mark.parametrize(("size", "seed"), [(1_000, 3), (2_600, 2), (6_001, 1)])
def test_counts_are_rounded_shares_at_any_size(size: int, seed: int) -> None:
    truth = build("lakeshore", size, seed).truth
    expected = {rate: share(size, bps) for rate, bps in RATES.items()}
    assert truth["rates"] == expected
    for case, bps in REFERRAL_RATES.items():
        assert len(truth["cases"][case]) == share(truth["methods"]["Referral form"], bps)


def test_at_most_one_outcome_case_and_one_tracking_case(month: Scenario) -> None:
    lanes = {"track": ("D01", "D02", "D03", "D04", "D06", "D08", "D09", "D10", "D12", "utm_amp", "utm_duplicate",
                       "utm_fragment", "unknown_campaign", "alias_campaign", "ended_campaign"),
             "name": ("mojibake", "name_caps", "name_last_first", "name_single")}  # fmt: skip
    derived = ("D15", "D48", "D63")
    counts: dict[str, Counter[str]] = {"track": Counter(), "name": Counter(), "case": Counter()}
    for case, found in month.truth["cases"].items():
        if case not in derived:
            lane = next((lane for lane, cases in lanes.items() if case in cases), "case")
            counts[lane].update(found)
    assert {lane: max(counter.values()) for lane, counter in counts.items()} == {"track": 1, "name": 1, "case": 1}
    assert month.truth["clean"] == 2_600 - len(counts["case"])
    junk = {row_id for case in JUNK for row_id in month.truth["cases"][case]}
    assert not junk & set(counts["track"])


def test_duplicates_share_name_and_phone_and_differ_in_email(month: Scenario, rows: Rows) -> None:
    def digits(row: dict[str, str]) -> str:
        return "".join(char for char in row["phone"] if char.isdigit())[-10:]

    for pair in month.truth["duplicates"]:
        one, two = rows[pair["original"]], rows[pair["duplicate"]]
        assert digits(one) == digits(two)
        assert one["email"].lower() != two.get("email", "").lower()
        if pair["kind"] == "dup_no_email":
            assert "email" not in two
        if pair["kind"] == "dup_plus_tag":
            assert "+lakeshore@" in two["email"]


def test_contact_gaps_and_consents(month: Scenario, rows: Rows) -> None:
    ticks = ("email_permission", "phone_permission", "sms_permission")
    assert all("email" not in row and "phone" in row for row in _in(month, rows, "missing_email", "D27"))
    assert all("phone" not in row and "email" in row for row in _in(month, rows, "missing_phone", "D22"))
    assert all("phone" not in row and "email" not in row for row in _in(month, rows, "missing_both"))
    assert all(row["phone_permission"] == "false" and "phone" in row for row in _in(month, rows, "D36"))
    assert all(not row.keys() & set(ticks) for row in _in(month, rows, "consent_blank"))
    assert all([row[tick] for tick in ticks] == ["false"] * 3 for row in _in(month, rows, "opt_out"))
    withheld = {row["hs_object_id"] for row in rows.values() if row.get("phone_permission") == "false"}
    assert withheld == set(month.truth["cases"]["D36"]) | set(month.truth["cases"]["opt_out"])


def test_the_burst_is_one_address_within_two_minutes(month: Scenario, rows: Rows) -> None:
    burst = _in(month, rows, "D19")
    moments = [datetime.fromisoformat(row["inquiry_at"]) for row in burst]
    assert len(burst) == 40 == month.truth["bursts"]["D19"]["count"]
    assert max(moments) - min(moments) < timedelta(minutes=2)
    assert {row["submission_ip"] for row in burst} == {month.truth["bursts"]["D19"]["submission_ip"]}
    filled = {row_id for row_id, row in rows.items() if "honeypot_value" in row}
    assert filled == {row["hs_object_id"] for row in burst}


def test_places_and_labels_of_the_cases(month: Scenario, rows: Rows) -> None:
    labels = month.truth["labels"]
    unknown = set(month.truth["cases"]["unknown_service"])
    for row_id, row in rows.items():
        assert (row["service_line_interest"] not in labels["service_line_interest"]) == (row_id in unknown)
    near = {"IL", "Illinois", "WI", "Wisconsin", "IN", "Indiana"}
    assert all(row["state"] not in near for row in _in(month, rows, "out_of_area", "D29", "telehealth_wa"))
    assert all(len(row["zip"]) == 4 and row["state"] == "MA" for row in _in(month, rows, "D29"))
    assert all(row.get("zip", "99999") == "99999" and "state" not in row for row in _in(month, rows, "D31"))
    assert all("country" not in row and "state" not in row for row in _in(month, rows, "D32"))
    refused = {row_id for row_id, row in rows.items() if labels["insurance_plan"].get(row.get("insurance_plan", "")) ==
               "not_accepted"}  # fmt: skip
    assert refused == set(month.truth["cases"]["payer_not_accepted"])


def test_texts_of_the_cases(month: Scenario, rows: Rows) -> None:
    for row_id, strings in month.truth["canaries"].items():
        assert all(text in rows[row_id]["message"] for text in strings)
    screened = month.truth["cases"]["D45"] + month.truth["cases"]["D46"] + month.truth["cases"]["health_text"]
    assert set(month.truth["canaries"]) == {*screened, *month.truth["cases"]["D42"]}
    assert all("message" in row for row in _in(month, rows, "D17", "D20", "D41", "D43", "D50"))
    assert all(row["email"].endswith("@lakeshore.example.org") for row in _in(month, rows, "D18"))


def test_weekday_profile(month: Scenario) -> None:
    days = Counter((datetime.fromisoformat(row["inquiry_at"]) - timedelta(hours=6)).date() for row in
                   month.hubspot_contacts)  # fmt: skip
    by_weekday: dict[int, list[int]] = {}
    for day, count in days.items():
        if date(2026, 10, 18) <= day <= date(2026, 11, 15):
            by_weekday.setdefault(day.weekday(), []).append(count)
    mean = {weekday: sum(counts) / len(counts) for weekday, counts in by_weekday.items()}
    assert 140 < mean[0] < 200
    assert all(80 < mean[weekday] < 125 for weekday in (1, 2, 3, 4))
    assert all(15 < mean[weekday] < 45 for weekday in (5, 6))
