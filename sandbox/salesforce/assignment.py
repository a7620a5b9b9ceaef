"""Lead assignment rules: who gets a lead, by the first entry whose criteria it meets.

Accounts (territories) and cases have such rules too; they are not simulated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.ids import normalise
from sandbox.salesforce.schema import Record
from sandbox.salesforce.table import fold

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

OBJECT = "Lead"


@dataclass(frozen=True)
class Entry:
    """Who gets the records whose fields have these values; no criteria means every record."""

    owner: str
    criteria: tuple[tuple[str, Any], ...] = ()

    def meets(self, record: Record) -> bool:
        return all(fold(record.get(name)) == fold(value) for name, value in self.criteria)


def load(org: Org, rules: Iterable[dict[str, Any]]) -> None:
    """Add rules: {"Name", "Active", "OwnerId": who gets what no entry takes, "Entries": [{"Criteria", "OwnerId"}]}.

    Of several active ones the last stays active. Raises ValueError.
    """
    for rule in rules:
        entries = [
            Entry(_owner(org, entry.get("OwnerId")), tuple((entry.get("Criteria") or {}).items()))
            for entry in rule.get("Entries", ())
        ]
        unknown = {name for entry in entries for name, _ in entry.criteria} - org.objects[OBJECT].fields.keys()
        if unknown:
            raise ValueError(f"{OBJECT} has no field {', '.join(sorted(unknown))}")
        if rule.get("OwnerId") is not None:
            entries.append(Entry(_owner(org, rule["OwnerId"])))
        add(org, str(rule.get("Name") or "Standard"), entries, rule.get("Active", True), normalise(rule.get("Id")))


def _owner(org: Org, owner: Any) -> str:
    """An entry's owner as a record id; one that the org does not hold (yet) is taken as it is."""
    key = normalise(owner)
    if key is None or key[:3] not in ("005", "00G"):
        raise ValueError(f"a lead can be assigned to a user or a queue, not to {owner!r}")
    return key


def add(org: Org, name: str, entries: list[Entry], active: bool = True, key: str | None = None) -> str:
    """Add a rule; returns its id."""
    key = key or org.new_id("01Q")
    now = org.stamp()
    if active:
        deactivate(org)
    org.put("AssignmentRule", {
        "Id": key, "Name": name, "SobjectType": OBJECT, "Active": active, "CreatedDate": now, "LastModifiedDate": now,
        "SystemModstamp": now, "CreatedById": org.user_id, "LastModifiedById": org.user_id,
    })  # fmt: skip
    org.assignment_entries[key] = entries
    return key


def deactivate(org: Org) -> None:
    """No rule is active any more; an object has at most one active rule [DOC]."""
    for record in list(org.tables["AssignmentRule"].rows.values()):
        if record.get("Active"):
            org.put("AssignmentRule", {**record, "Active": False})


def default_owner(org: Org) -> str | None:
    """Who gets the leads that no criteria of the active rule sort out."""
    entries = org.assignment_entries.get(_active(org) or "", [])
    return next((entry.owner for entry in entries if not entry.criteria), None)


def assigned(org: Org, record: Record, rule: bool | str) -> str | None:
    """The owner that a rule gives a record: the active rule, or the one with this id, active or not [DOC]."""
    key = rule if isinstance(rule, str) else _active(org)
    return next((e.owner for e in org.assignment_entries.get(key or "", ()) if e.meets(record)), None)


def known(org: Org, asked: str) -> str:
    """The id of a rule that a request names."""
    key = normalise(asked)
    if key is None or key not in org.assignment_entries:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])  # [UNV]
    return key


def _active(org: Org) -> str | None:
    rows = org.tables["AssignmentRule"].rows
    return next((key for key, record in rows.items() if record.get("Active")), None)
