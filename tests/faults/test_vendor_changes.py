"""What a vendor refuses, changes or holds under a run: told by its code, nothing lost, mended by running again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.faults.again import Road
from tests.home import assert_conserved

pytestmark = [pytest.mark.slow, pytest.mark.feature("NRM-03", "HND-04"), pytest.mark.timeout(300)]


def set_fault(road: Road, **fault: Any) -> None:
    road.start_anew()
    road.vendors.control("faults", fault)


def a_lead(road: Road) -> str:
    """The hub's id of a lead that a clean run creates."""
    found: list[str] = sorted(road.vendors.ours("Lead"))
    return found[0]


def test_a_row_refused_by_name_waits_for_a_person_and_holds_nothing_up(there: Road) -> None:
    refused, created = a_lead(there), len(there.vendors.ours("Lead"))
    set_fault(there, kind="partial", rows=[refused], code="FIELD_CUSTOM_VALIDATION_EXCEPTION", system="salesforce")
    ended = there.home.run(*there.command)
    assert ended.code == 0, ended.err
    assert_conserved(ended.document["steps"])
    assert refused not in there.vendors.ours("Lead")
    assert len(there.vendors.ours("Lead")) == created - 1
    listed = there.home.do("quarantine", "list")
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in str(listed)


def test_a_locked_row_is_written_once_it_is_free(there: Road) -> None:
    set_fault(there, kind="partial", rows=[a_lead(there)], code="UNABLE_TO_LOCK_ROW", endpoint="PATCH *", nth=1)
    there.finish()
    assert struck(there) == 1
    there.compare()


def test_an_answer_that_does_not_come_in_time(there: Road) -> None:
    """Given up after the time-out, although the vendor does its work."""
    there.home.settings["CROSSWALK_HTTP_TIMEOUT"] = "0.5"
    set_fault(there, kind="latency", milliseconds=1_500, endpoint="PATCH *", nth=1)
    there.finish()
    assert struck(there) == 1
    there.compare()


def test_through_bulk_jobs(there: Road) -> None:
    """The same end when every write is a Bulk job whose token ends in the middle and whose answers are lost."""
    there.home.settings["CROSSWALK_SALESFORCE_BULK_THRESHOLD"] = "1"
    for kind in ({"kind": "reset", "when": "after"}, {"kind": "expire_token"}, {"kind": "status", "status": 503}):
        for call in ("POST */jobs/ingest", "PUT */batches", "PATCH */jobs/ingest/{job}", "GET */jobs/ingest/*"):
            set_fault(there, **kind, system="salesforce", endpoint=call, nth=1)
            there.finish()
            assert struck(there) == 1, (kind, call)
            there.compare()


@pytest.mark.parametrize("object_name", ["Lead", "Task"])
def test_a_field_taken_from_the_integration_stops_the_route_and_is_named(there: Road, object_name: str) -> None:
    """With the field given back, the run goes on where it stopped."""
    hide = {"system": "salesforce", "object": object_name, "field": "Crosswalk_Id__c"}
    set_fault(there, kind="schema", **hide, change={"hide": True}, endpoint="PATCH *", nth=1)
    ended = there.home.run(*there.command)
    assert ended.code != 0
    assert "Crosswalk_Id__c" in ended.err and "Traceback" not in ended.err
    there.vendors.control("schema", {**hide, "change": {"hide": False}})
    there.finish()
    there.compare()


@pytest.mark.feature("TRK-05")
def test_a_property_that_hubspot_lost_stops_the_route_and_is_named(there: Road) -> None:
    """HubSpot leaves an unknown property out without a word: that must not be taken for empty.

    What the hub has had of it stays; with the property back, the next run goes on.
    """
    there.start_anew()
    there.finish()
    contact = str(there.vendors.ask("dump", system="hubspot")["hubspot"]["contacts"][0]["id"])
    there.vendors.change(contact, website="https://www.example.org")
    before = there.state()
    lost = {"system": "hubspot", "object": "contacts", "field": "service_line_interest"}
    there.vendors.control("schema", {**lost, "change": {"rename": "renamed"}})
    without = there.state()
    ended = there.home.run(*there.command)
    assert ended.code == 1
    assert "SOURCE_SCHEMA_DRIFT: hubspot contacts: rows no longer have service_line_interest" in ended.err
    assert "Traceback" not in ended.err
    assert there.state() == without
    there.vendors.control("schema", {**lost, "field": "renamed", "change": {"rename": "service_line_interest"}})
    there.finish()
    after = there.state()
    del after["contacts"], before["contacts"]  # HubSpot's own affair, which the hub did not touch
    assert after == before


def test_a_picklist_value_that_is_gone_refuses_only_the_rows_that_have_it(there: Road) -> None:
    there.start_anew()
    change = {"system": "salesforce", "object": "Lead", "field": "LeadSource", "change": {"drop_value": "Web"}}
    there.vendors.control("schema", change)
    ended = there.home.run(*there.command)
    assert ended.code == 0, ended.err
    assert_conserved(ended.document["steps"])


def struck(road: Road) -> int:
    found: int = road.vendors.ask("faults")["faults"][0]["struck"]
    return found
