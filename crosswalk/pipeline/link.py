"""Link: tie the records that the CRM had before the hub to people, before the first write (crosswalk link).

By exact keys only, and with a plan: what is ambiguous waits for a person. Linking writes nothing to the CRM; it gives
the hub people and keys, so that the first inquiry of a known person updates their record instead of adding one.
"""

from dataclasses import dataclass, field
from typing import Any

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import emails, identity, phones
from crosswalk.domain.outbound import EXTERNAL_ID
from crosswalk.domain.planning import Record
from crosswalk.domain.schema import LEAD, conform, empty
from crosswalk.pipeline.work import Work
from crosswalk.store import links, people

NAMES = {"FirstName": "first_name", "LastName": "last_name", "Email": "email", "Phone": "phone"}
OBJECTS = {"Lead": tuple(NAMES), "Contact": tuple(NAMES)}


@dataclass
class LinkPlan:
    """What linking found, by object: counts, and the record ids that a person must look at."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    ambiguous: list[dict[str, Any]] = field(default_factory=list)


def link(work: Work, *, apply: bool = True) -> LinkPlan:
    """Read the targets' Leads and Contacts, match them with people by exact keys, and store the links.

    Args:
        work: what the run works with.
        apply: store the links; otherwise only plan.

    Returns:
        For each object: ``linked`` (to a person known or newly made), ``ambiguous`` (several open records share a
        key), ``closed`` (converted), ``no_key`` (neither e-mail nor phone with a name).
    """
    result = LinkPlan()
    for connection in dict.fromkeys(one.connection for one in work.catalog.told("lead")):
        census = work.connector(connection).census
        if census is None:
            continue
        for target_object, fields in OBJECTS.items():
            ours = (EXTERNAL_ID,) if (connection, target_object) in work.catalog.targets else ()
            records = [one for page in census.records(target_object, (*fields, *ours)) for one in page]
            frame = _frame(work, connection, target_object, records)
            with work.hub.exclusive(), work.hub.begin() as tx:
                planned = _match(tx, frame)
                if apply and not work.dry:
                    _store(work, tx, connection, target_object, planned)
            states = dict(planned.group_by("state").len().rows())
            result.counts[f"{connection} {target_object}"] = {
                state: states.get(state, 0) for state in ("linked", "ambiguous", "closed", "no_key")
            }
            result.ambiguous += [
                {"object": target_object, "record_id": record_id, "shares": group}
                for record_id, group in planned.filter(pl.col("state") == "ambiguous")
                .select("external_id", "group")
                .rows()
            ]
    return result


def _frame(work: Work, connection: str, target_object: str, records: list[Record]) -> pl.DataFrame:
    """The records as shaped leads, as far as identity needs them, with ``closed`` and ``ours``."""
    standard = work.catalog.contact_points.email
    rows = []
    for one in records:
        values = {ours: one.fields.get(theirs) for theirs, ours in NAMES.items()}
        email = emails.clean(str(values["email"] or ""), standard)
        rows.append(
            {
                "unit": f"{target_object}:{one.record_id}",
                "source": connection,
                "stream": target_object,
                "external_id": one.record_id,
                "first_name": values["first_name"],
                "last_name": values["last_name"],
                "email": email.display,
                "email_key": email.key,
                "phone": phones.clean(str(values["phone"] or "")).e164,
            }
        )
    frame = conform(pl.DataFrame(rows, infer_schema_length=None), LEAD) if rows else empty(LEAD)
    return frame.with_columns(
        pl.Series("closed", [one.closed for one in records], dtype=pl.Boolean),
        pl.Series("ours", [one.external_id for one in records], dtype=pl.String),
    )


def _match(tx: Connection, frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``person_id``, ``state`` and ``group`` (the smallest record id among those that share a key)."""
    keyed = identity.keys(frame)
    personal = keyed.filter(pl.col("kind") != "source")
    found = identity.identify(frame, people.by_keys(tx, keyed.select("kind", "value").unique()))
    joined = frame.join(found, on="unit", how="left", maintain_order="left").join(
        personal.group_by("unit").len("n_keys"), on="unit", how="left", maintain_order="left"
    )
    open_records = (~pl.col("closed")).sum().over("person_id")
    return joined.with_columns(
        pl.when(pl.col("n_keys").is_null())
        .then(pl.lit("no_key"))
        .when(pl.col("closed"))
        .then(pl.lit("closed"))
        .when(pl.col("doubt").is_not_null() | (open_records > 1))
        .then(pl.lit("ambiguous"))
        .otherwise(pl.lit("linked"))
        .alias("state"),
        pl.col("external_id").min().over("person_id").alias("group"),
    )


def _store(work: Work, tx: Connection, connection: str, target_object: str, planned: pl.DataFrame) -> None:
    """Keep people, keys and links; a record that carries our external id belongs to that lead already."""
    known = planned.filter(pl.col("person_id").is_not_null() & (pl.col("state") != "no_key"))
    if known.is_empty():
        return
    new = known.join(people.get(tx, known["person_id"].unique()).select("person_id"), on="person_id", how="anti")
    columns = ("person_id", "first_name", "last_name", "email", "email_key", "phone")
    people.upsert(tx, new.select(columns).unique("person_id", keep="first", maintain_order=True), work.run_id, work.now)
    keyed = identity.keys(known).join(known.select("unit", "person_id"), on="unit")
    people.add_keys(tx, keyed.select("kind", "value", "person_id").unique(["kind", "value"], maintain_order=True))
    links.put(
        tx,
        known.filter(pl.col("ours").is_null()).select(
            pl.lit(connection).alias("system"),
            pl.lit(target_object).alias("object"),
            pl.col("external_id").alias("record_id"),
            "person_id",
            pl.lit(None, pl.String).alias("lead_id"),
            "state",
            pl.lit("link").alias("via"),
        ),
        work.now,
    )
