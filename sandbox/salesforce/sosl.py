"""SOSL, the language of text searches: FIND {…} IN … FIELDS RETURNING object(fields WHERE … LIMIT …) LIMIT n."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sandbox.salesforce import soql_run
from sandbox.salesforce.describe import describe_object
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.fields import Field
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import Record, View
from sandbox.salesforce.soql_ast import Query, Selected
from sandbox.salesforce.soql_parse import LONGEST, SelectParser
from sandbox.salesforce.soql_run import Asked
from sandbox.salesforce.soql_tokens import Token, complaint
from sandbox.salesforce.sosl_terms import Matches, Texts, closing_brace, compiled, words

MOST = 2000  # rows of a search [DOC]
_LONGEST_TERM = 10_000  # characters; a longer one finds nothing [DOC]
_FIND = re.compile(r"\s*FIND\s*(?=\{)", re.IGNORECASE)
_NAMES = ("Name", "FirstName", "LastName", "Subject")
_TEXTS = ("string", "textarea", "combobox", "email", "phone", "url")


@dataclass(frozen=True)
class Search:
    """What to find, in which group of fields, in which objects (none: in all), and how many at most."""

    term: str
    group: str
    returning: tuple[Query, ...]
    limit: int


def run(org: Org, text: str, version: str) -> list[dict[str, Any]]:
    """The records that a search finds, as the reply shows them. Raises SalesforceError where Salesforce refuses it."""
    try:
        search = _Parser(text).search()
        accept = compiled(search.term)
        asked = Asked(text, version)
        queries = search.returning or tuple(_everything(org, version))
        found = [_found(org, query, asked, search.group, accept) for query in queries]
    except SalesforceError as wrong:
        code = "MALFORMED_SEARCH" if wrong.code == "MALFORMED_QUERY" else wrong.code
        raise SalesforceError(code, wrong.message) from None
    if len(search.term) > _LONGEST_TERM:
        return []
    return [record for records in _shared(found, search.limit) for record in records]


class _Parser(SelectParser):
    """The search term is blank among the tokens, so that places in the text stay what they are."""

    def __init__(self, text: str) -> None:
        begin = _FIND.match(text)
        if len(text) > LONGEST:
            raise SalesforceError("MALFORMED_SEARCH", f"SOSL statements cannot be longer than {LONGEST} characters.")
        if begin is None:
            what = "No search term found. The search term must be enclosed in braces."  # [3P]
            raise SalesforceError("MALFORMED_SEARCH", what)
        end = closing_brace(text, begin.end())
        super().__init__(" " * (end + 1) + text[end + 1 :])
        self.query, self._term_text = text, text[begin.end() + 1 : end]

    def unexpected(self, token: Token | None = None) -> SalesforceError:
        """The place is the one before, as in a bug report [3P]."""
        token = token or self.peek()
        return complaint("MALFORMED_SEARCH", self.query, token.at - 1, f"Malformed search token: {token.text}")

    def search(self) -> Search:
        group = "ALL"
        if self.accept("IN"):
            group = next((word for word in ("ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR") if self.accept(word)), "")
            if not group or not self.accept("FIELDS"):
                raise self.unexpected()
        returning: list[Query] = []
        if self.accept("RETURNING"):
            returning.append(self._returning())
            while self.accept(","):
                returning.append(self._returning())
        limit = self._number("LIMIT", MOST)
        if self.peek().kind != "end":
            raise self.unexpected()
        return Search(self._term_text, group, tuple(returning), MOST if limit is None else limit)

    def _returning(self) -> Query:
        """An object with its own fields and conditions; on its own, its ids."""
        source = self.name()
        if not self.accept("("):
            return Query((Selected("Id"),), source.text, source_at=source.at)
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        where, orders = self.where(), self.orders()
        limit, offset = self._number("LIMIT", MOST), self._number("OFFSET", MOST)
        self.expect(")")
        select = tuple(Selected(token.text, at=token.at) for token in names)
        return Query(select, source.text, where, (), orders, limit, offset, source_at=source.at)

    def _number(self, word: str, most: int) -> int | None:
        if not self.accept(word):
            return None
        at, number = self.peek().at, self.integer()
        if number > most:
            raise complaint("MALFORMED_SEARCH", self.query, at, f"{word} is at most {most}")  # text [UNV]
        return number


def _everything(org: Org, version: str) -> Iterator[Query]:
    """Without RETURNING every object is searched, for ids."""
    for name, kind in sorted(org.objects.items()):
        if not kind.tooling and _searchable(org.view(name), version):
            yield Query((Selected("Id"),), name)


def _searchable(view: View, version: str) -> bool:
    return bool(describe_object(view, version, full=False)["searchable"])


def _found(org: Org, query: Query, asked: Asked, group: str, accept: Matches) -> list[dict[str, Any]]:
    """The records of one object: as a query without the term would give them, in its order."""
    reader = soql_run.reader_of(org, query, asked)
    if not _searchable(reader.view, asked.version):
        what = f"entity type {reader.view.kind.name} does not support search"  # text [UNV]
        raise complaint("INVALID_TYPE", asked.text, query.source_at, what)
    render = soql_run.render_with(org, query, asked)
    searched = [field for field in reader.view.fields.values() if _belongs(field, group)]
    records = (r for r in soql_run.matching(org, query, reader, False) if accept(_texts(r, searched)))
    start = query.offset or 0
    return [render(record) for record in islice(records, start, start + (MOST if query.limit is None else query.limit))]


def _belongs(field: Field, group: str) -> bool:
    """Whether a group has the field; of SIDEBAR name, e-mail and phone [DOC], of ALL every text that is no picklist."""
    kinds = {
        "ALL": field.type in _TEXTS,
        "NAME": field.name in _NAMES,
        "EMAIL": field.type == "email",
        "PHONE": field.type == "phone",
        "SIDEBAR": field.name in _NAMES or field.type in ("email", "phone"),
    }
    return kinds[group]


def _texts(record: Record, fields: list[Field]) -> Texts:
    """A phone number is also found by its digits in one piece [UNV]."""
    texts: Texts = []
    for field in fields:
        value = record.get(field.name)
        if value is not None:
            texts.append(words(value))
            if field.type == "phone":
                texts.append(["".join(filter(str.isdigit, value))])
    return texts


def _shared(found: list[list[dict[str, Any]]], limit: int) -> list[list[dict[str, Any]]]:
    """The limit of the whole search is spread evenly over the objects [DOC]."""
    kept = [0] * len(found)
    while sum(kept) < limit:
        open_ = [place for place, records in enumerate(found) if kept[place] < len(records)]
        if not open_:
            break
        for place in open_[: limit - sum(kept)]:
            kept[place] += 1
    return [records[:count] for records, count in zip(found, kept, strict=True)]
