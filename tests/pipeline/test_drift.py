"""Source drift (TRK-05): what a stream had and now lacks stops that stream, and an admin decides how it goes on."""

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from crosswalk.domain.mapping import FieldIn, FieldMap
from crosswalk.errors import SchemaDrift
from crosswalk.pipeline import drift
from crosswalk.pipeline.landing import gather
from crosswalk.ports import Cursor, Page
from tests.home import Home
from tests.pipeline.conftest import Pipeline
from tests.vendors import Vendors
from tests.way import Fault, Way

pytestmark = pytest.mark.feature("TRK-05")

AT = datetime(2026, 11, 16, tzinfo=UTC)
MAPPING = FieldMap("forms", "people", {"job_title": FieldIn("title")})
TITLE = {"system": "hubspot", "object": "contacts", "field": "jobtitle"}
SOURCE = {"system": "salesforce", "object": "Lead", "field": "LeadSource"}
SOURCES = [{"fullName": name, "label": name, "default": False} for name in ("Web", "Phone Inquiry", "Other")]
REASON = {"system": "salesforce", "object": "Lead", "field": "Crosswalk_Reason__c"}


class Pages:
    """A source of one window; each page says which properties its only row lacks."""

    def __init__(self, *lacking: str) -> None:
        self.lacking = lacking

    def pull(self, stream: str, since: Cursor) -> Any:
        del stream, since
        for number, lacks in enumerate(self.lacking):
            row = {"external_id": str(number), "modified_at": AT, "title": "x", "watched": "x"}
            cursor = Cursor(until=AT, last_id=str(number)) if number + 1 < len(self.lacking) else Cursor(AT)
            yield Page(pl.DataFrame([row]), cursor, left_out=frozenset(lacks.split()))


@pytest.mark.parametrize(
    ("lacking", "had", "new"),
    [
        (["", ""], "", {"title"}),
        (["", ""], "title", set()),
        (["title", "title"], "", set()),
        (["watched", "watched"], "title watched", set()),
        ([], "title", set()),
    ],
    ids=["seen first", "seen again", "never had", "not read by the mapping", "no rows"],
)
def test_what_is_no_drift(lacking: list[str], had: str, new: set[str]) -> None:
    batch = gather(Pages(*lacking), "people", Cursor(), 100)
    assert drift.new_properties(MAPPING, batch, frozenset(had.split())) == new


@pytest.mark.parametrize(
    ("lacking", "had"),
    [(["title"], "title"), (["", "title"], ""), (["", "title"], "title")],
    ids=["since an earlier run", "since an earlier page", "since both"],
)
def test_what_is_gone_is_named_with_what_to_do(lacking: list[str], had: str) -> None:
    batch = gather(Pages(*lacking), "people", Cursor(), 100)
    with pytest.raises(SchemaDrift, match=r"forms people: .*title.*accept-missing forms people title") as stopped:
        drift.new_properties(MAPPING, batch, frozenset(had.split()))
    assert stopped.value.code == "SOURCE_SCHEMA_DRIFT"


def titles(home: Home) -> list[str]:
    return sorted(row["property"] for row in home.rows("stream_property") if row["given_up_by"] is None)


def test_a_property_that_goes_between_two_pages_stops_the_first_run(
    vendors: Vendors, pipeline: Pipeline, ways: tuple[Way, Way]
) -> None:
    """The batches before are kept, and delivered; what came without the property is not."""
    vendors.create([vendors.inquiry(jobtitle="Nurse") for _ in range(20)])
    ways[0].faults.append(Fault("POST", "/search", ask=_ten_rows, times=99))
    third = {"kind": "schema", **TITLE, "change": {"remove": True}, "endpoint": "POST */search", "nth": 3}
    vendors.control("faults", third)
    with pytest.raises(SchemaDrift, match="hubspot contacts: rows no longer have jobtitle"):
        pipeline.sync(batch_size=10)
    assert len(vendors.ours("Lead")) == len(pipeline.home.rows("payload")) == 10
    assert {one["Title"] for one in vendors.ours("Lead").values()} == {"Nurse"}
    [run] = pipeline.home.rows("run")
    assert (run["state"], run["error_code"]) == ("failed", "SOURCE_SCHEMA_DRIFT")


def test_an_unchanged_run_asks_no_more_for_it(vendors: Vendors, pipeline: Pipeline) -> None:
    vendors.create([vendors.inquiry()])
    pipeline.sync()
    seen = pipeline.home.rows("stream_property", volatile=True)
    assert {"jobtitle", "email"} <= {row["property"] for row in seen}
    vendors.later(86_400)
    assert pipeline.sync().api_calls["hubspot"] == 2
    assert pipeline.home.rows("stream_property", volatile=True) == seen


def test_a_mapping_that_no_longer_reads_it_goes_on(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry(jobtitle="Nurse")])
    home.sync()
    vendors.control("schema", {**TITLE, "change": {"remove": True}})
    vendors.change(contact, city="Naperville")
    assert home.run("sync").code == 1
    home.write("mappings/fields/hubspot.contacts.yaml", "  job_title: {source: jobtitle}\n", "")
    home.sync()
    assert [one["City"] for one in vendors.ours("Lead").values()] == ["Naperville"]


def test_a_loss_can_be_accepted_until_the_property_is_back(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry(jobtitle="Nurse")])
    home.sync()
    vendors.control("schema", {**TITLE, "change": {"rename": "old_title"}})
    vendors.change(contact, city="Naperville")
    assert "accept-missing hubspot contacts jobtitle" in home.run("sync").err
    home.settings["CROSSWALK_ACTOR"] = "ann"
    accepted = home.do("accept-missing", "hubspot", "contacts", "jobtitle")
    assert accepted == {"connection": "hubspot", "stream": "contacts", "accepted": ["jobtitle"]}
    [row] = [row for row in home.rows("stream_property") if row["given_up_by"]]
    assert (row["property"], row["given_up_by"]) == ("jobtitle", "ann")
    home.sync()
    assert "jobtitle" not in titles(home)

    vendors.control("schema", {**TITLE, "field": "old_title", "change": {"rename": "jobtitle"}})
    vendors.change(contact, city="Kenosha")
    home.sync()
    assert "jobtitle" in titles(home)
    vendors.control("schema", {**TITLE, "change": {"remove": True}})
    vendors.change(contact, city="Naperville")
    assert home.run("sync").code == 1, "it is expected again"


def test_what_was_never_there_cannot_be_accepted(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    home.sync()
    for place in (("hubspot", "contacts", "jobtitel"), ("hubspot", "people", "jobtitle"), ("x", "contacts", "email")):
        ended = home.run("accept-missing", *place)
        assert ended.code == 2 and "Traceback" not in ended.err


def test_a_field_that_sales_no_longer_shows_stops_the_way_back_and_is_named(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    home.do("setup")
    home.sync()
    vendors.control("schema", {**REASON, "change": {"hide": True}})
    ended = home.run("return-outcomes")
    assert ended.code == 1
    assert "SOURCE_SCHEMA_DRIFT: salesforce leads: " in ended.err and "on Crosswalk_Reason__c" in ended.err
    vendors.control("schema", {**REASON, "change": {"hide": False}})
    home.do("return-outcomes")


def test_a_value_gone_from_a_picklist_refuses_only_the_leads_that_have_it(vendors: Vendors, home: Home) -> None:
    restricted = {"type": "Picklist", "valueSet": {"restricted": True, "valueSetDefinition": {"value": SOURCES}}}
    vendors.control("schema", {**SOURCE, "change": {"retype": restricted}})
    vendors.control("schema", {**SOURCE, "change": {"rename_value": ["Phone Inquiry", "Phone"]}})
    *_, called = vendors.create(
        [*(vendors.inquiry() for _ in range(30)), vendors.inquiry(capture_method="Call tracking")]
    )
    assert home.sync()["written"]["salesforce"]["Lead"] == {"created": 30, "updated": 0, "unchanged": 0, "failed": 1}
    [row] = [row for row in home.rows("quarantine") if row["state"] == "open"]
    assert (row["reason"], row["external_id"]) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", called)

    vendors.control("schema", {**SOURCE, "change": {"rename_value": ["Phone", "Phone Inquiry"]}})
    reason = ("--reason", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    home.do("quarantine", "release", *reason, "--why", "the value is back", "--yes")
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 1


def _ten_rows(body: bytes) -> bytes:
    asked = json.loads(body)
    return json.dumps({**asked, "limit": min(10, asked["limit"])}).encode()
