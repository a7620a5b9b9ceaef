"""Predicates: the one language of rules. Compiled, they say what a person reading them expects."""

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crosswalk.domain.predicates import compile_predicate, fields, problems

TYPES: dict[str, Any] = {"state": pl.String, "fit": pl.Int64, "urgent": pl.Boolean, "codes": pl.List(pl.String)}
Row = dict[str, Any]

rows = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.none() | st.sampled_from(["IL", "WI", "I"]),
            "fit": st.none() | st.integers(0, 3),
            "urgent": st.none() | st.booleans(),
            "codes": st.none() | st.lists(st.sampled_from(["A", "B"]), max_size=2),
        }
    ),
    min_size=1,
    max_size=8,
)
states, numbers, booleans = st.sampled_from(["IL", "WI", "I", "X"]), st.integers(0, 3), st.booleans()
is_null = st.fixed_dictionaries({"is_null": booleans})


def operators(names: str, operand: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names.split()), operand, min_size=1, max_size=2)


def lists(operand: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return operators("in not_in", st.lists(operand, min_size=1, max_size=3))


tests = st.fixed_dictionaries(
    {},
    optional={
        "state": states
        | st.lists(states, min_size=1)
        | operators("eq ne gt gte lt lte starts_with contains", states)
        | lists(states)
        | is_null,
        "fit": numbers
        | st.lists(numbers, min_size=1)
        | operators("eq ne gt gte lt lte", numbers)
        | lists(numbers)
        | is_null,
        "urgent": booleans | operators("eq ne", booleans) | is_null,
        "codes": st.fixed_dictionaries({"has": st.sampled_from(["A", "B", "C"])}) | is_null,
    },
)
predicates = st.recursive(
    tests,
    lambda inner: st.builds(
        lambda test, any_of, no: {**test, **({"any": any_of} if any_of else {}), **({"not": no} if no else {})},
        tests,
        st.none() | st.lists(inner, min_size=1, max_size=3),
        st.none() | inner,
    ),
    max_leaves=6,
)


def holds(predicate: Mapping[str, Any], row: Row) -> bool:
    """A naive reading, one row at a time."""
    return all(_entry(name, test, row) for name, test in predicate.items())


def _entry(name: str, test: Any, row: Row) -> bool:
    if name == "any":
        return any(holds(part, row) for part in test)
    if name == "not":
        return not holds(test, row)
    if not isinstance(test, Mapping):
        test = {"in": test} if isinstance(test, list) else {"eq": test}
    return all(_operator(operator, row[name], operand) for operator, operand in test.items())


def _operator(operator: str, value: Any, operand: Any) -> bool:
    if operator == "is_null":
        return (value is None) is operand
    if value is None:
        return False
    return {
        "eq": lambda: value == operand,
        "ne": lambda: value != operand,
        "gt": lambda: value > operand,
        "gte": lambda: value >= operand,
        "lt": lambda: value < operand,
        "lte": lambda: value <= operand,
        "in": lambda: value in operand,
        "not_in": lambda: value not in operand,
        "starts_with": lambda: value.startswith(operand),
        "contains": lambda: operand in value,
        "has": lambda: operand in value,
    }[operator]()


@settings(max_examples=60)
@given(predicate=predicates, rows=rows)
def test_a_compiled_predicate_holds_where_a_naive_reading_says_so(predicate: dict[str, Any], rows: list[Row]) -> None:
    frame = pl.DataFrame(rows, schema=TYPES)
    compiled = frame.with_columns(held=compile_predicate(predicate))["held"]
    assert compiled.to_list() == [holds(predicate, row) for row in rows]


@settings(max_examples=30)
@given(predicate=predicates)
def test_what_is_sound_is_not_complained_about(predicate: dict[str, Any]) -> None:
    assert list(problems(predicate, TYPES)) == []
    assert fields(predicate) <= TYPES.keys()


@pytest.mark.parametrize(
    ("predicate", "value", "held"),
    [
        ({"state": "IL"}, None, False),
        ({"state": {"ne": "IL"}}, None, False),
        ({"state": {"not_in": ["IL"]}}, None, False),
        ({"not": {"state": "IL"}}, None, True),
        ({"state": {"is_null": True}}, None, True),
        ({"state": {"is_null": False}}, None, False),
        ({"any": [{"state": "IL"}, {"state": {"is_null": True}}]}, None, True),
        ({"state": {"ne": "IL"}}, "WI", True),
    ],
)
def test_a_missing_value_satisfies_no_comparison(predicate: dict[str, Any], value: str | None, held: bool) -> None:
    frame = pl.DataFrame({"state": [value]}, schema={"state": pl.String})
    assert frame.select(compile_predicate(predicate).alias("held"))["held"].to_list() == [held]


UNKNOWN_LIKE = (
    "unknown operator 'like'; one of eq, ne, gt, gte, lt, lte, in, not_in, is_null, starts_with, contains, has"
)


@pytest.mark.parametrize(
    ("predicate", "path", "message"),
    [
        ("IL", (), "must be a mapping of field to value"),
        ({"sate": "IL"}, ("sate",), "unknown field 'sate'"),
        ({"any": {"state": "IL"}}, ("any",), "must be a list of predicates"),
        ({"any": []}, ("any",), "must be a list of predicates"),
        ({"any": [{"state": "IL"}, {"sate": "IL"}]}, ("any", 1, "sate"), "unknown field 'sate'"),
        ({"not": {"any": [{"sate": "IL"}]}}, ("not", "any", 0, "sate"), "unknown field 'sate'"),
        ({"state": None}, ("state",), "to ask for a missing value write {is_null: true}"),
        ({"state": []}, ("state",), "an empty list never holds"),
        ({"state": {}}, ("state",), "names no operator"),
        ({"state": {"like": "I%"}}, ("state", "like"), UNKNOWN_LIKE),
        ({"state": {"in": "IL"}}, ("state", "in"), "needs a list with at least one value"),
        ({"state": {"is_null": "yes"}}, ("state", "is_null"), "needs true or false"),
        ({"state": 5}, ("state",), "is compared with text"),
        ({"state": ["IL", 5]}, ("state",), "is compared with text"),
        ({"fit": {"gte": "40"}}, ("fit", "gte"), "is compared with a number"),
        ({"fit": True}, ("fit",), "is compared with a number"),
        ({"fit": {"starts_with": "4"}}, ("fit", "starts_with"), "is about text, and the field is not text"),
        ({"urgent": "yes"}, ("urgent",), "is compared with true or false"),
        ({"codes": "A"}, ("codes",), "the field cannot be compared, only asked {is_null: …}"),
        ({"state": {"has": "I"}}, ("state", "has"), "asks whether a list has a text"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_at_its_key(predicate: Any, path: tuple[Any, ...], message: str) -> None:
    assert list(problems(predicate, TYPES)) == [(path, message)]


def test_the_fields_that_a_predicate_reads() -> None:
    assert fields({"a": 1, "any": [{"b": 1}, {"not": {"c": 1}}], "not": {"d": {"gt": 1}}}) == {"a", "b", "c", "d"}
