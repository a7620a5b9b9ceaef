"""What is due or waits: leads whose day has come, leads to be decided anew, and everything that is held somewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
)

from crosswalk.store import bulk
from crosswalk.store.tables import RESUMES, UNFINISHED, decision, lead, link, outbox, run

Pairs = Sequence[tuple[str, str]]
"""Connections with their streams, or with their objects."""
PICK = (lead.c.payload_id, lead.c.source, lead.c.stream, lead.c.external_id, lead.c.lead_id, lead.c.received_at)
ORDER = (case((lead.c.urgency == "urgent", 0), else_=1), lead.c.received_at, lead.c.lead_id)
"""Urgent ones first, then the oldest (RTE-05)."""
MARKETING_DECIDES = ("new", "nurturing", "marketing_qualified")
"""Statuses in which a lead that sales has had is marketing's again."""


@dataclass(frozen=True)
class Selection:
    """Which leads to decide anew: those that fit everything that is given.

    ``since`` is when they were last decided about at the earliest; ``rule`` a rule that their last decision or route
    named; ``reason`` their own, or that of an action of theirs which is held or was refused.
    """

    since: datetime | None = None
    rule: str | None = None
    reason: str | None = None
    lead_id: str | None = None


def resumed(tx: Connection, streams: Pairs, statuses: Sequence[str], day: date, limit: int) -> pl.DataFrame:
    """Return open leads of these streams and in these statuses whose day has come, as ``replay.PICKED`` has them."""
    here = and_(text(RESUMES), lead.c.resume_on <= day, lead.c.is_open, lead.c.status.in_(statuses))
    query = select(*PICK).where(here, _of(streams))
    return bulk.fetch(tx, query.order_by(*ORDER).limit(limit))


def resuming(tx: Connection, payload_ids: pl.Series) -> pl.DataFrame:
    """Return ``payload_id`` and ``lead_id`` of leads that wait for their day and would then be decided by these."""
    waiting = select(lead.c.payload_id, lead.c.lead_id).where(text(RESUMES), lead.c.is_open)
    return bulk.fetch(tx, waiting).filter(pl.col("payload_id").is_in(payload_ids.implode()))


def selected(tx: Connection, streams: Pairs, targets: Pairs, chosen: Selection) -> tuple[pl.DataFrame, int]:
    """Return the leads to decide anew, as ``replay.PICKED`` has them, and how many more are with sales.

    ``targets`` are the connections and objects by which sales is told of leads.
    """
    acted = (outbox.c.lead_id == lead.c.lead_id) & tuple_(outbox.c.target, outbox.c.object).in_(targets)
    told = select(outbox.c.action_id).where(acted, outbox.c.record_id.is_not(None)).exists()
    ours = ~told | lead.c.status.in_(MARKETING_DECIDES)
    found = [lead.c.is_open, lead.c.payload_id.is_not(None), _of(streams), *_fits(chosen, acted)]
    query = select(*PICK).where(*found, ours).order_by(*ORDER)
    with_sales = tx.scalar(select(func.count()).select_from(lead).where(*found, ~ours))
    return bulk.fetch(tx, query), with_sales or 0


def _of(streams: Pairs) -> ColumnElement[bool]:
    return tuple_(lead.c.source, lead.c.stream).in_(streams)


def _fits(chosen: Selection, acted: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    about = decision.c.lead_id == lead.c.lead_id
    conditions: list[ColumnElement[bool]] = []
    if chosen.lead_id is not None:
        conditions.append(lead.c.lead_id == chosen.lead_id)
    if chosen.since is not None:
        conditions.append(select(decision.c.step).where(about, decision.c.at >= chosen.since).exists())
    if chosen.reason is not None:
        held = select(outbox.c.action_id).where(
            acted, outbox.c.state.in_(("held", "failed")), outbox.c.reason == chosen.reason
        )
        conditions.append((lead.c.reason == chosen.reason) | held.exists())
    if chosen.rule is not None:
        later = decision.alias("later")
        again = and_(later.c.lead_id == decision.c.lead_id, later.c.step == decision.c.step)
        last = ~select(later.c.step).where(again, later.c.at > decision.c.at).exists()
        scored = type_coerce(decision.c.detail, Text).contains(f'"rule":"{chosen.rule}"', autoescape=True)
        named = select(decision.c.step).where(about, last, or_(decision.c.rule == chosen.rule, scored))
        conditions.append((lead.c.rule_id == chosen.rule) | named.exists())
    return conditions


def waiting_leads(tx: Connection) -> list[dict[str, Any]]:
    """Return status, processing_state, reason, resume_on (the first), n, oldest and newest of leads that wait.

    A lead waits since its inquiry was received.
    """
    held = lead.c.processing_state.in_(("held_review", "held_consent", "held_capacity"))
    grouped = (lead.c.status, lead.c.processing_state, lead.c.reason)
    numbers = (func.min(lead.c.resume_on).label("resume_on"), func.count().label("n"))
    since = (func.min(lead.c.received_at).label("oldest"), func.max(lead.c.received_at).label("newest"))
    query = select(*grouped, *numbers, *since).where(lead.c.is_open, held | lead.c.resume_on.is_not(None))
    return [dict(row) for row in tx.execute(query.group_by(*grouped).order_by(*grouped)).mappings()]


def waiting_actions(tx: Connection) -> list[dict[str, Any]]:
    """Return target, object, state, reason, n, oldest and newest of actions that are not done.

    An action waits since the run that asked for what it wants now.
    """
    since = func.coalesce(run.c.started_at, outbox.c.created_at)
    grouped = (outbox.c.target, outbox.c.object, outbox.c.state, outbox.c.reason)
    query = select(
        *grouped, func.count().label("n"), func.min(since).label("oldest"), func.max(since).label("newest")
    ).select_from(outbox.outerjoin(run, run.c.run_id == outbox.c.run_id))
    query = query.where(text(f"outbox.{UNFINISHED}")).group_by(*grouped).order_by(*grouped)
    return [dict(row) for row in tx.execute(query).mappings()]


def waiting_links(tx: Connection) -> list[dict[str, Any]]:
    """Return system, object, n, oldest and newest of records of which a person must say whose they are."""
    grouped = (link.c.system, link.c.object)
    query = select(
        *grouped, func.count().label("n"), func.min(link.c.at).label("oldest"), func.max(link.c.at).label("newest")
    )
    query = query.where(link.c.state == literal("ambiguous")).group_by(*grouped).order_by(*grouped)
    return [dict(row) for row in tx.execute(query).mappings()]
