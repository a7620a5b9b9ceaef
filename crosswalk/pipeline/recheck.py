"""Ask again what may have changed since a lead was handed off: permission, owner, the record referred to."""

from collections.abc import Mapping

import orjson
import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.planning import Desired
from crosswalk.domain.status import WITH_MARKETING
from crosswalk.store import leads as lead_store
from crosswalk.store import links, outbox, people

PARENT_MISSING = "PARENT_MISSING"
CONSENT_OF_CHANNEL = ("consent_phone", "consent_email", "consent_sms")
Refused = list[tuple[str, str, str]]
"""Action, result, reason: rows of ``schema.VERDICTS``."""


def recheck(
    tx: Connection, connection: str, mapping: TargetMap, claimed: pl.DataFrame, users: Mapping[str, str]
) -> tuple[list[Desired], Refused]:
    """Return what claimed actions want of the target, and those that must wait, with the reason."""
    leads = lead_store.get(tx, claimed["lead_id"].unique(), ("lead_id", "person_id", "status"))
    persons = people.get(tx, leads["person_id"].unique(), ("person_id", *CONSENT_OF_CHANNEL))
    permitted = persons.select(
        "person_id",
        pl.any_horizontal([(pl.col(name) == "granted").fill_null(value=False) for name in CONSENT_OF_CHANNEL]).alias(
            "ok"
        ),
    )
    person_of = dict(leads.select("lead_id", "person_id").rows())
    withdrawn = set(leads.filter(pl.col("status").is_in(list(WITH_MARKETING)))["lead_id"].to_list())
    may_contact = dict(permitted.rows())
    parents = dict(outbox.records(tx, claimed["depends_on"].drop_nulls().unique()).rows())
    linked = links.by_person(tx, connection, mapping.object, leads["person_id"].unique())
    known = dict(linked.filter(pl.col("state") == "linked").select("person_id", "record_id").rows())
    authority = {name: spec.authority for name, spec in mapping.fields.items()}
    wanted: list[Desired] = []
    held: Refused = []
    for row in claimed.select("action_id", "object", "external_id", "lead_id", "desired", "record_id").rows(named=True):
        content = orjson.loads(row["desired"])
        fields = dict(content["fields"])
        reason = None if may_contact.get(person_of.get(row["lead_id"], "")) else "CONSENT_WITHDRAWN"
        if row["lead_id"] in withdrawn:  # a later inquiry has decided otherwise since this was queued
            reason = "LEAD_WITHDRAWN"
        for name, owner in content.get("owner", {}).items():
            fields[name] = users.get((owner or "").lower())
            reason = reason or (None if fields[name] else "OWNER_UNKNOWN")
        for name, action in content.get("refs", {}).items():
            fields[name] = parents.get(action)
            reason = reason or (None if fields[name] else PARENT_MISSING)
        if reason:
            held.append((row["action_id"], "held", reason))
            continue
        wanted.append(
            Desired(
                action_id=row["action_id"],
                object=row["object"],
                external_id=row["external_id"],
                lead_id=row["lead_id"],
                fields=fields,
                authority=authority,
                match={name: value for name, value in content.get("match", {}).items() if value},
                record_id=row["record_id"] or known.get(person_of.get(row["lead_id"], "")),
                changed=tuple(content.get("changed", ())),
                was=content.get("was", {}),
            )
        )
    return wanted, held
