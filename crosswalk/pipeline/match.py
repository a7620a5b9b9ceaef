"""Match: which of our leads a returned row is about; what is about somebody else's record goes no further."""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.verdicts import verdicts
from crosswalk.store import leads as lead_store
from crosswalk.store import links

PEOPLE = ("Lead", "Contact")
"""Objects that a CRM keeps people in."""
MERGES = 10
"""So many merges of one lead are followed; more can only be a circle."""


def match(tx: Connection, connection: str, target_object: str, shaped: pl.DataFrame) -> pl.DataFrame:
    """Add whose row it is, and where that lead stands (``leads.STANDING`` and ``moved_at``); others' rows are left out.

    A record is a lead's by our id, else because the hub knows the record. An activity, a meeting and an opportunity
    are about the lead of the person whom they name; where that lead was merged, about the one that it went into.
    """
    own = _linked(tx, connection, (target_object,), shaped["external_id"], "_own")
    named = _linked(tx, connection, PEOPLE, shaped["person_ref"], "_named")
    found = (
        shaped.rename({"lead_id": "_given"})
        .join(own, left_on="external_id", right_on="record_id", how="left", maintain_order="left")
        .join(named, left_on="person_ref", right_on="record_id", how="left", maintain_order="left")
    )
    there = lead_store.standing(tx, pl.concat([found["_given"], found["_own"], found["_named"]]))
    known = pl.col("_given").is_in(there["lead_id"].implode())
    found = found.with_columns(pl.coalesce(pl.when(known).then("_given"), "_named", "_own").alias("lead_id"))
    follows = ~pl.col("kind").is_in(["lead", "removal"])
    for _ in range(MERGES):
        heirs = dict(there.filter(pl.col("merged_into").is_not_null()).select("lead_id", "merged_into").rows())
        moved = pl.when(follows).then(pl.col("lead_id").replace_strict(heirs, default=None, return_dtype=pl.String))
        onward = found.with_columns(pl.coalesce(moved, "lead_id").alias("lead_id")) if heirs else found
        if onward["lead_id"].equals(found["lead_id"]):
            break
        found = onward
        there = pl.concat([there, lead_store.standing(tx, found["lead_id"]).join(there, on="lead_id", how="anti")])
    standing = there.rename({"reason": "lead_reason", "merged_into": "heir"})
    return found.drop("_given", "_own", "_named").join(standing, on="lead_id", how="inner", maintain_order="left")


def refused(shaped: pl.DataFrame, matched: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts of the rows that are not ours."""
    others = shaped.join(matched.select("unit"), on="unit", how="anti", maintain_order="left")
    return verdicts(others.select("unit", pl.lit("NOT_OURS").alias("reason")), "skipped")


def _linked(tx: Connection, connection: str, objects: tuple[str, ...], ids: pl.Series, name: str) -> pl.DataFrame:
    """The lead of each record that is known: ``record_id`` and the lead in the column ``name``."""
    asked = ids.drop_nulls().unique()
    found = pl.concat([links.by_record(tx, connection, one, asked) for one in objects])
    known = found.filter(pl.col("lead_id").is_not_null()).unique("record_id", keep="first", maintain_order=True)
    return known.select("record_id", pl.col("lead_id").alias(name))
