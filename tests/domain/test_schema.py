"""The columns that pass the seams (CON-02): each with a type, a class and a meaning."""

import polars as pl
import pytest

from crosswalk.domain import schema
from crosswalk.domain.outbound import ACTION, PACKAGE
from crosswalk.domain.schema import IDENTIFIED, LEAD, PAYLOAD, QUALIFIED, ROUTED, VERDICTS, Column

PARTS = {
    "PAYLOAD": PAYLOAD,
    "LEAD": LEAD,
    "IDENTIFIED": IDENTIFIED,
    "QUALIFIED": QUALIFIED,
    "ROUTED": ROUTED,
    "VERDICTS": VERDICTS,
    "ACTION": ACTION,
    "PACKAGE": PACKAGE,
}
COLUMNS = [(f"{part}.{name}", column) for part, columns in PARTS.items() for name, column in columns.items()]


@pytest.mark.feature("CON-02")
@pytest.mark.parametrize("column", [column for _, column in COLUMNS], ids=[name for name, _ in COLUMNS])
def test_a_column_says_what_it_is(column: Column) -> None:
    assert 0 <= column.data_class <= 5
    assert column.patient_class is None or column.patient_class > column.data_class
    assert column.about and column.about == column.about.strip()
    assert pl.Series([], dtype=column.dtype).dtype == column.dtype


@pytest.mark.feature("CON-02")
@pytest.mark.parametrize(
    ("column", "patient", "other"),
    [
        ("utm_source", 0, 0),
        ("npi", 1, 1),
        ("email", 2, 2),
        ("service_line", 3, 1),
        ("program_code", 3, 1),
        ("campaign_name", 3, 0),
        ("landing_url", 3, 2),
        ("utm_term", 3, 3),
        ("payer", 3, 3),
        ("is_existing_patient", 3, 3),
        ("never_declared", 5, 5),
    ],
)
def test_a_patient_s_columns_are_judged_more_strictly(column: str, patient: int, other: int) -> None:
    assert (schema.data_class(column), schema.data_class(column, patient=False)) == (patient, other)


def test_an_empty_frame_has_every_column() -> None:
    frame = schema.empty(LEAD, IDENTIFIED)
    assert frame.is_empty() and frame.columns == [*LEAD, *IDENTIFIED]
    assert dict(frame.schema) == schema.dtypes(LEAD, IDENTIFIED)


def test_conforming_selects_casts_and_fills() -> None:
    frame = pl.DataFrame({"reason": [1], "unit": ["u"], "more": ["x"]})
    assert schema.conform(frame, VERDICTS).rows() == [("u", None, "1")]
    assert schema.conform(frame, VERDICTS).columns == list(VERDICTS)


def test_no_column_is_declared_twice() -> None:
    together = [*LEAD, *IDENTIFIED, *QUALIFIED, *ROUTED]
    assert len(together) == len(set(together))
