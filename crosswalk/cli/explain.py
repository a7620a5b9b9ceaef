"""The command that tells the path of one lead: ``crosswalk explain``."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cache
from typing import Annotated, Any

import typer

from crosswalk.cli.output import JsonFlag, console, print_json
from crosswalk.domain.code_words import Words
from crosswalk.domain.plain_words import Event, sentence
from crosswalk.pipeline import explain as explaining
from crosswalk.pipeline import keys
from crosswalk.pipeline.explain import Explanation
from crosswalk.pipeline.keys import Found
from crosswalk.pipeline.path import together
from crosswalk.pipeline.work import open_reading
from crosswalk.platform.catalog import Catalog, load_catalog
from crosswalk.platform.clock import clock
from crosswalk.platform.settings import Settings
from crosswalk.platform.vault import Vault

LONGEST = 40
"""So many lines of a path are printed; of more, those in the middle are a number."""
LABEL = 14


def explain(
    key: Annotated[
        str,
        typer.Argument(metavar="KEY", help="e-mail address, id of a HubSpot or Salesforce record, lead or person id"),
    ],
    *,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show personal values and the mapped properties of the payload.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell the whole path of a lead: what came in, what was decided and why, what was written, what sales did."""
    settings = Settings()
    catalog = load_catalog(settings.home)
    vault = cache(lambda: Vault.from_settings(settings))

    def unseal(body: bytes) -> bytes:
        return vault().open(body)

    today = clock().date()
    with open_reading(settings) as tx:
        found = keys.find(tx, catalog, key, unseal)
        chosen = [one for one in found.leads if found.chosen in (None, one["lead_id"])]
        opener = unseal if reveal else None
        told = [
            explaining.explain(tx, catalog, found, lead, today, opener) for lead in chosen[: 1 if as_json else None]
        ]
        told = told or [explaining.explain_without_lead(tx, catalog, found, opener)]
    words = explaining.words(catalog)
    if as_json:
        print_json(document(told[0], found, words))
        return
    for number, one in enumerate(told):
        if number:
            console.print()
        show(one, catalog, words, reveal=reveal)
    if found.chosen and len(found.leads) > 1:
        others = [one["lead_id"] for one in found.leads if one["lead_id"] != found.chosen]
        console.print(f"\nThe person has other leads: {', '.join(others)}", highlight=False, soft_wrap=True)


def document(told: Explanation, found: Found, words: Words) -> dict[str, Any]:
    """The explanation as the JSON contract names it; ``text`` is the sentence that people read."""
    others = [
        {"lead_id": one["lead_id"], "status": one["status"], "motion": one["motion"]}
        for one in found.leads
        if one["lead_id"] != told.lead_id
    ]
    path = [{**asdict(event), "at": event.at.isoformat(), "text": sentence(event, words)} for event in told.path]
    return {**asdict(told), "path": path, "others": others}


def show(told: Explanation, catalog: Catalog, words: Words, *, reveal: bool) -> None:
    """Print the explanation for people."""
    title = f"Lead {told.lead_id}" if told.lead_id else "No lead"
    console.print(title, style="bold", highlight=False, soft_wrap=True)
    _lines([*_header(told, catalog, words)])
    console.print("\nWhat happened (times in UTC)", style="bold")
    _lines([(_when(event), sentence(event, words)) for event in _shortened(told.path)], indent=20)
    console.print("\nWhat happens next", style="bold")
    for line in told.next:
        _filled(line, "  ", "  ")
    if reveal and told.revealed:
        console.print("\nWhat the source sent, as it is mapped", style="bold")
        _lines(list(told.revealed.items()), indent=24)
    elif not reveal:
        console.print("\nPersonal values are masked; --reveal shows them. Free text stays sealed.", style="dim")


def _header(told: Explanation, catalog: Catalog, words: Words) -> Iterator[tuple[str, str]]:
    """Who it is about, how it stands, and where it is."""
    who = ", ".join(value for value in told.person.values() if value)
    if told.person_id:
        yield "person", f"{who or 'nothing known'} (person {told.person_id})"
    if told.status:
        yield "kind", f"{told.motion} lead, {told.lead_type}"
        yield "status", words.about(told.status, words.statuses)
        yield "stage", told.stage or "not known"
    yield "processing", words.about(told.processing_state, STATES)
    if told.reason:
        yield "reason", words.mean(told.reason)
    if told.lead_id:
        owner = catalog.owners.get(told.owner or "")
        yield "owner", f"{told.owner} ({owner.crm})" if owner else told.owner or "nobody yet"
    if told.received_at:
        yield "inquired", f"{told.received_at:%Y-%m-%d %H:%M}, the newest inquiry"
    came_from = {source["id"] for source in told.sources}
    for source in told.sources:
        yield "came from", f"{source['system']} {source['stream']} {source['id']}"
    for system, objects in told.targets.items():
        for name, record in objects.items():
            if record["id"] in came_from and record["state"] == "linked":
                continue
            yield "is in", f"{system} {name} {_record(record)}"


STATES: Mapping[str, str] = {
    "accepted": "the hub has decided",
    "held_capacity": "it waits until somebody can take it",
    "held_consent": "it waits until contact is permitted",
    "held_review": "somebody must complete or judge it",
    "quarantined": "a check refused it and a person must look",
    "dropped": "it is nobody's inquiry: counted, never pushed",
    "merged": "it is part of another lead now",
    "no_inquiry": "known from the CRM, has not inquired yet",
    "unknown": "read, and nothing decided yet",
}


def _record(record: Mapping[str, Any]) -> str:
    state = record.get("outbox") or record["state"]
    return f"{record['id'] or '(not written yet)'}, {state}" + (f": {record['reason']}" if record.get("reason") else "")


def _when(event: Event) -> str:
    return f"{event.at:%Y-%m-%d %H:%M}"


def _shortened(path: Sequence[Event]) -> list[Event]:
    """The path as it is read by people: what says the same twice is said once, and a long path loses its middle."""
    routed = {one.run_id for one in path if one.step == "route"}
    shown = [one for one in path if not (one.step == "assign" and one.run_id in routed)]
    shown = [
        one for one in shown if not (one.step == "outcome" and one.detail["kind"] == "status" and _moved(one, path))
    ]
    shown = together([one for one in shown if one.step != "enqueue" or one.result != "queued" or _last(one, path)])
    if len(shown) <= LONGEST:
        return shown
    left_out = len(shown) - LONGEST
    middle = replace(shown[LONGEST // 2], step="more", result=f"{left_out} more")
    return [*shown[: LONGEST // 2], middle, *shown[-LONGEST // 2 :]]


def _moved(said: Event, path: Sequence[Event]) -> bool:
    """Whether a move says the same as what sales said."""
    return any(one.step == "status" and one.run_id == said.run_id and one.result == said.detail["code"] for one in path)


def _last(queued: Event, path: Sequence[Event]) -> bool:
    """Whether nothing has come of what was queued."""
    target = (queued.system, queued.detail["object"])
    return not any(one.step == "apply" and (one.system, one.detail["object"]) == target for one in path)


def _lines(rows: Sequence[tuple[str, str]], indent: int = LABEL) -> None:
    """Print labelled lines; long ones go on below their text."""
    for label, text in rows:
        _filled(text, f"  {label:{indent - 2}}", " " * indent)


def _filled(text: str, first: str, others: str) -> None:
    width = max(console.width, len(others) + LABEL)
    lines = textwrap.fill(text, width, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)
    console.print(lines, highlight=False, markup=False, soft_wrap=True)
