"""Shape: a landed row of any platform becomes a lead in canonical form, or says why it does not."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crosswalk.domain import campaigns, emails, junk, lead_types, names, npi, phones, places, tracking
from crosswalk.domain.campaigns import Campaign, ChannelRule
from crosswalk.domain.labels import CodeList
from crosswalk.domain.mapping import FieldMap, read_fields
from crosswalk.domain.schema import CODES, LEAD, code_lists, conform, empty
from crosswalk.domain.verdicts import verdicts


@dataclass(frozen=True)
class Standard:
    """The shared standard that every source is shaped to; ``zips`` has ``zip5`` and ``zip_state``."""

    codes: Mapping[str, CodeList]
    utm: tracking.UtmStandard
    campaigns: tuple[Campaign, ...]
    channels: tuple[ChannelRule, ...]
    emails: emails.EmailStandard
    places: places.PlaceStandard
    junk: junk.JunkStandard
    lead_types: tuple[lead_types.LeadType, ...]
    zips: pl.DataFrame


HOLDS = {
    "COUNTRY_UNKNOWN": pl.col("codes").list.contains("COUNTRY_UNKNOWN"),
    "EMAIL_DISPOSABLE": pl.col("codes").list.contains("EMAIL_DISPOSABLE") & pl.col("motion").is_in(["hcp", "referral"]),
    "EMAIL_SUGGEST": pl.col("codes").list.eval(pl.element().str.starts_with("EMAIL_SUGGEST")).list.any()
    & ~pl.col("contactable"),
}
"""Doubts that only a person can settle: which law applies, whom a throw-away address belongs to, what a typo meant."""


def shape(
    payloads: pl.DataFrame,
    mapping: FieldMap,
    findings: pl.DataFrame,
    standard: Standard,
    waived: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Bring landed rows to canonical form.

    Args:
        payloads: ``schema.PAYLOAD`` and the source properties as String columns.
        mapping: the stream's field mapping.
        findings: what screening found (``payload_id``, ``kind``, ``action``, ``reason``).
        standard: codes, tracking standard, registry and reference data.
        waived: ``payload_id`` and ``reason`` of doubts that a person has settled.

    Returns:
        ``schema.LEAD`` plus ``contactable`` (Boolean) and ``missing_required`` (String), one row per payload.
    """
    if payloads.is_empty():
        return empty(LEAD).with_columns(contactable=pl.lit(None, pl.Boolean), missing_required=pl.lit(None, pl.String))
    frame = payloads.with_columns(pl.col("payload_id").alias("unit"), has_text=_has_text(payloads, mapping))
    frame = read_fields(frame, mapping, standard.codes)
    frame = frame.with_columns(pl.col("received_at").fill_null(pl.col("modified_at")))
    frame = _names(frame)
    frame = _emails(frame, standard.emails)
    frame = places.normalise(frame, standard.places, standard.zips)
    frame = _phones(frame)
    frame = _npis(frame)
    frame = _tracking(frame, standard)
    frame = lead_types.classify(frame, standard.lead_types)
    listed = ["label_codes", "name_codes", "email_codes", "place_codes", "phone_codes", "npi_codes"]
    listed += ["tracking_codes", "campaign_codes"]
    frame = frame.with_columns(
        pl.concat_list(listed).alias("codes"),
        contactable=pl.col("email").is_not_null() | pl.col("phone").is_not_null(),
    )
    frame = frame.with_columns(
        junk.drop_reasons(frame, standard.junk, mapping.signals.ip, mapping.signals.honeypot).alias("drop_reason")
    )
    settled: dict[str, list[str]] = {code: [] for code in HOLDS}
    if waived is not None:
        findings = findings.join(waived, on=["payload_id", "reason"], how="anti", maintain_order="left")
        settled |= {code: waived.filter(pl.col("reason") == code)["payload_id"].to_list() for code in HOLDS}
    frame = _read_findings(frame, findings)
    doubts = {code: test & ~pl.col("payload_id").is_in(settled[code]) for code, test in HOLDS.items()}
    holds = pl.coalesce([pl.when(test).then(pl.lit(code)) for code, test in doubts.items()])
    frame = frame.with_columns(pl.coalesce("hold_reason", holds).alias("hold_reason"))
    extra = frame.select("contactable", "missing_required")
    return conform(frame, LEAD).hstack(extra)


def judge(shaped: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts of shaping: dropped records are rejected, doubtful ones held; a drop outranks a hold."""
    dropped = shaped.filter(pl.col("drop_reason").is_not_null())
    held = shaped.filter(pl.col("drop_reason").is_null() & pl.col("hold_reason").is_not_null())
    return pl.concat(
        [
            verdicts(dropped.select("unit", pl.col("drop_reason").alias("reason")), "rejected"),
            verdicts(held.select("unit", pl.col("hold_reason").alias("reason")), "held"),
        ]
    )


def _has_text(payloads: pl.DataFrame, mapping: FieldMap) -> pl.Expr:
    present = [name for name in mapping.signals.text if name in payloads.columns]
    if not present:
        return pl.lit(value=False)
    return pl.any_horizontal([pl.col(name).str.strip_chars().fill_null("") != "" for name in present])


def _names(frame: pl.DataFrame) -> pl.DataFrame:
    """Clean names; plainly written ones, which are most, are left alone."""
    plain = pl.col("first_name").str.contains(names.PLAIN) & pl.col("last_name").str.contains(names.PLAIN)
    shouted = {name.capitalize() for name in names.CREDENTIALS}
    odd = frame.select((~plain.fill_null(value=False) | pl.col("last_name").is_in(list(shouted))).alias("odd"))["odd"]
    given = frame.select("first_name", "last_name").filter(odd).rows()
    cleaned = [names.person(first, last) for first, last in given]
    fixed = pl.DataFrame(
        [(first, last, credentials, codes) for first, last, credentials, codes in cleaned],
        schema={"_first": pl.String, "_last": pl.String, "_credentials": pl.String, "name_codes": CODES},
        orient="row",
    ).with_columns(frame.with_row_index("_row").filter(odd)["_row"])
    return (
        frame.with_row_index("_row")
        .join(fixed, on="_row", how="left", maintain_order="left")
        .with_columns(
            pl.when(odd).then("_first").otherwise("first_name").alias("first_name"),
            pl.when(odd).then("_last").otherwise("last_name").alias("last_name"),
            pl.coalesce("credentials", "_credentials").alias("credentials"),
            pl.col("name_codes").fill_null([]),
        )
        .drop("_row", "_first", "_last", "_credentials")
    )


def _emails(frame: pl.DataFrame, standard: emails.EmailStandard) -> pl.DataFrame:
    raw = frame["email"]
    seen = {text: emails.clean(text, standard) for text in raw.drop_nulls().unique().to_list()}
    nobody = emails.Email(None, None)
    cleaned = [seen.get(text, nobody) for text in raw.to_list()]
    return frame.with_columns(
        raw.str.to_lowercase().str.strip_chars().alias("raw_email"),
        pl.Series("email", [one.display for one in cleaned], dtype=pl.String),
        pl.Series("email_key", [one.key for one in cleaned], dtype=pl.String),
        code_lists([one.codes for one in cleaned]).alias("email_codes"),
    )


def _phones(frame: pl.DataFrame) -> pl.DataFrame:
    """Read numbers by the country of the record; well-formed American ones by pattern, the rest by the library."""
    american = (pl.col("country") == "US").fill_null(value=True)
    quick = frame.select(pl.when(american).then(phones.well_formed("phone")).alias("quick"))["quick"]
    left = frame.select(pl.when(quick.is_null()).then("phone").alias("_phone"), pl.col("country").fill_null("US"))
    pairs = left.drop_nulls().unique(maintain_order=True)
    cleaned = [phones.clean(*pair) for pair in pairs.rows()]
    table = pairs.with_columns(
        pl.Series("_e164", [one.e164 for one in cleaned], dtype=pl.String),
        pl.Series("phone_ext", [one.extension for one in cleaned], dtype=pl.String),
        code_lists([one.codes for one in cleaned]).alias("phone_codes"),
    )
    read = left.join(table, on=["_phone", "country"], how="left", maintain_order="left")
    return frame.with_columns(
        pl.coalesce(quick, read["_e164"]).alias("phone"), read["phone_ext"], read["phone_codes"].fill_null([])
    )


def _npis(frame: pl.DataFrame) -> pl.DataFrame:
    given = frame["npi"].drop_nulls().unique(maintain_order=True)
    cleaned = [npi.clean(text) if text else (None, None) for text in given.to_list()]
    table = pl.DataFrame(
        {
            "npi": given,
            "_npi": pl.Series([number for number, _ in cleaned], dtype=pl.String),
            "npi_codes": code_lists([(code,) if code else () for _, code in cleaned]),
        }
    )
    read = frame.select("npi").join(table, on="npi", how="left", maintain_order="left")
    return frame.with_columns(read["_npi"].alias("npi"), read["npi_codes"].fill_null([]))


def _tracking(frame: pl.DataFrame, standard: Standard) -> pl.DataFrame:
    read = tracking.read_urls(frame["landing_url"], standard.utm, frame.select("first_name", "last_name"))
    frame = frame.with_columns(read.get_columns())
    return campaigns.attribute(frame, standard.campaigns, standard.channels, standard.utm.click_ids)


def _read_findings(frame: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    """Let findings drop or hold: the first kind of the lexicon decides; what a person must see is never dropped."""
    first = findings.unique("payload_id", keep="first", maintain_order=True)
    return frame.join(first, on="payload_id", how="left", maintain_order="left").with_columns(
        pl.when(pl.col("action") == "drop")
        .then("reason")
        .when((pl.col("action") == "hold").fill_null(value=False))
        .then(None)
        .otherwise("drop_reason")
        .alias("drop_reason"),
        pl.when(pl.col("action") == "hold").then("reason").otherwise("hold_reason").alias("hold_reason"),
    )
