"""What marketing is told of its own records: the state of their lead, and nothing above class 2 (FBK-06)."""

from collections.abc import Mapping

import polars as pl

from crosswalk.domain.schema import B, Column, S

FEEDBACK: Mapping[str, Column] = {
    "lead_id": Column(S, 1, "the lead"),
    "status": Column(S, 0, "joint lead status"),
    "stage": Column(S, 0, "journey stage"),
    "told_reason": Column(S, 2, "reason code, where marketing may know it"),
    "segment": Column(S, 2, "lead type code, which says which programme speaks to the person"),
    "suppressed": Column(B, 2, "marketing must not contact the person"),
    "next_nurture_on": Column(pl.Date, 0, "when marketing may try again"),
}
"""What can be written back about one lead."""
