"""Explain: tell the whole path of an inquiry, where it is now, and what happens next (HND-07).

Reads only; it may be asked while a run is in progress. Personal values are masked unless revealed; free text is never
shown.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from crosswalk.domain import masking, next_steps
from crosswalk.domain.code_words import Words
from crosswalk.domain.mapping import FieldMap
from crosswalk.domain.plain_words import Event
from crosswalk.pipeline import path
from crosswalk.pipeline.keys import Found, Unseal
from crosswalk.platform.catalog import Catalog
from crosswalk.store import pauses, payloads, people, story
from crosswalk.store.story import Row, SourceRow, row_of

SEALED = "(free text, sealed)"


@dataclass(frozen=True)
class Explanation:
    """One lead, or one row that became none, with its path."""

    lead_id: str | None
    person_id: str | None
    motion: str | None
    lead_type: str | None
    status: str | None
    stage: str | None
    processing_state: str
    reason: str | None
    owner: str | None
    received_at: datetime | None
    person: dict[str, str | None]
    sources: list[dict[str, str]]
    targets: dict[str, dict[str, dict[str, Any]]]
    path: list[Event]
    next: list[str]
    revealed: dict[str, str] = field(default_factory=dict)


def explain(
    tx: Connection, catalog: Catalog, found: Found, lead: Row, today: date, unseal: Unseal | None
) -> Explanation:
    """Tell the path of one of the found leads.

    Args:
        tx: a transaction for reading.
        catalog: the rules as they are now.
        found: what ``find`` returned.
        lead: one of its leads.
        today: the day on which it is asked, UTC.
        unseal: opens payloads, to reveal personal values; None masks them.
    """
    lead_id = str(lead["lead_id"])
    actions = story.actions(tx, lead_id)
    back: dict[str, list[str]] = {}
    for connection, stream in catalog.returns:
        back.setdefault(connection, []).append(stream)
    told = path.of_lead(tx, lead, found.leads, found.rows, back, revealed=unseal is not None)
    rows = dict.fromkeys(_source_row(one) for one in told.events if one.step == "land") or [row_of(lead)]
    paused = [one["connection"] for one in pauses.standing(tx)]
    return Explanation(
        lead_id=lead_id,
        person_id=lead["person_id"],
        motion=lead["motion"],
        lead_type=lead["lead_type"],
        status=lead["status"],
        stage=lead["stage"],
        processing_state=lead["processing_state"],
        reason=lead["reason"],
        owner=lead["owner_id"],
        received_at=lead["received_at"],
        person=_person(tx, lead["person_id"], revealed=unseal is not None),
        sources=[_source(row) for row in rows],
        targets=_targets(story.links(tx, lead["person_id"]), actions, lead_id),
        path=told.events,
        next=next_steps.ahead(lead, told.waiting, actions, paused, _due(catalog, actions), today),
        revealed=_reveal(tx, catalog, row_of(lead), lead["payload_id"], unseal) if unseal else {},
    )


def explain_without_lead(tx: Connection, catalog: Catalog, found: Found, unseal: Unseal | None) -> Explanation:
    """Tell the path of rows that have not become a lead, or of somebody who is only known from the CRM."""
    if found.rows:
        told = path.of_rows(tx, found.rows)
        state = _state(told.events)
        landed = [one for one in told.events if one.step == "land"]
        latest = str(landed[-1].detail["payload_id"]) if landed else None
        revealed = _reveal(tx, catalog, found.rows[0], latest, unseal) if unseal and latest else {}
    else:
        told = path.of_person(tx, str(found.person_id))
        state, revealed = "no_inquiry", {}
    reasons = [one.reasons[0] for one in told.events if one.reasons and one.step not in ("land", "screen")]
    return Explanation(
        lead_id=None,
        person_id=found.person_id,
        motion=None,
        lead_type=None,
        status=None,
        stage=None,
        processing_state=state,
        reason=reasons[-1] if reasons else None,
        owner=None,
        received_at=None,
        person=_person(tx, found.person_id, revealed=unseal is not None),
        sources=[_source(row) for row in found.rows],
        targets=_targets(story.links(tx, found.person_id), [], None) if found.person_id else {},
        path=told.events,
        next=next_steps.ahead_of_nobody(told.waiting, state),
        revealed=revealed,
    )


def words(catalog: Catalog) -> Words:
    """What the admins say of their own codes."""
    rules = catalog.qualification
    named = {one.id: one.about for one in (*rules.fit, *rules.intent)}
    named |= {one.id: one.about for one in catalog.routing.rules}
    codes: dict[str, str] = {}
    for name in ("meeting_outcome", "disposition", "status", "reason"):
        codes |= catalog.codes[name].codes if name in catalog.codes else {}
    codes |= {name: kind.about for name, kind in catalog.lexicon.kinds.items()}
    return Words(
        codes={code: about.rstrip(".").replace("{", "{{").replace("}", "}}") for code, about in codes.items()},
        statuses=catalog.codes["status"].codes,
        rules={name: about for name, about in named.items() if about},
        bars={motion: (bar.fit, bar.intent) for motion, bar in rules.thresholds.items()},
        version=catalog.definitions.version,
    )


def _source_row(landed: Event) -> SourceRow:
    return str(landed.system), str(landed.detail["stream"]), str(landed.detail["external_id"])


def _source(row: SourceRow) -> dict[str, str]:
    return dict(zip(("system", "stream", "id"), row, strict=True))


def _state(events: Sequence[Event]) -> str:
    """The state of rows without a lead: what the last verdict says."""
    results = [one.result for one in events if one.result in ("quarantined", "held", "rejected", "skipped")]
    last = results[-1] if results else "unknown"
    return {"held": "held_review", "rejected": next_steps.DROPPED}.get(last, last)


def _person(tx: Connection, person_id: str | None, *, revealed: bool) -> dict[str, str | None]:
    known = people.get(tx, pl.Series([person_id])).to_dicts() if person_id else []
    return masking.person(known[0] if known else {}, revealed=revealed)


def _targets(links: Iterable[Row], actions: Iterable[Row], lead_id: str | None) -> dict[str, dict[str, dict[str, Any]]]:
    """Where it is in each system: the record's id, and whether the hub still has something to write there."""
    targets: dict[str, dict[str, dict[str, Any]]] = {}
    for one in links:
        if lead_id is None or one["lead_id"] == lead_id:
            targets.setdefault(one["system"], {})[one["object"]] = {"id": one["record_id"], "state": one["state"]}
    for one in actions:
        record = targets.setdefault(one["target"], {}).setdefault(one["object"], {"id": None, "state": one["state"]})
        record["id"] = one["record_id"] or record["id"]
        if one["state"] != "done":
            record |= {"outbox": one["state"], "reason": one["reason"]}
    return targets


def _due(catalog: Catalog, actions: Iterable[Row]) -> str | None:
    """The day by which sales was asked to get in touch."""
    for one in actions:
        mapping = catalog.targets.get((one["target"], one["object"]))
        named = [name for name, spec in mapping.fields.items() if spec.field == "due_date"] if mapping else []
        for name in named:
            return str(one["desired"]["fields"].get(name) or "") or None
    return None


def _reveal(tx: Connection, catalog: Catalog, row: SourceRow, payload_id: str, unseal: Unseal) -> dict[str, str]:
    """Return the mapped properties of a payload by our names; what is free text is only named."""
    body = payloads.body(tx, payload_id)
    mapping = catalog.sources.get(row[:2])
    return {} if body is None or mapping is None else _mapped(json.loads(unseal(body)), mapping)


def _mapped(values: Mapping[str, Any], mapping: FieldMap) -> dict[str, str]:
    shown = {}
    for name, spec in mapping.fields.items():
        given = next((values[one] for one in spec.sources if values.get(one)), None)
        if given is not None:
            shown[name] = str(given)
    shown |= {name: SEALED for name in mapping.signals.text if values.get(name)}
    return shown
