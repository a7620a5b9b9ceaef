"""Chance that depends on what it is drawn for and on nothing else: not on order, time or what was drawn before."""

from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from struct import unpack
from typing import Generic, TypeVar

T = TypeVar("T")
_NUMBERS = 16


class Choices(Generic[T]):
    """Things to choose from, each with a weight; the weights need not add up to anything."""

    def __init__(self, weights: dict[T, float]) -> None:
        self.things = tuple(weights)
        self._bounds = tuple(accumulate(weights.values()))

    def at(self, number: float) -> T:
        """The thing at a number from 0 to 1."""
        point = number * self._bounds[-1]
        return next(thing for thing, bound in zip(self.things, self._bounds, strict=True) if point < bound)


class Draw:
    """Up to sixteen numbers from 0 (included) to 1 (excluded) for one turn of one lead."""

    __slots__ = ("_next", "_numbers")

    def __init__(self, *what: object) -> None:
        digest = blake2b("\x1f".join(map(str, what)).encode(), digest_size=4 * _NUMBERS).digest()
        self._numbers: tuple[int, ...] = unpack(f"<{_NUMBERS}I", digest)
        self._next = 0

    def number(self) -> float:
        found = self._numbers[self._next]
        self._next += 1
        return found / 2**32

    def chance(self, share: float) -> bool:
        return self.number() < share

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.number() * (high - low + 1))

    def one(self, things: Sequence[T]) -> T:
        return things[int(self.number() * len(things))]
