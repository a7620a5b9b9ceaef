"""Test, internal, spam, vendor and job-seeker records: out of every metric, still countable (NRM-05)."""

from dataclasses import dataclass
from typing import ClassVar

import polars as pl


@dataclass(frozen=True)
class JunkStandard:
    """How records that are nobody's lead are told.

    ``test_emails`` and ``test_names`` are whole values, compared in lower case (names as "first last"); nobody real
    writes from ``test_domains``; ``internal_domains`` are the operator's own, with their subdomains; a burst is at
    least ``burst_size`` submissions from one address within ``burst_seconds``.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    test_emails: tuple[str, ...] = ()
    test_names: tuple[str, ...] = ()
    test_domains: tuple[str, ...] = ()
    internal_domains: tuple[str, ...] = ()
    burst_size: int = 10
    burst_seconds: int = 120


def drop_reasons(frame: pl.DataFrame, standard: JunkStandard, ip: str | None, honeypot: str | None) -> pl.Series:
    """Return TEST_RECORD, INTERNAL_RECORD, SPAM or null for each lead.

    Reads ``email`` (cleaned), ``raw_email`` (as given, lower case), ``first_name``, ``last_name``, ``received_at``, and
    the source columns named by ``ip`` and ``honeypot`` where the mapping has them.
    """
    name = pl.concat_str(pl.col("first_name").fill_null(""), pl.col("last_name").fill_null(""), separator=" ")
    address = pl.coalesce(pl.col("email").str.to_lowercase(), "raw_email")
    domain = address.str.extract(r"@([^@\s]+)$")
    is_test = pl.any_horizontal(
        address.is_in(list(standard.test_emails)),
        domain.is_in(list(standard.test_domains)),
        name.str.to_lowercase().str.strip_chars().is_in(list(standard.test_names)),
    )
    own = [(domain == ours) | domain.str.ends_with(f".{ours}") for ours in standard.internal_domains]
    is_internal = pl.any_horizontal(own or [pl.lit(value=False)])
    reasons = (
        pl.when(is_test.fill_null(value=False))
        .then(pl.lit("TEST_RECORD"))
        .when(_trapped(frame, honeypot) | pl.col("_burst"))
        .then(pl.lit("SPAM"))
        .when(is_internal.fill_null(value=False))
        .then(pl.lit("INTERNAL_RECORD"))
    )
    return frame.with_columns(_bursts(frame, standard, ip).alias("_burst")).select(reasons.alias("r"))["r"]


def _trapped(frame: pl.DataFrame, honeypot: str | None) -> pl.Expr:
    """A field that people cannot see has been filled."""
    if honeypot is None or honeypot not in frame.columns:
        return pl.lit(value=False)
    return pl.col(honeypot).str.strip_chars().fill_null("") != ""


def _bursts(frame: pl.DataFrame, standard: JunkStandard, ip: str | None) -> pl.Series:
    """Whether each submission is one of many from its address within the time allowed."""
    if ip is None or ip not in frame.columns or frame.is_empty():
        return pl.Series([False] * frame.height, dtype=pl.Boolean)
    window = f"{standard.burst_seconds}s"
    sent = (
        frame.select("unit", pl.col(ip).alias("ip"), pl.col("received_at").dt.truncate("1s").alias("at"))
        .filter(pl.col("ip").is_not_null() & pl.col("at").is_not_null())
        .sort("ip", "at")
    )
    counted = sent.filter(pl.len().over("ip") >= standard.burst_size)
    if counted.is_empty():
        return pl.Series([False] * frame.height, dtype=pl.Boolean)
    bursts = (
        counted.rolling(index_column="at", period=window, group_by="ip", closed="both")
        .agg(pl.len().alias("n"), pl.col("unit"))
        .filter(pl.col("n") >= standard.burst_size)
        .explode("unit")
    )
    return frame["unit"].is_in(bursts["unit"].unique().implode())
