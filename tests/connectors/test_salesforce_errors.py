"""Refusals become the right error, and nothing personal gets into any text."""

import json
from typing import Any

import pytest
import requests

from connectors.salesforce.errors import DAILY_LIMIT_DELAY, TABLE, VENDOR, failure, of_bulk_row, of_row, passes
from crosswalk.errors import ConfigError, CrosswalkError, RecordError, SchemaDrift, TerminalError, TransientError
from crosswalk.testing.contract import ErrorTableContract

ADDRESS = "jane.roe@example.org"
HIDDEN = "field does not exist or is not accessible:"
NO_KEY = "does not match an External ID, Salesforce Id, or indexed field for 'Lead'"


class TestTable(ErrorTableContract):
    rules = TABLE
    vendor = VENDOR


def reply(status: int, body: Any, **headers: str) -> requests.Response:
    """An answer as it comes off the wire."""
    answer = requests.Response()
    answer.status_code = status
    answer._content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


def refused(code: str, message: str = "", **more: Any) -> list[dict[str, Any]]:
    return [{"errorCode": code, "message": message, **more}]


@pytest.mark.parametrize(
    ("status", "body", "error", "text"),
    [
        (401, refused("INVALID_SESSION_ID", "Session expired or invalid"), ConfigError, "INVALID_SESSION_ID"),
        (400, refused("INVALID_FIELD", "No such column 'Zip__c' on entity 'Lead'."), SchemaDrift, "Zip__c"),
        (404, refused("NOT_FOUND", f"Provided external ID {HIDDEN} My_Id__c"), SchemaDrift, "on My_Id__c"),
        (404, refused("NOT_FOUND", f"Provided external ID {HIDDEN} {ADDRESS}"), ConfigError, "NOT_FOUND"),
        (400, refused("INVALIDJOB", f"Field name provided, 'My_Id__c' {NO_KEY}"), SchemaDrift, "on My_Id__c"),
        (400, refused("INVALID_TYPE", "sObject type 'Led' is not supported."), ConfigError, "INVALID_TYPE"),
        (400, refused("MALFORMED_QUERY", f"unexpected token: {ADDRESS}"), TerminalError, "MALFORMED_QUERY"),
        (403, refused("INSUFFICIENT_ACCESS"), ConfigError, "permission"),
        (400, refused("REQUIRED_FIELD_MISSING", "x", fields=["Name"]), RecordError, "on Name"),
        (300, ["/services/data/v62.0/sobjects/Lead/00Q1", "/x"], RecordError, "MULTIPLE_CHOICES"),
        (400, {"error": "invalid_client", "error_description": "invalid client credentials"}, ConfigError, "SECRET"),
        (404, refused("NOT_FOUND", "The requested resource does not exist"), ConfigError, "crosswalk setup"),
        (410, refused("UNSUPPORTED"), ConfigError, "api_version"),
        (500, refused("UNKNOWN_EXCEPTION", f"An unexpected error for {ADDRESS}"), TerminalError, "UNKNOWN_EXCEPTION"),
        (503, refused("SERVER_UNAVAILABLE"), TransientError, "SERVER_UNAVAILABLE"),
        (503, "<html>down for maintenance</html>", TransientError, "503"),
        (400, "<error><errorCode>InvalidVersion</errorCode></error>", ConfigError, "InvalidVersion"),
        (414, "<h1>Bad Message 414</h1>", TerminalError, "too long"),
        (418, refused("TEAPOT", ADDRESS), TerminalError, "TEAPOT"),
        (302, "", TerminalError, "302"),
    ],
)
def test_an_answer_becomes_an_error(status: int, body: Any, error: type[CrosswalkError], text: str) -> None:
    named = failure(reply(status, body))
    assert type(named) is error
    assert text in str(named)
    assert ADDRESS not in str(named)


def test_the_daily_limit_is_not_waited_for_but_concurrency_is() -> None:
    daily = failure(reply(403, refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")))
    burst = failure(reply(403, refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")))
    assert isinstance(daily, TransientError)
    assert daily.delay == DAILY_LIMIT_DELAY
    assert isinstance(burst, TransientError)
    assert burst.delay is not None
    assert burst.delay < 30


def test_the_vendors_own_delay_counts() -> None:
    named = failure(reply(503, refused("SERVER_UNAVAILABLE"), Retry_After="7"))
    assert isinstance(named, TransientError)
    assert named.delay == 7


@pytest.mark.parametrize(
    ("text", "code", "fields"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --", "REQUIRED_FIELD_MISSING",
         ("LastName",)),
        (f"INVALID_EMAIL_ADDRESS:Email: invalid email address: {ADDRESS}:Email --", "INVALID_EMAIL_ADDRESS",
         ("Email",)),
        ("STRING_TOO_LONG:Company: data value too large: a:b:c (max length=255):Company --", "STRING_TOO_LONG",
         ("Company",)),
        ("CANNOT_UPDATE_CONVERTED_LEAD:cannot reference converted lead:--", "CANNOT_UPDATE_CONVERTED_LEAD", ()),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--", "UNABLE_TO_LOCK_ROW", ()),
        ("X_Y:two:A__c, B --", "X_Y", ("A__c", "B")),
        ("DUPLICATE_VALUE:line one\nline two:F --", "DUPLICATE_VALUE", ("F",)),
        (f"{ADDRESS} is odd", "UNKNOWN", ()),
        ("", "UNKNOWN", ()),
    ],
)  # fmt: skip
def test_bulk_row_errors_are_read(text: str, code: str, fields: tuple[str, ...]) -> None:
    assert of_bulk_row(text) == (code, fields)


def test_collection_row_errors_are_read() -> None:
    errors = [
        {"statusCode": "INVALID_EMAIL_ADDRESS", "message": ADDRESS, "fields": ["Email"]},
        {"statusCode": "STRING_TOO_LONG", "message": "", "fields": ["Company", ADDRESS]},
    ]
    assert of_row(errors) == ("INVALID_EMAIL_ADDRESS", ("Email", "Company"))
    assert of_row([]) == ("UNKNOWN", ())
    gone = {"statusCode": "INVALID_FIELD", "message": "No such column 'Zip__c' on sobject of type Lead", "fields": []}
    assert of_row([gone]) == ("INVALID_FIELD", ("Zip__c",))
    assert of_row([{**gone, "statusCode": "STRING_TOO_LONG"}]) == ("STRING_TOO_LONG", ()), "a value may look like that"


def test_only_rows_that_may_pass_are_sent_again() -> None:
    assert passes("UNABLE_TO_LOCK_ROW")
    assert not any(passes(code) for code in ("INVALID_EMAIL_ADDRESS", "INVALID_FIELD", "NEW_CODE_OF_NEXT_YEAR"))
