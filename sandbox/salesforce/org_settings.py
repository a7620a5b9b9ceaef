"""What may be turned on an org while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.auth import ConnectedApp
from sandbox.salesforce.duplicate_rules import OBJECTS, DuplicateRule

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org


def settings(org: Org) -> dict[str, Any]:
    """All of them as they are now."""
    return {
        "assignment_rule": org.assignment_rule,
        "bulk_delay": org.bulk_delay,
        "api_limit": org.api_limit,
        "duplicate_rules": {name: rule.action for name, rule in sorted(org.duplicate_rules.items())},
        "lock_wait": org.lock_wait,
        "session_seconds": org.session_seconds,
        "compress": org.compress,
        "jwt_certificate": org.tokens.app.certificate,
    }


def change(org: Org, wanted: dict[str, Any]) -> None:
    """Turn some of them; ValueError for anything else, and then nothing is turned."""
    for name, value in wanted.items():
        accepts = _ACCEPTED.get(name)
        if accepts is None or not accepts(org, value):
            raise ValueError(f"salesforce has no setting {name} that could be {value!r}")
    for name, value in wanted.items():
        _set(org, name, value)


def _set(org: Org, name: str, value: Any) -> None:
    if name == "duplicate_rules":
        org.duplicate_rules.clear()
        for rule in _rules(value):
            org.set_duplicate_rule(rule)
    elif name == "jwt_certificate":
        org.tokens.app = ConnectedApp(certificate=value)
    elif name in ("bulk_delay", "lock_wait"):
        setattr(org, name, float(value))
    else:
        setattr(org, name, value)


def _rules(value: Any) -> list[DuplicateRule]:
    """True: an alert for every object; false: none; else {object: action}."""
    actions = dict.fromkeys(OBJECTS, "alert") if value is True else value or {}
    return [DuplicateRule.of(name, action) for name, action in actions.items()]


def _are_rules(org: Org, value: Any) -> bool:
    if not isinstance(value, dict | bool):
        return False
    try:
        _rules(value)
    except ValueError:
        return False
    return True


def _is_owner(org: Org, value: Any) -> bool:
    return value is None or (isinstance(value, str) and org.find(value) is not None)


def _is_span(org: Org, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _is_count(org: Org, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_life(org: Org, value: Any) -> bool:
    return value is None or (_is_span(org, value) and value > 0)


def _is_flag(org: Org, value: Any) -> bool:
    return isinstance(value, bool)


def _is_certificate(org: Org, value: Any) -> bool:
    return isinstance(value, str) and ConnectedApp(certificate=value).public_key() is not None


_ACCEPTED: dict[str, Callable[[Org, Any], bool]] = {
    "assignment_rule": _is_owner,
    "bulk_delay": _is_span,
    "api_limit": _is_count,
    "duplicate_rules": _are_rules,
    "lock_wait": _is_span,
    "session_seconds": _is_life,
    "compress": _is_flag,
    "jwt_certificate": _is_certificate,
}
