"""What the script has done with each lead: tests reconcile with it what they find on the wire."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.sales.codes import DISPOSITION_FIELD, DISPOSITIONS, DISQUALIFY, REASON_FIELD, RECYCLE


@dataclass(slots=True)
class Story:
    """One lead as sales sees it. `meetings` are chains: the outcomes of an Event and of those it was moved to."""

    status: str | None = None
    reason: str | None = None  # as written, a code or what somebody typed; None where the org has no field for it
    meeting: str | None = None  # the Event that is still ahead
    meetings: list[list[str]] = field(default_factory=list)
    dispositions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # their kinds
    owners: int = 0  # how often it was handed over
    opportunity: str | None = None
    stage: str | None = None
    gone: str | None = None  # deleted or merged

    @property
    def over(self) -> bool:
        return self.gone is not None or self.status in ("recycled", "disqualified", "converted")

    @property
    def standing(self) -> str:
        """Where the lead stands, a key of codes.NEXT."""
        if self.status != "meeting_set":
            return self.status or "new"
        if self.meeting:
            return "meeting ahead"
        return "met" if self.meetings[-1][-1] == "completed" else "missed"

    def absorb(self, loser: "Story") -> None:
        """The loser of a merge leaves its activities to this one."""
        self.meetings = loser.meetings + self.meetings
        self.dispositions += loser.dispositions
        self.notes += loser.notes
        loser.meetings, loser.dispositions, loser.notes, loser.gone = [], [], [], "merged"


def truth(stories: Iterable[Story]) -> dict[str, Any]:
    """Counts over all leads that were ever worked. Activities of deleted leads are left out: they went with them."""
    told = list(stories)
    here = [one for one in told if one.gone is None]
    known = {*DISQUALIFY.things, *RECYCLE.things}
    reasons = Counter(one.reason for one in here if one.reason)
    said = Counter(what for one in here for what in one.dispositions)
    chains = [chain for one in here for chain in one.meetings]
    return {
        "leads": len(told),
        "sales_status": _sorted(Counter(one.status or "none" for one in here)),
        "reasons": _sorted({code: n for code, n in reasons.items() if code in known}),
        "dispositions": _sorted({code: n for code, n in said.items() if code in DISPOSITIONS}),
        "unmapped": {
            f"Lead.{REASON_FIELD}": _sorted({text: n for text, n in reasons.items() if text not in known}),
            f"Task.{DISPOSITION_FIELD}": _sorted({text: n for text, n in said.items() if text not in DISPOSITIONS}),
        },
        "notes": _sorted(Counter(kind for one in here for kind in one.notes)),
        "meetings": {
            "events": sum(map(len, chains)),
            "by_outcome": _sorted(Counter(outcome for chain in chains for outcome in chain)),
            "chains": len(chains),
            "chains_by_length": _sorted(Counter(str(len(chain)) for chain in chains)),
            "chains_by_outcome": _sorted(Counter(chain[-1] for chain in chains)),
        },
        "conversions": sum(one.status == "converted" for one in here),
        "opportunities": _sorted(Counter(one.stage for one in here if one.stage)),
        "handed_over": sum(one.owners for one in told),
        "deleted": sum(one.gone == "deleted" for one in told),
        "merged": sum(one.gone == "merged" for one in told),
    }


def _sorted(counts: dict[Any, int]) -> dict[Any, int]:
    return dict(sorted(counts.items()))
