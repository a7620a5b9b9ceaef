"""Records of the CRM come and go, and the hub's leads with them: conversion, deletion, merge."""

import random
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from crosswalk.platform.catalog import Catalog
from crosswalk.platform.settings import Settings
from crosswalk.store import links, outbox
from crosswalk.store.hub import Hub
from tests.pipeline.sales import THEIRS, Sales, record_of, rows

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)


@pytest.mark.feature("FBK-01")
def test_a_converted_lead_is_followed_to_its_contact(sales: Sales) -> None:
    sales.lead()
    sales.convert()
    sales.says("tasks", "00T-1", WhoId="003-1", IsClosed="true", CallDisposition="Connected")
    deal = {"ContactId": "003-1", "OpportunityId": "006-1", "Opportunity.StageName": "Prospecting"}
    sales.says("contact_roles", "00K-1", **deal, **{"Opportunity.IsWon": "false", "Opportunity.IsClosed": "false"})
    summary = sales.back()
    assert (sales.stands()["status"], sales.stands()["is_open"]) == ("converted", False)
    assert summary.outcomes == {"activity": {"connected": 1}, "opportunity": {"open": 1}, "status": {"converted": 1}}
    with sales.hub.read() as tx:
        for name, record in (("Contact", "003-1"), ("Account", "001-1"), ("Opportunity", "006-1")):
            assert links.by_record(tx, "salesforce", name, pl.Series([record]))["lead_id"].to_list() == ["lead-1"]
    sales.says("contact_roles", "00K-1", **deal, **{"Opportunity.IsWon": "true", "Opportunity.IsClosed": "true"})
    sales.says("contacts", "003-1", IsDeleted="true", MasterRecordId="003-9")
    sales.back()
    assert sales.outcomes("00K-1") == [("opportunity", "open", "superseded"), ("opportunity", "won", "noted")]
    sales.says("tasks", "00T-2", WhoId="003-9", IsClosed="true", CallDisposition="Connected")
    assert sales.back().outcomes == {"activity": {"connected": 1}}, "the contact that it was merged into is it now"


@pytest.mark.feature("FBK-01")
def test_a_lead_that_was_deleted_is_closed_and_not_made_again(sales: Sales) -> None:
    sales.lead()
    sales.lead(2, status="recycled", resume_on=date(2027, 1, 1), reason="not_now")
    sales.lead_row(1, IsDeleted="true")
    sales.says("removed_leads", record_of(2), IsDeleted="true")
    assert sales.back().outcomes == {"removal": {"deleted": 2}}
    gone, rests = sales.stands(1), sales.stands(2)
    assert (gone["status"], gone["reason"], gone["is_open"]) == ("disqualified", "removed_in_crm", False)
    assert (rests["status"], rests["resume_on"], rests["is_open"]) == ("recycled", None, False)
    sales.says("removed_leads", record_of(1), IsDeleted="true")
    assert sales.back().outcomes == {}, "that it is gone from the bin as well is no news"


@pytest.mark.feature("FBK-01")
def test_a_lead_merged_into_another_one_of_ours_is_its_duplicate(sales: Sales) -> None:
    for number in (1, 2, 3):
        sales.lead(number)
    sales.task("00T-1", 1, Crosswalk_Disposition__c="left_voicemail")
    sales.back()
    sales.lead_row(1, IsDeleted="true", MasterRecordId=record_of(2))
    sales.task("00T-1", 2, Crosswalk_Disposition__c="left_voicemail")
    sales.back()
    merged = sales.stands(1)
    assert (merged["status"], merged["reason"], merged["is_open"]) == ("disqualified", "duplicate", False)
    assert (merged["processing_state"], merged["merged_into"]) == ("merged", "lead-2")
    [called] = [one for one in rows(sales.hub, "outcome")["outcome"] if one["kind"] == "activity"]
    assert called["lead_id"] == "lead-2", "what the one was called for is the other's now"
    sales.lead_row(2, IsDeleted="true", MasterRecordId=record_of(3))
    sales.says("tasks", "00T-2", WhoId=record_of(1), IsClosed="true", CallDisposition="Connected")
    sales.back()
    assert sales.stands(3)["status"] == "connected", "merges are followed to their end"


@pytest.mark.feature("FBK-01")
def test_a_lead_merged_into_a_strangers_record_goes_on_there(sales: Sales) -> None:
    sales.lead()
    action = {"action_id": "salesforce:Lead:lead-1", "target": "salesforce", "object": "Lead", "external_id": "lead-1"}
    action |= {"lead_id": "lead-1", "desired": '{"fields":{}}', "desired_hash": "h"}
    with sales.hub.begin() as tx:
        outbox.enqueue(tx, pl.DataFrame([action]).with_columns(depends_on=pl.lit(None, pl.String)), "before", NOW)
        outbox.claim(tx, "salesforce", "Lead", 9, "before", NOW, 60)
        done = {"action_id": action["action_id"], "state": "done", "outcome": "created", "record_id": record_of(1)}
        blank = pl.lit(None, pl.String)
        outbox.settle(tx, pl.DataFrame([done]).with_columns(reason=blank, sent_hash=blank), "before", NOW)
    sales.lead_row(IsDeleted="true", MasterRecordId="00Q-stranger")
    sales.back()
    assert sales.story() == ["assigned"] and sales.stands()["is_open"]
    with sales.hub.read() as tx:
        [moved] = outbox.get(tx, pl.Series([action["action_id"]])).rows(named=True)
    assert (moved["record_id"], moved["state"]) == ("00Q-stranger", "pending"), "it has to be told all of it"
    sales.says("tasks", "00T-1", WhoId="00Q-stranger", IsClosed="true", CallDisposition="Connected")
    sales.back()
    assert sales.stands()["status"] == "connected"


def test_the_order_in_which_records_come_and_go_changes_nothing(catalog: Catalog, tmp_path: Path) -> None:
    """Conversions, merges, deletions and calls, interleaved at random and read at random: the same end."""

    def stories(one: Sales) -> list[list[Callable[[], None]]]:
        """What happens one after the other; a contact cannot go before its lead was converted."""
        told = [[partial(one.convert, 1), partial(one.convert, 3)], [partial(one.convert, 2)]]
        told[0] += [partial(one.says, "contacts", "003-3", IsDeleted="true", MasterRecordId="003-1")]
        told[0] += [partial(one.says, "tasks", "00T-1", WhoId="003-1", IsClosed="true", CallDisposition="Connected")]
        told[1] += [partial(one.says, "contacts", "003-2", IsDeleted="true")]
        told += [[partial(one.lead_row, n, IsDeleted="true", MasterRecordId=record_of(n + 1))] for n in (4, 5, 6)]
        told[-3] += [partial(one.says, "removed_leads", record_of(4), IsDeleted="true")]
        told.append([partial(one.lead_row, 8, IsDeleted="true", MasterRecordId="00Q-stranger")])
        told.append([partial(one.lead_row, 9, IsDeleted="true")])
        told[-1] += [partial(one.says, "removed_leads", record_of(9), IsDeleted="true")]
        told.append([partial(one.lead_row, 10, Crosswalk_Sales_Status__c="recycled", Crosswalk_Reason__c="not_now")])
        told.append([partial(one.lead_row, 11, Crosswalk_Sales_Status__c="connected", OwnerId=THEIRS)])
        told += [[partial(one.task, f"00T-{n}", n, CallDisposition="No answer")] for n in (7, 8, 9, 11, 12)]
        return told

    ends = []
    for seed in range(3):
        order = random.Random(seed)
        with closing(Hub.open(f"sqlite:///{tmp_path}/{seed}.db")) as hub:
            one = Sales(hub, catalog, Settings(home=tmp_path), NOW, page_rows=order.choice([4, 50]))
            for number in range(1, 13):
                one.lead(number)
            left = stories(one)
            while left:
                story = order.choice(left)
                story.pop(0)()
                left = [each for each in left if each]
                if seed and order.random() < 0.12:  # the first one is read once, at the end
                    one.back(timedelta(0), batch_size=4)
            one.back(timedelta(0), batch_size=4)
            found = rows(hub, "lead", "link", "quarantine", "outcome")
            for outcome in found["outcome"]:  # whether it moved the lead depends on what was read first
                outcome["result"] = outcome["result"].replace("applied", "noted")
            ends.append(found)
    merged = [lead["merged_into"] for lead in ends[0]["lead"] if lead["merged_into"]]
    assert sorted(merged) == ["lead-1", "lead-5", "lead-6", "lead-7"] and len(ends[0]["outcome"]) > 15
    for end in ends[1:]:
        assert end == ends[0]
