"""The order of a benchmark: the hub on one world, the plain script on another that is the same, and what must hold."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from benchmarks.measure import Measured, NotAvailable, measure
from benchmarks.stage import Stage, staged

PARTS = ("sync", "return", "plain")
SYNC, SYNC_AGAIN = "sync", "sync, unchanged"
RETURN, SYNC_ECHO, RETURN_AGAIN = "return-outcomes", "sync after it", "return-outcomes, unchanged"
PLAIN, PLAIN_BACK = "plain script", "plain script back"
WORK = {"seed": 1, "share": 0.5, "steps": 3}
"""What sales does meanwhile: three rounds, in each of which every other open lead gets its turn."""

_CROSSWALK = "crosswalk.cli.main"


@dataclass
class Result:
    """What was measured with so many contacts."""

    contacts: int
    latency_ms: float
    limits: bool
    measured: dict[str, Measured] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    checks: dict[str, bool] = field(default_factory=dict)

    def take(self, stage: Stage, name: str, *command: str) -> Measured:
        """Measure one process and keep what it took."""
        self.measured[name] = found = measure(stage, name, *command)
        return found

    def check(self, what: str, holds: bool) -> None:
        """Keep whether something held that must hold."""
        self.checks[what] = holds


def bench(contacts: int, *, latency_ms: float = 0, limits: bool = False, only: Collection[str] = PARTS) -> Result:
    """Measure the parts asked for.

    Args:
        contacts: how many the HubSpot portal has.
        latency_ms: milliseconds added to each request.
        limits: whether the vendors refuse what comes too fast.
        only: some of ``PARTS``; the way back needs a first sync, which is measured as well.

    Raises:
        RuntimeError: a process failed.
    """
    result = Result(contacts, latency_ms, limits)
    worlds = ((_hub, {"sync", "return"}), (_plain, {"plain"}))
    for world, parts in worlds:
        if parts & set(only):
            with staged(contacts, latency_ms) as stage:
                _prepare(stage, limits=limits)
                world(stage, result, only)
    return result


def _prepare(stage: Stage, *, limits: bool) -> None:
    """Make the CRM's fields: the plain script writes to some of them as well."""
    measure(stage, "setup", _CROSSWALK, "setup", "--json")
    if limits:
        stage.control("POST", "settings", {"limits": {"enforce": True}})


def _hub(stage: Stage, result: Result, only: Collection[str]) -> None:
    measure(stage, "link", _CROSSWALK, "link", "--json")
    take = partial(result.take, stage)
    take(SYNC, _CROSSWALK, "sync", "--json")
    if "sync" in only:
        _writes_nothing(result, take(SYNC_AGAIN, _CROSSWALK, "sync", "--json"))
    if "return" in only and _work(stage, result):
        try:
            take(RETURN, _CROSSWALK, "return-outcomes", "--json")
            _writes_nothing(result, take(SYNC_ECHO, _CROSSWALK, "sync", "--json"))
            _writes_nothing(result, take(RETURN_AGAIN, _CROSSWALK, "return-outcomes", "--json"))
        except NotAvailable:
            result.missing.append("crosswalk return-outcomes is not available: the hub's way back was not measured")
    for measured in result.measured.values():
        result.check(f"{measured.name}: no request came too fast (429)", measured.refused == 0)


def _plain(stage: Stage, result: Result, only: Collection[str]) -> None:
    found = result.take(stage, PLAIN, "benchmarks.plain")
    result.check(f"{PLAIN}: wrote every contact that it read", found.changed >= found.read >= result.contacts)
    before = (stage.control("GET", "clock") or {})["now"]
    if "return" in only and _work(stage, result):
        found = result.take(stage, PLAIN_BACK, "benchmarks.plain_back", before)
        result.check(f"{PLAIN_BACK}: wrote every lead that it read", found.changed >= found.read > 0)


def _work(stage: Stage, result: Result) -> bool:
    """Let sales work, a minute later; False where the sandbox has no sales."""
    stage.control("POST", "clock", {"advance_seconds": 60})  # Salesforce's stamps are whole seconds
    done = stage.control("POST", "work", WORK)
    if done is None:
        missing = "POST /_sandbox/work is not available: the way back was not measured"
        result.missing += [missing] if missing not in result.missing else []
    return done is not None


def _writes_nothing(result: Result, measured: Measured) -> None:
    result.check(f"{measured.name}: wrote nothing", measured.changed == measured.vendor_writes == 0)
