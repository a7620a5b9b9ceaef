"""Field mappings: which vendor property becomes which canonical field, and by which named recipe.

Admins own the mappings as files. The vocabulary of recipes is closed and small on purpose; what it cannot say is code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import polars as pl

from crosswalk.domain.labels import CodeList, encode
from crosswalk.domain.planning import Authority
from crosswalk.domain.schema import CODES, LEAD, UTC, Column

OutcomeKind = Literal["lead", "activity", "meeting", "opportunity", "removal"]
Via = Literal["text", "code", "yes_no", "permission", "count", "instant"]
YES = ("true", "yes", "y", "1", "on", "checked")
NO = ("false", "no", "n", "0", "off", "unchecked")


@dataclass(frozen=True)
class FieldIn:
    """One canonical field: the source property (or several, first non-empty wins) and the recipe.

    Recipes: ``text`` trimmed text; ``code`` a label of the code list named by ``codes``; ``yes_no`` true, false or
    unknown; ``permission`` granted, denied or unknown (an empty box is unknown, and unknown is not granted);
    ``count`` a whole number; ``instant`` an ISO time or epoch milliseconds.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    source: str | tuple[str, ...]
    via: Via = "text"
    codes: str | None = None
    create: Mapping[str, Any] | None = None
    """How `crosswalk setup` makes the property, where it is one that the hub asks people to fill in."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The properties read, in order of preference."""
        return (self.source,) if isinstance(self.source, str) else self.source


@dataclass(frozen=True)
class Signals:
    """Source properties that are judged but never become fields: free text, sender address, trap field."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    text: tuple[str, ...] = ()
    ip: str | None = None
    honeypot: str | None = None


@dataclass(frozen=True)
class Example:
    """A case that the mapping's owner expects to hold; runs as a test. Times are ISO text."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    given: Mapping[str, str | None]
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class FieldMap:
    """The inbound mapping of one stream."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    connection: str
    stream: str
    fields: Mapping[str, FieldIn]
    outcome: OutcomeKind | None = None
    """What sales did, for the streams of the way back; None for a stream of inquiries."""
    signals: Signals = field(default_factory=Signals)
    examples: tuple[Example, ...] = ()

    @property
    def properties(self) -> tuple[str, ...]:
        """Every source property that is read, each once; the payload's hash covers exactly these."""
        named = [name for spec in self.fields.values() for name in spec.sources]
        named += [*self.signals.text, *filter(None, (self.signals.ip, self.signals.honeypot))]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class FieldOut:
    """One target field: the canonical ``field`` (or a fixed ``value``), who wins it, and how setup creates it.

    ``ref`` points to another record instead: ``owner``, or the object whose record belongs to the same lead.
    ``default`` stands in where the field is empty and the target insists on a value.
    ``native`` translates a code to the target's own value by the code list's ``native`` table for that system, or by
    the table that it names, where a system has several fields for one list.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    field: str | None = None
    value: str | int | bool | None = None
    ref: str | None = None
    default: str | None = None
    authority: Authority = "hub"
    max_length: int | None = None
    native: bool | str = False
    create: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class TargetMap:
    """The outbound mapping of one object; ``match`` are exact keys that recognise a record from before the hub."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    connection: str
    object: str
    fields: Mapping[str, FieldOut]
    about: Literal["lead", "source"] = "lead"
    """What a record is about: a lead that sales works, or the source's own record that the lead came from."""
    match: Mapping[str, str] = field(default_factory=dict)
    max_class: int | None = None
    """A lower ceiling for this object than the connection's."""


def read_fields(
    frame: pl.DataFrame,
    mapping: FieldMap,
    codes: Mapping[str, CodeList],
    canonical: Mapping[str, Column] = LEAD,
) -> pl.DataFrame:
    """Add the mapped canonical columns to a frame of landed rows, and ``label_codes`` (List of String).

    Canonical columns that the mapping does not name are added as nulls, so that every later step finds them.
    """
    frame = frame.with_columns(
        pl.lit(None, dtype=pl.String).alias(name)
        for spec in mapping.fields.values()
        for name in spec.sources
        if name not in frame.columns
    )
    columns, doubts = [], []
    for name, spec in mapping.fields.items():
        text = _first_text(frame, spec.sources)
        if spec.via == "code":
            coded, unknown = encode(text, codes[spec.codes or name])
            columns.append(coded.alias(name))
            doubts.append(pl.when(unknown).then(pl.lit(f"UNKNOWN_LABEL({name})")))
        else:
            columns.append(_recipe(text, spec.via).alias(name))
    unmapped = [
        pl.lit(None).cast(canonical[name].dtype).alias(name)
        for name in canonical
        if name not in mapping.fields and name not in frame.columns
    ]
    listed = pl.concat_list(doubts).list.drop_nulls() if doubts else pl.lit([])
    return frame.with_columns(*columns, *unmapped, listed.cast(CODES).alias("label_codes"))


def _first_text(frame: pl.DataFrame, sources: tuple[str, ...]) -> pl.Series:
    """The first non-empty of several source columns, trimmed; empty becomes null."""
    trimmed = [pl.col(name).str.strip_chars() for name in sources]
    return frame.select(pl.coalesce([pl.when(text != "").then(text) for text in trimmed]).alias("text"))["text"]


def _recipe(text: pl.Series, via: Via) -> pl.Series:
    frame = text.alias("text").to_frame()
    folded = pl.col("text").str.to_lowercase()
    said = pl.when(folded.is_in(list(YES))).then(statement=True).when(folded.is_in(list(NO))).then(statement=False)
    match via:
        case "yes_no":
            return frame.select(said.alias("value"))["value"]
        case "permission":
            granted = pl.when(said).then(pl.lit("granted")).when(~said).then(pl.lit("denied"))
            return frame.select(granted.otherwise(pl.lit("unknown")).alias("value"))["value"]
        case "count":
            number = pl.col("text").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
            return frame.select(number.alias("value"))["value"]
        case "instant":
            return frame.select(instant(pl.col("text")).alias("value"))["value"]
        case _:
            return text


def instant(text: pl.Expr) -> pl.Expr:
    """Parse ISO 8601 with zone, or epoch milliseconds, to UTC; anything else is null."""
    iso = text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_unit="us", time_zone="UTC", strict=False)
    epoch = pl.from_epoch(text.cast(pl.Int64, strict=False), time_unit="ms").dt.replace_time_zone("UTC")
    return pl.coalesce(iso, epoch.cast(UTC))
