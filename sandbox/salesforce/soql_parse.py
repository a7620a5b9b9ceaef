"""SOQL text to a Query. Errors carry the place, as Salesforce prints it."""

from dataclasses import replace

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.soql_ast import (
    AGGREGATES,
    And,
    Branch,
    Comparison,
    Condition,
    Not,
    Or,
    Ordering,
    Query,
    Selected,
    function_of,
)
from sandbox.salesforce.soql_conditions import ConditionParser
from sandbox.salesforce.soql_dates import FUNCTIONS
from sandbox.salesforce.soql_tokens import complaint

LONGEST = 100_000  # characters of a query [DOC]
_DATES = tuple(FUNCTIONS)
_CLAUSES = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "WITH", "USING", "ALL", "UPDATE")
_SCOPES = ("everything", "mine")


def parse(query: str) -> Query:
    """Parse one SELECT statement. Raises SalesforceError: MALFORMED_QUERY."""
    if len(query) > LONGEST:
        text = f"SOQL statements cannot be longer than {LONGEST} characters."  # [3P]
        raise SalesforceError("MALFORMED_QUERY", text)
    return SelectParser(query).statement()


class SelectParser(ConditionParser):
    """Reads a SELECT, and for a search the clauses that it shares with one."""

    def statement(self) -> Query:
        query = self._select()
        if self.peek().kind != "end":
            raise self.unexpected()
        return query

    def sub_select(self) -> Query:
        self.expect("(")
        inner = self._select()
        self.expect(")")
        return inner

    def _select(self) -> Query:
        self.expect("SELECT")
        count_only = self.comes("COUNT", "(", ")")
        selected: list[Selected] = []
        if count_only:
            self.expect("COUNT", "(", ")")
        else:
            selected.append(self._selected())
            while self.accept(","):
                selected.append(self._selected())
        self.expect("FROM")
        source = self.name()
        alias = self.peek()
        if alias.kind == "name" and alias.word() not in _CLAUSES:  # FROM Lead l
            self.take()
        prefix = "" if alias.kind != "name" or alias.word() in _CLAUSES else f"{alias.text.lower()}."
        scope = self._scope() if self.accept("USING", "SCOPE") else None
        where = self.where()
        self._security()
        groups: list[str] = []
        having = None
        totals = None
        if self.accept("GROUP", "BY"):
            totals = next((word for word in ("ROLLUP", "CUBE") if self.accept(word, "(")), None)
            groups.append(self.path(_DATES)[0])
            while self.accept(","):
                groups.append(self.path(_DATES)[0])
            if totals:
                self.expect(")")
            having = self.condition((*_DATES, *AGGREGATES, "GROUPING")) if self.accept("HAVING") else None
        orders = self.orders()
        limit = self.integer() if self.accept("LIMIT") else None
        offset = self.integer() if self.accept("OFFSET") else None
        self._ending()
        query = Query(tuple(selected), source.text, where, tuple(groups), orders, limit, offset, count_only,
                      source.at, having, scope, totals)  # fmt: skip
        return _without_alias(query, prefix) if prefix else query

    def where(self) -> Condition | None:
        return self.condition((*_DATES, "TOLABEL")) if self.accept("WHERE") else None

    def orders(self) -> tuple[Ordering, ...]:
        if not self.accept("ORDER", "BY"):
            return ()
        orders = [self._ordering()]
        while self.accept(","):
            orders.append(self._ordering())
        return tuple(orders)

    def _scope(self) -> str:
        token = self.name()
        if token.text.lower() not in _SCOPES:
            raise complaint("MALFORMED_QUERY", self.query, token.at, f"Scope '{token.text}' is not supported")
        return token.text.lower()

    def _security(self) -> None:
        """WITH SECURITY_ENFORCED and the modes change nothing: what the user may not see is refused already."""
        if self.accept("WITH") and not any(map(self.accept, ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"))):
            raise self.unexpected()

    def _ending(self) -> None:
        """FOR VIEW, FOR REFERENCE and FOR UPDATE are taken; what they note down is not simulated."""
        while self.accept("FOR"):
            if not any(map(self.accept, ("VIEW", "REFERENCE", "UPDATE"))):
                raise self.unexpected()
        if self.comes("ALL", "ROWS"):
            what = "ALL ROWS not allowed in this context"  # of Apex only [DOC], text [3P]
            raise complaint("MALFORMED_QUERY", self.query, self.peek().at, what)

    # -- what is selected -----------------------------------------------------------------------------------------

    def _selected(self) -> Selected:
        if self.opens_sub_select():
            at, inner = self.peek().at, self.sub_select()
            return Selected(inner.source, at=at, inner=inner)
        if self.comes("TYPEOF") and self.peek(1).kind == "name":
            return self._typeof()
        if self.peek(1).text == "(":
            function, inner_name = self.function((*AGGREGATES, *_DATES, "FIELDS", "GROUPING", "TOLABEL"))
            return Selected(inner_name.text, function, self._alias(), inner_name.at)
        token = self.name()
        return Selected(token.text, alias=self._alias(), at=token.at)

    def _typeof(self) -> Selected:
        self.expect("TYPEOF")
        relation = self.name()
        branches: list[Branch] = []
        while self.accept("WHEN"):
            kind = self.name()
            self.expect("THEN")
            branches.append(Branch(kind.text, self._paths(), kind.at))
        if not branches:
            raise self.unexpected()
        if self.accept("ELSE"):
            branches.append(Branch(None, self._paths(), relation.at))
        self.expect("END")
        return Selected(relation.text, "TYPEOF", at=relation.at, branches=tuple(branches))

    def _paths(self) -> tuple[tuple[str, int], ...]:
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        return tuple((token.text, token.at) for token in names)

    def _alias(self) -> str | None:
        """The name that an aggregate query gives to a column."""
        token = self.peek()
        if token.kind != "name" or token.word() == "FROM":
            return None
        return self.take().text if self.peek(1).text == "," or self.peek(1).word() == "FROM" else None

    def _ordering(self) -> Ordering:
        path, at = self.path((*AGGREGATES, *_DATES, "GROUPING"))
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        last = False
        if self.accept("NULLS"):
            last = self.accept("LAST")
            if not last:
                self.expect("FIRST")
        return Ordering(path, descending, last, at)


def _without_alias(query: Query, prefix: str) -> Query:
    """FROM Lead l: l.Name is Name."""

    def bare(path: str) -> str:
        function, field = function_of(path)
        field = field[len(prefix) :] if field.lower().startswith(prefix) else field
        return f"{function}({field})" if function else field

    def walk(node: Condition) -> Condition:
        match node:
            case Comparison():
                return replace(node, path=bare(node.path))
            case Not(term):
                return Not(walk(term))
            case And(terms):
                return And(tuple(map(walk, terms)))
            case Or(terms):
                return Or(tuple(map(walk, terms)))

    return replace(
        query,
        select=tuple(replace(s, path=bare(s.path)) for s in query.select),
        where=query.where and walk(query.where),
        group_by=tuple(map(bare, query.group_by)),
        order_by=tuple(replace(o, path=bare(o.path)) for o in query.order_by),
        having=query.having and walk(query.having),
    )
