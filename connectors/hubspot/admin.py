"""Setting a portal up: the properties that the hub writes, made where they are missing and never altered."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.hubspot.client import Client
from connectors.hubspot.errors import VENDOR
from crosswalk.errors import ConfigError, RecordError, TerminalError
from crosswalk.ports import FieldReport, FieldSpec

GROUPS: Mapping[str, str] = {
    "contacts": "contactinformation",
    "companies": "companyinformation",
    "deals": "dealinformation",
}
"""The group that every portal has, so that no group need be made."""
TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "number": ("number", "number"),
    "checkbox": ("bool", "booleancheckbox"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "picklist": ("enumeration", "select"),
    "email": ("string", "text"),
    "phone": ("string", "phonenumber"),
    "url": ("string", "text"),
}
"""Our type -> HubSpot's type and its field type, which says how a form shows it."""
YES_NO = (("true", "Yes"), ("false", "No"))


class _Option(msgspec.Struct):
    value: str


class _Modification(msgspec.Struct):
    readOnlyValue: bool = False  # noqa: N815 -- the vendor's spelling


class _Property(msgspec.Struct):
    name: str
    type: str
    options: list[_Option] = []
    hasUniqueValue: bool = False  # noqa: N815 -- the vendor's spelling
    modificationMetadata: _Modification | None = None  # noqa: N815


class _Properties(msgspec.Struct):
    results: list[_Property]


class HubSpotAdmin:
    """Property administration."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def check(self, specs: Sequence[FieldSpec]) -> list[FieldReport]:
        """Compare the portal's properties with what is needed; one call for each object."""
        defined = {table: self._defined(table) for table in dict.fromkeys(spec.object for spec in specs)}
        return [_compare(spec, defined[spec.object].get(spec.name)) for spec in specs]

    def create(self, specs: Sequence[FieldSpec]) -> list[FieldReport]:
        """Create missing custom properties; a second run writes nothing.

        Properties that exist are never altered: what is wrong with them is for their owner to change.
        """
        return [
            self._make(report.spec) if report.state == "missing" and report.spec.custom else report
            for report in self.check(specs)
        ]

    def _defined(self, table: str) -> dict[str, _Property]:
        """An object's properties by name."""
        try:
            found = msgspec.json.decode(self._client.properties(table), type=_Properties).results
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = None
        if found is None:
            raise TerminalError(f"{VENDOR} sent an unreadable list of properties", code="UNREADABLE_ANSWER")
        return {one.name: one for one in found}

    def _make(self, spec: FieldSpec) -> FieldReport:
        """Create a property; one that somebody else made in the meantime is compared like any other."""
        try:
            self._client.create_property(spec.object, definition(spec))
        except RecordError:  # it exists
            return _compare(spec, self._defined(spec.object).get(spec.name))
        except (ConfigError, TerminalError) as error:
            return FieldReport(spec, "missing", f"{error} {_missing(spec)}")
        return FieldReport(spec, "created")


def definition(spec: FieldSpec) -> dict[str, Any]:
    """Return a property of ours as the properties API takes it."""
    kind, shown = TYPES[spec.type]
    options = YES_NO if kind == "bool" else [(value, value) for value in spec.values]
    return {
        "name": spec.name,
        "label": spec.label or spec.name,
        "description": "Written by Crosswalk.",
        "groupName": GROUPS[spec.object],
        "type": kind,
        "fieldType": shown,
        "hasUniqueValue": spec.external_id,
        "options": [
            {"value": value, "label": label, "displayOrder": place} for place, (value, label) in enumerate(options)
        ],
    }


def _compare(spec: FieldSpec, found: _Property | None) -> FieldReport:
    """Compare a needed property with the portal's; None where it has none."""
    if found is None:
        return FieldReport(spec, "missing", _missing(spec))
    place = f"Settings → Properties → {spec.label or spec.name}"
    wanted = TYPES[spec.type][0] if spec.type else found.type
    if found.type != wanted:
        why = f"{place}: it is of type {found.type} and {wanted} is needed; map another property."
        return FieldReport(spec, "different", why)
    if found.modificationMetadata and found.modificationMetadata.readOnlyValue:
        return FieldReport(spec, "different", f"{place}: HubSpot keeps its value itself; map another property.")
    if spec.external_id and not found.hasUniqueValue:
        why = f"{place}: it must hold unique values, which is settled when it is made; map another property."
        return FieldReport(spec, "different", why)
    absent = [value for value in spec.values if value not in {option.value for option in found.options}]
    if absent and found.type == "enumeration":
        return FieldReport(spec, "different", f"{place} → Edit options: add {', '.join(absent)}.")
    return FieldReport(spec, "present")


def _missing(spec: FieldSpec) -> str:
    """How an admin adds a property by hand."""
    if not spec.custom:
        return f"The portal has no property {spec.name}: correct its internal name in the field mapping."
    kind, shown = TYPES[spec.type]
    return (
        f"Run `crosswalk setup`, or Settings → Properties → Create property: object {spec.object}, internal name "
        f"{spec.name}, type {kind}, shown as {shown}."
    )
