"""Fields as data, PURE: does a described field do for what a mapping needs, and how would it be defined."""

from collections.abc import Mapping
from typing import Any

from crosswalk.ports import FieldReport, FieldSpec

# What a value of our type may be written to (describe types). A reference takes record ids, which are text to us.
COMPATIBLE: Mapping[str, frozenset[str]] = {
    "text": frozenset({"string", "textarea", "picklist", "combobox", "reference", "id", "phone", "url"}),
    "long_text": frozenset({"textarea", "string"}),
    "number": frozenset({"double", "int", "long", "currency", "percent"}),
    "checkbox": frozenset({"boolean"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime"}),
    "picklist": frozenset({"picklist", "combobox", "string"}),
    "email": frozenset({"email", "string"}),
    "phone": frozenset({"phone", "string"}),
    "url": frozenset({"url", "string"}),
}
LABELS: Mapping[str, str] = {
    "text": "Text", "long_text": "Text Area (Long)", "number": "Number", "checkbox": "Checkbox", "date": "Date",
    "datetime": "Date/Time", "picklist": "Picklist", "email": "Email", "phone": "Phone", "url": "URL",
}  # fmt: skip
LONGEST_TEXT = 255


def compare(spec: FieldSpec, described: Mapping[str, Any] | None) -> FieldReport:
    """Compare a needed field with the vendor's description of it; None when the run-as user cannot see it."""
    if described is None:
        return FieldReport(spec, "missing", _missing(spec))
    wrong = _differences(spec, described)
    return FieldReport(spec, "different", " ".join(wrong)) if wrong else FieldReport(spec, "present")


def _differences(spec: FieldSpec, described: Mapping[str, Any]) -> list[str]:
    """Return what an admin must change, click by click."""
    kind, place = str(described.get("type")), _place(spec)
    if spec.type and kind not in COMPATIBLE.get(spec.type, frozenset()):
        return [f"{place}: it is of type {kind}; make it {LABELS.get(spec.type, spec.type)} or map another field."]
    wrong = []
    length = int(described.get("length") or 0)
    if spec.length and 0 < length < spec.length:
        wrong.append(f"{place} → Edit: raise Length from {length} to {spec.length}.")
    if spec.external_id and not described.get("externalId"):
        wrong.append(f"{place} → Edit: tick External ID and Unique.")
    offered = {str(entry.get("value")) for entry in described.get("picklistValues") or () if entry.get("active", True)}
    absent = [value for value in spec.values if value not in offered]
    if kind in ("picklist", "combobox") and absent:
        wrong.append(f"{place} → Values → New: add {', '.join(absent)}.")
    rights = [word for word in ("createable", "updateable") if not described.get(word)]
    if rights and spec.custom:
        wrong.append(f"{place} → Set Field-Level Security: make it visible, not read-only, for the run-as user.")
    elif rights == ["createable", "updateable"]:
        wrong.append(f"{place}: the run-as user may only read it; allow editing, or map another field.")
    return wrong


def _missing(spec: FieldSpec) -> str:
    """Return how an admin adds a field by hand."""
    if not spec.custom:
        return f"{_place(spec)}: let the run-as user see this standard field (Set Field-Level Security)."
    size = f", Length {spec.length}" if spec.length else ""
    mark = ", External ID and Unique ticked" if spec.external_id else ""
    name = spec.name.removesuffix("__c")
    kind = LABELS.get(spec.type, spec.type)
    return (
        f"Run `crosswalk setup`, or Setup → Object Manager → {owner(spec)} → Fields & Relationships → New → "
        f"{kind}: Field Name {name}{size}{mark}; then make it visible for the run-as user."
    )


def _place(spec: FieldSpec) -> str:
    """Where an admin finds a field."""
    return f"Setup → Object Manager → {owner(spec)} → Fields & Relationships → {spec.label or spec.name}"


def owner(spec: FieldSpec) -> str:
    """Return the object on which a field is defined: Task's and Event's custom fields live on Activity."""
    return "Activity" if spec.custom and spec.object in ("Task", "Event") else spec.object


def definition(spec: FieldSpec) -> dict[str, Any]:
    """Return the Tooling API's definition of a field of ours."""
    metadata: dict[str, Any] = {
        "label": spec.label or spec.name.removesuffix("__c").replace("_", " "),
        "description": "Written by Crosswalk.",
        "required": False,
        **_typed(spec),
    }
    if spec.external_id:
        metadata |= {"externalId": True, "unique": True, "caseSensitive": False}
    return {"FullName": f"{owner(spec)}.{spec.name}", "Metadata": metadata}


def _typed(spec: FieldSpec) -> dict[str, Any]:
    """Return the part of a definition that depends on the type."""
    long = spec.type == "long_text" or (spec.type == "text" and (spec.length or 0) > LONGEST_TEXT)
    if long:
        return {"type": "LongTextArea", "length": max(spec.length or 32_768, 256), "visibleLines": 5}
    if spec.type == "picklist":
        values = [{"fullName": value, "label": value, "default": False} for value in spec.values]
        return {
            "type": "Picklist",
            "valueSet": {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}},
        }
    simple: dict[str, dict[str, Any]] = {
        "text": {"type": "Text", "length": spec.length or LONGEST_TEXT},
        "number": {"type": "Number", "precision": 18, "scale": 4},
        "checkbox": {"type": "Checkbox", "defaultValue": False},
        "date": {"type": "Date"},
        "datetime": {"type": "DateTime"},
        "email": {"type": "Email"},
        "phone": {"type": "Phone"},
        "url": {"type": "Url"},
    }
    return simple[spec.type]
