"""How leads stand after a batch of what sales did: status, reason, owner, and whether they are still open."""

from datetime import timedelta

import polars as pl

from crosswalk.domain.outcomes import OutcomeStandard
from crosswalk.domain.schema import S
from crosswalk.pipeline.work import Work
from crosswalk.store.leads import STANDING


def changed(
    work: Work, said: pl.DataFrame, moved: pl.DataFrame, owners: pl.DataFrame, gone: pl.DataFrame
) -> pl.DataFrame:
    """Return the leads that are no longer as they were: ``leads.STANDING``.

    A lead whose record is gone is closed, so that neither due work nor a new inquiry brings the record back. One that
    was given back is looked at again when its reason says so.
    """
    graph, standard = work.catalog.graph, work.catalog.outcomes
    old = said.unique("lead_id", keep="first", maintain_order=True).rename({"lead_reason": "_reason", "heir": "_heir"})
    ended = gone.filter(pl.col("wanted").is_not_null()).select("lead_id", "went_to", pl.lit(value=True).alias("_ended"))
    frame = old.select(
        *("lead_id", "person_id", "status", "_reason", "owner_id", "owner_kind", "resume_on", "is_open"),
        *("processing_state", "_heir"),
    )
    for news in (
        moved.group_by("lead_id").agg(pl.col("new").last()),
        _reasons(said, standard, graph.closed),
        owners.filter("takes_over").group_by("lead_id").agg(pl.col("owner", "kind_of_owner").last()),
        ended.unique("lead_id", keep="last"),
    ):
        frame = frame.join(news, on="lead_id", how="left", maintain_order="left")
    today = work.now.date()
    again = {
        code: today + timedelta(days=one.resume_after_days)
        for code, one in standard.reasons.items()
        if one.resume_after_days is not None
    }
    ended_now = pl.col("_ended").fill_null(value=False)
    status = pl.coalesce("new", "status")
    turned = pl.col("new").is_not_null() | pl.col("why").is_not_null()
    resume_on = pl.when(status == "recycled").then(
        pl.col("why").replace_strict(again, default=None, return_dtype=pl.Date)
    )
    now = frame.select(
        *("lead_id", "person_id", status.alias("status"), pl.coalesce("why", "_reason").alias("reason")),
        pl.coalesce("owner", "owner_id").alias("owner_id"),
        pl.coalesce("kind_of_owner", "owner_kind").alias("owner_kind"),
        pl.when(ended_now).then(None).when(turned).then(resume_on).otherwise("resume_on").alias("resume_on"),
        (pl.col("is_open") & ~ended_now & ~status.is_in(list(graph.closed))).alias("is_open"),
        pl.when(pl.col("went_to").is_not_null())
        .then(pl.lit("merged"))
        .otherwise("processing_state")
        .alias("processing_state"),
        pl.coalesce("went_to", "_heir").alias("merged_into"),
    ).select(STANDING)
    was = frame.rename({"_reason": "reason", "_heir": "merged_into"}).select(STANDING)
    differs = pl.any_horizontal(now[name].ne_missing(was[name]).alias(name) for name in STANDING)
    return now.filter(now.select(differs.alias("differs"))["differs"])


def _reasons(said: pl.DataFrame, standard: OutcomeStandard, closed: tuple[str, ...]) -> pl.DataFrame:
    """The reason that each lead has now, where it is news: ``lead_id`` and ``why``.

    A reason that is about permission stays: only the person, by a new inquiry, takes it back.
    """
    counts = pl.col("stands").fill_null(value=False) | pl.col("weighs")
    counts |= (pl.col("noted_as") == "removal") & ~pl.col("status").is_in(list(closed))
    told = said.filter(pl.col("fresh") & pl.col("why").is_not_null() & counts).sort("at", "external_id")
    kept = {code for code, one in standard.reasons.items() if one.family == "permission"}
    now: dict[str, str | None] = {}
    for lead, before, why in told.select("lead_id", "lead_reason", "why").rows():
        if now.get(lead, before) not in kept or why in kept:
            now[lead] = why
    return pl.DataFrame(list(now.items()), schema={"lead_id": S, "why": S}, orient="row")
