"""Errors, named by what the reader has to do next.

    CrosswalkError
    ├── ConfigError      an admin must edit a file or a setting; says file, line and key
    ├── TransientError   the same call may work later; retried after ``delay`` seconds
    ├── TerminalError    stop this route and page someone; never retried blindly
    │   ├── ConservationError   a step lost or invented a unit: a bug, nothing is committed
    │   └── SchemaDrift         a field that the hub reads or writes is gone, hidden or changed at the vendor
    ├── RecordError      one record is refused; it goes to quarantine, the others go on
    └── GateFailed       the data is below the bar: nothing applied, the cursor has not moved

Messages carry ids and reason codes, never names, addresses or free text.
"""

from dataclasses import dataclass
from pathlib import Path


class CrosswalkError(Exception):
    """Root of everything that the hub raises on purpose."""


class ConfigError(CrosswalkError):
    """A setting or a file under mappings/ or expectations/ is wrong; only its owner can mend it."""

    def __init__(
        self, message: str, *, file: Path | str | None = None, line: int | None = None, key: str | None = None
    ) -> None:
        self.message, self.file, self.line, self.key = message, file, line, key
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(" ".join(part for part in (place and f"{place}:", key and f"{key}:", message) if part))


@dataclass
class ConfigErrors(ConfigError):
    """Everything that is wrong with a set of files, so that it can be mended in one go."""

    problems: list[ConfigError]

    def __post_init__(self) -> None:
        """Say all problems, one on a line."""
        ConfigError.__init__(self, "\n".join(str(problem) for problem in self.problems))


class TransientError(CrosswalkError):
    """The vendor or the network failed in a way that is known to pass; ``delay`` is in seconds."""

    def __init__(self, message: str, *, delay: float | None = None) -> None:
        super().__init__(message)
        self.delay = delay


class TerminalError(CrosswalkError):
    """This route must stop until a person has looked; also every vendor error that we do not know."""

    def __init__(self, message: str, *, code: str = "UNKNOWN") -> None:
        super().__init__(message)
        self.code = code


class ConservationError(TerminalError):
    """Units that went into a step are not the units that came out of it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="CONSERVATION")


class SchemaDrift(TerminalError):
    """A vendor no longer knows a field as the mappings do: named in the message, and this route stops there.

    The code is ``SCHEMA_DRIFT`` of what is written to, ``SOURCE_SCHEMA_DRIFT`` of what is read (TRK-05).
    """

    def __init__(self, message: str, *, code: str = "SCHEMA_DRIFT") -> None:
        super().__init__(message, code=code)


class RecordError(CrosswalkError):
    """The target refused one record: ``code`` is the vendor's own, ``fields`` are names, never values."""

    def __init__(self, message: str, *, code: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code, self.fields = code, fields


class GateFailed(CrosswalkError):
    """An expectation of severity ``stop`` failed, or too large a share of a batch did."""

    def __init__(self, gate: str, expectations: tuple[str, ...], failed: int, total: int) -> None:
        super().__init__(f"gate {gate}: {', '.join(expectations)} failed for {failed} of {total} rows")
        self.gate, self.expectations, self.failed, self.total = gate, expectations, failed, total
