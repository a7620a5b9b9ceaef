"""From a packaged lead to the records that a target should have: rows for the outbox (HND-03, HND-04)."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import uuid5

import polars as pl

from crosswalk.domain.capacity import Owner
from crosswalk.domain.handoff import describe, over_ceiling
from crosswalk.domain.identity import NAMESPACE
from crosswalk.domain.labels import CodeList
from crosswalk.domain.mapping import FieldOut, TargetMap
from crosswalk.domain.schema import B, Column, I, S

PACKAGE: Mapping[str, Column] = {
    "point": Column(S, 0, "named handoff point"),
    "action_subject": Column(S, 0, "what sales does first, as a line"),
    "missing": Column(S, 0, "parts of the package that are absent, comma separated; null when complete"),
    "withheld": Column(pl.List(S), 0, "fields above the target's ceiling, by name"),
    "score_text": Column(S, 2, "score contributions as a line"),
    "description": Column(S, 2, "the package as the text of a task"),
    "due_date": Column(pl.Date, 0, "due day in the owner's calendar"),
    "priority": Column(S, 0, "High or Normal"),
    "task_id": Column(S, 0, "external id of the lead's first task"),
}
"""What handing off adds to a routed lead, besides the parts of the package."""

ACTION: Mapping[str, Column] = {
    "action_id": Column(S, 0, "connection:object:lead, the unit of delivery"),
    "target": Column(S, 0, "connection"),
    "object": Column(S, 0, "object of the target"),
    "external_id": Column(S, 1, "the record's external id"),
    "lead_id": Column(S, 1, "the lead"),
    "depends_on": Column(S, 0, "action that must be done first"),
    "desired": Column(S, 2, "JSON: fields, match, owner, refs"),
    "desired_hash": Column(S, 0, "digest of desired"),
    "package_complete": Column(B, 0, "no required part and no value is missing or too long"),
    "missing": Column(S, 0, "what is missing or too long, by name"),
    "over_ceiling": Column(I, 0, "fields above the ceiling that were not withheld; must be 0"),
}
"""One action: what the hub wants one record of one target to look like."""

EXTERNAL_ID = "Crosswalk_Id__c"


def finish(packaged: pl.DataFrame) -> pl.DataFrame:
    """Add the last columns of ``PACKAGE``: description, priority and the task's external id."""
    tasks = [str(uuid5(NAMESPACE, f"task:{lead}")) for lead in packaged["lead_id"].to_list()]
    return packaged.with_columns(
        pl.Series("task_id", tasks, dtype=S),
        pl.Series("description", describe(packaged), dtype=S),
        pl.when((pl.col("urgency") == "urgent").fill_null(value=False))
        .then(pl.lit("High"))
        .otherwise(pl.lit("Normal"))
        .alias("priority"),
    )


def actions(
    packaged: pl.DataFrame,
    targets: Sequence[TargetMap],
    codes: Mapping[str, CodeList],
    owners: Mapping[str, Owner],
    ceilings: Mapping[str, int],
) -> pl.DataFrame:
    """Return ``ACTION`` rows: for each lead one action per target object, in the order of ``targets``.

    ``ceilings`` is by object. An action that refers to another object's record depends on that object's action.
    """
    return pl.concat([_of_object(packaged, target, codes, owners, ceilings[target.object]) for target in targets])


def _of_object(
    packaged: pl.DataFrame,
    target: TargetMap,
    codes: Mapping[str, CodeList],
    owners: Mapping[str, Owner],
    ceiling: int,
) -> pl.DataFrame:
    plain = {name: value(spec, target.connection, codes) for name, spec in target.fields.items() if spec.ref is None}
    crm = {code: owner.crm for code, owner in owners.items()}
    owned = {
        name: pl.col("owner_id").replace_strict(crm, default=None, return_dtype=S)
        for name, spec in target.fields.items()
        if spec.ref == "owner"
    }
    refs = {
        name: _action_id(target.connection, spec.ref)
        for name, spec in target.fields.items()
        if spec.ref not in (None, "owner")
    }
    match = {name: pl.col(column) for name, column in target.match.items()}
    desired = _struct(fields=plain, match=match, owner=owned, refs=refs).struct.json_encode()
    missing = pl.concat_list([pl.col("missing"), *too_long(plain, target)]).list.drop_nulls().list.join(", ")
    mapped = [spec.field for spec in target.fields.values() if spec.field is not None]
    frame = packaged.select(
        _action_id(target.connection, target.object).alias("action_id"),
        pl.lit(target.connection).alias("target"),
        pl.lit(target.object).alias("object"),
        pl.col(target.fields[EXTERNAL_ID].field or "lead_id").alias("external_id"),
        "lead_id",
        (next(iter(refs.values())) if refs else pl.lit(None, S)).alias("depends_on"),
        desired.alias("desired"),
        missing.alias("missing"),
        pl.Series("over_ceiling", over_ceiling(packaged, mapped, ceiling), dtype=pl.Int64),
    )
    return complete(frame)


def complete(frame: pl.DataFrame) -> pl.DataFrame:
    """Finish ``ACTION`` rows: the digest of what is desired, and whether anything is missing (a line, or empty)."""
    digests = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in frame["desired"].to_list()]
    missing = pl.when(pl.col("missing") != "").then("missing")
    return frame.with_columns(
        missing.alias("missing"),
        pl.Series("desired_hash", digests, dtype=S),
        missing.is_null().alias("package_complete"),
    ).select(list(ACTION))


def too_long(values: Mapping[str, pl.Expr], target: TargetMap) -> list[pl.Expr]:
    """Say of each value that is longer than its field; it is never cut."""
    return [
        pl.when(values[name].cast(S, strict=False).str.len_chars() > spec.max_length).then(pl.lit(f"{name} too long"))
        for name, spec in target.fields.items()
        if spec.max_length is not None and name in values
    ]


def _action_id(connection: str, target_object: str | None) -> pl.Expr:
    return pl.concat_str(pl.lit(f"{connection}:{target_object}:"), "lead_id")


def _struct(**groups: Mapping[str, pl.Expr]) -> pl.Expr:
    """A struct of structs; an empty group becomes an empty object."""
    return pl.struct(
        pl.struct([one.alias(name) for name, one in group.items()]).alias(key) for key, group in groups.items() if group
    )


def value(spec: FieldOut, system: str, codes: Mapping[str, CodeList]) -> pl.Expr:
    """Return the value that one target field should have; ``system`` names the connection."""
    if spec.field is None:
        return pl.lit(spec.value)
    told = pl.col(spec.field)
    if spec.native:
        told = told.replace_strict(
            codes[spec.field].native[system if spec.native is True else spec.native], default=None, return_dtype=S
        )
    if spec.field == "withheld":
        told = told.list.join("; ").replace("", None)
    if spec.field == "due_date":
        told = told.dt.to_string("iso")
    return told.fill_null(spec.default) if spec.default is not None else told
