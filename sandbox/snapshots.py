"""The whole world at one moment as bytes, to go back to or to look at as it was.

The parts of the world refer to each other and to the clock; those references are kept by name, so that a state can be
put into the parts that the servers already hold, or into others beside them.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.portal import Portal
from sandbox.salesforce.org import Org

if TYPE_CHECKING:
    from sandbox.world import World

Parts = dict[str, Any]


def take(world: World) -> bytes:
    """The state of every part, of the clock and of what the world knows about itself."""
    parts = world.parts()
    names = {id(part): name for name, part in _named(world, parts).items()}
    written = io.BytesIO()
    pickler = _Pickler(written, names)
    pickler.dump({name: part.__getstate__() for name, part in parts.items()})
    pickler.dump((world.plan, world.truth, world.clock.now(), world.clock.frozen))
    return written.getvalue()


def put_back(world: World, taken: bytes) -> None:
    """Make every part what it was; the clock goes back too."""
    parts = world.parts()
    unpickler = _Unpickler(io.BytesIO(taken), _named(world, parts))
    _fill(parts, unpickler.load())
    world.plan, world.truth, now, frozen = unpickler.load()
    world.clock.freeze(False)
    world.clock.set(now)
    world.clock.freeze(frozen)


def beside(world: World, taken: bytes) -> tuple[Portal, Org]:
    """The two systems as they were, as others beside the present ones, by the present clock."""
    parts = {name: object.__new__(type(part)) for name, part in world.parts().items()}
    _fill(parts, _Unpickler(io.BytesIO(taken), _named(world, parts)).load())
    return parts["hubspot"], parts["salesforce"]


def _named(world: World, parts: Parts) -> Parts:
    return {"clock": world.clock, **parts}


def _fill(parts: Parts, states: dict[str, Any]) -> None:
    for name, state in states.items():
        part = parts[name]
        if hasattr(part, "__setstate__"):
            part.__setstate__(state)
        else:
            part.__dict__.clear()
            part.__dict__.update(state)


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, names: dict[int, str]) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self._names = names

    def persistent_id(self, obj: Any) -> str | None:
        return self._names.get(id(obj))


class _Unpickler(pickle.Unpickler):
    """Reads only what `take` wrote in this process."""

    def __init__(self, file: io.BytesIO, parts: Parts) -> None:
        super().__init__(file)
        self._parts = parts

    def persistent_load(self, pid: str) -> Any:
        return self._parts[pid]
