"""Countries, states and ZIP codes (NRM-01; ISO 3166)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl

from crosswalk.domain.labels import key

STATES: Mapping[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip


@dataclass(frozen=True)
class PlaceStandard:
    """How countries are written; ``aliases`` maps a spelling to its ISO 3166-1 alpha-2 code."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    aliases: Mapping[str, str] = field(default_factory=dict)


def normalise(frame: pl.DataFrame, standard: PlaceStandard, zips: pl.DataFrame) -> pl.DataFrame:
    """Clean ``country``, ``state`` and ``zip5`` in place and add ``place_codes`` (List of String).

    ``zips`` has ``zip5`` and ``zip_state``: every US ZIP code and its state. A ZIP that names another state than the
    form wins, because routing goes by ZIP. A country is never guessed from digits that merely look like a ZIP: it is
    inferred only where a named state and the ZIP agree; otherwise it stays null, which holds the lead.
    """
    spelled = {key(alias): code for alias, code in standard.aliases.items()}
    states = {key(name): code for code, name in STATES.items()} | {key(code): code for code in STATES}
    raw_zip = pl.col("zip5").str.strip_chars()
    five = raw_zip.str.extract(r"^(\d{5})(?:[-\s]?\d{4})?$")
    padded = pl.when(raw_zip.str.contains(r"^\d{4}$")).then(pl.lit("0") + raw_zip)
    frame = (
        frame.with_columns(
            _fold("country").replace_strict(spelled, default=None, return_dtype=pl.String).alias("_country"),
            _fold("state").replace_strict(states, default=None, return_dtype=pl.String).alias("_state"),
            pl.coalesce(five, padded).alias("_zip"),
            _given("country").alias("_country_given"),
            _given("state").alias("_state_given"),
        )
        .join(zips, left_on="_zip", right_on="zip5", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(
                "_country",
                pl.when(~pl.col("_country_given") & (pl.col("_state") == pl.col("zip_state"))).then(pl.lit("US")),
            ).alias("_resolved")
        )
    )
    us = pl.col("_resolved").eq("US").fill_null(value=False)
    codes = {
        "COUNTRY_INFERRED": us & ~pl.col("_country_given"),
        "COUNTRY_UNKNOWN": pl.col("_resolved").is_null(),
        "ZIP_PADDED": us & five.is_null() & padded.is_not_null(),
        "ZIP_TRIMMED": us & (raw_zip.str.len_chars() > 5) & five.is_not_null(),
        "ZIP_UNKNOWN": us & raw_zip.ne("").fill_null(value=False) & pl.col("zip_state").is_null(),
        "ZIP_STATE_CONFLICT": us & (pl.col("_state") != pl.col("zip_state")).fill_null(value=False),
        "STATE_UNKNOWN": us & pl.col("_state_given") & pl.col("_state").is_null(),
    }
    return frame.with_columns(
        pl.col("_resolved").alias("country"),
        pl.when(us)
        .then(pl.coalesce("zip_state", "_state"))
        .otherwise(pl.col("state").str.strip_chars())
        .alias("state"),
        pl.when(us).then(pl.when(pl.col("zip_state").is_not_null()).then("_zip")).otherwise(None).alias("zip5"),
        pl.concat_list([pl.when(test).then(pl.lit(code)) for code, test in codes.items()])
        .list.drop_nulls()
        .alias("place_codes"),
    ).drop("_country", "_state", "_zip", "_country_given", "_state_given", "_resolved", "zip_state")


def _fold(column: str) -> pl.Expr:
    """The label key of a column, as ``labels.key`` makes it, for short ASCII labels."""
    return pl.col(column).str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()


def _given(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().fill_null("") != ""
