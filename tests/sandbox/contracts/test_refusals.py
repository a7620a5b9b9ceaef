"""What the vendors refuse, the sandbox refuses: one row for each documented cap, and for each kind of nonsense."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.contracts.conftest import Session, Wire

C = "/crm/v3/objects/contacts"
SEARCH = f"{C}/search"
LINKS = "/crm/v4/associations/contacts/companies/batch"
ANNA = {"email": "anna@example.org"}


def rule(**more: Any) -> dict[str, Any]:
    return {"propertyName": "email", "operator": "EQ", "value": "x", **more}


def groups(*sizes: int) -> dict[str, Any]:
    return {"filterGroups": [{"filters": [rule() for _ in range(size)]} for size in sizes]}


def inputs(count: int, **entry: Any) -> dict[str, Any]:
    """`{n}` in a value is the number of the entry."""
    return {
        "inputs": [
            {key: value.format(n=n) if isinstance(value, str) else value for key, value in entry.items()}
            for n in range(count)
        ]
    }


PROPERTY = {"name": "p", "label": "P", "type": "string", "fieldType": "text", "groupName": "contactinformation"}
HUBSPOT: list[tuple[str, str, str, Any, int]] = [
    # what, method, path, body, status
    ("page over 100", "GET", f"{C}?limit=101", None, 400),
    ("page of none", "GET", f"{C}?limit=0", None, 400),
    ("page with history over 50", "GET", f"{C}?limit=51&propertiesWithHistory=email", None, 400),
    ("a cursor of one's own", "GET", f"{C}?after=%21%21", None, 400),
    ("batch read over 100", "POST", f"{C}/batch/read", inputs(101, id="{n}"), 400),
    ("batch create over 100", "POST", f"{C}/batch/create", inputs(101, properties={}), 400),
    ("batch update over 100", "POST", f"{C}/batch/update", inputs(101, id="{n}", properties={}), 400),
    ("batch upsert over 100", "POST", f"{C}/batch/upsert",
     inputs(101, id="b{n}@example.org", idProperty="email", properties={}), 400),
    ("batch archive over 100", "POST", f"{C}/batch/archive", inputs(101, id="{n}"), 400),
    ("an id twice in a batch", "POST", f"{C}/batch/update", inputs(2, id="{{contacts}}", properties={}), 400),
    ("batch without inputs", "POST", f"{C}/batch/read", {}, 400),
    ("search page over 200", "POST", SEARCH, {"limit": 201}, 400),
    ("search beyond 10,000", "POST", SEARCH, {"limit": 100, "after": "9950"}, 400),
    ("search body over 3,000", "POST", SEARCH, {"query": "x" * 3_000}, 400),
    ("search values over 3,000", "POST", SEARCH, {"filterGroups": [{"filters": [
        {"propertyName": "email", "operator": "IN", "values": [f"{n}@example.org" for n in range(200)]}]}]}, 400),
    ("six filter groups", "POST", SEARCH, groups(1, 1, 1, 1, 1, 1), 400),
    ("seven filters in a group", "POST", SEARCH, groups(7), 400),
    ("nineteen filters", "POST", SEARCH, groups(4, 4, 4, 4, 3), 400),
    ("two sorts", "POST", SEARCH, {"sorts": [{"propertyName": "email"}, {"propertyName": "zip"}]}, 400),
    ("unknown operator", "POST", SEARCH, {"filterGroups": [{"filters": [rule(operator="LIKE")]}]}, 400),
    ("unknown property in a filter", "POST", SEARCH,
     {"filterGroups": [{"filters": [rule(propertyName="nonsense")]}]}, 400),
    ("unknown property", "POST", C, {"properties": {"nonsense": "1"}}, 400),
    ("read-only property", "POST", C, {"properties": {"hs_object_id": "1"}}, 400),
    ("a number that is none", "PATCH", "/crm/v3/objects/deals/{deals}", {"properties": {"amount": "much"}}, 400),
    ("a moment that is none", "PATCH", f"{C}/{{contacts}}", {"properties": {"closedate": "soon"}}, 400),
    ("an option that is none", "PATCH", f"{C}/{{contacts}}", {"properties": {"lifecyclestage": "friend"}}, 400),
    ("an option in another case", "PATCH", f"{C}/{{contacts}}", {"properties": {"lifecyclestage": "Lead"}}, 400),
    ("an e-mail that is none", "PATCH", f"{C}/{{contacts}}", {"properties": {"email": "000"}}, 400),
    ("65,537 characters", "PATCH", f"{C}/{{contacts}}", {"properties": {"city": "x" * 65_537}}, 400),
    ("an owner that is none", "PATCH", f"{C}/{{contacts}}", {"properties": {"hubspot_owner_id": "1"}}, 400),
    ("an e-mail twice", "POST", C, {"properties": {"email": "person0@example.org"}}, 409),
    ("a deal without a stage", "POST", "/crm/v3/objects/deals", {"properties": {"dealname": "x"}}, 400),
    ("a note without a time", "POST", "/crm/v3/objects/notes", {"properties": {"hs_note_body": "x"}}, 400),
    ("a company without a name", "POST", "/crm/v3/objects/companies", {"properties": {"city": "Gary"}}, 400),
    ("a body without properties", "POST", C, {"email": "x@example.org"}, 400),
    ("no such contact", "GET", f"{C}/987654321", None, 404),
    ("no such contact to change", "PATCH", f"{C}/987654321", {"properties": ANNA}, 404),
    ("not a unique property", "GET", f"{C}/Gary?idProperty=city", None, 400),
    ("no such type", "GET", "/crm/v3/objects/unicorns", None, 400),
    ("no such version", "GET", "/crm/objects/2024-03/contacts", None, 404),
    ("no such path", "GET", "/crm/v3/nonsense", None, 404),
    ("wrong method", "PUT", C, {"properties": ANNA}, 405),
    ("associations over 2,000", "POST", f"{LINKS}/associate/default",
     {"inputs": [{"from": {"id": "1"}, "to": {"id": "2"}}] * 2_001}, 400),
    ("association reads over 1,000", "POST", f"{LINKS}/read", inputs(1_001, id="{n}"), 400),
    ("association of another pair", "PUT", "/crm/v4/objects/contacts/{contacts}/associations/companies/{companies}",
     [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}], 400),
    ("a property twice", "POST", "/crm/v3/properties/contacts", {**PROPERTY, "name": "email"}, 409),
    ("a property with a bad name", "POST", "/crm/v3/properties/contacts", {**PROPERTY, "name": "Not A Name"}, 400),
    ("a property of no type", "POST", "/crm/v3/properties/contacts", {**PROPERTY, "type": "text"}, 400),
    ("a property without a label", "POST", "/crm/v3/properties/contacts", {**PROPERTY, "label": None}, 400),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status"), [row[1:] for row in HUBSPOT],
                         ids=[row[0] for row in HUBSPOT])  # fmt: skip
def test_hubspot_refuses(portal: Wire, method: str, path: str, body: Any, status: int) -> None:
    answer = portal.ask(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["status"] == "error"
    assert answer.json()["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer ", "Basic pat-na1-sandbox", "pat-na1-sandbox"])
def test_hubspot_asks_for_a_token(portal: Wire, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = portal.sandbox.session.get(portal.sandbox.hubspot["url"] + C, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_an_api_key_opens_nothing(portal: Wire) -> None:
    """`hapikey` has been dead since November 2022."""
    url = f"{portal.sandbox.hubspot['url']}{C}?hapikey={portal.sandbox.hubspot['token']}"
    assert portal.sandbox.session.get(url, timeout=30).status_code == 401


@pytest.mark.parametrize("body", ["{", "[1", '"text"', "1", "\xff"])
def test_hubspot_refuses_what_is_no_json_object(portal: Wire, body: str) -> None:
    headers = {"Authorization": f"Bearer {portal.sandbox.hubspot['token']}", "Content-Type": "application/json"}
    url = portal.sandbox.hubspot["url"] + C
    answer = portal.sandbox.session.post(url, data=body.encode("latin-1"), headers=headers, timeout=30)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def rows(count: int, *kinds: str) -> dict[str, Any]:
    """So many new records; several types take turns, so that each record begins a new chunk."""
    kinds = kinds or ("Account",)
    return {
        "allOrNone": False,
        "records": [{"attributes": {"type": kinds[n % len(kinds)]}, "Name": f"N{n}"} for n in range(count)],
    }


def calls(count: int, url: str) -> dict[str, Any]:
    return {"compositeRequest": [{"method": "GET", "url": url, "referenceId": f"r{n}"} for n in range(count)]}


V = "/services/data/v62.0"
JOB = {"object": "Lead", "operation": "insert"}
SALESFORCE: list[tuple[str, str, str, Any, int, str]] = [
    # what, method, path, body, status, errorCode
    ("over 200 rows", "POST", "composite/sobjects", rows(201), 400, "EXCEEDED_ID_LIMIT"),
    ("over 10 type chunks", "POST", "composite/sobjects", rows(12, "Account", "Campaign"), 400, ""),
    ("over 25 subrequests", "POST", "composite", calls(26, f"{V}/limits"), 400, ""),
    ("over 5 queries", "POST", "composite", calls(6, f"{V}/query?q=SELECT+Id+FROM+Lead+LIMIT+1"), 400, ""),
    ("unknown object", "POST", "sobjects/Unicorn", {"Name": "x"}, 404, "NOT_FOUND"),
    ("unknown record", "GET", "sobjects/Lead/00Q000000000000AAA", None, 404, "NOT_FOUND"),
    ("unknown field", "POST", "sobjects/Lead", {"LastName": "x", "Company": "y", "Shoe__c": "1"}, 400,
     "INVALID_FIELD"),
    ("no required field", "POST", "sobjects/Lead", {"LastName": "x"}, 400, "REQUIRED_FIELD_MISSING"),
    ("an e-mail that is none", "POST", "sobjects/Lead", {"LastName": "x", "Company": "y", "Email": "badone"}, 400,
     "INVALID_EMAIL_ADDRESS"),
    ("too long a text", "POST", "sobjects/Lead", {"LastName": "x" * 81, "Company": "y"}, 400, "STRING_TOO_LONG"),
    ("a number that is none", "POST", "sobjects/Account", {"Name": "x", "NumberOfEmployees": "many"}, 400,
     "JSON_PARSER_ERROR"),
    ("a date that is none", "POST", "sobjects/Contact", {"LastName": "x", "Birthdate": "soon"}, 400,
     "JSON_PARSER_ERROR"),
    ("a reference to nothing", "POST", "sobjects/Contact", {"LastName": "x", "AccountId": "001000000000000AAA"}, 400,
     ""),
    ("a reference to another type", "POST", "sobjects/Contact", {"LastName": "x", "AccountId": "00Q000000000000AAA"},
     400, ""),
    ("a read-only field", "POST", "sobjects/Lead", {"LastName": "x", "Company": "y", "CreatedDate": "2020-01-01"}, 400,
     "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("an id on create", "POST", "sobjects/Account", {"Id": "001000000000000AAA", "Name": "x"}, 400, ""),
    ("no key to upsert by", "PATCH", "sobjects/Lead/Title/x", {"LastName": "x", "Company": "y"}, 404, "NOT_FOUND"),
    ("wrong method", "PUT", "sobjects/Lead", {}, 405, "METHOD_NOT_ALLOWED"),
    ("no such path", "GET", "nonsense", None, 404, "NOT_FOUND"),
    ("retired version", "GET", "/services/data/v30.0/limits", None, 410, ""),
    ("version to come", "GET", "/services/data/v99.0/limits", None, 404, "NOT_FOUND"),
    ("bulk of no object", "POST", "jobs/ingest", {**JOB, "object": "Unicorn"}, 400, ""),
    ("bulk of no operation", "POST", "jobs/ingest", {**JOB, "operation": "replace"}, 400, ""),
    ("bulk upsert without a key", "POST", "jobs/ingest", {**JOB, "operation": "upsert"}, 400, ""),
    ("bulk query of nonsense", "POST", "jobs/query", {"operation": "query", "query": "SELECT Nope FROM Lead"}, 400,
     ""),
    ("no such job", "GET", "jobs/ingest/750000000000000AAA", None, 404, "NOT_FOUND"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), [row[1:] for row in SALESFORCE],
                         ids=[row[0] for row in SALESFORCE])  # fmt: skip
def test_salesforce_refuses(org: Session, method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = org.ask(method, path, body)
    assert answer.status_code == status, answer.text
    [error] = answer.json()
    assert {"message", "errorCode"} <= error.keys() <= {"message", "errorCode", "fields"}
    assert error["errorCode"] == (code or error["errorCode"])


QUERIES = [
    ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ("SELECT Nope FROM Lead", "INVALID_FIELD"),
    ("SELECT Id FROM Unicorn", "INVALID_TYPE"),
    ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
    ("SELECT FROM Lead", "MALFORMED_QUERY"),
    ("SELECT Id Lead", "MALFORMED_QUERY"),
    ('SELECT Id FROM Lead WHERE Name = "x"', "MALFORMED_QUERY"),
    ("SELECT Id FROM Lead WHERE Name = 'x' AND Title = 'y' OR City = 'z'", "MALFORMED_QUERY"),
    ("SELECT Id FROM Lead WHERE CreatedDate > '2020-01-01'", "INVALID_FIELD"),
    ("SELECT Id FROM Lead WHERE NumberOfEmployees = '3'", "INVALID_FIELD"),
    ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD"),
    ("SELECT Id FROM Lead ORDER BY Description", "MALFORMED_QUERY"),
    ("SELECT Name, COUNT(Id) FROM Lead", "MALFORMED_QUERY"),
    ("SELECT Id FROM Lead LIMIT -1", "MALFORMED_QUERY"),
    ("SELECT * FROM Lead", "MALFORMED_QUERY"),
    ("", "MALFORMED_QUERY"),
]


@pytest.mark.parametrize(("soql", "code"), QUERIES)
def test_soql_refuses(org: Session, soql: str, code: str) -> None:
    answer = org.query(soql)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code), answer.text


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic x"])
def test_salesforce_asks_for_a_session(org: Session, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = org.sandbox.session.get(f"{org.url}{V}/limits", headers=headers, timeout=30)
    assert answer.status_code == 401
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": "{client_id}", "client_secret": "y"}, "invalid_client"),
        (
            {
                "grant_type": "refresh_token",
                "refresh_token": "x",
                "client_id": "{client_id}",
                "client_secret": "{client_secret}",
            },
            "invalid_grant",
        ),
    ],
)
def test_no_token_for_a_stranger(org: Session, form: dict[str, str], error: str) -> None:
    """Errors of the token endpoint are an object, those of the data endpoints a list."""
    given = {key: value.format(**org.sandbox.salesforce) for key, value in form.items()}
    answer = org.sandbox.session.post(f"{org.url}/services/oauth2/token", data=given, timeout=30)
    assert answer.status_code == 400
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error


@pytest.mark.parametrize("text", ["{", "[]", '"x"', ""])
def test_salesforce_refuses_what_is_no_json_object(org: Session, text: str) -> None:
    headers = {"Authorization": f"Bearer {org.token['access_token']}", "Content-Type": "application/json"}
    answer = org.sandbox.session.post(f"{org.url}{V}/sobjects/Lead", data=text, headers=headers, timeout=30)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
