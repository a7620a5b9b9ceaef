"""What stands in the braces of FIND: words, phrases, wildcards and operators, and which records they match.

Text is cut into words at spaces and punctuation and compared without case [DOC]; a word matches as a whole unless it
has a wildcard.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.soql_tokens import complaint

RESERVED = "?&|!{}[]()^~*:\\\"'+-"  # to be written with a backslash before them [DOC]
_PART = re.compile(r'\s*(?:(?P<mark>[()])|"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>(?:[^\s()"\\]|\\.)+))', re.DOTALL)
_WORD = re.compile(r"[\w*?]+")
_PLAIN = re.compile(r"\w+")

Texts = list[list[str]]  # the words of each field
Matches = Callable[[Texts], bool]


def words(text: Any) -> list[str]:
    return _PLAIN.findall(str(text).lower())


def closing_brace(text: str, opened: int) -> int:
    """Where the search term ends. Raises SalesforceError: MALFORMED_SEARCH for what must be escaped and is not."""
    at, quoted = opened + 1, False
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char == '"':
            quoted = not quoted
        elif char == "}" and not quoted:
            return at
        elif char in "&|!{[]^~:'+-" and not quoted:
            # The place is the one before, as in bug reports [3P].
            what = f"line 1:{at} mismatched character '{char}' expecting '}}'"
            raise complaint("MALFORMED_SEARCH", text, at - 1, what)
        at += 1
    what = f"line 1:{at} mismatched character '<EOF>' expecting '}}'"
    raise complaint("MALFORMED_SEARCH", text, at - 1, what)


def compiled(term: str) -> Matches:
    """What accepts the words of a record. Raises SalesforceError: MALFORMED_SEARCH."""
    if len(re.sub(r"[\s*?\"\\]", "", term)) < 2:
        raise _refused(f"search term must be longer than one character: {term}")  # [3P]
    return _Terms(term).whole()


def _refused(message: str) -> SalesforceError:
    return SalesforceError("MALFORMED_SEARCH", message)


class _Terms:
    """AND binds closer than OR and is meant where no operator stands; operators in any case [DOC]."""

    def __init__(self, term: str) -> None:
        self._parts: list[tuple[str, str]] = []
        at, end = 0, len(term.rstrip())
        while at < end:
            match = _PART.match(term, at)
            if match is None or match.lastgroup is None:
                raise _refused(f"unexpected character: {term[at:end].strip()[:1]}")
            kind, text = match.lastgroup, match.group(match.lastgroup)
            if kind == "mark" or _WORD.search(re.sub(r"\\.", " ", text)):  # punctuation alone is nothing to find
                self._parts.append((kind, text))
            at = match.end()
        self._next = 0

    def whole(self) -> Matches:
        found = self._either()
        if self._next < len(self._parts):
            raise _refused(f"unexpected token: {self._parts[self._next][1]}")
        return found

    def _accept(self, kind: str, text: str) -> bool:
        comes = self._next < len(self._parts) and self._parts[self._next][0] == kind
        if not comes or self._parts[self._next][1].upper() != text:
            return False
        self._next += 1
        return True

    def _either(self) -> Matches:
        several = [self._all()]
        while self._accept("word", "OR"):
            several.append(self._all())
        return lambda texts: any(one(texts) for one in several)

    def _all(self) -> Matches:
        wanted, unwanted = [self._one()], []
        while self._next < len(self._parts):
            kind, text = self._parts[self._next]
            if (kind == "word" and text.upper() == "OR") or (kind, text) == ("mark", ")"):
                break
            if self._accept("word", "AND") and self._accept("word", "NOT"):
                unwanted.append(self._one())
            else:
                wanted.append(self._one())
        return lambda texts: all(one(texts) for one in wanted) and not any(one(texts) for one in unwanted)

    def _one(self) -> Matches:
        if self._next >= len(self._parts):
            raise _refused("unexpected token: <EOF>")
        if self._accept("mark", "("):
            inner = self._either()
            if not self._accept("mark", ")"):
                raise _refused("unexpected token: <EOF>")
            return inner
        kind, text = self._parts[self._next]
        if kind == "mark" or (kind == "word" and text.upper() in ("AND", "OR", "NOT")):
            raise _refused(f"unexpected token: {text}")
        self._next += 1
        patterns = _patterns(text)
        return lambda texts: any(_comes(patterns, one) for one in texts)


def _patterns(text: str) -> list[re.Pattern[str]]:
    """The words that must come one after the other; an escaped wildcard is punctuation like any other."""
    found = _WORD.findall(re.sub(r"\\.", " ", text).lower())
    if any(word[0] in "*?" for word in found):
        raise _refused(f"a search term begins with a letter or a digit: {text}")  # that it must [DOC], text [UNV]
    return [re.compile(word.replace("*", r"\w*").replace("?", r"\w")) for word in found]


def _comes(patterns: list[re.Pattern[str]], text: Iterable[str]) -> bool:
    several = list(text)
    return any(
        all(pattern.fullmatch(word) for pattern, word in zip(patterns, several[start:], strict=False))
        for start in range(len(several) - len(patterns) + 1)
    )
