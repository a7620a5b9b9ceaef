"""The plan of a push, as data: what would be written where, and why something is not.

Apply and explain are two readers of the same plan. Values are JSON values as the target's API takes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Value = str | int | float | bool | None
Authority = Literal["hub", "crm", "fill"]
"""Who wins a field: ``hub`` always writes, ``crm`` is only written at creation, ``fill`` only while empty."""


@dataclass(frozen=True)
class Desired:
    """What the hub wants one target record to look like: a row of the outbox.

    ``match`` names exact keys (target field -> value) by which a record that the target had before the hub is
    recognised; ``refs`` maps reference fields to the action whose record they point to (Task.WhoId -> the Lead).
    """

    action_id: str
    object: str
    external_id: str
    lead_id: str
    fields: Mapping[str, Value]
    authority: Mapping[str, Authority] = field(default_factory=dict)
    match: Mapping[str, str] = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    record_id: str | None = None


@dataclass(frozen=True)
class Change:
    """One field's difference; ``old`` is what the target has now."""

    old: Value
    new: Value


@dataclass(frozen=True)
class Create:
    """No record yet: write all fields, keyed by the external id so that a repeat finds its own work."""

    action_id: str
    object: str
    external_id: str
    fields: Mapping[str, Value]


@dataclass(frozen=True)
class Update:
    """The record exists and differs where the hub has authority."""

    action_id: str
    object: str
    external_id: str
    record_id: str
    changes: Mapping[str, Change]


@dataclass(frozen=True)
class Skip:
    """Nothing to write."""

    action_id: str
    object: str
    record_id: str | None
    reason: str


@dataclass(frozen=True)
class Hold:
    """Must not be written now; a person or a later run frees it."""

    action_id: str
    object: str
    reason: str


Write = Create | Update
Planned = Create | Update | Skip | Hold


@dataclass(frozen=True)
class Record:
    """A record as the target has it: its id, its external id if it carries one, and the fields asked for."""

    object: str
    record_id: str
    external_id: str | None
    fields: Mapping[str, Any]
    closed: bool = False
    """Converted, deleted or otherwise beyond writing."""


@dataclass(frozen=True)
class Receipt:
    """The target's answer to one write. Exactly one per action."""

    action_id: str
    outcome: Literal["created", "updated", "failed"]
    record_id: str | None = None
    code: str | None = None
    fields: tuple[str, ...] = ()


def plan(desired: Desired, found: Sequence[Record]) -> Planned:
    """Compare what is wanted with what the target has.

    A record with our external id is ours. Without one, exactly one open record with the same exact key is adopted
    (it existed before the hub); several mean that a person must choose (``CRM_AMBIGUOUS``).
    """
    ours = [record for record in found if record.external_id == desired.external_id]
    candidates = ours or [record for record in found if record.external_id is None and not record.closed]
    if len(candidates) > 1:
        return Hold(desired.action_id, desired.object, "CRM_AMBIGUOUS")
    if not candidates:
        return Create(desired.action_id, desired.object, desired.external_id, dict(desired.fields))
    record = candidates[0]
    if record.closed:
        return Skip(desired.action_id, desired.object, record.record_id, "CRM_RECORD_CLOSED")
    changes = {
        name: Change(record.fields.get(name), new)
        for name, new in desired.fields.items()
        if _writes(desired.authority.get(name, "hub"), record.fields.get(name), new)
    }
    if not changes:
        return Skip(desired.action_id, desired.object, record.record_id, "UNCHANGED")
    return Update(desired.action_id, desired.object, desired.external_id, record.record_id, changes)


def _writes(authority: Authority, old: Any, new: Value) -> bool:
    """Whether a field is written; an empty value of ours never clears what the target has."""
    if new is None or _same(old, new):
        return False
    return authority == "hub" or (authority == "fill" and old in (None, ""))


def _same(old: Any, new: Value) -> bool:
    """Equal as the target stores it: it trims strings, keeps numbers as floats and times to the second."""
    if isinstance(old, str) and isinstance(new, str):
        return old.strip() == new.strip() or _instant(old) == _instant(new) is not None
    if isinstance(new, bool) or isinstance(old, bool):
        return bool(old) == bool(new)
    return bool(old == new)


def _instant(text: str) -> str | None:
    """An ISO instant down to the second, or None for any other text."""
    if len(text) >= 19 and text[4] == text[7] == "-" and text[10] == "T":
        return text[:19]
    return None
