"""Custom fields as the Tooling API defines them: {"FullName": "Lead.X__c", "Metadata": {"type": "Text", ...}}."""

import re
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field

_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c\Z")
# Metadata type -> (describe type, metadata keys that must be there). The required keys follow the Metadata API's
# own complaints ("Must specify 'length' for a CustomField of type Text") [3P].
_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Text": ("string", ("length",)),
    "TextArea": ("textarea", ()),
    "LongTextArea": ("textarea", ("length", "visibleLines")),
    "Number": ("double", ("precision", "scale")),
    "Checkbox": ("boolean", ("defaultValue",)),
    "Date": ("date", ()),
    "DateTime": ("datetime", ()),
    "Picklist": ("picklist", ("valueSet",)),
    "Email": ("email", ()),
    "Phone": ("phone", ()),
    "Url": ("url", ()),
    "Currency": ("currency", ("precision", "scale")),
    "Percent": ("percent", ("precision", "scale")),
    "MultiselectPicklist": ("multipicklist", ("valueSet", "visibleLines")),
    "Lookup": ("reference", ("referenceTo", "relationshipName")),
    "MasterDetail": ("reference", ("referenceTo", "relationshipName")),
}
_LENGTHS = {"textarea": 255, "picklist": 255, "email": 80, "phone": 40, "url": 255, "multipicklist": 4099,
            "reference": 18}  # fmt: skip
_EXTERNAL = ("Text", "Number", "Email")


def targets(full_name: str) -> tuple[tuple[str, ...], str]:
    """The objects a field lands on and its name. Activity fields appear on Task and Event [DOC]."""
    owner, _, name = full_name.partition(".")
    return (("Task", "Event") if owner == "Activity" else (owner,)), name


def _refuse(message: str, field: str = "FullName", code: str = "FIELD_INTEGRITY_EXCEPTION") -> SalesforceError:
    return SalesforceError(code, message, [field])


def build_field(full_name: str, metadata: dict[str, Any], visible: bool) -> Field:
    """The field that this definition makes; `visible` False until a FieldPermissions grant."""
    _, name = targets(full_name)
    if not _NAME.match(name) or len(name) > 43:
        raise _refuse(f"The field name you provided {name} on object is not a valid, custom field name.")
    kind = metadata.get("type")
    if kind not in _TYPES:
        raise _refuse(f"'{kind}' is not a valid value for the enum 'FieldType'", "Metadata", "INVALID_FIELD")
    described, needed = _TYPES[kind]
    for key in ("label", *needed):
        if metadata.get(key) is None:
            raise _refuse(f"Must specify '{key}' for a CustomField of type {kind}", key)
    limit = 131_072 if kind == "LongTextArea" else 255
    length = int(metadata.get("length") or _LENGTHS.get(described, 0))
    if metadata.get("length") and length > limit:
        raise _refuse(f"Custom field length for type {kind} may not exceed {limit}", "length")
    external, unique = bool(metadata.get("externalId")), bool(metadata.get("unique"))
    if (external and kind not in _EXTERNAL) or (unique and kind not in _EXTERNAL):
        raise _refuse(f"Can not specify 'externalId' or 'unique' for a CustomField of type {kind}", "externalId")
    is_checkbox, is_detail = kind == "Checkbox", kind == "MasterDetail"
    target, plural = metadata.get("referenceTo"), metadata.get("relationshipName")
    values, preset, restricted = _picklist(metadata)
    default: Any = str(metadata.get("defaultValue")).lower() == "true" if is_checkbox else preset
    return Field(
        name=name,
        label=str(metadata["label"]),
        type=described,
        length=length,
        nillable=not is_checkbox and not is_detail and not metadata.get("required"),
        defaulted=is_checkbox or preset is not None,
        default=default,
        external_id=external,
        unique=unique,
        case_sensitive=bool(metadata.get("caseSensitive")),
        custom=True,
        open=visible or is_detail or bool(metadata.get("required")),  # a required field is always visible [DOC]
        values=values,
        restricted=restricted,
        refs=(str(target),) if described == "reference" else (),
        relationship=f"{name[:-1]}r" if described == "reference" else None,
        children=f"{plural}__r" if described == "reference" else None,
        cascade=is_detail,
        precision=int(metadata.get("precision") or 0),
        scale=int(metadata.get("scale") or 0),
        help_text=metadata.get("inlineHelpText"),
    )


def _picklist(metadata: dict[str, Any]) -> tuple[tuple[str, ...], str | None, bool]:
    value_set = metadata.get("valueSet") or {}
    definition = value_set.get("valueSetDefinition") or {}
    entries = definition.get("value") or []
    names = tuple(str(e.get("fullName") or e.get("valueName") or e.get("label")) for e in entries)
    preset = next((n for n, e in zip(names, entries, strict=True) if e.get("default")), None)
    return names, preset, bool(value_set.get("restricted"))
