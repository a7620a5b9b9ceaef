"""Database errors in the project's own terms, without the values that drivers put into theirs."""

from sqlalchemy.exc import DBAPIError

from crosswalk.errors import TerminalError, TransientError

PASSING = ("08", "40", "53", "55P03", "57", "SQLITE_BUSY", "SQLITE_LOCKED")
"""Beginnings of codes that a later attempt may not meet: connection, deadlock, resources, shutdown, lock."""
SAYS_NO_VALUES = ("23", "42", "P0001", "SQLITE_CONSTRAINT", "SQLITE_ERROR")
"""Errors whose first line names tables, columns and constraints only."""


def fault(error: BaseException) -> TransientError | TerminalError:
    """Translate what a driver raised: the code and where it happened, never a value.

    A message is kept only where it is known to hold none (a constraint or a trigger of ours).
    """
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    code = str(getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None) or type(cause).__name__)
    diagnosis = getattr(cause, "diag", None)
    said = str(getattr(diagnosis, "message_primary", None) or (diagnosis is None and cause) or "")
    text = f"the hub database refused: {code}" + (f" ({said})" if code.startswith(SAYS_NO_VALUES) else "")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or code.startswith(PASSING):
        return TransientError(text)
    return TerminalError(text, code="HUB_DATABASE")
