"""What a write looks like on the wire, and how the answer to a batch becomes receipts; PURE.

Errors of a batch name their input by its trace id or record id only, never by its place, and come in any order.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from connectors.hubspot.errors import RULES, VENDOR, of_row
from crosswalk.domain.planning import Receipt, Update, Value
from crosswalk.errors import CrosswalkError, SchemaDrift, TerminalError
from crosswalk.platform.http import Refusal, classify

STAGE = "lifecyclestage"
STAGES = (
    *("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead"),
    *("opportunity", "customer", "evangelist", "other"),
)
"""HubSpot's own order. It ignores a move backward, unless the stage is cleared first."""
NO_ANSWER = "NO_ANSWER"


class Input(NamedTuple):
    """One record's part of a batch."""

    action: Update
    properties: Mapping[str, str]


def whole(action: Update) -> Input:
    """All that an action changes; None and an empty text clear."""
    return Input(action, {name: text(change.new) for name, change in action.changes.items()})


def clearing(action: Update) -> Input:
    """What makes way for a stage that HubSpot takes for a step backward."""
    return Input(action, {STAGE: ""})


def moves_back(action: Update) -> bool:
    """Whether an action takes back a stage that was later."""
    change = action.changes.get(STAGE)
    if change is None or change.old not in STAGES or change.new not in STAGES:
        return False
    return STAGES.index(str(change.old)) > STAGES.index(str(change.new))


def text(value: Value) -> str:
    """A value as HubSpot takes it: always text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def waves(actions: Sequence[Update]) -> list[list[Update]]:
    """Divide actions so that no record comes twice in one wave; its actions keep their order over the waves.

    HubSpot refuses a whole batch that names a record twice.
    """
    found: list[list[Update]] = []
    seen: dict[tuple[str, str], int] = {}
    for action in actions:
        key = (action.object, action.record_id)
        seen[key] = seen.get(key, -1) + 1
        if seen[key] == len(found):
            found.append([])
        found[seen[key]].append(action)
    return found


def body(inputs: Sequence[Input]) -> dict[str, Any]:
    """The body of a batch update. Only a batch of which every input has a trace id may succeed in part."""
    return {
        "inputs": [
            {
                "id": one.action.record_id,
                "objectWriteTraceId": one.action.action_id,
                "properties": dict(one.properties),
            }
            for one in inputs
        ]
    }


class _Result(msgspec.Struct):
    id: str
    properties: dict[str, str | None] = {}
    objectWriteTraceId: str | None = None  # noqa: N815 -- the vendor's spelling
    updatedAt: str | None = None  # noqa: N815 -- the vendor's spelling


class _Answer(msgspec.Struct):
    results: list[_Result] = []
    errors: list[dict[str, Any]] = []


class Verdicts(NamedTuple):
    """What HubSpot said of a batch: a receipt for each input, or for some and why not for the others."""

    receipts: list[Receipt]
    trouble: CrosswalkError | None = None


def verdicts(inputs: Sequence[Input], data: bytes) -> Verdicts:
    """Read the answer to a batch.

    Raises:
        TerminalError: it is not of the documented shape.
    """
    try:
        answer = msgspec.json.decode(data, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = None
    if answer is None:
        raise TerminalError(f"{VENDOR} sent an unreadable answer to a batch", code="UNREADABLE_ANSWER")
    left = {one.action.action_id: one for one in inputs}
    trace_of = {one.action.record_id: one.action.action_id for one in inputs}
    receipts: list[Receipt] = []
    for result in answer.results:
        trace = result.objectWriteTraceId
        if one := left.pop(trace if trace in left else trace_of.get(result.id, ""), None):
            receipts.append(_updated(one, result))
    strays: list[str] = []
    trouble: CrosswalkError | None = None
    for error in answer.errors:
        code, fields = of_row(error)
        known = classify(Refusal(207, code, fields=fields), RULES, VENDOR)
        traces = list(_traces(error, trace_of))
        if isinstance(known, SchemaDrift):  # an admin must mend it for all records: nobody's own refusal
            trouble = trouble or known
            continue
        strays += [] if traces else [code]
        receipts += [failed(one.action, code, fields) for trace in traces if (one := left.pop(trace, None))]
    if trouble is None:
        receipts += [failed(one.action, (strays or [NO_ANSWER])[0]) for one in left.values()]
    return Verdicts(receipts, trouble)


def _traces(error: Mapping[str, Any], trace_of: Mapping[str, str]) -> Iterator[str]:
    """Trace ids of the inputs that an error is about."""
    context = error.get("context")
    if not isinstance(context, dict):
        return
    for key, values in context.items():
        for value in values if isinstance(values, list) else ():
            if key == "objectWriteTraceId":
                yield str(value)
            elif key in {"id", "ids"} and value in trace_of:
                yield trace_of[value]


def _updated(one: Input, result: _Result) -> Receipt:
    """Receipt of a record that was written, with what HubSpot made of the values."""
    echoed = {name: result.properties[name] for name in one.properties if name in result.properties}
    return Receipt(one.action.action_id, "updated", result.id, values=echoed, at=_instant(result.updatedAt))


def failed(action: Update, code: str, fields: tuple[str, ...] = ()) -> Receipt:
    """Receipt of a record that was refused."""
    return Receipt(action.action_id, "failed", action.record_id, code, fields)


def _instant(stamp: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp) if stamp else None
    except ValueError:
        return None
