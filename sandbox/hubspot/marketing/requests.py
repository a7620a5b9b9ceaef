"""What the marketing endpoints read from requests alike: required attributes, and cursors into what goes by time."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

from sandbox.hubspot.errors import HubSpotError, bad_request, not_found


class Mark(NamedTuple):
    """A place in a log: the moment in ms, and a number that tells entries of one moment apart."""

    at: int
    number: int

    def token(self) -> str:
        """Opaque by documentation."""
        return base64.urlsafe_b64encode(f"{self.at}:{self.number}".encode()).decode().rstrip("=")


def read_mark(token: str) -> Mark:
    try:
        at, number = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(":")
        return Mark(int(at), int(number))
    except ValueError:
        raise bad_request(f"Invalid cursor: {token}", context={"after": [token]}) from None


def attributes(body: Any, model: str, *required: str) -> dict[str, Any]:
    """A request's body; refuses one that lacks a required attribute, in words that a bug report quotes [3P]."""
    given = body if isinstance(body, dict) else {}
    missing = [name for name in required if given.get(name) is None]
    if missing:
        raise bad_request(
            f"Invalid input JSON on line 1, column 2: Cannot build {model}, some of required attributes are not set"
            f" [{', '.join(missing)}]"
        )
    return given


def whole(text: str | None, name: str) -> int | None:
    """An optional number in the query."""
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit()):
        raise bad_request(f"Invalid {name}: {text}. It must be a whole number.", context={name: [text]})
    return int(text)


def missing(what: str, key: str) -> HubSpotError:
    """The 404 for something that is no CRM object; the text is ours [UNV]."""
    refused = not_found(key)
    refused.message = f"{what} {key} does not exist"
    refused.more.pop("subCategory", None)
    return refused
