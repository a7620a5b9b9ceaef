"""What programs rely on: the keys and types of ``--json``, and the exit codes."""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.home import Home, assert_conserved
from tests.vendors import Vendors

STEP_COUNTS = ("in", "passed", "quarantined", "held", "skipped", "rejected", "emitted")
OUTCOMES = {"created", "updated", "unchanged", "failed"}
INGEST = (
    *("land", "screen", "gate_raw", "shape", "gate_shaped", "identify", "gate_identified", "qualify"),
    *("gate_qualified", "route", "gate_routed", "hand_off", "gate_handed_off", "enqueue"),
)
DELIVER = ("claim", "recheck", "plan", "gate_planned", "apply", "gate_receipts", "settle")


def assert_contract(document: dict[str, Any]) -> None:
    assert set(document) >= {"run_id", "steps", "written", "reasons", "api_calls", "seconds"}
    assert isinstance(document["run_id"], str) and document["run_id"]
    assert [step["step"] for step in document["steps"]] == [*INGEST, *DELIVER]
    for step in document["steps"]:
        assert set(step) >= {"step", "unit", *STEP_COUNTS}
        assert step["unit"] in {"payload", "lead", "action"}
        assert all(type(step[name]) is int and step[name] >= 0 for name in STEP_COUNTS)
    for objects in document["written"].values():
        for counts in objects.values():
            assert set(counts) == OUTCOMES and all(type(count) is int for count in counts.values())
    assert all(isinstance(code, str) and type(count) is int for code, count in document["reasons"].items())
    assert set(document["api_calls"]) == {"hubspot", "salesforce"}
    assert all(type(count) is int for count in document["api_calls"].values())
    assert type(document["seconds"]) is float and document["seconds"] >= 0


@pytest.mark.feature("NRM-03", "DQ-05")
def test_lakeshore_all_the_way(vendors: Vendors, home: Home) -> None:
    vendors.load(300)
    document = home.sync()
    assert_contract(document)
    steps = {step["step"]: step for step in document["steps"]}
    assert steps["land"]["in"] == steps["land"]["passed"] == 300
    assert document["written"]["salesforce"]["Lead"]["failed"] == 0
    leads = document["written"]["salesforce"]["Lead"]
    assert leads["created"] + leads["updated"] == len(vendors.ours("Lead")) > 100
    assert document["written"]["salesforce"]["Task"]["created"] == len(vendors.ours("Task"))
    assert all(line["ok"] for line in document["reconciliation"]), document["reconciliation"]
    assert document["api_calls"] == vendors.requests()
    refused = sum(step[name] for step in document["steps"] for name in ("quarantined", "held", "skipped", "rejected"))
    assert sum(document["reasons"].values()) == refused

    listed = home.do("quarantine", "list")
    assert isinstance(listed, list) and len(listed) == document["quarantined"] > 0
    for row in listed:
        assert set(row) == {"id", "step", "reason", "source", "external_id", "at", "run_id"}
        assert type(row["id"]) is int and row["run_id"] == document["run_id"]
        assert datetime.fromisoformat(row["at"]).tzinfo is not None
    assert all(
        row["reason"] == "NOT_CONTACTABLE" for row in home.do("quarantine", "list", "--reason", "NOT_CONTACTABLE")
    )
    shown = home.do("quarantine", "show", str(listed[0]["id"]))
    assert {name: shown[name] for name in ("id", "reason", "external_id")} == {
        name: listed[0][name] for name in ("id", "reason", "external_id")
    }

    for arguments in ((), (document["run_id"],)):
        ledger = home.do("ledger", *arguments)
        assert ledger["run_id"] == document["run_id"] and ledger["state"] == "done"
        assert ledger["steps"] == document["steps"] and ledger["reasons"] == document["reasons"]
        assert datetime.fromisoformat(ledger["started_at"]).tzinfo is not None


@pytest.mark.slow
def test_the_installed_command_keeps_the_contract(vendors: Vendors, home: Home) -> None:
    vendors.load(100)
    command = Path(sys.executable).with_name("crosswalk")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSWALK_")}
    run = subprocess.run(
        [command, "sync", "--json"],
        env={**environment, **home.settings},
        cwd=home.folder,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    document = json.loads(run.stdout)
    assert_contract(document)
    assert_conserved(document["steps"])


def test_nothing_to_read(vendors: Vendors, home: Home) -> None:
    document = home.sync()
    assert_contract(document)
    assert all(step["in"] == 0 for step in document["steps"])
    assert document["written"] == {} and document["reasons"] == {}
    assert vendors.writes() == {}
    assert home.do("quarantine", "list") == []


def test_for_people_it_prints_tables(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry() for _ in range(3)])
    ended = home.run("sync")
    assert ended.code == 0 and ended.err == ""
    assert "Conservation" in ended.out and "gate_handed_off" in ended.out and "Written" in ended.out
    for command in (["ledger"], ["quarantine", "list"]):
        assert home.run(*command).code == 0


@pytest.mark.feature("DQ-03")
def test_more_in_quarantine_than_the_threshold_is_exit_3(vendors: Vendors, home: Home) -> None:
    unreachable = [vendors.inquiry(phone="", email="") for _ in range(2)]
    vendors.create([vendors.inquiry() for _ in range(3)] + unreachable)
    ended = home.run("sync", "--json")
    assert ended.code == 3, (ended.err, ended.document)
    assert ended.document["over_threshold"] is True
    assert len(vendors.ours("Lead")) == 3
    assert home.run("sync", "--json").code == 0, "the next run has nothing new in quarantine"


@pytest.mark.feature("DQ-03")
def test_the_threshold_is_the_admins(vendors: Vendors, home: Home) -> None:
    home.write("mappings/definitions.yaml", "quarantine_threshold: 0.25", "quarantine_threshold: 0.001")
    vendors.create([vendors.inquiry() for _ in range(9)] + [vendors.inquiry(phone="", email="")])
    assert home.run("sync", "--json").code == 3
