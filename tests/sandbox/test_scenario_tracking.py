"""Landing pages carry what the truth says of them, and the hub's registry knows the same campaigns."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from sandbox.scenarios import Scenario, build
from sandbox.scenarios.campaigns import CAMPAIGNS, UNKNOWN_CODES

REGISTRY = Path(__file__).parents[2] / "mappings" / "tracking" / "campaigns.csv"
CODE = re.compile(r"^[0-9]{4}q[1-4]-[a-z]{2,4}-[a-z0-9]{2,12}-(hcp|pat|pay|emp|org|ptr)-[a-z]{2,10}-[a-z0-9-]{2,40}$")


@pytest.fixture(scope="module")
def month() -> Scenario:
    return build("lakeshore", 2_600, 1)


@pytest.fixture(scope="module")
def registry() -> list[dict[str, str]]:
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_registry_file_and_scenario_list_agree(registry: list[dict[str, str]]) -> None:
    listed = {(row["code"], row["status"], tuple(filter(None, row["aliases"].split("|")))) for row in registry}
    assert listed == {(row.code, row.status, row.aliases) for row in CAMPAIGNS}
    assert len(listed) == len(registry)


def test_registry_is_complete_and_dated(registry: list[dict[str, str]]) -> None:
    statuses = [row["status"] for row in registry]
    assert [statuses.count(status) for status in ("live", "ended", "draft")] == [38, 6, 4]
    names = [row["code"] for row in registry] + [alias for row in CAMPAIGNS for alias in row.aliases]
    assert len(names) == len(set(names))
    for row in registry:
        assert CODE.match(row["code"]), row["code"]
        assert all(row[column] for column in row if column != "aliases")
        if row["status"] == "live":
            assert row["start"] <= "2026-10-17" and row["end"] > "2026-11-16"
        elif row["status"] == "ended":
            assert row["end"] < "2026-10-17"
        else:
            assert row["start"] > "2026-11-16"


def test_sound_links_carry_live_codes_and_damaged_ones_their_defect(month: Scenario) -> None:
    live = {row.code for row in CAMPAIGNS if row.status == "live"}
    kinds = {
        row_id: case
        for case, found in month.truth["cases"].items()
        for row_id in found
        if case.startswith("utm_") or case.endswith("_campaign")
        or case in ("D01", "D02", "D03", "D04", "D06", "D08", "D09", "D10", "D12")
    }  # fmt: skip
    for row in month.hubspot_contacts:
        url = row["landing_page_url"]
        pairs = parse_qsl(urlsplit(url).query)
        query, kind = dict(reversed(pairs)), kinds.get(row["hs_object_id"], "")
        code = query.get("utm_campaign", "")
        if not kind:
            assert code in live if "utm_" in url else "?" not in url and "#" not in url
            assert "utm_term" not in url and "@" not in unquote(url)
        elif kind == "D01":
            assert code not in live and code.lower() in live
        elif kind == "D02":
            assert query["utm_source"] in ("adwords", "fb", "meta") or query["utm_medium"] == "newsletter"
        elif kind == "D03":
            assert query["utm_source"] in ("gogle", "googel", "facebok")
        elif kind == "D04":
            assert query["utm_source"] == "google%20ads"
        elif kind == "D06":
            assert re.match(r"[{%\[(]", code)
        elif kind == "D08":
            assert query["utm_content"] == row["email"]
        elif kind == "D09":
            assert query["utm_term"]
        elif kind == "D10":
            assert query["utm_medium"] == "social_paid"
        elif kind == "D12":
            assert set(query) == {"gclid"}
        elif kind == "utm_amp":
            assert "&amp;utm_medium=" in url
        elif kind == "utm_duplicate":
            assert [key for key, _ in pairs].count("utm_source") == 2
        elif kind == "utm_fragment":
            assert "#utm_source=" in url and "?" not in url
        elif kind == "unknown_campaign":
            assert code in UNKNOWN_CODES
        elif kind == "alias_campaign":
            assert any(code in campaign.aliases for campaign in CAMPAIGNS)
        else:
            assert kind == "ended_campaign" and code in {row.code for row in CAMPAIGNS if row.status == "ended"}


def test_unknown_codes_are_unknown() -> None:
    known = {row.code for row in CAMPAIGNS} | {alias for row in CAMPAIGNS for alias in row.aliases}
    assert not known & set(UNKNOWN_CODES)
