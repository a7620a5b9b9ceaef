"""Source drift: a property that a stream had and that its rows now lack stops this stream, and nothing else (TRK-05).

A vendor may leave a property out of its rows without a word once somebody has removed or renamed it. Read as empty, it
would empty that field of every lead. What a stream has had is remembered, so that noticing it costs no vendor call; a
property that it never had is read as empty. Other vendors refuse to read a field that is gone, which is told alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from crosswalk.domain.mapping import FieldMap
from crosswalk.errors import SchemaDrift
from crosswalk.pipeline.landing import Batch

SOURCE = "SOURCE_SCHEMA_DRIFT"


@contextmanager
def of_source(mapping: FieldMap) -> Iterator[None]:
    """Say of a field that its vendor refuses to read which stream stops for it.

    Raises:
        SchemaDrift: as raised inside, with connection, stream and the code of a source.
    """
    try:
        yield
    except SchemaDrift as error:
        raise SchemaDrift(f"{mapping.connection} {mapping.stream}: {error}", code=SOURCE) from None


def new_properties(mapping: FieldMap, batch: Batch, had: frozenset[str]) -> frozenset[str]:
    """Return what a batch has of the properties that the mapping reads and that the stream did not have so far.

    Args:
        mapping: the stream's field mapping.
        batch: what was pulled.
        had: the properties that the stream is known to have.

    Raises:
        SchemaDrift: rows lack a property that the stream had before, or in another page of the batch
            (``SOURCE_SCHEMA_DRIFT``).
    """
    read = frozenset(mapping.properties)
    given = batch.given & read
    if gone := sorted(batch.left_out & read & (had | given)):
        place, names = f"{mapping.connection} {mapping.stream}", ", ".join(gone)
        file = f"mappings/fields/{mapping.connection}.{mapping.stream}.yaml"
        raise SchemaDrift(
            f"{place}: rows no longer have {names}, which this stream had before; nothing of the batch was kept. "
            f"Give it back, or correct or remove the name in {file}; "
            f"to read it as empty from now on: crosswalk accept-missing {place} {' '.join(gone)}",
            code=SOURCE,
        )
    return given - had
