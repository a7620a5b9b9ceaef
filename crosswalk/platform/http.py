"""What every connector needs on the wire: counting, pacing, retrying, and one way to name a vendor's refusal.

Nothing here opens a connection; connectors bring their vendor's client. Error texts are made of the vendor's name,
status and code, property names, the correlation id and our advice. The vendor's own sentence may quote a value
(an address, a name) and therefore never gets in.
"""

import itertools
import json
import os
import re
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from crosswalk.errors import ConfigError, CrosswalkError, RecordError, SchemaDrift, TerminalError, TransientError

T = TypeVar("T")

LONGEST_MESSAGE = 200
UNREADABLE = "UNREADABLE_CODE"
BACKOFF = 0.5  # seconds before a failed call is repeated for the first time
OVERTAKING = 0.05
"""Seconds that a pacing window is held longer, because calls may overtake each other on their way."""
_VALUES = re.compile(r"\S+@\S+|\"[^\"]*\"|'[^']*'|\d{4,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NAME = re.compile(r"[\w.:/+-]{1,100}", re.ASCII)
_spread = itertools.count(os.getpid())


class CallCounter:
    """How many vendor calls were made; shared by the threads of one connection."""

    def __init__(self) -> None:
        self._made = 0
        self._lock = threading.Lock()

    @property
    def made(self) -> int:
        """Calls so far."""
        return self._made

    def add(self) -> None:
        """Count one call."""
        with self._lock:
            self._made += 1


class Pacer:
    """Keeps the calls of one vendor account below its allowance, in every window and not only on average.

    A short run is not slowed: calls wait only when the last ``calls`` of them fill the window of ``seconds``.
    """

    def __init__(
        self,
        calls: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._calls, self._window, self._clock, self._sleep = calls, seconds + OVERTAKING, clock, sleep
        self._sent: list[float] = []
        self._lock = threading.Lock()

    @classmethod
    def unlimited(cls) -> "Pacer":
        """A pacer that never waits."""
        return cls(0, 0.0)

    @classmethod
    def rate(
        cls,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> "Pacer":
        """A pacer for a rate that may be a fraction of a call per second."""
        calls = max(int(per_second), 1)
        return cls(calls, calls / per_second, clock, sleep)

    def learn(self, calls: int, seconds: float) -> None:
        """Keep to the allowance that the vendor states from now on, whatever was assumed."""
        with self._lock:
            self._calls, self._window = calls, seconds + OVERTAKING

    def wait(self) -> None:
        """Block until the next call is allowed, and take its place.

        Its place is the moment at which it may really go: a busy process wakes late, and the window counts from there.
        """
        with self._lock:
            now = self._clock()
            del self._sent[: bisect_right(self._sent, now - self._window)]
            if 0 < self._calls <= len(self._sent):
                self._sleep(max(0.0, self._sent[-self._calls] + self._window - now))
            self._sent.append(self._clock())


def retrying(
    call: Callable[[], T],
    *,
    attempts: int = 5,
    sleep: Callable[[float], object] = time.sleep,
    backoff: float = BACKOFF,
    ceiling: float = 30.0,
) -> T:
    """Call until it succeeds, up to ``attempts`` times, when it fails with TransientError; all else is raised.

    The vendor's own delay is kept to exactly; without one the wait doubles, spread so that workers do not meet again.
    A vendor that asks for more than ``ceiling`` seconds (a daily limit) is not waited for: the caller's schedule is
    the better place to wait, and its error says how long.
    """
    for attempt in range(attempts - 1):
        try:
            return call()
        except TransientError as error:
            if (error.delay or 0.0) > ceiling:
                raise
            delay = error.delay if error.delay is not None else min(ceiling, _spaced(backoff * 2**attempt))
        sleep(delay)
    return call()


def is_whole(data: bytes) -> bool:
    """Whether a body is one complete JSON document in UTF-8, and not what a fault on the way has left of one."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError:  # also for half an emoji, which is odd but whole
        try:
            json.loads(text)
        except ValueError:
            return False
    return True


def _spaced(delay: float) -> float:
    """Between half and all of a delay; the golden ratio keeps neighbouring draws apart."""
    return delay * (0.5 + (next(_spread) * 0.618034) % 1 / 2)


@dataclass(frozen=True)
class Refusal:
    """A vendor's answer that is not a success, stripped of whatever may be personal.

    Status 0 stands for no answer at all. ``message`` is for text of the connector's own; addresses, quoted text and
    long numbers are blanked regardless.
    """

    status: int
    code: str
    message: str = ""
    fields: tuple[str, ...] = ()
    retry_after: float | None = None
    correlation_id: str = ""

    def __post_init__(self) -> None:
        """Make it safe to log: what does not look like a code or a name is not taken for one."""
        object.__setattr__(self, "code", self.code if not self.code or _NAME.fullmatch(self.code) else UNREADABLE)
        object.__setattr__(self, "correlation_id", self.correlation_id if _NAME.fullmatch(self.correlation_id) else "")
        object.__setattr__(self, "message", _CONTROL.sub(" ", _VALUES.sub("…", self.message))[:LONGEST_MESSAGE])
        object.__setattr__(self, "fields", tuple(name for name in self.fields if _NAME.fullmatch(name)))


@dataclass(frozen=True)
class Rule:
    """One line of a connector's error table; ``None`` matches anything.

    ``advice`` tells the reader what to do next, in plain words.
    """

    status: int | None
    code: str | None
    error: type[CrosswalkError]
    advice: str
    delay: float | None = None

    def matches(self, refusal: Refusal) -> bool:
        """Whether this rule is about the refusal."""
        return self.status in (None, refusal.status) and self.code in (None, refusal.code)


def classify(refusal: Refusal, table: Sequence[Rule], vendor: str) -> CrosswalkError:
    """Name a refusal by the first rule that matches; one that no rule knows stops the route."""
    rule = next((rule for rule in table if rule.matches(refusal)), None)
    if rule is None:
        advice = "Not known to this connector: look the code up before running again."
        return TerminalError(_text(refusal, vendor, advice), code=refusal.code or "UNKNOWN")
    text = _text(refusal, vendor, rule.advice)
    if issubclass(rule.error, TransientError):
        return rule.error(text, delay=rule.delay if refusal.retry_after is None else refusal.retry_after)
    if issubclass(rule.error, RecordError):
        return rule.error(text, code=refusal.code, fields=refusal.fields)
    if issubclass(rule.error, ConfigError | SchemaDrift):
        return rule.error(text)
    return TerminalError(text, code=refusal.code or "UNKNOWN")


def _text(refusal: Refusal, vendor: str, advice: str) -> str:
    """One line: who said what, about which fields, under which id, and what to do."""
    parts = [
        f"{vendor} answered {refusal.status} {refusal.code}".rstrip()
        if refusal.status
        else f"{vendor} did not answer ({refusal.code})",
        refusal.message and f"({refusal.message})",
        refusal.fields and f"on {', '.join(refusal.fields)}",
        refusal.correlation_id and f"[correlation {refusal.correlation_id}]",
    ]
    return " ".join(str(part) for part in parts if part) + (f": {advice}" if advice else "")
