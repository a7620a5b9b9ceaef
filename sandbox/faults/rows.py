"""Rows that a fault refuses while a call is served, whatever endpoint writes them.

Kept in a context variable, so that a Bulk job, which runs on after its call, still refuses the rows that the call's
fault named, and calls served meanwhile do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple


class RowFault(NamedTuple):
    """The refusal of some rows: they are named by id or by any value that they have, case aside."""

    names: frozenset[str]
    code: str
    message: str
    fields: tuple[str, ...]


_REFUSED: ContextVar[tuple[RowFault, ...]] = ContextVar("refused_rows", default=())


@contextmanager
def refusing(faults: Iterable[RowFault]) -> Iterator[None]:
    """Inside, and in the tasks begun inside, these rows are refused."""
    token = _REFUSED.set(tuple(faults))
    try:
        yield
    finally:
        _REFUSED.reset(token)


def refused(values: Iterable[Any]) -> RowFault | None:
    """The fault that refuses a row with these values, its id among them, if one does."""
    faults = _REFUSED.get()
    if not faults:
        return None
    names = {str(value).lower() for value in values if value is not None}
    return next((fault for fault in faults if not fault.names.isdisjoint(names)), None)
