"""Territories (RTE-02): named account, ZIP5, ZIP3, state, region, each in force from a day to a day."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crosswalk.domain.places import STATES
from crosswalk.domain.territory import Territories, TerritoryRule, resolve
from crosswalk.platform import reference
from crosswalk.platform.catalog import Catalog
from tests.domain.leads import leads

pytestmark = pytest.mark.feature("RTE-02")

TABLE = Territories(
    (
        TerritoryRule("named", "account", "Harbor Works, Inc."),
        TerritoryRule("corner", "zip5", "60201"),
        TerritoryRule("city", "zip3", "602", "IL"),
        TerritoryRule("state", "state", "IL"),
        TerritoryRule("region", "region", "midwest"),
    ),
    {"midwest": ("IL", "WI")},
)


@pytest.mark.parametrize(
    ("lead", "territory", "level"),
    [
        ({"company": "harbor works inc", "zip5": "60201"}, "named", "account"),
        ({"zip5": "60201"}, "corner", "zip5"),
        ({"zip5": "60202"}, "city", "zip3"),
        ({"zip5": "60301"}, "state", "state"),
        ({"zip5": None}, "state", "state"),
        ({"zip5": "53202", "state": "WI"}, "region", "region"),
        ({"zip5": "46301", "state": "IN"}, None, None),
        ({"zip5": None, "state": None}, None, None),  # D31
        ({"zip5": "60299", "state": "WI"}, "region", "region"),  # the prefix is Illinois' only
    ],
)
def test_the_narrowest_rule_wins(lead: dict[str, Any], territory: str | None, level: str | None) -> None:
    resolved = resolve(leads(lead), TABLE)
    assert resolved.select("territory", "territory_level").rows() == [(territory, level)]


@pytest.mark.parametrize(
    ("zip5", "state", "territory"),
    [
        ("60201", "IL", "north-shore"),
        ("60202", "IL", "north-shore"),
        ("60203", "IL", "illinois"),
        ("59999", "IL", "illinois"),
        ("60000", "IL", "north-shore"),
        ("60099", "IL", "north-shore"),
        ("60100", "IL", "west-suburbs"),
        ("60600", "IL", "chicago"),
        ("60899", "IL", "chicago"),
        ("60900", "IL", "illinois"),
        ("53202", "WI", "wisconsin"),
        ("98101", "WA", "telehealth"),
        ("02139", "MA", None),
    ],
)
def test_boundary_zips_of_the_committed_table(zip5: str, state: str, territory: str | None, catalog: Catalog) -> None:
    resolved = resolve(leads({"zip5": zip5, "state": state}), catalog.territories)
    assert resolved["territory"].to_list() == [territory]


def test_a_realignment_changes_only_later_leads() -> None:
    day = date(2026, 12, 1)
    table = Territories(
        (TerritoryRule("old", "zip5", "60201", end=day), TerritoryRule("new", "zip5", "60201", start=day))
    )
    received = [datetime(2026, 11, 30, 23, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)]
    resolved = resolve(leads(*[{"received_at": at, "zip5": "60201"} for at in received]), table)
    assert resolved["territory"].to_list() == ["old", "new"]


def test_of_two_rules_in_force_the_later_one_wins() -> None:
    table = Territories(
        (TerritoryRule("old", "state", "IL"), TerritoryRule("new", "state", "IL", start=date(2026, 11, 1)))
    )
    assert resolve(leads({}), table)["territory"].to_list() == ["new"]


def test_every_lead_comes_out_once_and_in_order() -> None:
    frame = leads(*[{"zip5": zip5, "company": "Harbor Works Inc"} for zip5 in ("60201", None, "60299")])
    assert resolve(frame, TABLE)["unit"].to_list() == frame["unit"].to_list()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"level": "zip3", "value": "602"}, "must state its state"),
        ({"level": "zip3", "value": "60", "state": "IL"}, "a zip3 has 3 digits"),
        ({"level": "zip5", "value": "602"}, "a zip5 has 5 digits"),
        (
            {"level": "state", "value": "IL", "start": date(2026, 2, 1), "end": date(2026, 1, 1)},
            "ends before it starts",
        ),
    ],
)
def test_a_row_that_could_never_match_is_refused(row: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TerritoryRule("x", **row)


def test_three_digit_prefixes_do_span_states(catalog: Catalog) -> None:
    """Why a ZIP3 must state its state."""
    zips = reference.zip_states()
    assert zips["zip5"].is_unique().all()
    spread = zips.group_by(zips["zip5"].str.slice(0, 3).alias("zip3")).agg("zip_state")
    states = {zip3: set(found) & STATES.keys() for zip3, found in spread.rows()}
    assert len([zip3 for zip3, found in states.items() if len(found) > 1]) >= 5
