"""SOQL as text: PURE builders. Values are quoted, names are checked, and long key lists are cut to fit an address."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote_plus

from simple_salesforce.format import quote_soql_value

from crosswalk.errors import ConfigError
from crosswalk.ports import Lookup

EXTERNAL_ID = "Crosswalk_Id__c"
LONGEST = 15_500
"""Bytes of a query after percent-encoding: the address and all headers together may have 16,384."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RECORD_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def quote(value: str) -> str:
    """Return a string literal that holds exactly this value."""
    return str(quote_soql_value(value))


def name(text: str) -> str:
    """Return an object's or a field's API name unchanged.

    Raises:
        ConfigError: it is not one; names come from the mapping files.
    """
    if not _NAME.fullmatch(text):
        raise ConfigError("is not a Salesforce API name", key=repr(text[:80]))
    return text


def path(text: str) -> str:
    """Return a field's name, or the path to a parent's field (``Opportunity.StageName``), unchanged.

    Raises:
        ConfigError: it is neither.
    """
    return ".".join(name(part) for part in text.split("."))


def encoded(text: str) -> int:
    """Bytes that a text takes in an address."""
    return len(quote_plus(text))


def select(table: str, fields: Iterable[str], tail: str = "") -> str:
    """``SELECT`` of fields, each once, in order."""
    columns = ", ".join(dict.fromkeys(name(field) for field in fields))
    return f"SELECT {columns} FROM {name(table)}" + (f" {tail}" if tail else "")


def lookups(query: Lookup, extra: Sequence[str] = (), longest: int = LONGEST) -> Iterator[str]:
    """Yield the fewest queries that ask for all keys of a look-up, each short enough for an address.

    Empty values are left out (``Email IN ('')`` would hit every record without one), and so are values that no field
    of Salesforce could hold.
    """
    head = select(query.object, ["Id", EXTERNAL_ID, *query.fields, *extra], "WHERE ")
    room = longest - encoded(head)
    chunk: list[tuple[str, str]] = []
    size, column = 0, ""
    for field, literal in _keys(query):
        key = encoded(literal) + encoded(",")
        opening = encoded(f" OR {field} IN ()")
        if key + opening > room:
            continue
        grown = size + key + (opening if field != column or not chunk else 0)
        if grown > room:
            yield head + _where(chunk)
            chunk, grown = [], key + opening
        chunk.append((field, literal))
        size, column = grown, field
    if chunk:
        yield head + _where(chunk)


def _keys(query: Lookup) -> Iterator[tuple[str, str]]:
    """Yield (field, literal) for every distinct key, field by field."""
    for record_id in query.record_ids:
        if not _RECORD_ID.fullmatch(record_id):
            raise ValueError("a record id that is not one of Salesforce's")
    columns = [(EXTERNAL_ID, query.external_ids), ("Id", query.record_ids), *query.match.items()]
    for field, values in columns:
        for value in dict.fromkeys(values):
            if value and value.strip():
                yield name(field), quote(value)


def _where(chunk: Sequence[tuple[str, str]]) -> str:
    """Join keys as ``A IN (…) OR B IN (…)``."""
    return " OR ".join(
        f"{field} IN ({','.join(literal for _, literal in keys)})"
        for field, keys in groupby(chunk, key=lambda key: key[0])
    )
