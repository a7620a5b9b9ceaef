"""Deliver: from the outbox to a target, one claimed batch at a time.

    claim -> re-check -> look up -> plan -> gate plan -> [dry run: stop] -> apply -> gate receipts -> settle

Everything is keyed by external id and compared with what the target has, so a run that was killed anywhere in between
is simply repeated: what had been written is found and left alone (HND-04). What is written back to a source's own
record is neither re-checked nor looked up: it is compared with what the hub knows of the record.
"""

import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial

import polars as pl

from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.planning import Create, Hold, Planned, Receipt, Skip, Update
from crosswalk.domain.schema import VERDICTS, dtypes
from crosswalk.errors import CrosswalkError, GateFailed
from crosswalk.pipeline import authority
from crosswalk.pipeline.lookups import plan_asked
from crosswalk.pipeline.recheck import PARENT_MISSING, recheck
from crosswalk.pipeline.running import Each, until_done
from crosswalk.pipeline.settling import Prepared, Settlement, settle
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work
from crosswalk.ports import Target
from crosswalk.store import outbox

LEASE_SECONDS = 1800.0


def deliver(work: Work, mapping: TargetMap, each: Each) -> None:
    """Deliver all that is queued for one object; while the target works on one batch, the next one is made ready.

    Raises:
        GateFailed, TransientError, TerminalError: as ``deliver_batch`` raises them, when nothing is under way any more.
    """
    label = f"deliver {mapping.connection} {mapping.object}"
    one = partial(deliver_batch, work, mapping.connection, mapping)
    if work.dry or work.side_by_side == 1:
        until_done(each, label, one)
        return
    numbers = itertools.count(1)
    if not each(f"{label} {next(numbers)}", one):
        return
    with ThreadPoolExecutor(work.side_by_side, "deliver") as threads:
        loops = [
            threads.submit(copy_context().run, until_done, each, label, one, numbers) for _ in range(work.side_by_side)
        ]
    for loop in loops:
        loop.result()


def deliver_batch(work: Work, connection: str, mapping: TargetMap) -> bool:
    """Claim and deliver one batch of one object; return whether anything was claimed.

    Raises:
        GateFailed: the plan would do damage (nothing was applied), or too many writes were refused (all are settled).
        TransientError, TerminalError: from the target; what it had answered by then is settled.
    """
    target = work.connector(connection).target
    if target is None:
        return False
    with work.hub.begin() as tx:
        outbox.free_dependants(tx, PARENT_MISSING)
        claimed = outbox.claim(tx, connection, mapping.object, work.batch_size, work.run_id, work.now, LEASE_SECONDS)
    if claimed.is_empty():
        return False
    try:
        _deliver(work, mapping, target, claimed)
    except CrosswalkError:
        with work.hub.begin() as tx:  # what has no answer yet is due again, for a retry as for the next run
            outbox.give_back(tx, work.run_id)
        raise
    return True


def _deliver(work: Work, mapping: TargetMap, target: Target, claimed: pl.DataFrame) -> None:
    """Take one claimed batch from re-check to settled."""
    trail = Trail(timings=work.timings)
    trail.step("claim", claimed, _verdicts([]), unit="action_id")
    prepared = (_of_sources if mapping.about == "source" else _of_leads)(work, mapping, target, claimed)
    checked = trail.step("recheck", claimed, _verdicts(prepared.held), unit="action_id")
    skipped = [one for one in prepared.planned if isinstance(one, Skip)]
    waiting = [one for one in prepared.planned if isinstance(one, Hold)]
    refused = [(one.action_id, "skipped", one.reason) for one in skipped]
    refused += [(one.action_id, "held", one.reason) for one in waiting]
    to_write = trail.step("plan", checked, _verdicts(refused), unit="action_id")
    gate = work.gates.check("planned", _plan_frame(prepared.planned, mapping), unit="action_id")
    stopped = gate.refused.join(to_write.select(pl.col("action_id").alias("unit")), on="unit", how="semi")
    to_write = trail.step("gate_planned", to_write, stopped, unit="action_id")
    allowed = set(to_write["action_id"].to_list())
    writes = [one for one in prepared.planned if isinstance(one, Create | Update) and one.action_id in allowed]
    receipts: list[Receipt] = []
    if work.dry:
        receipts = [_promised(one) for one in writes]
    else:
        try:
            receipts.extend(target.apply(writes))
        finally:
            if len(receipts) < len(writes):  # the target broke off: keep what it did answer
                _settle_part(work, mapping, prepared, receipts)
    failed = [(one.action_id, "quarantined", one.code or "REFUSED") for one in receipts if one.outcome == "failed"]
    written = trail.step("apply", to_write, _verdicts(failed), unit="action_id")
    stop = _judge_receipts(work, trail, mapping, receipts, written)
    settlements: list[Settlement] = [(action, "held", "held", reason, None) for action, _, reason in prepared.held]
    settlements += [(one.action_id, "held", "held", one.reason, None) for one in waiting]
    settlements += [(one.action_id, "done", "unchanged", one.reason, one.record_id) for one in skipped]
    settlements += [(unit, "held", "held", reason, None) for unit, _, reason in stopped.rows()]
    with work.hub.begin() as tx:
        settle(work, tx, mapping, prepared, receipts, settlements)
        trail.write(tx, work.run_id, work.now)
    work.committed()
    if stop is not None:
        raise stop


def _of_leads(work: Work, mapping: TargetMap, target: Target, claimed: pl.DataFrame) -> Prepared:
    """Ask again whether it may be sent, and compare with what the target has."""
    users = work.owners_of(mapping.connection)
    with work.hub.read() as tx:
        wanted, held, people = recheck(tx, mapping.connection, mapping, claimed, users)
    planned, overruled = plan_asked(target, mapping, wanted)
    return Prepared(claimed, held, planned, overruled, people=people)


def _of_sources(work: Work, mapping: TargetMap, target: Target, claimed: pl.DataFrame) -> Prepared:
    """Compare with what the hub knows; whoever has withdrawn permission is the first to be told of (FBK-06)."""
    del target
    with work.hub.read() as tx:
        planned, known = authority.plan_known(tx, mapping, claimed)
    return Prepared(claimed, planned=planned, known=known)


def _plan_frame(planned: Iterable[Planned], mapping: TargetMap) -> pl.DataFrame:
    """The plan as the gate sees it: ``clears`` counts fields, not of our own making, that would be emptied."""
    own = {name for name, spec in mapping.fields.items() if spec.create is not None}
    rows = []
    for one in planned:
        match one:
            case Create(fields=fields):
                rows.append((one.action_id, one.object, "create", len(fields), 0))
            case Update(changes=changes):
                clears = sum(change.new in (None, "") for name, change in changes.items() if name not in own)
                rows.append((one.action_id, one.object, "update", len(changes), clears))
            case Skip():
                rows.append((one.action_id, one.object, "skip", 0, 0))
            case Hold():
                rows.append((one.action_id, one.object, "hold", 0, 0))
    schema = {"action_id": pl.String, "object": pl.String, "kind": pl.String, "n_fields": pl.Int64, "clears": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _promised(write: Create | Update) -> Receipt:
    """What a dry run puts in a receipt's place."""
    if isinstance(write, Update):
        return Receipt(write.action_id, "updated", write.record_id)
    return Receipt(write.action_id, "created", f"dry-run:{write.action_id}")


def _judge_receipts(
    work: Work, trail: Trail, mapping: TargetMap, receipts: Sequence[Receipt], written: pl.DataFrame
) -> GateFailed | None:
    """Let the gate see all answers; a stop is raised only after they have been settled."""
    schema = dict.fromkeys(("action_id", "outcome", "record_id", "code"), pl.String)
    rows = [(one.action_id, one.outcome, one.record_id, one.code) for one in receipts]
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.lit(mapping.object).alias("object"))
    stop: GateFailed | None = None
    refused = _verdicts([])
    try:
        refused = work.gates.check("receipts", frame, unit="action_id").refused
    except GateFailed as failure:
        stop = failure
    refused = refused.join(written.select(pl.col("action_id").alias("unit")), on="unit", how="semi")
    settled = trail.step("gate_receipts", written, refused, unit="action_id")
    trail.step("settle", settled, _verdicts([]), unit="action_id")
    return stop


def _settle_part(work: Work, mapping: TargetMap, prepared: Prepared, receipts: Sequence[Receipt]) -> None:
    with work.hub.begin() as tx:
        settle(work, tx, mapping, prepared, receipts)
    work.committed()


def _verdicts(rows: list[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dtypes(VERDICTS), orient="row")
