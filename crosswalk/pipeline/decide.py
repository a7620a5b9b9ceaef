"""Identify, qualify and route: the one-writer part of a run, shared by new inquiries and by due work.

Nothing is written here. A ``Decided`` holds what the batch's transaction will store.
"""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import identity, qualification, routing, specialty, status, territory
from crosswalk.domain.capacity import Loads
from crosswalk.domain.schema import LEAD
from crosswalk.domain.verdicts import verdicts
from crosswalk.pipeline.trail import NOTHING_REFUSED, Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import leads as lead_store
from crosswalk.store import outbox, people

CONSENTS = ("consent_email", "consent_phone", "consent_sms")
SURVIVE = tuple(
    name
    for name in LEAD
    if name
    not in {
        *("unit", "payload_id", "source", "stream", "external_id", "received_at", "motion", "lead_type"),
        *("codes", "drop_reason", "hold_reason", "has_text"),
    }
)
"""What an older inquiry of the same lead still says where the newer one says nothing."""


@dataclass
class Decided:
    """Leads with their decisions.

    ``leads`` holds every identified lead, ``routed`` those with a place, ``folded`` the inquiries that became part of
    another one's lead.
    """

    leads: pl.DataFrame
    routed: pl.DataFrame
    folded: pl.DataFrame


def decide(work: Work, trail: Trail, tx: Connection, shaped: pl.DataFrame, loads: Loads) -> Decided:
    """Take shaped leads to an owner, or to the reason why not."""
    identified, folded = _identify(trail, tx, shaped)
    identified = _gate(work, trail, "identified", identified)
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
    return Decided(leads, with_owner, folded)


def _gate(work: Work, trail: Trail, gate: str, frame: pl.DataFrame) -> pl.DataFrame:
    return trail.step(f"gate_{gate}", frame, work.gates.check(gate, frame).refused)


def _identify(trail: Trail, tx: Connection, shaped: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find the person and the open lead of each inquiry; fold several inquiries of one lead into one."""
    keys = identity.keys(shaped)
    found = identity.identify(shaped, people.by_keys(tx, keys.select("kind", "value").unique()))
    joined = shaped.join(found, on="unit", how="left", maintain_order="left")
    doubtful = joined.filter(pl.col("doubt").is_not_null())
    sure = joined.filter(pl.col("doubt").is_null()).drop("doubt")
    stored = lead_store.open_leads(tx, sure.select("person_id", "motion").unique())
    persons = people.get(tx, stored["person_id"].unique()).drop("created_at", "updated_at", "run_id")
    older = stored.join(persons, on="person_id", how="left").with_columns(_known(pl.col(name)) for name in CONSENTS)
    merged = identity.merge(sure.with_columns(_known(pl.col(name)) for name in CONSENTS), older, SURVIVE).with_columns(
        pl.col(name).fill_null("unknown") for name in CONSENTS
    )
    told = outbox.of_leads(tx, stored["lead_id"]).filter(pl.col("record_id").is_not_null())
    present = stored.select(
        *("lead_id", "status", "stage", pl.col("owner_id").alias("old_owner")),
        pl.col("lead_id").is_in(told["lead_id"].unique().implode()).alias("delivered"),
    )
    merged = merged.join(present, on="lead_id", how="left", maintain_order="left").with_columns(
        pl.col("status").fill_null(status.START),
        pl.col("delivered").fill_null(value=False),
        pl.when("delivered").then("old_owner").alias("owner"),  # nobody has a relationship that nobody knows of
    )
    folded = merged.filter(pl.col("survivor") != pl.col("unit"))
    refused = pl.concat(
        [
            verdicts(doubtful.select("unit", pl.col("doubt").alias("reason")), "held"),
            verdicts(folded.select("unit", pl.lit("MERGED").alias("reason")), "skipped"),
        ]
    )
    trail.step("identify", joined, refused)
    return merged.filter(pl.col("survivor") == pl.col("unit")).drop("survivor"), folded


def _known(consent: pl.Expr) -> pl.Expr:
    """Treat an unknown permission as nothing said, so that an earlier explicit word survives a silent form."""
    return pl.when(consent != "unknown").then(consent).name.keep()


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
