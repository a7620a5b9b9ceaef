"""The suites that ship: each gate has one, clean batches pass, and every rule bites."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from crosswalk.domain import schema
from crosswalk.errors import GateFailed
from crosswalk.platform.gates import GATES, Gates, load_suites

FOLDER = Path(__file__).resolve().parents[2] / "expectations"
CODES = {
    "audience": ["provider", "patient"],
    "lead_type": ["hcp", "patient"],
    "urgency": ["urgent", "soon", "routine"],
    "channel": ["paid_search", "held"],
    "capture_method": ["web_form"],
    "status": ["new", "working"],
}
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
LEAD = {
    "received_at": AT,
    "email": "ann@clinic.example",
    "phone": "+13125550100",
    "zip5": "06103",
    "npi": "1234567893",
    "audience": "provider",
    "lead_type": "hcp",
    "motion": "hcp",
    "urgency": "soon",
    "channel": "held",
    "capture_method": "web_form",
    "utm_source": "google",
    "utm_medium": "cpc",
    "utm_campaign": "2026q4-us-cardio",
    "utm_content": "a.b_c-d",
    "contactable": True,
    "person_id": "p1",
    "codes": ["ZIP_PADDED"],
    "fit": 100,
    "intent": 0,
    "next_status": "working",
    "has_place": True,
    "route": "owner",
    "territory": "t1",
}
CLEAN: dict[str, dict[str, Any]] = {
    "raw": {"source": "hubspot", "stream": "contacts", "modified_at": AT, "email": "a@x", "phone": "1"},
    "shaped": LEAD,
    "identified": LEAD,
    "qualified": LEAD,
    "routed": LEAD,
    "handed_off": {"object": "Lead", "lead_id": "l", "package_complete": True, "over_ceiling": 0},
    "fed_back": {"object": "contacts", "lead_id": "l", "package_complete": True, "over_ceiling": 0},
    "returned": {"source": "crm", "kind": "meeting", "at": AT, "starts_at": AT, "codes": []},
    "planned": {"object": "Lead", "kind": "create", "n_fields": 3, "clears": 0},
    "receipts": {"object": "Lead", "outcome": "created", "code": "X", "record_id": "r"},
}
KEYS = ("unit", "payload_id", "external_id", "lead_id", "action_id")
"""Columns in which every row has its own value."""


def batch(gate: str, bad: dict[str, Any] | None = None, *, rows: int = 100, of: int = 100) -> pl.DataFrame:
    """``rows`` bad rows among ``of``."""
    dtypes = {**GATES[gate], "email": pl.String, "phone": pl.String} if gate == "raw" else dict(GATES[gate])
    data = [
        {**CLEAN[gate], **{key: f"{key}{n}" for key in KEYS if key in dtypes}, **((bad or {}) if n < rows else {})}
        for n in range(of)
    ]
    return pl.DataFrame([{name: row.get(name) for name in dtypes} for row in data], schema=dtypes)


def unit(gate: str) -> str:
    return {"raw": "payload_id"}.get(gate, "unit" if "unit" in GATES[gate] else "action_id")


@pytest.fixture(scope="module")
def suites() -> Any:
    return load_suites(FOLDER, CODES)


@pytest.fixture
def gates(suites) -> Gates:
    return Gates(suites)


def test_each_gate_has_a_suite_and_each_severity_is_used(suites) -> None:
    assert list(suites) == list(GATES)
    severities = Counter(rule.severity for suite in suites.values() for rule in suite.expectations)
    assert set(severities) == {"info", "warn", "hold", "stop"}
    assert all((FOLDER / f"{gate}.yaml").is_file() for gate in GATES)


@pytest.mark.parametrize("gate", GATES)
def test_clean_batches_pass(gates, gate) -> None:
    result = gates.check(gate, batch(gate), unit=unit(gate))
    assert (result.findings, result.refused.rows()) == ((), [])


STOPS = [
    ("raw", {"external_id": None}, 1, "SOURCE_ID_MISSING"),
    ("raw", {"external_id": "same"}, 2, "SOURCE_ID_DUPLICATE"),
    ("raw", {"modified_at": None}, 1, "MODIFIED_AT_MISSING"),
    ("raw", {"email": None}, 40, "EMAIL_MISSING_SHARE"),
    ("shaped", {"received_at": None}, 11, "RECEIVED_AT_MISSING"),
    ("shaped", {"contactable": False}, 26, "NOT_CONTACTABLE"),
    ("identified", {"person_id": None}, 1, "PERSON_MISSING"),
    ("identified", {"lead_id": None}, 1, "LEAD_ID_MISSING"),
    ("identified", {"lead_id": "same"}, 2, "LEAD_ID_DUPLICATE"),
    ("qualified", {"fit": 101}, 1, "SCORE_RANGE"),
    ("qualified", {"intent": -1}, 1, "SCORE_RANGE"),
    ("qualified", {"lead_type": None}, 1, "LEAD_TYPE_MISSING"),
    ("qualified", {"next_status": "wat"}, 1, "STATUS_UNKNOWN"),
    ("qualified", {"codes": ["A", "UNKNOWN_LABEL(payer)"]}, 31, "UNKNOWN_LABEL_SHARE"),
    ("routed", {"has_place": False}, 1, "ORPHAN_LEAD"),
    ("routed", {"route": "lost"}, 1, "ROUTE_UNKNOWN"),
    ("handed_off", {"over_ceiling": 1}, 1, "CEILING_EXCEEDED"),
    ("handed_off", {"action_id": "same"}, 2, "ACTION_DUPLICATE"),
    ("handed_off", {"external_id": None}, 1, "EXTERNAL_ID_MISSING"),
    ("fed_back", {"over_ceiling": 1}, 1, "CEILING_EXCEEDED"),
    ("fed_back", {"action_id": "same"}, 2, "ACTION_DUPLICATE"),
    ("fed_back", {"external_id": None}, 1, "RECORD_ID_MISSING"),
    ("returned", {"external_id": None}, 1, "RECORD_ID_MISSING"),
    ("returned", {"external_id": "same"}, 2, "RECORD_ID_DUPLICATE"),
    ("returned", {"at": None}, 6, "EVENT_TIME_MISSING"),
    ("returned", {"codes": ["UNKNOWN_LABEL(disposition)"]}, 6, "UNKNOWN_LABEL_SHARE"),
    ("planned", {"clears": 1}, 1, "CLEARS_FIELD"),
    ("planned", {"kind": "delete"}, 1, "PLAN_KIND_UNKNOWN"),
    ("receipts", {"outcome": "maybe"}, 1, "OUTCOME_UNKNOWN"),
    ("receipts", {"action_id": "same"}, 2, "RECEIPT_DUPLICATE"),
    ("receipts", {"record_id": None}, 1, "RECORD_ID_MISSING"),
    ("receipts", {"outcome": "failed", "record_id": None}, 51, "RECEIPT_ERRORS"),
]


@pytest.mark.parametrize(("gate", "bad", "rows", "reason"), STOPS)
def test_stops(gates, gate, bad, rows, reason) -> None:
    with pytest.raises(GateFailed, match=rf"gate {gate}: .*\({reason}\)"):
        gates.check(gate, batch(gate, bad, rows=rows), unit=unit(gate))


HOLDS = [
    ("shaped", {"received_at": None}, "RECEIVED_AT_MISSING"),
    ("shaped", {"contactable": False, "email": "@"}, "NOT_CONTACTABLE"),
    ("shaped", {"missing_required": "last_name,npi"}, "REQUIRED_MISSING"),
    ("shaped", {"lead_type": "x"}, "LEAD_TYPE_UNKNOWN"),
    ("shaped", {"motion": "x"}, "MOTION_UNKNOWN"),
    ("shaped", {"audience": "x"}, "AUDIENCE_UNKNOWN"),
    ("shaped", {"urgency": "x"}, "URGENCY_UNKNOWN"),
    ("shaped", {"channel": "x"}, "CHANNEL_UNKNOWN"),
    ("shaped", {"capture_method": "x"}, "CAPTURE_METHOD_UNKNOWN"),
    *[
        ("shaped", {"email": bad}, "EMAIL_SYNTAX")
        for bad in ("a", "a@b", "a b@c.de", "a@b..de", "a@b.de\n", "a@b@c.de")
    ],
    *[
        ("shaped", {"phone": bad}, "PHONE_SYNTAX")
        for bad in ("3125550100", "+0312555", "+1312555010a", "+13125550100\n")
    ],
    ("handed_off", {"package_complete": False}, "PACKAGE_INCOMPLETE"),
    ("fed_back", {"package_complete": False}, "VALUE_TOO_LONG"),
    ("returned", {"at": None}, "EVENT_TIME_MISSING"),
    ("planned", {"n_fields": 0}, "EMPTY_WRITE"),
]


@pytest.mark.parametrize(("gate", "bad", "reason"), HOLDS)
def test_holds(gates, gate, bad, reason) -> None:
    result = gates.check(gate, batch(gate, bad, rows=3), unit=unit(gate))
    assert result.refused["reason"].to_list() == [reason] * 3


WARNS = [
    ("raw", {"phone": None}, 81, "PHONE_MISSING_SHARE"),
    ("returned", {"starts_at": None}, 6, "MEETING_START_MISSING"),
    ("shaped", {"zip5": "6103"}, 1, "ZIP_SYNTAX"),
    ("shaped", {"npi": "3234567893"}, 1, "NPI_SYNTAX"),
    *[
        ("shaped", {f"utm_{part}": "No Way"}, 1, "UTM_CHARACTERS")
        for part in ("source", "medium", "campaign", "content")
    ],
    ("routed", {"route": "default"}, 6, "DEFAULT_QUEUE_SHARE"),
    ("routed", {"territory": None}, 11, "TERRITORY_UNMATCHED_SHARE"),
    ("receipts", {"outcome": "failed", "record_id": None}, 6, "RECEIPT_ERROR_SHARE"),
    ("receipts", {"outcome": "failed", "code": None}, 1, "ERROR_CODE_MISSING"),
]


@pytest.mark.parametrize(("gate", "bad", "rows", "reason"), WARNS)
def test_warns(gates, gate, bad, rows, reason) -> None:
    result = gates.check(gate, batch(gate, bad, rows=rows), unit=unit(gate))
    assert result.refused.is_empty()
    assert [finding.reason for finding in result.findings] == [reason]


@pytest.mark.parametrize(
    ("gate", "bad", "rows"),
    [
        ("raw", {"email": None}, 39),
        ("raw", {"email": None, "stream": "campaigns"}, 100),
        ("shaped", {"contactable": False, "lead_type": "x", "email": "a", "drop_reason": "test"}, 100),
        ("shaped", {"email": None, "phone": None, "utm_source": None, "npi": None}, 100),
        ("routed", {"route": "default"}, 5),
        ("planned", {"kind": "skip", "n_fields": 0}, 100),
        ("receipts", {"outcome": "failed", "record_id": None}, 5),
    ],
)
def test_just_within_the_bar(gates, gate, bad, rows) -> None:
    assert gates.check(gate, batch(gate, bad, rows=rows), unit=unit(gate)).findings == ()


def test_blast_radius_counts_creates_and_updates_apart(gates) -> None:
    many = gates.check("planned", batch("planned", {"kind": "update"}, rows=4_001, of=6_002), unit="action_id")
    assert [finding.reason for finding in many.findings] == ["MANY_CREATES", "MANY_UPDATES"]
    assert (
        gates.check("planned", batch("planned", {"kind": "skip"}, of=5_000, rows=4_000), unit="action_id").findings
        == ()
    )


def test_one_source_stops_and_the_other_goes_on(gates) -> None:
    with pytest.raises(GateFailed):
        gates.check("raw", batch("raw", {"email": None}, rows=40), unit="payload_id")
    other = batch("raw").with_columns(source=pl.lit("marketo"), stream=pl.lit("leads"))
    assert gates.check("raw", other, unit="payload_id").findings == ()


def test_frames_of_the_domain_fit(gates) -> None:
    parts = (schema.LEAD, schema.IDENTIFIED, schema.QUALIFIED, schema.ROUTED)
    for gate, last in zip(("shaped", "identified", "qualified", "routed"), range(1, 5), strict=True):
        assert set(schema.dtypes(*parts[:last])) <= set(GATES[gate])
