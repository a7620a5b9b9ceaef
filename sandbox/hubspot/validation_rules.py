"""The rules that an admin lays down for the values of a property; writes from 2026-09 on obey them [3P].

The older paths pass them by. Which rules there are is in the specification; how their arguments are spelled is [UNV].
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.hubspot.calls import Call, Reply, Way, written_properties
from sandbox.hubspot.errors import HubSpotError, bad_request, invalid_values
from sandbox.hubspot.store import invalid_value

# Rule type -> whether a value obeys it, given its arguments.
_TESTS: dict[str, Callable[[str, list[str]], bool]] = {
    "MAX_LENGTH": lambda text, given: len(text) <= int(given[0]),
    "MIN_LENGTH": lambda text, given: len(text) >= int(given[0]),
    "MIN_NUMBER": lambda text, given: float(text) >= float(given[0]),
    "MAX_NUMBER": lambda text, given: float(text) <= float(given[0]),
    "DECIMAL": lambda text, given: len(text.partition(".")[2]) <= int(given[0]),
    "REGEX": lambda text, given: re.fullmatch(given[0], text) is not None,
    "EMAIL_ALLOWED_DOMAINS": lambda text, given: _domain(text) in given,
    "EMAIL_BLOCKED_DOMAINS": lambda text, given: _domain(text) not in given,
}
_OTHERS = frozenset(
    """
    AFTER_DATETIME_DURATION AFTER_DURATION ALPHANUMERIC BEFORE_DATETIME_DURATION BEFORE_DURATION DAYS_OF_WEEK DOMAIN
    EMAIL END_DATE END_DATETIME FORMAT PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE SPECIAL_CHARACTERS START_DATE
    START_DATETIME URL URL_ALLOWED_DOMAINS URL_BLOCKED_DOMAINS WHITESPACE
    """.split()
)


def _domain(email: str) -> str:
    return email.rpartition("@")[2].lower()


def properties_of(call: Call, body: Any) -> dict[str, Any]:
    """The `properties` of a write; through 2026-09 refuses those that break a rule, all at once."""
    properties = written_properties(body)
    if call.path.get("version") == "2026-09":
        rules = call.store.schema.rules
        problems = [
            invalid_value(name, "PROPERTY_VALIDATION_RULE", f"{name} breaks the rule {rule}: {', '.join(given)}")
            for name, value in properties.items()
            for rule, given in rules.get(name, {}).items()
            if value not in (None, "") and not _obeys(rule, str(value), given)
        ]
        if problems:
            raise invalid_values(problems)
    return properties


def _obeys(rule: str, text: str, given: list[str]) -> bool:
    try:
        return _TESTS[rule](text, given)
    except ValueError:
        return False  # no number at all


def list_rules(call: Call) -> Reply:
    rules = call.store.schema.rules
    return 200, {
        "results": [{"propertyName": name, "propertyValidationRules": _shown(rules[name])} for name in sorted(rules)]
    }


def read_rules(call: Call) -> Reply:
    return 200, {"results": _shown(_rules(call))}


def read_rule(call: Call) -> Reply:
    kind, rules = call.path["rule_type"], _rules(call)
    if kind not in rules:
        raise HubSpotError(404, f"There is no rule {kind} for {call.path['name']}", "OBJECT_NOT_FOUND")
    return 200, _shown({kind: rules[kind]})[0]


def put_rule(call: Call) -> Reply:
    """Takes effect for writes to come; without arguments the rule is no more [UNV]."""
    kind, body = call.path["rule_type"], call.body
    if kind in _OTHERS:
        raise HubSpotError(501, f"The sandbox does not simulate the rule {kind}.", "NOT_SIMULATED")
    if kind not in _TESTS:
        raise bad_request(f"{kind} is no type of rule.", context={"ruleType": [kind]})
    given = body.get("ruleArguments") if isinstance(body, dict) else None
    if not isinstance(given, list) or not all(isinstance(argument, str) for argument in given):
        raise bad_request(
            "Invalid input JSON: 'ruleArguments' is a list of texts", context={"field": ["ruleArguments"]}
        )
    _rules(call)
    rules = call.store.schema.rules.setdefault(call.path["name"], {})
    if given:
        _check_arguments(kind, given)
        rules[kind] = given
    else:
        rules.pop(kind, None)
    return 204, None


def _check_arguments(kind: str, given: list[str]) -> None:
    try:
        if kind == "REGEX":
            re.compile(given[0])
        else:
            _TESTS[kind]("0", given)
    except (ValueError, re.error):
        raise bad_request(f"{', '.join(given)} is no argument of {kind}.", context={"ruleArguments": given}) from None


def _rules(call: Call) -> dict[str, list[str]]:
    name = call.path["name"]
    if name not in call.store.schema.definitions:
        raise HubSpotError(404, f"Property {name} does not exist", "OBJECT_NOT_FOUND")
    return call.store.schema.rules.get(name, {})


def _shown(rules: dict[str, list[str]]) -> list[dict[str, Any]]:
    return [
        {"ruleType": kind, "ruleArguments": given, "shouldApplyNormalization": False} for kind, given in rules.items()
    ]


_RULES = ("/crm/v3/property-validations/{object_type}", "/crm/property-validations/{version}/{object_type}")
WAYS = [
    Way("GET", _RULES, "", list_rules),
    Way("GET", _RULES, "/{name}", read_rules),
    Way("GET", _RULES, "/{name}/rule-type/{rule_type}", read_rule),
    Way("PUT", _RULES, "/{name}/rule-type/{rule_type}", put_rule),
]
