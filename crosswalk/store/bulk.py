"""Many rows at once, and the one place where SQLite and PostgreSQL differ.

SQLite takes prepared statements with tuples (its fastest way in from Python); PostgreSQL takes COPY into a temporary
table and one statement from there. Everything else in the store is written once, over ``staged`` and Core.

Frames carry columns named as the table's; instants as aware datetimes, JSON as text (or as a list or struct, which
is written as JSON).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import orjson
import polars as pl
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    and_,
    cast,
    extract,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeEngine

from crosswalk.store.kinds import Instant, Json

UTC = pl.Datetime("us", "UTC")
ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"
CHUNK = 5_000

Excluded = ReadOnlyColumnCollection[str, ColumnElement[Any]]
Changes = Sequence[str] | Callable[[Excluded], Mapping[str, Any]] | None


def append(tx: Connection, table: Table, frame: pl.DataFrame) -> int:
    """Insert the rows in their order; a key that exists already is an error.

    Returns:
        The number of rows.
    """
    return _write(tx, table, frame, insert(table))


def upsert(
    tx: Connection,
    table: Table,
    frame: pl.DataFrame,
    key: Sequence[str],
    update: Changes = None,
    where: Callable[[Excluded], ColumnElement[bool]] | None = None,
) -> int:
    """Insert the rows, or change those whose key exists.

    Args:
        tx: A write transaction.
        table: The table; every column of the frame is one of its columns.
        frame: The rows. Of rows with the same key, the last one counts (the first one, if nothing is changed).
        key: The columns of a unique constraint.
        update: Columns to take from the frame (None: all but the key; empty: leave the existing row alone), or a
            function of the excluded row that returns the new values.
        where: Change an existing row only if this holds; a function of the excluded row.

    Returns:
        The number of rows inserted or changed.
    """
    fixed = update is not None and not callable(update) and not update
    frame = frame.unique(subset=list(key), keep="first" if fixed else "last", maintain_order=True)
    if list(key) == [column.name for column in table.primary_key]:
        frame = frame.sort(key)  # neighbours in the tree are written together
    statement = (postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert)(table)
    if fixed:
        return _write(tx, table, frame, statement.on_conflict_do_nothing(index_elements=list(key)))
    new = statement.excluded
    if callable(update):
        changes = update(new)
    else:
        changes = {name: new[name] for name in update or (name for name in frame.columns if name not in key)}
    statement = statement.on_conflict_do_update(
        index_elements=list(key), set_=changes, where=None if where is None else where(new)
    )
    return _write(tx, table, frame, statement)


def amend(tx: Connection, table: Table, frame: pl.DataFrame, key: Sequence[str]) -> int:
    """Change the other columns of the rows that the key finds; rows that do not exist are left out.

    Returns:
        The number of rows changed.
    """
    if frame.is_empty():
        return 0
    with staged(tx, frame.unique(subset=list(key), keep="last"), like=table) as new:
        changes = {name: new.c[name] for name in frame.columns if name not in key}
        return tx.execute(update(table).values(changes).where(*matching(table, new, key))).rowcount


def lookup(
    tx: Connection,
    table: Table,
    columns: Sequence[str],
    keys: pl.DataFrame,
    where: ColumnElement[bool] | None = None,
) -> pl.DataFrame:
    """Return the columns of all rows that match any row of ``keys`` in all of its columns; nulls match nothing.

    The order is the database's; ``where`` narrows the table further.
    """
    statement = select(*(table.c[name] for name in columns))
    keys = keys.drop_nulls().unique()
    if keys.is_empty():
        return _frame([], [(column.name, column.type) for column in statement.selected_columns])
    with staged(tx, keys, like=table) as wanted:
        statement = statement.select_from(wanted.join(table, and_(*matching(table, wanted, keys.columns))))
        return fetch(tx, statement if where is None else statement.where(where))


def matching(left: Table, right: Table, columns: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return the conditions that two tables agree in the columns."""
    return [left.c[name] == right.c[name] for name in columns]


@contextmanager
def staged(tx: Connection, frame: pl.DataFrame, like: Table) -> Iterator[Table]:
    """Hold the frame in a temporary table ``staged``, typed as the columns of ``like``; one at a time."""
    columns = [Column(name, like.c[name].type) for name in frame.columns]
    table = Table("staged", MetaData(), *columns, prefixes=["TEMPORARY"])
    tx.execute(CreateTable(table))
    if tx.dialect.name == "postgresql":
        _copy(tx, table, _encoded(tx, frame, like))
    else:
        _write(tx, table, frame, insert(table))
    yield table
    tx.execute(DropTable(table))  # after an error the rollback drops it


def fetch(tx: Connection, statement: Select[Any]) -> pl.DataFrame:
    """Run a query and return a frame whose columns are typed as the query's."""
    columns = list(statement.selected_columns)
    raw = statement.with_only_columns(*(_raw(tx, column) for column in columns), maintain_column_froms=True)
    rows = _rows(tx.execute(raw))
    return _frame(rows, [(str(column.key), column.type) for column in columns])


def change(tx: Connection, statement: Update, columns: Sequence[Column[Any]]) -> pl.DataFrame:
    """Run an update and return these columns of the rows that it changed."""
    rows = _rows(tx.execute(statement.returning(*(_raw(tx, column) for column in columns))))
    return _frame(rows, [(column.name, column.type) for column in columns])


def instant(at: datetime) -> pl.Expr:
    """Return a constant column of one aware time."""
    return pl.lit(instants([at]).item(), dtype=UTC)


def instants(times: Sequence[datetime | None]) -> pl.Series:
    """Return aware times as a column."""
    if any(time is not None and time.tzinfo is None for time in times):
        raise ValueError("a stored time must carry its zone")
    return pl.Series(times, dtype=UTC)


def stamped(frame: pl.DataFrame, columns: Sequence[str], run_id: str, at: datetime) -> pl.DataFrame:
    """Return those columns that the frame has, and who wrote them when."""
    own = {"created_at", "updated_at", "run_id"}
    return frame.select(
        *(name for name in columns if name in frame.columns and name not in own),
        instant(at).alias("created_at"),
        instant(at).alias("updated_at"),
        pl.lit(run_id).alias("run_id"),
    )


def numbered(tx: Connection, table: Table, frame: pl.DataFrame, key: str) -> pl.DataFrame:
    """Add ``seq``, which goes on from the highest one stored for each key, in the frame's order."""
    if frame.is_empty():
        return frame.with_columns(pl.lit(0).alias("seq"))
    with staged(tx, frame.select(key).unique(), like=table) as wanted:
        query = select(table.c[key], func.max(table.c.seq).label("last"))
        query = query.select_from(wanted.join(table, and_(*matching(table, wanted, [key])))).group_by(table.c[key])
        last = fetch(tx, query)
    seq = pl.col("last").fill_null(0) + pl.int_range(1, pl.len() + 1).over(key)
    joined = frame.join(last, on=key, how="left", maintain_order="left")
    return joined.with_columns(seq.alias("seq")).drop("last").sort(key, "seq")


def _write(tx: Connection, table: Table, frame: pl.DataFrame, statement: Any) -> int:
    if frame.is_empty():
        return 0
    if tx.dialect.name == "postgresql":
        with staged(tx, frame, like=table) as rows:
            whole = statement.from_select(frame.columns, select(rows))
            return tx.execute(whole, execution_options={"preserve_rowcount": True}).rowcount
    frame = _encoded(tx, frame, table)
    compiled = statement.compile(dialect=tx.dialect, column_keys=frame.columns)
    order, sql = compiled.positiontup, str(compiled)
    constants = [pl.lit(compiled.params[name]).alias(name) for name in order if name not in frame.columns]
    chunks = frame.with_columns(constants).select(order).iter_slices(CHUNK)
    return sum(tx.exec_driver_sql(sql, _tuples(chunk)).rowcount for chunk in chunks)


def _tuples(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return the rows, column by column, which is faster than Polars' own rows."""
    return list(zip(*(column.to_list() for column in frame.iter_columns()), strict=True))


def _copy(tx: Connection, table: Table, frame: pl.DataFrame) -> None:
    quote = tx.dialect.identifier_preparer.quote_identifier
    columns = ", ".join(quote(name) for name in frame.columns)
    driver: Any = tx.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        for chunk in frame.iter_slices(CHUNK):
            lines = chunk.write_csv(include_header=False, quote_style="non_numeric").encode()
            copy.write(lines.replace(b"\0", b""))  # PostgreSQL's text cannot hold it


def _encoded(tx: Connection, frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    copied = tx.dialect.name == "postgresql"
    return frame.select(_encode(frame[name], table.c[name].type, copied) for name in frame.columns)


def _encode(column: pl.Series, kind: TypeEngine[Any], copied: bool) -> pl.Series:
    """Bring a column to what the driver stores, or what COPY reads."""
    if column.dtype == pl.Null:
        return column
    if isinstance(kind, Instant):
        if not isinstance(column.dtype, pl.Datetime) or column.dtype.time_zone is None:
            raise ValueError(f"{column.name}: a stored time must carry its zone")
        return column.dt.convert_time_zone("UTC").dt.to_string(ISO) if copied else column.dt.epoch("us")
    if isinstance(kind, Date):
        return column.dt.to_string("%Y-%m-%d")
    if isinstance(kind, LargeBinary) and copied:
        return pl.select(pl.lit("\\x") + column.bin.encode("hex")).to_series().alias(column.name)
    if isinstance(kind, Json) and column.dtype != pl.String:
        values = (None if value is None else orjson.dumps(value).decode() for value in column.to_list())
        return pl.Series(column.name, values, pl.String)
    return column


def _rows(result: CursorResult[Any]) -> list[tuple[Any, ...]]:
    """Return the driver's own tuples: SQLAlchemy's rows would cost as much again as the query."""
    with result:
        return list(result.cursor.fetchall()) if result.cursor else []


def _raw(tx: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Read a column as the driver has it, without Python code for each value."""
    kind, name = column.type, str(column.key)
    if isinstance(kind, Instant) and tx.dialect.name == "postgresql":
        return cast(extract("epoch", column) * 1_000_000, BigInteger).label(name)
    if isinstance(kind, Instant):
        return type_coerce(column, BigInteger).label(name)
    if isinstance(kind, Json) or (isinstance(kind, Date) and tx.dialect.name == "sqlite"):
        return type_coerce(column, Text).label(name)
    return column


def _frame(rows: Sequence[Sequence[Any]], columns: Sequence[tuple[str, TypeEngine[Any]]]) -> pl.DataFrame:
    values: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    return pl.DataFrame([_series(name, kind, some) for (name, kind), some in zip(columns, values, strict=True)])


def _series(name: str, kind: TypeEngine[Any], values: Sequence[Any]) -> pl.Series:
    if isinstance(kind, Instant):
        return pl.Series(name, values, pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if isinstance(kind, Date):
        return pl.Series(name, [date.fromisoformat(day) if isinstance(day, str) else day for day in values], pl.Date)
    if isinstance(kind, Boolean):
        return pl.Series(name, [None if value is None else bool(value) for value in values], pl.Boolean)
    return pl.Series(name, values, _dtype(kind))


def _dtype(kind: TypeEngine[Any]) -> type[pl.DataType]:
    for known, dtype in ((LargeBinary, pl.Binary), (Integer, pl.Int64), (Float, pl.Float64)):
        if isinstance(kind, known):
            return dtype
    return pl.String
