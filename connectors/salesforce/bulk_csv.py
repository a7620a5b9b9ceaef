"""The CSV of Bulk 2.0: parts on the way in, results on the way out."""

import io
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from connectors.salesforce import rows
from crosswalk.domain.planning import Value, Write
from crosswalk.errors import TerminalError

PART_BYTES = 64_000_000
"""The vendor takes 150 MB after base64, which is about 100 MB as sent; smaller parts keep memory flat."""
SLICE_ROWS = 10_000
NULL = "#N/A"
"""In Bulk 2.0 an empty cell leaves a field alone and this text clears it."""


def sort_out(actions: Sequence[Write]) -> tuple[list[Write], list[Write]]:
    """Return the actions whose rows survive CSV, and the others: a text that is ``#N/A`` itself would clear a field."""
    fit: list[Write] = []
    odd: list[Write] = []
    for action in actions:
        (odd if NULL in rows.values(action).values() else fit).append(action)
    return fit, odd


def parts(kind: rows.Kind, actions: Sequence[Write], largest: int = PART_BYTES) -> Iterator[tuple[bytes, list[Write]]]:
    """Yield CSV files below ``largest`` bytes with the actions in each; columns are the key, then sorted by name."""
    written = [rows.values(action) for action in actions]
    columns = sorted(set().union(*written))
    header = ",".join([rows.key_column(kind), *columns]).encode() + b"\n"
    part, held = io.BytesIO(), 0
    part.write(header)
    first = 0
    for start in range(0, len(actions), SLICE_ROWS):
        some = slice(start, start + SLICE_ROWS)
        for body, count in _bodies(actions[some], written[some], kind, columns, largest - len(header)):
            if held and part.tell() + len(body) > largest:
                yield part.getvalue(), list(actions[first : first + held])
                part, first, held = io.BytesIO(), first + held, 0
                part.write(header)
            part.write(body)
            held += count
    if held:
        yield part.getvalue(), list(actions[first : first + held])


def _bodies(
    actions: Sequence[Write],
    written: Sequence[Mapping[str, Value]],
    kind: rows.Kind,
    columns: Sequence[str],
    largest: int,
) -> Iterator[tuple[bytes, int]]:
    """Yield CSV lines of some actions, in halves where they would not fit one part."""
    frame = pl.DataFrame(
        [
            pl.Series(rows.key_column(kind), [rows.key(action) for action in actions], dtype=pl.String),
            *(_column(column, [row.get(column) for row in written]) for column in columns),
        ]
    )
    body = frame.write_csv(include_header=False, line_terminator="\n").encode()
    if len(body) > largest and len(actions) > 1:
        middle = len(actions) // 2
        yield from _bodies(actions[:middle], written[:middle], kind, columns, largest)
        yield from _bodies(actions[middle:], written[middle:], kind, columns, largest)
    else:
        yield body, len(actions)


def _column(name: str, values: list[Value]) -> pl.Series:
    """Return a column as Bulk 2.0 reads it; most hold nothing but text."""
    try:
        return pl.Series(name, values, dtype=pl.String, strict=True).replace("", NULL)
    except TypeError:
        return pl.Series(name, [_cell(value) for value in values], dtype=pl.String)


def _cell(value: Value) -> str | None:
    """Return a value as Bulk 2.0 reads it; None leaves the field alone."""
    if value is None or isinstance(value, str):
        return NULL if value == "" else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value)


def results(body: bytes, key_column: str, *columns: str) -> Iterator[tuple[str, ...]]:
    """Yield (key, columns…) of each row of a result file; rows come in any order."""
    if not body.strip():
        return
    wanted = [key_column, *columns]
    try:
        frame = pl.read_csv(body, columns=wanted, infer_schema=False)
    except pl.exceptions.PolarsError:
        raise TerminalError("a Bulk result file cannot be read", code="BULK_RESULT") from None
    yield from zip(*(frame[column].fill_null("").to_list() for column in wanted), strict=True)
