"""Qualification: hard gates first, then fit and intent as two scores with reasons (QUA-01, QUA-02).

Marketing's result is provisional: a qualified lead is ``marketing_qualified`` until sales sets ``fit_confirmed``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import polars as pl

from crosswalk.domain.predicates import Predicate, compile_predicate, first_match
from crosswalk.domain.schema import QUALIFIED
from crosswalk.domain.verdicts import verdicts

SCORES = ("fit", "intent")


@dataclass(frozen=True)
class HardGate:
    """A condition without which no lead is handed over, however good its scores.

    ``when`` limits the gate to some leads; ``require`` must hold; ``reason`` is the coded reason when it does not.
    ``otherwise`` says what happens: ``reject`` ends the lead, ``hold`` keeps it until the reason is gone.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    id: str
    require: Predicate
    reason: str
    otherwise: Literal["reject", "hold"] = "reject"
    when: Predicate = field(default_factory=dict)


@dataclass(frozen=True)
class Signal:
    """Points for a score, given when the predicate holds."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    id: str
    points: int
    when: Predicate
    about: str = ""


@dataclass(frozen=True)
class Threshold:
    """What a motion asks of a lead before sales sees it."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    fit: int = 0
    intent: int = 0


@dataclass(frozen=True)
class StageRule:
    """The first rule that holds places a new lead on its journey (STG-02); later moves keep what was reached."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    stage: str
    when: Predicate = field(default_factory=dict)


@dataclass(frozen=True)
class Qualification:
    """The whole rule set; ``thresholds`` is by motion."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    gates: tuple[HardGate, ...]
    fit: tuple[Signal, ...]
    intent: tuple[Signal, ...]
    thresholds: Mapping[str, Threshold]
    stages: tuple[StageRule, ...] = ()


def place(leads: pl.DataFrame, rules: Qualification) -> pl.DataFrame:
    """Fill an empty ``stage`` by the first stage rule that holds."""
    first = first_match((rule.when, rule.stage) for rule in rules.stages)
    return leads.with_columns(pl.coalesce("stage", first).alias("stage"))


def qualify(leads: pl.DataFrame, rules: Qualification) -> pl.DataFrame:
    """Add ``schema.QUALIFIED`` to identified leads.

    ``gate`` and ``gate_reason`` name the first hard gate that refuses, ``gate_result`` is rejected or held;
    ``next_status`` is marketing_qualified, nurturing (below the threshold) or disqualified. The points in
    ``score_reasons`` sum to the score: what goes beyond 0 or 100 is listed as the rule ``bounds``.
    """
    first = [pl.when(_refuses(gate)).then(pl.lit(index)) for index, gate in enumerate(rules.gates)]
    gate = pl.coalesce([*first, pl.lit(None, dtype=pl.Int32)])
    frame = leads.with_columns(gate.alias("_gate"))
    for attribute, values in {
        "gate": [one.id for one in rules.gates],
        "gate_reason": [one.reason for one in rules.gates],
        "gate_result": ["rejected" if one.otherwise == "reject" else "held" for one in rules.gates],
    }.items():
        table = dict(enumerate(values))
        frame = frame.with_columns(
            pl.col("_gate").replace_strict(table, default=None, return_dtype=pl.String).alias(attribute)
        )
    frame = _score(frame, rules)
    enough = pl.any_horizontal(
        [
            (pl.col("motion") == motion) & (pl.col("fit") >= bar.fit) & (pl.col("intent") >= bar.intent)
            for motion, bar in rules.thresholds.items()
        ]
    ).fill_null(value=False)
    status = (
        pl.when(pl.col("gate_result") == "rejected")
        .then(pl.lit("disqualified"))
        .when(enough)
        .then(pl.lit("marketing_qualified"))
        .otherwise(pl.lit("nurturing"))
    )
    return frame.with_columns(status.alias("next_status")).drop("_gate")


def judge(qualified: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts: refused by a hard gate, or below the threshold (skipped: it goes on being nurtured)."""
    refused = qualified.filter(pl.col("gate").is_not_null())
    below = qualified.filter(pl.col("gate").is_null() & (pl.col("next_status") == "nurturing"))
    by_result = [
        verdicts(part.select("unit", pl.col("gate_reason").alias("reason")), result)
        for result in ("rejected", "held")
        for part in [refused.filter(pl.col("gate_result") == result)]
    ]
    return pl.concat([*by_result, verdicts(below.select("unit", pl.lit("BELOW_THRESHOLD").alias("reason")), "skipped")])


def _refuses(gate: HardGate) -> pl.Expr:
    return compile_predicate(gate.when) & ~compile_predicate(gate.require)


def _score(frame: pl.DataFrame, rules: Qualification) -> pl.DataFrame:
    """Add ``fit``, ``intent`` and ``score_reasons``; each set of signals that occurs is added up once."""
    signals = [(name, signal) for name in SCORES for signal in getattr(rules, name)]
    held = [compile_predicate(signal.when).fill_null(value=False).cast(pl.Int8) for _, signal in signals]
    frame = frame.with_columns(pl.concat_str([*held, pl.lit("")]).alias("_signals"))
    patterns = frame["_signals"].unique().to_list()
    scored = [_add_up([one for one, hit in zip(signals, pattern, strict=True) if hit == "1"]) for pattern in patterns]
    schema = {"_signals": pl.String, **{name: QUALIFIED[name].dtype for name in (*SCORES, "score_reasons")}}
    table = pl.DataFrame(
        [(pattern, *scores) for pattern, scores in zip(patterns, scored, strict=True)], schema=schema, orient="row"
    )
    return frame.join(table, on="_signals", how="left", maintain_order="left").drop("_signals")


def _add_up(signals: Sequence[tuple[str, Signal]]) -> tuple[int, int, list[dict[str, str | int]]]:
    """Return both scores and their reasons, in the order of the rules."""
    scores: list[int] = []
    reasons: list[dict[str, str | int]] = []
    for name in SCORES:
        own = [signal for score, signal in signals if score == name]
        total = sum(signal.points for signal in own)
        bounded = min(max(total, 0), 100)
        reasons += [{"rule": signal.id, "score": name, "points": signal.points} for signal in own]
        if bounded != total:
            reasons.append({"rule": "bounds", "score": name, "points": bounded - total})
        scores.append(bounded)
    return scores[0], scores[1], reasons


def lint(rules: Qualification, motions: Sequence[str]) -> list[tuple[tuple[str | int, ...], str]]:
    """Return what is wrong with the rule set as a whole, each with its key path."""
    found: list[tuple[tuple[str | int, ...], str]] = [
        (("thresholds",), f"motion {motion!r} has no threshold") for motion in motions if motion not in rules.thresholds
    ]
    seen: set[str] = set()
    parts: Mapping[str, Sequence[HardGate | Signal]] = {"gates": rules.gates, "fit": rules.fit, "intent": rules.intent}
    for part, listed in parts.items():
        for index, rule in enumerate(listed):
            if rule.id in seen:
                found.append(((part, index, "id"), f"rule id {rule.id!r} is used twice"))
            seen.add(rule.id)
    return found
