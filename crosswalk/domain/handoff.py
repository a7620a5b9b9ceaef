"""The handoff package: everything sales needs for a good first call, and nothing it may not see (HND-01, HND-03)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

import polars as pl

from crosswalk.domain.capacity import WEEKDAYS, Owner
from crosswalk.domain.predicates import Predicate, first_match
from crosswalk.domain.schema import CODES, data_class

PARTS = (
    "next_action",
    "due_at",
    "reason",
    "campaign",
    "topic",
    "engagement",
    "score_reasons",
    "buyer_role",
    "timeline",
    "contact_preference",
    "consent",
    "questions",
)
PATIENT_MOTIONS = ("patient",)
TOLD_BY = {"topic": "service_line", "campaign": "campaign_code"}
"""Parts that say the same as a field: where that is above the ceiling, the part says only that there is something."""
OFFICE_HOURS: Mapping[str, str] = dict.fromkeys(WEEKDAYS[:5], "09:00-17:00")


@dataclass(frozen=True)
class NextAction:
    """What sales does first; the first action whose ``when`` holds is the lead's.

    ``channel`` needs permission: an action on a channel without it is never proposed.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    code: str
    subject: str
    channel: str
    when: Predicate = field(default_factory=dict)


@dataclass(frozen=True)
class HandoffPoint:
    """A named point at which a lead changes sides, with its entry criteria and owner."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    about: str
    owner_side: str
    when: Predicate = field(default_factory=dict)


@dataclass(frozen=True)
class HandoffStandard:
    """What a package must hold; ``unknown`` is what is written where nobody has said anything."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    points: Mapping[str, HandoffPoint]
    next_actions: tuple[NextAction, ...]
    required: tuple[str, ...] = PARTS
    unknown: Mapping[str, str] = field(default_factory=dict)


def build(  # noqa: PLR0917 -- each is another thing that a package is made of
    routed: pl.DataFrame,
    standard: HandoffStandard,
    owners: Mapping[str, Owner],
    touch_hours: Mapping[str, float],
    now: datetime,
    ceiling: int,
    wanted: Collection[str],
    protected: Collection[str],
) -> pl.DataFrame:
    """Add the parts of the package to routed leads, as text that is fit for the target's ceiling.

    ``wanted`` are the fields that the target would get; ``protected`` are the rules that read a field above the
    ceiling: for a patient their names would tell what the field may not, so they appear as ``protected``.

    Adds every name of ``PARTS`` that is not there yet, ``point``, ``action_subject``, ``due_date`` (in the owner's
    calendar), ``missing`` (comma separated parts that are required and absent, null when complete) and ``withheld``
    (List of String: fields above the ceiling, listed by name, their values gone from the frame).
    """
    frame = routed.with_columns(
        first_match((one.when, code) for code, one in standard.points.items()).alias("point"),
        first_match((_permitted(one), one.code) for one in standard.next_actions).alias("next_action"),
    )
    subjects = {one.code: one.subject for one in standard.next_actions}
    pairs = frame.select("lead_type", "owner_id")
    due = {
        (kind, owner): _due(now, touch_hours.get(kind or "", 8.0), owners[owner])
        for kind, owner in pairs.unique().rows()
        if owner in owners
    }
    days = {(kind, owner): owners[owner].local_day(at) for (kind, owner), at in due.items()}
    frame = frame.with_columns(
        pl.col("next_action").replace_strict(subjects, default=None, return_dtype=pl.String).alias("action_subject"),
        pl.Series("due_at", [due.get(pair) for pair in pairs.rows()], dtype=pl.Datetime("us", "UTC")),
        pl.Series("due_date", [days.get(pair) for pair in pairs.rows()], dtype=pl.Date),
        _shown(pl.col("rule_id"), protected).alias("rule_id"),
        pl.col("service_line").alias("topic"),
        pl.coalesce("campaign_name", pl.format("no registered campaign, channel {}", "channel")).alias("campaign"),
        _engagement().alias("engagement"),
        _reasons(protected).alias("score_text"),
        pl.col("buying_role").alias("buyer_role"),
        pl.format("email {}, phone {}, sms {}", "consent_email", "consent_phone", "consent_sms").alias("consent"),
        pl.when("has_text").then(pl.lit("held securely, not released")).otherwise(pl.lit("none")).alias("questions"),
    ).with_columns(
        pl.format("fit {}, intent {}, rule {}", "fit", "intent", "rule_id").alias("reason"),
        *(pl.col(part).fill_null(text) for part, text in standard.unknown.items()),
    )
    absent = [pl.when(_absent(part)).then(pl.lit(part)) for part in standard.required]
    frame = frame.with_columns(pl.concat_list(absent).list.drop_nulls().list.join(", ").alias("missing")).with_columns(
        pl.when(pl.col("missing") != "").then("missing").alias("missing")
    )
    return withhold(frame, ceiling, wanted)


def withhold(frame: pl.DataFrame, ceiling: int, wanted: Collection[str]) -> pl.DataFrame:
    """Remove what is above the ceiling; list in ``withheld`` what the target would have got of it.

    A patient's lead is judged more strictly.
    """
    patient = _patient()
    classes = {name: (data_class(name), data_class(name, patient=False)) for name in frame.columns if _declared(name)}
    above = {
        name: (pl.lit(other > ceiling) | (patient & pl.lit(strict > ceiling))) & pl.col(name).is_not_null()
        for name, (strict, other) in classes.items()
        if strict > ceiling
    }
    listed = [pl.when(test).then(pl.lit(name)) for name, test in above.items() if name in wanted]
    withheld = pl.concat_list(listed).list.drop_nulls() if listed else pl.lit([])
    return frame.with_columns(
        withheld.cast(CODES).alias("withheld"),
        *(pl.when(~test).then(pl.col(name)).alias(name) for name, test in above.items()),
        *(
            pl.when(above[field]).then(pl.lit("held securely")).otherwise(part).alias(part)
            for part, field in TOLD_BY.items()
            if field in above
        ),
    )


def over_ceiling(frame: pl.DataFrame, fields: Sequence[str], ceiling: int) -> pl.Series:
    """Count, for each lead, the given fields that still hold a value above the ceiling: the gate expects none."""
    patient = _patient()
    counts = [
        (
            pl.col(name).is_not_null()
            & (pl.lit(data_class(name, patient=False) > ceiling) | (patient & pl.lit(data_class(name) > ceiling)))
        ).cast(pl.Int64)
        for name in fields
        if name in frame.columns and _declared(name)
    ]
    if not counts:
        return pl.zeros(frame.height, dtype=pl.Int64, eager=True)
    return frame.select(pl.sum_horizontal(counts).cast(pl.Int64).alias("over_ceiling"))["over_ceiling"]


def describe(frame: pl.DataFrame) -> pl.Series:
    """Write the package as the text of a task: one part on a line, no free text of the person."""
    lines = [
        pl.format("Next action: {}", "next_action"),
        pl.format("Reason: {}", "reason"),
        pl.format("Scores: {}", "score_text"),
        pl.format("Campaign: {}", "campaign"),
        pl.format("Topic: {}", "topic"),
        pl.format("Engagement: {}", "engagement"),
        pl.format("Buyer role: {}", "buyer_role"),
        pl.format("Timeline: {}", "timeline"),
        pl.format("Preferred contact: {}", "contact_preference"),
        pl.format("Consent: {}", "consent"),
        pl.format("Questions asked: {}", "questions"),
        pl.format("Withheld by policy: {}", pl.col("withheld").list.join(", ").replace("", "nothing")),
        pl.format("Crosswalk lead: {}", "lead_id"),
    ]
    return frame.select(pl.concat_str(lines, separator="\n", ignore_nulls=True).alias("text"))["text"]


def _declared(name: str) -> bool:
    return data_class(name, patient=False) < 5


def _permitted(action: NextAction) -> Predicate:
    """No permission, no task on that channel (design conclusion 6)."""
    return {**action.when, f"consent_{action.channel}": "granted", **_reachable(action.channel)}


def _reachable(channel: str) -> Predicate:
    return {"email": {"is_null": False}} if channel == "email" else {"phone": {"is_null": False}}


def _absent(part: str) -> pl.Expr:
    if part == "score_reasons":
        return pl.col("score_reasons").list.len() == 0
    return pl.col(part).is_null()


def _engagement() -> pl.Expr:
    counted = {
        "form submissions": "conversions",
        "visits": "visits",
        "pages": "page_views",
        "e-mail clicks": "email_clicks",
    }
    return pl.concat_str(
        [pl.format("{} {}", pl.col(column).fill_null(0), pl.lit(label)) for label, column in counted.items()],
        separator=", ",
    )


def _shown(rule: pl.Expr, protected: Collection[str], *, patient: pl.Expr | None = None) -> pl.Expr:
    hidden = rule.is_in(list(protected)) & (_patient() if patient is None else patient)
    return pl.when(hidden).then(pl.lit("protected")).otherwise(rule)


def _patient() -> pl.Expr:
    return pl.col("motion").is_in(list(PATIENT_MOTIONS))


def _reasons(protected: Collection[str]) -> pl.Expr:
    score, rule, points = (pl.element().struct.field(name) for name in ("score", "rule", "points"))

    def text(rule: pl.Expr) -> pl.Expr:
        return pl.col("score_reasons").list.eval(pl.format("{} {} {}", score, rule, points)).list.join("; ")

    return pl.when(_patient()).then(text(_shown(rule, protected, patient=pl.lit(value=True)))).otherwise(text(rule))


def _due(now: datetime, hours: float, owner: Owner) -> datetime:
    """Add business hours in the owner's calendar; queues keep office hours."""
    calendar = owner.hours or OFFICE_HOURS
    zone = ZoneInfo(owner.tz)
    local = now.astimezone(zone)
    left = timedelta(hours=hours)
    for _ in range(400):
        span = calendar.get(WEEKDAYS[local.weekday()])
        if span and not owner.on_leave(local.date()):
            opens, _, closes = span.partition("-")
            start = max(local, _at(local, opens))
            end = _at(local, closes)
            if start < end:
                if start + left <= end:
                    return (start + left).astimezone(ZoneInfo("UTC"))
                left -= end - start
        local = _at(local + timedelta(days=1), "00:00")
    return now + timedelta(hours=hours)


def _at(day: datetime, clock: str) -> datetime:
    hour, _, minute = clock.partition(":")
    return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
