"""Every case that is seeded into the demo scenario ends as the catalogue of dirty data says it must."""

from collections import Counter
from typing import Any

import pytest

from crosswalk.domain.schema import LEAD
from tests.domain.month import Month

END = ("passed", "skipped MERGED", "skipped BELOW_THRESHOLD")


def seeded(month: Month, case: str) -> list[dict[str, Any]]:
    return [month.lead[one] for one in month.truth["cases"][case]]


def has(month: Month, case: str, code: str) -> None:
    """Every contact of a case carries a code that begins so."""
    assert month.codes(case)
    assert [codes for codes in month.codes(case) if not any(one.startswith(code) for one in codes)] == []


OUTCOMES: list[tuple[str, tuple[str, ...]]] = [
    ("D17", ("rejected TEST_RECORD",)),
    ("D18", ("rejected INTERNAL_RECORD",)),
    ("D19", ("rejected SPAM",)),
    ("D20", ("rejected VENDOR",)),
    ("D43", ("rejected JOB_SEEKER",)),
    ("D50", ("held SAFETY_REVIEW",)),
    ("D21", END),
    ("D22", ("held EMAIL_SUGGEST",)),
    ("D26", END),
    ("D27", ("quarantined NOT_CONTACTABLE",)),
    ("D27_email", END),
    ("D28", END),
    ("D29", ("rejected OUT_OF_AREA",)),
    ("out_of_area", ("rejected OUT_OF_AREA",)),
    ("D31", ("passed", "skipped BELOW_THRESHOLD")),
    ("D32", ("held COUNTRY_UNKNOWN",)),
    ("D33", END),
    ("D34", END),
    ("D36", END),
    ("consent_blank", ("held NO_CONSENT",)),
    ("opt_out", ("held NO_CONSENT",)),
    ("D45", (*END, "held SERVICE_LINE_CLOSED")),
    ("D46", (*END, "held SERVICE_LINE_CLOSED")),
    ("unknown_service", ("held SERVICE_UNKNOWN",)),
    ("payer_not_accepted", ("rejected PAYER_NOT_ACCEPTED",)),
    ("missing_both", ("quarantined NOT_CONTACTABLE",)),
    ("telehealth_wa", (*END, "held SERVICE_LINE_CLOSED")),
]


@pytest.mark.feature("NRM-01", "NRM-05", "QUA-02")
@pytest.mark.parametrize(("case", "outcomes"), OUTCOMES, ids=[case for case, _ in OUTCOMES])
def test_a_case_ends_as_expected(case: str, outcomes: tuple[str, ...], month: Month) -> None:
    ended = month.outcomes(case)
    closed = ("held SERVICE_LINE_CLOSED",) if "passed" in outcomes else ()  # neurology takes nobody: D63
    assert ended and ended.keys() <= {*outcomes, *closed}


CODES: list[tuple[str, str]] = [
    ("D02", "UTM_ALIAS"),
    ("D04", "UTM_DOUBLE_ENCODED"),
    ("D06", "UTM_PLACEHOLDER"),
    ("D08", "UTM_PII"),
    ("D09", "UTM_HEALTH_TERM"),
    ("D10", "UTM_SUGGEST(paid_social"),
    ("D12", "UTM_MISSING"),
    ("utm_amp", "UTM_HTML_ESCAPED"),
    ("utm_duplicate", "UTM_DUPLICATE_PARAM"),
    ("alias_campaign", "CAMPAIGN_ALIAS"),
    ("ended_campaign", "CAMPAIGN_ENDED"),
    ("unknown_campaign", "CAMPAIGN_UNKNOWN"),
    ("D21", "EMAIL_SUGGEST(gmail.com)"),
    ("D22", "EMAIL_SUGGEST(gmail.com)"),
    ("email_two", "EMAIL_MULTIPLE"),
    ("email_inner_space", "EMAIL_INVALID"),
    ("email_mailto", "EMAIL_TIDIED"),
    ("D27", "PHONE_INVALID"),
    ("phone_short", "PHONE_INVALID"),
    ("phone_letters", "PHONE_INVALID"),
    ("D29", "ZIP_PADDED"),
    ("D33", "NPI_INVALID"),
    ("D34", "NPI_EXCEL_DAMAGED"),
    ("mojibake", "MOJIBAKE_FIXED"),
    ("name_caps", "NAME_CASE"),
    ("name_last_first", "NAME_SPLIT"),
    ("name_single", "NAME_SINGLE"),
    ("unknown_service", "UNKNOWN_LABEL(service_line)"),
]


@pytest.mark.feature("TRK-01", "TRK-02", "NRM-01", "GLO-02")
@pytest.mark.parametrize(("case", "code"), CODES)
def test_every_change_or_doubt_is_said(case: str, code: str, month: Month) -> None:
    has(month, case, code)


@pytest.mark.feature("TRK-01")
def test_links_mean_what_they_should(month: Month) -> None:
    assert {lead["channel"] for lead in seeded(month, "D12")} == {"paid_search"}
    assert {lead["utm_source"] for lead in seeded(month, "D04")} == {"google"}
    assert {lead["utm_medium"] for lead in seeded(month, "D10")} == {None}
    assert {lead["utm_campaign"] for lead in seeded(month, "D06")} == {None}
    assert not [lead for lead in seeded(month, "D08") if "@" in f"{lead['landing_url']}{lead['utm_raw']}"]
    assert {lead["utm_term"] for lead in seeded(month, "D09")} == {None}
    gone = ("utm_term", "heartbeat", "meniscus", "cancer", "std")
    assert not [
        lead
        for lead in seeded(month, "D09")
        if any(word in lead["landing_url"].replace("/cancer-care", "") for word in gone)
    ]
    for case in ("D01", "utm_fragment", "utm_amp", "utm_duplicate"):
        assert not [lead for lead in seeded(month, case) if not lead["campaign_code"] or lead["channel"] == "held"]


@pytest.mark.feature("TRK-02")
def test_campaigns_come_from_the_registry_only(month: Month, catalog: Any) -> None:
    registered = {campaign.code: campaign.name for campaign in catalog.campaigns}
    for lead in month.lead.values():
        code = lead["campaign_code"]
        assert code is None or registered[code] == lead["campaign_name"]
    for lead in seeded(month, "unknown_campaign"):
        assert (lead["campaign_code"], lead["channel"]) == (None, "held")


@pytest.mark.feature("NRM-01")
def test_contact_points_are_what_was_meant(month: Month) -> None:
    assert not [lead for lead in seeded(month, "D26") if not lead["phone"] or not lead["phone_ext"].isdigit()]
    assert not [lead for lead in seeded(month, "D28") if not lead["phone"].startswith("+44")]
    assert {lead["email"] for case in ("D21", "D22") for lead in seeded(month, case)} == {None}
    assert not [lead for lead in seeded(month, "name_last_first") if not lead["first_name"] or "," in lead["last_name"]]
    assert not [lead for lead in seeded(month, "mojibake") if "Ã" in f"{lead['first_name']}{lead['last_name']}"]
    assert {len(lead["zip5"]) for lead in seeded(month, "D29")} == {5}
    assert {lead["npi"] for case in ("D33", "D34") for lead in seeded(month, case)} == {None}


@pytest.mark.feature("NRM-02", "NRM-03")
def test_duplicates_are_joined_and_strangers_are_not(month: Month) -> None:
    """Precision of automatic merging at least 0.99; recall is a bonus."""
    original = {pair["duplicate"]: pair["original"] for pair in month.truth["duplicates"]}
    people: dict[str, list[str]] = {}
    for one, person in month.person.items():
        people.setdefault(person, []).append(original.get(one, one))
    joined = sum(len(group) - 1 for group in people.values())
    wrong = sum(len(set(group)) - 1 for group in people.values())
    found = [pair for pair in original.items() if {month.person.get(one) for one in pair} - {None}]
    right = [pair for pair in found if month.person.get(pair[0]) == month.person.get(pair[1])]
    assert joined >= 200 and 1 - wrong / joined >= 0.99
    assert len(right) / len(found) >= 0.95


@pytest.mark.feature("NRM-03")
def test_an_inquiry_of_a_known_lead_becomes_part_of_it(month: Month) -> None:
    per_person = Counter(month.person[one] for one in month.routed)
    assert max(per_person.values()) <= 2  # at most one lead for each motion


@pytest.mark.feature("RTE-01", "RTE-04")
def test_routes_of_the_seeded_cases(month: Month) -> None:
    def routes(case: str) -> list[dict[str, Any]]:
        return [month.routed[one] for one in month.truth["cases"][case] if one in month.routed]

    unmatched = [lead for lead in routes("D31") if lead["service_line"] != "neurology" or lead["urgency"] == "urgent"]
    assert {(lead["owner_id"], lead["route_reason"]) for lead in unmatched} == {
        ("default-queue", "TERRITORY_UNMATCHED")
    }
    closed = [lead for lead in routes("D63") if lead["urgency"] != "urgent"]
    assert {(lead["owner_id"], str(lead["resume_on"])) for lead in closed} == {(None, "2026-12-01")}
    assert {lead["territory"] for lead in routes("telehealth_wa")} == {"telehealth"}
    for lead in month.routed.values():
        assert (lead["owner_id"] is None) != (lead["resume_on"] is None)
        assert lead["owner_id"] != "intake13" and lead["rule_id"] and lead["trace"]


@pytest.mark.feature("RTE-04")
def test_nobody_gets_more_than_the_day_allows(month: Month, catalog: Any) -> None:
    owners = catalog.owners
    per_day = Counter(
        (lead["owner_id"], owners[lead["owner_id"]].local_day(lead["received_at"]))
        for lead in month.routed.values()
        if lead["owner_id"]
    )
    over = {
        key: n for key, n in per_day.items() if owners[key[0]].daily_cap is not None and n > owners[key[0]].daily_cap
    }
    assert over == {}


@pytest.mark.feature("HND-01")
def test_d36_nobody_is_called_who_did_not_allow_it(month: Month) -> None:
    packages = {row["external_id"]: row for row in month.packaged.rows(named=True)}
    unticked = [packages[one] for one in month.truth["cases"]["D36"] if one in packages]
    assert unticked and {row["next_action"] for row in unticked} <= {"email_inquiry", "email_preferred"}
    for row in packages.values():
        channel = (
            "email" if row["next_action"].startswith("email") else "sms" if "text" in row["next_action"] else "phone"
        )
        assert row[f"consent_{channel}"] == "granted"


@pytest.mark.feature("HND-01")
def test_every_package_is_complete(month: Month) -> None:
    assert month.packaged["missing"].null_count() == month.packaged.height > 1_000
    assert month.actions["package_complete"].all()


@pytest.mark.feature("CON-02")
def test_d45_d46_what_people_wrote_stays_out_of_every_column(month: Month) -> None:
    secrets = [text for texts in month.truth["canaries"].values() for text in texts]
    assert len(secrets) > 100
    rows = "\n".join(str([lead[name] for name in LEAD]) for lead in month.lead.values())
    sent = "\n".join(month.actions["desired"])
    assert [text for text in secrets if text in rows or text in sent] == []


@pytest.mark.feature("HND-03", "CON-02")
def test_no_patient_s_service_line_reaches_the_crm(month: Month, catalog: Any) -> None:
    patients = month.packaged.filter(motion="patient")["lead_id"].to_list()
    sent = month.actions.filter(month.actions["lead_id"].is_in(patients))
    assert sent["over_ceiling"].sum() == 0
    words = {word.lower() for code in catalog.codes["service_line"].codes for word in (code, code.replace("_", " "))}
    assert not [desired for desired in sent["desired"] if any(word in desired.lower() for word in words)]
