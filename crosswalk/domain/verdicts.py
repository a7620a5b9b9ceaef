"""Verdicts: what became of each unit that entered a step, and the arithmetic that nothing is lost by."""

from dataclasses import astuple, dataclass
from typing import Literal

import polars as pl

from crosswalk.domain.schema import VERDICTS, conform

Result = Literal["passed", "quarantined", "held", "skipped", "rejected"]


@dataclass(frozen=True)
class Counts:
    """How many units entered a step and how each left it; ``emitted`` is what the next step takes in."""

    n_in: int = 0
    passed: int = 0
    quarantined: int = 0
    held: int = 0
    skipped: int = 0
    rejected: int = 0
    emitted: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        """Add up two batches of the same step."""
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def conserved(self) -> bool:
        """Whether every unit that entered has exactly one verdict."""
        return self.n_in == self.passed + self.quarantined + self.held + self.skipped + self.rejected


def verdicts(refused: pl.DataFrame, result: Result) -> pl.DataFrame:
    """Return ``schema.VERDICTS`` for units that a step did not pass on; ``refused`` has ``unit`` and ``reason``."""
    return conform(refused.with_columns(pl.lit(result).alias("result")), VERDICTS)
