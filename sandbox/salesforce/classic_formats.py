"""The older Bulk API on the wire: XML and JSON."""

from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import orjson

from sandbox.salesforce.bulk import BatchFailed
from sandbox.salesforce.errors import SalesforceError

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def xml(name: str, value: Any) -> str:
    """A document: dicts are elements, lists are repeated ones, None is left out, times end in Z [DOC]."""
    return f'{DECLARATION}<{name} xmlns="{NAMESPACE}">{_inside(value)}</{name}>'


def _inside(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(element(name, inner) for name, inner in value.items())
    return escape(text(value))


def element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    return f"<{name}>{_inside(value)}</{name}>"


def text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace(".000+0000", ".000Z")


def read_object(raw: bytes, as_json: bool) -> dict[str, Any]:
    """A jobInfo. Raises SalesforceError: InvalidJob."""
    try:
        if as_json:
            found = orjson.loads(raw)
            return found if isinstance(found, dict) else {}
        return {_local(child): (child.text or "").strip() for child in _parsed(raw)}
    except (orjson.JSONDecodeError, ET.ParseError):
        raise SalesforceError("InvalidJob", "Unable to parse Job") from None  # [UNV]


def read_bodies(raw: bytes, content_type: str) -> list[dict[str, Any]]:
    """The records of a batch. Raises BatchFailed."""
    try:
        found = orjson.loads(raw) if content_type == "JSON" else [_record(child) for child in _parsed(raw)]
    except (orjson.JSONDecodeError, ET.ParseError):
        raise BatchFailed(f"InvalidBatch : Failed to parse {content_type}") from None  # [UNV]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BatchFailed("InvalidBatch : The batch is not a list of records")  # [UNV]
    return found


def _parsed(raw: bytes) -> ET.Element:
    if b"<!DOCTYPE" in raw:  # no entities that grow without end
        raise ET.ParseError("a document type is not allowed")
    return ET.fromstring(raw)  # noqa: S314


def _record(found: ET.Element) -> dict[str, Any]:
    return {_local(child): _value(child) for child in found if _local(child) not in ("type", "attributes")}


def _value(found: ET.Element) -> Any:
    """A parent is an sObject in an element of its relationship; xsi:nil is null."""
    for child in found:
        return _record(child)
    return None if found.get(f"{{{_XSI}}}nil") == "true" else found.text or ""


def _local(found: ET.Element) -> str:
    return found.tag.rpartition("}")[2]
