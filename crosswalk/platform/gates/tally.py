"""What a run adds up to."""

from dataclasses import dataclass

from crosswalk.platform.expectations import Severity


@dataclass(frozen=True)
class Tally:
    """One expectation over all batches of a run. ``total`` counts judged rows, ``missed`` batches below the bar."""

    gate: str
    expectation: str
    severity: Severity
    reason: str
    failed: int = 0
    total: int = 0
    batches: int = 0
    missed: int = 0
