"""Header names as the vendors spell them [REC]: by rule their case is nothing, but a published source looks at it."""

from __future__ import annotations

from functools import lru_cache

_PARTS = {b"hubspot": b"HubSpot", b"ratelimit": b"RateLimit", b"etag": b"ETag", b"notfound": b"NotFound"}
#: Those that the server compares with its own, all lower case.
_SERVERS = frozenset((b"content-length", b"transfer-encoding", b"connection"))


class _Name(bytes):
    """A name that stays as it is spelled: the server writes `name.lower()`."""

    def lower(self) -> bytes:
        return self


@lru_cache(maxsize=256)
def spelled(name: bytes) -> bytes:
    lower = name.lower()
    if lower in _SERVERS:
        return lower
    return _Name(b"-".join(_PARTS.get(part, part.capitalize()) for part in lower.split(b"-")))
