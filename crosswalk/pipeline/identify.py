"""Identify: whose inquiry is this, is there an open lead, and may anything be decided about it now?"""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import identity, status
from crosswalk.domain.schema import LEAD
from crosswalk.domain.verdicts import verdicts
from crosswalk.pipeline.trail import Trail
from crosswalk.pipeline.work import Work
from crosswalk.store import leads as lead_store
from crosswalk.store import outbox, payloads, people

CONSENTS = ("consent_email", "consent_phone", "consent_sms")
GIVEN_BACK = ("recycled", "disqualified")
"""Statuses that end the work of sales on a lead that they have had."""
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
class Identified:
    """``leads`` go on; ``folded`` became part of another inquiry's lead, or rest.

    ``resting`` belong to a lead that sales gave back: what they say is kept for the day on which it is looked at again.
    """

    leads: pl.DataFrame
    folded: pl.DataFrame
    resting: pl.DataFrame


def identify(work: Work, trail: Trail, tx: Connection, shaped: pl.DataFrame) -> Identified:
    """Find the person and the open lead of each inquiry; fold several inquiries of one lead into one.

    Adds what is known of the lead: ``status``, ``stage``, ``delivered`` (sales works it), ``owner`` and ``old_owner``,
    ``holder`` and ``holder_day`` (whom it was given to).
    """
    keys = identity.keys(shaped)
    found = identity.identify(shaped, people.by_keys(tx, keys.select("kind", "value").unique()))
    joined = shaped.join(found, on="unit", how="left", maintain_order="left")
    doubtful = joined.filter(pl.col("doubt").is_not_null())
    sure = joined.filter(pl.col("doubt").is_null()).drop("doubt")
    stored = lead_store.open_leads(tx, sure.select("person_id", "motion").unique())
    if trail.replayed:
        sure = _outlived(tx, sure, stored)
    persons = people.get(tx, stored["person_id"].unique()).drop("created_at", "updated_at", "run_id")
    older = stored.join(persons, on="person_id", how="left").with_columns(_known(pl.col(name)) for name in CONSENTS)
    merged = identity.merge(sure.with_columns(_known(pl.col(name)) for name in CONSENTS), older, SURVIVE).with_columns(
        pl.col(name).fill_null("unknown") for name in CONSENTS
    )
    merged = merged.join(_present(work, tx, stored), on="lead_id", how="left", maintain_order="left").with_columns(
        pl.col("status").fill_null(status.START),
        pl.col("delivered").fill_null(value=False),
    )
    survives = pl.col("survivor") == pl.col("unit")
    folded, survivors = merged.filter(~survives), merged.filter(survives).drop("survivor")
    rests = _rests(work)
    resting = survivors.filter(rests)
    refused = pl.concat(
        [
            verdicts(doubtful.select("unit", pl.col("doubt").alias("reason")), "held"),
            verdicts(folded.select("unit", pl.lit("MERGED").alias("reason")), "skipped"),
            verdicts(resting.select("unit", pl.lit("GIVEN_BACK").alias("reason")), "skipped"),
        ]
    )
    trail.step("identify", joined, refused)
    return Identified(survivors.filter(~rests), pl.concat([folded.drop("survivor"), resting]), resting)


def _known(consent: pl.Expr) -> pl.Expr:
    """Treat an unknown permission as nothing said, so that an earlier explicit word survives a silent form."""
    return pl.when(consent != "unknown").then(consent).name.keep()


def _present(work: Work, tx: Connection, stored: pl.DataFrame) -> pl.DataFrame:
    """Where the stored leads stand, by ``lead_id``."""
    about = pl.DataFrame(
        [(one.connection, one.object) for one in work.catalog.told("lead")], ["target", "object"], orient="row"
    )
    actions = outbox.of_leads(tx, stored["lead_id"]).join(about, on=["target", "object"], how="semi")
    told = actions.filter(pl.col("record_id").is_not_null())["lead_id"].unique()
    given = lead_store.assigned(tx, stored["lead_id"]).select(
        "lead_id", pl.col("owner_id").alias("holder"), pl.col("load_day").alias("holder_day")
    )
    is_told = pl.col("lead_id").is_in(told.implode())
    return stored.select(
        *("lead_id", "status", "stage", pl.col("owner_id").alias("old_owner"), is_told.alias("told")),
        (is_told & ~pl.col("status").is_in(list(status.WITH_MARKETING))).alias("delivered"),
        pl.when(is_told).then("owner_id").alias("owner"),  # nobody has a relationship that nobody knows of
        pl.col("received_at").alias("was_received_at"),
        pl.col("resume_on").alias("was_resume_on"),
    ).join(given, on="lead_id", how="left")


def _rests(work: Work) -> pl.Expr:
    """What sales gave back rests until its day has come, or the person asks again."""
    given_back = pl.col("told") & pl.col("status").is_in(GIVEN_BACK)
    asks_again = pl.col("received_at") > pl.col("was_received_at")
    its_day = pl.col("was_resume_on") <= work.now.date()
    return (given_back & ~asks_again.fill_null(value=False) & ~its_day.fill_null(value=False)).fill_null(value=False)


def _outlived(tx: Connection, sure: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Let what was said after a replayed inquiry stand against it.

    A lead that was told of by newer content keeps its own, and a person who has said something in another inquiry since
    keeps that. A denied permission stands whenever it was said: only its source can grant it again.
    """
    persons = people.get(tx, sure["person_id"].unique())
    told = lead_store.of_people(tx, sure["person_id"].unique())
    landed = payloads.landed(tx, pl.concat([told["payload_id"], sure["payload_id"]]).unique())
    theirs = told.join(landed, on="payload_id").select(
        *("person_id", "lead_id"), pl.col("landed_at").alias("_landed"), pl.col("received_at").alias("_received")
    )
    own = sure.select("unit", "person_id", "motion", "payload_id", "received_at").join(landed, on="payload_id")
    later = (pl.col("_landed") > pl.col("landed_at")) | (
        (pl.col("_landed") == pl.col("landed_at")) & (pl.col("_received") > pl.col("received_at"))
    )
    newer = own.join(theirs, on="person_id").filter(later)
    same_lead = newer.join(stored.select("lead_id", "motion"), on=["lead_id", "motion"], how="semi")
    by_lead = pl.col("unit").is_in(same_lead["unit"].unique().implode())
    by_person = pl.col("unit").is_in(newer["unit"].unique().implode())
    kept = _theirs(sure, stored, ["person_id", "motion"], by_lead)
    kept = _theirs(kept, persons, ["person_id"], by_person)
    denials = persons.select("person_id", *(pl.col(name).alias(f"_{name}") for name in CONSENTS))
    return (
        kept.join(denials, on="person_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col(f"_{name}") == "denied").then(pl.lit("denied")).otherwise(name).alias(name)
            for name in CONSENTS
        )
        .drop(f"_{name}" for name in CONSENTS)
    )


def _theirs(frame: pl.DataFrame, stored: pl.DataFrame, key: list[str], where: pl.Expr) -> pl.DataFrame:
    """Take what is stored, where there is something, in the rows that ``where`` names."""
    names = [name for name in stored.columns if name in frame.columns and name not in key]
    leader = {name: identity.COMPANIONS.get(name, name) for name in names}
    values = stored.select(*key, *(pl.col(name).alias(f"_{name}") for name in names))
    return (
        frame.join(values, on=key, how="left", maintain_order="left")
        .with_columns(
            pl.when(where & pl.col(f"_{leader[name]}").is_not_null()).then(f"_{name}").otherwise(name).alias(name)
            for name in names
        )
        .drop(f"_{name}" for name in names)
    )
