"""Identify, qualify and route: the one-writer part of a run, shared by new inquiries and by due work.

Nothing is written here. A ``Decided`` holds what the batch's transaction will store.
"""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import qualification, routing, specialty, status, territory
from crosswalk.domain.capacity import Loads
from crosswalk.pipeline.identify import identify
from crosswalk.pipeline.trail import NOTHING_REFUSED, Trail
from crosswalk.pipeline.work import Work


@dataclass
class Decided:
    """Leads with their decisions.

    ``leads`` holds every lead that was decided about, ``routed`` those with a place; ``folded`` and ``resting`` are as
    ``Identified`` has them.
    """

    leads: pl.DataFrame
    routed: pl.DataFrame
    folded: pl.DataFrame
    resting: pl.DataFrame


def decide(work: Work, trail: Trail, tx: Connection, shaped: pl.DataFrame, loads: Loads) -> Decided:
    """Take shaped leads to an owner, or to the reason why not."""
    found = identify(work, trail, tx, shaped)
    identified = _gate(work, trail, "identified", found.leads)
    placed = qualification.place(identified, work.catalog.qualification)
    qualified = qualification.qualify(placed, work.catalog.qualification)
    passed = trail.step("qualify", qualified, qualification.judge(qualified))
    passed = _gate(work, trail, "qualified", passed)
    passed = specialty.resolve(passed, work.catalog.codes["specialty"], work.catalog.npi_registry)
    passed = territory.resolve(passed, work.catalog.territories)
    routed = routing.route(passed, work.catalog.routing, work.catalog.owners, loads, work.now)
    has_place = pl.col("owner_id").is_not_null() | pl.col("resume_on").is_not_null()
    routed = routed.with_columns(has_place.alias("has_place"))
    with_owner = trail.step("route", routed, routing.judge(routed))
    with_owner = _gate(work, trail, "routed", with_owner)
    leads = _conclude(trail, work.catalog.graph, qualified, routed)
    now = leads.select("unit", "status")  # what the targets are told is the status that was reached, not the old one
    with_owner = with_owner.drop("status").join(now, on="unit", how="left", maintain_order="left")
    return Decided(leads, with_owner, found.folded, found.resting)


def _gate(work: Work, trail: Trail, gate: str, frame: pl.DataFrame) -> pl.DataFrame:
    return trail.step(f"gate_{gate}", frame, work.gates.check(gate, frame, shares=not trail.replayed).refused)


def _conclude(trail: Trail, graph: status.StatusGraph, qualified: pl.DataFrame, routed: pl.DataFrame) -> pl.DataFrame:
    """Join every identified lead with what was decided: its status, processing state, reason and place."""
    refused = pl.concat([NOTHING_REFUSED, *(frame for _, frame in trail.verdicts)], how="vertical").unique(
        "unit", keep="last"
    )
    places = routed.select(
        *("unit", "owner_id", "owner_kind", "rule_id", "territory", "route", "resume_on", "trace", "specialty"),
        *("route_reason", pl.col("codes").alias("_codes")),
    )
    frame = (
        qualified.drop("owner_id", "specialty", strict=False)
        .join(places, on="unit", how="left", maintain_order="left")
        .join(refused, on="unit", how="left", maintain_order="left")
        .with_columns(
            _target_status().alias("_wanted"),
            _processing_state().alias("processing_state"),
            pl.coalesce("reason", "route_reason").alias("reason"),
            pl.coalesce("_codes", "codes").alias("codes"),
        )
    )
    pairs = frame.select("status", "_wanted").unique().rows()
    reached = {pair: _reached(graph, *pair) for pair in pairs}
    moves = [reached[pair] for pair in frame.select("status", "_wanted").rows()]
    return frame.with_columns(
        pl.Series("moves", moves, dtype=pl.List(pl.String)),
        pl.col("status").alias("old_status"),
        pl.Series("status", [chain[-1] if chain else None for chain in moves], dtype=pl.String).fill_null(
            frame["status"]
        ),
    ).drop("_wanted")


def _reached(graph: status.StatusGraph, old: str, wanted: str) -> list[str]:
    """The moves that marketing may make from here; none when sales has taken the lead further already."""
    return status.path(graph, old, wanted, "marketing", ("lead_type", "owner_id", "reason")) or []


def _target_status() -> pl.Expr:
    placed = pl.col("owner_id").is_not_null() & pl.col("result").is_null()
    held = (pl.col("result") == "held") & pl.col("gate").is_not_null()
    return (
        pl.when(pl.col("result").is_not_null() & pl.col("delivered"))  # sales has it: only sales gives it back
        .then("status")
        .when(placed)
        .then(pl.lit("assigned"))
        .when(held.fill_null(value=False))
        .then(pl.col("status"))
        .otherwise("next_status")
    )


def _processing_state() -> pl.Expr:
    consent = pl.col("reason").is_in(["NO_CONSENT", "NO_PERMITTED_CHANNEL"])
    return (
        pl.when(pl.col("result") == "quarantined")
        .then(pl.lit("quarantined"))
        .when((pl.col("result") == "held") & pl.col("resume_on").is_not_null())
        .then(pl.lit("held_capacity"))
        .when((pl.col("result") == "held") & consent)
        .then(pl.lit("held_consent"))
        .when(pl.col("result") == "held")
        .then(pl.lit("held_review"))
        .otherwise(pl.lit("accepted"))
    )
