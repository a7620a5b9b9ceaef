"""What columns are made of; instants and JSON are kept alike on both databases, as far as they can be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Dialect, Integer, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware point in time, to the microsecond."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Use the dialect's own instants where it has them."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a naive time: it would mean something else on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must carry its zone")
        return value if dialect.name == "postgresql" else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return UTC, whatever the session's zone."""
        if value is None:
            return None
        return EPOCH + value * MICROSECOND if isinstance(value, int) else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A JSON value in a text column; frames carry it as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write with sorted keys, so that equal values are equal text."""
        return None if value is None else orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read what was written."""
        return None if value is None else orjson.loads(value)


def key(name: str) -> Column[str]:
    """A column of text that belongs to the primary key."""
    return Column(name, Text, primary_key=True)


def texts(*names: str, nullable: bool = True) -> list[Column[str]]:
    """Columns of text."""
    return [Column(name, Text, nullable=nullable) for name in names]


def instants(*names: str, nullable: bool = False) -> list[Column[datetime]]:
    """Columns of times."""
    return [Column(name, Instant, nullable=nullable) for name in names]


def counts(*names: str) -> list[Column[int]]:
    """Columns of numbers, never null."""
    return [Column(name, Integer, nullable=False) for name in names]
