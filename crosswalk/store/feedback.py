"""Leads that marketing must be told of: every change of a lead makes it due, telling it clears that (FBK-06)."""

import polars as pl
from sqlalchemy import Connection, select

from crosswalk.store import bulk
from crosswalk.store.tables import lead, person

LEAD = (
    *("lead_id", "person_id", "motion", "lead_type", "status", "stage", "reason", "resume_on"),
    *("source", "stream", "external_id", "payload_id", "received_at", "is_open", "merged_into"),
)
CONSENTS = ("person_id", "consent_email", "consent_phone", "consent_sms")


def due(tx: Connection, limit: int) -> pl.DataFrame:
    """Return ``lead_id`` and ``person_id`` of up to ``limit`` leads that are due, by id."""
    query = select(lead.c.lead_id, lead.c.person_id).where(lead.c.feedback_due)
    return bulk.fetch(tx, query.order_by(lead.c.lead_id).limit(limit))


def leads_of(tx: Connection, person_ids: pl.Series) -> pl.DataFrame:
    """Return every lead of these people, the columns in ``LEAD``, with what the person permits."""
    people = person_ids.alias("person_id").to_frame()
    leads = pl.concat(bulk.lookup(tx, lead, LEAD, people, where=part) for part in (lead.c.is_open, ~lead.c.is_open))
    return leads.join(bulk.lookup(tx, person, CONSENTS, people), on="person_id", how="left")


def told(tx: Connection, lead_ids: pl.Series) -> None:
    """Clear the flag of these leads."""
    frame = lead_ids.alias("lead_id").to_frame().with_columns(pl.lit(value=False).alias("feedback_due"))
    bulk.amend(tx, lead, frame, key=("lead_id",))
