"""What sales made of a lead: the coded standard, and the canonical form of everything that a CRM returns (FBK-01).

A row of the way back is one state of one CRM record: a lead, an activity, a meeting, an opportunity as one contact
plays a role in it, or a removal. Its codes are ours; what nobody has mapped waits for a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import polars as pl

from crosswalk.domain.labels import CodeList
from crosswalk.domain.mapping import FieldMap, read_fields
from crosswalk.domain.schema import CODES, UTC, B, Column, S, conform, empty

OUTCOME: Mapping[str, Column] = {
    "unit": Column(S, 0, "the unit in the ledger; equals payload_id"),
    "payload_id": Column(S, 0, "the payload that this came in"),
    "source": Column(S, 0, "connection"),
    "stream": Column(S, 0, "stream of the way back"),
    "external_id": Column(S, 1, "the vendor's id of the record"),
    "modified_at": Column(UTC, 0, "the vendor's time of last change"),
    "kind": Column(S, 0, "lead, activity, meeting, opportunity or removal"),
    "at": Column(
        UTC, 0, "when it happened, by the vendor's clock; falls back to modified_at, where only that is known"
    ),
    # whom it is about
    "lead_id": Column(S, 1, "our id, where the record carries it"),
    "person_ref": Column(S, 1, "id of the CRM's lead or contact that it is about"),
    "by": Column(S, 1, "CRM user who has the record"),
    # what was said
    "native_status": Column(S, 0, "crm_status code of the CRM's own status"),
    "sales_status": Column(S, 0, "status code that sales chose"),
    "reason": Column(S, 2, "reason code of giving back or closing"),
    "disposition": Column(S, 2, "disposition code of an activity"),
    "meeting_outcome": Column(S, 2, "meeting outcome code"),
    "done": Column(B, 0, "the activity has taken place"),
    "starts_at": Column(UTC, 2, "start of a meeting"),
    "deal_stage": Column(S, 1, "the CRM's own stage of the opportunity"),
    "won": Column(B, 1, "the opportunity was won"),
    "closed": Column(B, 1, "the opportunity is closed"),
    "opportunity_ref": Column(S, 1, "id of the opportunity"),
    # what became of the record
    "converted": Column(B, 1, "the lead was converted"),
    "contact_ref": Column(S, 1, "id of the contact that a converted lead became"),
    "account_ref": Column(S, 1, "id of the account that a converted lead became"),
    "deleted": Column(B, 0, "the record is in the recycle bin or gone"),
    "merged_into": Column(S, 1, "id of the record that it was merged into"),
    # how it went
    "codes": Column(CODES, 0, "what was doubted on the way"),
    "has_text": Column(B, 0, "a note came along; the note itself stays sealed in the payload"),
}
"""One returned row, in canonical form."""

READ: Mapping[str, Column] = {
    "code": Column(S, 2, "what the record says, as an outcome code of its kind; null says nothing"),
    "wanted": Column(S, 0, "status that follows from it"),
    "why": Column(S, 2, "reason code that goes with that status"),
    "firm": Column(B, 0, "somebody chose that status; otherwise it is only the least that is true"),
    "final": Column(B, 0, "a fact about the record itself, which no later event overtakes"),
    "weighs": Column(B, 2, "the person's permission is concerned: never passed over in silence"),
    "doubt": Column(S, 0, "why a person must look at the row"),
}
"""What is read from a row."""

BECOMES: Mapping[str, str] = {"contact_ref": "Contact", "account_ref": "Account", "opportunity_ref": "Opportunity"}
"""Columns that name what a converted lead became, and the CRM's word for it."""
DO_NOT_CONTACT, OPTED_OUT = "do_not_contact", "opted_out"
REMOVED, DUPLICATE = "removed_in_crm", "duplicate"
CLOSING = ("recycled", "disqualified")
"""Statuses by which sales gives a lead back or closes it; both need a reason."""

Family = Literal["fit", "data", "timing", "choice", "permission", "rerouted"]


@dataclass(frozen=True)
class Reason:
    """What follows from one reason: its family, when marketing may try again, and what marketing is told.

    ``resume_after_days``: a recycled lead is looked at again then. ``suppress``: marketing must not contact the person.
    ``told`` false withholds the code from marketing, because it would say something of a person's health (rerouted).
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    family: Family
    resume_after_days: int | None = None
    suppress: bool = False
    told: bool = True


@dataclass(frozen=True)
class OutcomeStandard:
    """How the CRM's words are read, as data (mappings/rules/outcomes.yaml).

    ``claims``: native status code -> what it says at least, where sales left the finer status empty. ``dispositions``:
    disposition -> the status that it proves, or null. ``reasons``: what follows from each reason code.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    claims: Mapping[str, str | None] = field(default_factory=dict)
    dispositions: Mapping[str, str | None] = field(default_factory=dict)
    reasons: Mapping[str, Reason] = field(default_factory=dict)


def shape(payloads: pl.DataFrame, mapping: FieldMap, codes: Mapping[str, CodeList]) -> pl.DataFrame:
    """Bring returned rows to canonical form.

    Args:
        payloads: ``schema.PAYLOAD`` and the source properties as String columns.
        mapping: the stream's field mapping; its ``outcome`` is the kind of all rows.
        codes: the code lists that the mapping names.

    Returns:
        ``OUTCOME``, one row per payload. An unknown label leaves its field empty and a code in ``codes``.
    """
    if payloads.is_empty():
        return empty(OUTCOME)
    texts = [pl.col(name).str.strip_chars().fill_null("") != "" for name in mapping.signals.text]
    frame = payloads.with_columns(
        pl.col("payload_id").alias("unit"),
        pl.lit(mapping.outcome).alias("kind"),
        (pl.any_horizontal(texts) if texts else pl.lit(value=False)).alias("has_text"),
    )
    frame = read_fields(frame, mapping, codes, OUTCOME)
    return conform(
        frame.with_columns(pl.coalesce("at", "modified_at").alias("at"), pl.col("label_codes").alias("codes")), OUTCOME
    )


def read(rows: pl.DataFrame, standard: OutcomeStandard) -> pl.DataFrame:
    """Add what each row says: ``READ``. A row of a record that is gone says nothing (it is a removal).

    Sales' own choice of a status goes before what the CRM's own status claims, except that a lead which the CRM has
    closed is closed. A timing reason gives the lead back, every other one closes it. Giving back or closing without a
    coded reason, and whatever nobody has mapped, is for a person; that field is not used.
    """
    here = ~pl.col("deleted").fill_null(value=False)
    frame = rows.with_columns(
        pl.col("native_status").replace_strict(dict(standard.claims), default=None, return_dtype=S).alias("_claim"),
        pl.col("reason")
        .replace_strict({code: one.family for code, one in standard.reasons.items()}, default=None, return_dtype=S)
        .alias("_family"),
        pl.col("disposition")
        .replace_strict(dict(standard.dispositions), default=None, return_dtype=S)
        .alias("_proved"),
        pl.col("codes").list.eval(pl.element().str.starts_with("UNKNOWN_LABEL")).list.any().alias("_unmapped"),
        (pl.col("disposition") == DO_NOT_CONTACT).fill_null(value=False).alias("_stop"),
    )
    kind, converted = pl.col("kind"), pl.col("converted").fill_null(value=False)
    closed_there = pl.col("_claim").is_in(CLOSING).fill_null(value=False)
    given_back = pl.when(pl.col("_family") == "timing").then(pl.lit("recycled")).otherwise(pl.lit("disqualified"))
    status = (
        pl.when(converted)
        .then(pl.lit("converted"))
        .when(pl.col("sales_status").is_in(CLOSING))
        .then("sales_status")
        .when(closed_there)
        .then(given_back)
        .otherwise(pl.coalesce("sales_status", "_claim"))
    )
    closing = (kind == "lead") & status.is_in(CLOSING).fill_null(value=False)
    meeting = pl.coalesce("meeting_outcome", pl.when(~pl.col("_unmapped")).then(pl.lit("scheduled")))
    deal = pl.when("won").then(pl.lit("won")).when("closed").then(pl.lit("lost")).otherwise(pl.lit("open"))
    activity = pl.coalesce("disposition", pl.when(pl.col("done") & ~pl.col("_unmapped")).then(pl.lit("done")))
    code = (
        pl.when(kind == "lead")
        .then(status)
        .when(kind == "activity")
        .then(activity)
        .when(kind == "meeting")
        .then(meeting)
        .when(kind == "opportunity")
        .then(deal)
    )
    doubt = (
        pl.when("_unmapped")
        .then(pl.lit("UNKNOWN_LABEL"))
        .when(closing & pl.col("reason").is_null())
        .then(pl.lit("REASON_MISSING"))
    )
    stop = (kind == "activity") & pl.col("_stop")
    wanted = (
        pl.when((kind == "lead") & ~(closing & pl.col("reason").is_null()))
        .then(status)
        .when(stop)
        .then(pl.lit("disqualified"))
        .when(kind == "activity")
        .then("_proved")
    )
    chosen = converted | pl.col("sales_status").is_not_null() | closed_there
    permission = closing & (pl.col("_family") == "permission").fill_null(value=False)
    return frame.with_columns(
        pl.when(here).then(code).alias("code"),
        pl.when(here).then(wanted).alias("wanted"),
        pl.when(here & closing).then("reason").when(here & stop).then(pl.lit(OPTED_OUT)).alias("why"),
        pl.when(kind == "lead").then(chosen).otherwise(stop).alias("firm"),
        ((kind == "lead") & converted).alias("final"),
        (stop | permission).alias("weighs"),
        pl.when(here).then(doubt).alias("doubt"),
    ).drop("_claim", "_family", "_proved", "_unmapped", "_stop")
