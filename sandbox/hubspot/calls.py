"""A request to the portal, taken apart, and the paging that its list endpoints share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.portal import Portal


@dataclass(frozen=True)
class Call:
    """One request, taken apart: what an endpoint needs to know and nothing of the server."""

    portal: Portal
    path: Mapping[str, str]
    query: QueryParams
    body: Any = None
    body_length: int = 0
    url: str = ""

    def names(self) -> list[str]:
        """`properties` come comma-separated, repeated, or both."""
        return [name for part in self.query.getlist("properties") for name in part.split(",") if name]

    def flag(self, name: str) -> bool:
        return self.query.get(name, "false").lower() == "true"


Reply = tuple[int, Any]
Endpoint = Callable[[Call], Reply]


def page_size(call: Call, default: int, most: int) -> int:
    text = call.query.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise bad_request(f"Invalid limit: {text}. It must be between 1 and {most}.", context={"limit": [text]})
    return int(text)


def next_page(call: Call, after: str) -> dict[str, Any]:
    """`paging`: the cursor, and the same page as a link."""
    kept = [(name, value) for name, value in call.query.multi_items() if name != "after"]
    return {"next": {"after": after, "link": f"{call.url}?{urlencode([*kept, ('after', after)])}"}}


def requested_properties(body: dict[str, Any]) -> list[str]:
    """The names a batch read or a search asks for."""
    names = body.get("properties") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise bad_request("Invalid input JSON: 'properties' is a list of names")
    return names


def written_properties(body: Any) -> dict[str, Any]:
    """The `properties` of a write; refuses a body without them."""
    properties = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(properties, dict):
        raise bad_request("Invalid input JSON: 'properties' is an object of names and values")
    return properties
