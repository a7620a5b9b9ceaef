"""Opportunities, contact roles, campaigns and events: what is derived, what belongs to what, conversion and merge."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.salesforce import people
from sandbox.salesforce.errors import SalesforceError


def made(wire, name, **fields):
    reply = wire.ask("POST", f"sobjects/{name}", fields)
    assert reply.status_code == 201, reply.text
    return reply.json()["id"]


def one(wire, text, path="query"):
    (record,) = wire.ask("GET", path, params={"q": text}).json()["records"]
    return {name: value for name, value in record.items() if name != "attributes"}


@pytest.fixture
def later(wire):
    """Let time pass: a frozen clock that this moves."""
    clock = Clock(datetime(2026, 3, 1, 12, tzinfo=UTC))
    clock.freeze()
    wire.org.clock = clock
    return clock.advance


@pytest.fixture
def deal(wire):
    return made(wire, "Opportunity", Name="Knee clinic", StageName="Prospecting", CloseDate="2026-04-01")


def test_stage_decides_probability_and_whether_a_deal_is_closed(wire, deal):
    def now():
        return tuple(one(wire, f"SELECT Probability, IsClosed, IsWon FROM Opportunity WHERE Id = '{deal}'").values())

    assert now() == (10.0, False, False)
    wire.ask("PATCH", f"sobjects/Opportunity/{deal}", {"Probability": 35})
    wire.ask("PATCH", f"sobjects/Opportunity/{deal}", {"Amount": 1000, "StageName": "Prospecting"})
    assert now() == (35.0, False, False)
    wire.ask("PATCH", f"sobjects/Opportunity/{deal}", {"StageName": "Negotiation/Review"})
    assert now() == (90.0, False, False)
    wire.ask("PATCH", f"sobjects/Opportunity/{deal}", {"StageName": "Closed Won"})
    assert now() == (100.0, True, True)
    wire.ask("PATCH", f"sobjects/Opportunity/{deal}", {"StageName": "Closed Lost"})
    assert now() == (0.0, True, False)


def test_one_contact_role_is_primary_and_roles_go_with_the_deal(wire, deal):
    first, second = made(wire, "Contact", LastName="A"), made(wire, "Contact", LastName="B")
    keys = [
        made(wire, "OpportunityContactRole", OpportunityId=deal, ContactId=who, Role="Evaluator", IsPrimary=True)
        for who in (first, second)
    ]
    text = "SELECT Id, IsPrimary, Opportunity.StageName, Contact.LastName FROM OpportunityContactRole ORDER BY Id"
    roles = wire.query(text)["records"]
    assert [(r["Id"], r["IsPrimary"], r["Opportunity"]["StageName"], r["Contact"]["LastName"]) for r in roles] == [
        (keys[0], False, "Prospecting", "A"), (keys[1], True, "Prospecting", "B"),
    ]  # fmt: skip
    locked = wire.ask("PATCH", f"sobjects/OpportunityContactRole/{keys[0]}", {"OpportunityId": deal})
    assert locked.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    missing = wire.ask("POST", "sobjects/OpportunityContactRole", {"OpportunityId": deal})
    assert missing.json()[0]["fields"] == ["ContactId"]
    wire.ask("DELETE", f"sobjects/Opportunity/{deal}")
    assert wire.query(text)["records"] == []
    assert len(wire.ask("GET", "queryAll", params={"q": text}).json()["records"]) == 2


def test_describe_names_the_children(wire):
    below = wire.ask("GET", "sobjects/Opportunity/describe").json()["childRelationships"]
    found = {(c["relationshipName"], c["childSObject"], c["field"], c["cascadeDelete"]) for c in below}
    assert ("OpportunityContactRoles", "OpportunityContactRole", "OpportunityId", True) in found


def test_an_event_knows_its_day_and_its_end(wire):
    key = made(wire, "Event", Subject="Meeting", StartDateTime="2026-03-02T15:00:00Z", DurationInMinutes=45)
    text = f"SELECT ActivityDate, ActivityDateTime, EndDateTime, DurationInMinutes FROM Event WHERE Id = '{key}'"
    assert list(one(wire, text).values()) == [
        "2026-03-02", "2026-03-02T15:00:00.000+0000", "2026-03-02T15:45:00.000+0000", 45,
    ]  # fmt: skip
    wire.ask("PATCH", f"sobjects/Event/{key}", {"StartDateTime": "2026-03-03T15:00:00Z"})
    assert one(wire, text)["EndDateTime"] == "2026-03-03T15:45:00.000+0000"
    wire.ask("PATCH", f"sobjects/Event/{key}", {"EndDateTime": "2026-03-03T16:00:00Z"})
    assert one(wire, text)["DurationInMinutes"] == 60


def test_an_event_needs_its_time(wire):
    start = {"ActivityDateTime": "2026-03-02T15:00:00Z"}
    for fields, missing in (
        ({}, ["DurationInMinutes", "ActivityDateTime"]),
        (start, ["DurationInMinutes"]),
        ({"IsAllDayEvent": True}, ["ActivityDate"]),
    ):
        (error,) = wire.ask("POST", "sobjects/Event", {"Subject": "Meeting", **fields}).json()
        assert (error["errorCode"], error["fields"]) == ("REQUIRED_FIELD_MISSING", missing)
    made(wire, "Event", Subject="Holiday", IsAllDayEvent=True, ActivityDate="2026-03-02")


def test_a_campaign_has_a_person_once(wire):
    campaign, lead = made(wire, "Campaign", Name="Spring"), wire.lead()
    key = made(wire, "CampaignMember", CampaignId=campaign, LeadId=lead, Status="Responded")
    member = one(wire, f"SELECT HasResponded, Type, Campaign.Name, Lead.Company FROM CampaignMember WHERE Id = '{key}'")
    assert member["HasResponded"] is True and member["Type"] == "Lead" and member["Campaign"]["Name"] == "Spring"
    again = wire.ask("POST", "sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": lead})
    assert again.json()[0]["errorCode"] == "DUPLICATE_VALUE"
    nobody = wire.ask("POST", "sobjects/CampaignMember", {"CampaignId": campaign})
    assert nobody.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_conversion_moves_what_hangs_on_the_lead(wire, user, later):
    rep = user("Rep")
    lead = wire.lead(OwnerId=rep, Email="a@example.org", LeadSource="Web")
    task = made(wire, "Task", Subject="Call", WhoId=lead)
    start = {"StartDateTime": "2026-03-02T15:00:00Z", "DurationInMinutes": 30}
    event = made(wire, "Event", Subject="Meeting", WhoId=lead, **start)
    member = made(wire, "CampaignMember", CampaignId=made(wire, "Campaign", Name="Spring"), LeadId=lead)
    before = one(wire, f"SELECT SystemModstamp FROM Task WHERE Id = '{task}'")["SystemModstamp"]
    later(60)
    got = people.convert_lead(wire.org, lead, opportunity="Acme, first order")
    contact, deal = got["ConvertedContactId"], got["ConvertedOpportunityId"]
    for name, key in (("Task", task), ("Event", event)):
        moved = one(wire, f"SELECT WhoId, WhatId, Who.Type, SystemModstamp FROM {name} WHERE Id = '{key}'")
        assert (moved["WhoId"], moved["WhatId"], moved["Who"]["Type"]) == (contact, deal, "Contact")
        assert moved["SystemModstamp"] > before
    role = one(wire, f"SELECT ContactId, IsPrimary FROM OpportunityContactRole WHERE OpportunityId = '{deal}'")
    assert role == {"ContactId": contact, "IsPrimary": True}
    assert one(wire, f"SELECT LeadId, ContactId FROM CampaignMember WHERE Id = '{member}'") == {
        "LeadId": lead, "ContactId": contact,
    }  # fmt: skip
    person = one(wire, f"SELECT Email, LeadSource, OwnerId, CreatedById FROM Contact WHERE Id = '{contact}'")
    assert person == {"Email": "a@example.org", "LeadSource": "Web", "OwnerId": rep, "CreatedById": rep}
    closed = one(wire, f"SELECT Status, IsConverted, ConvertedDate FROM Lead WHERE Id = '{lead}'")
    assert closed == {"Status": "Closed - Converted", "IsConverted": True, "ConvertedDate": "2026-03-01"}
    with pytest.raises(SalesforceError, match="CANNOT_UPDATE_CONVERTED_LEAD"):
        people.convert_lead(wire.org, lead)


def test_a_merge_leaves_everything_to_the_master(wire, later):
    master, loser, third = wire.lead(FirstName="Ada"), wire.lead(FirstName="Bela"), wire.lead()
    campaign = made(wire, "Campaign", Name="Spring")
    task = made(wire, "Task", Subject="Call", WhoId=loser)
    members = [made(wire, "CampaignMember", CampaignId=campaign, LeadId=key) for key in (master, loser)]
    later(60)
    people.merge(wire.org, "Lead", master, [loser, third])
    now = wire.org.stamp()
    moved = one(wire, f"SELECT WhoId, SystemModstamp, LastModifiedDate FROM Task WHERE Id = '{task}'")
    assert moved["WhoId"] == master and moved["SystemModstamp"] == now > moved["LastModifiedDate"]
    assert [r["Id"] for r in wire.query("SELECT Id FROM CampaignMember")["records"]] == members[:1]
    for key in (loser, third):
        text = f"SELECT IsDeleted, MasterRecordId, SystemModstamp FROM Lead WHERE Id = '{key}'"
        gone = one(wire, text, "queryAll")
        assert gone == {"IsDeleted": True, "MasterRecordId": master, "SystemModstamp": now}
    kept = one(wire, f"SELECT FirstName, MasterRecordId, SystemModstamp FROM Lead WHERE Id = '{master}'")
    assert kept == {"FirstName": "Ada", "MasterRecordId": None, "SystemModstamp": now}
    for losers in ([], [master], [loser], ["00QgK0000zzzzzz"]):
        with pytest.raises(SalesforceError):
            people.merge(wire.org, "Lead", master, losers)


def test_contact_roles_move_with_merged_contacts(wire, deal):
    master, loser = made(wire, "Contact", LastName="A"), made(wire, "Contact", LastName="B")
    made(wire, "OpportunityContactRole", OpportunityId=deal, ContactId=loser, Role="Decision Maker")
    people.merge(wire.org, "Contact", master, [loser])
    assert one(wire, "SELECT ContactId, Role FROM OpportunityContactRole") == {
        "ContactId": master, "Role": "Decision Maker",
    }  # fmt: skip


def test_deleting_a_lead_takes_its_activities_along(wire):
    lead = wire.lead()
    made(wire, "Task", Subject="Call", WhoId=lead)
    wire.ask("DELETE", f"sobjects/Lead/{lead}")
    assert wire.query("SELECT COUNT() FROM Task")["totalSize"] == 0
    assert wire.ask("GET", "queryAll", params={"q": "SELECT COUNT() FROM Task"}).json()["totalSize"] == 1


def test_merged_accounts_hand_over_their_people_and_deals(wire, deal):
    master, loser = made(wire, "Account", Name="Acme"), made(wire, "Account", Name="Acme Inc.")
    contact = made(wire, "Contact", LastName="A", AccountId=loser)
    wire.ask("PATCH", f"sobjects/Opportunity/{deal}", {"AccountId": loser})
    people.merge(wire.org, "Account", master, [loser])
    assert one(wire, f"SELECT AccountId FROM Contact WHERE Id = '{contact}'") == {"AccountId": master}
    assert one(wire, f"SELECT AccountId FROM Opportunity WHERE Id = '{deal}'") == {"AccountId": master}
    gone = one(wire, f"SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '{loser}'", "queryAll")
    assert gone == {"IsDeleted": True, "MasterRecordId": master}


def test_what_is_undeleted_brings_back_what_went_with_it(wire, later):
    lead = wire.lead()
    kept, earlier = made(wire, "Task", Subject="Kept", WhoId=lead), made(wire, "Task", Subject="Gone", WhoId=lead)
    wire.ask("DELETE", f"sobjects/Task/{earlier}")
    later(60)
    wire.ask("DELETE", f"sobjects/Lead/{lead}")
    later(60)
    people.undelete(wire.org, "Lead", lead)
    assert one(wire, "SELECT Id, IsDeleted, SystemModstamp FROM Lead") == {
        "Id": lead, "IsDeleted": False, "SystemModstamp": wire.org.stamp(),
    }  # fmt: skip
    assert one(wire, "SELECT Id FROM Task") == {"Id": kept}
    with pytest.raises(SalesforceError, match="UNDELETE_FAILED"):
        people.undelete(wire.org, "Lead", lead)
    window = {"start": "2026-02-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}
    assert wire.ask("GET", "sobjects/Lead/deleted/", params=window).json()["deletedRecords"] == []
