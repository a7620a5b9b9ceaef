"""CSV as the Bulk APIs read and write it."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
_CHUNK = 2000  # rows written between two turns of the event loop
_LONGEST_CELL = 1_000_000  # characters


def read(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows of a CSV that are not empty."""
    csv.field_size_limit(max(csv.field_size_limit(), _LONGEST_CELL))
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[delimiter]):
        if row:
            yield row


async def written(
    header: Sequence[str] | None, rows: Iterable[Sequence[str]], delimiter: str, line_ending: str
) -> AsyncIterator[bytes]:
    """A CSV in pieces, every cell quoted, as Salesforce writes its results."""
    left = iter(rows)
    first: list[Sequence[str]] = [header] if header is not None else []
    while True:
        chunk = [*first, *islice(left, _CHUNK)]
        if not chunk:
            return
        first = []
        text = io.StringIO()
        csv.writer(text, delimiter=DELIMITERS[delimiter], lineterminator=LINE_ENDINGS[line_ending],
                   quoting=csv.QUOTE_ALL).writerows(chunk)  # fmt: skip
        yield text.getvalue().encode()
        await asyncio.sleep(0)


def cell(value: Any) -> str:
    """A field's value: null is empty, times end in Z, numbers are as Java prints them [3P]."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number(value)
    text = str(value)
    return f"{text[:-5]}Z" if len(text) == 28 and text.endswith(".000+0000") else text


def number(value: float) -> str:
    """Java's Double.toString: 1.0, 1234567.8, 3.5E8."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, shift = Decimal(repr(value)).normalize().as_tuple()
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}E{len(rest) + int(shift)}"
