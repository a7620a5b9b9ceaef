"""The plan of a push, as data: what would be written where, and why something is not.

Apply and explain are two readers of the same plan. Values are JSON values as the target's API takes them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Value = str | int | float | bool | None
Authority = Literal["hub", "crm", "fill"]
"""Who wins a field: ``hub`` always writes, ``crm`` is only written at creation, ``fill`` only while empty."""


@dataclass(frozen=True)
class Desired:
    """What the hub wants one target record to look like: a row of the outbox.

    ``match`` names exact keys (target field -> value) by which a record that the target had before the hub is
    recognised; ``refs`` maps reference fields to the action whose record they point to (Task.WhoId -> the Lead);
    ``changed`` names the fields whose value the hub has changed since the target was last told, ``was`` holds the
    ``trace`` of everything that it wanted there before.
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
    changed: tuple[str, ...] = ()
    was: Mapping[str, Sequence[str]] = field(default_factory=dict)


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
    """The target's answer to one write. Exactly one per action.

    ``values`` are the fields written as the target now has them, and ``at`` is its own time of the write, where it
    tells; both say nothing of what became of the action and are not compared.
    """

    action_id: str
    outcome: Literal["created", "updated", "failed"]
    record_id: str | None = None
    code: str | None = None
    fields: tuple[str, ...] = ()
    values: Mapping[str, Value] | None = field(default=None, compare=False)
    at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Known:
    """What the hub knows of the fields that it writes to a record without asking first, as text.

    ``sent`` is what it wrote. ``other`` is what the record holds instead: of a field in both, the target kept its own
    value; of one that is not in ``sent`` (any more), somebody else has written it since.
    """

    sent: Mapping[str, str | None] = field(default_factory=dict)
    other: Mapping[str, str | None] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """What the record holds in a field, as far as the hub knows."""
        return self.other[name] if name in self.other else self.sent.get(name)


def plan(desired: Desired, found: Sequence[Record]) -> Planned:
    """Compare what is wanted with what the target has.

    A record with our external id is ours; where ours has gone into another one by a merge, that one is. Without one,
    exactly one open record with the same exact key is adopted (it existed before the hub); several mean that a person
    must choose (``CRM_AMBIGUOUS``).
    """
    ours = [record for record in found if record.external_id == desired.external_id]
    if all(record.closed for record in ours):
        ours = [record for record in found if _merged_into(desired, record)] or ours
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


def _merged_into(desired: Desired, record: Record) -> bool:
    """Whether the hub knows this open record of nobody's as the lead's."""
    return record.record_id == desired.record_id and record.external_id is None and not record.closed


def overruled(desired: Desired, record: Record) -> list[str]:
    """Return the fields in which the target's value keeps the hub from writing what it has changed (FBK-11).

    Both sides must have edited: the hub since it last told the target, and the target's people since the hub wrote
    there. That they keep their value against one that they were told of before, is their right and no news.
    """
    if record.external_id != desired.external_id:
        return []
    return [
        name
        for name in desired.changed
        if desired.authority.get(name, "hub") != "hub"
        and desired.fields.get(name) is not None
        and record.fields.get(name) not in (None, "")
        and not _same(record.fields[name], desired.fields[name])
        and trace(record.fields[name]) not in desired.was.get(name, ())
    ]


def trace(value: Value) -> str:
    """A digest of a value as targets store it, to recognise it again without keeping it; empty for no value."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = (as_text(value) or "").strip().replace("\r\n", "\n")
    return hashlib.sha256((_instant(text) or text).encode()).hexdigest()[:12] if text else ""


def plan_unasked(desired: Desired, known: Known) -> Update | Skip:
    """Compare what is wanted with what the hub last knew the record to hold; the target is not asked (FBK-06).

    The record exists: it is where the lead came from. A value of the hub's own may be cleared. What the target has
    refused to take is not tried again until something else is wanted. ``Change.old`` is null where the value is not
    the hub's own: only its own may a target take back to make room.
    """
    record_id = desired.record_id or desired.external_id
    sent, other = known.sent, known.other
    changes = {}
    for name, new in desired.fields.items():
        wanted, foreign = as_text(new), name in other
        here = other[name] if foreign else sent.get(name)
        refused = foreign and name in sent and sent[name] == wanted
        if wanted != here and not refused and (here is None or desired.authority.get(name, "hub") == "hub"):
            changes[name] = Change(None if foreign else here, new)
    if not changes:
        return Skip(desired.action_id, desired.object, record_id, "UNCHANGED")
    return Update(desired.action_id, desired.object, desired.external_id, record_id, changes)


def learn(known: Known, write: Update, values: Mapping[str, Value] | None) -> Known:
    """Return what is known after a write that was answered with ``values``; without any, the target took it all."""
    told = {name: as_text(change.new) for name, change in write.changes.items()}
    echo = {} if values is None else {name: as_text(values[name]) for name in told if name in values}
    other = {name: value for name, value in known.other.items() if name not in told}
    other |= {name: value for name, value in echo.items() if value != told[name]}
    return Known({**known.sent, **told}, other)


def as_text(value: Value) -> str | None:
    """A value as text, by which what was sent, echoed and read later are compared; nothing and empty are the same."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value in (None, "") else str(value)


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
