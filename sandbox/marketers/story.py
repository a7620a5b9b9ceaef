"""What the script has done so far: tests reconcile with it what they find on the wire."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Story:
    """Counts since the portal was loaded."""

    steps: int = 0
    submissions: Counter[str] = field(default_factory=Counter)  # by form
    email_events: Counter[str] = field(default_factory=Counter)  # by type
    webinars: Counter[str] = field(default_factory=Counter)  # registered, attended, cancelled, no_shows
    made: Counter[str] = field(default_factory=Counter)  # new contacts by where they came from
    opted_out: Counter[str] = field(default_factory=Counter)  # "one" or "all"
    corrected: Counter[str] = field(default_factory=Counter)  # by property
    stages: Counter[str] = field(default_factory=Counter)  # by the new stage
    merged: int = 0
    deleted: int = 0

    def truth(self) -> dict[str, Any]:
        return {
            "steps": self.steps,
            "submissions": _sorted(self.submissions),
            "email_events": _sorted(self.email_events),
            "webinars": _sorted(self.webinars),
            "new_contacts": _sorted(self.made),
            "opted_out": _sorted(self.opted_out),
            "corrected": _sorted(self.corrected),
            "stages": _sorted(self.stages),
            "merged": self.merged,
            "deleted": self.deleted,
        }


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
