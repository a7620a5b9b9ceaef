"""First reading of free text: an editable lexicon marks texts that a person must see (CON-03 in part).

An aid to people, not a detector to rely on. Texts are read for every landed row, also for rows that a gate stops
later. The text itself stays sealed in its payload; what leaves this module is the kind of a finding, never a word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import polars as pl

from crosswalk.domain.schema import S


@dataclass(frozen=True)
class TextKind:
    """One kind of finding: the patterns that show it (case-insensitive regular expressions) and what follows.

    ``hold`` keeps the lead until a person has looked, ``drop`` counts it without pushing it, ``note`` only records.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    about: str
    action: Literal["hold", "drop", "note"]
    reason: str
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """All kinds, most urgent first: where several apply, the first decides what happens to the lead."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    kinds: Mapping[str, TextKind]


def screen(frame: pl.DataFrame, text: Sequence[str], lexicon: Lexicon) -> pl.DataFrame:
    """Read the text columns of landed rows.

    Returns:
        One row per (``payload_id``, ``kind``), with the kind's ``action`` and ``reason``, in lexicon order.
    """
    present = [name for name in text if name in frame.columns]
    schema = {"payload_id": S, "kind": S, "action": S, "reason": S}
    if not present:
        return pl.DataFrame(schema=schema)
    joined = pl.concat_str([pl.col(name).fill_null("") for name in present], separator="\n")
    texts = frame.select("payload_id", joined.alias("text")).filter(pl.col("text").str.strip_chars() != "")
    found = [
        texts.filter(pl.col("text").str.contains("(?i)" + "|".join(f"(?:{pattern})" for pattern in kind.patterns)))
        .select("payload_id")
        .with_columns(
            pl.lit(name).alias("kind"), pl.lit(kind.action).alias("action"), pl.lit(kind.reason).alias("reason")
        )
        for name, kind in lexicon.kinds.items()
    ]
    return pl.concat([pl.DataFrame(schema=schema), *found])


def remembered(findings: pl.DataFrame, before: pl.DataFrame, lexicon: Lexicon) -> pl.DataFrame:
    """Add earlier findings that a person must see, so that a change of the lexicon alone lets nobody pass.

    Args:
        findings: what ``screen`` finds now.
        before: ``payload_id`` and ``kind`` of what was found earlier.
        lexicon: as it is now; a kind that it no longer has holds as the most urgent one does.

    Returns:
        As ``screen`` does.
    """
    held = {name: kind.reason for name, kind in lexicon.kinds.items() if kind.action == "hold"}
    gone = next(iter(held.values()), "SAFETY_REVIEW")
    reasons = {
        name: held.get(name, gone) for name in before["kind"].unique() if held.get(name) or name not in lexicon.kinds
    }
    earlier = before.filter(pl.col("kind").is_in(list(reasons))).select(
        "payload_id",
        "kind",
        pl.lit("hold").alias("action"),
        pl.col("kind").replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
    )
    order = {name: index for index, name in enumerate(lexicon.kinds)}
    return (
        pl.concat([findings, earlier])
        .unique(["payload_id", "kind"], keep="first", maintain_order=True)
        .sort(pl.col("kind").replace_strict(order, default=-1, return_dtype=pl.Int64), maintain_order=True)
    )
