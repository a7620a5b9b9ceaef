"""The frames that pass the seams: every column's type, data class and meaning, declared once.

Data classes (also used by the ceilings of connections, CON-02): 0 public, 1 business contact,
2 personal, 3 sensitive or consumer health, 4 identifier or clinical, 5 safety narrative.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

Type = pl.DataType | type[pl.DataType]
UTC = pl.Datetime("us", "UTC")
CODES = pl.List(pl.String)
UTM = (
    "utm_id",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_source_platform",
    "utm_term",
    "utm_content",
    "utm_creative_format",
    "utm_marketing_tactic",
)


@dataclass(frozen=True)
class Column:
    """One column: its Polars type, its data class, and what it holds."""

    dtype: Type
    data_class: int
    about: str
    patient_class: int | None = None
    """The class when the lead is a patient's or caregiver's, where that differs."""


S, B, I, F = pl.String, pl.Boolean, pl.Int64, pl.Float64  # noqa: E741 -- read as a legend

PAYLOAD: Mapping[str, Column] = {
    "payload_id": Column(S, 0, "the unit of landing: digest of source, stream, external id and content"),
    "source": Column(S, 0, "connection that the row came from"),
    "stream": Column(S, 0, "object read, as the vendor calls it"),
    "external_id": Column(S, 1, "the vendor's id of the row"),
    "modified_at": Column(UTC, 0, "the vendor's time of last change; not part of the hash"),
    "hash": Column(S, 0, "digest of the mapped source fields only"),
}
"""A landed row, before its source fields (one String column each, named as the vendor names them)."""

LEAD: Mapping[str, Column] = {
    "unit": Column(S, 0, "the lead's unit id in the ledger; equals payload_id until it is identified"),
    "payload_id": Column(S, 0, "the payload that this inquiry came in"),
    "source": Column(S, 0, "connection"),
    "stream": Column(S, 0, "object"),
    "external_id": Column(S, 1, "the vendor's id"),
    "received_at": Column(UTC, 0, "when the inquiry reached anybody; day zero of every clock"),
    # who
    "first_name": Column(S, 2, "given name, cleaned"),
    "last_name": Column(S, 2, "family name, cleaned"),
    "credentials": Column(S, 1, "MD, DO, NP …, split from the name"),
    "email": Column(S, 2, "display form; null when it cannot be used"),
    "email_key": Column(S, 2, "match key: lower-case, provider tags removed"),
    "phone": Column(S, 2, "E.164"),
    "phone_ext": Column(S, 2, "extension, digits"),
    "company": Column(S, 1, "organization as given"),
    "job_title": Column(S, 1, "job title as given"),
    "street": Column(S, 2, "street line"),
    "city": Column(S, 2, "city"),
    "state": Column(S, 1, "ISO 3166-2 part, e.g. IL; from the ZIP where both are given"),
    "zip5": Column(S, 2, "five digits"),
    "country": Column(S, 1, "ISO 3166-1 alpha-2"),
    "npi": Column(S, 1, "National Provider Identifier with a valid check digit"),
    "specialty": Column(S, 1, "specialty code"),
    "audience": Column(S, 2, "audience code"),
    "is_existing_patient": Column(B, 3, "tri-state: null is unknown"),
    # what
    "lead_type": Column(S, 2, "lead type code"),
    "motion": Column(S, 0, "patient, referral, b2b or hcp: decided by the lead type"),
    "service_line": Column(S, 1, "service line code", patient_class=3),
    "program_code": Column(S, 1, "program asked for", patient_class=3),
    "location": Column(S, 2, "preferred clinic code"),
    "urgency": Column(S, 2, "urgent, soon or routine"),
    "timeline": Column(S, 2, "timeline code"),
    "payer": Column(S, 3, "insurance plan code"),
    "buying_role": Column(S, 1, "buying role code"),
    "partner_id": Column(S, 1, "referral partner"),
    "hand_raise": Column(B, 2, "asked to be contacted"),
    "contact_preference": Column(S, 2, "phone, email or sms"),
    "has_text": Column(B, 0, "free text came along; the text itself stays sealed in the payload"),
    # permission
    "consent_email": Column(S, 2, "granted, denied or unknown"),
    "consent_phone": Column(S, 2, "granted, denied or unknown"),
    "consent_sms": Column(S, 2, "granted, denied or unknown"),
    # where from
    "capture_method": Column(S, 0, "capture method code"),
    "form": Column(S, 0, "form or asset the inquiry came through"),
    "landing_url": Column(S, 2, "landing page without personal or health parameters", patient_class=3),
    **{
        name: Column(
            S,
            3 if name == "utm_term" else 0,
            "normalised; null when not to be trusted",
            patient_class=3 if name == "utm_campaign" else None,
        )
        for name in UTM
    },
    "utm_raw": Column(S, 3, "JSON of the parameters as written, personal and health values removed"),
    "click_id": Column(S, 2, "name of the click id that came along, not its value"),
    "channel": Column(S, 0, "hub channel; `held` while the campaign is unknown"),
    "campaign_code": Column(S, 0, "registered campaign code; it may name a condition", patient_class=3),
    "campaign_name": Column(S, 0, "its name in the registry", patient_class=3),
    # engagement
    "email_opens": Column(I, 2, "machine opens included, therefore weak"),
    "email_clicks": Column(I, 2, "count"),
    "page_views": Column(I, 2, "count"),
    "visits": Column(I, 2, "count"),
    "conversions": Column(I, 2, "form submissions"),
    # how it went
    "codes": Column(CODES, 0, "what was changed or doubted on the way, in order"),
    "drop_reason": Column(S, 0, "test, internal, spam, vendor, job_seeker: counted, never pushed"),
    "hold_reason": Column(S, 0, "why a person must look before it goes on"),
}
"""One inquiry, in canonical form. Later steps only add columns."""

IDENTIFIED: Mapping[str, Column] = {
    "person_id": Column(S, 1, "the person"),
    "lead_id": Column(S, 1, "one inquiry of a person in one motion; external id in the CRM"),
    "status": Column(S, 0, "lead status before this run's decisions; `new` for a new lead"),
    "stage": Column(S, 0, "journey stage"),
    "owner": Column(S, 1, "owner assigned earlier, if any"),
    "is_new": Column(B, 0, "no stored lead yet"),
}

QUALIFIED: Mapping[str, Column] = {
    "fit": Column(I, 2, "0-100: who they are"),
    "intent": Column(I, 2, "0-100: what they did"),
    "score_reasons": Column(
        pl.List(pl.Struct({"rule": S, "score": S, "points": I})), 2, "contributions; they sum to the scores"
    ),
    "next_status": Column(S, 0, "lead status after qualification"),
    "gate": Column(S, 0, "the gate that refused it, if any"),
}

ROUTED: Mapping[str, Column] = {
    "owner_id": Column(S, 1, "owner or queue code"),
    "owner_kind": Column(S, 0, "person or queue"),
    "rule_id": Column(S, 0, "routing rule that decided"),
    "territory": Column(S, 0, "territory code, null if unmatched"),
    "route": Column(S, 0, "owner, backup, pool, default or kept"),
    "resume_on": Column(pl.Date, 0, "when a lead without capacity is looked at again"),
    "trace": Column(S, 1, "JSON: inputs, candidates and why each was refused"),
}

FEEDBACK: Mapping[str, Column] = {
    "lead_id": Column(S, 1, "the lead"),
    "status": Column(S, 0, "joint lead status"),
    "stage": Column(S, 0, "journey stage"),
    "told_reason": Column(S, 2, "reason code, where marketing may know it"),
    "segment": Column(S, 2, "lead type code, which says which programme speaks to the person"),
    "suppressed": Column(B, 2, "marketing must not contact the person"),
    "next_nurture_on": Column(pl.Date, 0, "when marketing may try again"),
}
"""What can be written back about one lead (FBK-06)."""

VERDICTS: Mapping[str, Column] = {
    "unit": Column(S, 0, "the unit judged"),
    "result": Column(S, 0, "quarantined, held, skipped or rejected; a unit without a row passed"),
    "reason": Column(S, 0, "reason code"),
}
"""What a step did not pass on. A reason is a column, so one row can be explained by the same expressions."""


def dtypes(*parts: Mapping[str, Column]) -> dict[str, Type]:
    """Return the Polars schema of the given column sets, in order."""
    return {name: column.dtype for part in parts for name, column in part.items()}


def empty(*parts: Mapping[str, Column]) -> pl.DataFrame:
    """Return a frame without rows in the given schema."""
    return pl.DataFrame(schema=dtypes(*parts))


def conform(frame: pl.DataFrame, *parts: Mapping[str, Column]) -> pl.DataFrame:
    """Select exactly the declared columns in order, cast, with nulls for those that are absent."""
    wanted = dtypes(*parts)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in wanted.items()
    )


def code_lists(codes: Sequence[tuple[str, ...]]) -> pl.Series:
    """Return a column of code lists; the distinct ones are few, and only they are built."""
    place = {listed: index for index, listed in enumerate(dict.fromkeys(codes))}
    return pl.Series([list(listed) for listed in place], dtype=CODES).gather([place[listed] for listed in codes])


def data_class(column: str, *, patient: bool = True) -> int:
    """Return the class of a canonical column, for a patient's lead by default.

    A column that is not declared is treated as the most sensitive.
    """
    for part in (PAYLOAD, LEAD, IDENTIFIED, QUALIFIED, ROUTED, FEEDBACK):
        if column in part:
            declared = part[column]
            special = declared.patient_class
            return special if patient and special is not None else declared.data_class
    return 5
