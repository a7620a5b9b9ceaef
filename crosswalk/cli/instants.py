"""Points in time as options of commands give them."""

from datetime import UTC, datetime

from crosswalk.errors import ConfigError


def instant(text: str | None, key: str) -> datetime | None:
    """Return an ISO 8601 instant, UTC where it names no zone; a date alone is its first moment.

    Raises:
        ConfigError: that is no instant.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError("must be an ISO 8601 instant such as 2026-11-16T15:00:00Z", key=key) from None
    return at.replace(tzinfo=at.tzinfo or UTC)
