"""The flow on the sandbox: the pipeline's own summary, a task for each batch, and artifacts without people."""

import json
import re
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

import pytest
from prefect.flows import load_flow_from_entrypoint

from crosswalk.errors import ConfigError, GateFailed, TerminalError, TransientError
from crosswalk.platform.settings import CHECKOUT
from crosswalk.store import runs
from crosswalk.store.hub import Hub
from flows import sync_leads as module
from tests.flows.conftest import Shown
from tests.home import Home, assert_conserved
from tests.vendors import Vendors

pytestmark = pytest.mark.slow
NOW = "2026-11-16T15:05:00Z"
Run = Callable[..., Shown]


def failing(monkeypatch: pytest.MonkeyPatch, *outcomes: Exception | bool) -> list[int]:
    """Let the first ingest batches end like this, and nothing be delivered; counts the attempts."""
    left, made = list(outcomes), []

    def batch(*_: Any) -> bool:
        made.append(1)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr("crosswalk.pipeline.sync.ingest_batch", batch)
    monkeypatch.setattr("crosswalk.pipeline.sync.deliver", lambda *_: None)
    return made


@pytest.mark.feature("QUA-01")
def test_a_run_is_a_task_a_batch_and_tells_of_nobody(
    vendors: Vendors, run: Run, people: Callable[[], set[str]]
) -> None:
    vendors.load(300)
    shown = run(as_of=NOW, batch_size=100)
    summary = shown.state.result()
    assert_conserved(summary["steps"])
    assert summary["run_id"] == str(shown.id)
    leads = summary["written"]["salesforce"]["Lead"]
    assert leads["created"] + leads["updated"] == len(vendors.ours("Lead")) > 100
    assert [name for name in shown.tasks if name.startswith("ingest")] == [
        f"ingest hubspot contacts {number}" for number in (1, 2)
    ], "HubSpot sends pages of 200, and a page is never split"
    assert len(shown.tasks) <= 9, "a task a batch, not a record"
    assert "hubspot contacts: 200 rows, " in str(shown.tasks["ingest hubspot contacts 1"].message)
    artifacts = shown.artifacts
    assert {*artifacts} == {
        *("conservation", "written", "quarantine", "not-passed-on", "gates", "reconciliation", "owners", "progress")
    }
    land = next(one for one in summary["steps"] if one["step"] == "land")
    assert f"| land | payload | {land['in']} | {land['passed']} |" in artifacts["conservation"]
    assert summary["data_docs"] in artifacts["gates"]
    assert "100" in artifacts["progress"] and "300 of 300 rows" in artifacts["progress"]
    told = shown.text()
    assert "intake01" in told
    digits = re.sub(r"[^\d\n]", "", told)
    canaries = people()
    assert len(canaries) > 500
    assert [one for one in canaries if re.search(rf"\b{re.escape(one)}\b", told)] == []
    assert [one for one in canaries if one.isdigit() and len(one) == 10 and one in digits] == []


def test_a_second_run_writes_nothing(vendors: Vendors, run: Run) -> None:
    vendors.create([vendors.inquiry() for _ in range(5)])
    assert run(as_of=NOW).state.message == "5 rows read, 10 records written, 0 rows quarantined"
    again = run(as_of=NOW)
    assert again.state.result()["written"] == {}
    assert again.state.message == "5 rows read, 0 records written, 0 rows quarantined"
    assert "Nothing." in again.artifacts["written"]
    assert len(again.tasks) == 4


def test_a_dry_run_says_so(vendors: Vendors, run: Run, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    shown = run(as_of=NOW, dry_run=True)
    assert shown.state.message == "1 rows read, 2 records would be written, 0 rows quarantined"
    assert "nothing was changed" in shown.artifacts["conservation"]
    assert vendors.ours("Lead") == {}
    assert not (home.folder / ".crosswalk" / "hub.db").exists()


@pytest.mark.feature("QUA-02")
def test_much_in_quarantine_is_a_state_of_its_own(vendors: Vendors, run: Run) -> None:
    vendors.create([vendors.inquiry(), vendors.inquiry(email="", phone="")])
    shown = run(as_of=NOW)
    assert (shown.state.type.value, shown.state.name) == ("COMPLETED", "Completed with quarantine")
    assert "50.0% in quarantine" in str(shown.state.message)
    assert "| NOT_CONTACTABLE | 1 |" in shown.artifacts["quarantine"]


def test_what_passes_is_tried_again(vendors: Vendors, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = failing(monkeypatch, TransientError("429", delay=1), TransientError("503"), False)
    shown = run(as_of=NOW)
    assert shown.state.is_completed() and len(made) == 3
    assert len(shown.tasks) == 2


@pytest.mark.parametrize(
    ("error", "attempts", "message"),
    [
        (TransientError("HubSpot answered 503"), 3, "TransientError: HubSpot answered 503 ("),
        (TerminalError("scopes are missing", code="MISSING_SCOPES"), 1, "TerminalError: MISSING_SCOPES: scopes are"),
        (GateFailed("shaped", ("contactable",), 29, 40), 1, "GateFailed: gate shaped: contactable failed for 29 of 40"),
        (
            ConfigError("owner ada@example.org is unknown", file="mappings/routing/owners.yaml", line=3, key="owners"),
            1,
            "ConfigError: mappings/routing/owners.yaml:3: owners: an admin must mend it",
        ),
        (sqlite3.IntegrityError("ada@example.org"), 1, "TerminalError: UNEXPECTED: IntegrityError at "),
    ],
    ids=["transient", "terminal", "gate", "config", "unexpected"],
)
def test_a_failed_run_says_what_to_do_in_codes(
    vendors: Vendors,
    run: Run,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    attempts: int,
    message: str,
) -> None:
    error.__cause__ = ValueError("ada@example.org")
    made = failing(monkeypatch, *([error] * attempts))
    shown = run(as_of=NOW)
    assert shown.state.is_failed() and len(made) == attempts
    assert str(shown.state.message).startswith(message)
    assert "conservation" in shown.artifacts, "what was done by then is shown too"
    assert "ada@" not in shown.text()
    hub = Hub.open(home.database)
    with hub.read() as tx:
        found = runs.get(tx, str(shown.id))
    hub.close()
    assert found and found["state"] == "failed"


def test_a_wrong_parameter_fails_before_anything_else(vendors: Vendors, run: Run) -> None:
    shown = run(as_of="yesterday")
    assert str(shown.state.message).startswith("ConfigError: as-of: ")
    assert shown.tasks == {}


def test_the_entrypoint_of_the_deployment_is_the_same_flow() -> None:
    loaded = load_flow_from_entrypoint(f"{CHECKOUT}/flows/sync_leads.py:sync_leads")
    assert loaded.name == "sync-leads"
    assert {*loaded.parameters.properties} == {"source", "dry_run", "batch_size", "as_of"}


def test_as_a_module_it_prints_the_summary(
    vendors: Vendors, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sync_leads", json.dumps({"as_of": NOW, "dry_run": True})])
    module.main()
    assert json.loads(capsys.readouterr().out)["dry_run"] is True
    monkeypatch.setattr(sys, "argv", ["sync_leads", json.dumps({"source": "nowhere"})])
    with pytest.raises(SystemExit, match="ConfigError: mappings/connections"):
        module.main()
