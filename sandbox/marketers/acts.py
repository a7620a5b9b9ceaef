"""One act of, or on, one contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.index import Record
from sandbox.hubspot.marketing.marketing_events import MarketingEvent
from sandbox.hubspot.marketing.submission_rules import SubmissionRefused
from sandbox.marketers.codes import ASKED, CORRECTIONS, LINKS, PAGES, STAGES, TURN
from sandbox.marketers.desk import Desk
from sandbox.marketers.story import Story
from sandbox.sales.draw import Draw


@dataclass(slots=True)
class Turn:
    """A contact whose turn it is, the chance for it, and what is going on: an e-mail, a webinar, the forms."""

    desk: Desk
    story: Story
    record: Record
    draw: Draw
    campaign: int
    webinar: MarketingEvent
    forms: list[dict[str, Any]]

    @property
    def email(self) -> str:
        return self.record.properties["email"].strip().lower()


def act(turn: Turn) -> str:
    """Do what chance has it; returns its name. What somebody cannot do twice becomes a received e-mail."""
    name = TURN.at(turn.draw.number())
    return name if _ACTS[name](turn) else "receive" if _receive(turn) else "dropped"


def _send(turn: Turn, *then: str, **extra: Any) -> bool:
    """False if nothing could be sent."""
    events = turn.desk.send(turn.email, turn.campaign, *then, **extra)
    turn.story.email_events.update(events)
    return "SENT" in events


def _receive(turn: Turn) -> bool:
    return _send(turn, "DELIVERED")


def _unless_out(turn: Turn) -> bool:
    return turn.desk.marketing.subscriptions.opted_out(turn.email) is None


def _open(turn: Turn) -> bool:
    return _unless_out(turn) and _send(turn, "DELIVERED", "OPEN", deviceType=turn.draw.one(("COMPUTER", "MOBILE")))


def _click(turn: Turn) -> bool:
    return _unless_out(turn) and _send(turn, "DELIVERED", "OPEN", "CLICK", url=turn.draw.one(LINKS))


def _bounce(turn: Turn) -> bool:
    return _unless_out(turn) and _send(turn, "BOUNCE", category="MAILBOX_FULL", status="5.2.2")


def _report_spam(turn: Turn) -> bool:
    return _unless_out(turn) and _send(turn, "DELIVERED", "SPAMREPORT")


def _submit_form(turn: Turn) -> bool:
    form, page = turn.draw.one(turn.forms), turn.draw.one(PAGES)
    known = turn.record.properties
    values = {name: known.get(name) or other for name, other in ASKED.items()}
    try:
        turn.desk.submit(form, turn.email, page, **values)
    except SubmissionRefused:  # a scenario may hold what no form takes
        return False
    turn.story.submissions[form["id"]] += 1
    return True


def _register(turn: Turn) -> bool:
    if turn.record.id in turn.webinar.participations.rows:
        return False
    turn.desk.take_part(turn.webinar, turn.record.id, "REGISTERED")
    turn.story.webinars["registered"] += 1
    return True


def _unsubscribe(turn: Turn, subscription: int | None) -> bool:
    done = turn.desk.unsubscribe(turn.email, turn.campaign, subscription)
    if done:
        turn.story.opted_out["all" if subscription is None else "one"] += 1
        turn.story.email_events["STATUSCHANGE"] += 1
    return done


def _unsubscribe_one(turn: Turn) -> bool:
    return _unsubscribe(turn, turn.draw.one(sorted(turn.desk.marketing.subscriptions.types)))


def _unsubscribe_all(turn: Turn) -> bool:
    return _unsubscribe(turn, None)


def _correct(turn: Turn) -> bool:
    name = turn.draw.one(tuple(CORRECTIONS))
    values = [value for value in CORRECTIONS[name] if value != turn.record.properties.get(name)]
    turn.desk.write(turn.record, **{name: turn.draw.one(values)})
    turn.story.corrected[name] += 1
    return True


def _move_stage(turn: Turn) -> bool:
    """One stage up, as far as marketing decides."""
    now = turn.record.properties.get("lifecyclestage", "")
    place = STAGES.index(now) if now in STAGES else -1
    if (now and place < 0) or place == len(STAGES) - 1:
        return False
    turn.desk.write(turn.record, lifecyclestage=STAGES[place + 1])
    turn.story.stages[STAGES[place + 1]] += 1
    return True


_ACTS: dict[str, Callable[[Turn], bool]] = {
    "receive": _receive,
    "open": _open,
    "click": _click,
    "bounce": _bounce,
    "report_spam": _report_spam,
    "submit_form": _submit_form,
    "register": _register,
    "unsubscribe_one": _unsubscribe_one,
    "unsubscribe_all": _unsubscribe_all,
    "correct": _correct,
    "move_stage": _move_stage,
}
