"""What a portal holds beside its contacts: agrees with them, leads somewhere, and has the stated size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest

from sandbox.scenarios import SCENARIO_NOW, Scenario, build
from sandbox.scenarios.engagement import ENGAGED

Rows = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def month() -> Scenario:
    return build("lakeshore", 2_600, 1)


@pytest.fixture(scope="module")
def rows(month: Scenario) -> Rows:
    return {row["hs_object_id"]: row for row in month.hubspot_contacts}


def test_sixty_thousand_engagements_a_month(month: Scenario) -> None:
    views = sum(int(row.get("hs_analytics_num_page_views", 0)) for row in month.hubspot_contacts)
    guests = sum(len(event["attendances"]) for event in month.hubspot_marketing_events)
    total = views + guests + len(month.hubspot_email_events) + len(month.hubspot_submissions)
    assert 58_000 < total < 62_000


def test_opens_and_clicks_are_those_that_the_contacts_count(month: Scenario) -> None:
    happened = Counter((event["type"], event["recipient"]) for event in month.hubspot_email_events)
    for row in month.hubspot_contacts:
        if "email" in row:
            assert happened["OPEN", row["email"]] == int(row.get("hs_email_open", 0))
            assert happened["CLICK", row["email"]] == int(row.get("hs_email_click", 0))
            assert (
                happened["DELIVERED", row["email"]] + happened["BOUNCE", row["email"]] == happened["SENT", row["email"]]
            )


def test_email_events_are_in_order_and_after_the_contact_came(month: Scenario) -> None:
    since = {row["email"]: _ms(row["createdate"]) for row in month.hubspot_contacts if "email" in row}
    before = 0
    for event in month.hubspot_email_events:
        assert before <= event["created"] <= _ms(SCENARIO_NOW.isoformat())
        assert event["created"] >= since[event["recipient"]]
        before = event["created"]


def test_who_opted_out_is_out_of_everything_and_hears_no_more(month: Scenario, rows: Rows) -> None:
    out = {seed["email"]: seed["at"] for seed in month.hubspot_subscriptions if seed["status"] == "UNSUBSCRIBED"}
    asked = {rows[key]["email"] for key in month.truth["cases"]["opt_out"] if "email" in rows[key]}
    assert set(out) == asked
    assert all(
        event["created"] <= out.get(event["recipient"], event["created"]) for event in month.hubspot_email_events
    )
    types = {kind["id"] for kind in month.hubspot_subscription_types}
    chosen = [seed for seed in month.hubspot_subscriptions if seed["status"] == "SUBSCRIBED"]
    assert chosen and {seed["subscriptionId"] for seed in chosen} <= types
    assert not out.keys() & {seed["email"] for seed in chosen}


def test_submissions_repeat_what_the_contact_says(month: Scenario) -> None:
    forms = {form["id"]: form for form in month.hubspot_forms}
    assert len(forms) == 10
    typed = [row for row in month.hubspot_contacts if row["capture_method"] != "Call tracking"]
    assert len(month.hubspot_submissions) == len(typed) == 1_900
    for seed, row in zip(month.hubspot_submissions, typed, strict=True):
        form = forms[seed["form"]]
        assert form["name"] == row["form_name"]
        asked = {field["name"] for group in form["fieldGroups"] for field in group["fields"]}
        assert seed["values"] == {name: row[name] for name in asked & row.keys()}
        assert (seed["submittedAt"], seed["pageUrl"]) == (_ms(row["inquiry_at"]), row["landing_page_url"])


def test_attendance(month: Scenario, rows: Rows) -> None:
    seen: Counter[str] = Counter()
    for event in month.hubspot_marketing_events:
        start, end = _ms(event["startDateTime"]), _ms(event["endDateTime"])
        registered: set[str] = set()
        for one in event["attendances"]:
            assert one["contact"] in rows
            if one["state"] == "REGISTERED":
                registered.add(one["contact"])
            assert one["contact"] in registered
            assert (start <= one["at"] <= end) == (one["state"] == "ATTENDED")
        if event["eventType"] == "HEALTH_FAIR":
            seen.update(registered)
    assert sorted(seen.values()) == [1] * 70
    assert {rows[key]["capture_method"] for key in seen} == {"Health fair"}


def test_links_and_lists_lead_somewhere(month: Scenario, rows: Rows) -> None:
    known = {kind: {row["hs_object_id"] for row in records} for kind, records in month.hubspot_objects.items()}
    known["contacts"] = set(rows)
    assert {kind for kind in known if known[kind]} == {
        "contacts", "companies", "calls", "notes", "emails", "referral_agreements",
    }  # fmt: skip
    for source, key, target, other in month.hubspot_links:
        assert key in known[source] and other in known[target]
    assert len(known["referral_agreements"]) == 41
    for row in month.hubspot_objects["companies"]:
        assert row.get("domain", ".example.org").endswith(".example.org")
    named = {row["company"] for row in rows.values() if "company" in row}
    assert {row["name"] for row in month.hubspot_objects["companies"]} == named
    cardiology = next(found for found in month.hubspot_lists if found["name"] == "Cardiology inquiries")
    assert 450 < len(cardiology["members"]) < 600 and rows.keys() >= set(cardiology["members"])


def test_a_big_month_has_engagements_for_the_latest_only() -> None:
    scenario = build("lakeshore", ENGAGED + 500, 1)
    first = {row["email"] for row in scenario.hubspot_contacts[:500] if "email" in row}
    assert not first & {event["recipient"] for event in scenario.hubspot_email_events}
    assert len(scenario.hubspot_submissions) < ENGAGED


@pytest.mark.parametrize("name", ["lakeshore", "zelvoria"])
def test_a_sandbox_takes_all_of_it(name: str, start_sandbox: Callable) -> None:
    running = start_sandbox("--scenario", name, "--contacts", "300")
    scenario = build(name, 300, 1)
    told = running.control("GET", "/inspect")["hubspot"]
    assert told["marketing"]["email_events"] == len(scenario.hubspot_email_events)
    assert told["marketing"]["form_submissions"] == len(scenario.hubspot_submissions)
    assert told["marketing"]["marketing_events"] == len(scenario.hubspot_marketing_events)
    assert told["lists"] == len(scenario.hubspot_lists)
    assert told["companies"] == len(scenario.hubspot_objects["companies"])
    assert told["associations"] >= len(scenario.hubspot_links)


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
