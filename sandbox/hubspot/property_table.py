"""Standard properties as a table of text, one block per type, and what the properties API makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Options = list[tuple[str, str]]  # (internal value, label)
Enumeration = tuple[str, str, Options]  # label, fieldType, options

_YES_NO: Options = [("true", "Yes"), ("false", "No")]


@dataclass(frozen=True)
class PropertyTable:
    """The standard properties of an object type; a block is `name=label` entries, one a line or separated by `|`."""

    group: str
    text: str = ""
    textarea: str = ""
    phones: str = ""
    numbers: str = ""
    datetimes: str = ""
    dates: str = ""
    booleans: str = ""
    enumerations: Mapping[str, tuple[str, str, Options]] = field(
        default_factory=dict
    )  # name: label, fieldType, options
    kept: frozenset[str] = frozenset()  # by HubSpot itself; an API write to one of them is refused
    kept_prefixes: tuple[str, ...] = ()
    unique: tuple[str, ...] = ("hs_object_id",)

    def definitions(self) -> dict[str, dict[str, Any]]:
        """Name -> definition as the properties API shows it."""
        made: dict[str, dict[str, Any]] = {}
        for block, kind, field_type in (
            (self.text, "string", "text"),
            (self.textarea, "string", "textarea"),
            (self.phones, "string", "phonenumber"),
            (self.numbers, "number", "number"),
            (self.datetimes, "datetime", "date"),
            (self.dates, "date", "date"),
            (self.booleans, "bool", "booleancheckbox"),
        ):
            for entry in filter(None, block.replace("\n", "|").split("|")):
                name, label = entry.split("=")
                made[name] = self._definition(name, label, kind, field_type, _YES_NO if kind == "bool" else [])
        for name, (label, field_type, options) in self.enumerations.items():
            made[name] = self._definition(name, label, "enumeration", field_type, options)
        for name in made.keys() & {"hubspot_owner_id", "hubspot_team_id"}:
            # Their options live elsewhere, so that a new colleague needs no new property definition.
            made[name]["externalOptions"] = True
        made["hubspot_owner_id"]["referencedObjectType"] = "OWNER"
        for name in self.unique:
            made[name]["hasUniqueValue"] = True
        return dict(sorted(made.items()))

    def _definition(self, name: str, label: str, kind: str, field_type: str, options: Options) -> dict[str, Any]:
        kept = name in self.kept or name.startswith(self.kept_prefixes)
        return {
            "name": name,
            "label": label,
            "type": kind,
            "fieldType": field_type,
            "description": "",
            "groupName": self.group,
            "options": [
                {"label": text, "value": value, "displayOrder": place, "hidden": False}
                for place, (value, text) in enumerate(options)
            ],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": False,
            "hasUniqueValue": False,
            "hidden": False,
            "hubspotDefined": True,
            "formField": not kept,
            "modificationMetadata": {
                "archivable": False,
                "readOnlyDefinition": True,
                "readOnlyOptions": not options,
                "readOnlyValue": kept,
            },
        }
