"""Field authority: who wins a field that both sides write, and what the hub knows of its own fields (FBK-11).

What is written back to a source's own record is not looked up before: the hub remembers what it wrote and what the
vendor made of it. When the record is read the next time, its fields come along and are compared with that. A difference
is somebody else's word: it is logged, and where the hub has authority, its own value is written once more.

Of a record of sales the target's value wins in a field of authority ``crm`` or ``fill``. It is logged when both sides
have edited it: the target has what the hub never wanted there, and the hub has changed its own value since it last told
the target. What the hub has changed is seen when an action is queued, the only moment at which its old and its new
content are both at hand, and costs nothing for actions that are new.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import FieldMap, TargetMap
from crosswalk.domain.planning import Desired, Known, Planned, Receipt, Update, as_text, learn, plan_unasked, trace
from crosswalk.pipeline.lookups import Overruled
from crosswalk.pipeline.work import Work
from crosswalk.store import conflicts, known, outbox

UNTOLD = datetime(1970, 1, 1, tzinfo=UTC)
"""Time of a write whose vendor does not tell it: everything read later is compared."""
UNKNOWN = Known()


def plan_known(tx: Connection, mapping: TargetMap, claimed: pl.DataFrame) -> tuple[list[Planned], Mapping[str, Known]]:
    """Plan what is written back to a source's records, from what the hub knows of them; no vendor call."""
    held = known.get(tx, mapping.connection, mapping.object, claimed["external_id"])
    authority = {name: spec.authority for name, spec in mapping.fields.items()}
    planned: list[Planned] = []
    for action_id, record_id, lead_id, desired in claimed.select(
        "action_id", "external_id", "lead_id", "desired"
    ).iter_rows():
        fields = orjson.loads(desired)["fields"]
        wanted = Desired(action_id, mapping.object, record_id, lead_id, fields, authority, record_id=record_id)
        planned.append(plan_unasked(wanted, held.get(record_id, UNKNOWN)))
    return planned, held


def remember(
    work: Work,
    tx: Connection,
    mapping: TargetMap,
    planned: Iterable[Planned],
    before: Mapping[str, Known],
    receipts: Iterable[Receipt],
) -> None:
    """Keep what the vendor made of what was written."""
    writes = {one.action_id: one for one in planned if isinstance(one, Update)}
    learned = {}
    for one in receipts:
        if one.outcome != "failed":
            write = writes[one.action_id]
            now = learn(before.get(write.record_id, UNKNOWN), write, one.values)
            learned[write.record_id] = now, one.at or UNTOLD
    known.put(tx, mapping.connection, mapping.object, learned, work.run_id)


def watch(work: Work, tx: Connection, pulled: pl.DataFrame, mapping: FieldMap) -> None:
    """Compare the hub's own fields of rows that were read with what the hub knows of them.

    A row that has not changed since the hub wrote it tells nothing: search indexes lag. Where what stands there is what
    the hub wants, nobody differs: the answer to a write was lost.

    Args:
        work: what the run works with.
        tx: the batch's own transaction.
        pulled: ``external_id``, ``modified_at`` and the properties read.
        mapping: the stream's field mapping.
    """
    connection = mapping.connection
    target_object = work.catalog.connections[connection].streams[mapping.stream].object
    back = work.catalog.targets.get((connection, target_object))
    if back is None or back.about != "source" or pulled.is_empty() or not known.exists(tx, connection, target_object):
        return
    fields = [name for name in back.fields if name in pulled.columns]
    rows = pulled.select("external_id", "modified_at", *fields)
    here = known.values(tx, connection, target_object, rows["external_id"], fields)
    joined = rows.join(here, left_on="external_id", right_on="record_id", suffix="_known")
    differs = [pl.col(name).fill_null("") != pl.col(f"{name}_known").fill_null("") for name in fields]
    changed = joined.filter((pl.col("modified_at") > pl.col("at")) & pl.any_horizontal(differs))
    if not changed.is_empty():
        _settle_differences(work, tx, back, changed.select("external_id", "at", *fields))


def _settle_differences(work: Work, tx: Connection, back: TargetMap, changed: pl.DataFrame) -> None:
    """Log who wins each field that somebody else has written, and let the hub restore what is its own."""
    system, target_object = back.connection, back.object
    names = changed.columns[2:]
    ids = pl.concat_str(pl.lit(f"{system}:{target_object}:"), "external_id")
    actions = outbox.get(tx, changed.select(ids.alias("action_id"))["action_id"])
    queued = {
        record_id: (action_id, lead_id, orjson.loads(desired)["fields"])
        for record_id, action_id, lead_id, desired in actions.select(
            "external_id", "action_id", "lead_id", "desired"
        ).rows()
    }
    held = known.get(tx, system, target_object, changed["external_id"])
    found: list[conflicts.Conflict] = []
    learned: dict[str, tuple[Known, datetime]] = {}
    reopened: set[str] = set()
    for record_id, at, *values in changed.rows():
        if record_id not in queued:
            continue
        action_id, lead_id, wanted = queued[record_id]
        sent, other = dict(held[record_id].sent), dict(held[record_id].other)
        for name, value in zip(names, values, strict=True):
            text = as_text(value)
            if text in (held[record_id].value(name), as_text(wanted.get(name))):
                continue
            sent.pop(name, None)
            other[name] = text
            ours = back.fields[name].authority == "hub"
            winner, loser = ("hub", system) if ours else (system, "hub")
            found.append((record_id, name, lead_id, winner, loser))
            learned[record_id] = Known(sent, other), at
            if ours:
                reopened.add(action_id)
    conflicts.log(tx, system, target_object, found, work.run_id, work.now)
    known.put(tx, system, target_object, learned, work.run_id)
    outbox.reopen(tx, pl.Series(sorted(reopened), dtype=pl.String), work.run_id, work.now)


def with_changes(work: Work, stored: pl.DataFrame, actions: pl.DataFrame) -> pl.DataFrame:
    """Note in actions that are queued again, which fields of the target's authority the hub has changed.

    ``stored`` are the same actions as the outbox has them (``action_id``, ``state``, ``desired``, ``desired_hash``).
    The note is no part of the digest: it alone is no reason to write. Owners are left out: who has a lead, is said on
    the way back.
    """
    theirs = {
        (target.connection, target.object): [name for name, spec in target.fields.items() if spec.authority != "hub"]
        for target in work.catalog.told("lead")
    }
    old = stored.select(
        "action_id", "state", pl.col("desired").alias("_old"), pl.col("desired_hash").alias("_old_hash")
    )
    again = actions.join(old, on="action_id").filter(
        (pl.col("desired_hash") != pl.col("_old_hash")) | pl.col("state").is_in(["held", "failed"])
    )
    noted = []
    for row in again.select("action_id", "target", "object", "state", "_old", "desired").rows():
        action_id, system, target_object, state, before, now = row
        names = theirs.get((system, target_object), ())
        noted.append((action_id, _noted(orjson.loads(before), orjson.loads(now), names, sent=state == "done")))
    frame = pl.DataFrame(noted, schema={"action_id": pl.String, "desired": pl.String}, orient="row")
    return actions if frame.is_empty() else actions.update(frame, on="action_id")


def _noted(before: Mapping[str, Any], now: Mapping[str, Any], names: Iterable[str], *, sent: bool) -> str:
    """What is desired now as JSON, with the note of what has changed since the target was told."""
    changed = set() if sent else set(before.get("changed", ()))
    was = {name: list(traces) for name, traces in before.get("was", {}).items()}
    for name in names:
        old, new = trace(before["fields"].get(name)), trace(now["fields"].get(name))
        if old != new:
            changed.add(name)
            if old and old not in was.setdefault(name, []):
                was[name].append(old)
    note = {"changed": sorted(changed), "was": was} if changed or was else {}
    return orjson.dumps({**now, **note}).decode()


def log_overruled(work: Work, tx: Connection, mapping: TargetMap, kept: Sequence[Overruled]) -> None:
    """Log where the target kept its own value against a new one of the hub's."""
    found = [(record_id, name, lead_id, "crm", "hub") for record_id, name, lead_id in kept]
    conflicts.log(tx, mapping.connection, mapping.object, found, work.run_id, work.now)
