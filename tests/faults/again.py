"""A command run again and again from one moment of the world, under faults of the sandbox, and how it must end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.deaths import AS_OF, crm, hub
from tests.home import Home, assert_conserved
from tests.vendors import Vendors

CONTACTS = 14
BATCH = 7
RUNS = 4  # at most, until a run that was struck has come to its end

SYNC = ("sync", "--json", "--as-of", AS_OF, "--batch-size", str(BATCH))
BACK = ("return-outcomes", "--json", "--as-of", AS_OF, "--batch-size", str(BATCH))


class Road:
    """One world at the moment before a command, again and again."""

    def __init__(self, vendors: Vendors, home: Home, folder: Path, command: tuple[str, ...]) -> None:
        self.vendors, self.home, self.folder, self.command = vendors, home, folder, command
        vendors.control("snapshot", {"name": "before"})
        home.keep(folder)
        vendors.forget_requests()
        ended = home.run(*command)
        assert ended.code == 0, ended.err
        self.calls = [one["endpoint"] for one in vendors.ask("log")["requests"]]
        self.end = self.state()

    def state(self) -> dict[str, Any]:
        found = {**crm(self.vendors), **properties(self.vendors), **hub(self.home)}
        for row in found["history"]:
            del row["event_at"]  # by the hub's clock, whose distance from the vendor's is measured anew in each run
        return found

    def start_anew(self) -> None:
        self.vendors.http.delete(f"{self.vendors.hubspot_url}/_sandbox/faults", timeout=30)
        self.vendors.control("restore", {"name": "before"})
        self.home.restore(self.folder)

    def strike(self, fault: dict[str, Any], call: int) -> int:
        """Run with the fault at this call, and again until it is done; returns how often the fault struck."""
        self.start_anew()
        self.vendors.control("faults", {**fault, "nth": call})
        self.finish()
        struck: int = self.vendors.ask("faults")["faults"][0]["struck"]
        return struck

    def finish(self) -> None:
        """Run until a run comes to its end; one that does not says why in the hub's own words."""
        for _ in range(RUNS):
            ended = self.home.run(*self.command)
            if ended.code == 0:
                break
            assert "Traceback" not in ended.err, ended.err
        assert ended.code == 0, ended.err
        assert_conserved(ended.document["steps"])

    def compare(self) -> None:
        found = self.state()
        for table, rows in self.end.items():
            assert found[table] == rows, table


def properties(vendors: Vendors) -> dict[str, Any]:
    """What HubSpot holds of each contact."""
    return {"contacts": vendors.ask("dump", system="hubspot")["hubspot"]["contacts"]}


@contextmanager
def noting(note: str) -> Iterator[None]:
    try:
        yield
    except AssertionError as error:
        error.add_note(note)
        raise
