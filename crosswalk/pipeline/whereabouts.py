"""What became of a returned record: removed, merged into another one, or converted into others."""

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.outcomes import BECOMES, DUPLICATE, REMOVED
from crosswalk.domain.schema import S
from crosswalk.store import links

GONE = {"unit": S, "lead_id": S, "record_id": S, "into": S, "went_to": S, "wanted": S, "why": S}
LINK = {"unit": S, "object": S, "record_id": S, "person_id": S, "lead_id": S, "via": S}


def gone(tx: Connection, connection: str, target_object: str, removed: pl.DataFrame) -> pl.DataFrame:
    """Return what follows from removals, one row for each.

    ``into`` is the record that it was merged into where none of our leads had that one: the lead goes there.
    ``went_to`` is the lead that had it: the one merged away is its duplicate. Without either the record is simply gone,
    and so is the lead for sales; the hub does not make it again.
    """
    masters = removed["merged_into"].drop_nulls().unique()
    found = links.by_record(tx, connection, target_object, masters).filter(pl.col("lead_id").is_not_null())
    whose = dict(found.select("record_id", "lead_id").rows())
    rows: list[tuple[str | None, ...]] = []
    ordered = removed.sort("external_id").select("unit", "lead_id", "external_id", "merged_into")
    for unit, lead, record, master in ordered.rows():
        went_to = whose.get(master)
        if master is None:
            rows.append((unit, lead, record, None, None, "disqualified", REMOVED))
        elif went_to in (None, lead):
            whose[master] = lead  # the next one that was merged into it is this lead's duplicate
            rows.append((unit, lead, record, master, None, None, None))
        else:
            rows.append((unit, lead, record, None, went_to, "disqualified", DUPLICATE))
    return pl.DataFrame(rows, schema=GONE, orient="row")


def moved_links(frame: pl.DataFrame, target_object: str) -> pl.DataFrame:
    """Return the links to the records that ours were merged into: ``LINK``."""
    moved = frame.filter(pl.col("into").is_not_null())
    return moved.select(
        *("unit", pl.lit(target_object).alias("object"), pl.col("into").alias("record_id"), "person_id", "lead_id"),
        pl.lit("merge").alias("via"),
    )


def conversions(tx: Connection, connection: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the links to what converted leads became, as far as they are new: ``LINK``.

    A record that is another lead's already, an account that both work for, stays with whom it was first.
    """
    converted = rows.filter(pl.col("converted").fill_null(value=False))
    made = [pl.DataFrame(schema=LINK)]
    for column, target_object in BECOMES.items():
        named = converted.filter(pl.col(column).is_not_null()).unique(column, keep="first", maintain_order=True)
        known = links.by_record(tx, connection, target_object, named[column])
        known = known.filter(pl.col("lead_id").is_not_null())
        new = named.join(known, left_on=column, right_on="record_id", how="anti", maintain_order="left")
        made.append(
            new.select(
                *("unit", pl.lit(target_object).alias("object"), pl.col(column).alias("record_id")),
                *("person_id", "lead_id", pl.lit("conversion").alias("via")),
            )
        )
    return pl.concat(made)
