"""`/_sandbox/work`: a sales team works its leads. What it says it did is held against what the wire shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

if TYPE_CHECKING:
    from conftest import Sandbox

LEADS = 600
START = "2026-11-17T15:00:00Z"
PICKLISTS = {
    "Lead.Crosswalk_Sales_Status__c": "accepted attempting connected sales_qualified meeting_set recycled disqualified",
    "Lead.Crosswalk_Reason__c": "out_of_area not_now no_response",
    "Activity.Crosswalk_Disposition__c": "connected left_voicemail no_answer",
    "Activity.Crosswalk_Meeting_Outcome__c": "scheduled completed rescheduled no_show canceled",
}
NATIVE = {
    "accepted": "Open - Not Contacted",
    "attempting": "Working - Contacted",
    "connected": "Working - Contacted",
    "sales_qualified": "Working - Contacted",
    "meeting_set": "Working - Contacted",
    "recycled": "Open - Not Contacted",
    "disqualified": "Closed - Not Converted",
}


class Crm:
    """The org over the wire."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.session, given = sandbox.session, sandbox.salesforce
        form = {
            "grant_type": "client_credentials",
            "client_id": given["client_id"],
            "client_secret": given["client_secret"],
        }
        self.url = given["url"]
        reply = self.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=10).json()
        self.headers = {"Authorization": f"Bearer {reply['access_token']}", "Sforce-Auto-Assign": "FALSE"}
        self.user = reply["id"].rpartition("/")[2]

    def ask(self, method: str, path: str, body: Any = None, **params: str) -> Any:
        url = f"{self.url}/services/data/v66.0/{path}"
        reply = self.session.request(method, url, json=body, params=params, headers=self.headers, timeout=30)
        assert reply.ok, reply.text
        return reply.json() if reply.content else None

    def rows(self, text: str, path: str = "query") -> list[dict[str, Any]]:
        page = self.ask("GET", path, q=text)
        found = page["records"]
        while not page["done"]:
            page = self.ask("GET", "query/" + page["nextRecordsUrl"].rpartition("/")[2])
            found += page["records"]
        return found

    def counts(self, name: str, field: str, where: str = "") -> dict[str, int]:
        """How many live records have which value of a field."""
        text = f"SELECT {field} f, COUNT(Id) n FROM {name} WHERE {field} != null {where} GROUP BY {field}"
        return {row["f"]: row["n"] for row in self.rows(text)}

    def create(self, name: str, rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), 200):
            records = [{"attributes": {"type": name}, **row} for row in rows[start : start + 200]]
            made = self.ask("POST", "composite/sobjects", {"allOrNone": True, "records": records})
            assert all(row["success"] for row in made), made[0]

    def add_fields(self, *, restricted: bool = False) -> None:
        names = ["Lead.Crosswalk_Id__c", *PICKLISTS]
        text = {"type": "Text", "label": "Crosswalk Id", "length": 40, "externalId": True, "unique": True}
        self.ask("POST", "tooling/sobjects/CustomField", {"FullName": names[0], "Metadata": text})
        for name, codes in PICKLISTS.items():
            values = [{"fullName": code, "label": code, "default": False} for code in codes.split()]
            wanted = {"restricted": restricted, "valueSetDefinition": {"sorted": False, "value": values}}
            metadata = {"type": "Picklist", "label": name, "valueSet": wanted}
            self.ask("POST", "tooling/sobjects/CustomField", {"FullName": name, "Metadata": metadata})
        self.grant(names)

    def grant(self, names: list[str]) -> None:
        parent = self.ask("POST", "sobjects/PermissionSet", {"Name": "Hub", "Label": "Hub"})["id"]
        self.ask("POST", "sobjects/PermissionSetAssignment", {"AssigneeId": self.user, "PermissionSetId": parent})
        grants = [
            {
                "ParentId": parent,
                "SobjectType": name.partition(".")[0].replace("Activity", "Task"),
                "Field": name.replace("Activity", "Task"),
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
            for name in names
        ]
        self.create("FieldPermissions", grants)


@pytest.fixture
def crm(sandbox: Sandbox) -> Crm:
    """An org with staff, and with the hub's id on new leads that the staff owns."""
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=60, seed=3)
    sandbox.control("POST", "/clock", now=START, frozen=True)
    return Crm(sandbox)


def staff(crm: Crm) -> list[str]:
    text = f"SELECT Id FROM User WHERE IsActive = true AND Id != '{crm.user}' ORDER BY Id"
    return [row["Id"] for row in crm.rows(text)]


def hand_in(crm: Crm, count: int = LEADS) -> None:
    """What the hub writes: a lead per inquiry, each with an owner; every fiftieth address comes twice."""
    owners = staff(crm)
    rows = [
        {
            "FirstName": "Kim",
            "LastName": f"Lead{number}",
            "Company": "Individual",
            "Email": f"kim.{number - (number % 50 == 0 and number > 0)}@example.org",
            "OwnerId": owners[number % len(owners)],
            "Crosswalk_Id__c": f"lead-{number:04}",
        }
        for number in range(count)
    ]
    crm.create("Lead", rows)


@pytest.fixture
def handed(crm: Crm) -> Crm:
    crm.add_fields()
    hand_in(crm)
    return crm


def test_every_chosen_lead_moves_by_one_act(sandbox: Sandbox, handed: Crm) -> None:
    open_ones = "IsConverted = false AND OwnerId != null AND Crosswalk_Id__c != null"
    chosen = LEADS
    for step in range(1, 7):
        answer = sandbox.control("POST", "/work", seed=5)
        assert answer["chosen"] == sum(answer["acts"].values()) == chosen
        truth = answer["truth"]
        assert truth["steps"] == step
        assert truth == sandbox.control("GET", "/work")
        over = "'recycled', 'disqualified'"
        text = f"SELECT COUNT() FROM Lead WHERE {open_ones} AND Crosswalk_Sales_Status__c NOT IN ({over})"
        chosen = handed.ask("GET", "query", q=text)["totalSize"]


def test_the_truth_is_what_the_wire_shows(sandbox: Sandbox, handed: Crm) -> None:
    truth = sandbox.control("POST", "/work", seed=2, steps=9)["truth"]
    status = handed.counts("Lead", "Crosswalk_Sales_Status__c", "AND IsConverted = false")
    told = dict(truth["sales_status"])
    assert (
        told.pop("converted")
        == truth["conversions"]
        == len(handed.rows("SELECT Id FROM Lead WHERE IsConverted = true AND Crosswalk_Id__c != null"))
    )
    told.pop("none", None)
    assert status == told
    unmapped = truth["unmapped"]
    assert handed.counts("Lead", "Crosswalk_Reason__c") == truth["reasons"] | unmapped["Lead.Crosswalk_Reason__c"]
    said = handed.counts("Task", "Crosswalk_Disposition__c")
    assert said == truth["dispositions"] | unmapped["Task.Crosswalk_Disposition__c"]
    assert unmapped["Task.Crosswalk_Disposition__c"]
    meetings = truth["meetings"]
    assert handed.counts("Event", "Crosswalk_Meeting_Outcome__c") == meetings["by_outcome"]
    assert meetings["events"] == meetings["chains"] + meetings["by_outcome"]["rescheduled"]
    assert sum(meetings["chains_by_outcome"].values()) == meetings["chains"]
    assert set(meetings["chains_by_length"]) == {"1", "2", "3"}
    assert handed.counts("Opportunity", "StageName") == truth["opportunities"]
    assert "Closed Won" in truth["opportunities"]
    gone = handed.rows("SELECT MasterRecordId FROM Lead WHERE IsDeleted = true", "queryAll")
    assert Counter(bool(row["MasterRecordId"]) for row in gone) == {True: truth["merged"], False: truth["deleted"]}
    texts = [row["Description"] or "" for row in handed.rows("SELECT Description FROM Task WHERE Status = 'Completed'")]
    assert sum("555-01" in text for text in texts) == truth["notes"]["phone"] > 0
    assert truth["notes"]["health"] > 0 < truth["notes"]["opt_out"]


def test_native_fields_follow(sandbox: Sandbox, handed: Crm) -> None:
    sandbox.control("POST", "/clock", advance_seconds=3600)
    sandbox.control("POST", "/work", steps=6, share=0.7)
    text = (
        "SELECT Status, Crosswalk_Sales_Status__c, OwnerId, LastModifiedById, SystemModstamp "
        "FROM Lead WHERE Crosswalk_Sales_Status__c != null AND IsConverted = false"
    )
    leads = handed.rows(text)
    assert {(row["Crosswalk_Sales_Status__c"], row["Status"]) for row in leads} == set(NATIVE.items())
    assert {row["SystemModstamp"] for row in leads} == {"2026-11-17T16:00:00.000+0000"}
    assert handed.user not in {row["LastModifiedById"] for row in leads}
    calls = handed.rows("SELECT Status, CallDisposition, TaskSubtype, IsClosed, CompletedDateTime FROM Task "
                        "WHERE Crosswalk_Disposition__c = 'left_voicemail'")  # fmt: skip
    assert {(r["Status"], r["CallDisposition"], r["TaskSubtype"], r["IsClosed"]) for r in calls} == {
        ("Completed", "Left voicemail", "Call", True)
    }


def test_a_moved_meeting_is_followed_by_a_later_one(sandbox: Sandbox, handed: Crm) -> None:
    sandbox.control("POST", "/work", steps=8)
    text = "SELECT WhoId, StartDateTime, Crosswalk_Meeting_Outcome__c FROM Event ORDER BY WhoId, Id"
    events = handed.rows(text)
    moved = 0
    for before, after in zip(events, [*events[1:], {"WhoId": None}], strict=True):
        if before["Crosswalk_Meeting_Outcome__c"] == "rescheduled":
            moved += 1
            assert after["WhoId"] == before["WhoId"]
            assert after["StartDateTime"] > before["StartDateTime"]
    assert moved > 5


def test_conversions_leave_a_deal_with_a_primary_contact(sandbox: Sandbox, handed: Crm) -> None:
    truth = sandbox.control("POST", "/work", steps=8)["truth"]
    inner = "SELECT ContactId, Role, IsPrimary FROM OpportunityContactRoles"
    deals = handed.rows(f"SELECT Id, IsClosed, IsWon, StageName, Probability, ({inner}) FROM Opportunity")
    assert len(deals) == sum(truth["opportunities"].values()) > 0
    (roles,) = {deal["OpportunityContactRoles"]["totalSize"] for deal in deals}
    assert roles == 1
    contacts = {deal["OpportunityContactRoles"]["records"][0]["ContactId"] for deal in deals}
    converted = handed.rows("SELECT ConvertedContactId FROM Lead WHERE ConvertedOpportunityId != null")
    assert contacts == {row["ConvertedContactId"] for row in converted}
    left = handed.rows("SELECT Id FROM Task WHERE WhoId IN (SELECT Id FROM Lead WHERE ConvertedContactId != null)")
    moved = handed.rows("SELECT Id FROM Task WHERE WhoId IN (SELECT ConvertedContactId FROM Lead)")
    assert not left and moved
    assert all(deal["IsWon"] == (deal["Probability"] == 100) for deal in deals)


def test_the_same_world_and_body_give_the_same_result(sandbox: Sandbox) -> None:
    def played(seed: int) -> tuple[Any, Any]:
        sandbox.control("POST", "/load", scenario="lakeshore", contacts=60, seed=3)
        sandbox.control("POST", "/clock", now=START, frozen=True)
        crm = Crm(sandbox)
        crm.add_fields()
        hand_in(crm, 150)
        answer = sandbox.control("POST", "/work", seed=seed, steps=4, share=0.8)
        return answer, sandbox.control("GET", "/dump?system=salesforce&times=true")

    first, again, other = played(7), played(7), played(8)
    assert first == again
    assert first[0]["acts"] != other[0]["acts"]


def test_share_scope_and_owners_choose_the_leads(sandbox: Sandbox, crm: Crm) -> None:
    crm.add_fields()
    nothing = sandbox.control("POST", "/work")
    assert nothing["chosen"] == 0
    assert nothing["acts"] == nothing["deals"] == {}
    hand_in(crm, 400)
    queue = crm.rows("SELECT Id FROM Group WHERE Type = 'Queue'")[0]["Id"]
    crm.create("Lead", [{"LastName": "Q", "Company": "A", "OwnerId": queue, "Crosswalk_Id__c": "queued"}])
    some = sandbox.control("POST", "/work", share=0.25)["chosen"]
    assert 60 < some < 140
    assert sandbox.control("POST", "/work", share=0, steps=3)["chosen"] == 0
    text = (
        "SELECT COUNT() FROM Lead WHERE IsConverted = false AND Owner.IsActive = true "
        "AND Status IN ('Open - Not Contacted', 'Working - Contacted') "
        "AND Crosswalk_Sales_Status__c NOT IN ('recycled', 'disqualified')"
    )
    everybody, ours = (
        crm.ask("GET", "query", q=text + more)["totalSize"] for more in ("", " AND Crosswalk_Id__c != null")
    )
    assert 0 < ours < everybody
    assert sandbox.control("POST", "/work", scope="all")["chosen"] == everybody
    assert crm.rows("SELECT Crosswalk_Sales_Status__c FROM Lead WHERE Crosswalk_Id__c = 'queued'")[0][
        "Crosswalk_Sales_Status__c"
    ] is None  # fmt: skip


def test_fields_that_no_admin_made_are_left_out(sandbox: Sandbox, crm: Crm) -> None:
    truth = sandbox.control("POST", "/work", steps=4, scope="all")["truth"]
    assert truth["leads"] > 0
    assert not truth["reasons"]
    assert crm.counts("Task", "CallDisposition")
    names = {one["name"] for one in crm.ask("GET", "sobjects/Lead/describe")["fields"]}
    assert not any(name.startswith("Crosswalk") for name in names)


def test_a_restricted_list_takes_no_typed_values(sandbox: Sandbox, crm: Crm) -> None:
    crm.add_fields(restricted=True)
    hand_in(crm)
    truth = sandbox.control("POST", "/work", steps=5)["truth"]
    assert truth["unmapped"]["Lead.Crosswalk_Reason__c"] == {}
    assert set(crm.counts("Lead", "Crosswalk_Reason__c")) == set(truth["reasons"])
    assert set(truth["reasons"]) <= set(PICKLISTS["Lead.Crosswalk_Reason__c"].split())
    listed = set(PICKLISTS["Activity.Crosswalk_Disposition__c"].split())
    assert set(crm.counts("Task", "Crosswalk_Disposition__c")) == listed


def test_a_new_world_is_unworked(sandbox: Sandbox, handed: Crm) -> None:
    assert sandbox.control("POST", "/work")["truth"]["leads"] >= LEADS
    sandbox.control("POST", "/load", scenario="lakeshore", contacts=60, seed=3)
    assert sandbox.control("GET", "/work")["leads"] == 0


def test_what_others_did_meanwhile_is_respected(sandbox: Sandbox, handed: Crm) -> None:
    sandbox.control("POST", "/work", steps=6)
    for row in handed.rows("SELECT Id FROM Event WHERE Crosswalk_Meeting_Outcome__c = 'scheduled'"):
        handed.ask("DELETE", f"sobjects/Event/{row['Id']}")
    lead = handed.rows("SELECT Id FROM Lead WHERE Crosswalk_Sales_Status__c = 'connected'")[0]["Id"]
    sandbox.control("POST", "/delete", object="Lead", id=lead)
    answer = sandbox.control("POST", "/work", steps=2)
    assert answer["chosen"] == sum(answer["acts"].values()) > 0
    assert handed.counts("Event", "Crosswalk_Meeting_Outcome__c") == answer["truth"]["meetings"]["by_outcome"]


@pytest.mark.parametrize(
    "body",
    [{"seed": "x"}, {"share": 1.5}, {"share": True}, {"steps": -1}, {"steps": 1000}, {"scope": "some"}, {"speed": 1}],
)
def test_nonsense_is_refused(sandbox: Sandbox, body: dict[str, Any]) -> None:
    answer = sandbox.session.post(f"{sandbox.hubspot['url']}/_sandbox/work", json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


class Plain(HTTPAdapter):
    """The official client hard-codes https://; the sandbox speaks http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def test_the_official_client_reads_the_outcomes(sandbox: Sandbox, handed: Crm) -> None:
    truth = sandbox.control("POST", "/work", steps=6)["truth"]
    with requests.Session() as session:
        session.mount("https://", Plain())
        token = handed.headers["Authorization"].removeprefix("Bearer ")
        host = handed.url.removeprefix("http://")
        official = Salesforce(instance=host, session_id=token, session=session, version="66.0")
        converted = official.query_all("SELECT Id FROM Lead WHERE IsConverted = true AND Crosswalk_Id__c != null")
        assert converted["totalSize"] == truth["conversions"] > 0
        gone = official.query_all("SELECT Id, MasterRecordId FROM Lead WHERE IsDeleted = true", include_deleted=True)
        assert gone["totalSize"] == truth["merged"] + truth["deleted"] > 0
        assert official.Event.describe()["name"] == "Event"
        roles = official.query_all_iter("SELECT Opportunity.StageName FROM OpportunityContactRole")
        stages = Counter(row["Opportunity"]["StageName"] for row in roles)
        assert stages == truth["opportunities"]
