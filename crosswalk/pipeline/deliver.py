"""Deliver: from the outbox to a target, one claimed batch at a time.

    claim -> re-check -> look up -> plan -> gate plan -> [dry run: stop] -> apply -> gate receipts -> settle

Everything is keyed by external id and compared with what the target has, so a run that was killed anywhere in between
is simply repeated: what had been written is found and left alone (HND-04).
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.planning import Create, Desired, Hold, Planned, Receipt, Skip, Update, plan
from crosswalk.domain.schema import VERDICTS, dtypes
from crosswalk.domain.status import WITH_MARKETING
from crosswalk.errors import CrosswalkError, GateFailed
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work
from crosswalk.ports import Lookup, Target
from crosswalk.store import leads as lead_store
from crosswalk.store import links, outbox, people, quarantine

LEASE_SECONDS = 1800.0
Settlement = tuple[str, str, str, str | None, str | None]
"""Action, state, outcome, reason, record id."""
PARENT_MISSING = "PARENT_MISSING"
CONSENT_OF_CHANNEL = ("consent_phone", "consent_email", "consent_sms")


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
        _deliver(work, connection, mapping, target, claimed)
    except CrosswalkError:
        with work.hub.begin() as tx:  # what has no answer yet is due again, for a retry as for the next run
            outbox.give_back(tx, work.run_id)
        raise
    return True


def _deliver(work: Work, connection: str, mapping: TargetMap, target: Target, claimed: pl.DataFrame) -> None:
    """Take one claimed batch from re-check to settled."""
    trail = Trail()
    trail.step("claim", claimed, _verdicts([]), unit="action_id")
    users = work.owners_of(connection)
    with work.hub.read() as tx:
        wanted, held = _recheck(tx, connection, mapping, claimed, users)
    checked = trail.step("recheck", claimed, _verdicts(held), unit="action_id")
    planned = _plan(target, mapping, wanted)
    skipped = [one for one in planned if isinstance(one, Skip)]
    waiting = [one for one in planned if isinstance(one, Hold)]
    refused = [(one.action_id, "skipped", one.reason) for one in skipped]
    refused += [(one.action_id, "held", one.reason) for one in waiting]
    to_write = trail.step("plan", checked, _verdicts(refused), unit="action_id")
    gate = work.gates.check("planned", _plan_frame(planned), unit="action_id")
    stopped = gate.refused.join(to_write.select(pl.col("action_id").alias("unit")), on="unit", how="semi")
    to_write = trail.step("gate_planned", to_write, stopped, unit="action_id")
    allowed = set(to_write["action_id"].to_list())
    writes = [one for one in planned if isinstance(one, Create | Update) and one.action_id in allowed]
    receipts: list[Receipt] = []
    if work.dry:
        receipts = [_promised(one) for one in writes]
    else:
        try:
            receipts.extend(target.apply(writes))
        finally:
            if len(receipts) < len(writes):  # the target broke off: keep what it did answer
                _settle_part(work, connection, mapping, receipts)
    failed = [(one.action_id, "quarantined", one.code or "REFUSED") for one in receipts if one.outcome == "failed"]
    written = trail.step("apply", to_write, _verdicts(failed), unit="action_id")
    stop = _judge_receipts(work, trail, mapping, receipts, written)
    settlements: list[Settlement] = [(action, "held", "held", reason, None) for action, _, reason in held]
    settlements += [(one.action_id, "held", "held", one.reason, None) for one in waiting]
    settlements += [(one.action_id, "done", "unchanged", one.reason, one.record_id) for one in skipped]
    settlements += [(unit, "held", "held", reason, None) for unit, _, reason in stopped.rows()]
    with work.hub.begin() as tx:
        _store(work, tx, connection, mapping, receipts, settlements)
        trail.write(tx, work.run_id, work.now)
    work.committed()
    if stop is not None:
        raise stop


def _recheck(
    tx: Connection, connection: str, mapping: TargetMap, claimed: pl.DataFrame, users: Mapping[str, str]
) -> tuple[list[Desired], list[tuple[str, str, str]]]:
    """Ask again what may have changed since the lead was routed: permission, owner, the record referred to."""
    leads = lead_store.get(tx, claimed["lead_id"].unique())
    persons = people.get(tx, leads["person_id"].unique())
    permitted = persons.select(
        "person_id",
        pl.any_horizontal([(pl.col(name) == "granted").fill_null(value=False) for name in CONSENT_OF_CHANNEL]).alias(
            "ok"
        ),
    )
    person_of = dict(leads.select("lead_id", "person_id").rows())
    withdrawn = set(leads.filter(pl.col("status").is_in(list(WITH_MARKETING)))["lead_id"].to_list())
    may_contact = dict(permitted.rows())
    parents = dict(outbox.records(tx, claimed["depends_on"].drop_nulls().unique()).rows())
    linked = links.by_person(tx, connection, mapping.object, leads["person_id"].unique())
    known = dict(linked.filter(pl.col("state") == "linked").select("person_id", "record_id").rows())
    wanted: list[Desired] = []
    held: list[tuple[str, str, str]] = []
    for row in claimed.select("action_id", "object", "external_id", "lead_id", "desired", "record_id").rows(named=True):
        content = json.loads(row["desired"])
        fields = dict(content["fields"])
        reason = None if may_contact.get(person_of.get(row["lead_id"], "")) else "CONSENT_WITHDRAWN"
        if row["lead_id"] in withdrawn:  # a later inquiry has decided otherwise since this was queued
            reason = "LEAD_WITHDRAWN"
        for name, owner in content.get("owner", {}).items():
            fields[name] = users.get((owner or "").lower())
            reason = reason or (None if fields[name] else "OWNER_UNKNOWN")
        for name, action in content.get("refs", {}).items():
            fields[name] = parents.get(action)
            reason = reason or (None if fields[name] else PARENT_MISSING)
        if reason:
            held.append((row["action_id"], "held", reason))
            continue
        wanted.append(
            Desired(
                action_id=row["action_id"],
                object=row["object"],
                external_id=row["external_id"],
                lead_id=row["lead_id"],
                fields=fields,
                authority={name: spec.authority for name, spec in mapping.fields.items()},
                match={name: value for name, value in content.get("match", {}).items() if value},
                record_id=row["record_id"] or known.get(person_of.get(row["lead_id"], "")),
            )
        )
    return wanted, held


def _plan(target: Target, mapping: TargetMap, wanted: Sequence[Desired]) -> list[Planned]:
    """Look up what the target has and compare; one look-up serves the whole batch."""
    if not wanted:
        return []
    match: dict[str, list[str]] = {}
    for one in wanted:
        for name, value in one.match.items():
            match.setdefault(name, []).append(value)
    found = target.lookup(
        Lookup(
            object=mapping.object,
            fields=list(mapping.fields),
            external_ids=[one.external_id for one in wanted],
            record_ids=[one.record_id for one in wanted if one.record_id],
            match=match,
        )
    )
    by_external: dict[str, list[Any]] = {}
    by_record: dict[str, list[Any]] = {}
    by_match: dict[tuple[str, str], list[Any]] = {}
    for record in found:
        by_record.setdefault(record.record_id, []).append(record)
        if record.external_id:
            by_external.setdefault(record.external_id, []).append(record)
        for name in match:
            by_match.setdefault((name, str(record.fields.get(name) or "").lower()), []).append(record)
    planned: list[Planned] = []
    taken: set[str] = set()  # a record belongs to one lead: the second lead of a person gets a record of its own
    for one in wanted:
        hits = list(by_external.get(one.external_id, ()))
        hits += by_record.get(one.record_id or "", ())
        for name, value in one.match.items():
            hits += by_match.get((name, value.lower()), ())
        free = {hit.record_id: hit for hit in hits if hit.record_id not in taken}
        planned.append(plan(one, list(free.values())))
        if isinstance(planned[-1], Update):
            taken.add(planned[-1].record_id)
    return planned


def _plan_frame(planned: Iterable[Planned]) -> pl.DataFrame:
    """The plan as the gate sees it: ``clears`` counts fields that would be emptied."""
    rows = []
    for one in planned:
        match one:
            case Create(fields=fields):
                rows.append((one.action_id, one.object, "create", len(fields), 0))
            case Update(changes=changes):
                clears = sum(change.new in (None, "") for change in changes.values())
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


def _settle_part(work: Work, connection: str, mapping: TargetMap, receipts: Sequence[Receipt]) -> None:
    with work.hub.begin() as tx:
        _store(work, tx, connection, mapping, receipts, [])
    work.committed()


def _store(
    work: Work,
    tx: Connection,
    connection: str,
    mapping: TargetMap,
    receipts: Sequence[Receipt],
    settlements: list[Settlement],
) -> None:
    """Store receipts, settle the actions, link records to leads, and quarantine what the target refused."""
    answered: list[Settlement] = [
        (one.action_id, "failed" if one.outcome == "failed" else "done", one.outcome, one.code, one.record_id)
        for one in receipts
    ]
    names = ("action_id", "state", "outcome", "reason", "record_id")
    rows = pl.DataFrame(answered + settlements, schema=dict.fromkeys(names, pl.String), orient="row")
    if rows.is_empty():
        return
    if receipts:
        log = [{**asdict(one), "fields": json.dumps(one.fields)} for one in receipts]
        schema = dict.fromkeys(("action_id", "outcome", "record_id", "code", "fields"), pl.String)
        outbox.receipts(tx, pl.DataFrame(log, schema=schema), work.run_id, work.now)
    outbox.settle(tx, rows.with_columns(pl.lit(None, pl.String).alias("sent_hash")), work.run_id, work.now)
    lead_of = outbox.get(tx, rows["action_id"]).select("action_id", "lead_id")
    done = rows.join(lead_of, on="action_id").filter((pl.col("state") == "done") & pl.col("record_id").is_not_null())
    owners = lead_store.get(tx, done["lead_id"].unique()).select(
        *("lead_id", "person_id", "source", "stream", "external_id", "payload_id")
    )
    links.put(
        tx,
        done.join(owners, on="lead_id").select(
            pl.lit(connection).alias("system"),
            pl.lit(mapping.object).alias("object"),
            "record_id",
            "person_id",
            "lead_id",
            pl.lit("linked").alias("state"),
            pl.lit("delivery").alias("via"),
        ),
        work.now,
    )
    failed = rows.filter(pl.col("state") == "failed").join(lead_of, on="action_id")
    known = lead_store.get(tx, failed["lead_id"].unique()).select(
        *("lead_id", "source", "stream", "external_id", "payload_id")
    )
    entries = failed.join(known, on="lead_id").select(
        pl.lit("apply").alias("step"),
        "reason",
        "source",
        "stream",
        "external_id",
        pl.col("action_id").alias("unit"),
        "payload_id",
        "lead_id",
        pl.lit(json.dumps({"result": "quarantined"})).alias("detail"),
    )
    quarantine.add(tx, entries, work.run_id, work.now)


def _verdicts(rows: list[tuple[str, str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dtypes(VERDICTS), orient="row")
