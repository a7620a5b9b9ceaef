"""Data-quality gates (DQ-03): the only package that imports Great Expectations and pandas.

Importing it takes seconds. What only reads suites imports ``crosswalk.platform.suites`` instead.
"""

from crosswalk.platform.expectations import GATES, Expectation, Severity, Suite, When
from crosswalk.platform.gates.check import Finding, GateResult, Gates
from crosswalk.platform.gates.tally import Tally
from crosswalk.platform.suites import load_suites

__all__ = [
    "GATES",
    "Expectation",
    "Finding",
    "GateResult",
    "Gates",
    "Severity",
    "Suite",
    "Tally",
    "When",
    "load_suites",
]
