"""The schema of an object type: property definitions, what they admit, and how values are spelled."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sandbox.clock import iso_ms, to_ms
from sandbox.hubspot.errors import HubSpotError, bad_request

DAY_MS = 86_400_000
MAX_STRING = 65_536
MAX_UNIQUE_PROPERTIES = 10
MAX_PROPERTIES = 1_000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s.,;<>\"()]{2,}")
_FIELD_TYPES = {  # which go with which type [DOC]
    "string": ("text", "textarea", "file", "html", "phonenumber", "calculation_equation"),
    "number": ("number", "calculation_equation"),
    "date": ("date",),
    "datetime": ("date",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"),
    "bool": ("booleancheckbox", "calculation_equation"),
    "phone_number": ("phonenumber",),
}


@dataclass
class Schema:
    """Property definitions by name, with the questions that every read and write asks of them."""

    definitions: dict[str, dict[str, Any]]
    unique: list[str] = field(default_factory=list)
    archived: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    rules: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # property -> type of rule -> its arguments

    def __post_init__(self) -> None:
        """The groups are those of the properties there are."""
        for entry in self.definitions.values():
            self._group(entry["groupName"])

    def _group(self, name: str) -> None:
        self.groups.setdefault(name, {"name": name, "label": name, "displayOrder": -1, "archived": False})

    def add(self, definition: dict[str, Any], created: int) -> dict[str, Any]:
        """Take a custom property as the properties API would keep it; its group comes along."""
        entry = {**_CUSTOM, "createdAt": iso_ms(created), "updatedAt": iso_ms(created), **definition}
        entry["options"] = _numbered(entry["options"] or [])
        self.definitions[entry["name"]] = entry
        self.archived.pop(entry["name"], None)
        self._group(entry["groupName"])
        if entry["hasUniqueValue"] and entry["name"] not in self.unique:
            self.unique.append(entry["name"])
        return entry

    def create(self, request: dict[str, Any], created: int) -> dict[str, Any]:
        """POST /properties: check the definition, then take it."""
        for key in ("name", "label", "type", "fieldType", "groupName"):
            if not isinstance(request.get(key), str) or not request[key]:
                raise bad_request(f"Invalid input JSON: required field '{key}' is missing", context={"field": [key]})
        name = request["name"]
        if not _NAME.fullmatch(name):
            raise bad_request(
                f"Property name '{name}' is invalid: lower-case letters, digits and underscores, a letter first."
            )
        if name in self.definitions:
            raise HubSpotError(409, f"A property named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
        self._check(request)
        if request.get("hasUniqueValue") and len(self.unique) >= MAX_UNIQUE_PROPERTIES:
            raise bad_request(f"An object has at most {MAX_UNIQUE_PROPERTIES} properties with unique values.")
        if sum(not entry["hubspotDefined"] for entry in self.definitions.values()) >= MAX_PROPERTIES:
            raise bad_request(f"An object has at most {MAX_PROPERTIES} properties.")
        return self.add({key: request[key] for key in _REQUESTABLE if request.get(key) is not None}, created)

    def update(self, name: str, request: dict[str, Any], now: int) -> dict[str, Any]:
        """PATCH /properties/{name}: its name and whether its values are unique can never change [DOC]."""
        entry = self.definitions[name]
        wanted = {key: request[key] for key in _CHANGEABLE if request.get(key) is not None}
        fixed = entry["modificationMetadata"]
        if (wanted.keys() - {"options"} and fixed["readOnlyDefinition"]) or (
            "options" in wanted and fixed["readOnlyOptions"]
        ):
            raise bad_request(f"Property {name} is read only; its definition cannot be changed.")
        changed = {**entry, **wanted, "updatedAt": iso_ms(now)}
        self._check(changed)
        changed["options"] = _numbered(changed["options"])
        self.definitions[name] = changed
        return changed

    def archive(self, name: str, now: int) -> None:
        """DELETE /properties/{name}; HubSpot's own stay."""
        entry = self.definitions[name]
        if not entry["modificationMetadata"]["archivable"]:
            raise bad_request(f"Property {name} cannot be archived.")
        del self.definitions[name]
        self.archived[name] = {**entry, "archived": True, "archivedAt": iso_ms(now)}
        if name in self.unique:
            self.unique.remove(name)

    def create_group(self, request: dict[str, Any]) -> dict[str, Any]:
        name, label = request.get("name"), request.get("label")
        if not isinstance(name, str) or not isinstance(label, str) or not name or not label:
            raise bad_request("Invalid input JSON: a property group needs name and label")
        if name in self.groups:
            raise HubSpotError(409, f"A property group named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")
        self._group(name)
        self.groups[name].update({"label": label, "displayOrder": request.get("displayOrder", -1)})
        return self.groups[name]

    def _check(self, request: dict[str, Any]) -> None:
        """What holds for a definition at its creation and ever after."""
        kind, field_type, options = request["type"], request["fieldType"], request.get("options") or []
        if field_type not in _FIELD_TYPES.get(kind, ()):
            raise bad_request(f"'{kind}' with the field type '{field_type}' is not a valid property type.")
        if request["groupName"] not in self.groups:
            raise bad_request(f"Property group '{request['groupName']}' does not exist.")
        if kind == "enumeration" and not options and not request.get("externalOptions"):
            raise bad_request(f"Property {request['name']} needs options.")
        values = [option.get("value") for option in options if isinstance(option, dict) and option.get("label")]
        if len(values) < len(options) or not all(isinstance(value, str) and value for value in values):
            raise bad_request(f"Every option of {request['name']} needs a label and a value.")
        if len(set(values)) < len(values):
            raise bad_request(f"Property {request['name']} has an option twice.")

    def type_of(self, name: str) -> str:
        """The type values are compared by; text for what is not defined."""
        definition = self.definitions.get(name)
        return str(definition["type"]) if definition else "string"

    def is_multiple(self, name: str) -> bool:
        definition = self.definitions.get(name)
        return definition is not None and definition["type"] == "enumeration" and definition["fieldType"] == "checkbox"

    def read_only(self) -> frozenset[str]:
        """The properties that HubSpot keeps itself."""
        return frozenset(
            name for name, entry in self.definitions.items() if entry["modificationMetadata"]["readOnlyValue"]
        )

    def stage_place(self, value: str) -> int:
        """Where a lifecycle stage stands; -1 for none, so that the first stage is a move forward."""
        for option in self.definitions["lifecyclestage"]["options"]:
            if option["value"] == value:
                return int(option["displayOrder"])
        return -1


_CUSTOM: dict[str, Any] = {
    "description": "",
    "options": [],
    "displayOrder": -1,
    "calculated": False,
    "externalOptions": False,
    "hasUniqueValue": False,
    "hidden": False,
    "hubspotDefined": False,
    "formField": False,
    "archived": False,
    "modificationMetadata": {
        "archivable": True,
        "readOnlyDefinition": False,
        "readOnlyOptions": False,
        "readOnlyValue": False,
    },
}


_REQUESTABLE = (
    *("name", "label", "type", "fieldType", "groupName", "description", "options", "displayOrder"),
    *("hasUniqueValue", "hidden", "formField", "externalOptions", "referencedObjectType", "calculationFormula"),
)
_CHANGEABLE = (
    *("label", "type", "fieldType", "groupName", "description", "options", "displayOrder", "hidden", "formField"),
    "calculationFormula",
)


def _numbered(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"displayOrder": place, "hidden": False, **option} for place, option in enumerate(options)]


class ValueRefused(ValueError):
    """A property value that the portal does not take; `code` as HubSpot's error lists name it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def accept(schema: Schema, owners: frozenset[str], name: str, raw: Any, before: str) -> str:
    """The spelling under which a written value is kept; empty clears. Raises ValueRefused."""
    definition = schema.definitions.get(name)
    if definition is None:
        raise ValueRefused("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition["modificationMetadata"]["readOnlyValue"]:
        raise ValueRefused("READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.')
    text = _text(name, raw)
    if text == "":
        return ""
    kind = definition["type"]
    if name == "email":
        if not _EMAIL.fullmatch(text.strip()):
            raise ValueRefused("INVALID_EMAIL", f"Email address {text} is invalid")
        return text.strip().lower()
    if kind == "string":
        if len(text) > MAX_STRING:
            raise ValueRefused("PROPERTY_VALUE_TOO_LONG", f"{name} is longer than {MAX_STRING} characters.")
        return text
    if kind == "number":
        return _number(text)
    if kind == "bool":
        if text.lower() not in ("true", "false"):
            raise ValueRefused("INVALID_OPTION", f"{text} was not one of the allowed options: [true, false]")
        return text.lower()
    if kind in ("date", "datetime"):
        return _moment(text, kind)
    if name == "hubspot_owner_id":
        if text not in owners:
            raise ValueRefused("INVALID_OWNER_ID", f"{text} is not the id of an owner in this portal.")
        return text
    return text if definition["externalOptions"] else _option(definition, text, before)


def _text(name: str, raw: Any) -> str:
    if raw is None:
        return ""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float):
        return str(raw)
    raise ValueRefused("INVALID_VALUE", f'The value of "{name}" is not a string.')


def _number(text: str) -> str:
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueRefused("INVALID_NUMBER", f"{text} was not a valid number.")
    return text.strip()


def _moment(text: str, kind: str) -> str:
    try:
        moment = parse_ms(text)
        spelled = iso_ms(moment)
    except (ValueError, OverflowError, OSError):
        # The recorded wording for a date that is no number either [REC, legacy endpoint].
        code = "INVALID_DATE" if kind == "date" else "INVALID_LONG"
        raise ValueRefused(code, f"{text} was not a valid long.") from None
    if kind == "datetime":
        return spelled
    if moment % DAY_MS:
        raise ValueRefused("INVALID_DATE", f"{text} is at {spelled}, not midnight!")
    return spelled[:10]


def _option(definition: dict[str, Any], text: str, before: str) -> str:
    """Internal values, case-sensitive; several joined by `;`, a leading `;` appends to what is there [DOC]."""
    allowed = {option["value"] for option in definition["options"]}
    if definition["fieldType"] != "checkbox":
        chosen = [text]
    else:
        chosen = [part for part in text.split(";") if part]
        if text.startswith(";"):
            chosen = [part for part in before.split(";") if part] + chosen
        chosen = list(dict.fromkeys(chosen))
    for part in chosen:
        if part not in allowed:
            listed = ", ".join(str(option["value"]) for option in definition["options"])
            raise ValueRefused("INVALID_OPTION", f"{part} was not one of the allowed options: [{listed}]")
    return ";".join(chosen)


def parse_ms(text: str) -> int:
    """ISO-8601 (date or moment) or milliseconds since the epoch, both of which HubSpot takes [DOC]."""
    if text.removeprefix("-").isdigit():
        return int(text)
    if len(text) == 10:
        day = date.fromisoformat(text)
        return to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC))
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
