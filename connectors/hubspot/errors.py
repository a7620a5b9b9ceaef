"""What HubSpot's refusals mean for the reader: the one table, and how a refusal is read off the wire.

Every field of HubSpot's error object is optional, and two gateways in front of it answer in shapes of their own, one
of them in HTML. Of the body only codes, property and scope names and the correlation id are kept: the sentences quote
values.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from crosswalk.errors import RecordError, SchemaDrift, TerminalError, TransientError
from crosswalk.platform.http import Refusal, Rule

VENDOR = "HubSpot"
UNDEFINED, NO_OPTION = "PROPERTY_DOESNT_EXIST", "INVALID_OPTION"
_UNREACHED = "HubSpot was not reached."
_LATER = "HubSpot is not available for the moment."
_PASSES = "Passes by itself; if it goes on, see status.hubspot.com."

RULES: tuple[Rule, ...] = (
    # No answer at all: status 0, the code is ours.
    Rule(0, "CONNECTION", TransientError, f"{_UNREACHED} Check the network and CROSSWALK_HUBSPOT_BASE_URL."),
    Rule(0, "TIMEOUT", TransientError, f"{_UNREACHED} Raise CROSSWALK_HTTP_TIMEOUT if it is reachable but slow."),
    Rule(0, "TLS_CERTIFICATE", TerminalError, "Its certificate is not trusted here: check the proxy and the CA file."),
    Rule(0, "TLS", TransientError, f"{_UNREACHED} No TLS session: check the proxy and CROSSWALK_HUBSPOT_BASE_URL."),
    Rule(0, "ADDRESS", TerminalError, "CROSSWALK_HUBSPOT_BASE_URL is not a URL."),
    # Allowances. The search limit and the gateway's limit have different keys and no Retry-After.
    Rule(429, "DAILY", TransientError, "The account's calls of today are used up.", delay=3600.0),
    Rule(429, "TEN_SECONDLY_ROLLING", TransientError, "Something else uses the same private app.", delay=5.0),
    Rule(429, "RATE_LIMITS", TransientError, "Other apps share the search limit: lower search_per_second.", delay=1.0),
    Rule(429, None, TransientError, "Too many calls.", delay=5.0),
    # Access.
    Rule(401, None, TerminalError, "Put a valid private-app token into CROSSWALK_HUBSPOT_TOKEN."),
    Rule(403, "MISSING_SCOPES", TerminalError, "Tick these scopes in the private app (Settings > Private Apps)."),
    # Known to pass.
    Rule(423, None, TransientError, "The record is locked by another write.", delay=2.0),
    Rule(477, None, TransientError, "The account is being moved between data centres.", delay=60.0),
    *(Rule(status, None, TransientError, f"{_LATER} {_PASSES}") for status in (502, 503, 504, 521, 522, 523, 524)),
    Rule(None, UNDEFINED, SchemaDrift, "The portal lacks these properties: run `crosswalk setup`."),
    # A whole request is wrong: no single record is to blame, and a repeat is wrong as well.
    Rule(414, None, TerminalError, "The request is too long, or the record has more than 250 merged identities."),
    Rule(400, "VALIDATION_ERROR", TerminalError, "Compare the field mapping with the portal: `crosswalk doctor`."),
    # One record is refused: single writes, and the entries of a 207.
    Rule(None, NO_OPTION, RecordError, "Add the value to the property's options, or map it in mappings/codes."),
    Rule(409, "CONFLICT", RecordError, "A record with this unique value exists already."),
    Rule(409, "OBJECT_ALREADY_EXISTS", RecordError, "A property of this name exists already."),
    Rule(207, "VALIDATION_ERROR", RecordError, "The values do not fit the portal's properties."),
    Rule(207, "CONFLICT", RecordError, "A record with this unique value exists already."),
    Rule(207, "OBJECT_NOT_FOUND", RecordError, "The record was deleted or merged."),
)

_NAMES = ("propertyName", "requiredGranularScopes", "requiredScopes")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,99}")


def refusal(status: int, headers: Mapping[str, str], data: bytes) -> Refusal:
    """Read an unsuccessful answer, whatever its shape."""
    body = _object(data)
    details = sorted({code for code, _ in _details(body) if code})
    code = _first(body, "policyName", "category", "errorType") or f"HTTP_{status}"
    return Refusal(
        status=status,
        code=next((one for one in (UNDEFINED, NO_OPTION) if one in details), code),
        message=", ".join(details),
        fields=tuple(dict.fromkeys(name for _, names in _details(body) for name in names)),
        retry_after=_seconds(headers.get("Retry-After")),
        correlation_id=_first(body, "correlationId") or headers.get("X-HubSpot-Correlation-Id", ""),
    )


def of_row(error: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Code and property names of one entry of a 207; what exactly is wrong says more than the category."""
    details = sorted({code for code, _ in _details(error) if code}, key=lambda code: (code != UNDEFINED, code))
    code = next(iter(details), "") or _match(_CODE, error.get("category")) or "UNKNOWN"
    return code, tuple(dict.fromkeys(name for _, names in _details(error) for name in names))


def _object(data: bytes) -> dict[str, Any]:
    """The JSON object, or nothing where a gateway answered in HTML."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _first(body: Mapping[str, Any], *keys: str) -> str:
    return next((value for key in keys if isinstance(value := body.get(key), str) and value), "")


def _details(body: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Codes, and names of properties or scopes, from every place where HubSpot is known to put them."""
    yield "", _names(body.get("context"))
    for error in body.get("errors") or ():
        if isinstance(error, dict):
            yield _match(_CODE, error.get("code")), _names(error.get("context"))
    message = body.get("message")
    if isinstance(message, str) and "[" in message:  # "Property values were not valid: [{…,"error":"…","name":"…"}]"
        for problem in _list(message[message.index("[") :]):
            if isinstance(problem, dict):
                name = _match(_NAME, problem.get("name"))
                yield _match(_CODE, problem.get("error")), [name] if name else []


def _list(text: str) -> list[Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return []
    return found if isinstance(found, list) else []


def _names(context: Any) -> list[str]:
    """Names in an error's context; its other keys hold values."""
    if not isinstance(context, dict):
        return []
    values = [value for key in _NAMES if isinstance(context.get(key), list) for value in context[key]]
    return [name for value in values if (name := _match(_NAME, value))]


def _match(pattern: re.Pattern[str], value: Any) -> str:
    """The value if it is of the shape of a code or name, so that a value never passes for one."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None
