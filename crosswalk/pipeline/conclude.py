"""Conclude: what returned rows mean for the leads that they are about. Nothing is written here.

A row that says nothing new (the hub's own writing read back, a change of something that nobody asked about) changes
nothing. What a record said last is among the outcomes: a field that sales has left as it was is no new event, however
often its record is changed.
"""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import outcomes, progress
from crosswalk.domain.schema import VERDICTS, S, conform
from crosswalk.pipeline import standing, whereabouts
from crosswalk.pipeline.work import Work
from crosswalk.store import outcomes as outcome_store


@dataclass(frozen=True)
class Concluded:
    """What the batch's transaction stores, and the verdicts of the rows that changed nothing or that a person must see.

    ``notes`` are outcomes (``outcomes.COLUMNS``), ``withdrawn`` the records whose outcomes sales took away, ``moved``
    the moves (``progress.MOVED``, with ``rule``), ``leads`` the leads as they are now (``leads.STANDING``), ``owners``
    who has leads now, ``links`` what records became, ``gone`` the removals (``whereabouts.GONE``).
    """

    notes: pl.DataFrame
    withdrawn: pl.DataFrame
    moved: pl.DataFrame
    leads: pl.DataFrame
    owners: pl.DataFrame
    links: pl.DataFrame
    gone: pl.DataFrame
    refused: pl.DataFrame


def conclude(work: Work, tx: Connection, connection: str, target_object: str, rows: pl.DataFrame) -> Concluded:
    """Draw the conclusions from matched rows; their times are by our clock."""
    catalog = work.catalog
    before = outcome_store.current(tx, connection, target_object, rows["external_id"])
    said, gone = _say(tx, connection, target_object, outcomes.read(rows, catalog.outcomes), before)
    judged, moved = progress.advance(said.filter(pl.col("fresh") & pl.col("wanted").is_not_null()), catalog.graph)
    said = said.join(judged, on="unit", how="left", maintain_order="left")
    owners = _owners(work, connection, said, before)
    links = pl.concat(
        [
            whereabouts.moved_links(gone.join(said.select("unit", "person_id"), on="unit"), target_object),
            whereabouts.conversions(tx, connection, said),
        ]
    )
    deleted = said.filter(pl.col("deleted").fill_null(value=False) & (pl.col("noted_as") != "removal"))
    withdrawn = deleted.join(before, left_on="external_id", right_on="record_id", how="semi")
    rule = said.select("unit", pl.format("{}:{}", "noted_as", "code").alias("rule"))
    return Concluded(
        notes=_notes(said, owners, connection, target_object, catalog.definitions.version),
        withdrawn=withdrawn,
        moved=moved.join(rule, on="unit", how="left", maintain_order="left"),
        leads=standing.changed(work, said, moved, owners, gone),
        owners=owners.filter(pl.col("takes_over")),
        links=links,
        gone=gone,
        refused=_refused(said, owners, withdrawn, links),
    )


def _say(
    tx: Connection, connection: str, target_object: str, read: pl.DataFrame, before: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Add ``noted_as`` (kind of outcome) and ``fresh``: the record has not said this before; and the removals."""
    removed = pl.col("kind").is_in(["lead", "removal"]) & pl.col("deleted").fill_null(value=False)
    merged = pl.when(pl.col("merged_into").is_not_null()).then(pl.lit("merged")).otherwise(pl.lit("deleted"))
    said = read.with_columns(
        pl.when(removed | (pl.col("kind") == "removal"))
        .then(pl.lit("removal"))
        .when(pl.col("kind") == "lead")
        .then(pl.lit("status"))
        .otherwise("kind")
        .alias("noted_as"),
        pl.when(removed).then(merged).otherwise("code").alias("code"),
        pl.when(pl.col("kind") == "meeting").then(pl.coalesce("starts_at", "at")).otherwise("at").alias("noted_at"),
    )
    last = before.select(
        "record_id", *(pl.col(name).alias(f"_{name}") for name in before.columns if name != "record_id")
    )
    said = said.join(
        last,
        left_on=["external_id", "noted_as"],
        right_on=["record_id", "_kind"],
        how="left",
        maintain_order="left",
    )
    news = pl.any_horizontal(
        pl.col("code").ne_missing(pl.col("_code")),
        pl.col("why").ne_missing(pl.col("_reason")) & ~removed,
        pl.col("_result") == "review",
        pl.col("lead_id") != pl.col("_lead_id"),
        (pl.col("kind") == "meeting") & pl.col("noted_at").ne_missing(pl.col("_at")),
    )
    purged = removed & (pl.col("_code") == "merged").fill_null(value=False) & pl.col("merged_into").is_null()
    said = said.with_columns((pl.col("code").is_not_null() & news & ~purged).alias("fresh"))
    gone = whereabouts.gone(tx, connection, target_object, said.filter(removed & pl.col("fresh")))
    follows = gone.select("unit", pl.col("wanted").alias("_wanted"), pl.col("why").alias("_why"))
    said = said.join(follows, on="unit", how="left", maintain_order="left").with_columns(
        pl.coalesce("_wanted", "wanted").alias("wanted"),
        pl.coalesce("_why", "why").alias("why"),
        (pl.col("final") | removed).alias("final"),
        (pl.col("firm") & ~removed).alias("firm"),
    )
    return said.select(pl.exclude("^_.*$")), gone


def _owners(work: Work, connection: str, said: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Who has the records of leads now, where that is news: ``owner`` (null: nobody of ours) and ``takes_over``."""
    asked = said.filter((pl.col("noted_as") == "status") & pl.col("by").is_not_null())
    users = work.owners_of(connection) if not asked.is_empty() else {}
    crm = {users[owner.crm.lower()]: code for code, owner in work.catalog.owners.items() if owner.crm.lower() in users}
    last = before.filter(pl.col("kind") == "owner").select(
        "record_id", pl.col("by").alias("_by"), (pl.col("result") == "review").alias("_open")
    )
    kinds = {code: owner.kind for code, owner in work.catalog.owners.items()}
    owned = asked.join(last, left_on="external_id", right_on="record_id", how="left", maintain_order="left")
    owned = owned.with_columns(pl.col("by").replace_strict(crm, default=None, return_dtype=S).alias("owner"))
    takes_over = pl.col("owner").is_not_null() & pl.col("owner").ne_missing(pl.col("owner_id"))
    told_before = pl.col("_by").is_not_null()
    news = (
        pl.when(told_before)
        .then((pl.col("by") != pl.col("_by")) | pl.col("_open"))
        .otherwise(pl.col("owner").is_null())
    )
    return owned.with_columns(
        takes_over.alias("takes_over"),
        pl.col("owner").replace_strict(kinds, default=None, return_dtype=S).alias("kind_of_owner"),
    ).filter(takes_over | news)


def _notes(said: pl.DataFrame, owners: pl.DataFrame, connection: str, target_object: str, version: str) -> pl.DataFrame:
    """Every new outcome: what was said, and who has the record."""
    result = pl.coalesce("result", pl.when(pl.col("doubt").is_not_null()).then(pl.lit("review")), pl.lit("noted"))
    main = said.filter("fresh").select(
        *("lead_id", "person_id", pl.col("noted_as").alias("kind"), "code", pl.col("noted_at").alias("at"), "by"),
        pl.col("external_id").alias("record_id"),
        pl.col("why").alias("reason"),
        pl.when(pl.col("noted_as") == "removal").then(pl.lit("applied")).otherwise(result).alias("result"),
        "payload_id",
    )
    nobody = pl.col("owner").is_null()
    owned = owners.select(
        *("lead_id", "person_id", pl.lit("owner").alias("kind"), pl.col("owner").fill_null("unknown").alias("code")),
        *("at", "by", pl.col("external_id").alias("record_id"), pl.lit(None, S).alias("reason")),
        pl.when(nobody)
        .then(pl.lit("review"))
        .when("takes_over")
        .then(pl.lit("applied"))
        .otherwise(pl.lit("noted"))
        .alias("result"),
        "payload_id",
    )
    return pl.concat([main, owned]).with_columns(
        pl.lit(connection).alias("system"), pl.lit(target_object).alias("object"), pl.lit(version).alias("version")
    )


def _refused(said: pl.DataFrame, owners: pl.DataFrame, withdrawn: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """The verdicts: held for review, stale, or nothing new; first what is most urgent to know."""
    unknown = owners.filter(pl.col("owner").is_null())["unit"]
    effects = pl.concat([owners["unit"], withdrawn["unit"], links["unit"]]).unique()
    told = pl.when(pl.col("result") == "review").then("told")
    nobody = pl.when(pl.col("unit").is_in(unknown.implode())).then(pl.lit("OWNER_UNKNOWN"))
    review = pl.coalesce("doubt", told, nobody)
    idle = ~pl.col("fresh") & ~pl.col("unit").is_in(effects.implode())
    skipped = pl.when(pl.col("result") == "stale").then("told").when(idle).then(pl.lit("UNCHANGED"))
    judged = said.select(
        "unit",
        pl.when(review.is_not_null()).then(pl.lit("held")).otherwise(pl.lit("skipped")).alias("result"),
        pl.coalesce(review, skipped).alias("reason"),
    )
    return conform(judged.filter(pl.col("reason").is_not_null()), VERDICTS)
