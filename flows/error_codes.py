"""What may be said of an error where anybody can read it: its kind, its codes and what to do, never content."""

import traceback
from pathlib import PurePath

from crosswalk.errors import ConfigError, ConfigErrors, CrosswalkError, TerminalError

WHAT_TO_DO = {
    "TransientError": "it may work later; the next run goes on from here",
    "TerminalError": "stopped until a person has looked",
    "ConservationError": "a unit was lost or invented; nothing of the batch was kept",
    "GateFailed": "the data is below the bar",
}
ASK = "an admin must mend it; `crosswalk check` and `crosswalk doctor` say how"


def in_codes(error: CrosswalkError) -> str:
    """Say in one line what went wrong: the kind of error, where or what, and what to do."""
    kind = "ConfigError" if isinstance(error, ConfigErrors) else type(error).__name__
    said = "; ".join(str(error).splitlines())
    code = f"{error.code}: " if isinstance(error, TerminalError) else ""
    advice = f" ({WHAT_TO_DO[kind]})" if kind in WHAT_TO_DO else ""
    return f"{kind}: {code}{said}{advice}"


def hushed(error: Exception) -> CrosswalkError:
    """Return an error that may be shown and logged with its traceback.

    Ours carry ids and codes already, but for a wrong file, whose message may quote it: only file, line and key are
    kept. Any other error is told by its kind and where it happened: a library may quote the row that it failed on.
    """
    match error:
        case ConfigErrors():
            return ConfigErrors([_placed(one) for one in error.problems[:5]])
        case ConfigError():
            return _placed(error)
        case CrosswalkError():
            error.__cause__ = error.__context__ = None  # a traceback would print it
            return error
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    where = " < ".join(f"{PurePath(one.filename).name}:{one.lineno}" for one in reversed(frames))
    return TerminalError(f"{type(error).__name__} at {where}", code="UNEXPECTED")


def _placed(error: ConfigError) -> ConfigError:
    return ConfigError(ASK, file=error.file, line=error.line, key=error.key)
