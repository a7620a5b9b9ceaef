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
    "contact_ref": Column(S, 1, "id of the contact that a converted lead became, or that plays the role"),
    "deleted": Column(B, 0, "the record is in the recycle bin or gone"),
    "merged_into": Column(S, 1, "id of the record that it was merged into"),
    # how it went
    "codes": Column(CODES, 0, "what was doubted on the way"),
    "has_text": Column(B, 0, "a note came along; the note itself stays sealed in the payload"),
}
"""One returned row, in canonical form."""

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
