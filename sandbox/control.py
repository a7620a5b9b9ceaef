"""`/_sandbox/`: what a test or a person does to the sandbox and no vendor would offer. Both ports, no credentials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import control_faults, control_people
from sandbox.clock import iso_ms
from sandbox.wire import CONTROL_PREFIX, Json
from sandbox.world import SYSTEMS, World

MAX_ADVANCE = 10 * 366 * 86_400


class BadRequest(ValueError):
    """What the caller asked for makes no sense; the message says why."""


@dataclass(frozen=True)
class Ask:
    world: World
    query: Mapping[str, str]
    body: dict[str, Any]


Answer = dict[str, Any]


def index(ask: Ask) -> Answer:
    return {
        "routes": [{"method": method, "path": CONTROL_PREFIX + path, "does": does} for method, path, does, _ in TABLE]
    }


def reset(ask: Ask) -> Answer:
    if ask.body:
        return load(ask)
    ask.world.reset()
    return ask.world.describe()


def load(ask: Ask) -> Answer:
    unknown = ask.body.keys() - {"scenario", "contacts", "seed"}
    if unknown:
        raise BadRequest(f"no such key: {', '.join(sorted(unknown))}; there are scenario, contacts, seed")
    plan = replace(ask.world.started, **ask.body)
    for name, kind in (("scenario", str), ("contacts", int), ("seed", int)):
        if type(getattr(plan, name)) is not kind:
            raise BadRequest(f"{name} must be {'text' if kind is str else 'a whole number'}")
    if plan.contacts < 0:
        raise BadRequest("contacts cannot be negative")
    try:
        ask.world.load(plan)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    return ask.world.describe()


def inspect(ask: Ask) -> Answer:
    system = ask.query.get("system")
    if system is None:
        return ask.world.describe()
    records = _records(ask, system, times=True)
    name = ask.query.get("object") or ("contacts" if system == "hubspot" else "")
    if name not in records:
        raise BadRequest(f"object must be one of {', '.join(sorted(records))}")
    offset, limit = _count(ask, "offset", 0), _count(ask, "limit", 100)
    chosen = records[name]
    return {"system": system, "object": name, "total": len(chosen), "records": chosen[offset : offset + limit]}


def dump(ask: Ask) -> Answer:
    """Every record sorted by id, without the times unless `times=true`, so that the states of two runs compare."""
    systems = (ask.query["system"],) if "system" in ask.query else SYSTEMS
    times = ask.query.get("times") == "true"
    excluded = {name for name in ask.query.get("exclude", "").split(",") if name}
    return {
        system: {name: _without(rows, excluded) for name, rows in _records(ask, system, times=times).items()}
        for system in systems
    }


def _records(ask: Ask, system: str, *, times: bool) -> dict[str, list[dict[str, Any]]]:
    if system == "hubspot":
        return ask.world.hubspot.dump(times=times)
    if system == "salesforce":
        return ask.world.salesforce.dump(stamps=times)
    raise BadRequest(f"system must be one of {', '.join(SYSTEMS)}")


def _without(rows: list[dict[str, Any]], excluded: set[str]) -> list[dict[str, Any]]:
    if not excluded:
        return rows
    slim = []
    for row in rows:
        kept = {name: value for name, value in row.items() if name not in excluded}
        if isinstance(kept.get("properties"), dict):
            kept["properties"] = {name: value for name, value in kept["properties"].items() if name not in excluded}
        slim.append(kept)
    return slim


def _count(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise BadRequest(f"{name} must be a whole number")
    return int(text)


def requests(ask: Ask) -> Answer:
    return ask.world.requests.report((*SYSTEMS, "control"))


def forget_requests(ask: Ask) -> Answer:
    ask.world.requests.clear()
    return ask.world.requests.report((*SYSTEMS, "control"))


def clock(ask: Ask) -> Answer:
    now = ask.world.clock.now()
    return {"now": iso_ms(round(now.timestamp() * 1000)), "frozen": ask.world.clock.frozen}


def set_clock(ask: Ask) -> Answer:
    body, world = ask.body, ask.world
    unknown = body.keys() - {"now", "advance_seconds", "frozen"}
    if unknown:
        raise BadRequest(f"no such key: {', '.join(sorted(unknown))}; there are now, advance_seconds, frozen")
    moment = _moment(body["now"]) if "now" in body else None
    seconds, frozen = body.get("advance_seconds", 0), body.get("frozen", world.clock.frozen)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not isinstance(frozen, bool):
        raise BadRequest("advance_seconds is a number, frozen is true or false")
    if abs(seconds) > MAX_ADVANCE:
        raise BadRequest(f"advance_seconds is at most {MAX_ADVANCE}, ten years")
    if moment is not None:
        world.clock.set(moment)
    world.clock.advance(seconds)
    world.clock.freeze(frozen)
    return clock(ask)


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadRequest(f"now must be an ISO-8601 time, not {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def settings(ask: Ask) -> Answer:
    return {
        "latency_ms": ask.world.latency.milliseconds,
        "index_lag_seconds": ask.world.hubspot.index_lag_seconds,
        "limits": ask.world.hubspot.gate.settings(),
        "refuse_partial_email_upserts": ask.world.hubspot.refuse_partial_email_upserts,
        "hubspot": ask.world.hubspot.settings(),
        "salesforce": ask.world.salesforce.settings(),
    }


def set_settings(ask: Ask) -> Answer:
    body, world = ask.body, ask.world
    unknown = body.keys() - settings(ask).keys()
    if unknown:
        raise BadRequest(f"no such setting: {', '.join(sorted(unknown))}")
    for name in ("latency_ms", "index_lag_seconds"):
        value = body.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise BadRequest(f"{name} must be a number, not negative")
    partial = body.get("refuse_partial_email_upserts", world.hubspot.refuse_partial_email_upserts)
    if not isinstance(partial, bool):
        raise BadRequest("refuse_partial_email_upserts is true or false")
    if "limits" in body:
        if not isinstance(body["limits"], dict):
            raise BadRequest("limits is an object")
        try:
            world.hubspot.gate.change(body["limits"])
        except ValueError as error:
            raise BadRequest(str(error)) from error
    for system in SYSTEMS:
        if system not in body:
            continue
        if not isinstance(body[system], dict):
            raise BadRequest(f"{system} is an object")
        try:
            getattr(world, system).change(body[system])
        except ValueError as error:
            raise BadRequest(str(error)) from error
    world.hubspot.refuse_partial_email_upserts = partial
    if "latency_ms" in body:
        world.latency.milliseconds = float(body["latency_ms"])
    if "index_lag_seconds" in body:
        world.hubspot.set_index_lag(float(body["index_lag_seconds"]))
    return settings(ask)


def worked(ask: Ask) -> Answer:
    marketers = ask.world.marketers
    return ask.world.sales.truth() | ({"marketing": marketers.truth()} if marketers.has_worked else {})


def _by_people(deed: Callable[[World, dict[str, Any]], Answer]) -> Handler:
    def handle(ask: Ask) -> Answer:
        try:
            return deed(ask.world, ask.body)
        except control_people.REFUSALS as refused:
            raise BadRequest(str(refused)) from refused

    return handle


def _asked(handle: Callable[[World, Mapping[str, str]], Answer]) -> Handler:
    def respond(ask: Ask) -> Answer:
        try:
            return handle(ask.world, ask.query)
        except control_people.Refused as refused:
            raise BadRequest(str(refused)) from refused

    return respond


Handler = Callable[[Ask], Answer]
_PLAN = "{scenario, contacts, seed}, each optional"
TABLE: list[tuple[str, str, str, Handler]] = [
    ("GET", "/", "This list.", index),
    ("POST", "/reset", f"Reload the scenario the sandbox was started with, or the one in the body: {_PLAN}.", reset),
    ("POST", "/load", f"Replace everything by a scenario: {_PLAN}.", load),
    ("GET", "/inspect", "Counts and the scenario's truth; with ?system=&object=&limit=&offset= records.", inspect),
    (
        "GET",
        "/dump",
        "All records sorted by id; ?system= for one, ?times=true for times too, ?exclude=a,b for less.",
        dump,
    ),
    ("GET", "/requests", "Requests served per system, endpoint and status.", requests),
    ("DELETE", "/requests", "Count anew.", forget_requests),
    ("GET", "/clock", "The sandbox's time, and whether it is frozen.", clock),
    ("POST", "/clock", "Move it: {now, advance_seconds, frozen}, each optional.", set_clock),
    ("GET", "/settings", "Latency, index lag and limits.", settings),
    (
        "POST",
        "/settings",
        "Change some of them; the body is like the reply of GET, each key optional, in `limits` too.",
        set_settings,
    ),
    ("GET", "/work", "What came of all the work so far.", worked),
    *(("POST", path, does, _by_people(deed)) for path, does, deed in (*control_people.TABLE, *control_faults.TOLD)),
    *((method, path, does, _asked(handle)) for method, path, does, handle in control_faults.ASKED),
]


def create_control(world: World) -> Starlette:
    return Starlette(
        routes=[
            Route(CONTROL_PREFIX + path, _endpoint(world, handler), methods=[method])
            for method, path, _, handler in TABLE
        ]
    )


def _endpoint(world: World, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        try:
            return Json(handler(Ask(world, dict(request.query_params), await _body(request))))
        except BadRequest as error:
            return Json({"error": str(error)}, 400)

    return respond


async def _body(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is an object")
    return body
