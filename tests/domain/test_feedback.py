"""What marketing is told of its own records (FBK-06): which lead, which fields, and never more than it may know."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from crosswalk.domain import feedback
from crosswalk.domain.handoff import over_ceiling
from crosswalk.domain.outbound import ACTION
from crosswalk.domain.schema import FEEDBACK, dtypes
from crosswalk.platform.catalog import Catalog

pytestmark = pytest.mark.feature("FBK-06")

AT = datetime(2026, 11, 16, 15, tzinfo=UTC)
SCHEMA = {
    **dict.fromkeys(("lead_id", "person_id", "motion", "lead_type", "status", "stage", "reason"), pl.String),
    "resume_on": pl.Date,
    "is_open": pl.Boolean,
    "received_at": pl.Datetime("us", "UTC"),
    "merged_into": pl.String,
    **dict.fromkeys(feedback.CONSENTS, pl.String),
}


def stored(*rows: dict[str, Any]) -> pl.DataFrame:
    """Leads as the hub has them, an ordinary patient's where nothing else is said."""
    ordinary = {
        "person_id": "p1",
        "motion": "patient",
        "lead_type": "patient_new",
        "status": "assigned",
        "stage": "evaluate",
        "is_open": True,
        "received_at": AT,
        **dict.fromkeys(feedback.CONSENTS, "granted"),
    }
    rows = tuple({"lead_id": f"l{number}", **ordinary, **row} for number, row in enumerate(rows, start=1))
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def fed(catalog: Catalog, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    return feedback.feed_back(stored(*rows), catalog.outcomes.reasons).rows(named=True)


def actions(catalog: Catalog, *rows: dict[str, Any], ceiling: int = 2) -> pl.DataFrame:
    told = feedback.feed_back(stored(*rows), catalog.outcomes.reasons)
    told = told.with_columns(pl.concat_str(pl.lit("c"), "lead_id").alias("record_id"))
    return feedback.actions(told, catalog.targets["hubspot", "contacts"], catalog.codes, ceiling)


def written(catalog: Catalog, row: dict[str, Any], ceiling: int = 2) -> dict[str, Any]:
    """The one action's fields."""
    fields: dict[str, Any] = json.loads(actions(catalog, row, ceiling=ceiling)["desired"][0])["fields"]
    return fields


def test_a_lead_is_told_in_the_declared_columns(catalog: Catalog) -> None:
    frame = feedback.feed_back(stored({}), catalog.outcomes.reasons)
    assert dict(frame.schema) == {**dtypes(FEEDBACK), "motion": pl.String}
    assert frame.row(0, named=True) == {
        "lead_id": "l1",
        "status": "assigned",
        "stage": "evaluate",
        "told_reason": None,
        "segment": "patient_new",
        "suppressed": False,
        "next_nurture_on": None,
        "motion": "patient",
    }


def test_every_reason_is_told_and_suppresses_as_the_standard_says(catalog: Catalog) -> None:
    for code, reason in catalog.outcomes.reasons.items():
        (row,) = fed(catalog, {"reason": code, "status": "disqualified"})
        assert (row["told_reason"], row["suppressed"]) == (code if reason.told else None, reason.suppress), code


@pytest.mark.feature("FBK-06")
@pytest.mark.parametrize("reason", ["medical_question", "payer_not_accepted", "adverse_event", "NO_CONSENT", "no such"])
def test_what_would_say_something_of_a_persons_health_is_withheld(catalog: Catalog, reason: str) -> None:
    assert reason not in actions(catalog, {"reason": reason, "status": "disqualified"})["desired"][0]


@pytest.mark.parametrize(
    ("consents", "suppressed"),
    [
        (("denied", "denied", "denied"), True),
        (("denied", "denied", "unknown"), False),
        (("denied", "denied", None), False),
        (("granted", "denied", "denied"), False),
        (("unknown", "unknown", "unknown"), False),
    ],
)
def test_a_person_who_has_denied_every_channel_is_suppressed(
    catalog: Catalog, consents: tuple[str | None, ...], suppressed: bool
) -> None:
    (row,) = fed(catalog, dict(zip(feedback.CONSENTS, consents, strict=True)))
    assert row["suppressed"] is suppressed


def test_who_does_not_want_to_be_contacted_said_it_for_all_leads(catalog: Catalog) -> None:
    rows = fed(
        catalog,
        {"reason": "opted_out", "status": "disqualified"},
        {"motion": "b2b"},
        {"person_id": "p2"},
    )
    assert [row["suppressed"] for row in rows] == [True, True, False]


@pytest.mark.parametrize(
    ("status", "told"), [("recycled", True), ("nurturing", True), ("assigned", False), ("new", False)]
)
def test_marketing_may_try_again_only_while_the_lead_is_with_it(catalog: Catalog, status: str, told: bool) -> None:
    (row,) = fed(catalog, {"status": status, "resume_on": date(2027, 2, 14)})
    assert row["next_nurture_on"] == (date(2027, 2, 14) if told else None)


CHOICES = [
    ("the newest open one", [{}, {"received_at": AT + timedelta(1)}], "l2"),
    ("an open one before a newer closed one", [{}, {"received_at": AT + timedelta(1), "is_open": False}], "l1"),
    ("the newest closed one", [{"is_open": False, "received_at": AT + timedelta(1)}, {"is_open": False}], "l1"),
    ("one that stands before a merged one", [{"merged_into": "l9"}, {"is_open": False}], "l2"),
    ("a merged one where there is no other", [{"merged_into": "l9"}], "l1"),
    ("the same one every time", [{"lead_id": "b"}, {"lead_id": "a"}], "b"),
]


@pytest.mark.parametrize(("leads", "chosen"), [one[1:] for one in CHOICES], ids=[one[0] for one in CHOICES])
def test_a_record_tells_of_one_lead(leads: list[dict[str, Any]], chosen: str) -> None:
    frame = stored(*leads)
    records = frame.select(pl.lit("c1").alias("record_id"), "lead_id")
    for order in (records, records.reverse(), pl.concat([records, records])):
        assert feedback.told_of(order, frame).rows() == [("c1", chosen)]


def test_each_record_of_a_lead_tells_of_it() -> None:
    records = pl.DataFrame({"record_id": ["c2", "c1"], "lead_id": ["l1", "l1"]})
    assert sorted(feedback.told_of(records, stored({})).rows()) == [("c1", "l1"), ("c2", "l1")]


def test_exactly_the_mapped_fields_are_written(catalog: Catalog) -> None:
    row = {"status": "recycled", "reason": "not_now", "resume_on": date(2027, 2, 14)}
    assert written(catalog, row) == {
        "crosswalk_lead_id": "l1",
        "crosswalk_status": "recycled",
        "crosswalk_stage": "evaluate",
        "crosswalk_reason": "not_now",
        "crosswalk_segment": "patient_new",
        "crosswalk_suppressed": False,
        "crosswalk_next_nurture_on": "2027-02-14",
        "lifecyclestage": "lead",
        "hs_lead_status": "BAD_TIMING",
    }


def test_an_action_is_known_by_its_record(catalog: Catalog) -> None:
    frame = actions(catalog, {}, {"person_id": "p2"})
    assert dict(frame.schema) == dtypes(ACTION)
    assert frame.select("action_id", "external_id", "lead_id", "depends_on", "over_ceiling").rows() == [
        ("hubspot:contacts:cl1", "cl1", "l1", None, 0),
        ("hubspot:contacts:cl2", "cl2", "l2", None, 0),
    ]
    assert frame["desired_hash"].to_list() == actions(catalog, {}, {"person_id": "p2"})["desired_hash"].to_list()
    assert frame["desired_hash"].to_list() != actions(catalog, {}, {"status": "accepted"})["desired_hash"].to_list()


@pytest.mark.feature("CON-02")
def test_a_lower_ceiling_withholds_what_is_above_it(catalog: Catalog) -> None:
    row = {"status": "recycled", "reason": "opted_out"}
    kept = {name for name, value in written(catalog, row, ceiling=1).items() if value is not None}
    assert kept == {"crosswalk_lead_id", "crosswalk_status", "crosswalk_stage", "lifecyclestage", "hs_lead_status"}
    assert actions(catalog, row, ceiling=1)["over_ceiling"].to_list() == [0]


@pytest.mark.feature("CON-02")
def test_the_gate_is_told_of_every_field_above_the_ceiling(catalog: Catalog) -> None:
    told = feedback.feed_back(stored({"reason": "opted_out"}), catalog.outcomes.reasons)
    assert over_ceiling(told, list(FEEDBACK), 1).to_list() == [3]
    assert over_ceiling(told, list(FEEDBACK), 2).to_list() == [0]


def test_a_value_that_is_too_long_is_named(catalog: Catalog) -> None:
    target = catalog.targets["hubspot", "contacts"]
    spec = target.fields["crosswalk_stage"]
    short = type(target)(**{**vars(target), "fields": {"crosswalk_stage": type(spec)(field="stage", max_length=3)}})
    told = feedback.feed_back(stored({}), catalog.outcomes.reasons).with_columns(pl.lit("c1").alias("record_id"))
    (action,) = feedback.actions(told, short, catalog.codes, 2).rows(named=True)
    assert (action["missing"], action["package_complete"]) == ("crosswalk_stage too long", False)
