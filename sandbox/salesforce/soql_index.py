"""Which records can match a condition at all, found through indexes and the log of changes."""

from sandbox.salesforce.soql_ast import And, Comparison, Condition, Or
from sandbox.salesforce.soql_filter import Conditions
from sandbox.salesforce.table import Table


def candidates(node: Condition, conditions: Conditions, table: Table) -> set[str] | None:
    """Ids among which all matches are; None when only a scan can tell."""
    match node:
        case Comparison(path, op, values, at) if op in ("=", "IN") and "." not in path and "(" not in path:
            field, _ = conditions.resolve(path, at)
            if not table.has_index(field.name):
                return None
            wanted = [conditions.span(field, value, node)[0] for value in values]
            if any(value is None for value in wanted):
                return None
            return table.lookup(field.name, wanted if field.name == "Id" else _folded(wanted))
        case And(terms):
            found = [c for c in (candidates(term, conditions, table) for term in terms) if c is not None]
            return min(found, key=len) if found else None
        case Or(terms):
            union: set[str] = set()
            for term in terms:
                part = candidates(term, conditions, table)
                if part is None:
                    return None
                union |= part
            return union
    return None


def _folded(values: list[object]) -> list[object]:
    """Indexes hold text without case; what differs by case is told apart afterwards."""
    return [value.lower() if isinstance(value, str) else value for value in values]


def changed_since(node: Condition | None, conditions: Conditions) -> str | None:
    """The lower bound that the condition puts on SystemModstamp, if any."""
    match node:
        case Comparison(path, op, values, at) if path.lower() == "systemmodstamp" and op in (">", ">=", "="):
            field, _ = conditions.resolve(path, at)
            low = conditions.span(field, values[0], node)[0]
            return low if isinstance(low, str) else None
        case And(terms):
            return max((b for b in (changed_since(t, conditions) for t in terms) if b is not None), default=None)
        case Or(terms):
            bounds = [changed_since(term, conditions) for term in terms]
            known = [b for b in bounds if b is not None]
            return min(known) if len(known) == len(bounds) else None
    return None
