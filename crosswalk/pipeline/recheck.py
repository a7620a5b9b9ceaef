"""Ask again what may have changed since a lead was handed off: permission, owner, the record referred to."""

from collections.abc import Mapping

import orjson
import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.planning import Desired
from crosswalk.domain.status import WITH_MARKETING
from crosswalk.store import leads as lead_store
from crosswalk.store import links, outbox

PARENT_MISSING = "PARENT_MISSING"
Refused = list[tuple[str, str, str]]
"""Action, result, reason: rows of ``schema.VERDICTS``."""


def recheck(
    tx: Connection, connection: str, mapping: TargetMap, claimed: pl.DataFrame, users: Mapping[str, str]
) -> tuple[list[Desired], Refused, pl.DataFrame]:
    """Return what claimed actions want of the target, those that must wait and why, and whose leads they are."""
    leads = lead_store.permitted(tx, claimed["lead_id"].unique())
    standing = {lead_id: (person_id, status, ok) for lead_id, person_id, status, ok in leads.rows()}
    parents = dict(outbox.records(tx, claimed["depends_on"].drop_nulls().unique()).rows())
    known: dict[str, str] = {}
    if mapping.match:  # only such records may have been tied to a person before the hub wrote any
        linked = links.by_person(tx, connection, mapping.object, leads["person_id"].unique())
        known = dict(linked.filter(pl.col("state") == "linked").select("person_id", "record_id").rows())
    authority = {name: spec.authority for name, spec in mapping.fields.items()}
    wanted: list[Desired] = []
    held: Refused = []
    columns = ("action_id", "object", "external_id", "lead_id", "desired", "record_id")
    for action_id, target_object, external_id, lead_id, desired, record_id in claimed.select(columns).rows():
        content = orjson.loads(desired)
        fields = content["fields"]
        person_id, status, ok = standing.get(lead_id, ("", None, False))
        reason = None if ok else "CONSENT_WITHDRAWN"
        if status in WITH_MARKETING:  # a later inquiry has decided otherwise since this was queued
            reason = "LEAD_WITHDRAWN"
        for name, owner in content.get("owner", {}).items():
            fields[name] = users.get((owner or "").lower())
            reason = reason or (None if fields[name] else "OWNER_UNKNOWN")
        for name, action in content.get("refs", {}).items():
            fields[name] = parents.get(action)
            reason = reason or (None if fields[name] else PARENT_MISSING)
        if reason:
            held.append((action_id, "held", reason))
            continue
        wanted.append(
            Desired(
                action_id=action_id,
                object=target_object,
                external_id=external_id,
                lead_id=lead_id,
                fields=fields,
                authority=authority,
                match={name: value for name, value in content.get("match", {}).items() if value},
                record_id=record_id or known.get(person_id),
                changed=tuple(content.get("changed", ())),
                was=content.get("was", {}),
            )
        )
    return wanted, held, leads.select("lead_id", "person_id")
