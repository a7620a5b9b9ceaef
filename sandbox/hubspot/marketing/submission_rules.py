"""What a form takes and what it refuses; error types as HubSpot's legacy pages list them [DOC].

The form of an error, its text for a missing field and for an e-mail address: as bug reports quote them [3P]. The other
texts and the order of the checks are ours [UNV].
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sandbox.hubspot.errors import HubSpotError
from sandbox.hubspot.marketing.forms import ENUMERATED, Definition, field_name, fields_of
from sandbox.hubspot.schema import MAX_STRING, Schema, ValueRefused, accept

MAX_FIELDS = 1_000
MONTH_MS = 31 * 86_400_000
Value = tuple[str, str, str]  # name, value, object type
_HUTK = re.compile(r"[0-9a-fA-F]{32}")
# A part of HubSpot's list of free mail providers [INV].
_FREE_MAIL = frozenset("gmail.com yahoo.com hotmail.com outlook.com aol.com icloud.com".split())
# Field types whose digits are counted, and the error type for too few or too many; that of phones [3P].
_COUNTED = {
    "number": "NUMBER_OUT_OF_RANGE",
    "phone": "INVALID_PHONE_NUMBER",
    "mobile_phone": "INVALID_PHONE_NUMBER",
}
_CODES = {"INVALID_NUMBER": "INVALID_NUMBER", "INVALID_OPTION": "VALUE_NOT_IN_FIELD_DEFINITION"}


class SubmissionRefused(HubSpotError):
    """A refusal by the form service, whose bodies have no category."""

    def __init__(self, status: int, *errors: tuple[str, str]) -> None:
        super().__init__(status, "The request is not valid", "VALIDATION_ERROR")
        self.errors = errors

    def body(self, correlation_id: str) -> dict[str, Any]:
        return {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
            "errors": [{"message": text, "errorType": kind} for kind, text in self.errors],
        }


def values_of(body: Any) -> list[Value]:
    """The submitted fields, each as (name, value, object type)."""
    given = body.get("fields") if isinstance(body, dict) else None
    if not isinstance(given, list):
        raise SubmissionRefused(400, ("INVALID_METADATA", "Error in 'fields'. It must be a list"))
    if len(given) > MAX_FIELDS:
        text = f"More than {MAX_FIELDS} fields have been included in the submission"
        raise SubmissionRefused(400, ("MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED", text))
    values = []
    for entry in given:
        name, value = (entry.get("name"), entry.get("value")) if isinstance(entry, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str | int | float | bool):
            raise SubmissionRefused(400, ("INVALID_METADATA", "Error in 'fields'. A field has a name and a value"))
        text = value if isinstance(value, str) else str(value).lower()
        values.append((name, text, str(entry.get("objectTypeId") or "0-1")))
    return values


def check(form: Definition, body: Mapping[str, Any], values: list[Value], contacts: Schema, *, secure: bool) -> None:
    """Refuses with every error at once. `secure`: fields that the form has not may come along [DOC]."""
    defined = dict(fields_of(form))
    given = {field_name(kind, name): value for name, value, kind in values if value.strip()}
    errors = [
        ("REQUIRED_FIELD", f"Error in 'fields.{key}'. Required field '{key}' is missing")
        for key, field in defined.items()
        if field["required"] and key not in given and field in _always(form)
    ]
    for name, value, kind in values:
        key = field_name(kind, name)
        if value.strip():
            errors += _value_errors(key, value, defined.get(key), contacts if kind == "0-1" else None, secure)
    if form["configuration"]["recaptchaEnabled"]:
        errors.append(("FORM_HAS_RECAPTCHA_ENABLED", "The form has reCAPTCHA enabled"))
    errors += _context_errors(body.get("context") or {})
    errors += _consent_errors(body.get("legalConsentOptions") or {})
    if errors:
        raise SubmissionRefused(400, *errors)


def submitted_at(body: Mapping[str, Any], now: int) -> int:
    """When it was submitted, in ms: now, or up to a month before [DOC]."""
    raw = body.get("submittedAt")
    if raw is None:
        return now
    if isinstance(raw, bool) or not str(raw).isdigit():
        raise SubmissionRefused(400, ("INVALID_METADATA", "Error in 'submittedAt'. It must be a time in ms"))
    if int(raw) < now - MONTH_MS:
        raise SubmissionRefused(400, ("INVALID_METADATA", "Error in 'submittedAt'. It is more than a month ago"))
    return int(raw)


def _always(form: Definition) -> list[Definition]:
    """Dependent fields are required only where they are shown, which nobody can tell here."""
    return [field for group in form["fieldGroups"] for field in group["fields"]]


def _value_errors(
    key: str, value: str, field: Definition | None, contacts: Schema | None, secure: bool
) -> list[tuple[str, str]]:
    start = f"Error in 'fields.{key}'"
    name = key.rpartition("/")[2]
    if field is None and not (secure and (contacts is None or _for_forms(contacts, name))):
        return [("FIELD_NOT_IN_FORM_DEFINITION", f"{start}. The field is not in the form definition")]
    if len(value) > MAX_STRING:
        return [("INPUT_TOO_LARGE", f"{start}. The value is too large")]
    if field is not None and field["fieldType"] in ENUMERATED:
        options = {option["value"] for option in field["options"]}
        if not set(filter(None, value.split(";"))) <= options:
            return [("VALUE_NOT_IN_FIELD_DEFINITION", f"{start}. '{value}' is not an option of the field")]
    if contacts is not None and name in contacts.definitions:
        try:
            accept(contacts, frozenset((value,)), name, value, "")
        except ValueRefused as refused:
            if refused.code == "INVALID_EMAIL":
                return [("INVALID_EMAIL", f"{start}. Invalid email address")]
            return [(_CODES.get(refused.code, "INVALID_METADATA"), f"{start}. {refused.message}")]
    if field is not None and field["fieldType"] == "email":
        domain, rules = value.strip().lower().rpartition("@")[2], field["validation"]
        if domain in rules["blockedEmailDomains"] or (rules["useDefaultBlockList"] and domain in _FREE_MAIL):
            return [("BLOCKED_EMAIL", f"{start}. The email domain is blocked")]
    if field is not None and field["fieldType"] in _COUNTED:
        limits, digits = field.get("validation") or {}, sum(map(str.isdigit, value))
        if not limits.get("minAllowedDigits", 0) <= digits <= limits.get("maxAllowedDigits", digits):
            return [(_COUNTED[field["fieldType"]], f"{start}. It has {digits} digits")]
    return []


def _for_forms(contacts: Schema, name: str) -> bool:
    definition = contacts.definitions.get(name)
    return definition is not None and bool(definition["formField"])


def _context_errors(context: Mapping[str, Any]) -> list[tuple[str, str]]:
    errors = []
    hutk, address, page = (context.get(name) for name in ("hutk", "ipAddress", "pageUri"))
    if hutk is not None and not _HUTK.fullmatch(str(hutk).replace("-", "")):
        errors.append(("INVALID_HUTK", "Error in 'context.hutk'. Invalid hutk"))
    if address is not None and not _is_address(str(address)):
        errors.append(("INVALID_IP_ADDRESS", "Error in 'context.ipAddress'. Invalid IP address"))
    if page is not None and not _is_page(str(page)):
        errors.append(("INVALID_PAGE_URI", "Error in 'context.pageUri'. Invalid page URI"))
    return errors


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_page(text: str) -> bool:
    """A page may be given without a scheme, as HubSpot's own example does [DOC]."""
    parts = urlsplit(text if "//" in text else f"https://{text}")
    return bool(parts.hostname) and " " not in text


def _consent_errors(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    if not options:
        return []
    consent, interest = options.get("consent"), options.get("legitimateInterest")
    if (consent is None) == (interest is None) or not isinstance(consent or interest, dict):
        return [("INVALID_LEGAL_OPTION_FORMAT", "Either consent or legitimateInterest is given")]
    if interest is not None:
        return _told(interest.get("value"), interest.get("text"), "MISSING_LEGITIMATE_INTEREST_TEXT")
    assert consent is not None
    errors = _told(consent.get("consentToProcess"), consent.get("text"), "MISSING_PROCESSING_CONSENT_TEXT")
    communications = consent.get("communications") or []
    ids = [one.get("subscriptionTypeId") for one in communications]
    if len(set(ids)) < len(ids):
        errors.append(("DUPLICATE_SUBSCRIPTION_TYPE_ID", "A subscription type is given twice"))
    if not all(one.get("text") for one in communications):
        errors.append(("MISSING_COMMUNICATION_CONSENT_TEXT", "The consent text of a communication is missing"))
    return errors


def _told(agreed: Any, text: Any, missing: str) -> list[tuple[str, str]]:
    errors = [] if agreed else [("MISSING_PROCESSING_CONSENT", "Consent to process was not given")]
    return errors if text else [*errors, (missing, "The text of the consent is missing")]
