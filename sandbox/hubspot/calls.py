"""A request to the portal, taken apart, and the paging that its list endpoints share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from sandbox.clock import iso_ms
from sandbox.hubspot.errors import bad_request
from sandbox.hubspot.limits import Allowance
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.store import Store


@dataclass(frozen=True)
class Call:
    """One request, taken apart: what an endpoint needs to know and nothing of the server."""

    portal: Portal
    path: Mapping[str, str]
    query: QueryParams
    body: Any = None
    body_length: int = 0
    url: str = ""
    app: int = 0  # that the token belongs to

    @property
    def store(self) -> Store:
        """The objects that the path names."""
        return self.store_of(self.path["object_type"])

    def store_of(self, object_type: str) -> Store:
        return self.portal.store(object_type)

    def names(self, key: str = "properties") -> list[str]:
        """`properties`, or `associations`, come comma-separated, repeated, or both."""
        return [name for part in self.query.getlist(key) for name in part.split(",") if name]

    def flag(self, name: str) -> bool:
        return self.query.get(name, "false").lower() == "true"


Reply = tuple[int, Any]
Endpoint = Callable[[Call], Reply]


class Way(NamedTuple):
    """A route to an endpoint. The undated paths and the date-versioned ones reach one implementation [DOC].

    A caller needs one of `scopes`, where a part like `{object_type}` stands for what the path names; unstated, they
    are those that `scopes.py` has for the path. A way that is `open` asks for no token; one that takes a `form` has
    its body as `application/x-www-form-urlencoded`. A reply with status 302 has the address as its content.
    """

    method: str
    prefixes: tuple[str, ...]
    tail: str
    handler: Endpoint
    allowance: Allowance = Allowance.CALLS
    scopes: tuple[str, ...] = ()
    open: bool = False
    form: bool = False


def page_size(call: Call, default: int, most: int) -> int:
    text = call.query.get("limit", str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise bad_request(f"Invalid limit: {text}. It must be between 1 and {most}.", context={"limit": [text]})
    return int(text)


def next_page(call: Call, after: str) -> dict[str, Any]:
    """`paging`: the cursor, and the same page as a link."""
    kept = [(name, value) for name, value in call.query.multi_items() if name != "after"]
    return {"next": {"after": after, "link": f"{call.url}?{urlencode([*kept, ('after', after)])}"}}


def batch_inputs(body: Any, most: int) -> list[dict[str, Any]]:
    """The `inputs` of a batch; refuses more of them than the endpoint takes."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(entry, dict) for entry in inputs):
        raise bad_request("Invalid input JSON: 'inputs' is a list of objects")
    if len(inputs) > most:
        raise bad_request(f"The batch has {len(inputs)} inputs; the limit is {most}.")
    return inputs


def batch_reply(
    call: Call, started: int, status: int, results: list[dict[str, Any]], errors: list[dict[str, Any]]
) -> Reply:
    """The body of every batch; with errors a 207, which 2026-09 no longer has [SPEC]."""
    body: dict[str, Any] = {"status": "COMPLETE", "results": results}
    if errors:
        status = status if call.path.get("version") == "2026-09" else 207
        body |= {"numErrors": len(errors), "errors": errors}
    body |= {"startedAt": iso_ms(started), "completedAt": iso_ms(call.portal.clock.now_ms())}
    return status, body


def requested_properties(body: dict[str, Any], key: str = "properties") -> list[str]:
    """The names a batch read or a search asks for."""
    names = body.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise bad_request(f"Invalid input JSON: '{key}' is a list of names")
    return names


def written_properties(body: Any) -> dict[str, Any]:
    """The `properties` of a write; refuses a body without them."""
    properties = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(properties, dict):
        raise bad_request("Invalid input JSON: 'properties' is an object of names and values")
    return properties
