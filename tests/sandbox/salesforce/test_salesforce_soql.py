"""SOQL over the wire: what matches, in which order, and how wrong queries are refused."""

from __future__ import annotations

import pytest

LEADS = [
    # LastName, Email, Phone, Rating, Score__c, Consent__c, Seen__c, Company
    ("Alpha", "a@example.org", "(312) 555-0101", "Hot", 1, True, "2026-01-01T00:00:00Z", "Acme"),
    ("Beta", "B@Example.org", None, "Warm", 2.5, False, "2026-02-01T12:00:00Z", "Acme"),
    ("Gamma", None, "(312) 555-0103", None, None, True, None, "O'Hara \\ Sons"),
    ("delta", "d@example.org", "(312) 555-0104", "Hot", -3, False, "2026-03-01T00:00:00Z", "100%_sure"),
]
NAMES = ("LastName", "Email", "Phone", "Rating", "Score__c", "Consent__c", "Seen__c", "Company")


@pytest.fixture
def leads(wire):
    for row in LEADS:
        wire.lead(**{name: value for name, value in zip(NAMES, row, strict=True) if value is not None})
    return wire


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("LastName = 'ALPHA'", "A"),
        ("LastName != 'alpha'", "BGd"),
        ("Email = 'b@EXAMPLE.org'", "B"),
        ("Email IN ('A@example.org', 'd@example.org')", "Ad"),
        ("Email NOT IN ('a@example.org')", "BGd"),
        ("Email = null", "G"),
        ("Email != NULL", "ABd"),
        ("Email = ''", "G"),
        ("Email = 'a@example.org' OR Phone = '(312) 555-0103'", "AG"),
        ("(Email = 'a@example.org' OR Email = 'b@example.org') AND Rating = 'hot'", "A"),
        ("NOT Rating = 'Hot'", "BG"),
        ("NOT (Rating = 'Hot' OR Rating = 'Warm')", "G"),
        ("Score__c > 1", "B"),
        ("Score__c >= 1", "AB"),
        ("Score__c < 1", "d"),
        ("Score__c <= -3.0", "d"),
        ("Consent__c = true", "AG"),
        ("Consent__c != TRUE", "Bd"),
        ("Seen__c > 2026-01-01T00:00:00Z", "Bd"),
        ("Seen__c >= 2026-02-01T13:00:00+01:00", "Bd"),
        ("Seen__c < 2026-02-01T00:00:00.000+0000", "A"),
        ("SystemModstamp >= 2020-01-01T00:00:00Z", "ABGd"),
        ("SystemModstamp > 2099-01-01T00:00:00Z", ""),
        ("CreatedDate = TODAY", "ABGd"),
        ("CreatedDate < LAST_N_DAYS:3", ""),
        ("LastName LIKE '%A'", "ABGd"),
        ("LastName LIKE '_eta'", "B"),
        ("LastName > 'b' AND LastName < 'e'", "Bd"),
        ("Company = 'O\\'Hara \\\\ Sons'", "G"),
        ("Company LIKE '100\\%\\_s%'", "d"),
        ("Company LIKE '%\\\\%'", "G"),
        ("Owner.Username = 'integration@crosswalk.example.org'", "ABGd"),
        ("Owner.IsActive = false", ""),
        ("Lead.LastName = 'Alpha'", "A"),
    ],
)
def test_conditions(leads, where, expected):
    reply = leads.query(f"SELECT LastName FROM Lead WHERE {where} ORDER BY CreatedDate, Id")
    assert "".join(record["LastName"][0] for record in reply["records"]) == expected
    assert leads.query(f"SELECT COUNT() FROM Lead WHERE {where}") == {
        "totalSize": len(expected), "done": True, "records": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("ORDER BY LastName", "ABdG"),
        ("ORDER BY LastName DESC LIMIT 2", "Gd"),
        ("ORDER BY Score__c", "GdAB"),
        ("ORDER BY Score__c NULLS LAST", "dABG"),
        ("ORDER BY Score__c DESC NULLS LAST", "BAdG"),
        ("ORDER BY Rating DESC NULLS LAST, LastName DESC", "BdAG"),
        ("ORDER BY Id LIMIT 2 OFFSET 1", "BG"),
        ("ORDER BY SystemModstamp, Id LIMIT 3", "ABG"),
        ("LIMIT 0", ""),
    ],
)
def test_order_and_limit(leads, rest, expected):
    reply = leads.query(f"select LastName from lead {rest}")
    assert "".join(record["LastName"][0] for record in reply["records"]) == expected


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("SELECT Nope FROM Lead", "INVALID_FIELD", "ERROR at Row:1:Column:8\nNo such column 'Nope' on entity 'Lead'"),
        ("SELECT Id FROM Lead WHERE Nope = 1", "INVALID_FIELD", "No such column 'Nope'"),
        ("SELECT Boss.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Id FROM Leed", "INVALID_TYPE", "sObject type 'Leed' is not supported"),
        ("SELECT Id FORM Lead", "MALFORMED_QUERY", "unexpected token: 'FORM'"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY", "unexpected token: <EOF>"),
        ("SELECT Id FROM Lead WHERE LastName = 'open", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Lead WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Lead WHERE LastName = 5", "INVALID_FIELD", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD",
         "must be of type dateTime and should not be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE Consent__c = 'true'", "INVALID_FIELD", "must be of type boolean"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Name, COUNT(Id) FROM Lead GROUP BY Rating", "MALFORMED_QUERY", "Field must be grouped or aggregated"),
        ("SELECT Name n FROM Lead", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        ("SELECT FIELDS(ALL) FROM Lead", "MALFORMED_QUERY", "LIMIT of at most 200"),
    ],
)  # fmt: skip
def test_wrong_queries(wire, text, code, part):
    reply = wire.ask("GET", "query", params={"q": text})
    assert reply.status_code == 400 and reply.headers["Sforce-Limit-Info"]
    (error,) = reply.json()
    assert error["errorCode"] == code and part in error["message"]


def test_aggregates(leads):
    found = leads.query("SELECT Rating, COUNT(Id) n, MAX(Score__c) FROM Lead GROUP BY Rating ORDER BY COUNT(Id) DESC")
    assert found["records"][0] == {"attributes": {"type": "AggregateResult"}, "Rating": "Hot", "n": 2, "expr0": 1.0}
    two = leads.query("SELECT Rating r, Consent__c, COUNT(Id) FROM Lead GROUP BY Rating, Consent__c")["records"]
    assert {(row["r"], row["Consent__c"]): row["expr0"] for row in two} == {
        ("Hot", True): 1, ("Warm", False): 1, (None, True): 1, ("Hot", False): 1,
    }  # fmt: skip
    plain = leads.query("SELECT COUNT(Id), COUNT(Email), COUNT_DISTINCT(Rating), SUM(Score__c) s FROM Lead")["records"]
    assert plain == [{"attributes": {"type": "AggregateResult"}, "expr0": 4, "expr1": 3, "expr2": 2, "s": 0.5}]


def test_relationships_are_shown_nested_and_null_without_a_parent(wire):
    account = wire.ask("POST", "sobjects/Account", {"Name": "Acme"}).json()["id"]
    wire.ask("POST", "sobjects/Contact", {"LastName": "A", "AccountId": account})
    wire.ask("POST", "sobjects/Contact", {"LastName": "B"})
    text = "SELECT LastName, Account.Name, Account.Owner.Email FROM Contact ORDER BY LastName"
    with_parent, without = wire.query(text)["records"]
    assert with_parent["Account"]["Name"] == "Acme" and with_parent["Account"]["attributes"]["type"] == "Account"
    assert with_parent["Account"]["Owner"]["Email"] == "integration@example.org"
    assert without["Account"] is None


def test_paging(wire):
    wire.org.load({"Lead": [{"LastName": f"L{n}", "Company": "Acme"} for n in range(4500)]})
    page = wire.query("SELECT Id FROM Lead ORDER BY Id")
    assert page["totalSize"] == 4500 and page["done"] is False and len(page["records"]) == 2000
    assert page["nextRecordsUrl"].startswith("/services/data/v66.0/query/01g")
    assert page["nextRecordsUrl"].endswith("-2000")
    seen = [r["Id"] for r in page["records"]]
    while not page["done"]:
        page = wire.ask("GET", page["nextRecordsUrl"]).json()
        seen += [r["Id"] for r in page["records"]]
    assert len(set(seen)) == 4500 and seen == sorted(seen) and "nextRecordsUrl" not in page
    small = wire.ask("GET", "query?q=SELECT+Id+FROM+Lead", headers={"Sforce-Query-Options": "batchSize=200"}).json()
    assert len(small["records"]) == 200
    assert wire.ask("GET", "query/01gnothing-2000").json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_indexes_follow_changes(wire):
    key = wire.lead(Email="one@example.org", Crosswalk_Id__c="k1")

    def found(where):
        return [r["Id"] for r in wire.query(f"SELECT Id FROM Lead WHERE {where}")["records"]]

    wire.ask("PATCH", f"sobjects/Lead/{key}", {"Email": "two@example.org", "Crosswalk_Id__c": None})
    assert found("Email = 'one@example.org'") == [] and found("Crosswalk_Id__c = 'k1'") == []
    assert found("Email IN ('TWO@example.org')") == [key] and found(f"OwnerId = '{wire.org.user_id}'") == [key]
    wire.ask("DELETE", f"sobjects/Lead/{key}")
    assert found("Email = 'two@example.org'") == []


def test_keyset_paging(wire):
    """What a careful reader does: resume after the last (SystemModstamp, Id)."""
    for number in range(120):
        stamp = f"2026-01-01T00:00:{number // 50:02}.000+0000"
        wire.org.load({"Lead": [{"LastName": "L", "Company": "A", "CreatedDate": stamp}]})
    seen, where = [], ""
    while True:
        text = f"SELECT Id, SystemModstamp FROM Lead {where} ORDER BY SystemModstamp, Id LIMIT 7"
        records = wire.query(text)["records"]
        seen += [r["Id"] for r in records]
        if len(records) < 7:
            break
        at, last = records[-1]["SystemModstamp"], records[-1]["Id"]
        where = f"WHERE SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{last}')".replace("+0000", "Z")
    assert seen == sorted(seen) and len(seen) == 120
    assert [r["Id"] for r in wire.query("SELECT Id FROM Lead ORDER BY Id DESC")["records"]] == seen[::-1]


def test_fields_function(leads):
    record = leads.query("SELECT FIELDS(CUSTOM) FROM Lead WHERE LastName = 'Alpha' LIMIT 1")["records"][0]
    assert set(record) == {"attributes", "Crosswalk_Id__c", "Source_Key__c", "Score__c", "Consent__c", "Seen__c"}
