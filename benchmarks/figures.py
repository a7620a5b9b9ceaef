"""What is worked out of measurements: ratios to the plain script, speeds of steps, shares of the vendors' limits."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.bench import PLAIN, PLAIN_BACK, RETURN, SYNC, Result
from benchmarks.measure import Measured


class Ratio(NamedTuple):
    """The hub's figure divided by the plain script's; below 1 the hub takes less."""

    name: str
    unit: str
    wall: float
    cpu: float
    calls: float
    peak: float


class Step(NamedTuple):
    """A step of the hub: what entered, the seconds it took, and how many a second that makes."""

    name: str
    entered: int
    seconds: float
    speed: float


class Share(NamedTuple):
    """How much of a vendor's rate was reached on one path, from its first call to its last."""

    name: str
    path: str
    calls: int
    seconds: float
    per_second: float
    share: float
    rows: float


PATHS = (
    ("HubSpot search", re.compile(r"POST /crm/.*objects/.*/search"), 5, 1, 200),
    ("HubSpot list", re.compile(r"GET /crm/.*objects/.*\{object_type\}"), 190, 10, 100),
    ("HubSpot batch/update", re.compile(r"POST /crm/.*objects/.*/batch/update"), 190, 10, 100),
)
"""Path, its endpoints, the calls that HubSpot allows in a window of so many seconds, rows in a call."""


def ratios(result: Result) -> Iterator[Ratio]:
    """Compare by what both did: contacts read on the way there, records written on the way back."""
    for name, plain, unit in ((SYNC, PLAIN, "read"), (RETURN, PLAIN_BACK, "changed")):
        if name in result.measured and plain in result.measured:
            ours, theirs = result.measured[name], result.measured[plain]
            mine, other = getattr(ours, unit) or 1, getattr(theirs, unit) or 1
            yield Ratio(
                name,
                "contact read" if unit == "read" else "contact written",
                wall=ours.wall / mine / (theirs.wall / other),
                cpu=ours.cpu / mine / (theirs.cpu / other),
                calls=ours.calls / mine / (theirs.calls / other),
                peak=ours.peak_mb / theirs.peak_mb,
            )


def steps(measured: Measured) -> list[Step]:
    """Work out the speed of each step; nothing where the document has no timings."""
    entered: dict[str, int] = {}
    for step in measured.document.get("steps", ()):
        entered[step["step"]] = entered.get(step["step"], 0) + step["in"]
    return [
        Step(name, entered.get(name, 0), seconds, entered.get(name, 0) / seconds if seconds else 0.0)
        for name, seconds in measured.document.get("timings", {}).items()
    ]


def shares(measured: Measured) -> Iterator[Share]:
    """Work out the share of each path that was used for longer than the window of its limit.

    The first call opens the span, so that n calls in it make n - 1 intervals. What was refused does not count; a
    process that is refused at all uses one path here.
    """
    served = measured.requests["hubspot"]
    refused = served["by_status"].get("429", 0)
    for path, pattern, allowed, window, rows in PATHS:
        used = [endpoint for endpoint in served["by_endpoint"] if pattern.fullmatch(endpoint)]
        if not used:
            continue
        calls = sum(served["by_endpoint"][endpoint] for endpoint in used) - refused
        span = max(served["last"][endpoint] for endpoint in used) - min(served["first"][endpoint] for endpoint in used)
        if span >= window:
            reached = (calls - 1) / span
            yield Share(measured.name, path, calls, span, reached, reached * window / allowed, allowed * rows / window)
