"""What Great Expectations can judge here, in a form that is read without importing it.

``python -c 'from crosswalk.platform.gates.known import write; write()'`` rewrites the file of types after an upgrade of
Great Expectations; a test compares the two. Left out: what needs SQL, what statistics would need SciPy, and what judges
a frame's columns, which the code declares.
"""

import functools
import json
from typing import Any, Final

from crosswalk.platform.expectations import TYPES_FILE
from crosswalk.platform.gates.library import (
    ColumnAggregateExpectation,
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    MulticolumnMapExpectation,
    NativeExpectation,
    core,
)

ROW_KINDS: Final = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)
COLUMN_ARGUMENTS: Final = {"column": "column", "column_A": "column", "column_B": "column", "column_list": "columns"}
_ADDED: Final = ("expect_table_row_count_to_be_between", "expect_table_row_count_to_equal")
_LEFT_OUT: Final = frozenset(
    {
        "expect_column_kl_divergence_to_be_less_than",
        "expect_column_quantile_values_to_be_between",
        "expect_column_values_to_be_in_type_list",
        "expect_column_values_to_be_of_type",
        "expect_column_values_to_match_json_schema",
        "expect_column_values_to_match_like_pattern",
        "expect_column_values_to_match_like_pattern_list",
        "expect_column_values_to_not_match_like_pattern",
        "expect_column_values_to_not_match_like_pattern_list",
    }
)
_OWN_KEYS: Final = frozenset(NativeExpectation.__fields__) | {
    "batch_id",
    "row_condition",
    "condition_parser",
    "library_metadata",
    "table",
}


@functools.cache
def expectation_classes() -> dict[str, type[NativeExpectation]]:
    """Return the expectation classes that a suite may use, by their snake_case type."""
    classes = {}
    for name in dir(core):
        found = getattr(core, name)
        kind = getattr(found, "expectation_type", None)
        if not isinstance(kind, str) or not kind or kind in _LEFT_OUT:
            continue
        if issubclass(found, (*ROW_KINDS, ColumnAggregateExpectation)) or kind in _ADDED:
            classes[kind] = found
    return classes


def known_types() -> dict[str, Any]:
    """Return, per type: its class name, whether it judges rows or a whole batch, and its arguments."""
    return {
        kind: {
            "class": found.__name__,
            "judges": "rows" if issubclass(found, ROW_KINDS) else "batch",
            "arguments": {
                name: {"kind": _kind(name, str(field.outer_type_)), "required": bool(field.required)}
                for name, field in sorted(found.__fields__.items())
                if name not in _OWN_KEYS
            },
        }
        for kind, found in sorted(expectation_classes().items())
    }


def _kind(name: str, annotation: str) -> str:
    """Say in admins' words what an argument must be, from the type that Great Expectations gives it."""
    if name in COLUMN_ARGUMENTS:
        return COLUMN_ARGUMENTS[name]
    for kind, signs in (
        ("list", ("List[", "List,", "Sequence[", "AnySet", "<class 'list'>")),
        ("flag", ("bool",)),
        ("number", ("int", "float", "Float", "Int")),
    ):
        if any(sign in annotation for sign in signs):
            return kind
    return "text"


def write() -> None:
    """Rewrite the file that suites are checked against."""
    TYPES_FILE.write_text(json.dumps(known_types(), indent=1) + "\n", encoding="utf-8")
