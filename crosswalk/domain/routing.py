"""Routing: the first rule that holds names a pool; capacity chooses within it; every refusal is written down.

Order of one decision (RTE-01): closed service line, earlier owner, rule, owner, backup pool, pool queue, and only for
leads that are not urgent the wait for capacity. Sequential by nature: each lead changes what the next one finds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal

import polars as pl

from crosswalk.domain.capacity import Loads, Owner
from crosswalk.domain.predicates import Predicate, first_match
from crosswalk.domain.schema import ROUTED, dtypes
from crosswalk.domain.verdicts import verdicts

Route = Literal["owner", "backup", "pool", "default", "kept"]
_AS_JSON = json.JSONEncoder(separators=(",", ":")).encode
INPUTS = ("lead_type", "service_line", "program_code", "territory", "specialty", "urgency")


@dataclass(frozen=True)
class Pool:
    """Owners who share work, the pool that helps out, and the queue that takes what nobody can."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    owners: tuple[str, ...]
    backup: str | None = None
    queue: str | None = None


@dataclass(frozen=True)
class RouteRule:
    """One row of the rule table."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    id: str
    when: Predicate
    pool: str
    about: str = ""


@dataclass(frozen=True)
class Closure:
    """A service line that takes no new leads from ``start`` until ``resume_on`` (exclusive)."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    service_line: str
    start: date
    resume_on: date
    reason: str = ""


@dataclass(frozen=True)
class Routing:
    """The whole routing table."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    rules: tuple[RouteRule, ...]
    pools: Mapping[str, Pool]
    default_queue: str
    closures: tuple[Closure, ...] = ()


@dataclass
class _Desk:
    """What every decision of one run looks at.

    What only depends on an owner, the moment and the coded inputs is worked out once for all leads that share them.
    """

    table: Routing
    owners: Mapping[str, Owner]
    loads: Loads
    now: datetime
    _days: dict[tuple[str, datetime], date] = field(default_factory=dict)
    _fit: dict[tuple[Any, ...], list[tuple[Owner, str | None]]] = field(default_factory=dict)

    def day(self, owner: Owner, at: datetime) -> date:
        """Return the owner's calendar day of an instant."""
        key = (owner.tz, at)
        if key not in self._days:
            self._days[key] = owner.local_day(at)
        return self._days[key]

    def members(self, pool: str, lead: Mapping[str, Any], *, urgent: bool) -> list[tuple[Owner, str | None]]:
        """Return a pool's owners, each with the reason why they cannot have a lead of this kind at all, or None."""
        key = (pool, urgent, lead["territory"], lead["service_line"], lead["program_code"])
        if key not in self._fit:
            members = [self.owners[code] for code in self.table.pools[pool].owners]
            self._fit[key] = [(owner, _unfit(owner, lead, self.now, urgent=urgent)) for owner in members]
        return self._fit[key]


@dataclass
class _Decision:
    """One lead's route while it is being found."""

    rule_id: str
    owner: Owner | None = None
    route: Route | None = None
    resume_on: date | None = None
    reason: str | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)


def route(
    leads: pl.DataFrame, table: Routing, owners: Mapping[str, Owner], loads: Loads, now: datetime
) -> pl.DataFrame:
    """Add ``schema.ROUTED`` and ``route_reason`` to qualified leads, in the order of the frame.

    Reads ``owner`` (the owner that the lead already has) and the inputs of the rules; ``loads`` is updated. A lead
    without a place has ``resume_on`` and ``route_reason`` instead of an owner.

    ``holder`` and ``holder_day``, where the frame has them, are whom the lead was given to without their knowing yet,
    and the day it counts for: their load does not stand in their own way, and among those who can take the lead they
    are preferred, so that nobody is moved without a reason.
    """
    first = first_match(((rule.when, index) for index, rule in enumerate(table.rules)), pl.Int32)
    chosen = leads.with_columns(first.alias("rule"))["rule"].to_list()
    rows: list[tuple[Any, ...]] = []
    reasons: list[str | None] = []
    held = [pl.col(name) if name in leads.columns else pl.lit(None).alias(name) for name in ("holder", "holder_day")]
    inputs = leads.select("received_at", "owner", *held, *INPUTS).rows(named=True)
    desk = _Desk(table, owners, loads, now)
    for lead, index in zip(inputs, chosen, strict=True):
        decision = _decide(lead, None if index is None else table.rules[index], desk)
        owner = decision.owner
        trace = {
            "inputs": {name: lead[name] for name in INPUTS if lead[name] is not None},
            "refused": [{"owner": code, "reason": why} for code, why in decision.refused],
        }
        rows.append(
            (
                owner.code if owner else None,
                owner.kind if owner else None,
                decision.rule_id,
                lead["territory"],
                decision.route,
                decision.resume_on,
                _AS_JSON(trace),
            )
        )
        reasons.append(decision.reason)
    routed = pl.DataFrame(rows, schema=dtypes(ROUTED), orient="row")
    kept = leads.drop(list(ROUTED), strict=False)
    return kept.hstack(routed).with_columns(pl.Series("route_reason", reasons, dtype=pl.String))


def judge(routed: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts: leads without a place are held until ``resume_on``."""
    waiting = routed.filter(pl.col("owner_id").is_null())
    return verdicts(waiting.select("unit", pl.col("route_reason").alias("reason")), "held")


def _decide(lead: Mapping[str, Any], rule: RouteRule | None, desk: _Desk) -> _Decision:
    table, owners, loads, now = desk.table, desk.owners, desk.loads, desk.now
    urgent = lead["urgency"] == "urgent"
    earlier = owners.get(lead["owner"] or "")
    if earlier is not None and earlier.active and not earlier.on_leave(earlier.local_day(now)):
        return _Decision("keep-relationship", earlier, "kept")
    if lead["holder"] is not None and lead["holder_day"] is not None:
        loads.give(lead["holder"], lead["holder_day"])
    closed = _closure(lead["service_line"], table.closures, now)
    if closed is not None and not urgent:
        return _Decision("closed-service-line", resume_on=closed.resume_on, reason="SERVICE_LINE_CLOSED")
    if rule is None or lead["territory"] is None:
        reason = "NO_RULE" if rule is None else "TERRITORY_UNMATCHED"
        decision = _Decision("default-queue", reason=reason)
        return _assign(decision, owners[table.default_queue], "default", lead["received_at"], desk)
    decision = _Decision(rule.id)
    tried: list[str] = []
    pool: str | None = rule.pool
    while pool is not None and pool not in tried:
        tried.append(pool)
        able = _able(desk, pool, lead, decision.refused, urgent=urgent)
        if able:
            decision.refused += [(other.code, "MORE_LOADED") for other in able[1:]]
            return _assign(decision, able[0], "owner" if len(tried) == 1 else "backup", lead["received_at"], desk)
        pool = table.pools[pool].backup
    for name in tried:
        queue = owners.get(table.pools[name].queue or "")
        if queue is None or not queue.active:
            continue
        why = loads.refusal(queue, desk.day(queue, lead["received_at"]))
        if why is None:
            return _assign(decision, queue, "pool", lead["received_at"], desk)
        decision.refused.append((queue.code, why))
    if urgent:  # capacity never parks somebody who cannot wait
        decision.reason = "NO_CAPACITY_URGENT"
        return _assign(decision, owners[table.default_queue], "default", lead["received_at"], desk)
    decision.resume_on, decision.reason = now.date() + timedelta(days=1), "NO_CAPACITY"
    return decision


def _assign(decision: _Decision, owner: Owner, how: Route, received_at: datetime, desk: _Desk) -> _Decision:
    decision.owner, decision.route = owner, how
    desk.loads.take(owner, desk.day(owner, received_at))
    return decision


def _able(
    desk: _Desk, pool: str, lead: Mapping[str, Any], refused: list[tuple[str, str]], *, urgent: bool
) -> list[Owner]:
    """Members who can take the lead, its holder and then the least loaded first; the others are noted with reasons."""
    able = []
    loads = desk.loads
    for owner, unfit in desk.members(pool, lead, urgent=urgent):
        day = desk.day(owner, lead["received_at"])
        why = unfit or loads.refusal(owner, day)
        if why:
            refused.append((owner.code, why))
        else:
            load = loads.daily.get((owner.code, day), 0), loads.open.get(owner.code, 0)
            able.append((owner.code != lead["holder"], *load, owner.code, owner))
    return [owner for *_, owner in sorted(able, key=lambda one: one[:4])]


def _unfit(owner: Owner, lead: Mapping[str, Any], now: datetime, *, urgent: bool) -> str | None:
    if not owner.active:
        return "INACTIVE"
    if owner.on_leave(owner.local_day(now)):
        return "ON_LEAVE"
    if owner.territories and lead["territory"] not in owner.territories:
        return "OTHER_TERRITORY"
    if owner.service_lines and lead["service_line"] not in owner.service_lines:
        return "OTHER_SERVICE_LINE"
    if owner.programs and lead["program_code"] not in owner.programs:
        return "OTHER_PROGRAM"
    if urgent and not owner.on_duty(now):
        return "OFF_HOURS"
    return None


def _closure(service_line: str | None, closures: Sequence[Closure], now: datetime) -> Closure | None:
    today = now.date()
    return next(
        (one for one in closures if one.service_line == service_line and one.start <= today < one.resume_on), None
    )
