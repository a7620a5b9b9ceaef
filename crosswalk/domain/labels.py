"""Label normalizer: every platform's labels become one code per field (GLO-02, DQ-02)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import polars as pl


@dataclass(frozen=True)
class CodeList:
    """A coded field: its codes, what each means, and the labels that stand for it.

    ``codes`` maps a code to its meaning; ``labels`` maps a code to the labels that platforms and people use for it
    (compared without case, spacing or punctuation); ``native`` maps a system's own value to each code.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    name: str
    about: str
    codes: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    native: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def table(self) -> dict[str, str]:
        """Return label key -> code for every code, its own name included."""
        spelled = {key(code): code for code in self.codes}
        return spelled | {key(label): code for code, labels in self.labels.items() for label in labels}


def key(label: str) -> str:
    """Fold a label to what is compared: letters and digits, lower-case, single spaces."""
    return " ".join("".join(char if char.isalnum() else " " for char in label.casefold()).split())


def encode(values: pl.Series, codes: CodeList) -> tuple[pl.Series, pl.Series]:
    """Translate labels to codes.

    Returns:
        The codes (null where the label is unknown or empty) and a Boolean series: true where a label was given that
        nobody has mapped. An unknown label is never passed through.
    """
    table = codes.table()
    seen = values.drop_nulls().unique()
    known = {label: table.get(key(label)) for label in seen.to_list()}
    coded = values.replace_strict(known, default=None, return_dtype=pl.String)
    unknown = values.is_not_null() & (values.str.strip_chars() != "") & coded.is_null()
    return coded, unknown.fill_null(value=False)
