"""What marketing is told of its own records: the state of their lead, and nothing above class 2 (FBK-06)."""

from collections.abc import Mapping

import polars as pl

from crosswalk.domain.handoff import over_ceiling, withhold
from crosswalk.domain.labels import CodeList
from crosswalk.domain.mapping import TargetMap
from crosswalk.domain.outbound import complete, too_long, value
from crosswalk.domain.outcomes import Reason
from crosswalk.domain.schema import FEEDBACK, S, conform

TO_NURTURE = ("nurturing", "recycled")
"""Statuses in which marketing may try again, from the lead's own day on."""
CONSENTS = ("consent_email", "consent_phone", "consent_sms")


def feed_back(leads: pl.DataFrame, reasons: Mapping[str, Reason]) -> pl.DataFrame:
    """Say what marketing may know of leads.

    Args:
        leads: stored leads, all that the people in question have, with their consents (``CONSENTS``).
        reasons: what follows from each reason code (``OutcomeStandard.reasons``).

    Returns:
        ``FEEDBACK`` and ``motion``, one row for each lead. A reason that is not coded, or must not be told, is
        withheld. A person is suppressed when they have denied every channel, and when the reason of any of their leads
        says so: who does not want to be contacted, said it for all leads.
    """
    suppressing = [code for code, reason in reasons.items() if reason.suppress]
    told = [code for code, reason in reasons.items() if reason.told]
    barred = pl.col("reason").is_in(suppressing).fill_null(value=False).any().over("person_id")
    denied = pl.all_horizontal([(pl.col(name) == "denied").fill_null(value=False) for name in CONSENTS])
    fed = leads.with_columns(
        pl.when(pl.col("reason").is_in(told)).then("reason").alias("told_reason"),
        pl.col("lead_type").alias("segment"),
        (barred | denied).alias("suppressed"),
        pl.when(pl.col("status").is_in(list(TO_NURTURE))).then("resume_on").alias("next_nurture_on"),
    )
    return conform(fed, FEEDBACK).with_columns(leads["motion"])


def told_of(records: pl.DataFrame, leads: pl.DataFrame) -> pl.DataFrame:
    """Choose the lead that each source record tells of.

    Args:
        records: ``record_id`` and ``lead_id``: which leads came from which record, or were folded into.
        leads: stored leads.

    Returns:
        ``record_id`` and ``lead_id``, each record once: its open lead with the newest inquiry, else its newest closed
        one; a lead that was merged into another one only where there is no other.
    """
    order = leads.select("lead_id", "is_open", "received_at", (pl.col("merged_into").is_null()).alias("stands"))
    return (
        records.unique()
        .join(order, on="lead_id")
        .sort("record_id", "stands", "is_open", "received_at", "lead_id", nulls_last=False)
        .unique("record_id", keep="last", maintain_order=True)
        .select("record_id", "lead_id")
    )


def actions(told: pl.DataFrame, target: TargetMap, codes: Mapping[str, CodeList], ceiling: int) -> pl.DataFrame:
    """Return ``outbound.ACTION`` rows: what each source record should say of its lead.

    Args:
        told: ``feed_back`` with ``record_id``.
        target: the mapping of the source's object.
        codes: the code lists whose native values the mapping names.
        ceiling: the highest data class that may be written there; what is above is emptied.
    """
    wanted = [spec.field for spec in target.fields.values() if spec.field is not None]
    fit = withhold(told, ceiling, wanted)
    plain = {name: value(spec, target.connection, codes) for name, spec in target.fields.items()}
    fields = pl.struct([one.alias(name) for name, one in plain.items()])
    return complete(
        fit.select(
            pl.concat_str(pl.lit(f"{target.connection}:{target.object}:"), "record_id").alias("action_id"),
            pl.lit(target.connection).alias("target"),
            pl.lit(target.object).alias("object"),
            pl.col("record_id").alias("external_id"),
            "lead_id",
            pl.lit(None, S).alias("depends_on"),
            pl.struct(fields.alias("fields")).struct.json_encode().alias("desired"),
            pl.concat_list([pl.lit(None, S), *too_long(plain, target)])
            .list.drop_nulls()
            .list.join(", ")
            .alias("missing"),
            pl.Series("over_ceiling", over_ceiling(fit, wanted, ceiling), dtype=pl.Int64),
        )
    )
