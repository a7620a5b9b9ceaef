"""After a change of the rules: who would move, without moving anybody; then the very same, for real."""

from typing import Any

import pytest

from tests.home import Home, assert_conserved
from tests.vendors import Vendors
from tests.way import Fault, Way

pytestmark = pytest.mark.feature("QUA-05")
MONDAY = ("--as-of", "2026-11-16T15:00:00Z")


def by_change(document: dict[str, Any]) -> dict[str, Any]:
    """What a preview and its application must agree in."""
    return {name: document[name] for name in ("selected", "with_sales", "moves", "counts")}


@pytest.fixture
def decided(vendors: Vendors, home: Home, database_url: str) -> Home:
    """Leads of every kind: with sales, out of our area, waiting for capacity, below the threshold."""
    if database_url:
        home.settings["CROSSWALK_DATABASE_URL"] = home.database = database_url
    vendors.create(
        [
            *(vendors.inquiry() for _ in range(4)),
            *(vendors.inquiry(state="OH", zip="43004") for _ in range(3)),
            *(vendors.inquiry(service_line_interest="Neurology") for _ in range(2)),
        ]
    )
    home.sync(*MONDAY)
    assert len(vendors.ours("Lead")) == 4
    return home


def widen(home: Home) -> None:
    """Ohio is served from now on."""
    home.write("mappings/rules/qualification.yaml", "{state: [IL, WI, IN]}", "{state: [IL, WI, IN, OH]}")


def test_a_preview_changes_nothing_and_is_what_apply_does(decided: Home, vendors: Vendors) -> None:
    widen(decided)
    hub, files, world = decided.content(), decided.files(), vendors.dump()
    preview = decided.do("redecide", *MONDAY)
    assert decided.content() == hub and decided.files() == files and vendors.dump() == world
    assert preview["applied"] is False
    assert (preview["selected"], preview["with_sales"]) == (5, 4)
    assert len(preview["moves"]) == 3 == preview["counts"]["status"]
    assert {move["changes"]["status"]["old"] for move in preview["moves"]} == {"disqualified"}
    assert {move["changes"]["status"]["new"] for move in preview["moves"]} == {"assigned"}
    assert {move["changes"]["reason"]["old"] for move in preview["moves"]} == {"OUT_OF_AREA"}
    assert_conserved(preview["run"]["steps"])

    applied = decided.do("redecide", "--apply", *MONDAY)
    assert by_change(applied) == by_change(preview) and applied["applied"] is True
    assert_conserved(applied["run"]["steps"])
    assert len(vendors.ours("Lead")) == 4, "the CRM is told by the next run"
    told = decided.sync(*MONDAY)
    assert told["written"]["salesforce"]["Lead"]["created"] == told["written"]["salesforce"]["Task"]["created"] == 3
    assert decided.do("redecide", *MONDAY)["moves"] == []
    assert [row["flow"] for row in decided.rows("run")].count("redecide") == 1


def test_leads_are_chosen_by_rule_reason_time_and_id(decided: Home) -> None:
    widen(decided)
    by_reason = decided.do("redecide", "--reason", "OUT_OF_AREA", *MONDAY)
    by_gate = decided.do("redecide", "--rule", "region_served", *MONDAY)
    assert by_change(by_reason) == by_change(by_gate) and by_reason["selected"] == 3
    assert decided.do("redecide", "--rule", "closed-service-line", *MONDAY)["selected"] == 2
    assert decided.do("redecide", "--rule", "fit-service", *MONDAY)["selected"] == 5, "a score named it"
    assert decided.do("redecide", "--rule", "no-such-rule", *MONDAY)["selected"] == 0
    one = by_reason["moves"][0]["lead_id"]
    assert [move["lead_id"] for move in decided.do("redecide", "--lead", one, *MONDAY)["moves"]] == [one]
    assert decided.do("redecide", "--since", "2026-11-17", *MONDAY)["selected"] == 0
    assert decided.do("redecide", "--since", "2026-11-16T15:00:00Z", *MONDAY)["selected"] == 5
    shown = decided.run("redecide", "--reason", "OUT_OF_AREA", *MONDAY).out
    assert "disqualified -> assigned" in shown and "Nothing was changed" in shown
    assert decided.run("redecide", "--since", "last week").code == 2


@pytest.mark.feature("RTE-03")
def test_without_a_change_of_the_rules_nobody_moves(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    """Forty leads have owners that do not know of them yet; their own load is not in their way."""
    vendors.create([vendors.inquiry(zip=("60611", "53179")[n % 2]) for n in range(40)])
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Lead", 418, {"error": "teapot"}))
    assert troubled.run("sync", *MONDAY).code == 1
    preview = troubled.do("redecide", *MONDAY)
    assert (preview["selected"], preview["with_sales"], preview["moves"]) == (40, 0, [])
    assert sum(step["in"] for step in preview["run"]["steps"] if step["step"] == "replay") == 40


def test_an_owner_that_leaves_hands_over_what_nobody_knows_of_yet(
    vendors: Vendors, troubled: Home, ways: tuple[Way, Way]
) -> None:
    vendors.create([vendors.inquiry() for _ in range(12)])
    ways[1].faults.append(Fault("PATCH", "composite/sobjects/Lead", 418, {"error": "teapot"}))
    assert troubled.run("sync", *MONDAY).code == 1
    gone = troubled.rows("lead")[0]["owner_id"]
    theirs = {row["lead_id"] for row in troubled.rows("lead") if row["owner_id"] == gone}
    owners = "mappings/routing/owners.yaml"
    troubled.write(
        owners, f"- code: {gone}\n    kind: person\n", f"- code: {gone}\n    active: false\n    kind: person\n"
    )
    applied = troubled.do("redecide", "--apply", *MONDAY)
    assert {move["lead_id"] for move in applied["moves"]} == theirs
    ways[1].clear()
    assert troubled.sync(*MONDAY)["written"]["salesforce"]["Lead"]["created"] == 12
    assert gone not in {row["owner_id"] for row in troubled.rows("lead")}


def test_nobody_is_named(decided: Home) -> None:
    widen(decided)
    for arguments in (("redecide", *MONDAY), ("redecide", "--json", *MONDAY), ("waiting",), ("waiting", "--json")):
        ended = decided.run(*arguments)
        assert ended.code == 0, ended.err
        names = {row[name] for row in decided.rows("person") for name in ("last_name", "email", "phone")} - {None}
        assert not [name for name in names if name in ended.out + ended.err]


@pytest.mark.feature("NRM-04")
def test_everything_that_waits_is_listed_with_what_frees_it(decided: Home, vendors: Vendors) -> None:
    vendors.create([vendors.inquiry(email="", phone=""), vendors.inquiry(email_permission="", phone_permission="")])
    assert decided.run("sync", *MONDAY).code in {0, 3}
    found = {one["reason"]: one for one in decided.do("waiting", *MONDAY)}
    assert set(found) == {"SERVICE_LINE_CLOSED", "NOT_CONTACTABLE", "NO_CONSENT"}
    assert (found["SERVICE_LINE_CLOSED"]["n"], found["SERVICE_LINE_CLOSED"]["resume_on"]) == (2, "2026-12-01")
    assert "resumes by itself on 2026-12-01" in found["SERVICE_LINE_CLOSED"]["advice"]
    assert "crosswalk quarantine edit" in found["NOT_CONTACTABLE"]["advice"]
    assert not any(one["overdue"] for one in found.values())
    later = {one["reason"]: one["overdue"] for one in decided.do("waiting", "--as-of", "2026-12-05T00:00:00Z")}
    assert later == dict.fromkeys(found, True), "its day has passed without a run as well"
    assert "what frees it" in decided.run("waiting").out
