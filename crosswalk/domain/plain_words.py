"""The path of a lead in plain English: one sentence for each thing that happened to it (HND-07).

For people who have never seen the code. Every code stays in the sentence, beside what it means, so that it can be
looked for elsewhere.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from crosswalk.domain.code_words import RULES, Words

FEW = 3
"""So many names are written out; of more than one beyond them the rest is a number."""
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Event:
    """One thing that happened to an inquiry.

    ``step`` is a step of the pipeline, or assign, unassign, status, stage, link, quarantine, intervention, outcome or
    conflict. ``system`` is the connection that it has to do with; ``detail`` is JSON without personal values.
    """

    step: str
    at: datetime
    result: str
    reasons: tuple[str, ...] = ()
    rule: str | None = None
    version: str | None = None
    actor: str | None = None
    system: str | None = None
    run_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def sentence(event: Event, words: Words) -> str:
    """Say in plain English what happened."""
    known = _SENTENCES.get(event.step)
    return known(event, words) if known else _refused(event, words)


def few(names: Sequence[str]) -> str:
    """Write out the first few of many names."""
    if len(names) <= FEW + 1:
        return ", ".join(names)
    return f"{', '.join(names[:FEW])} and {len(names) - FEW} more"


def because(reasons: Iterable[str], words: Words) -> str:
    """Return `: reason, reason`, or nothing."""
    said = "; ".join(words.mean(one) for one in reasons)
    return f": {said}" if said else ""


def _land(event: Event, words: Words) -> str:
    del words
    again = " again, with new content" if event.detail["again"] else ""
    return f"Read from {event.system} {event.detail['stream']} {event.detail['external_id']}{again}."


def _screen(event: Event, words: Words) -> str:
    return f"The free text was screened and marked{because(event.reasons, words)}. The text itself stays sealed."


def _shape(event: Event, words: Words) -> str:
    if event.result == "noted":
        return f"Brought to one form; noted{because(event.reasons, words)}."
    if event.result == "rejected":
        return f"Dropped{because(event.reasons, words)}. It is counted and goes nowhere."
    return f"Held for a person to look at{because(event.reasons, words)}."


def _identify(event: Event, words: Words) -> str:
    if event.reasons == ("MERGED",):
        return f"Folded into the person's lead{because(event.reasons, words)}. Their newest answers count."
    return f"Held for a person to look at{because(event.reasons, words)}."


def _qualify(event: Event, words: Words) -> str:
    detail = event.detail
    scores = ", ".join(f"{name} {detail.get(name)}{_points(name, event, words)}" for name in ("fit", "intent"))
    by = f"definitions {event.version}"
    if detail.get("gate"):
        verb = "Held" if event.result == "held" else event.result.capitalize()
        return f"{verb} by gate {detail['gate']}{because(event.reasons[:1], words)}. Scores: {scores} ({by})."
    bar = words.bars.get(str(detail.get("motion")))
    asked = f"; asked for {bar[0]} and {bar[1]}" if bar and event.version == words.version else ""
    verb = "Qualified" if event.result == "marketing_qualified" else "Not ready for sales"
    return f"{verb}: {scores}{asked} -> {event.result} ({by})."


def _points(score: str, event: Event, words: Words) -> str:
    given = [one for one in event.detail.get("score_reasons") or () if one["score"] == score]
    said = [
        f"{words.rules.get(one['rule']) or RULES.get(one['rule'], one['rule'])} {one['points']:+d}" for one in given
    ]
    return f" ({', '.join(said)})" if said else ""


def _route(event: Event, words: Words) -> str:
    rule, detail = event.rule or "", event.detail
    about = words.rules.get(rule) or RULES.get(rule)
    by = f"rule {rule}" + (f" ({about})" if about else "")
    owner = detail.get("owner") or "its owner"
    places = {
        "owner": f"Routed to {owner}: {by}",
        "backup": f"Routed to {owner} of the backup pool: {by}",
        "pool": f"Routed to the queue {owner}, where a pool's leads wait: {by}",
        "default": f"Routed to the queue {owner}, where somebody must place it: {by}{because(event.reasons, words)}",
        "kept": f"Stays with {owner}: {by}",
        "held": f"No place yet: {by}{because(event.reasons, words)}",
    }
    said = [places.get(event.result, f"Routed, {event.result}: {by}")]
    passed_over: dict[str, list[str]] = defaultdict(list)
    for one in detail.get("refused") or ():
        passed_over[one["reason"]].append(one["owner"])
    if passed_over:
        groups = [f"{few(owners)}: {_meaning(reason, words)}" for reason, owners in passed_over.items()]
        said.append(f"Passed over: {'; '.join(groups)}")
    inputs = [f"{name} {value}" for name, value in (detail.get("inputs") or {}).items()]
    inputs += [f"{name} (withheld)" for name in detail.get("masked") or ()]
    if inputs:
        said.append(f"It looked at {', '.join(inputs)}")
    return ". ".join(said) + "."


def _meaning(code: str, words: Words) -> str:
    """Say a code's meaning alone, where the code itself would only repeat it."""
    meant = words.mean(code)
    return meant[len(code) + 2 : -1] if meant != code else code


def _status(event: Event, words: Words) -> str:
    moves = [event.detail.get("from"), *event.detail.get("through", ()), event.result]
    way = " -> ".join(str(one) for one in dict.fromkeys(moves) if one)
    meaning = words.statuses.get(event.result)
    by = f" by {event.actor}" if event.actor not in (None, "hub") else ""
    recorded = event.detail.get("recorded_at", event.at)
    late = f" The hub learned it at {_moment(recorded)}." if recorded - event.at > SOON else ""
    told = event.reasons if by or event.result == "disqualified" else ()  # otherwise the decision has said it
    return f"Status{by}: {way}" + (f" ({meaning})" if meaning else "") + f"{because(told, words)}.{late}"


def _stage(event: Event, words: Words) -> str:
    del words
    before = event.detail.get("from")
    return f"Journey stage: {f'{before} -> ' if before else ''}{event.result}."


def _assign(event: Event, words: Words) -> str:
    del words
    return f"Given to {event.detail['owner_id']}."


def _unassign(event: Event, words: Words) -> str:
    return f"Taken from {event.detail['owner_id']}{because(event.reasons, words)}."


def _enqueue(event: Event, words: Words) -> str:
    if event.result != "queued":
        return _refused(event, words)
    return f"Queued to be written: {event.system} {event.detail['object']}."


def _apply(event: Event, words: Words) -> str:
    record = f"{event.system} {event.detail['object']}"
    if event.result == "failed":
        fields = event.detail["fields"]
        said = f" ({few(fields)})" if fields else ""
        return f"{event.system} refused the {event.detail['object']}{because(event.reasons, words)}{said}."
    fields = event.detail["fields"]
    said = f" with {_number(len(fields), 'field')}: {few(fields)}" if fields else ""
    back = "The source was told: " if event.detail.get("back") else ""
    did = event.result if back else event.result.capitalize()
    return f"{back}{did} {record} {event.detail['record_id']}{said}."


def _number(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _more(event: Event, words: Words) -> str:
    del words
    return f"… {event.result} lines (--json has them all)."


def _quarantine(event: Event, words: Words) -> str:
    ends = {
        "released": "A person let it go on, which the next run does",
        "replayed": "A person let it go on, and it was judged anew",
        "superseded": "New content of the row took its place",
        "discarded": "A person discarded it",
    }
    number = event.detail["quarantine_id"]
    return f"Left quarantine (row {number}). {ends.get(event.result, event.result)}{because(event.reasons, words)}."


def _intervention(event: Event, words: Words) -> str:
    field_name = event.detail.get("field")
    what = event.result + (f" of {field_name}" if field_name else "")
    row = event.detail.get("quarantine_id")
    where = f" on quarantine row {row}" if row else ""
    return f"{event.actor} decided{where}: {what}{because(event.reasons, words)}. Why: {event.detail['why']}"


def _outcome(event: Event, words: Words) -> str:
    detail = event.detail
    code = f" {words.mean(str(detail['code']))}" if detail.get("code") else ""
    ends = {
        "applied": "",
        "noted": "",
        "stale": " It changed nothing",
        "review": " A person must look",
        "superseded": " The record has said something else since",
        "removed": " Sales has taken the record away since",
    }
    said = ends.get(event.result, f" {event.result}")
    end = f".{said}{because(event.reasons, words)}." if said else f"{because(event.reasons, words)}."
    kind = f"meeting of {_moment(detail['starts_at'])}" if "starts_at" in detail else detail["kind"]
    return f"Sales said in {event.system} {detail['object']} {detail['record_id']}: {kind}{code}{end}"


def _conflict(event: Event, words: Words) -> str:
    del words
    detail = event.detail
    times = f", {detail['times']} times" if detail["times"] > 1 else ""
    return (
        f"Two sides wrote {event.system} {detail['object']} {detail['field']}{times}: "
        f"{detail['winner']} has the say, {detail['loser']} does not."
    )


def _link(event: Event, words: Words) -> str:
    del words
    record = f"{event.system} {event.detail['object']} {event.detail['record_id']}"
    if event.result == "ambiguous":
        return f"{record} may be this person's; several records share a key and a person must choose."
    closed = "; it is closed" if event.result == "closed" else ""
    how = {
        "conversion": f"Sales converted the lead: {record} is the person's now",
        "merge": f"Sales merged the record into {record}",
    }
    said = how.get(event.detail["via"], f"{record} was recognised as this person's")
    return f"{said}{closed}."


def _refused(event: Event, words: Words) -> str:
    verbs = {
        "quarantined": "Put in quarantine",
        "held": "Held",
        "skipped": "Not needed",
        "rejected": "Refused",
    }
    at = f"gate {event.step[5:]}" if event.step.startswith("gate_") else f"step {event.step}"
    record = f"{event.system} {event.detail['object']}: " if event.system and "object" in event.detail else ""
    return f"{record}{verbs.get(event.result, event.result)} at {at}{because(event.reasons, words)}."


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


_SENTENCES: Mapping[str, Callable[[Event, Words], str]] = {
    "land": _land,
    "screen": _screen,
    "shape": _shape,
    "identify": _identify,
    "qualify": _qualify,
    "route": _route,
    "status": _status,
    "stage": _stage,
    "assign": _assign,
    "unassign": _unassign,
    "enqueue": _enqueue,
    "apply": _apply,
    "quarantine": _quarantine,
    "intervention": _intervention,
    "outcome": _outcome,
    "conflict": _conflict,
    "link": _link,
    "more": _more,
}
