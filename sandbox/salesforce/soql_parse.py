"""SOQL text to a Query. Errors carry the place, as Salesforce prints it."""

import re
from dataclasses import replace
from typing import NamedTuple

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.soql_ast import And, Comparison, Condition, Literal, Not, Or, Ordering, Query, Selected

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
    | (?P<mark><=|>=|!=|<>|[=<>(),:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
AGGREGATES = ("COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG")
_PERIODS = ("TODAY", "YESTERDAY", "TOMORROW", "LAST_N_DAYS", "NEXT_N_DAYS")
_CLAUSES = ("WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "WITH", "USING", "ALL")


class _Token(NamedTuple):
    kind: str
    text: str
    at: int

    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else ""


def complaint(code: str, query: str, at: int, message: str) -> SalesforceError:
    """The pointer that Salesforce prints above the message of a query error [DOC]."""
    at = min(at, len(query))
    shown = query[max(0, at - 40) : at + 20]
    pointer = " " * min(at, 40) + "^"
    line = query.count("\n", 0, at) + 1
    column = at - (query.rfind("\n", 0, at) + 1) + 1
    return SalesforceError(code, f"\n{shown}\n{pointer}\nERROR at Row:{line}:Column:{column}\n{message}")


def parse(query: str) -> Query:
    """Parse one SELECT statement."""
    return _Parser(query).statement()


def _unescape(raw: str, query: str, at: int, pattern: bool = False) -> str:
    """Resolve escapes; in a LIKE pattern those of wildcards and backslashes stay, for the pattern to resolve."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code in ("%", "_") or (pattern and code == "\\"):
            return match.group(0) if pattern else code
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        found = _ESCAPES.get(code.lower() if code.isalpha() else code)
        if found is None:
            raise complaint("MALFORMED_QUERY", query, at, f"Illegal escape sequence \\{code}")
        return found

    return _ESCAPE.sub(one, raw[1:-1]) if "\\" in raw else raw[1:-1]


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens: list[_Token] = []
        self._next = 0
        at, end = 0, len(query.rstrip())
        while at < end:
            match = _TOKEN.match(query, at)
            if match is None or match.lastgroup is None:
                at += len(query[at:]) - len(query[at:].lstrip())
                raise complaint("MALFORMED_QUERY", query, at, f"unexpected token: '{query[at]}'")
            self._tokens.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
            at = match.end()
        self._tokens.append(_Token("end", "<EOF>", end))

    # -- tokens ---------------------------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> _Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _unexpected(self, token: _Token | None = None) -> SalesforceError:
        token = token or self._peek()
        shown = f"'{token.text}'" if token.kind != "end" else "<EOF>"
        return complaint("MALFORMED_QUERY", self._query, token.at, f"unexpected token: {shown}")

    def _accept(self, *words: str) -> bool:
        """Take these words or marks if they come next."""
        for ahead, word in enumerate(words):
            token = self._peek(ahead)
            if token.word() != word and not (token.kind == "mark" and token.text == word):
                return False
        self._next += len(words)
        return True

    def _expect(self, word: str) -> None:
        if not self._accept(word):
            raise self._unexpected()

    def _name(self) -> _Token:
        token = self._peek()
        if token.kind != "name":
            raise self._unexpected()
        return self._take()

    def _integer(self) -> int:
        token = self._take()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    # -- clauses --------------------------------------------------------------------------------------------------

    def statement(self) -> Query:
        query = self._select()
        if self._peek().kind != "end":
            raise self._unexpected()
        return query

    def _select(self) -> Query:
        self._expect("SELECT")
        count_only = self._peek().word() == "COUNT" and self._peek(1).text == "(" and self._peek(2).text == ")"
        selected: list[Selected] = []
        if count_only:
            self._next += 3
        else:
            selected.append(self._selected())
            while self._accept(","):
                selected.append(self._selected())
        self._expect("FROM")
        source = self._name()
        alias = self._peek()
        if alias.kind == "name" and alias.word() not in _CLAUSES:  # FROM Lead l
            self._take()
        where = self._disjunction() if self._accept("WHERE") else None
        groups: list[str] = []
        if self._accept("GROUP", "BY"):
            groups.append(self._name().text)
            while self._accept(","):
                groups.append(self._name().text)
        orders: list[Ordering] = []
        if self._accept("ORDER", "BY"):
            orders.append(self._ordering())
            while self._accept(","):
                orders.append(self._ordering())
        limit = self._integer() if self._accept("LIMIT") else None
        offset = self._integer() if self._accept("OFFSET") else 0
        self._accept("ALL", "ROWS")
        prefix = "" if alias.kind != "name" or alias.word() in _CLAUSES else f"{alias.text.lower()}."
        query = Query(tuple(selected), source.text, where, tuple(groups), tuple(orders), limit, offset, count_only,
                      source.at)  # fmt: skip
        return _without_alias(query, prefix) if prefix else query

    def _sub_select(self) -> Query:
        self._expect("(")
        inner = self._select()
        self._expect(")")
        return inner

    def _opens_sub_select(self) -> bool:
        return self._peek().text == "(" and self._peek(1).word() == "SELECT"

    def _selected(self) -> Selected:
        if self._opens_sub_select():
            at, inner = self._peek().at, self._sub_select()
            return Selected(inner.source, at=at, inner=inner)
        token = self._name()
        if not self._accept("("):
            return Selected(token.text, alias=self._alias(), at=token.at)
        function = token.text.upper()
        if function not in (*AGGREGATES, "FIELDS"):
            raise self._unexpected(token)
        path = "" if self._peek().text == ")" else self._name().text
        self._expect(")")
        return Selected(path, function, self._alias(), token.at)

    def _alias(self) -> str | None:
        """The name that an aggregate query gives to a column."""
        token = self._peek()
        if token.kind != "name" or token.word() == "FROM" or (self._peek(1).text != "," and not self._from(1)):
            return None
        return self._take().text

    def _from(self, ahead: int) -> bool:
        return self._peek(ahead).word() == "FROM"

    def _ordering(self) -> Ordering:
        token = self._name()
        path = token.text
        if path.upper() in AGGREGATES and self._accept("("):
            path = f"{path.upper()}({'' if self._peek().text == ')' else self._name().text})"
            self._expect(")")
        descending = self._accept("DESC")
        if not descending:
            self._accept("ASC")
        last = False
        if self._accept("NULLS"):
            last = self._accept("LAST")
            if not last:
                self._expect("FIRST")
        return Ordering(path, descending, last, token.at)

    # -- conditions -----------------------------------------------------------------------------------------------

    def _disjunction(self) -> Condition:
        """AND and OR may not be mixed without parentheses [DOC]."""
        terms = [self._term()]
        word = self._peek().word()
        if word not in ("AND", "OR"):
            return terms[0]
        while self._accept(word):
            terms.append(self._term())
        if self._peek().word() in ("AND", "OR"):
            raise self._unexpected()
        return And(tuple(terms)) if word == "AND" else Or(tuple(terms))

    def _term(self) -> Condition:
        if self._accept("NOT"):
            return Not(self._term())
        if self._accept("("):
            inner = self._disjunction()
            self._expect(")")
            return inner
        field = self._name()
        for words in (("NOT", "IN"), ("IN",)):
            if self._accept(*words):
                if self._opens_sub_select():
                    return Comparison(field.text, " ".join(words), (), field.at, self._sub_select())
                return Comparison(field.text, " ".join(words), self._list(), field.at)
        if self._accept("LIKE"):
            token = self._peek()
            if token.kind != "string":
                raise self._unexpected()
            self._take()
            pattern = Literal("string", _unescape(token.text, self._query, token.at, pattern=True))
            return Comparison(field.text, "LIKE", (pattern,), field.at)
        token = self._take()
        if token.kind != "mark" or token.text not in ("=", "!=", "<>", "<", "<=", ">", ">="):
            raise self._unexpected(token)
        return Comparison(field.text, "!=" if token.text == "<>" else token.text, (self._value(),), field.at)

    def _list(self) -> tuple[Literal, ...]:
        self._expect("(")
        values = [self._value()]
        while self._accept(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Literal:
        token = self._take()
        match token.kind:
            case "string":
                return Literal("string", _unescape(token.text, self._query, token.at))
            case "datetime":
                return Literal("datetime", token.text)
            case "date":
                return Literal("date", token.text)
            case "number":
                return Literal("number", token.text)
        word = token.word()
        if word in ("TRUE", "FALSE"):
            return Literal("boolean", word)
        if word == "NULL":
            return Literal("null", "NULL")
        if word in _PERIODS:
            if word.endswith("_N_DAYS"):
                self._expect(":")
                return Literal("period", f"{word}:{self._integer()}")
            return Literal("period", word)
        raise self._unexpected(token)


def _without_alias(query: Query, prefix: str) -> Query:
    """FROM Lead l: l.Name is Name."""

    def bare(path: str) -> str:
        return path[len(prefix) :] if path.lower().startswith(prefix) else path

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

    return Query(
        tuple(replace(s, path=bare(s.path)) for s in query.select),
        query.source,
        walk(query.where) if query.where else None,
        tuple(map(bare, query.group_by)),
        tuple(Ordering(bare(o.path), o.descending, o.nulls_last, o.at) for o in query.order_by),
        query.limit,
        query.offset,
        query.count_only,
        query.source_at,
    )
