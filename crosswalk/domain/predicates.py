"""Structured predicates: the only language in which rules are written.

    service_line: cardiology              equal
    state: [IL, WI]                       one of
    fit: {gte: 40}                        an operator; several operators must all hold
    any: [{…}, {…}]                       at least one of the predicates
    not: {…}                              the opposite

A mapping holds when all of its entries hold. A null never satisfies a comparison, so a rule that is about missing
values says so: ``{is_null: true}``. There is no expression language on purpose: what a rule may do can be read, linted
and compiled to one Polars expression.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from crosswalk.domain.schema import Type

Predicate = Mapping[str, Any]
Path = tuple[str | int, ...]


def _one_of(column: pl.Expr, value: Any) -> pl.Expr:
    return column.is_in(list(value))


OPERATORS: Mapping[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column != value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "in": _one_of,
    "not_in": lambda column, value: ~_one_of(column, value),
    "is_null": lambda column, value: column.is_null() if value else column.is_not_null(),
    "starts_with": lambda column, value: column.str.starts_with(value),
    "contains": lambda column, value: column.str.contains(value, literal=True),
    "has": lambda column, value: column.list.contains(value),
}
_LISTS = {"in", "not_in"}
_TEXTS = {"starts_with", "contains"}
_COMPARED: Mapping[Any, tuple[tuple[type, ...], str]] = {
    pl.String: ((str,), "text"),
    pl.Boolean: ((bool,), "true or false"),
    pl.Int64: ((int, float), "a number"),
    pl.Float64: ((int, float), "a number"),
}
"""What a column of each type may be compared with; others can only be asked whether they are null."""


def compile_predicate(predicate: Predicate) -> pl.Expr:
    """Compile to an expression that is true or false for every row, never null."""
    parts = [_entry(key, value) for key, value in predicate.items()]
    return pl.all_horizontal(parts) if parts else pl.lit(value=True)


def _entry(key: str, value: Any) -> pl.Expr:
    if key == "any":
        return pl.any_horizontal([compile_predicate(part) for part in value])
    if key == "not":
        return ~compile_predicate(value)
    column = pl.col(key)
    if isinstance(value, Mapping):
        tests = [OPERATORS[name](column, operand) for name, operand in value.items()]
        return pl.all_horizontal([test.fill_null(value=False) for test in tests])
    test = _one_of(column, value) if isinstance(value, list) else column == value
    return test.fill_null(value=False)


def first_match(choices: Iterable[tuple[Predicate, Any]], dtype: type[pl.DataType] = pl.String) -> pl.Expr:
    """Compile a rule table: the value of the first predicate that holds, null where none does."""
    tests = [pl.when(compile_predicate(when)).then(pl.lit(value, dtype)) for when, value in choices]
    return pl.coalesce([*tests, pl.lit(None, dtype)])


def problems(predicate: Any, columns: Mapping[str, Type], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with a predicate, each with the key path at which an editor finds it.

    ``columns`` are the fields that may be read here, with their types: a comparison that Polars would refuse, or that
    could never hold, is found before a run is.
    """
    if not isinstance(predicate, Mapping):
        yield path, "must be a mapping of field to value"
        return
    for key, value in predicate.items():
        here = (*path, key)
        if key == "any":
            if not isinstance(value, list) or not value:
                yield here, "must be a list of predicates"
            else:
                for index, part in enumerate(value):
                    yield from problems(part, columns, (*here, index))
        elif key == "not":
            yield from problems(value, columns, here)
        elif key not in columns:
            yield here, f"unknown field {key!r}"
        elif isinstance(value, Mapping):
            yield from _operator_problems(value, columns[key], here)
        elif value is None:
            yield here, "to ask for a missing value write {is_null: true}"
        elif value == []:
            yield here, "an empty list never holds"
        else:
            yield from _mismatches(value if isinstance(value, list) else [value], columns[key], here)


def _operator_problems(operators: Mapping[str, Any], dtype: Type, path: Path) -> Iterator[tuple[Path, str]]:
    if not operators:
        yield path, "names no operator"
    for name, operand in operators.items():
        here = (*path, name)
        if name not in OPERATORS:
            yield here, f"unknown operator {name!r}; one of {', '.join(OPERATORS)}"
        elif name == "is_null":
            if not isinstance(operand, bool):
                yield here, "needs true or false"
        elif name == "has":
            if dtype != pl.List or not isinstance(operand, str):
                yield here, "asks whether a list has a text"
        elif name in _TEXTS and dtype != pl.String:
            yield here, "is about text, and the field is not text"
        elif name in _LISTS and (not isinstance(operand, list) or not operand):
            yield here, "needs a list with at least one value"
        else:
            yield from _mismatches(operand if name in _LISTS else [operand], dtype, here)


def _mismatches(values: list[Any], dtype: Type, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the complaint, once, if any value cannot be compared with a column of the type."""
    if dtype.base_type() not in _COMPARED:
        yield path, "the field cannot be compared, only asked {is_null: …}"
        return
    kinds, what = _COMPARED[dtype.base_type()]
    if not all(isinstance(one, kinds) and (bool in kinds or not isinstance(one, bool)) for one in values):
        yield path, f"is compared with {what}"


def fields(predicate: Predicate) -> set[str]:
    """Return the fields that a predicate reads."""
    found: set[str] = set()
    for key, value in predicate.items():
        if key == "any":
            found |= {name for part in value for name in fields(part)}
        elif key == "not":
            found |= fields(value)
        else:
            found.add(key)
    return found
