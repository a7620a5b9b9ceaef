"""One process, measured from outside: time, processor, memory, and what it asked of the vendors."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.stage import ROOT, Stage

VENDORS = ("hubspot", "salesforce")
READING = ("/oauth2/token", "/search", "/batch/read")
"""How endpoints end that are posted to and change nothing."""
DONE = (0, 3)
"""Exit codes of a run that did its work; 3 says that many rows are in quarantine."""


class NotAvailable(Exception):
    """The command line has no such command."""


@dataclass(frozen=True)
class Measured:
    """What one process took. Times are in seconds, memory in MB; ``document`` is the JSON that it printed."""

    name: str
    wall: float
    cpu: float
    sandbox_cpu: float
    peak_mb: float
    document: dict[str, Any]
    requests: dict[str, Any]

    @property
    def calls(self) -> int:
        """Requests to both vendors."""
        return sum(self.requests[vendor]["total"] for vendor in VENDORS)

    @property
    def refused(self) -> int:
        """Requests that a vendor answered with 429."""
        return sum(self.requests[vendor]["by_status"].get("429", 0) for vendor in VENDORS)

    @property
    def vendor_writes(self) -> int:
        """Requests that could have changed something at a vendor."""
        return sum(
            count
            for vendor in VENDORS
            for endpoint, count in self.requests[vendor]["by_endpoint"].items()
            if not endpoint.startswith("GET ") and not endpoint.endswith(READING)
        )

    @property
    def read(self) -> int:
        """Records that were read from the vendor on whose side the work begins."""
        if "read" in self.document:
            return int(self.document["read"])
        return int(self.document["steps"][0]["in"])

    @property
    def changed(self) -> int:
        """Leads, or contacts on the way back, that were created or updated; tasks belong to their lead."""
        written = self.document["written"]
        if isinstance(written, int):
            return written
        return sum(
            counts["created"] + counts["updated"]
            for objects in written.values()
            for name, counts in objects.items()
            if name != "Task"
        )

    def calls_per_thousand(self, vendor: str) -> float | None:
        """Requests to a vendor for 1,000 changed leads; None where nothing changed."""
        return self.requests[vendor]["total"] * 1000 / self.changed if self.changed else None


def measure(stage: Stage, name: str, *command: str) -> Measured:
    """Run a Python module with arguments to its end.

    Raises:
        NotAvailable: it is a command that the hub does not have.
        RuntimeError: it failed; with the end of what it said.
    """
    stage.control("DELETE", "requests")
    out, err = stage.home / "out", stage.home / "err"
    # A script of this folder is found from the root; the hub must not find somebody's .env there.
    cwd = ROOT if command[0].startswith("benchmarks.") else stage.home
    with out.open("w") as stdout, err.open("w") as stderr:
        sandbox_before, begun = stage.sandbox_cpu(), time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", *command], env=stage.environment, cwd=cwd, stdout=stdout, stderr=stderr
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    said = err.read_text(errors="replace")
    if process.returncode == 2 and "No such command" in said:
        raise NotAvailable(name)
    if process.returncode not in DONE:
        raise RuntimeError(f"{name} ended with {process.returncode}: {said[-1500:]}")
    return Measured(
        name,
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        sandbox_cpu=stage.sandbox_cpu() - sandbox_before,
        peak_mb=usage.ru_maxrss / 1024,
        document=json.loads(out.read_text()),
        requests=stage.control("GET", "requests") or {},
    )
