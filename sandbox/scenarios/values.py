"""What a scenario file says about a value: one text, a list, weights or a range, with `$names` to fill in."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from string import Template
from typing import Any


@dataclass(frozen=True, slots=True)
class Value:
    """A value to be drawn; `$name` in it stands for what is known of the person."""

    options: tuple[str, ...]
    bounds: tuple[int, ...]  # cumulated weights, or the two ends of a range without options
    names: frozenset[str]

    def draw(self, rng: random.Random, known: Mapping[str, str]) -> str:
        """One of the options, filled in. Raises KeyError for a name that is not known."""
        if not self.options:
            low, high = self.bounds
            return str(low + int(rng.random() * (high - low + 1)))
        text = self.options[0]
        if len(self.options) > 1:
            text = self.options[bisect(self.bounds, rng.random() * self.bounds[-1])]
        return Template(text).substitute(known) if "$" in text else text


def value(raw: Any) -> Value:
    """A value as `schema.json` allows it. Raises ValueError for a `$` that begins no name."""
    if isinstance(raw, dict) and raw.keys() == {"from", "to"}:
        return Value((), (int(raw["from"]), int(raw["to"])), frozenset())
    if isinstance(raw, dict):
        options, weights = tuple(raw), tuple(accumulate(int(weight) for weight in raw.values()))
    else:
        options = (raw,) if isinstance(raw, str) else tuple(raw)
        weights = tuple(range(1, len(options) + 1))
    if not weights[-1]:
        raise ValueError("all weights are 0")
    if not all(Template(option).is_valid() for option in options):
        raise ValueError("a $ begins a name, like $first or ${first}; write $$ for the sign itself")
    return Value(options, weights, frozenset(name for option in options for name in Template(option).get_identifiers()))


def share(text: str) -> Fraction:
    """A share: `2.5` percent, or a fraction like `640/18000`."""
    return Fraction(text) if "/" in text else Fraction(text) / 100


def part(total: int, text: str) -> int:
    """How many of a total a share is, rounded half up."""
    return int(total * share(text) + Fraction(1, 2))


def apportion(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Split a total by weights exactly: largest remainders get what rounding down leaves over."""
    whole = sum(weights.values())
    counts = {key: total * weight // whole for key, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda key: -(total * weights[key] % whole))
    for key in by_remainder[: total - sum(counts.values())]:
        counts[key] += 1
    return counts
