"""What a person decides about rows in quarantine: edit, release, discard (NRM-04).

Nothing is decided without a reason in words, and everything is kept as an intervention: who, when, why. Released rows
are due: the next run replays them, and the gate that they failed judges them anew.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection

from crosswalk.domain.mapping import FieldMap
from crosswalk.errors import ConfigError
from crosswalk.pipeline.landing import fingerprint, sealed
from crosswalk.pipeline.work import Work
from crosswalk.platform.vault import Vault
from crosswalk.store import interventions, payloads, quarantine
from crosswalk.store.quarantine import Choice

WAIVABLE = ("gate_raw", "shape", "gate_shaped")
"""Steps whose refusal a person may overrule; a permission, an identity or the CRM's consent is not theirs to give."""
EDITED = "edit"
"""What stands for the run in which a payload landed that a person made."""


def chosen(tx: Connection, choice: Choice) -> pl.DataFrame:
    """Return the open rows of a choice.

    Raises:
        ConfigError: it names nothing, or a row that is not open.
    """
    if not choice.names_something:
        raise ConfigError("name rows, or narrow them by --reason, --step, --since or --until", key="ROW")
    rows = quarantine.choose(tx, choice)
    missing = sorted(set(choice.ids) - set(rows["id"]))
    if missing:
        raise ConfigError(f"not open in quarantine: {', '.join(map(str, missing))}", key="ROW")
    return rows


def waived(rows: pl.DataFrame, *, waive: bool) -> pl.DataFrame:
    """Return the rows that a release lets pass: what was held for a person's look, and with ``waive`` what failed."""
    held = pl.col("detail").str.json_path_match("$.result") == "held"
    return rows.filter(pl.col("step").is_in(WAIVABLE) & (held.fill_null(value=False) | waive))


def release(tx: Connection, rows: pl.DataFrame, passed: pl.DataFrame, actor: str, why: str, at: datetime) -> None:
    """Release rows; the reasons of those that are ``passed`` are waived for their content."""
    interventions.record(tx, _about(rows), "release", actor, why, at)
    interventions.record(tx, _about(passed), "waive", actor, why, at)
    quarantine.close(tx, rows["id"], "released", at)


def discard(tx: Connection, rows: pl.DataFrame, actor: str, why: str, at: datetime) -> None:
    """Discard rows: this content never comes back; newer content of the same source row does."""
    interventions.record(tx, _about(rows), "discard", actor, why, at)
    quarantine.close(tx, rows["id"], "discarded", at)


def properties(vault: Vault, tx: Connection, row: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the source properties of a row's payload, unsealed; none if it has no payload."""
    body = None if row["payload_id"] is None else payloads.body(tx, row["payload_id"])
    content: dict[str, str | None] = {} if body is None else orjson.loads(vault.open(body))
    return content


def edit(
    work: Work, tx: Connection, row: Mapping[str, Any], changes: Mapping[str, str], actor: str, why: str
) -> list[str]:
    """Change source properties of an open row: its payload stays, and a new one takes its place in quarantine.

    What the vendor sent last is remembered as before: it does not land again over the edit, and whatever it sends next
    does.

    Returns:
        The properties that have changed.

    Raises:
        ConfigError: the row is not open or has no payload, or the mapping does not read a property.
    """
    if row["state"] != "open" or row["payload_id"] is None:
        raise ConfigError("is not open, or has no payload to edit", key=f"row {row['id']}")
    mapping = work.catalog.sources.get((row["source"], row["stream"]))
    unread = sorted(set(changes) - set(mapping.properties if mapping else ()))
    if mapping is None or unread:
        there = ", ".join(mapping.properties) if mapping else "none"
        raise ConfigError(f"the field mapping does not read {', '.join(unread)} (it reads: {there})", key="--set")
    before = properties(work.vault, tx, row)
    different = {name: value for name, value in changes.items() if (before.get(name) or "") != value}
    if not different:
        return []
    made = _made(work, row, mapping, {**before, **different})
    [payload_id] = made["payload_id"]
    taken = quarantine.point(tx, row["id"], payload_id, work.now)
    if taken is not None:
        raise ConfigError(f"this content is in quarantine as row {taken}", key=f"row {row['id']}")
    payloads.keep(tx, sealed(work, made), EDITED, work.now)
    if not set(different) & set(mapping.signals.text):  # what was found in the text goes with the text
        _carry_findings(work, tx, row["payload_id"], made)
    told = [
        {
            **{name: row[name] for name in ("lead_id", "step", "reason")},
            "quarantine_id": row["id"],
            "payload_id": payload_id,
            "field": name,
            "old": work.vault.seal(orjson.dumps(before.get(name))),
            "new": work.vault.seal(orjson.dumps(value)),
        }
        for name, value in different.items()
    ]
    interventions.record(tx, pl.DataFrame(told, schema=EDIT), "edit", actor, why, work.now)
    return list(different)


EDIT = {
    "quarantine_id": pl.Int64,
    **dict.fromkeys(("payload_id", "lead_id", "step", "reason", "field"), pl.String),
    **dict.fromkeys(("old", "new"), pl.Binary),
}


def _about(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col("id").alias("quarantine_id"), "payload_id", "lead_id", "step", "reason")


def _made(work: Work, row: Mapping[str, Any], mapping: FieldMap, content: Mapping[str, str | None]) -> pl.DataFrame:
    """The edited row as landing would have made it."""
    kept = {name: content[name] for name in mapping.properties if name in content}
    schema = dict.fromkeys(("external_id", *kept), pl.String)
    frame = pl.DataFrame([{"external_id": row["external_id"], **kept}], schema=schema)
    return fingerprint(frame.with_columns(pl.lit(work.now).alias("modified_at")), row["source"], mapping)


def _carry_findings(work: Work, tx: Connection, payload_id: str, made: pl.DataFrame) -> None:
    old = payloads.bodies(tx, pl.Series([payload_id]))["hash"]
    kinds = payloads.findings(tx, old).select(
        pl.lit(made["hash"].item()).alias("payload_hash"), "kind", pl.lit(made["payload_id"].item()).alias("payload_id")
    )
    payloads.find(tx, kinds, EDITED, work.now)
