"""What a vendor refuses: one record, a whole request, or for a moment only."""

from dataclasses import replace

import pytest

from crosswalk.errors import GateFailed, TerminalError
from tests.pipeline.conftest import Pipeline
from tests.vendors import Vendors
from tests.way import Fault, Way

WRITE_LEADS = r"composite/sobjects/Lead"


def test_one_bad_record_of_a_batch_is_quarantined_with_the_vendors_code(vendors: Vendors, pipeline: Pipeline) -> None:
    """An admin has made a field too short for one of the clinics."""
    vendors.load(fields=False)
    vendors.set_up([replace(one, length=8) if one.name == "Crosswalk_Location__c" else one for one in vendors.fields])
    good = [vendors.inquiry(preferred_location="Kenosha") for _ in range(30)]
    *_, bad = vendors.create([*good, vendors.inquiry(preferred_location="Naperville")])
    summary = pipeline.sync()
    assert summary.written["salesforce"]["Lead"] == {"created": 30, "updated": 0, "unchanged": 0, "failed": 1}
    assert summary.written["salesforce"]["Task"]["created"] == 30
    assert summary.reasons["STRING_TOO_LONG"] == 1
    assert len(vendors.ours("Lead")) == len(vendors.ours("Task")) == 30
    rows = [row for row in pipeline.home.rows("quarantine") if row["state"] == "open"]
    assert [(row["step"], row["reason"], row["external_id"]) for row in rows] == [("apply", "STRING_TOO_LONG", bad)]
    receipts = [row for row in pipeline.home.rows("receipt") if row["code"]]
    assert [row["fields"] for row in receipts] == [["Crosswalk_Location__c"]], "names, never values"

    vendors.change(bad, preferred_location="Kenosha")
    summary = pipeline.sync()
    assert summary.written["salesforce"] == {
        "Lead": {"created": 1, "updated": 0, "unchanged": 0, "failed": 0},
        "Task": {"created": 1, "updated": 0, "unchanged": 0, "failed": 0},
    }
    assert not [row for row in pipeline.home.rows("quarantine") if row["state"] == "open"]


@pytest.mark.parametrize("vendor", ["hubspot", "salesforce"])
def test_an_error_that_nobody_knows_stops_the_route_and_is_not_repeated(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way], vendor: str
) -> None:
    vendors.create([vendors.inquiry() for _ in range(3)])
    way, method, path = (ways[0], "POST", "/search") if vendor == "hubspot" else (ways[1], "PATCH", WRITE_LEADS)
    way.faults.append(Fault(method, path, 418, [{"errorCode": "TEAPOT", "message": "short and stout"}], times=99))
    with pytest.raises(TerminalError):
        pipeline.sync()
    assert way.count(method, path) == 1
    assert vendors.records("Lead") == []
    [run] = pipeline.home.rows("run")
    assert run["state"] == "failed" and run["error_code"]
    way.clear()
    assert pipeline.sync().written["salesforce"]["Lead"]["created"] == 3


def test_a_vendor_that_is_away_for_a_moment_is_waited_for(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    vendors.create([vendors.inquiry() for _ in range(3)])
    ways[0].faults.append(Fault("POST", "/search", 503, times=2))
    ways[1].faults.append(Fault("PATCH", WRITE_LEADS, 503))
    ways[1].faults.append(Fault("PATCH", r"composite/sobjects/Task", 503, commits=True))
    summary = pipeline.sync()
    assert summary.written["salesforce"]["Lead"]["created"] == 3
    assert len(vendors.records("Lead")) == len(vendors.records("Task")) == 3


def test_a_target_that_refuses_most_pauses_and_what_it_answered_is_kept(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    vendors.create([vendors.inquiry() for _ in range(30)])
    refused = {
        "success": False,
        "errors": [{"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "no", "fields": []}],
    }
    ways[1].faults.append(Fault("PATCH", WRITE_LEADS, 200, [refused] * 30))
    with pytest.raises(GateFailed) as failure:
        pipeline.sync()
    assert failure.value.gate == "receipts"
    assert {row["state"] for row in pipeline.home.rows("outbox") if row["object"] == "Lead"} == {"failed"}
    assert len(pipeline.home.rows("quarantine")) == 30
    assert vendors.records("Task") == []
    assert pipeline.sync().written == {}, "what was refused waits for a person"


def test_a_target_that_breaks_off_keeps_what_it_had_answered(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    """The first call of 200 records is answered, the second is not."""
    vendors.create([vendors.inquiry() for _ in range(250)])
    ways[1].faults.append(Fault("PATCH", WRITE_LEADS, rewrite=lambda content: content))
    ways[1].faults.append(Fault("PATCH", WRITE_LEADS, 418, {"error": "teapot"}))
    with pytest.raises(TerminalError):
        pipeline.sync()
    done = [row for row in pipeline.home.rows("outbox") if row["object"] == "Lead" and row["state"] == "done"]
    assert len(done) == len(vendors.ours("Lead")) == 200
    summary = pipeline.sync()
    assert summary.written["salesforce"]["Lead"] == {"created": 50, "updated": 0, "unchanged": 0, "failed": 0}
    assert summary.written["salesforce"]["Task"]["created"] == 250
    assert len(vendors.records("Lead")) == len(vendors.records("Task")) == 250


def test_an_owner_that_the_crm_does_not_know_holds_the_lead(vendors: Vendors, pipeline: Pipeline) -> None:
    vendors.create([vendors.inquiry() for _ in range(3)])
    for user in vendors.records("User"):
        if str(user.get("Email", "")).startswith("intake"):
            vendors.edit("User", user["Id"], IsActive=False)
    summary = pipeline.sync()
    assert summary.reasons["OWNER_UNKNOWN"] == 6, "three leads and their tasks"
    assert summary.waiting == {"salesforce": {"held": 6}}
    assert vendors.records("Lead") == []
