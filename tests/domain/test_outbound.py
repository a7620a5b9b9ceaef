"""Actions for the targets (HND-04): one wanted record for each lead and object, the task after its lead."""

import json
from typing import Any

import pytest

from crosswalk.domain.outbound import ACTION
from crosswalk.platform.catalog import Catalog
from tests.domain.handed_off import actions, packaged

pytestmark = pytest.mark.feature("HND-04")


def by_object(catalog: Catalog, *rows: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    frame = actions(catalog, packaged(catalog, *rows))
    assert frame.columns == list(ACTION)
    return {name: frame.filter(object=name).rows(named=True) for name in ("Lead", "Task")}


def test_a_lead_and_its_task(catalog: Catalog) -> None:
    made = by_object(catalog, {"first_name": None, "company": None})
    (lead,), (task,) = made["Lead"], made["Task"]
    wanted, work = json.loads(lead["desired"]), json.loads(task["desired"])
    assert lead["action_id"] == "salesforce:Lead:l1" and lead["external_id"] == "l1" and lead["depends_on"] is None
    assert wanted["match"] == {"Email": "jane.roe@mail.example.org"}
    assert wanted["owner"] == {"OwnerId": "intake01@lakeshore.example.org"}
    fields = wanted["fields"]
    assert (fields["FirstName"], fields["LastName"], fields["Company"]) == (None, "Roe", "[not given]")
    assert (fields["Status"], fields["Crosswalk_Status__c"]) == ("Open - Not Contacted", "new")
    assert task["depends_on"] == lead["action_id"] and work["refs"] == {"WhoId": lead["action_id"]}
    assert task["external_id"] == work["fields"]["Crosswalk_Id__c"] != lead["external_id"]
    assert work["fields"]["ActivityDate"] == "2026-11-16" and work["fields"]["Priority"] == "Normal"
    assert (lead["package_complete"], task["package_complete"]) == (True, True)


def test_the_same_lead_always_wants_the_same(catalog: Catalog) -> None:
    once, again = by_object(catalog, {}), by_object(catalog, {})
    other = by_object(catalog, {"phone": "+13125550143"})
    assert once == again
    assert once["Lead"][0]["desired_hash"] != other["Lead"][0]["desired_hash"]
    assert once["Task"][0]["external_id"] == other["Task"][0]["external_id"]


@pytest.mark.parametrize(
    ("lead", "missing"),
    [
        ({"first_name": "J" * 40}, None),
        ({"first_name": "J" * 41}, "FirstName too long"),
        ({"first_name": "J" * 41, "city": "C" * 41}, "FirstName too long, City too long"),
    ],
)
def test_a_value_that_is_too_long_is_refused_never_cut(
    lead: dict[str, Any], missing: str | None, catalog: Catalog
) -> None:
    (action,) = by_object(catalog, lead)["Lead"]
    assert (action["missing"], action["package_complete"]) == (missing, missing is None)
    assert json.loads(action["desired"])["fields"]["FirstName"] == lead["first_name"]


def test_urgent_work_comes_first(catalog: Catalog) -> None:
    (task,) = by_object(catalog, {"urgency": "urgent"})["Task"]
    assert json.loads(task["desired"])["fields"]["Priority"] == "High"


def test_every_lead_has_one_action_for_each_object(catalog: Catalog) -> None:
    made = by_object(catalog, *[{"lead_id": f"l{n}"} for n in range(7)])
    assert [len(one) for one in made.values()] == [7, 7]
    assert len({one["external_id"] for rows in made.values() for one in rows}) == 14
