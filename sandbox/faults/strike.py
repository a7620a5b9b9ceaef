"""Serving one call under the faults that strike it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import orjson
from starlette.types import ASGIApp, Receive, Scope

from sandbox.faults.bodies import JSON, answer, limited, reply
from sandbox.faults.fault import Fault
from sandbox.faults.reply import LOST, Reply, ask, body_of
from sandbox.faults.rows import RowFault, refusing

_PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon.</body></html>"


class Stage(Protocol):
    """What faults do to the world itself."""

    def expire_tokens(self, system: str) -> None: ...
    def change_schema(self, system: str, name: str, field: str, change: dict[str, Any]) -> None: ...
    def lock(self, record: str, seconds: float) -> None: ...
    def as_it_was(self, system: str, snapshot: str) -> ASGIApp: ...


@dataclass(frozen=True)
class Struck:
    """A call of a vendor that some faults strike."""

    stage: Stage
    system: str
    app: ASGIApp
    faults: Sequence[Fault]

    def of(self, *kinds: str) -> list[Fault]:
        return [fault for fault in self.faults if fault.kind in kinds]

    async def serve(self, scope: Scope, receive: Receive) -> Reply:
        """The reply after all that the faults do: to the world, instead of the vendor, and to what it answered."""
        body = await body_of(receive)
        await asyncio.sleep(sum(fault["milliseconds"] for fault in self.of("latency")) / 1000)
        self._change_the_world()
        for fault in self.of("status", "rate_limit", "reset"):
            if fault.kind == "rate_limit" or fault["when"] == "before":
                return _instead(self.system, fault)
        app = self.app
        for fault in self.of("stale"):
            app = self.stage.as_it_was(self.system, fault["snapshot"])
        with refusing(_row_fault(fault) for fault in self.of("partial")):
            given = await ask(app, dict(scope), body)
            if any(fault["what"] == "request" for fault in self.of("duplicate")):
                await ask(app, dict(scope), body)  # the client sees the first answer only
        for fault in self.faults:
            if fault.kind in _SHAPES:
                given = _SHAPES[fault.kind](self.system, fault, given)
        return given

    def _change_the_world(self) -> None:
        for _ in self.of("expire_token"):
            self.stage.expire_tokens(self.system)
        for fault in self.of("schema"):
            self.stage.change_schema(self.system, fault["object"], fault["field"], fault["change"])
        for fault in self.of("lock"):
            self.stage.lock(fault["record"], fault["seconds"])


def _instead(system: str, fault: Fault) -> Reply:
    """What is answered in the vendor's place."""
    if fault.kind == "reset":
        return LOST
    given = limited(system, fault["limit"]) if fault.kind == "rate_limit" else answer(system, fault["status"])
    if fault.kind == "status" and fault["body"] is not None:
        given = reply(fault["status"], fault["body"], JSON)
    more = [(name.lower().encode(), str(value).encode()) for name, value in fault["headers"].items()]
    return replace(given, headers=[*given.headers, *more])


def _row_fault(fault: Fault) -> RowFault:
    names = frozenset(str(row).lower() for row in fault["rows"])
    return RowFault(names, fault["code"], fault["message"], tuple(fault["fields"]))


def _after(system: str, fault: Fault, given: Reply) -> Reply:
    """The write is done, and the client is told something else."""
    return _instead(system, fault) if fault["when"] == "after" else given


def _truncated(system: str, fault: Fault, given: Reply) -> Reply:
    length = int(len(given.body) * fault["share"])
    if fault["honest_length"]:  # as from a proxy that took the cut body for the whole
        return replace(given, body=given.body[:length])
    return replace(given, cut=length)


def _garbled(system: str, fault: Fault, given: Reply) -> Reply:
    """Some bytes are overwritten by ones that no UTF-8 text holds, so that no reader can take them for data."""
    spoiled, draw = bytearray(given.body), fault.draw()
    for _ in range(min(fault["bytes"], len(spoiled))):
        spoiled[draw.randrange(len(spoiled))] = 0xFF
    return replace(given, body=bytes(spoiled))


def _content_type(system: str, fault: Fault, given: Reply) -> Reply:
    body = _PAGE if fault["body"] is None else str(fault["body"]).encode()
    return replace(given.typed(fault["content_type"]), body=body)


def _duplicate(system: str, fault: Fault, given: Reply) -> Reply:
    """The last row of a page of JSON comes twice, as when a page boundary moved while it was read."""
    if fault["what"] != "rows" or not given.body:
        return given
    try:
        body = orjson.loads(given.body)
    except orjson.JSONDecodeError:
        return given
    for name in ("results", "records"):
        if isinstance(body, dict) and isinstance(body.get(name), list) and body[name]:
            body[name].append(body[name][-1])
    return replace(given, body=orjson.dumps(body))


_SHAPES: dict[str, Callable[[str, Fault, Reply], Reply]] = {
    "status": _after,
    "reset": _after,
    "truncated": _truncated,
    "garbled": _garbled,
    "content_type": _content_type,
    "duplicate": _duplicate,
}
