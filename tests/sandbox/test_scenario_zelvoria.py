"""The launch: stated counts, one deciding case each, references that lead somewhere, nobody real."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
import requests

from sandbox.scenarios import Scenario, build

EMAIL = re.compile(r"[a-z0-9._+-]+@([a-z0-9-]+\.)*example\.org\Z")
FICTIONAL = (
    r"\(\d{3}\) 555-01\d\d", r"\+49 30 23125 \d{3}", r"\+49 40 66969 \d{3}", r"\+49 89 99998 \d{3}",
    r"(\+44|0044) 20 7946 0\d{3}", r"\+44 161 496 0\d{3}",
)  # fmt: skip
LEADS = {"us_lead", "de_lead", "uk_lead", "congress_lead"}
CRM_CASES = {"D54", "D61", "D65"}

Rows = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def launch() -> Scenario:
    return build("zelvoria", 18_000, 1)


@pytest.fixture(scope="module")
def rows(launch: Scenario) -> Rows:
    return {row["hs_object_id"]: row for row in launch.hubspot_contacts}


def test_the_universe_is_as_described(launch: Scenario) -> None:
    truth = launch.truth
    assert truth["contacts"] == 18_000 and truth["leads"] == 45 * 30 + 3 * 250
    assert truth["rates"]["pdrp"] == 640 and truth["rates"]["no_contact"] == 210
    assert truth["kinds"]["congress_lead"] == 750
    staff = Counter(one["team"] for one in truth["staff"])
    assert (staff["rep"], staff["liaison"], staff["account"]) == (62, 12, 8)
    assert len(truth["territories"]) == 62 and len(set(truth["territories"].values())) == 62
    assert len({name.rpartition("-")[0] for name in truth["territories"]}) == 6
    kinds = Counter(event["eventType"] for event in launch.hubspot_marketing_events)
    assert kinds == {"WEBINAR": 9, "CONFERENCE": 1} and len(truth["emails"]) == 6


def test_fourteen_hundred_engagements_a_day(launch: Scenario) -> None:
    views = sum(int(row.get("hs_analytics_num_page_views", 0)) for row in launch.hubspot_contacts)
    guests = sum(len(event["attendances"]) for event in launch.hubspot_marketing_events)
    total = views + guests + len(launch.hubspot_email_events) + len(launch.hubspot_submissions)
    assert abs(total / 30 / 1_400 - 1) < 0.05


def test_free_text_at_the_stated_rates(launch: Scenario) -> None:
    said = sum("message" in row for row in launch.hubspot_contacts)
    assert abs(said / launch.truth["leads"] - 0.30) < 0.001
    rates = launch.truth["rates"]
    assert (rates["D52"], rates["adverse_event"], rates["off_label"]) == (32, 4, 8)  # 1.5, 0.2 and 0.4 % of 2,100


def test_materials_are_as_described(launch: Scenario) -> None:
    records = launch.salesforce_records["Asset_Version__c"]
    assert len({record["Name"] for record in records}) == 38 == len(records)
    status = Counter(record["Status__c"] for record in records)
    assert status == {"approved": 30, "in_review": 4, "withdrawn": 2, "superseded": 1, "awaiting_approval": 1}
    assert launch.truth["assets"] == status
    soon = [record["Name"] for record in records if "2026-11-16" < (record["Expires_On__c"] or "") < "2026-12-16"]
    assert len(soon) == 3
    assert {record["Name"] for record in records} >= {"ZEL-014 v2", "ZEL-014 v3"}
    use = {record["Asset__c"]: record for record in records}
    rows = {row["hs_object_id"]: row for row in launch.hubspot_contacts}
    asked = [use[rows[key]["requested_asset"]] for key in launch.truth["cases"]["D57"]]
    assert {record["Status__c"] for record in asked} == {"withdrawn"}
    asked = [use[rows[key]["requested_asset"]] for key in launch.truth["cases"]["D58"]]
    assert {record["Regions__c"] for record in asked} == {"US"}


def test_contacts_carry_the_cases_that_the_truth_names(launch: Scenario, rows: Rows) -> None:
    def of(case: str) -> list[dict[str, str]]:
        found = [rows[key] for key in launch.truth["cases"][case]]
        assert found
        return found

    assert all("{{campaign.name}}" in row["landing_page_url"] for row in of("D06"))
    assert all(f"utm_content={row['email']}" in row["landing_page_url"] for row in of("D08"))
    assert all("utm_medium=social_paid" in row["landing_page_url"] for row in of("D10"))
    assert all("Ã" in row["firstname"] for row in of("D13"))
    assert all(row["email"].endswith("@mailinator.com") and "npi" not in row for row in of("D24"))
    assert all(row["phone"].startswith("0044 ") for row in of("D28"))
    assert all(row["zip"] == "60311" and "country" not in row for row in of("D32"))
    assert all(row["npi"] == "1.23457E+09" for row in of("D34"))
    owners = Counter(row.get("npi") for row in launch.hubspot_contacts)
    assert any(owners[row["npi"]] > 1 for row in of("D35"))
    [event] = of("D51")
    assert event["inquiry_at"] == "2026-11-13T23:02:00.000Z" and event["capture_method"] == "Webinar"
    assert all(row["country"] in {"United Kingdom", "UK", "GB"} for row in of("D58"))
    assert all(row["pdrp_opt_out"] == "true" and row["country"] in {"United States", "USA", "US"} for row in of("pdrp"))
    assert all(row["email_permission"] == "false" for row in of("no_contact"))


def test_one_deciding_case_each(launch: Scenario) -> None:
    beside = CRM_CASES | {"plain_text", "D06", "D08", "D10", "D13", "pdrp", "no_contact", "badge"}
    hit = Counter(key for case, keys in launch.truth["cases"].items() if case not in beside for key in keys)
    assert max(hit.values()) == 1
    assert launch.truth["clean"] == 18_000 - len(hit)


def test_sales_records(launch: Scenario) -> None:
    org, truth = launch.salesforce_records, launch.truth
    known = {record["Id"] for rows in org.values() for record in rows if "Id" in record}
    assert len(known) == sum("Id" in record for rows in org.values() for record in rows)
    for rows in org.values():
        for record in rows:
            references = [record[name] for name in record if name in {
                "OwnerId", "AccountId", "WhoId", "CampaignId", "ContactId",
            }]  # fmt: skip
            assert known.issuperset(references)
    users = {user["Id"]: user for user in org["User"]}
    [left] = [user for user in users.values() if not user["IsActive"]]
    assert left["Email"] == truth["left"]["rep"]
    leads = {lead["Id"]: lead for lead in org["Lead"]}
    assert truth["cases"]["D65"] and all(leads[key]["OwnerId"] == left["Id"] for key in truth["cases"]["D65"])
    for record in (*org["Lead"], *org["Contact"]):
        assert users[record["OwnerId"]]["Email"] == truth["territories"][record["Territory__c"]]
    tasks = {task["Id"]: task for task in org["Task"]}
    assert all("stopped working" in tasks[key]["Description"] for key in truth["cases"]["D54"])
    assert all(tasks[key]["Asset_Used__c"] == "ZEL-014 v2" for key in truth["cases"]["D61"])


def test_the_realigned_territory(launch: Scenario, rows: Rows) -> None:
    moved = launch.truth["realigned"]
    here = [row for row in rows.values() if row.get("zip") == moved["zip"]]
    stale = set(moved["stale"])
    assert stale and stale < {row["hs_object_id"] for row in here}
    for row in here:
        assert row["hcp_territory"] == (moved["from"] if row["hs_object_id"] in stale else moved["to"])
        assert (row["createdate"] < "2026-11-01T05:00:00") == (row["hs_object_id"] in stale)


def test_congress_files(launch: Scenario) -> None:
    files, resent = launch.truth["files"], launch.truth["resent"]
    assert (resent["old"], resent["new"]) == (380, 20)
    lines = {name: file["text"].encode(file["encoding"]).decode("latin-1").splitlines() for name, file in files.items()}
    assert [len(found) for found in lines.values()] == [401] * 4
    assert len(set(lines[resent["file"]]) & set(lines[resent["of"]])) == 380 + 1  # and the header
    assert any("Ã" in line for found in lines.values() for line in found)


def test_nobody_is_real(launch: Scenario) -> None:
    throwaway = set(launch.truth["cases"]["D24"])
    for row in launch.hubspot_contacts:
        assert EMAIL.match(row["email"]) or row["hs_object_id"] in throwaway
        assert any(re.fullmatch(shape, row["phone"]) for shape in FICTIONAL), row["phone"]
    for record in (*launch.salesforce_records["User"], *launch.salesforce_records["Contact"]):
        assert EMAIL.match(record["Email"])


@pytest.mark.parametrize("size", [0, 1, 2, 7, 101, 500])
def test_any_size_builds(size: int) -> None:
    scenario = build("zelvoria", size, 1)
    assert len(scenario.hubspot_contacts) == size == scenario.truth["contacts"]


def test_the_materials_can_be_read_from_the_crm(start_sandbox: Callable) -> None:
    running = start_sandbox("--scenario", "zelvoria", "--contacts", "60")
    url, keys = running.salesforce["url"], running.salesforce
    form = {"grant_type": "client_credentials", "client_id": keys["client_id"], "client_secret": keys["client_secret"]}
    token = requests.post(f"{url}/services/oauth2/token", data=form, timeout=10).json()["access_token"]
    soql = "SELECT Name FROM Asset_Version__c WHERE Status__c = 'withdrawn' ORDER BY Name"
    answer = requests.get(
        f"{url}/services/data/v62.0/query", params={"q": soql}, headers={"Authorization": f"Bearer {token}"}, timeout=10
    )
    assert [row["Name"] for row in answer.json()["records"]] == ["ZEL-032 v1", "ZEL-033 v1"]
