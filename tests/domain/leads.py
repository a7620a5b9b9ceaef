"""Leads made in the test: what is not said is what an ordinary patient's inquiry says."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from crosswalk.domain.schema import IDENTIFIED, LEAD, dtypes

NOW = datetime(2026, 11, 16, 15, tzinfo=UTC)  # a Monday, 9:00 in Chicago
PATIENT: dict[str, Any] = {
    "source": "hubspot",
    "stream": "contacts",
    "received_at": NOW,
    "first_name": "Jane",
    "last_name": "Roe",
    "email": "jane.roe@mail.example.org",
    "email_key": "jane.roe@mail.example.org",
    "phone": "+13125550142",
    "state": "IL",
    "zip5": "60611",
    "country": "US",
    "audience": "patient",
    "lead_type": "patient_inquiry",
    "motion": "patient",
    "service_line": "cardiology",
    "urgency": "routine",
    "hand_raise": True,
    "has_text": False,
    "consent_email": "granted",
    "consent_phone": "granted",
    "consent_sms": "unknown",
    "capture_method": "web_form",
    "channel": "direct",
    "codes": [],
    "person_id": "p1",
    "lead_id": "l1",
    "status": "new",
}


def leads(*rows: dict[str, Any]) -> pl.DataFrame:
    """Identified leads, units u0, u1, …; each row says how it differs from ``PATIENT``."""
    full = [
        {"unit": f"u{n}", "payload_id": f"u{n}", "external_id": str(n), **PATIENT, **row} for n, row in enumerate(rows)
    ]
    return pl.DataFrame(full, schema={**dtypes(LEAD, IDENTIFIED), **_others(full)}, orient="row")


def _others(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Columns that a later step adds, with the type of their first value."""
    known = dtypes(LEAD, IDENTIFIED)
    names = dict.fromkeys(name for row in rows for name in row if name not in known)
    return {name: pl.DataFrame({name: [row.get(name) for row in rows]}).schema[name] for name in names}


def by_unit(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a frame, each found by its unit."""
    return {row["unit"]: row for row in frame.rows(named=True)}
