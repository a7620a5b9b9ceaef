"""The path of one inquiry: everything that happened to it, from the tables in which each step left its trace (HND-07).

A payload's trace is by unit, a lead's by lead id, a record's by action; here they become one list in time order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from crosswalk.domain.plain_words import Event
from crosswalk.pipeline import traces
from crosswalk.pipeline.trail import STEPS
from crosswalk.store import leads as lead_store
from crosswalk.store import story
from crosswalk.store.story import Row, SourceRow, row_of

Back = Mapping[str, Sequence[str]]
"""Connection -> its streams that tell what sales did."""
_ORDER = [name for _, name, _ in STEPS]
for _name, _after in (
    *(("link", "identify"), ("assign", "gate_routed"), ("status", "gate_routed"), ("stage", "gate_routed")),
    *(("unassign", "gate_routed"), ("outcome", "conclude"), ("conflict", "settle")),
):
    _ORDER.insert(_ORDER.index(_after) + 1, _name)


@dataclass(frozen=True)
class Path:
    """What happened in time order, and the rows of the quarantine that it had to do with."""

    events: list[Event]
    waiting: list[Row]


def of_lead(
    tx: Connection, lead: Row, siblings: Sequence[Row], rows: Sequence[SourceRow], back: Back, *, revealed: bool
) -> Path:
    """Return a lead's path.

    Args:
        tx: a transaction for reading.
        lead: the lead's row.
        siblings: all leads of the person.
        rows: the source rows of the person.
        back: the streams of the way back.
        revealed: include inputs above ``traces.SHOWN_CLASS``.
    """
    lead_id = str(lead["lead_id"])
    decisions = {one["lead_id"]: lead_store.trail(tx, one["lead_id"]) for one in siblings}
    landed = list(_own(lead, siblings, decisions, story.payloads(tx, rows)))
    assigned = lead_store.assignments(tx, lead_id)
    history = lead_store.history(tx, lead_id)
    actions = story.actions(tx, lead_id)
    receipts = story.receipts(tx, [one["action_id"] for one in actions])
    touched: list[Row] = [lead, *landed, *decisions[lead_id], *history, *assigned, *actions, *receipts]
    units = {one["payload_id"] for one in landed} | {one["action_id"] for one in actions}
    runs = {one["run_id"] for one in touched} | {one["settled_by"] for one in actions if one["settled_by"]}
    said = story.outcomes(tx, lead_id)
    waiting = _waiting(tx, lead, landed, said, back)
    units |= {one["unit"] for one in waiting}
    runs |= _runs(tx, waiting)
    verdicts = story.verdicts(tx, runs, [step for _, step, _ in STEPS], units, lead_id)
    events = [
        *traces.landings(landed),
        *traces.findings(story.findings(tx, {one["hash"] for one in landed})),
        *traces.decisions(decisions[lead_id], verdicts, assigned, lead, revealed=revealed),
        *traces.verdicts(verdicts, actions, receipts, waiting),
        *traces.history(history),
        *traces.assignments(assigned),
        *traces.writes(actions, receipts, {(source, external_id) for source, _, external_id in rows}),
        *traces.quarantine(waiting, story.interventions(tx, [one["id"] for one in waiting], units, lead_id)),
        *traces.outcomes(said),
        *traces.conflicts(story.conflicts(tx, lead_id)),
        *traces.links(story.links(tx, lead["person_id"]), actions),
    ]
    return Path(in_time(events), waiting)


def _waiting(tx: Connection, lead: Row, landed: Sequence[Row], said: Iterable[Row], back: Back) -> list[Row]:
    """Return what of a lead has ever been in quarantine: its inquiries, its writes, and what sales said of it."""
    rows = {row_of(one) for one in landed} | {row_of(lead)}
    rows |= {(one["system"], stream, one["record_id"]) for one in said for stream in back.get(one["system"], ())}
    own = {one["payload_id"] for one in landed}
    found = story.quarantined(tx, sorted(rows))
    return [one for one in found if one["lead_id"] == lead["lead_id"] or one["payload_id"] in own]


def of_rows(tx: Connection, rows: Sequence[SourceRow]) -> Path:
    """Return the path of source rows that have not become a lead: up to the verdict."""
    landed = story.payloads(tx, rows)
    units = {one["payload_id"] for one in landed}
    waiting = story.quarantined(tx, rows)
    runs = {one["run_id"] for one in landed} | _runs(tx, waiting)
    verdicts = story.verdicts(tx, runs, [step for _, step, _ in STEPS], units, None)
    events = [
        *traces.landings(landed),
        *traces.findings(story.findings(tx, {one["hash"] for one in landed})),
        *traces.verdicts(verdicts, [], [], []),
        *traces.quarantine(waiting, story.interventions(tx, [one["id"] for one in waiting], units, None)),
    ]
    return Path(in_time(events), waiting)


def of_person(tx: Connection, person_id: str) -> Path:
    """Return the path of somebody who is known from the CRM and has not inquired yet."""
    return Path(in_time(traces.links(story.links(tx, person_id), [])), [])


def in_time(events: Iterable[Event]) -> list[Event]:
    """Sort by time, and what was decided at one instant by the order of the steps."""
    places = {name: place for place, name in enumerate(_ORDER)}
    return sorted(events, key=lambda one: (one.at, places.get(one.step, len(places))))


def _own(lead: Row, siblings: Sequence[Row], decisions: dict[str, list[Row]], landed: Iterable[Row]) -> Iterator[Row]:
    """The payloads of this lead, among those of its person.

    A payload names no lead. One belongs to the leads that were decided in its run and have no other row; one of a run
    that decided nothing (it was refused) belongs to whichever lead has its row, or to all.
    """
    lead_id = lead["lead_id"]
    others = [one for one in siblings if one["lead_id"] != lead_id]
    taken = {one["payload_id"] for one in others}
    rows_of_others = {row_of(one) for one in others}
    runs = {one["run_id"] for one in decisions[lead_id]}
    all_runs = {one["run_id"] for trail in decisions.values() for one in trail}
    for one in landed:
        if one["payload_id"] == lead["payload_id"] or (
            one["payload_id"] not in taken
            and (row_of(one) == row_of(lead) or row_of(one) not in rows_of_others)
            and (one["run_id"] in runs or one["run_id"] not in all_runs)
        ):
            yield one


def _runs(tx: Connection, waiting: Sequence[Row]) -> set[str]:
    """The runs that put rows into quarantine, and those that took them out: a run decides at the instant it starts."""
    return {one["run_id"] for one in waiting} | story.started(tx, {one["changed_at"] for one in waiting} - {None})


def together(events: Sequence[Event]) -> list[Event]:
    """Join moves of one instant to one: for people, a status that passes three values moved once."""
    joined: list[Event] = []
    for one in events:
        last = joined[-1] if joined else None
        if last and one.step == last.step == "status" and (one.at, one.actor) == (last.at, last.actor):
            detail = {**last.detail, "through": [*last.detail.get("through", ()), last.result]}
            joined[-1] = replace(one, detail=detail)
        else:
            joined.append(one)
    return joined
