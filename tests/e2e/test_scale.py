"""Memory stays flat: the hub works in batches, whatever the portal holds."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.home import Home, assert_conserved
from tests.vendors import Vendors

CONTACTS = 20_000
GIBIBYTE = 2**30


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.feature("NRM-03")
def test_twenty_thousand_contacts(vendors: Vendors, home: Home, tmp_path: Path) -> None:
    """Without HubSpot's search pacing, which alone would take twenty seconds."""
    vendors.load(CONTACTS)
    home.write("mappings/connections.yaml", "    search_per_second: 5 ", "    search_per_second: 500 ")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSWALK_")}
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        command = [Path(sys.executable).with_name("crosswalk"), "sync", "--json"]
        started = time.monotonic()
        process = subprocess.Popen(
            command, env={**environment, **home.settings}, cwd=home.folder, stdout=stdout, stderr=stderr
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, err.read_text()
    document = json.loads(out.read_text())
    assert_conserved(document["steps"])
    steps = {step["step"]: step for step in document["steps"]}
    assert steps["land"]["passed"] == CONTACTS and all(step["in"] > CONTACTS // 2 for step in steps.values())
    assert all(line["ok"] for line in document["reconciliation"])
    assert document["api_calls"]["salesforce"] < 400, "bulk jobs, not a call for each record"
    assert usage.ru_maxrss * 1024 < GIBIBYTE
    assert document["seconds"] <= time.monotonic() - started
