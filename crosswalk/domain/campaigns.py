"""Campaign registry and channel: where an inquiry came from, as far as it can be trusted (TRK-02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

import polars as pl

from crosswalk.domain.predicates import Predicate, first_match
from crosswalk.domain.schema import CODES

HELD = "held"
DIRECT = "direct"


@dataclass(frozen=True)
class Campaign:
    """One registered campaign; ``aliases`` are older or mistyped codes that mean it."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    code: str
    name: str
    motion: str
    audience: str
    theme: str
    region: str
    owner: str
    start: date
    end: date
    status: Literal["draft", "approved", "live", "ended"]
    budget_holder: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChannelRule:
    """The first rule that holds names the hub channel."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    channel: str
    when: Predicate


def attribute(
    frame: pl.DataFrame, registry: Sequence[Campaign], channels: Sequence[ChannelRule], click_ids: Mapping[str, str]
) -> pl.DataFrame:
    """Add ``campaign_code``, ``campaign_name``, ``channel`` and ``campaign_codes`` (List of String).

    The registry is the only source of codes: an unknown one holds the channel attribution, an alias is corrected, an
    ended or unstarted campaign is flagged. Dates are compared with ``received_at``.
    """
    spelled = [(code, campaign) for campaign in registry for code in (campaign.code, *campaign.aliases)]
    table = pl.DataFrame(
        {
            "utm_campaign": [code for code, _ in spelled],
            "campaign_code": [campaign.code for _, campaign in spelled],
            "campaign_name": [campaign.name for _, campaign in spelled],
            "_start": [campaign.start for _, campaign in spelled],
            "_end": [campaign.end for _, campaign in spelled],
            "_status": [campaign.status for _, campaign in spelled],
        },
        schema={
            "utm_campaign": pl.String,
            "campaign_code": pl.String,
            "campaign_name": pl.String,
            "_start": pl.Date,
            "_end": pl.Date,
            "_status": pl.String,
        },
    )
    day = pl.col("received_at").dt.date()
    named = pl.col("utm_campaign").is_not_null()
    unknown = named & pl.col("campaign_code").is_null()
    ended = (pl.col("_status") == "ended") | (day > pl.col("_end"))
    early = pl.col("_status").is_in(["draft", "approved"]) | (day < pl.col("_start"))
    codes = {
        "CAMPAIGN_UNKNOWN": unknown,
        "CAMPAIGN_ALIAS": pl.col("campaign_code").is_not_null() & (pl.col("campaign_code") != pl.col("utm_campaign")),
        "CAMPAIGN_ENDED": ended,
        "CAMPAIGN_NOT_LIVE": early & ~ended,
    }
    by_click = pl.col("click_id").replace_strict(click_ids, default=None, return_dtype=pl.String)
    by_rule = first_match((rule.when, rule.channel) for rule in channels)
    return (
        frame.drop("campaign_code", "campaign_name", "channel", strict=False)
        .join(table, on="utm_campaign", how="left", maintain_order="left")
        .with_columns(
            pl.when(unknown)
            .then(pl.lit(HELD))
            .otherwise(pl.coalesce(by_rule, by_click, pl.lit(DIRECT)))
            .alias("channel"),
            pl.concat_list([pl.when(test).then(pl.lit(code)) for code, test in codes.items()])
            .list.drop_nulls()
            .cast(CODES)
            .alias("campaign_codes"),
        )
        .drop("_start", "_end", "_status")
    )
