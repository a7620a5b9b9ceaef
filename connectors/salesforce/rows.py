"""What a write looks like on the wire, the same for collections and for Bulk 2.0.

``None`` means leave alone and is never sent. An empty text clears a field that exists already.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from connectors.salesforce.soql import EXTERNAL_ID
from crosswalk.domain.planning import Create, Receipt, Update, Value, Write

Kind = Literal["create", "update"]
SAME_RECORD_TWICE = "SAME_RECORD_TWICE"


def kind(action: Write) -> Kind:
    """Return the kind: creates are upserts by external id, updates go by record id."""
    return "create" if isinstance(action, Create) else "update"


def values(action: Write) -> Mapping[str, Value]:
    """Return the fields that an action writes."""
    if isinstance(action, Update):
        return {field: change.new for field, change in action.changes.items() if change.new is not None}
    return {field: value for field, value in action.fields.items() if value not in (None, "") and field != EXTERNAL_ID}


def key_column(kind: Kind) -> str:
    """Return the column by which rows of a kind are told apart."""
    return EXTERNAL_ID if kind == "create" else "Id"


def key(action: Write) -> str:
    """Return an action's value of its key column."""
    return action.record_id if isinstance(action, Update) else action.external_id


def succeeded(action: Write, record_id: str | None, created: bool) -> Receipt:
    """Receipt of a row that was written."""
    return Receipt(action.action_id, "created" if created else "updated", record_id)


def failed(action: Write, code: str, fields: tuple[str, ...] = ()) -> Receipt:
    """Receipt of a row that was refused."""
    record_id = action.record_id if isinstance(action, Update) else None
    return Receipt(action.action_id, "failed", record_id, code, fields)


def refuse_repeats(actions: Sequence[Write]) -> None:
    """Check that no external id comes twice; Salesforce compares them without regard to case.

    Raises:
        ValueError: one does, which is a bug of the caller.
    """
    seen: set[tuple[str, str]] = set()
    for action in actions:
        identity = (action.object, action.external_id.casefold())
        if identity in seen:
            raise ValueError(f"external id {action.external_id} twice in one apply()")
        seen.add(identity)


def split(actions: Sequence[Write]) -> tuple[dict[tuple[str, Kind], list[Write]], list[Write]]:
    """Group actions by object in the order of first appearance, creates apart from updates.

    The second result holds updates of a record that an earlier action updates too: two leads have claimed one record,
    and which of them is right is for a person to say.
    """
    groups: dict[tuple[str, Kind], list[Write]] = {}
    for table in dict.fromkeys(action.object for action in actions):
        groups[table, "create"], groups[table, "update"] = [], []
    claimed: set[str] = set()
    repeats: list[Write] = []
    for action in actions:
        if isinstance(action, Update):
            if action.record_id[:15] in claimed:
                repeats.append(action)
                continue
            claimed.add(action.record_id[:15])
        groups[action.object, kind(action)].append(action)
    return groups, repeats
