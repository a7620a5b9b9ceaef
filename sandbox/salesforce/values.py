"""Turning what a client sent for a field into what the org stores, or refusing it as Salesforce does."""

import math
import re
from collections.abc import Callable
from typing import Any

from sandbox.salesforce.errors import SalesforceError, Unreadable
from sandbox.salesforce.fields import NUMERIC, Field
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.stamps import parse_date, parse_datetime

Convert = Callable[[Any], Any]

# Salesforce does not publish its rule; this accepts the usual forms and refuses the usual mistakes [UNV].
_EMAIL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}\Z")
# How the vendor's JSON reader calls what it found.
_TOKENS = {str: "VALUE_STRING", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", dict: "START_OBJECT",
           list: "START_ARRAY"}  # fmt: skip


def _unreadable(field: Field, kind: str, value: Any) -> Unreadable:
    token, seen = _TOKENS.get(type(value), "VALUE_STRING"), value
    if isinstance(value, bool):
        token, seen = ("VALUE_TRUE" if value else "VALUE_FALSE"), str(value).lower()
    elif isinstance(value, dict | list):
        seen = "{" if isinstance(value, dict) else "["
    what = f"Cannot deserialize instance of {kind} from {token} value {seen}"
    text = f"{what} or request may be missing a required field at [line:1, column:2]"
    return Unreadable(text, field.label, field.name, value)


def _text(field: Field) -> Convert:
    """Strings are trimmed, and an empty one is null. Over-long ones are refused, never cut [DOC]."""
    name, label, limit = field.name, field.label, field.length

    def convert(value: Any) -> Any:
        if type(value) is not str:
            if value is None:
                return None
            raise _unreadable(field, "string", value)
        value = value.strip()
        if len(value) > limit:
            raise SalesforceError(
                "STRING_TOO_LONG", f"{label}: data value too large: {value} (max length={limit})", [name]
            )
        return value or None

    return convert


def _email(field: Field) -> Convert:
    text = _text(field)

    def convert(value: Any) -> Any:
        value = text(value)
        if value is not None and not _EMAIL.match(value):
            raise SalesforceError(
                "INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {value}", [field.name]
            )  # [REC]
        return value

    return convert


def _picklist(field: Field) -> Convert:
    """Restricted picklists refuse unknown values; matching ignores case and stores the defined spelling [UNV]."""
    text, known = _text(field), {v.lower(): v for v in field.values}
    restricted = field.restricted

    def convert(value: Any) -> Any:
        value = text(value)
        if value is None:
            return None
        found = known.get(value.lower())
        if found is None and restricted:
            raise SalesforceError(
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                f"{field.label}: bad value for restricted picklist field: {value}",
                [field.name],
            )
        return value if found is None else found

    return convert


def _multipicklist(field: Field) -> Convert:
    """Values separated by semicolons, each as in a picklist; kept in the order of the definition [DOC]."""
    one, text = _picklist(field), _text(field)

    def convert(value: Any) -> Any:
        value = text(value)
        if value is None:
            return None
        chosen = dict.fromkeys(one(part) for part in value.split(";") if part.strip())
        known = [v for v in field.values if v in chosen]
        return ";".join([*known, *(v for v in chosen if v not in field.values)]) or None

    return convert


def _number(field: Field) -> Convert:
    whole = field.type == "int"
    largest = 10 ** (field.precision - field.scale) if field.precision else 10**18

    def convert(value: Any) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise _unreadable(field, field.type, value)
        try:
            number = float(value)
        except ValueError:
            raise _unreadable(field, field.type, value) from None
        if not math.isfinite(number) or (whole and number != int(number)):
            raise _unreadable(field, field.type, value)
        if not abs(number) < largest:
            raise SalesforceError(
                "NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: value outside of valid range on numeric field: {value}",
                [field.name],
            )  # fmt: skip
        return int(number) if whole else round(number, field.scale)

    return convert


def _boolean(field: Field) -> Convert:
    def convert(value: Any) -> Any:
        if isinstance(value, bool):
            return value
        if value is None or value == "":
            return False
        if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
            return value.lower() in ("true", "1")
        raise _unreadable(field, "boolean", value)

    return convert


def _moment(field: Field, parse: Callable[[str], str | None]) -> Convert:
    def convert(value: Any) -> Any:
        if value is None or value == "":
            return None
        found = parse(value.strip()) if isinstance(value, str) else None
        if found is None:
            raise _unreadable(field, field.type, value)
        return found

    return convert


def _date_or_datetime(text: str) -> str | None:
    moment = parse_datetime(text)
    return parse_date(text) or (moment[:10] if moment else None)


def _datetime_or_date(text: str) -> str | None:
    day = parse_date(text)
    return f"{day}T00:00:00.000+0000" if day else parse_datetime(text)


def _reference(field: Field) -> Convert:
    def convert(value: Any) -> Any:
        if value is None or value == "":
            return None
        found = normalise(value)
        if found is None:
            raise SalesforceError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
        return found

    return convert


def converter(field: Field) -> Convert:
    """The conversion for one field; built once per field, because bulk loads call it millions of times."""
    if field.type in NUMERIC:
        return _number(field)
    if field.type in ("reference", "id"):
        return _reference(field)
    if field.type == "boolean":
        return _boolean(field)
    if field.type == "date":
        return _moment(field, _date_or_datetime)
    if field.type == "datetime":
        return _moment(field, _datetime_or_date)
    if field.type == "email":
        return _email(field)
    if field.type == "picklist":
        return _picklist(field)
    if field.type == "multipicklist":
        return _multipicklist(field)
    if field.type == "complexvalue":
        return lambda value: value
    return _text(field)
