"""The clocks that commands and flows pass in; nothing below them reads the time."""

from collections.abc import Callable
from datetime import UTC, datetime

from crosswalk.errors import ConfigError


def clock() -> datetime:
    """The real time; every decision is made at an instant that is passed in."""
    return datetime.now(UTC)


def ticking(as_of: str | None) -> Callable[[], datetime]:
    """A clock that goes on from the given instant (ISO 8601), or the real one.

    Raises:
        ConfigError: that is no instant.
    """
    if as_of is None:
        return clock
    try:
        start = datetime.fromisoformat(as_of)
    except ValueError:
        raise ConfigError("must be an ISO 8601 instant such as 2026-11-16T15:00:00Z", key="as-of") from None
    offset = start.replace(tzinfo=start.tzinfo or UTC) - clock()
    return lambda: clock() + offset
