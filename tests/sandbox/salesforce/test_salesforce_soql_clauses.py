"""SOQL over the wire: dates and their functions, groups, TYPEOF, picklists of several values, what ends a query."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.salesforce.fields import Field
from sandbox.salesforce.soql_dates import FUNCTIONS, period
from sandbox.salesforce.soql_filter import MULTIPLE

NOW = datetime(2026, 5, 14, 10, 30, tzinfo=UTC)  # a Thursday


class Clock:
    """The org's clock, moved by hand."""

    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at


@pytest.fixture
def days(wire):
    """Leads seen every ten days around NOW, named by the day."""
    wire.org.clock = Clock(NOW)
    for n in range(-60, 61):
        seen = NOW + timedelta(days=10 * n)
        wire.org.load({"Lead": [{"LastName": seen.date().isoformat(), "Company": "A", "Seen__c": seen.isoformat()}]})
    wire.org.load({"Lead": [{"LastName": "never", "Company": "A"}]})
    return wire


@pytest.mark.parametrize(
    ("literal", "first", "last"),
    [
        ("YESTERDAY", "2026-05-13", "2026-05-13"),
        ("TODAY", "2026-05-14", "2026-05-14"),
        ("TOMORROW", "2026-05-15", "2026-05-15"),
        ("LAST_WEEK", "2026-05-03", "2026-05-09"),
        ("THIS_WEEK", "2026-05-10", "2026-05-16"),
        ("NEXT_WEEK", "2026-05-17", "2026-05-23"),
        ("LAST_MONTH", "2026-04-01", "2026-04-30"),
        ("THIS_MONTH", "2026-05-01", "2026-05-31"),
        ("NEXT_MONTH", "2026-06-01", "2026-06-30"),
        ("LAST_QUARTER", "2026-01-01", "2026-03-31"),
        ("THIS_QUARTER", "2026-04-01", "2026-06-30"),
        ("NEXT_QUARTER", "2026-07-01", "2026-09-30"),
        ("LAST_YEAR", "2025-01-01", "2025-12-31"),
        ("THIS_FISCAL_YEAR", "2026-01-01", "2026-12-31"),
        ("NEXT_FISCAL_QUARTER", "2026-07-01", "2026-09-30"),
        ("LAST_90_DAYS", "2026-02-13", "2026-05-14"),
        ("NEXT_90_DAYS", "2026-05-15", "2026-08-12"),
        ("LAST_N_DAYS:1", "2026-05-13", "2026-05-14"),
        ("NEXT_N_DAYS:2", "2026-05-15", "2026-05-16"),
        ("N_DAYS_AGO:3", "2026-05-11", "2026-05-11"),
        ("LAST_N_WEEKS:2", "2026-04-26", "2026-05-09"),
        ("NEXT_N_WEEKS:2", "2026-05-17", "2026-05-30"),
        ("N_WEEKS_AGO:2", "2026-04-26", "2026-05-02"),
        ("LAST_N_MONTHS:6", "2025-11-01", "2026-04-30"),
        ("NEXT_N_MONTHS:8", "2026-06-01", "2027-01-31"),
        ("N_MONTHS_AGO:5", "2025-12-01", "2025-12-31"),
        ("LAST_N_QUARTERS:2", "2025-10-01", "2026-03-31"),
        ("N_QUARTERS_AGO:2", "2025-10-01", "2025-12-31"),
        ("LAST_N_YEARS:2", "2024-01-01", "2025-12-31"),
        ("NEXT_N_FISCAL_YEARS:1", "2027-01-01", "2027-12-31"),
        ("N_FISCAL_QUARTERS_AGO:1", "2026-01-01", "2026-03-31"),
        ("N_YEARS_AGO:1", "2025-01-01", "2025-12-31"),
    ],
)
def test_date_literals(days, literal, first, last):
    assert period(literal, NOW) == (date.fromisoformat(first), date.fromisoformat(last))
    found = days.query(f"SELECT LastName FROM Lead WHERE Seen__c = {literal} ORDER BY Seen__c")["records"]
    every = [(NOW + timedelta(days=10 * n)).date().isoformat() for n in range(-60, 61)]
    assert [r["LastName"] for r in found] == [day for day in every if first <= day <= last]
    before = days.query(f"SELECT COUNT() FROM Lead WHERE Seen__c < {literal}")["totalSize"]
    after = days.query(f"SELECT COUNT() FROM Lead WHERE Seen__c > {literal}")["totalSize"]
    assert before + len(found) + after == len(every)


@pytest.mark.parametrize("where", ["LAST_N_DAYS", "LAST_N_DAYS:x", "LAST_N_DAYS:-1", "TODAY:1", "LAST_FORTNIGHT",
                                   "LAST_N_DAYS:99999999999"])  # fmt: skip
def test_wrong_date_literals(wire, where):
    error = wire.query(f"SELECT Id FROM Lead WHERE CreatedDate = {where}")[0]
    assert error["errorCode"] == "MALFORMED_QUERY"


def test_date_functions():
    value = "2026-05-14T10:30:00.000+0000"
    assert {name: compute(value) for name, compute in FUNCTIONS.items()} == {
        "CALENDAR_MONTH": 5, "CALENDAR_QUARTER": 2, "CALENDAR_YEAR": 2026, "DAY_IN_MONTH": 14, "DAY_IN_WEEK": 5,
        "DAY_IN_YEAR": 134, "DAY_ONLY": "2026-05-14", "FISCAL_MONTH": 5, "FISCAL_QUARTER": 2, "FISCAL_YEAR": 2026,
        "HOUR_IN_DAY": 10, "WEEK_IN_MONTH": 2, "WEEK_IN_YEAR": 20,
    }  # fmt: skip


def test_date_functions_in_queries(days):
    text = (
        "SELECT CALENDAR_YEAR(Seen__c) y, CALENDAR_QUARTER(convertTimezone(Seen__c)), COUNT(Id) FROM Lead "
        "WHERE CALENDAR_YEAR(Seen__c) = 2026 GROUP BY CALENDAR_YEAR(Seen__c), CALENDAR_QUARTER(Seen__c) "
        "ORDER BY CALENDAR_QUARTER(Seen__c) DESC"
    )
    assert [(r["y"], r["expr0"], r["expr1"]) for r in days.query(text)["records"]] == [
        (2026, 4, 10), (2026, 3, 9), (2026, 2, 9), (2026, 1, 9),
    ]  # fmt: skip
    found = days.query("SELECT LastName FROM Lead l WHERE DAY_ONLY(l.Seen__c) = 2026-05-04")["records"]
    assert [r["LastName"] for r in found] == ["2026-05-04"]
    assert (
        "does not support date function"
        in days.query("SELECT Id FROM Lead WHERE CALENDAR_YEAR(Name) = 1")[0]["message"]
    )
    assert "grouped or aggregated" in days.query("SELECT CALENDAR_YEAR(Seen__c) FROM Lead")[0]["message"]


@pytest.fixture
def rated(wire):
    for rating, score in (("Hot", 1), ("Hot", 5), ("Warm", 2), ("Cold", 9), (None, 4)):
        wire.lead(Score__c=score, **({"Rating": rating} if rating else {}))
    return wire


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("GROUP BY Rating HAVING COUNT(Id) > 1", ["Hot"]),
        ("GROUP BY Rating HAVING SUM(Score__c) > 5 ORDER BY SUM(Score__c)", ["Hot", "Cold"]),
        ("GROUP BY Rating HAVING Rating LIKE '%m' OR MAX(Score__c) = 9 ORDER BY Rating", ["Cold", "Warm"]),
        ("GROUP BY Rating HAVING Rating != null ORDER BY AVG(Score__c) DESC LIMIT 1 OFFSET 1", ["Hot"]),
        ("GROUP BY Rating ORDER BY Rating NULLS LAST", ["Cold", "Hot", "Warm", None]),
        ("GROUP BY Rating ORDER BY Rating DESC", [None, "Warm", "Hot", "Cold"]),
    ],
)
def test_groups(rated, rest, expected):
    assert [r["Rating"] for r in rated.query(f"SELECT Rating FROM Lead {rest}")["records"]] == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("SELECT Rating FROM Lead GROUP BY Rating HAVING Status = 'x'", "Field must be grouped or aggregated: Status"),
        (
            "SELECT Rating FROM Lead GROUP BY Rating ORDER BY Status",
            "Ordered field must be grouped or aggregated: Status",
        ),
        ("SELECT Rating FROM Lead HAVING COUNT(Id) > 1", "unexpected token: 'HAVING'"),
        ("SELECT Rating FROM Lead WHERE COUNT(Id) > 1", "unexpected token: 'COUNT'"),
        ("SELECT Rating, COUNT(Rating) FROM Lead GROUP BY Rating", "Grouped field should not be aggregated: Rating"),
        ("SELECT COUNT(Id) FROM Lead GROUP BY Score__c", "field 'Score__c' can not be grouped in a query call"),
        ("SELECT COUNT(Id) FROM Lead GROUP BY CreatedDate", "field 'CreatedDate' can not be grouped"),
        ("SELECT COUNT(Id) FROM Lead GROUP BY CUBE(Rating, Name, Status, Title)", "CUBE takes no more than 3 fields"),
        ("SELECT SUM(Rating) FROM Lead", "field Rating does not support aggregate operator SUM"),
        ("SELECT MAX(Consent__c) FROM Lead", "field Consent__c does not support aggregate operator MAX"),
        ("SELECT Owner.Name, CreatedBy.Name FROM Lead GROUP BY Owner.Name, CreatedBy.Name", "duplicate alias: Name"),
        ("SELECT Rating, FIELDS(ALL) FROM Lead GROUP BY Rating LIMIT 5", "not allowed with aggregates"),
    ],
)
def test_wrong_groups(rated, text, part):
    (error,) = rated.query(text)
    assert error["errorCode"] == "MALFORMED_QUERY" and part in error["message"]


def test_subtotals(wire):
    for rating, consent in (("Hot", True), ("Hot", False), ("Cold", True), (None, True)):
        wire.lead(Consent__c=consent, **({"Rating": rating} if rating else {}))
    text = "SELECT Rating, Consent__c c, GROUPING(Rating) g, COUNT(Id) n FROM Lead GROUP BY {}(Rating, Consent__c)"
    rows = wire.query(text.format("ROLLUP"))["records"]
    assert {(r["Rating"], r["c"], r["g"]): r["n"] for r in rows} == {
        ("Hot", True, 0): 1, ("Hot", False, 0): 1, ("Cold", True, 0): 1, (None, True, 0): 1,
        ("Hot", None, 0): 2, ("Cold", None, 0): 1, (None, None, 0): 1, (None, None, 1): 4,
    }  # fmt: skip
    rows = wire.query(text.format("CUBE") + " HAVING GROUPING(Rating) = 1 ORDER BY GROUPING(Consent__c), Consent__c")
    assert [(r["c"], r["n"]) for r in rows["records"]] == [(False, 1), (True, 3), (None, 4)]
    assert wire.query("SELECT GROUPING(Rating) FROM Lead")[0]["errorCode"] == "MALFORMED_QUERY"


def test_more_groups_than_a_page_holds(wire):
    wire.org.load({"Lead": [{"LastName": f"L{n}", "Company": "A"} for n in range(2001)]})
    (error,) = wire.query("SELECT LastName FROM Lead GROUP BY LastName")
    assert error["errorCode"] == "EXCEEDED_ID_LIMIT" and "does not support queryMore()" in error["message"]
    assert wire.query("SELECT LastName FROM Lead GROUP BY LastName LIMIT 2000")["totalSize"] == 2000


@pytest.fixture
def activities(wire):
    lead = wire.lead(LastName="Doe", Company="Acme Clinic")
    contact = wire.ask("POST", "sobjects/Contact", {"LastName": "Roe", "Title": "Nurse"}).json()["id"]
    for subject, who in (("one", lead), ("two", contact), ("three", None)):
        wire.ask("POST", "sobjects/Task", {"Subject": subject, **({"WhoId": who} if who else {})})
    return wire


def test_typeof(activities):
    text = "SELECT TYPEOF Who WHEN Lead THEN Company, Owner.Name WHEN Contact THEN Title END, Subject FROM Task"
    lead, contact, nobody = activities.query(f"{text} ORDER BY CreatedDate, Id")["records"]
    assert lead["Who"]["attributes"]["type"] == "Lead" and lead["Who"]["Company"] == "Acme Clinic"
    assert lead["Who"]["Owner"]["Name"] == "Crosswalk Integration"
    assert (contact["Who"]["Title"], contact["Subject"], nobody["Who"]) == ("Nurse", "two", None)
    text = "SELECT TYPEOF Who WHEN Lead THEN Company ELSE Name, Type END FROM Task ORDER BY Id"
    other = activities.query(text)["records"][1]["Who"]
    assert (other["Name"], other["Type"]) == ("Roe", "Contact")
    for wrong in ("TYPEOF Who END", "TYPEOF Who WHEN Account THEN Name END", "TYPEOF Who WHEN Lead THEN Name",
                  "TYPEOF CreatedBy WHEN User THEN Name END"):  # fmt: skip
        assert activities.query(f"SELECT {wrong} FROM Task")[0]["errorCode"] in ("MALFORMED_QUERY", "INVALID_TYPE")


def test_polymorphic_parents(activities):
    records = activities.query("SELECT Subject FROM Task WHERE Who.Type = 'Contact' AND Who.Name = 'Roe'")["records"]
    assert [r["Subject"] for r in records] == ["two"]
    shown = activities.query("SELECT Who.Name, Who.Type, Owner.Name FROM Task ORDER BY Id")["records"]
    assert [r["Who"] and (r["Who"]["Type"], r["Who"]["Name"]) for r in shown] == [
        ("Lead", "Doe"), ("Contact", "Roe"), None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("INCLUDES ('Cardiology')", ["both", "one"]),
        ("INCLUDES ('cardiology;Oncology')", ["both"]),
        ("INCLUDES ('Oncology', 'Dental')", ["both", "other"]),
        ("EXCLUDES ('Cardiology')", ["none", "other"]),
        ("= 'Cardiology'", ["one"]),
        ("= null", ["none"]),
    ],
)
def test_picklists_of_several_values(wire, where, expected):
    wire.org.objects["Lead"].add(Field("Interests__c", "Interests", MULTIPLE, 255, custom=True))
    for name, chosen in (("both", "Cardiology;Oncology"), ("one", "Cardiology"), ("other", "Dental"), ("none", None)):
        wire.org.load({"Lead": [{"LastName": name, "Company": "A", **({"Interests__c": chosen} if chosen else {})}]})
    found = wire.query(f"SELECT LastName FROM Lead WHERE Interests__c {where} ORDER BY LastName")["records"]
    assert [r["LastName"] for r in found] == expected


def test_includes_is_for_such_picklists_only(wire):
    (error,) = wire.query("SELECT Id FROM Lead WHERE Rating INCLUDES ('Hot')")
    assert error["errorCode"] == "INVALID_QUERY_FILTER_OPERATOR"


def test_unique_fields_with_case_compare_with_case(wire):
    wire.org.define_field("Lead.Code__c", {
        "type": "Text", "label": "Code", "length": 20, "externalId": True, "unique": True, "caseSensitive": True,
    })  # fmt: skip
    wire.lead(Code__c="abc")
    wire.lead(Code__c="ABC")
    assert wire.query("SELECT COUNT() FROM Lead WHERE Code__c = 'abc'")["totalSize"] == 1
    assert wire.query("SELECT COUNT() FROM Lead WHERE Code__c IN ('ABC', 'Abc')")["totalSize"] == 1
    assert wire.query("SELECT COUNT() FROM Lead WHERE Code__c != 'abc'")["totalSize"] == 1


@pytest.mark.parametrize("rest", ["WITH SECURITY_ENFORCED", "WITH USER_MODE ORDER BY Id", "USING SCOPE everything",
                                  "WHERE Id != null WITH SECURITY_ENFORCED LIMIT 5", "FOR VIEW",
                                  "LIMIT 1 FOR REFERENCE", "FOR VIEW FOR REFERENCE", "FOR UPDATE"])  # fmt: skip
def test_clauses_that_change_nothing(wire, rest):
    key = wire.lead()
    assert [r["Id"] for r in wire.query(f"SELECT Id FROM Lead {rest}")["records"]] == [key]


def test_scope(wire, user):
    mine = wire.lead()
    wire.lead(OwnerId=user("Chief"))
    assert [r["Id"] for r in wire.query("SELECT Id FROM Lead USING SCOPE mine")["records"]] == [mine]


def test_labels(wire):
    wire.lead(Rating="Hot")
    text = "SELECT toLabel(Rating), toLabel(Status) state FROM Lead WHERE toLabel(Rating) = 'hot'"
    (record,) = wire.query(text)["records"]
    assert (record["Rating"], record["state"]) == ("Hot", "Open - Not Contacted")


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("SELECT Id FROM Account WHERE Id IN (SELECT WhoId FROM Task)", "MALFORMED_QUERY", "the same object type"),
        ("SELECT Id, Name, id FROM Lead", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id, FIELDS(ALL) FROM Lead LIMIT 1", "INVALID_FIELD", "duplicate field selected: Id"),
        ("SELECT Id FROM Lead ALL ROWS", "MALFORMED_QUERY", "ALL ROWS not allowed in this context"),
        ("SELECT Id FROM Lead WHERE Name = :name", "MALFORMED_QUERY", "Bind variables only allowed in Apex code"),
        ("SELECT Id FROM Lead USING SCOPE nobody", "MALFORMED_QUERY", "Scope 'nobody' is not supported"),
        ("SELECT Id FROM Lead WITH DATA CATEGORY x", "MALFORMED_QUERY", "unexpected token: 'DATA'"),
        ("SELECT Id FROM Lead FOR FUN", "MALFORMED_QUERY", "unexpected token: 'FUN'"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
        (f"SELECT {'CreatedBy.' * 6}Name FROM Lead", "INVALID_FIELD", "no more than 5 levels"),
        (f"SELECT Id FROM Lead WHERE Name = '{'x' * 4001}'", "MALFORMED_QUERY", "longer than 4000"),
    ],
)
def test_refusals(wire, text, code, part):
    (error,) = wire.query(text)
    assert error["errorCode"] == code and part in error["message"]


def test_the_longest_query(wire):
    """Only a body can carry it; a URI has no room for it."""
    text = f"SELECT Id FROM Lead WHERE Name = 'x'{' ' * 100_000}LIMIT 1"
    (error,) = wire.ask("POST", "jobs/query", {"operation": "query", "query": text}).json()
    assert error["message"] == "SOQL statements cannot be longer than 100000 characters."


def test_a_complaint_points_at_its_place(wire):
    (error,) = wire.query("SELECT Id,\n  Foo FROM Lead")
    assert (
        error["message"].startswith("\nSELECT Id,\n  Foo FROM Lead\n") and "Row:2:Column:3\nNo such" in error["message"]
    )
    (error,) = wire.query("SELECT COUNT(Nope) FROM Lead")
    assert "\n             ^\nERROR at Row:1:Column:14\nNo such column 'Nope' on entity 'Lead'." in error["message"]
    text = "SELECT Id, LastName, FirstName, Company, Crosswalk_Id__c, Nope, Source_Key__c,Email, Phone, Title FROM Lead"
    (error,) = wire.query(text)
    shown, pointer, place, _ = error["message"][1:].split("\n")
    assert shown == "FirstName, Company, Crosswalk_Id__c, Nope, Source_Key__c,Email, Phone"
    assert pointer.index("^") == shown.index("Nope") and place == f"ERROR at Row:1:Column:{text.index('Nope') + 1}"
    (error,) = wire.query("SELECT Boss.Name FROM Lead")
    assert "in field path. If you are attempting to use a custom relationship, be sure to append" in error["message"]
