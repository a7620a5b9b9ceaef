"""What happens next with an inquiry, and who has to do it (HND-07)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from crosswalk.domain.status import WITH_MARKETING

Row = Mapping[str, Any]
DROPPED = "dropped"
MERGED = "merged"


def ahead(
    lead: Row,
    waiting: Sequence[Row],
    actions: Sequence[Row],
    paused: Iterable[str],
    due: str | None,
    today: date,
) -> list[str]:
    """Say what happens next with a lead.

    Args:
        lead: its row.
        waiting: its rows of the quarantine, whatever their state.
        actions: its rows in the outbox.
        paused: connections that are switched off.
        due: the day of the first touch, where one was promised.
        today: the day on which it is asked, UTC.
    """
    said = [*in_quarantine(waiting)]
    state, status = lead["processing_state"], lead["status"]
    if state == MERGED:
        return [*said, f"Nothing here: it is part of lead {lead['merged_into']} now."]
    held = _held(lead, today)
    if held:
        return [*said, held]
    if status == "converted":
        return [*said, "Nothing: sales has won it."]
    if status == "disqualified":
        return [*said, "Nothing: it is closed, unless the person inquires again."]
    if status in WITH_MARKETING:
        again = f", and it is looked at again on {lead['resume_on']}" if lead["resume_on"] else ""
        return [*said, f"Marketing keeps in touch{again}. New answers of the person are judged anew."]
    unwritten = [*_unwritten(actions, set(paused))]
    if unwritten:
        return [*said, *unwritten]
    if status == "assigned":
        first = f"; first touch due {due}" if due else ""
        return [*said, f"Sales has it: {lead['owner_id']} is to take it{first}."]
    return [*said, f"Sales works it: {lead['owner_id']}."]


def ahead_of_nobody(waiting: Sequence[Row], state: str) -> list[str]:
    """Say what happens next with a row that has not become a lead."""
    said = [*in_quarantine(waiting)]
    if said:
        return said
    if state == DROPPED:
        return ["Nothing. If it was dropped wrongly, mend the record at its source; the next run reads it again."]
    return ["Nothing is under way."]


def in_quarantine(waiting: Iterable[Row]) -> Iterator[str]:
    """Name the rows that a person must look at, or has let go on."""
    for one in waiting:
        if one["state"] == "released":
            yield f"A person released row {one['id']} of the quarantine; the next run judges it anew."
        elif one["state"] == "open":
            yield f"A person must look at row {one['id']} of the quarantine: crosswalk quarantine show {one['id']}"


def _held(lead: Row, today: date) -> str | None:
    match lead["processing_state"]:
        case "held_capacity":
            day = lead["resume_on"]
            when = "by the next run" if day and day <= today else f"on {day}"
            return f"It waits for capacity and is looked at again {when}."
        case "held_consent":
            return "It waits until the person permits contact at the source; nothing is sent before."
        case "held_review":
            return "It waits until the record is completed at the source; the next run then judges it anew."
        case "dropped":
            return "Nothing: it turned out to be nobody's inquiry."
        case "quarantined":
            return "It goes on when it has left quarantine."
    return None


def _unwritten(actions: Iterable[Row], paused: set[str]) -> Iterator[str]:
    """Say what of it a target has not been told, and why."""
    for one in actions:
        record = f"{one['target']} {one['object']}"
        if one["state"] == "done":
            continue
        if one["target"] in paused:
            yield f"{record} waits: the connection {one['target']} is paused (crosswalk resume {one['target']})."
        elif one["state"] in ("held", "failed"):
            verb = "is held" if one["state"] == "held" else "was refused"
            yield f"{record} {verb}: {one['reason']}. It is tried again when the lead changes or is released."
        else:
            yield f"{record} waits to be written by the next run."
