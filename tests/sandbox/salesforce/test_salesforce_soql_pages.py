"""Pages of results: cursors, children with pages of their own, several levels of them, OFFSET."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest


class Clock:
    """The org's clock, moved by hand."""

    def __init__(self):
        self.at = datetime(2026, 5, 14, 10, 30, tzinfo=UTC)

    def now(self):
        return self.at


def load(wire, count, name="Lead", **more):
    rows = [{"LastName": f"L{n:05}", **({"Company": "Acme"} if name == "Lead" else {}), **more} for n in range(count)]
    wire.org.load({name: rows})


def pages(wire, page):
    """The records of a result, all its pages read."""
    records = list(page["records"])
    while not page["done"]:
        page = wire.ask("GET", page["nextRecordsUrl"]).json()
        records += page["records"]
    return records


def test_cursors_live_two_days_and_have_no_number(wire):
    wire.org.clock = clock = Clock()
    load(wire, 2001)
    first = wire.query("SELECT Id FROM Lead")
    for _ in range(60):
        wire.query("SELECT Id FROM Lead")
    clock.at += timedelta(days=2)
    assert len(wire.ask("GET", first["nextRecordsUrl"]).json()["records"]) == 1
    clock.at += timedelta(seconds=1)
    expired = wire.ask("GET", first["nextRecordsUrl"])
    assert expired.status_code == 400 and expired.json()[0] == {
        "message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR",
    }  # fmt: skip
    wire.query("SELECT Id FROM Lead")
    assert len(wire.org.cursors) == 1


@pytest.mark.parametrize("locator", ["x", "01g-2000", "{key}", "{key}-", "{key}-x", "{key}-2001"])
def test_wrong_locators(wire, locator):
    load(wire, 2001)
    wire.query("SELECT Id FROM Lead")
    (key,) = wire.org.cursors
    assert wire.ask("GET", f"query/{locator.format(key=key)}").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_later_pages_show_the_moment_of_the_query(wire):
    load(wire, 2001)
    page = wire.query("SELECT LastName FROM Lead ORDER BY LastName")
    last = wire.org.tables["Lead"].rows[max(wire.org.tables["Lead"].rows)]["Id"]
    wire.ask("PATCH", f"sobjects/Lead/{last}", {"LastName": "Changed"})
    assert pages(wire, page)[-1]["LastName"] == "L02000"


def test_cursors_are_plain_data(wire):
    load(wire, 2500)
    page = wire.query("SELECT Id, Owner.Name, (SELECT Id FROM Tasks) FROM Lead")
    wire.org.cursors = pickle.loads(pickle.dumps(wire.org.cursors))
    assert len(pages(wire, page)) == 2500


@pytest.fixture
def account(wire):
    """An account with 450 contacts, and one with two."""
    keys = [wire.ask("POST", "sobjects/Account", {"Name": name}).json()["id"] for name in ("Big", "Small")]
    load(wire, 450, "Contact", AccountId=keys[0])
    load(wire, 2, "Contact", AccountId=keys[1])
    return wire


def test_children_have_pages_of_their_own(account):
    text = "SELECT Name, (SELECT LastName, Account.Name FROM Contacts ORDER BY LastName) FROM Account ORDER BY Name"
    options = {"Sforce-Query-Options": "batchSize=200"}
    first = account.ask("GET", "query", params={"q": text}, headers=options).json()
    # Children count towards the page: the second account is on the next.
    assert (first["totalSize"], first["done"], len(first["records"])) == (2, False, 1)
    below = first["records"][0]["Contacts"]
    assert (below["totalSize"], below["done"], len(below["records"])) == (450, False, 200)
    found = pages(account, below)
    assert [r["LastName"] for r in found] == [f"L{n:05}" for n in range(450)]
    assert found[-1]["Account"]["Name"] == "Big" and found[-1]["attributes"]["type"] == "Contact"
    (small,) = account.ask("GET", first["nextRecordsUrl"], headers=options).json()["records"]
    assert small["Contacts"]["done"] and small["Contacts"]["totalSize"] == 2


def test_children_of_children(wire):
    account = wire.ask("POST", "sobjects/Account", {"Name": "Acme"}).json()["id"]
    deal = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-06-01", "AccountId": account}
    opportunity = wire.ask("POST", "sobjects/Opportunity", deal).json()["id"]
    contact = wire.ask("POST", "sobjects/Contact", {"LastName": "Roe"}).json()["id"]
    wire.ask("POST", "sobjects/OpportunityContactRole", {"OpportunityId": opportunity, "ContactId": contact})
    text = (
        "SELECT Name, (SELECT Name, (SELECT Contact.LastName FROM OpportunityContactRoles) FROM Opportunities) "
        "FROM Account"
    )
    (record,) = wire.query(text)["records"]
    (role,) = record["Opportunities"]["records"][0]["OpportunityContactRoles"]["records"]
    assert role["Contact"]["LastName"] == "Roe"
    older = wire.ask("GET", "/services/data/v57.0/query", params={"q": text}).json()
    assert older[0]["errorCode"] == "MALFORMED_QUERY"


def test_offset_gives_one_page_only(wire):
    load(wire, 4500)
    page = wire.query("SELECT Id FROM Lead ORDER BY Id OFFSET 2000")
    assert (page["totalSize"], page["done"], len(page["records"])) == (2000, True, 2000)
    assert wire.query("SELECT Id FROM Lead LIMIT 3000 OFFSET 0")["totalSize"] == 2000
    assert wire.query("SELECT Id FROM Lead LIMIT 3000")["totalSize"] == 3000


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Id, (SELECT Id FROM Contacts OFFSET 1) FROM Account",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact LIMIT 1)",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact ORDER BY Id)",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact OFFSET 1)",
    ],
)
def test_where_sub_selects_may_not_be_cut(wire, text):
    assert wire.query(text)[0]["errorCode"] == "MALFORMED_QUERY"


def test_offset_below_a_single_record(account):
    text = "SELECT Id, (SELECT Id FROM Contacts ORDER BY Id LIMIT 3 OFFSET 1) FROM Account WHERE Name = 'Small' LIMIT 1"
    assert len(account.query(text)["records"][0]["Contacts"]["records"]) == 1


def test_through_the_official_client(official, wire):
    load(wire, 4100)
    assert len(official.query_all("SELECT Id FROM Lead")["records"]) == 4100
    names = [record["LastName"] for record in official.query_all_iter("SELECT LastName FROM Lead ORDER BY LastName")]
    assert names == [f"L{n:05}" for n in range(4100)]
    official.Lead.delete(next(iter(wire.org.tables["Lead"].rows)))
    assert official.query("SELECT COUNT() FROM Lead")["totalSize"] == 4099
    assert len(list(official.query_all_iter("SELECT Id FROM Lead", include_deleted=True))) == 4100
