"""What marketing and sales have agreed on, as a version that every run records (GLO-01 in part)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal


@dataclass(frozen=True)
class Term:
    """One agreed term and who owns it."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    meaning: str
    owner: str


@dataclass(frozen=True)
class Approvals:
    """Who has signed this version, for each side."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    marketing: str | None = None
    sales: str | None = None


@dataclass(frozen=True)
class Definitions:
    """The version, who approved it, and the bars that hold for a whole run.

    ``quarantine_threshold`` is the share of a run's rows that may end in quarantine before the run reports it by its
    exit code.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    version: str
    effective: date
    approval: Literal["solo", "two"] = "solo"
    approved_by: Approvals = field(default_factory=Approvals)
    quarantine_threshold: float = 0.25
    terms: Mapping[str, Term] = field(default_factory=dict)

    def unapproved(self) -> list[str]:
        """Return what the approval policy still misses, in plain words."""
        given = {"marketing": self.approved_by.marketing, "sales": self.approved_by.sales}
        if self.approval == "two":
            return [f"the {side} approver is missing" for side, who in given.items() if not who]
        return [] if any(given.values()) else ["no approver is named"]
