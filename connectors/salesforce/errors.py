"""What Salesforce's refusals mean: THE table from (status, code) to the hub's errors, and how a refusal is read.

Vendor messages quote values (addresses, names), so only codes and field names are ever taken from them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import requests

from crosswalk.errors import ConfigError, CrosswalkError, RecordError, SchemaDrift, TerminalError, TransientError
from crosswalk.platform.http import Refusal, Rule, classify

VENDOR = "Salesforce"
DAILY_LIMIT_DELAY = 900.0
"""The daily allowance is a rolling 24 hours, so it frees up by itself: transient, but never waited for in place."""
CONCURRENCY_DELAY = 5.0

_IDENTIFIER = re.compile(r"[A-Za-z]\w*")
_NAMED_COLUMN = re.compile(
    r"No such column '(\w+)'|Field name not found : (\w+)|InvalidBatch : .*?\b(\w+__c)\b"
    r"|external ID field does not exist or is not accessible: (\w+__c)\b"
    r"|Field name provided, '?(\w+__c)'? does not match an External ID"
)
_FIELD_GONE = "the field is missing or hidden from the run-as user; give it back, or run `crosswalk setup`"
_BULK_ROW = re.compile(r"\A(\w+):.*:([\w, ]*)--\s*\Z", re.DOTALL)
_MARKUP = re.compile(r"<errorCode>(\w+)</errorCode>")


def _rules(error: type[CrosswalkError], advice: str, *codes: str, delay: float | None = None) -> Iterator[Rule]:
    """Rules for codes that mean the same wherever they appear: in a whole answer or in one row."""
    return (Rule(None, code, error, advice, delay) for code in codes)


def _statuses(error: type[CrosswalkError], advice: str, *statuses: int, delay: float | None = None) -> Iterator[Rule]:
    """Rules for answers of which only the status is known."""
    return (Rule(status, None, error, advice, delay) for status in statuses)


TABLE: tuple[Rule, ...] = (
    # One record is refused; the others go on.
    *_rules(RecordError, "fill the field or map a default", "REQUIRED_FIELD_MISSING"),
    *_rules(RecordError, "shorten it at the source or raise the field's length", "STRING_TOO_LONG"),
    *_rules(RecordError, "correct the address at the source", "INVALID_EMAIL_ADDRESS"),
    *_rules(
        RecordError,
        "add the value to the picklist or map it in mappings/codes",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ),
    *_rules(
        RecordError,
        "another record has this value; link or merge them in Salesforce",
        "DUPLICATE_VALUE",
        "DUPLICATES_DETECTED",
        "DUPLICATE_EXTERNAL_ID",
        "MULTIPLE_CHOICES",
    ),
    *_rules(
        RecordError,
        "the record is closed to writing; sales goes on with what it became",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "ENTITY_IS_DELETED",
        "ENTITY_IS_LOCKED",
    ),
    *_rules(
        RecordError,
        "a rule of this Salesforce org refuses the record; ask its admin which",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "CANNOT_EXECUTE_FLOW_TRIGGER",
        "FIELD_FILTER_VALIDATION_EXCEPTION",
    ),
    *_rules(
        RecordError,
        "the value does not fit the field",
        "FIELD_INTEGRITY_EXCEPTION",
        "NUMBER_OUTSIDE_VALID_RANGE",
        "INVALID_TYPE_ON_FIELD_IN_RECORD",
        "JSON_PARSER_ERROR",
    ),
    *_rules(
        RecordError,
        "the owner or the related record cannot be used",
        "INVALID_CROSS_REFERENCE_KEY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INACTIVE_OWNER_OR_USER",
        "TRANSFER_REQUIRES_READ",
        "OP_WITH_INVALID_USER_TYPE_EXCEPTION",
        "MALFORMED_ID",
    ),
    # The same call may work later.
    *_rules(TransientError, "another process held the record", "UNABLE_TO_LOCK_ROW", "TooManyLockFailure"),
    *_rules(
        TransientError,
        "the vendor is busy",
        "SERVER_UNAVAILABLE",
        "REQUEST_RUNNING_TOO_LONG",
        "QUERY_TIMEOUT",
        "INVALID_QUERY_LOCATOR",
    ),
    *_rules(
        TransientError,
        "the org's API requests are used up; run again later, or raise the allowance",
        "REQUEST_LIMIT_EXCEEDED",
        "ExceededQuota",
        "LIMIT_EXCEEDED",
        delay=DAILY_LIMIT_DELAY,
    ),
    *_rules(TransientError, "the vendor has switched the API off for now", "API_CURRENTLY_DISABLED", delay=60.0),
    # An admin must mend something.
    *_rules(
        ConfigError,
        "check CROSSWALK_SALESFORCE_CLIENT_ID and _CLIENT_SECRET, and that the External Client App allows the client "
        "credentials flow with an active run-as user",
        "invalid_client_id",
        "invalid_client",
        "invalid_grant",
        "inactive_user",
        "inactive_org",
        "invalid_app_access",
        "unsupported_grant_type",
        "unauthorized_client",
        "app_not_found",
    ),
    *_rules(
        ConfigError,
        "a new token was refused too; check the run-as user's session and IP settings",
        "INVALID_SESSION_ID",
        "Bad_OAuth_Token",
        "INVALID_AUTH_HEADER",
    ),
    *_rules(
        SchemaDrift,
        _FIELD_GONE,
        "INVALID_FIELD",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "InvalidBatch",
        "INVALIDJOB",
    ),
    *_rules(ConfigError, "the object is missing or hidden from the run-as user", "INVALID_TYPE", "INVALIDENTITY"),
    *_rules(
        ConfigError,
        "give the run-as user the permission; `crosswalk doctor` names it",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "API_DISABLED_FOR_ORG",
        "FUNCTIONALITY_NOT_ENABLED",
        "FEATURENOTENABLED",
    ),
    *_rules(
        ConfigError,
        "an object, a field or the API version is not there; run `crosswalk setup`, check api_version",
        "NOT_FOUND",
    ),
    *_rules(ConfigError, "set a served api_version", "UNSUPPORTED_API_VERSION", "InvalidVersion"),
    *_statuses(ConfigError, "the API version is retired; set a served api_version", 410),
    # A person must look.
    *_rules(TerminalError, "the hub built a query that Salesforce cannot read: a bug, report it", "MALFORMED_QUERY"),
    *_rules(TerminalError, "the org is full", "STORAGE_LIMIT_EXCEEDED"),
    *_statuses(TerminalError, "the hub's request was too long: a bug, report it", 414, 431),
    *_statuses(TransientError, "the vendor is busy", 429, 502, 503, 504),
)

_KEY_GONE = (Rule(404, "NOT_FOUND", SchemaDrift, _FIELD_GONE),)
"""An address by external id is not found when the field is hidden; only the text tells that from a missing object."""


def read(reply: requests.Response) -> Refusal:
    """Take status, code and field names out of an answer that is not a success.

    REST answers a list of errors, the token endpoint an object, a gateway HTML, Bulk now and then XML.
    """
    code, message, names = "", "", []
    try:
        body = reply.json()
    except ValueError:
        body, text = None, reply.text[:2000]
        found = _MARKUP.search(text)
        code = found.group(1) if found else ("Bad_OAuth_Token" if "Bad_OAuth_Token" in text else "")
    if isinstance(body, dict):
        code = str(body.get("error") or body.get("errorCode") or "")
    elif reply.status_code == 300:
        code = "MULTIPLE_CHOICES"
    elif isinstance(body, list) and body and isinstance(body[0], dict):
        first = body[0]
        code, message = str(first.get("errorCode", "")), str(first.get("message", ""))
        names = [*(first.get("fields") or []), *named_fields(message)]
    delay = CONCURRENCY_DELAY if code == "REQUEST_LIMIT_EXCEEDED" and "Concurrent" in message else _seconds(reply)
    return Refusal(reply.status_code, code, fields=_identifiers(names), retry_after=delay)


def of_part(status: int, body: Any) -> CrosswalkError:
    """Name the error of one part of a composite answer."""
    first = body[0] if isinstance(body, list) and body and isinstance(body[0], dict) else {}
    code, message = str(first.get("errorCode", "")), str(first.get("message", ""))
    return _named(Refusal(status, code, fields=_identifiers(named_fields(message))))


def failure(reply: requests.Response) -> CrosswalkError:
    """Name the error of an answer that is not a success."""
    return _named(read(reply))


def _named(refusal: Refusal) -> CrosswalkError:
    key_gone = refusal.code == "NOT_FOUND" and refusal.fields
    return classify(refusal, _KEY_GONE if key_gone else TABLE, VENDOR)


def named_fields(message: str) -> tuple[str, ...]:
    """Return the column that a message complains about; nothing else of the message is kept."""
    return tuple(name for found in _NAMED_COLUMN.finditer(message) for name in found.groups() if name)


def of_row(errors: Iterable[dict[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """Return the first code, and all field names, of one refused row of a collection."""
    rows = list(errors) or [{}]
    code = _code(str(rows[0].get("statusCode", "")))
    named = named_fields(str(rows[0].get("message", ""))) if code == "INVALID_FIELD" else ()
    return code, _identifiers([*named, *(name for row in rows for name in row.get("fields") or ())])


def of_bulk_row(text: str) -> tuple[str, tuple[str, ...]]:
    """Read ``sf__Error``, which is ``CODE:message:fields --``; the message may hold colons of its own."""
    found = _BULK_ROW.match(text)
    if found is None:
        return _code(text.partition(":")[0].strip()), ()
    return _code(found.group(1)), _identifiers(found.group(2).replace(",", " ").split())


def passes(code: str) -> bool:
    """Whether a refused row may be sent again."""
    return isinstance(classify(Refusal(200, code), TABLE, VENDOR), TransientError)


def drift(code: str, fields: tuple[str, ...]) -> SchemaDrift | None:
    """Return what is wrong where a row was refused for a field of the org: nothing that its record could mend."""
    known = classify(Refusal(200, code, fields=fields), TABLE, VENDOR)
    return known if isinstance(known, SchemaDrift) else None


def _code(text: str) -> str:
    """Return a vendor code, or UNKNOWN for anything that does not look like one."""
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{2,60}", text) else "UNKNOWN"


def _identifiers(names: Iterable[Any]) -> tuple[str, ...]:
    """Keep field names only, each once, in order."""
    return tuple(dict.fromkeys(str(name) for name in names if _IDENTIFIER.fullmatch(str(name))))


def _seconds(reply: requests.Response) -> float | None:
    """Return ``Retry-After`` where it is given in seconds."""
    text = reply.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None
