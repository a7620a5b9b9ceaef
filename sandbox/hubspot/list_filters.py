"""The filter branch of a list: checked, and made into a test of a record's properties.

The shape is HubSpot's: an OR of ANDs of filters [DOC]. Filters on the present value of a property are evaluated; those
on history, rolling dates, events, other lists and associated records are refused as not simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.hubspot.errors import HubSpotError, bad_request
from sandbox.hubspot.filters import Predicate
from sandbox.hubspot.schema import Schema

Match = Callable[[str], bool]  # of the value that a record has

_OPERATORS: dict[str, frozenset[str]] = {
    "ALL_PROPERTY": frozenset(("IS_KNOWN", "IS_UNKNOWN")),
    "BOOL": frozenset(("IS_EQUAL_TO", "IS_NOT_EQUAL_TO")),
    "NUMBER": frozenset(
        (
            *("IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "IS_GREATER_THAN", "IS_GREATER_THAN_OR_EQUAL_TO"),
            *("IS_LESS_THAN", "IS_LESS_THAN_OR_EQUAL_TO"),
        )
    ),
    "NUMBER_RANGED": frozenset(("IS_BETWEEN", "IS_NOT_BETWEEN")),
    "STRING": frozenset(("IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH")),
    "MULTISTRING": frozenset(
        ("IS_EQUAL_TO", "IS_NOT_EQUAL_TO", "CONTAINS", "DOES_NOT_CONTAIN", "STARTS_WITH", "ENDS_WITH")
    ),
    "ENUMERATION": frozenset(
        ("IS_ANY_OF", "IS_NONE_OF", "IS_EXACTLY", "IS_NOT_EXACTLY", "CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL")
    ),
}
_FITTING = {  # a property's type -> operation types [DOC: other ones are refused]
    "string": ("STRING", "MULTISTRING"),
    "number": ("NUMBER", "NUMBER_RANGED"),
    "bool": ("BOOL",),
    "enumeration": ("ENUMERATION",),
}


def compile_branch(schema: Schema, branch: Any) -> Predicate:
    """The test of a whole filter branch. Raises the 400, or the 501 for what is not simulated."""
    if _kind(branch) != "OR" or branch.get("filters"):
        raise bad_request("Invalid filter branch: the root is an OR branch without filters of its own")
    groups = [_group(schema, inner) for inner in _branches(branch)]
    if not groups:
        raise bad_request("Invalid filter branch: an OR branch needs one AND branch at least")
    return lambda values: any(all(test(values) for test in group) for group in groups)


def _kind(branch: Any) -> str:
    if not isinstance(branch, dict) or not isinstance(branch.get("filterBranchType"), str):
        raise bad_request("Invalid input JSON. Some required fields were not set: [filterBranchType]")
    return str(branch["filterBranchType"])


def _branches(branch: dict[str, Any]) -> list[Any]:
    inner = branch.get("filterBranches") or []
    if not isinstance(inner, list):
        raise bad_request("Invalid input JSON: filterBranches is a list")
    return inner


def _group(schema: Schema, branch: Any) -> list[Predicate]:
    kind = _kind(branch)
    if kind in ("UNIFIED_EVENTS", "ASSOCIATION", "PROPERTY_ASSOCIATION", "NOT_ALL", "NOT_ANY", "RESTRICTED"):
        raise _not_simulated(f"filter branches of type {kind}")
    if kind != "AND":
        raise bad_request("Invalid filter branch: the root's branches are AND branches")
    for inner in _branches(branch):
        raise _not_simulated(f"filter branches of type {_kind(inner)} in an AND branch")
    filters = branch.get("filters")
    if not isinstance(filters, list) or not filters:
        raise bad_request("Invalid filter branch: an AND branch needs one filter at least")
    return [_filter(schema, entry) for entry in filters]


def _filter(schema: Schema, entry: Any) -> Predicate:
    if not isinstance(entry, dict) or not isinstance(entry.get("filterType"), str):
        raise bad_request("Invalid input JSON. Some required fields were not set: [filterType]")
    if entry["filterType"] != "PROPERTY":
        raise _not_simulated(f"filters of type {entry['filterType']}")
    name, operation = entry.get("property"), entry.get("operation")
    if not isinstance(name, str) or not isinstance(operation, dict):
        raise bad_request("Invalid input JSON. Some required fields were not set: [property, operation]")
    if name not in schema.definitions:
        raise bad_request(f"The property {name} does not exist.", context={"propertyName": [name]})
    kind, operator = operation.get("operationType"), operation.get("operator")
    if not isinstance(kind, str) or not isinstance(operator, str):
        raise bad_request("Invalid input JSON. Some required fields were not set: [operationType, operator]")
    if kind not in _OPERATORS:
        raise _not_simulated(f"operations of type {kind}")
    fitting = _FITTING.get(schema.type_of(name), ())
    if kind != "ALL_PROPERTY" and kind not in fitting:
        raise bad_request(f"The operation type {kind} does not fit the property {name}.")
    if operator not in _OPERATORS[kind]:
        if operator.startswith("HAS_"):
            raise _not_simulated(f"the operator {operator}")
        raise bad_request(f"The operator {operator} does not belong to the operation type {kind}.")
    if kind == "ALL_PROPERTY":
        known = operator == "IS_KNOWN"
        return lambda values: (name in values) == known
    return _on_value(name, _match(kind, operator, operation), empty=bool(operation.get("includeObjectsWithNoValueSet")))


def _on_value(name: str, match: Match, *, empty: bool) -> Predicate:
    def test(values: Mapping[str, str]) -> bool:
        held = values.get(name)
        return empty if held is None else match(held)

    return test


def _match(kind: str, operator: str, operation: dict[str, Any]) -> Match:
    negative = "NOT" in operator.split("_") or operator == "IS_NONE_OF"
    positive = _positive(kind, operator, operation)
    return (lambda held: not positive(held)) if negative else positive


def _positive(kind: str, operator: str, operation: dict[str, Any]) -> Match:
    """The test without its negation."""
    if kind == "BOOL":
        wanted = "true" if _given(operation, "value", bool) else "false"
        return lambda held: held.lower() == wanted
    if kind == "NUMBER_RANGED":
        low, high = _given(operation, "lowerBound", (int, float)), _given(operation, "upperBound", (int, float))
        return _on_number(lambda held: bool(low <= held <= high))
    if kind == "NUMBER":
        return _number(operator, _given(operation, "value", (int, float)))
    if kind == "ENUMERATION":
        return _options(operator, frozenset(_texts(operation)))
    texts = [operation_value.lower() for operation_value in _texts(operation)]
    if operator in ("IS_EQUAL_TO", "IS_NOT_EQUAL_TO"):
        return lambda held: held.lower() in texts
    if operator == "STARTS_WITH":
        return lambda held: held.lower().startswith(tuple(texts))
    if operator == "ENDS_WITH":
        return lambda held: held.lower().endswith(tuple(texts))
    return lambda held: any(text in held.lower() for text in texts)


def _number(operator: str, wanted: float) -> Match:
    if operator == "IS_GREATER_THAN":
        return _on_number(lambda held: held > wanted)
    if operator == "IS_GREATER_THAN_OR_EQUAL_TO":
        return _on_number(lambda held: held >= wanted)
    if operator == "IS_LESS_THAN":
        return _on_number(lambda held: held < wanted)
    if operator == "IS_LESS_THAN_OR_EQUAL_TO":
        return _on_number(lambda held: held <= wanted)
    return _on_number(lambda held: held == wanted)


def _on_number(test: Callable[[float], bool]) -> Match:
    """A seeded value that is no number passes no test."""

    def match(held: str) -> bool:
        try:
            return test(float(held))
        except ValueError:
            return False

    return match


def _options(operator: str, wanted: frozenset[str]) -> Match:
    if operator in ("IS_EXACTLY", "IS_NOT_EXACTLY"):
        return lambda held: set(held.split(";")) == wanted
    if operator in ("CONTAINS_ALL", "DOES_NOT_CONTAIN_ALL"):
        return lambda held: wanted <= set(held.split(";"))
    return lambda held: not wanted.isdisjoint(held.split(";"))


def _texts(operation: dict[str, Any]) -> list[str]:
    """`values`, or the one `value` of the older operation on text."""
    if operation.get("operationType") == "STRING":
        return [_given(operation, "value", str)]
    values = operation.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
        raise bad_request("Invalid input JSON. Some required fields were not set: [values]")
    return values


def _given(operation: dict[str, Any], key: str, kind: type | tuple[type, ...]) -> Any:
    value = operation.get(key)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise bad_request(f"Invalid input JSON. Some required fields were not set: [{key}]")
    return value


def _not_simulated(what: str) -> HubSpotError:
    return HubSpotError(501, f"The sandbox does not simulate {what} in lists.", "NOT_SIMULATED")
