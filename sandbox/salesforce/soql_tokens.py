"""SOQL text to tokens, and the words in which Salesforce complains about a place in a query."""

import re
from typing import NamedTuple

from sandbox.salesforce.errors import SalesforceError

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
_AROUND = 32  # characters shown before and after a place; words that lie across the ends are shown whole [3P]
_BETWEEN = " \t\r\n,"
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


class Token(NamedTuple):
    kind: str
    text: str
    at: int

    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else ""


def complaint(code: str, query: str, at: int, message: str) -> SalesforceError:
    """The words around a place, a pointer to it and the message, as Salesforce prints them [3P]."""
    at = min(at, len(query))
    start, stop = max(0, at - _AROUND), min(len(query), at + _AROUND)
    while start > 0 and query[start - 1] not in _BETWEEN:
        start -= 1
    while stop < len(query) and query[stop] not in _BETWEEN:
        stop += 1
    line = query.count("\n", 0, at) + 1
    column = at - (query.rfind("\n", 0, at) + 1) + 1
    pointer = " " * (at - start) + "^"
    return SalesforceError(code, f"\n{query[start:stop]}\n{pointer}\nERROR at Row:{line}:Column:{column}\n{message}")


def unescape(raw: str, query: str, at: int, pattern: bool = False) -> str:
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


class Tokens:
    """The tokens of one query and a place among them."""

    def __init__(self, query: str) -> None:
        self.query = query
        self._tokens: list[Token] = []
        self._next = 0
        at, end = 0, len(query.rstrip())
        while at < end:
            match = _TOKEN.match(query, at)
            if match is None or match.lastgroup is None:
                at += len(query[at:]) - len(query[at:].lstrip())
                raise complaint("MALFORMED_QUERY", query, at, f"unexpected token: '{query[at]}'")
            self._tokens.append(Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
            at = match.end()
        self._tokens.append(Token("end", "<EOF>", end))

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def take(self) -> Token:
        token = self.peek()
        self._next += 1
        return token

    def unexpected(self, token: Token | None = None) -> SalesforceError:
        token = token or self.peek()
        shown = f"'{token.text}'" if token.kind != "end" else "<EOF>"
        return complaint("MALFORMED_QUERY", self.query, token.at, f"unexpected token: {shown}")

    def comes(self, *words: str) -> bool:
        """Whether these words or marks come next."""
        tokens = [self.peek(ahead) for ahead in range(len(words))]
        return all(
            t.word() == w or (t.kind == "mark" and t.text == w) for t, w in zip(tokens, words, strict=True)
        )  # fmt: skip

    def accept(self, *words: str) -> bool:
        """Take these words or marks if they come next."""
        if not self.comes(*words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.accept(word):
                raise self.unexpected()

    def name(self) -> Token:
        token = self.peek()
        if token.kind != "name":
            raise self.unexpected()
        return self.take()

    def integer(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected(token)
        return int(token.text)

    def function(self, allowed: tuple[str, ...]) -> tuple[str, Token]:
        """FUNCTION(path) with one of these functions: the function and what it is of; an empty path for ()."""
        token = self.name()
        function = token.text.upper()
        if function not in allowed:
            raise self.unexpected(token)
        self.expect("(")
        if self.comes(")"):
            inner = Token("name", "", self.peek().at)
        elif self.accept("CONVERTTIMEZONE", "("):  # to the user's time zone, which is UTC here
            inner = self.name()
            self.expect(")")
        else:
            inner = self.name()
        self.expect(")")
        return function, inner
