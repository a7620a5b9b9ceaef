"""The script: step by step each open lead that a person owns moves on by one act, and open opportunities advance."""

import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.sales.acts import Turn, act
from sandbox.sales.codes import DEAL, STAGES
from sandbox.sales.desk import Desk
from sandbox.sales.draw import Draw
from sandbox.sales.story import Story, truth
from sandbox.salesforce import people
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record

KEY = "Crosswalk_Id__c"


class Sales:
    """The sales team of one org, with the memory of what it has done since the org was loaded."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.forget()

    def forget(self) -> None:
        self._steps = 0
        self._stories: dict[str, Story] = {}

    def work(self, *, seed: int, share: float, steps: int, every: bool) -> dict[str, Any]:
        """Work `share` of the leads for some steps; `every`: those without the hub's id as well.

        Each turn is drawn from the seed, the lead's hub id (else its record id) and the number of the step since the
        org was loaded: the same calls on the same world do the same.
        """
        acts: Counter[str] = Counter()
        deals: Counter[str] = Counter()
        collecting = gc.isenabled()
        gc.disable()  # a step makes hundreds of thousands of records, none of which is garbage
        try:
            for _ in range(steps):
                self._steps += 1
                deals += self._deals(seed, share)
                acts += self._step(seed, share, every)
        finally:
            if collecting:
                gc.enable()
        return {
            "chosen": acts.total(),
            "acts": dict(sorted(acts.items())),
            "deals": dict(sorted(deals.items())),
            "truth": self.truth(),
        }

    def truth(self) -> dict[str, Any]:
        """What came of all the work so far."""
        return {"steps": self._steps, **truth(self._stories.values())}

    def _step(self, seed: int, share: float, every: bool) -> Counter[str]:
        done: Counter[str] = Counter()
        desk, rows, staff = Desk(self._org), self._org.tables["Lead"].rows, self._staff()
        colleagues = tuple(one for one in staff if one != self._org.user_id)
        chosen = []
        for key, lead in sorted(self._open(every, frozenset(staff)), key=lambda entry: entry[0]):
            draw = Draw(seed, key, self._steps)
            if draw.chance(share):
                chosen.append((lead["Id"], draw))
        for record_id, draw in chosen:
            story = self._stories.setdefault(record_id, Story())
            if story.gone:  # merged into another one that had its turn before
                done["merged_away"] += 1
                continue
            done[act(Turn(desk, rows[record_id], story, self._stories, draw, colleagues))] += 1
        return done

    def _open(self, every: bool, staff: frozenset[str]) -> Iterator[tuple[str, Record]]:
        """Leads that an active person owns and that are neither closed nor given back, with what to draw by."""
        for record_id, lead in self._org.tables["Lead"].rows.items():
            key = lead.get(KEY) or (record_id if every else None)
            if key is None or lead.get("IsDeleted") or lead.get("IsConverted") or lead.get("OwnerId") not in staff:
                continue
            story = self._stories.get(record_id)
            if not lead["Status"].startswith("Closed") and not (story and story.over):
                yield key, lead

    def _staff(self) -> tuple[str, ...]:
        users = self._org.tables["User"].rows
        return tuple(sorted(key for key, user in users.items() if user.get("IsActive")))

    def _deals(self, seed: int, share: float) -> Counter[str]:
        """Opportunities of earlier steps go on: up a stage, lost, or not at all."""
        done: Counter[str] = Counter()
        rows = self._org.tables["Opportunity"].rows
        for lead_id, story in sorted(self._stories.items()):
            deal = rows.get(story.opportunity or "")
            if deal is None or deal.get("IsDeleted") or deal["IsClosed"] or deal["StageName"] not in STAGES:
                continue
            lead = self._org.tables["Lead"].rows.get(lead_id, {})
            draw = Draw(seed, lead.get(KEY) or lead_id, self._steps, "deal")
            move = DEAL.at(draw.number()) if draw.chance(share) else "rest"
            done[move] += 1
            if move != "rest":
                on = STAGES[STAGES.index(deal["StageName"]) + 1]
                story.stage = on if move == "advance" else "Closed Lost"
                changes: Record = {"StageName": story.stage}
                if story.stage in ("Proposal/Price Quote", "Closed Won"):
                    changes["Amount"] = 500.0 * draw.whole(2, 120)
                people.edit(self._org, "Opportunity", deal["Id"], changes)
        return done
