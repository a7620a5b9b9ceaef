"""Writing back to HubSpot's own records (FBK-06): updates by id, a hundred a call, several calls in flight."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice

import msgspec

from connectors.hubspot import writes
from connectors.hubspot.client import Client
from connectors.hubspot.errors import VENDOR
from crosswalk.domain.planning import Create, Receipt, Record, Update, Write
from crosswalk.errors import CrosswalkError, RecordError, TerminalError
from crosswalk.ports import Lookup

PER_CALL = 100
IN_FLIGHT = 8
"""More would only wait for the allowance: at 19 calls a second these last 0.4 s each."""
CREATE_NOT_SUPPORTED = "CREATE_NOT_SUPPORTED"


class HubSpotTarget:
    """The records that leads came from. None is ever made: a contact that is not there has no one to tell."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def lookup(self, query: Lookup) -> list[Record]:
        """Return the records with these ids; to HubSpot an external id is the record's own.

        Raises:
            ValueError: a look-up by other keys, which is for targets that hold records from before the hub.
        """
        if query.match:
            raise ValueError("HubSpot's records are looked up by their ids only")
        ids = [one for one in dict.fromkeys((*query.external_ids, *query.record_ids)) if one.isdecimal()]
        found: list[Record] = []
        for start in range(0, len(ids), PER_CALL):
            data = self._client.read(query.object, ids[start : start + PER_CALL], query.fields)
            found += [
                Record(query.object, row.id, row.id, {name: row.properties.get(name) for name in query.fields})
                for row in _read(data)
            ]
        return found

    def apply(self, actions: Sequence[Write]) -> Iterator[Receipt]:
        """Write actions; exactly one receipt for each, in any order, with the values as HubSpot has them.

        A refused record becomes a failed receipt. When the route as a whole cannot go on (no token, no allowance, a
        property that is missing) its error is raised after the receipts of everything that was answered; applying the
        rest again is safe, because every write goes by id.
        """
        for action in actions:
            if isinstance(action, Create):
                yield Receipt(action.action_id, "failed", None, CREATE_NOT_SUPPORTED)
        for wave in writes.waves([action for action in actions if isinstance(action, Update)]):
            back = [writes.clearing(action) for action in wave if writes.moves_back(action)]
            for _ in self._written(back):
                pass  # a record that could not be cleared is refused, or keeps its stage, in the write itself
            yield from self._written([writes.whole(action) for action in wave])

    def _written(self, inputs: Sequence[writes.Input]) -> Iterator[Receipt]:
        """Send inputs in batches, several at a time; after trouble those under way are waited for and no more sent."""
        tables: dict[str, list[writes.Input]] = {}
        for one in inputs:
            tables.setdefault(one.action.object, []).append(one)
        yield from _together(
            partial(self._batch, table, members[start : start + PER_CALL])
            for table, members in tables.items()
            for start in range(0, len(members), PER_CALL)
        )

    def _batch(self, table: str, batch: Sequence[writes.Input]) -> writes.Verdicts:
        """Make one call; where one record makes HubSpot refuse all, send halves until that record stands alone."""
        try:
            return writes.verdicts(batch, self._client.update(table, writes.body(batch)))
        except CrosswalkError as error:
            code = error.code if isinstance(error, RecordError | TerminalError) else ""
            if not (isinstance(error, RecordError) or code == "VALIDATION_ERROR"):
                return writes.Verdicts([], error)
            if len(batch) == 1:
                return writes.Verdicts([writes.failed(batch[0].action, code)])
        middle = len(batch) // 2
        first = self._batch(table, batch[:middle])
        second = self._batch(table, batch[middle:]) if first.trouble is None else writes.Verdicts([])
        return writes.Verdicts(first.receipts + second.receipts, first.trouble or second.trouble)


def _together(calls: Iterable[Callable[[], writes.Verdicts]]) -> Iterator[Receipt]:
    """Make calls, some at a time, and yield their receipts as they come; the first trouble is raised at the end."""
    left, trouble = iter(calls), None
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        running = {pool.submit(call) for call in islice(left, IN_FLIGHT)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for receipts, found in [one.result() for one in done]:
                trouble = trouble or found
                if trouble is None:
                    running |= {pool.submit(call) for call in islice(left, 1)}
                yield from receipts
    if trouble is not None:
        raise trouble


class _Row(msgspec.Struct):
    id: str
    properties: dict[str, str | None] = {}


class _Rows(msgspec.Struct):
    results: list[_Row]


def _read(data: bytes) -> list[_Row]:
    try:
        return msgspec.json.decode(data, type=_Rows).results
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    raise TerminalError(f"{VENDOR} sent an unreadable answer to a batch", code="UNREADABLE_ANSWER")
