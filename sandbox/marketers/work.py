"""The script: step by step each contact with an address does one thing, and those who keep the records do theirs."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.hubspot.index import Record
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.marketing_events import MarketingEvent
from sandbox.hubspot.portal import Portal
from sandbox.marketers.acts import Turn, act
from sandbox.marketers.codes import FIRST_NAMES, IMPORTED, LAST_NAMES, NEWCOMERS, PAGES, WEBINAR
from sandbox.marketers.desk import Desk
from sandbox.marketers.story import Story
from sandbox.sales.draw import Draw


class Marketers:
    """Marketing's people in one portal, with the memory of what they have done since it was loaded."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.forget()

    def forget(self) -> None:
        self._story = Story()
        self._webinar: int | None = None  # the one that has been announced

    @property
    def has_worked(self) -> bool:
        return self._story.steps > 0

    def work(self, *, seed: int, share: float, steps: int) -> dict[str, Any]:
        """Play some steps with a `share` of the contacts.

        Each turn is drawn from the seed, the contact's id and the number of the step since the portal was loaded: the
        same calls on the same world do the same.
        """
        acts: Counter[str] = Counter()
        besides: Counter[str] = Counter()
        for _ in range(steps):
            self._story.steps += 1
            desk = Desk(self._portal)
            besides += self._hold(desk, seed)
            webinar = desk.announce(self._story.steps)
            self._webinar = webinar.id
            chosen = self._chosen(seed, share)
            acts += self._turns(desk, webinar, chosen)
            besides += self._arrive(desk, seed, len(chosen))
            besides += self._tidy(desk, seed, [record.id for record, _ in chosen])
        return {
            "chosen": acts.total(),
            "acts": dict(sorted(acts.items())),
            "besides": dict(sorted(besides.items())),
            "truth": self.truth(),
        }

    def truth(self) -> dict[str, Any]:
        """What came of all the work so far."""
        return self._story.truth()

    def _chosen(self, seed: int, share: float) -> list[tuple[Record, Draw]]:
        """Contacts that have an address and, by chance, a turn."""
        store, step = contacts.store_of(self._portal), self._story.steps
        chosen = []
        for key in store.live:
            record = store.records[key]
            if record.properties.get("email"):
                draw = Draw(seed, "marketing", key, step)
                if draw.chance(share):
                    chosen.append((record, draw))
        return chosen

    def _turns(self, desk: Desk, webinar: MarketingEvent, chosen: list[tuple[Record, Draw]]) -> Counter[str]:
        campaign, forms = desk.letter(self._story.steps), desk.forms()
        return Counter(act(Turn(desk, self._story, record, draw, campaign, webinar, forms)) for record, draw in chosen)

    def _hold(self, desk: Desk, seed: int) -> Counter[str]:
        """The webinar of the step before takes place."""
        webinar = self._portal.marketing.events.events.get(self._webinar or 0)
        if webinar is None:
            return Counter()
        done: Counter[str] = Counter()
        for contact in list(webinar.participations.rows):
            draw = Draw(seed, "webinar", contact, self._story.steps)
            what = WEBINAR.at(draw.number())
            done[what] += 1
            if what == "attend":
                desk.take_part(webinar, contact, "ATTENDED", minutes=draw.whole(5, 60))
            elif what == "cancel":
                desk.take_part(webinar, contact, "CANCELLED")
        desk.hold(webinar)
        told = {"attend": "attended", "cancel": "cancelled", "stay_away": "no_shows"}
        self._story.webinars.update({told[what]: count for what, count in done.items()})
        return done

    def _arrive(self, desk: Desk, seed: int, chosen: int) -> Counter[str]:
        """New people at the forms, and a list that somebody imports."""
        step, forms = self._story.steps, desk.forms()
        newcomers = max(1, round(chosen * NEWCOMERS))
        for number in range(newcomers):
            draw = Draw(seed, "newcomer", step, number)
            form, page, person = draw.one(forms), draw.one(PAGES), _person(draw, f"visitor.{step}.{number}")
            desk.submit(form, person.pop("email"), page, **person)
            self._story.submissions[form["id"]] += 1
        draw = Draw(seed, "import", step)
        rows = [
            _person(Draw(seed, "imported", step, number), f"listed.{step}.{number}")
            for number in range(draw.whole(*IMPORTED))
        ]
        desk.bring_in(rows)
        self._story.made.update({"form": newcomers, "import": len(rows)})
        return Counter({"newcomers": newcomers, "imported": len(rows)})

    def _tidy(self, desk: Desk, seed: int, keys: list[int]) -> Counter[str]:
        """Somebody merges two that are one, the second of which a colleague has just typed in, and deletes one."""
        store, draw = contacts.store_of(self._portal), Draw(seed, "tidy", self._story.steps)
        if len(keys) < 2:
            return Counter()
        first, gone = draw.one(keys), draw.one(keys)
        known = store.records[first].properties
        names = {name: known[name] for name in ("firstname", "lastname") if known.get(name)}
        twin = desk.type_in(email=f"twin.{self._story.steps}@example.org", **names)
        self._story.made["typed"] += 1
        primary, other = (first, twin.id) if draw.chance(0.7) else (twin.id, first)
        desk.merge(primary, other)
        self._story.merged += 1
        if gone == first:
            return Counter({"merged": 1})
        desk.delete(store.records[gone])
        self._story.deleted += 1
        return Counter({"merged": 1, "deleted": 1})


def _person(draw: Draw, local: str) -> dict[str, str]:
    return {
        "email": f"{local}@example.org",
        "firstname": draw.one(FIRST_NAMES),
        "lastname": draw.one(LAST_NAMES),
        "phone": f"312-555-01{draw.whole(0, 99):02}",
    }
