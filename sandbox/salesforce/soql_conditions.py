"""Parsing conditions, of WHERE and of HAVING."""

from abc import ABC, abstractmethod

from sandbox.salesforce.soql_ast import And, Comparison, Condition, Literal, Not, Or, Query
from sandbox.salesforce.soql_dates import is_period, takes_number
from sandbox.salesforce.soql_tokens import Tokens, complaint, unescape

_LONGEST_STRING = 4000  # characters, in a WHERE clause [DOC]


class ConditionParser(Tokens, ABC):
    """Reads conditions. `functions` are those that may stand where a field does."""

    @abstractmethod
    def sub_select(self) -> Query: ...

    def condition(self, functions: tuple[str, ...]) -> Condition:
        """AND and OR may not be mixed without parentheses [DOC]."""
        terms = [self._term(functions)]
        word = self.peek().word()
        if word not in ("AND", "OR"):
            return terms[0]
        while self.accept(word):
            terms.append(self._term(functions))
        if self.peek().word() in ("AND", "OR"):
            raise self.unexpected()
        return And(tuple(terms)) if word == "AND" else Or(tuple(terms))

    def path(self, functions: tuple[str, ...]) -> tuple[str, int]:
        """A field or a function of one, and its place."""
        if self.peek(1).text != "(" or self.peek(1).kind != "mark":
            token = self.name()
            return token.text, token.at
        function, inner = self.function(functions)
        return (inner.text if function == "TOLABEL" else f"{function}({inner.text})"), inner.at

    def opens_sub_select(self) -> bool:
        return self.comes("(", "SELECT")

    def _term(self, functions: tuple[str, ...]) -> Condition:
        if self.accept("NOT"):
            return Not(self._term(functions))
        if self.accept("("):
            inner = self.condition(functions)
            self.expect(")")
            return inner
        path, at = self.path(functions)
        for words in (("NOT", "IN"), ("IN",), ("INCLUDES",), ("EXCLUDES",)):
            if self.accept(*words):
                op = " ".join(words)
                if self.opens_sub_select() and op.endswith("IN"):
                    return Comparison(path, op, (), at, self.sub_select())
                return Comparison(path, op, self._list(), at)
        if self.accept("LIKE"):
            token = self.take()
            if token.kind != "string":
                raise self.unexpected(token)
            pattern = Literal("string", unescape(token.text, self.query, token.at, pattern=True))
            return Comparison(path, "LIKE", (pattern,), at)
        token = self.take()
        if token.kind != "mark" or token.text not in ("=", "!=", "<>", "<", "<=", ">", ">="):
            raise self.unexpected(token)
        return Comparison(path, "!=" if token.text == "<>" else token.text, (self._value(),), at)

    def _list(self) -> tuple[Literal, ...]:
        self.expect("(")
        values = [self._value()]
        while self.accept(","):
            values.append(self._value())
        self.expect(")")
        return tuple(values)

    def _value(self) -> Literal:
        token = self.take()
        match token.kind:
            case "string":
                text = unescape(token.text, self.query, token.at)
                if len(text) > _LONGEST_STRING:
                    what = f"string literal is longer than {_LONGEST_STRING} characters"  # text [UNV]
                    raise complaint("MALFORMED_QUERY", self.query, token.at, what)
                return Literal("string", text)
            case "datetime":
                return Literal("datetime", token.text)
            case "date":
                return Literal("date", token.text)
            case "number":
                return Literal("number", token.text)
        if token.text == ":":
            raise complaint("MALFORMED_QUERY", self.query, token.at, "Bind variables only allowed in Apex code")  # [3P]
        word = token.word()
        if word in ("TRUE", "FALSE"):
            return Literal("boolean", word)
        if word == "NULL":
            return Literal("null", "NULL")
        if not is_period(word):
            raise self.unexpected(token)
        if takes_number(word):
            self.expect(":")
            return Literal("period", f"{word}:{self.integer()}")
        return Literal("period", word)
