"""What a batch stores, part by part, all in the batch's one transaction."""

import json

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import identity
from crosswalk.domain.verdicts import verdicts
from crosswalk.pipeline import authority, landing, origins
from crosswalk.pipeline.decide import Decided
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import leads, ledger, outbox, payloads, people, quarantine

ACTOR = "hub"
PERSON = (
    *("person_id", "first_name", "last_name", "credentials", "email", "email_key", "phone", "phone_ext", "company"),
    *("job_title", "street", "city", "state", "zip5", "country", "npi", "specialty", "audience"),
    *("is_existing_patient", "consent_email", "consent_phone", "consent_sms"),
)
LEAD = (
    *("lead_id", "person_id", "motion", "lead_type", "status", "stage", "processing_state", "service_line"),
    *("program_code", "location", "urgency", "timeline", "payer", "buying_role", "partner_id", "fit", "intent"),
    *("owner_id", "owner_kind", "rule_id", "territory", "route", "resume_on", "reason", "campaign_code", "channel"),
    *("source", "stream", "external_id", "payload_id", "received_at"),
)
ATTRIBUTES = (
    *("capture_method", "form", "landing_url", "utm_raw", "utm_source", "utm_medium", "utm_campaign", "utm_content"),
    *("utm_term", "utm_id", "click_id", "contact_preference", "hand_raise", "has_text", "codes", "campaign_name"),
    *("email_opens", "email_clicks", "page_views", "visits", "conversions"),
)
BEFORE_IDENTITY = frozenset({"gate_raw", "shape", "gate_shaped", "identify"})
"""Steps whose refusals have no lead yet: their rows are found through the quarantine list."""


def store_payloads(work: Work, tx: Connection, landed: pl.DataFrame) -> None:
    """Keep the vendor's rows sealed, and take older versions of the same rows out of quarantine."""
    payloads.land(tx, landing.sealed(work, landed), work.run_id, work.now)
    rows = landed.select("source", "stream", "external_id", pl.col("payload_id").alias("unit"))
    quarantine.supersede(tx, rows, work.now)


def store_leads(work: Work, tx: Connection, decided: Decided) -> None:
    """Store people with their keys, leads, status history, decisions and assignments."""
    frame = decided.leads
    _keep_for_later(work, tx, decided.resting)
    if frame.is_empty():
        people.add_keys(tx, _person_keys(decided.folded))
        origins.link(work, tx, decided)
        return
    newest = frame.sort("received_at").unique("person_id", keep="last", maintain_order=True)
    people.upsert(tx, newest.select(PERSON), work.run_id, work.now)
    people.add_keys(tx, _person_keys(frame))
    people.add_keys(tx, _person_keys(decided.folded))
    version = work.catalog.definitions.version
    # A lead that sales has been told of keeps its owner, whatever a later inquiry says.
    kept = pl.when("delivered").then(pl.coalesce("owner_id", "owner")).otherwise("owner_id")
    frame = frame.with_columns(kept.alias("owner_id"))
    attributes = frame.select(pl.struct(ATTRIBUTES).struct.json_encode().alias("attributes"))["attributes"]
    leads.upsert(
        tx,
        frame.select(LEAD).with_columns(
            attributes,
            pl.lit(version).alias("definitions_version"),
            (~pl.col("status").is_in(list(work.catalog.graph.closed))).alias("is_open"),
        ),
        work.run_id,
        work.now,
    )
    origins.link(work, tx, decided)
    leads.append_history(tx, _history(frame, version), work.run_id, work.now)
    leads.append_decisions(tx, _decisions(frame, version), work.run_id, work.now)
    owned = decided.routed.select("owner_id", "received_at").rows()
    days = [work.catalog.owners[owner].local_day(at) for owner, at in owned]  # the day that routing counted it for
    placed = decided.routed.with_columns(pl.Series("load_day", days, dtype=pl.Date))
    columns = ("lead_id", "owner_id", "owner_kind", "rule_id", "territory", "route", "load_day", "trace")
    leads.assign(tx, placed.select(columns), work.run_id, work.now)
    lost = frame.filter(pl.col("old_owner").is_not_null() & pl.col("owner_id").is_null())
    nobody = lost.select(
        pl.lit(None, placed.schema[name]).alias(name) if name != "lead_id" else name for name in columns
    )
    leads.assign(tx, nobody, work.run_id, work.now, end_reason="withdrawn")


def _keep_for_later(work: Work, tx: Connection, resting: pl.DataFrame) -> None:
    """Store what came for leads that rest: who they are now, and the content to look at when their day has come."""
    if resting.is_empty():
        return
    newest = resting.sort("received_at").unique("person_id", keep="last", maintain_order=True)
    people.upsert(tx, newest.select(PERSON), work.run_id, work.now)
    leads.amend(tx, resting.select("lead_id", "payload_id", "source", "stream", "external_id"), work.run_id, work.now)


def _person_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """The exact keys of leads, each once; folded inquiries give theirs to the person they were folded into."""
    keyed = identity.keys(frame).join(frame.select("unit", "person_id"), on="unit")
    return keyed.select("kind", "value", "person_id").unique(["kind", "value"], maintain_order=True)


def _history(frame: pl.DataFrame, version: str) -> pl.DataFrame:
    """One entry for each move of a status, and the stage of a new lead (STG-04)."""
    rows: list[tuple[str, str, str | None, str, str | None, str | None]] = []
    wanted = frame.select("lead_id", "old_status", "moves", "is_new", "rule_id", "reason", "stage", "gate")
    for lead_id, old, moves, is_new, rule, reason, stage, gate in wanted.rows():
        before: str | None = old
        if is_new:
            rows.append((lead_id, "status", None, old, None, None))
            rows.append((lead_id, "stage", None, stage, None, None))
        for new in moves:
            rows.append((lead_id, "status", before, new, rule or gate, reason))
            before = new
    names = ("lead_id", "axis", "old", "new", "rule", "reason")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").with_columns(
        pl.lit(ACTOR).alias("actor"), pl.lit(version).alias("version")
    )


def _decisions(frame: pl.DataFrame, version: str) -> pl.DataFrame:
    """Why each lead was judged and routed as it was: inputs, points, candidates and refusals."""
    qualify = frame.select(
        "lead_id",
        pl.lit("qualify").alias("step"),
        pl.coalesce("gate", pl.lit("thresholds")).alias("rule"),
        pl.col("next_status").alias("result"),
        pl.struct("fit", "intent", "score_reasons", "gate", "codes").struct.json_encode().alias("detail"),
    )
    route = frame.filter(pl.col("trace").is_not_null()).select(
        "lead_id",
        pl.lit("route").alias("step"),
        pl.col("rule_id").alias("rule"),
        pl.coalesce("route", pl.lit("held")).alias("result"),
        pl.col("trace").alias("detail"),
    )
    return pl.concat([qualify, route]).with_columns(pl.lit(version).alias("version"))


def store_actions(work: Work, tx: Connection, trail: Trail, actions: pl.DataFrame, step: str = "enqueue") -> None:
    """Say in the outbox what the targets should look like; what they have been told already goes no further."""
    columns = ("action_id", "target", "object", "external_id", "lead_id", "depends_on", "desired", "desired_hash")
    stored = outbox.get(tx, actions["action_id"])
    before = stored.filter(pl.col("state") == "pending")
    actions = authority.with_changes(work, stored, actions)
    outbox.enqueue(tx, actions.select(columns), work.run_id, work.now)
    now = outbox.get(tx, stored["action_id"], ("action_id", "state"))  # the others are pending
    queued = pl.col("action_id").is_in(before["action_id"].implode())
    refused = now.select(
        pl.col("action_id").alias("unit"),
        pl.when(pl.col("state") == "done")
        .then(pl.lit("ALREADY_SENT"))
        .when(queued)
        .then(pl.lit("ALREADY_QUEUED"))
        .alias("reason"),
    ).filter(pl.col("reason").is_not_null())
    # Several batches of a run may ask for the same action; it has one verdict a run.
    judged = ledger.judged(tx, work.run_id, step, refused["unit"])
    refused = refused.filter(~pl.col("unit").is_in(judged.implode()))
    trail.step(step, actions, verdicts(refused, "skipped"), unit="action_id")


def store_refused(work: Work, tx: Connection, trail: Trail, landed: pl.DataFrame, decided: pl.DataFrame) -> None:
    """Keep what a gate quarantined, and what waits for a person before it has a lead, with the reason."""
    known = landed.select(pl.col("payload_id").alias("unit"), "payload_id", "source", "stream", "external_id")
    leads_known = decided.select("unit", "lead_id")
    for step, refused in trail.verdicts:
        waiting = refused.filter(
            (pl.col("result") == "quarantined") | ((pl.col("result") == "held") & pl.lit(step in BEFORE_IDENTITY))
        )
        if waiting.is_empty():
            continue
        if step == "gate_handed_off":
            rows = waiting.with_columns(pl.col("unit").str.split(":").list.last().alias("lead_id"))
            rows = rows.join(decided.select("lead_id", "payload_id", "source", "stream", "external_id"), on="lead_id")
        else:
            rows = waiting.join(known, on="unit", how="left").join(leads_known, on="unit", how="left")
        detail = pl.col("result").map_elements(lambda one: json.dumps({"result": one}), return_dtype=pl.String)
        rows = rows.with_columns(pl.lit(step).alias("step"), detail.alias("detail"))
        quarantine.add(tx, rows.select(quarantine.COLUMNS), work.run_id, work.now)
