"""Duplicate rules for leads, contacts and accounts, with the standard rules' names and a simplified matching.

People match by e-mail address, or by last name together with company (leads), account (contacts) or phone; accounts by
name. Salesforce's own matching is fuzzy. Leads are also compared with contacts, as the standard rule does. An "alert"
rule refuses a save through the API unless the request allows it, a "block" rule always [DOC].
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema import Record
from sandbox.salesforce.table import fold

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

OBJECTS = ("Account", "Contact", "Lead")
ACTIONS = ("alert", "block")
ALERT = "Use one of these records?"  # the standard rules' text [3P]
_COMPARED = {"Lead": ("Lead", "Contact"), "Contact": ("Contact",), "Account": ("Account",)}
_MATCHING_RULES = {
    "Lead": "Standard_Lead_Match_Rule_v1_0",
    "Contact": "Standard_Contact_Match_Rule_v1_1",
    "Account": "Standard_Account_Match_Rule_v1_0",
}
_PERSON = ("LastName", "Email", "Phone", "Company", "AccountId")
_MATCHED = {"Lead": _PERSON, "Contact": _PERSON, "Account": ("Name",)}
_INDEXED = {"Lead": ("LastName",), "Contact": ("LastName",), "Account": ("Name",)}


@dataclass(frozen=True)
class SaveAs:
    """What Sforce-Duplicate-Rule-Header says about a save, all false by default [DOC]."""

    allow_save: bool = False
    include_details: bool = False
    version: float = 67.0


STRICT = SaveAs()
ACKNOWLEDGED = SaveAs(allow_save=True)  # a person who saw the alert and saved nevertheless


@dataclass(frozen=True)
class DuplicateRule:
    """The active rule of an object."""

    object: str
    action: str

    @classmethod
    def of(cls, name: str, action: str) -> DuplicateRule:
        """Raises ValueError."""
        if name not in OBJECTS or action not in ACTIONS:
            raise ValueError(f"a duplicate rule is of {' or '.join(OBJECTS)}, {' or '.join(ACTIONS)}")
        return cls(name, action)


def header(text: str, version: str) -> SaveAs:
    """The header's value, parts separated by semicolons or commas. It is heeded from version 52.0 on [DOC]."""
    parts = (part.partition("=") for part in text.replace(";", ",").split(","))
    given = {name.strip().lower(): value.strip().lower() == "true" for name, _, value in parts}
    if float(version) < 52:
        given = {}
    return SaveAs(given.get("allowsave", False), given.get("includerecorddetails", False), float(version))


def index(org: Org, name: str) -> None:
    """Make looking for duplicates cheap on the tables that an object's rule compares."""
    for other in _COMPARED[name]:
        for field in _INDEXED[other]:
            if not org.tables[other].has_index(field):
                org.tables[other].add_index(field)


def check(org: Org, name: str, record: Record, written: Iterable[str], how: SaveAs) -> None:
    """Refuse to save a record that looks like another one. On updates only when a compared field is written [UNV]."""
    rule = org.duplicate_rules.get(name)
    if rule is None or (how.allow_save and rule.action == "alert") or not set(_MATCHED[name]) & set(written):
        return
    found = [(other, rows) for other in _COMPARED[name] if (rows := _like(org, name, record, other))]
    if not found:
        return
    result = {
        "allowSave": rule.action == "alert",
        "duplicateRule": f"Standard_{name}_Duplicate_Rule",
        "duplicateRuleEntityType": name,
        "errorMessage": ALERT,
        "matchResults": [_match_result(org, other, rows, how) for other, rows in found],
    }
    # Older versions misspell the key [3P]; from which one on it is right, nobody says [UNV].
    key = "duplicateResult" if how.version >= 60 else "duplicateResut"
    raise SalesforceError("DUPLICATES_DETECTED", ALERT, extra={key: result})


def _like(org: Org, name: str, record: Record, other: str) -> list[Record]:
    table = org.tables[other]
    if name == "Account":
        keys = table.lookup("Name", (fold(record.get("Name")),))
        return [table.rows[key] for key in sorted(keys) if _other(table.rows[key], record)]
    last_name, email, phone = fold(record.get("LastName")), fold(record.get("Email")), _digits(record)
    firm = "Company" if name == "Lead" else "AccountId"
    keys = table.lookup("LastName", (last_name,)) | (table.lookup("Email", (email,)) if email else set())
    return [
        row
        for row in (table.rows[key] for key in sorted(keys))
        if _other(row, record)
        and (
            (email and fold(row.get("Email")) == email)
            or (
                fold(row.get("LastName")) == last_name
                and (
                    (name == other and record.get(firm) and fold(row.get(firm)) == fold(record[firm]))
                    or (phone and _digits(row) == phone)
                )
            )
        )
    ]


def _other(row: Record, record: Record) -> bool:
    """Another live record; converted leads are not compared [DOC]."""
    return row["Id"] != record.get("Id") and not row.get("IsDeleted") and not row.get("IsConverted")


def _digits(record: Record) -> str:
    return "".join(c for c in str(record.get("Phone") or "") if c.isdigit())


def _match_result(org: Org, name: str, rows: list[Record], how: SaveAs) -> dict[str, Any]:
    """With the ids alone, or with all fields when the request asked for them [DOC]."""
    base = f"/services/data/v{how.version}/sobjects/{name}/"
    view = org.view(name)

    def shown(row: Record) -> dict[str, Any]:
        details = {field: row.get(field) for field in view.fields} if how.include_details else {"Id": row["Id"]}
        return {"attributes": {"type": name, "url": base + row["Id"]}, **details}

    return {
        "entityType": name,
        "errors": [],
        "matchEngine": "FuzzyMatchEngine",
        "matchRecords": [
            {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": shown(row)}
            for row in rows
        ],
        "rule": _MATCHING_RULES[name],
        "size": len(rows),
        "success": True,
    }
