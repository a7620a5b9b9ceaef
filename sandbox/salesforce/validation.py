"""Validation rules that an admin made, in two readable forms instead of formulas.

{"matches": regex}: the field, when it is filled, must match as a whole.
{"required_when": {field: value, …}}: the field must be filled when the others have these values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema import Record
from sandbox.salesforce.table import fold

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org


@dataclass(frozen=True)
class ValidationRule:
    """What a field must be like, and what users read when it is not."""

    field: str
    message: str
    pattern: re.Pattern[str] | None = None
    when: tuple[tuple[str, Any], ...] = ()

    def broken_by(self, record: Record) -> bool:
        value = record.get(self.field)
        if self.pattern is not None:
            return value is not None and not self.pattern.fullmatch(str(value))
        return value is None and all(fold(record.get(name)) == fold(wanted) for name, wanted in self.when)


def load(org: Org, rules: Iterable[dict[str, Any]]) -> None:
    """Add rules: {"Object", "Field", "Condition", "Message"}. Raises ValueError."""
    for rule in rules:
        name, field, condition = rule["Object"], rule["Field"], rule["Condition"]
        kind = org.objects.get(name)
        when = dict(condition.get("required_when") or {})
        if kind is None or condition.keys() - {"matches", "required_when"} or len(condition) != 1:
            raise ValueError(f"a validation rule is of an object, with matches or required_when: {rule!r}")
        unknown = {field, *when} - kind.fields.keys()
        if unknown:
            raise ValueError(f"{name} has no field {', '.join(sorted(unknown))}")
        pattern = re.compile(condition["matches"]) if "matches" in condition else None
        made = ValidationRule(field, str(rule["Message"]), pattern, tuple(when.items()))
        org.validation_rules.setdefault(name, []).append(made)


def broken(org: Org, name: str, record: Record) -> list[SalesforceError]:
    """One refusal for each rule that the record as it is to be saved breaks; all rules are looked at [DOC]."""
    return [
        SalesforceError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [rule.field])
        for rule in org.validation_rules.get(name, ())
        if rule.broken_by(record)
    ]
