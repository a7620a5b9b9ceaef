"""Row locks: records that somebody else holds.

Salesforce waits about ten seconds for a lock and then refuses with UNABLE_TO_LOCK_ROW [3P]. Writing a child takes the
lock of the parents that it belongs to [DOC].
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.schema import ObjectType, Record
from sandbox.salesforce.stamps import Clock

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

CODE = "UNABLE_TO_LOCK_ROW"
_LOOK_AGAIN = 0.02  # seconds
Answer = TypeVar("Answer")


class Locks:
    """Ids of locked records and until when. Runs on elapsed time, so that a frozen clock does not hold a lock."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def __bool__(self) -> bool:
        """Whether anything is locked, or was of late."""
        return bool(self._until)

    def take(self, key: str, seconds: float, clock: Clock) -> None:
        self._until[key] = clock.elapsed() + seconds

    def release(self, key: str | None = None) -> None:
        """Release one lock, or all."""
        if key is None:
            self._until.clear()
        else:
            self._until.pop(key, None)

    def held(self, clock: Clock) -> list[str]:
        """Ids of the records locked now; what ran out is forgotten."""
        now = clock.elapsed()
        self._until = {key: until for key, until in self._until.items() if until > now}
        return sorted(self._until)


def check(org: Org, kind: ObjectType, *records: Record) -> None:
    """Refuse a write that needs a lock which somebody else holds."""
    if not org.locks:
        return
    held = org.locks.held(org.clock)
    wanted: list[Any] = [r.get("Id") for r in records]
    wanted += [r.get(name) for r in records for name, field in kind.references.items() if field.cascade]
    taken = [key for key in held if key in wanted]
    if taken:
        text = f"unable to obtain exclusive access to this record or {len(taken)} records: {','.join(taken)}"  # [3P]
        raise SalesforceError(CODE, text, [])


async def patiently(org: Org, write: Callable[[], Answer]) -> Answer:
    """Do a write; while a lock is in the way try again, for `org.lock_wait` seconds.

    Inside a transaction nothing waits: other requests would be served meanwhile, and undone with it.
    """
    if org.in_transaction:
        return write()
    deadline = asyncio.get_running_loop().time() + org.lock_wait
    while True:
        try:
            return write()
        except SalesforceError as refused:
            if refused.code != CODE or asyncio.get_running_loop().time() >= deadline:
                raise
        await asyncio.sleep(_LOOK_AGAIN)
