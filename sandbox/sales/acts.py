"""One act of a salesperson on one lead."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.sales import notes
from sandbox.sales.codes import ATTEMPT, DISQUALIFY, LONGEST_CHAIN, NEXT, RECYCLE, TALK
from sandbox.sales.desk import Desk
from sandbox.sales.draw import Draw
from sandbox.sales.story import Story
from sandbox.salesforce import people
from sandbox.salesforce.schema import Record
from sandbox.salesforce.writes import live


@dataclass(slots=True)
class Turn:
    """A lead whose turn it is, its story so far, the chance for this turn, and who may take it over."""

    desk: Desk
    lead: Record
    story: Story
    stories: dict[str, Story]
    draw: Draw
    colleagues: tuple[str, ...]


def act(turn: Turn) -> str:
    """Do what comes next; returns its name."""
    story = turn.story
    if story.meeting and turn.desk.org.tables["Event"].rows.get(story.meeting, {"IsDeleted": True}).get("IsDeleted"):
        story.meeting = None  # somebody took it out of the calendar
        story.meetings[-1].pop()
        story.meetings = [chain for chain in story.meetings if chain]
        story.status = story.status if story.meetings else "connected"
    name = NEXT[story.standing].at(turn.draw.number())
    if name == "reschedule" and len(story.meetings[-1]) == LONGEST_CHAIN:
        name = "complete"
    if name == "hand_over" and not [one for one in turn.colleagues if one != turn.lead["OwnerId"]]:
        name = "note"
    _ACTS[name](turn)
    return name


def _move(turn: Turn, status: str) -> None:
    turn.desk.move(turn.lead, status)
    turn.story.status = status


def _accept(turn: Turn) -> None:
    _move(turn, "accepted")


def _attempt(turn: Turn) -> None:
    code = ATTEMPT.at(turn.draw.number())
    _call(turn, code, _note(turn) if turn.draw.chance(0.25) else None)
    if turn.story.status in (None, "accepted"):
        _move(turn, "attempting")


def _connect(turn: Turn) -> None:
    _call(turn, TALK.at(turn.draw.number()), _note(turn))
    _move(turn, "connected")


def _call(turn: Turn, code: str, text: str | None) -> None:
    turn.story.dispositions.append(turn.desk.call(turn.lead, code, text, turn.draw))


def _note(turn: Turn) -> str:
    kind, text = notes.note(turn.draw)
    turn.story.notes.append(kind)
    return text


def _leave_note(turn: Turn) -> None:
    turn.desk.note(turn.lead, _note(turn))


def _qualify(turn: Turn) -> None:
    _move(turn, "sales_qualified")


def _book(turn: Turn) -> None:
    turn.story.meeting = turn.desk.book(turn.lead, turn.draw)
    turn.story.meetings.append(["scheduled"])
    _move(turn, "meeting_set")


def _close(turn: Turn, outcome: str) -> None:
    assert turn.story.meeting
    turn.desk.close_meeting(turn.story.meeting, outcome)
    turn.story.meetings[-1][-1] = outcome
    turn.story.meeting = None


def _reschedule(turn: Turn) -> None:
    before = turn.story.meeting
    _close(turn, "rescheduled")
    turn.story.meeting = turn.desk.book(turn.lead, turn.draw, after=before)
    turn.story.meetings[-1].append("scheduled")


def _reject(turn: Turn, status: str, code: str) -> None:
    turn.story.reason = turn.desk.reason(code, turn.draw)
    turn.desk.move(turn.lead, status, turn.story.reason)
    turn.story.status = status


def _convert(turn: Turn) -> None:
    opportunity = f"{turn.lead['Company'][:80]}, first order" if turn.draw.chance(0.9) else None
    made = people.convert_lead(turn.desk.org, turn.lead["Id"], opportunity)
    turn.story.status = "converted"
    turn.story.opportunity = made.get("ConvertedOpportunityId")
    turn.story.stage = "Prospecting" if opportunity else None


def _hand_over(turn: Turn) -> None:
    others = [one for one in turn.colleagues if one != turn.lead["OwnerId"]]
    people.edit(turn.desk.org, "Lead", turn.lead["Id"], {"OwnerId": turn.draw.one(others)})
    turn.story.owners += 1


def _merge(turn: Turn) -> None:
    """With a lead of the same address; if there is none, with one that a colleague has just typed in a second time."""
    org, lead = turn.desk.org, turn.lead
    twins = [one for one in live(org, "Lead", "Email", lead.get("Email")) if _free(one) and one["Id"] != lead["Id"]]
    if twins:
        twin = twins[0]["Id"]
    else:
        same = ("FirstName", "LastName", "Company", "Email", "Phone", "OwnerId")
        twin = people.create(org, "Lead", {name: lead[name] for name in same if name in lead}, lead["OwnerId"])
    master, loser = (lead["Id"], twin) if turn.draw.chance(0.6) else (twin, lead["Id"])
    people.merge(org, "Lead", master, [loser], lead["OwnerId"])
    turn.stories.setdefault(master, Story()).absorb(turn.stories.setdefault(loser, Story()))


def _free(lead: Record) -> bool:
    return not lead.get("IsConverted") and lead.get("Email") is not None


def _delete(turn: Turn) -> None:
    people.remove(turn.desk.org, "Lead", turn.lead["Id"])
    turn.story.gone = "deleted"


_ACTS: dict[str, Callable[[Turn], None]] = {
    "accept": _accept,
    "attempt": _attempt,
    "connect": _connect,
    "qualify": _qualify,
    "book": _book,
    "complete": lambda turn: _close(turn, "completed"),
    "no_show": lambda turn: _close(turn, "no_show"),
    "cancel": lambda turn: _close(turn, "canceled"),
    "reschedule": _reschedule,
    "disqualify": lambda turn: _reject(turn, "disqualified", DISQUALIFY.at(turn.draw.number())),
    "recycle": lambda turn: _reject(turn, "recycled", RECYCLE.at(turn.draw.number())),
    "convert": _convert,
    "hand_over": _hand_over,
    "note": _leave_note,
    "merge": _merge,
    "delete": _delete,
}
