"""Sub-selects of semi-joins and anti-joins, WhoId IN (SELECT Id FROM Lead WHERE …): answered before the outer query."""

from collections.abc import Callable
from dataclasses import replace

from sandbox.salesforce.soql_ast import And, Comparison, Condition, Literal, Not, Or, Query
from sandbox.salesforce.soql_tokens import complaint

_MOST = 2


def answered(where: Condition, text: str, ids: Callable[[Comparison, Query], list[str]]) -> Condition:
    """The condition with the ids that each sub-select finds in its place; at most two, none under OR or NOT [DOC]."""
    found = _sub_selects(where)
    if len(found) > _MOST:
        what = f"Maximum {_MOST} semi join sub-selects are allowed"
        raise complaint("MALFORMED_QUERY", text, found[_MOST].at, what)
    return _answered(where, text, ids)


def _answered(node: Condition, text: str, ids: Callable[[Comparison, Query], list[str]]) -> Condition:
    match node:
        case And(terms):
            return And(tuple(_answered(term, text, ids) for term in terms))
        case Comparison() if node.inner is not None:
            return replace(node, values=tuple(Literal("string", key) for key in ids(node, node.inner)), inner=None)
        case Or() | Not():
            for join in _sub_selects(node):
                word = "OR" if isinstance(node, Or) else "NOT"
                what = f"Semi join sub-selects are not allowed with the '{word}' operator"
                raise complaint("MALFORMED_QUERY", text, join.at, what)
    return node


def _sub_selects(node: Condition) -> list[Comparison]:
    match node:
        case Comparison():
            return [node] if node.inner is not None else []
        case Not(term):
            return _sub_selects(term)
        case And(terms) | Or(terms):
            return [join for term in terms for join in _sub_selects(term)]
