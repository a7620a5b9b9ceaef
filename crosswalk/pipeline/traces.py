"""Traces: what each step left in a table, as the events of a path (HND-07).

Rows in, events out; ids, codes and names of fields, never the values that a person gave.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from crosswalk.domain.handoff import PATIENT_MOTIONS
from crosswalk.domain.plain_words import Event
from crosswalk.domain.schema import data_class
from crosswalk.pipeline.release import EDITED
from crosswalk.pipeline.trail import FLOWS
from crosswalk.store.story import Row, SourceRow, row_of

SHOWN_CLASS = 2
"""Codes up to this data class are shown; above it they are personal health data and need ``--reveal``."""


def landings(landed: Iterable[Row]) -> Iterator[Event]:
    """What was read from sources; what a person made of it has an intervention."""
    seen: set[SourceRow] = set()
    for one in (one for one in landed if one["run_id"] != EDITED):
        row = row_of(one)
        detail = {"stream": row[1], "external_id": row[2], "payload_id": one["payload_id"], "again": row in seen}
        yield Event("land", one["landed_at"], "landed", system=row[0], run_id=one["run_id"], detail=detail)
        seen.add(row)


def findings(found: Iterable[Row]) -> Iterator[Event]:
    """One event for each content in which the screen found anything; the kinds are its reasons."""
    kinds: dict[str, list[Row]] = defaultdict(list)
    for one in found:
        kinds[one["payload_hash"]].append(one)
    for first, *more in kinds.values():
        reasons = (first["kind"], *(one["kind"] for one in more))
        detail = {"payload_id": first["payload_id"]}
        yield Event("screen", first["at"], "found", reasons, run_id=first["run_id"], detail=detail)


def decisions(
    trail: Sequence[Row], judged: Sequence[Row], assigned: Sequence[Row], lead: Row, *, revealed: bool
) -> Iterator[Event]:
    """What was decided, with the verdict of the same step and run as its reason."""
    refused = {(one["run_id"], one["step"]): one for one in judged}
    given = {one["run_id"]: one["owner_id"] for one in assigned}
    for one in trail:
        verdict = refused.get((one["run_id"], one["step"]))
        detail: dict[str, Any] = dict(one["detail"] or {})
        reasons: list[str] = [verdict["reason"]] if verdict else []
        if one["step"] == "qualify":
            noted = detail.pop("codes", None) or []
            if noted:
                doubts = tuple(dict.fromkeys(code if revealed else _bare(code) for code in noted))
                yield Event("shape", one["at"], "noted", doubts, version=one["version"], run_id=one["run_id"])
            reasons += [f"{each['rule']} {each['points']:+d}" for each in detail.get("score_reasons") or ()]
            detail["motion"] = lead["motion"]
        elif one["step"] == "route":
            detail |= _shown(detail.get("inputs") or {}, lead, revealed=revealed)
            detail["owner"] = given.get(one["run_id"])
            if one["result"] == "default" and one is trail[-1] and lead["reason"]:
                reasons.append(lead["reason"])
        yield Event(
            one["step"],
            one["at"],
            verdict["result"] if verdict and verdict["result"] == "held" else one["result"],
            tuple(reasons),
            one["rule"],
            one["version"],
            run_id=one["run_id"],
            detail=detail,
        )


def _bare(code: str) -> str:
    """A code without what stands behind it in brackets, which may be a part of what the person sent."""
    name = code.partition("(")[0]
    return code if name == "UNKNOWN_LABEL" else name


def _shown(inputs: dict[str, Any], lead: Row, *, revealed: bool) -> dict[str, Any]:
    """The inputs of a decision that may be shown, and the names of the others."""
    patient = lead["motion"] in PATIENT_MOTIONS
    masked = [] if revealed else [name for name in inputs if data_class(name, patient=patient) > SHOWN_CLASS]
    return {"inputs": {name: value for name, value in inputs.items() if name not in masked}, "masked": masked}


def verdicts(
    refused: Iterable[Row], actions: Sequence[Row], receipts: Sequence[Row], waiting: Sequence[Row]
) -> Iterator[Event]:
    """What did not pass a step; landings, decisions and receipts say it better where there are any."""
    about = {one["action_id"]: (one["target"], one["object"]) for one in actions}
    returned = [one for one in waiting if one["step"] in FLOWS["return"] and one["step"] not in FLOWS["sync"]]
    about |= {one["unit"]: (one["source"], f"{one['stream']} {one['external_id']}") for one in returned}
    answered = {(one["run_id"], one["action_id"]) for one in receipts}
    for one in refused:
        if one["step"] in ("land", "qualify", "route") or (one["run_id"], one["unit"]) in answered:
            continue
        system, record = about.get(one["unit"], (None, None))
        detail = {"object": record} if record else {"payload_id": one["unit"]}
        reasons = (one["reason"],)
        yield Event(one["step"], one["at"], one["result"], reasons, system=system, run_id=one["run_id"], detail=detail)


def history(moves: Iterable[Row]) -> Iterator[Event]:
    """Moves of status and stage; those of sales at the time at which sales made them.

    Two clocks never agree to the second, so a move is not told before the one that it follows.
    """
    reached: datetime | None = None
    for one in moves:
        happened = one["event_at"] or one["at"]
        reached = max(happened, reached or happened)
        detail = {"from": one["old"]}
        detail |= {"recorded_at": one["at"], "event_at": one["event_at"]} if one["event_at"] else {}
        yield Event(
            one["axis"],
            reached,
            one["new"],
            (one["reason"],) if one["reason"] else (),
            one["rule"],
            one["version"],
            one["actor"],
            run_id=one["run_id"],
            detail=detail,
        )


def assignments(assigned: Iterable[Row]) -> Iterator[Event]:
    """Who was given a lead, and when and why it was taken from them."""
    for one in assigned:
        detail = {name: one[name] for name in ("owner_id", "owner_kind", "territory", "route")}
        yield Event("assign", one["at"], "assigned", rule=one["rule_id"], run_id=one["run_id"], detail=detail)
        if one["ended_at"]:
            why = (one["end_reason"],) if one["end_reason"] else ()
            yield Event("unassign", one["ended_at"], "ended", why, detail={"owner_id": one["owner_id"]})


def writes(actions: Iterable[Row], receipts: Sequence[Row], sources: Collection[tuple[str, str]]) -> Iterator[Event]:
    """What was queued, and what each target answered: names of fields, never their values."""
    about = {}
    for one in actions:
        about[one["action_id"]] = one
        detail = {"object": one["object"], "action_id": one["action_id"]}
        yield Event("enqueue", one["created_at"], "queued", system=one["target"], detail=detail)
    for one in receipts:
        action = about[one["action_id"]]
        detail = {"object": action["object"], "record_id": one["record_id"], "fields": one["fields"] or []}
        detail["back"] = (action["target"], str(one["record_id"])) in sources
        if one["outcome"] == "created" and not one["fields"]:
            wanted = action["desired"].get("fields", {})
            detail["fields"] = [name for name, value in wanted.items() if value is not None]
        reasons = (one["code"],) if one["code"] else ()
        yield Event(
            "apply", one["at"], one["outcome"], reasons, system=action["target"], run_id=one["run_id"], detail=detail
        )


def quarantine(waiting: Iterable[Row], interventions: Iterable[Row]) -> Iterator[Event]:
    """How a stay in quarantine ended, and what people decided on the way."""
    for one in waiting:
        if one["state"] != "open":
            detail = {"quarantine_id": one["id"], "step": one["step"]}
            yield Event("quarantine", one["changed_at"] or one["at"], one["state"], (one["reason"],), detail=detail)
    for one in interventions:
        detail = {name: one[name] for name in ("quarantine_id", "step", "field", "why")}
        reasons = (one["reason"],) if one["reason"] else ()
        yield Event("intervention", one["at"], one["action"], reasons, actor=one["actor"], detail=detail)


def outcomes(said: Iterable[Row]) -> Iterator[Event]:
    """What sales said, at the time at which it happened; of a meeting, which may be to come, when it was learned."""
    for one in said:
        detail = {name: one[name] for name in ("kind", "code", "object", "record_id", "recorded_at")}
        meets = one["kind"] == "meeting"
        detail |= {"starts_at": one["at"]} if meets else {}
        yield Event(
            "outcome",
            one["recorded_at"] if meets else one["at"],
            one["result"],
            (one["reason"],) if one["reason"] else (),
            version=one["version"],
            actor=one["by"],
            system=one["system"],
            run_id=one["run_id"],
            detail=detail,
        )


def conflicts(met: Iterable[Row]) -> Iterator[Event]:
    """Fields that two sides wrote, at the last time that it was noticed."""
    for one in met:
        detail = {name: one[name] for name in ("object", "record_id", "field", "winner", "loser", "times", "first_at")}
        yield Event("conflict", one["last_at"], "conflict", system=one["system"], run_id=one["run_id"], detail=detail)


def links(records: Iterable[Row], actions: Sequence[Row]) -> Iterator[Event]:
    """Records that were recognised as this person's; receipts tell of those that the hub wrote, landings of sources."""
    own = {(one["target"], one["object"], one["record_id"]) for one in actions}
    for one in records:
        if one["via"] in ("delivery", "source") or (one["system"], one["object"], one["record_id"]) in own:
            continue
        detail = {name: one[name] for name in ("object", "record_id", "via")}
        yield Event("link", one["at"], one["state"], system=one["system"], detail=detail)
