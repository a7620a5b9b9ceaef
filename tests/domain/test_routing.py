"""Routing (RTE-01) within capacity (RTE-04): one owner or one date, and every refusal written down."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswalk.domain.capacity import Leave, Loads, Owner
from crosswalk.domain.routing import Closure, Pool, RouteRule, Routing, judge, route
from crosswalk.domain.schema import ROUTED
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import NOW, leads

HOURS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-17:00")
NIGHT = datetime(2026, 11, 17, 4, tzinfo=UTC)  # Monday, 22:00 in Chicago
TODAY = NOW.date()


def person(code: str, **more: Any) -> Owner:
    return Owner(code, "person", "intake", f"{code}@lakeshore.example.org", **{"hours": HOURS, **more})


def queue(code: str, **more: Any) -> Owner:
    return Owner(code, "queue", "intake", code.title(), **more)


def staff(*owners: Owner) -> dict[str, Owner]:
    return {owner.code: owner for owner in (*owners, queue("pool"), queue("default"))}


TABLE = Routing(
    rules=(RouteRule("urgent", {"urgency": "urgent"}, "main"), RouteRule("patient", {"motion": "patient"}, "main")),
    pools={"main": Pool(("ann", "bea"), "help", "pool"), "help": Pool(("eve",), None, "pool")},
    default_queue="default",
    closures=(Closure("neurology", date(2026, 11, 9), date(2026, 12, 1), "no clinic capacity"),),
)


def routed(
    rows: list[dict[str, Any]],
    owners: Mapping[str, Owner],
    table: Routing = TABLE,
    loads: Loads | None = None,
    now: datetime = NOW,
) -> list[dict[str, Any]]:
    frame = leads(*rows).with_columns(
        pl.Series("territory", [row.get("territory", "chicago") for row in rows], dtype=pl.String)
    )
    done = route(frame.drop("territory").hstack(frame.select("territory")), table, owners, loads or Loads(), now)
    told = [{**row, **json.loads(row["trace"])} for row in done.rows(named=True)]
    return [{**row, "refused": {one["owner"]: one["reason"] for one in row["refused"]}} for row in told]


def one(lead: dict[str, Any], *owners: Owner, **more: Any) -> dict[str, Any]:
    return routed([lead], staff(*owners), **more)[0]


# ------------------------------------------------------------------------------------------- explained decisions


@pytest.mark.feature("RTE-01")
def test_an_assignment_names_rule_inputs_and_refusals() -> None:
    away = person("ann", leave=(Leave(TODAY, TODAY),))
    lead = one({"program_code": "AFIB-CLINIC"}, away, person("bea"), person("eve"))
    assert (lead["owner_id"], lead["owner_kind"], lead["rule_id"], lead["route"]) == (
        "bea",
        "person",
        "patient",
        "owner",
    )
    assert lead["inputs"] == {
        "lead_type": "patient_inquiry",
        "service_line": "cardiology",
        "program_code": "AFIB-CLINIC",
        "territory": "chicago",
        "urgency": "routine",
    }
    assert lead["refused"] == {"ann": "ON_LEAVE"}


@pytest.mark.feature("RTE-01", "RTE-04")
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"active": False}, "INACTIVE"),
        ({"leave": (Leave(date(2026, 11, 10), date(2026, 11, 20)),)}, "ON_LEAVE"),
        ({"territories": ("wisconsin",)}, "OTHER_TERRITORY"),
        ({"service_lines": ("oncology",)}, "OTHER_SERVICE_LINE"),
        ({"programs": ("AFIB-CLINIC",)}, "OTHER_PROGRAM"),
        ({"daily_cap": 0}, "DAILY_CAP 0/0"),
        ({"open_cap": 0}, "OPEN_CAP 0/0"),
    ],
)
def test_a_refused_candidate_has_a_reason(more: dict[str, Any], reason: str) -> None:
    lead = one({}, person("ann", **more), person("bea"), person("eve"))
    assert (lead["owner_id"], lead["refused"]) == ("bea", {"ann": reason})


@pytest.mark.feature("RTE-01")
def test_a_candidate_who_was_passed_over_has_a_reason() -> None:
    lead = one({}, person("ann"), person("bea"), person("eve"))
    assert (lead["owner_id"], lead["refused"]) == ("ann", {"bea": "MORE_LOADED"})


@pytest.mark.feature("RTE-01")
@pytest.mark.parametrize(
    ("lead", "reason"),
    [({"territory": None}, "TERRITORY_UNMATCHED"), ({"motion": "b2b"}, "NO_RULE")],  # D31
)
def test_what_no_rule_or_territory_covers_goes_to_the_default_queue(lead: dict[str, Any], reason: str) -> None:
    told = one(lead, person("ann"), person("bea"), person("eve"))
    assert (told["owner_id"], told["route"], told["rule_id"]) == ("default", "default", "default-queue")
    assert told["route_reason"] == reason


@pytest.mark.feature("RTE-01")
def test_the_first_rule_that_holds_decides() -> None:
    rules = (RouteRule("all", {}, "help"), *TABLE.rules)
    table = Routing(rules, TABLE.pools, "default")
    told = routed([{}, {"urgency": "urgent"}], staff(person("ann"), person("bea"), person("eve")), table)
    assert [(lead["rule_id"], lead["owner_id"]) for lead in told] == [("all", "eve")] * 2


@pytest.mark.feature("RTE-01")
def test_a_known_lead_keeps_its_owner_while_there_is_one() -> None:
    owners = (person("ann", daily_cap=0), person("bea"), person("eve"))
    assert one({"owner": "ann"}, *owners)["route"] == "kept"
    gone = (person("ann", active=False), person("bea"), person("eve"))
    assert one({"owner": "ann"}, *gone)["owner_id"] == "bea"


# ------------------------------------------------------------------------------------------------------ capacity


@pytest.mark.feature("RTE-04")
def test_d62_a_full_owner_s_lead_goes_to_the_backup() -> None:
    loads = Loads(daily={("ann", TODAY): 25, ("bea", TODAY): 25})
    lead = one({}, person("ann", daily_cap=25), person("bea", daily_cap=25), person("eve"), loads=loads)
    assert (lead["owner_id"], lead["route"]) == ("eve", "backup")
    assert lead["refused"] == {"ann": "DAILY_CAP 25/25", "bea": "DAILY_CAP 25/25"}


@pytest.mark.feature("RTE-04")
def test_filling_an_owner_overflows_step_by_step() -> None:
    owners = staff(person("ann", daily_cap=1), person("bea", daily_cap=1), person("eve", daily_cap=1))
    told = routed([{}] * 4, owners)
    assert [(lead["owner_id"], lead["route"]) for lead in told] == [
        ("ann", "owner"),
        ("bea", "owner"),
        ("eve", "backup"),
        ("pool", "pool"),
    ]


@pytest.mark.feature("RTE-04")
def test_without_any_capacity_the_lead_waits_until_tomorrow() -> None:
    owners = staff(person("ann", daily_cap=0), person("bea", daily_cap=0), person("eve", daily_cap=0))
    owners["pool"] = queue("pool", open_cap=0)
    (lead,) = routed([{}], owners)
    assert (lead["owner_id"], lead["route"], lead["route_reason"]) == (None, None, "NO_CAPACITY")
    assert lead["resume_on"] == date(2026, 11, 17)
    assert lead["refused"]["pool"] == "OPEN_CAP 0/0"


@pytest.mark.feature("RTE-04")
def test_urgent_is_never_parked() -> None:
    owners = staff(person("ann", daily_cap=0), person("bea", daily_cap=0), person("eve", daily_cap=0))
    owners["pool"] = queue("pool", open_cap=0)
    told = routed([{"urgency": "urgent"}, {"urgency": "urgent", "service_line": "neurology"}], owners)
    assert {(lead["owner_id"], lead["resume_on"]) for lead in told} == {("default", None)}


@pytest.mark.feature("RTE-04")
@pytest.mark.parametrize(
    ("urgency", "now", "owner"),
    [("urgent", NOW, "ann"), ("urgent", NIGHT, "pool"), ("routine", NIGHT, "ann")],
)
def test_urgent_leads_go_to_who_is_on_duty(urgency: str, now: datetime, owner: str) -> None:
    lead = one({"urgency": urgency}, person("ann"), person("bea"), person("eve"), now=now)
    assert lead["owner_id"] == owner
    assert ("OFF_HOURS" in lead["refused"].values()) == (owner == "pool")


@pytest.mark.feature("RTE-04")
@pytest.mark.parametrize(
    ("at", "tz", "duty"),
    [
        (datetime(2026, 11, 16, 14, 0, tzinfo=UTC), "America/Chicago", True),  # 8:00
        (datetime(2026, 11, 16, 13, 59, tzinfo=UTC), "America/Chicago", False),
        (datetime(2026, 11, 16, 22, 59, tzinfo=UTC), "America/Chicago", True),
        (datetime(2026, 11, 16, 23, 0, tzinfo=UTC), "America/Chicago", False),
        (datetime(2026, 11, 16, 15, 0, tzinfo=UTC), "America/Los_Angeles", False),  # 7:00 there
        (datetime(2026, 11, 15, 16, 0, tzinfo=UTC), "America/Chicago", False),  # Sunday
    ],
)
def test_working_hours_are_the_owner_s_own(at: datetime, tz: str, duty: bool) -> None:
    assert person("ann", tz=tz).on_duty(at) is duty
    assert queue("pool").on_duty(at)


@pytest.mark.feature("RTE-04")
def test_the_daily_cap_counts_by_the_day_of_receipt() -> None:
    """A month read at once does not use up today's capacity."""
    rows = [{"received_at": datetime(2026, 11, day, 15, tzinfo=UTC)} for day in (9, 9, 10, 10)]
    owners = staff(person("ann", daily_cap=1), person("bea", active=False), person("eve"))
    assert [lead["owner_id"] for lead in routed(rows, owners)] == ["ann", "eve", "ann", "eve"]


@pytest.mark.feature("RTE-01", "RTE-04")
def test_d63_a_closed_service_line_waits_and_says_so() -> None:
    routine, urgent = routed(
        [{"service_line": "neurology"}, {"service_line": "neurology", "urgency": "urgent"}],
        staff(person("ann"), person("bea"), person("eve")),
    )
    assert (routine["owner_id"], routine["resume_on"]) == (None, date(2026, 12, 1))
    assert (routine["rule_id"], routine["route_reason"]) == ("closed-service-line", "SERVICE_LINE_CLOSED")
    assert urgent["owner_id"] == "ann"


@pytest.mark.feature("RTE-01")
def test_waiting_leads_are_held_the_others_pass() -> None:
    frame = leads({"service_line": "neurology"}, {}).with_columns(territory=pl.lit("chicago"))
    done = route(frame, TABLE, staff(person("ann"), person("bea"), person("eve")), Loads(), NOW)
    assert judge(done).rows() == [("u0", "held", "SERVICE_LINE_CLOSED")]


@pytest.mark.feature("RTE-01")
def test_no_leads_are_no_problem() -> None:
    frame = leads({}).clear().with_columns(territory=pl.lit("chicago"))
    assert route(frame, TABLE, staff(), Loads(), NOW).is_empty()


# ---------------------------------------------------------------------------------------------------- properties

STREAMS = st.lists(
    st.fixed_dictionaries(
        {
            "service_line": st.sampled_from(["cardiology", "orthopedics", "neurology", "oncology"]),
            "urgency": st.sampled_from(["routine", "urgent"]),
            "territory": st.none() | st.sampled_from(["chicago", "wisconsin"]),
            "received_at": st.sampled_from([NOW, datetime(2026, 11, 13, 15, tzinfo=UTC)]),
            "motion": st.sampled_from(["patient", "b2b"]),
        }
    ),
    min_size=1,
    max_size=40,
)
CAPS = st.none() | st.integers(0, 4)


@pytest.mark.feature("RTE-01", "RTE-04")
@settings(max_examples=40)
@given(rows=STREAMS, daily=st.tuples(CAPS, CAPS, CAPS), opened=st.tuples(CAPS, CAPS, CAPS, CAPS))
def test_caps_are_never_exceeded_and_nobody_is_lost(
    rows: list[dict[str, Any]], daily: tuple[int | None, ...], opened: tuple[int | None, ...]
) -> None:
    people = [
        person(code, daily_cap=daily[n], open_cap=opened[n], service_lines=lines)
        for n, (code, lines) in enumerate([("ann", ("cardiology",)), ("bea", ()), ("eve", ())])
    ]
    owners = staff(*people) | {"pool": queue("pool", open_cap=opened[3])}
    told = routed(rows, owners)
    per_day = Counter((lead["owner_id"], lead["received_at"]) for lead in told)
    in_all = Counter(lead["owner_id"] for lead in told)
    for owner in owners.values():
        assert owner.open_cap is None or in_all[owner.code] <= owner.open_cap
        for at in (NOW, datetime(2026, 11, 13, 15, tzinfo=UTC)):
            assert owner.daily_cap is None or per_day[owner.code, at] <= owner.daily_cap
    for lead in told:
        assert (lead["owner_id"] is None) != (lead["resume_on"] is None)
        assert lead["owner_id"] or lead["urgency"] != "urgent"
        assert lead["rule_id"] and (lead["owner_id"] or lead["route_reason"])
        assert lead["owner_id"] not in lead["refused"]
        assert all(lead["refused"].values())
    assert [lead["trace"] for lead in routed(rows, owners)] == [lead["trace"] for lead in told]


@pytest.mark.feature("RTE-01")
def test_the_committed_table_places_everybody(catalog: Catalog) -> None:
    rows = [
        {"motion": motion, "service_line": line, "urgency": urgency, "territory": place}
        for motion in ("patient", "referral", "b2b")
        for line in catalog.codes["service_line"].codes
        for urgency in ("urgent", "routine")
        for place in {rule.territory for rule in catalog.territories.rules}
    ]
    told = routed(rows, catalog.owners, catalog.routing)
    assert {lead["route"] for lead in told if lead["owner_id"]} <= {"owner", "backup", "pool"}
    assert {lead["route_reason"] for lead in told if not lead["owner_id"]} == {"SERVICE_LINE_CLOSED"}
    assert "intake13" not in {lead["owner_id"] for lead in told}  # has left
    assert set(ROUTED) <= told[0].keys()
