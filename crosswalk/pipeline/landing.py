"""Pull and land: rows of a source become payloads, known by the digest of what the mapping reads."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crosswalk.domain.schema import PAYLOAD, conform
from crosswalk.domain.verdicts import verdicts
from crosswalk.store import payloads

if TYPE_CHECKING:
    from datetime import datetime

    from crosswalk.domain.mapping import FieldMap
    from crosswalk.pipeline.trail import Trail
    from crosswalk.pipeline.work import Work
    from crosswalk.ports import Cursor, Source


@dataclass(frozen=True)
class Batch:
    """Some pulled rows and the position after them; ``more`` while their window is still open.

    ``expected`` is the vendor's count of the window's rows, in the batch that opened the window. ``vendor_now`` is the
    vendor's time when the last page came, ``gap`` a time of which it no longer tells what happened. ``given`` are the
    properties that the rows of some page had, ``left_out`` those that the rows of some page lacked.
    """

    frame: pl.DataFrame
    cursor: Cursor
    more: bool
    expected: int | None
    vendor_now: datetime | None = None
    gap: tuple[datetime, datetime] | None = None
    given: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


def gather(source: Source, stream: str, start: Cursor, size: int) -> Batch:
    """Pull pages until there are ``size`` rows or the window is read to its end."""
    frames: list[pl.DataFrame] = []
    position, rows, expected, vendor_now, gap = start, 0, None, None, None
    given: set[str] = set()
    left_out: set[str] = set()
    for page in source.pull(stream, start):
        frames.append(page.frame)
        position = page.cursor
        rows += page.frame.height
        expected = page.expected if page.expected is not None else expected
        vendor_now, gap = page.vendor_now or vendor_now, page.gap or gap
        if page.frame.height:
            given |= {*page.frame.columns} - page.left_out
            left_out |= page.left_out
        if rows >= size or position.until is None:
            break
    frame = pl.concat(frames) if frames else pl.DataFrame()
    if rows:  # a page that shifts while it is read may repeat a row: the later reading counts
        frame = frame.unique("external_id", keep="last", maintain_order=True)
    more = position.until is not None
    return Batch(frame, position, more, expected, vendor_now, gap, frozenset(given), frozenset(left_out))


def goes_on(work: Work, stream: tuple[str, str], start: Cursor, batch: Batch) -> bool:
    """Return whether there may be more to read after a batch that began at ``start``.

    After a window that an earlier run left open comes one of this run's own: a run reads up to its own time.
    """
    return batch.more or (start.until is not None and stream not in work.windows)


def fingerprint(frame: pl.DataFrame, source: str, mapping: FieldMap) -> pl.DataFrame:
    """Add ``schema.PAYLOAD`` and ``body`` (Binary JSON) to pulled rows.

    The hash covers exactly the properties that the mapping reads: no vendor timestamps, nothing that the hub wrote.
    What was only read along to be watched (``authority.watch``) goes no further.
    """
    properties = [name for name in mapping.properties if name in frame.columns]
    bodies = frame.select(pl.struct(properties).struct.json_encode().alias("body"))["body"].to_list()
    hashes = [hashlib.sha256(body.encode()).hexdigest()[:32] for body in bodies]
    ids = [
        hashlib.sha256(f"{source}\0{mapping.stream}\0{external_id}\0{digest}".encode()).hexdigest()[:32]
        for external_id, digest in zip(frame["external_id"].to_list(), hashes, strict=True)
    ]
    return frame.select("external_id", "modified_at", *properties).with_columns(
        pl.Series("payload_id", ids, dtype=pl.String),
        pl.lit(source).alias("source"),
        pl.lit(mapping.stream).alias("stream"),
        pl.Series("hash", hashes, dtype=pl.String),
        pl.Series("body", [body.encode() for body in bodies], dtype=pl.Binary),
    )


def land(work: Work, trail: Trail, pulled: pl.DataFrame, mapping: FieldMap) -> pl.DataFrame:
    """Record the landing: rows whose content is known go no further. Nothing is written yet."""
    with work.hub.read() as tx:
        known = payloads.known(tx, mapping.connection, mapping.stream, pulled["external_id"])
    known_hashes = known.select("external_id", pl.col("hash").alias("_known"))
    joined = pulled.join(known_hashes, on="external_id", how="left", maintain_order="left")
    unchanged = joined.filter((pl.col("hash") == pl.col("_known")).fill_null(value=False))
    refused = verdicts(
        unchanged.select(pl.col("payload_id").alias("unit"), pl.lit("UNCHANGED").alias("reason")), "skipped"
    )
    return trail.step("land", pulled, refused, unit="payload_id")


def sealed(work: Work, landed: pl.DataFrame) -> pl.DataFrame:
    """Return ``schema.PAYLOAD`` and the sealed ``body`` of landed rows, ready to be stored."""
    bodies = work.vault.seal_many(landed["body"].to_list())
    return conform(landed, PAYLOAD).with_columns(pl.Series("body", bodies, dtype=pl.Binary))
