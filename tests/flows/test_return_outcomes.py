"""The way back as a flow, and both ways in one: the pipelines' own summaries, a task for each batch, and no people."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from crosswalk.errors import TransientError
from flows import full_cycle as cycle_module
from flows.batch_tasks import said
from flows.full_cycle import full_cycle
from flows.return_outcomes import return_outcomes
from tests.flows.conftest import Shown
from tests.home import Home, assert_conserved
from tests.vendors import Vendors

pytestmark = pytest.mark.slow
Run = Callable[..., Shown]
NOW = "2026-11-16T15:05:00Z"


@pytest.fixture
def handed_over(vendors: Vendors, home: Home, run: Run) -> Vendors:
    """Leads in the CRM that sales has begun to work; flows find the same settings as ``run``."""
    vendors.load(100)
    home.do("setup")
    home.sync()
    home.do("return-outcomes")
    vendors.control("work", {"steps": 5, "seed": 3})
    return vendors


def test_a_run_is_a_task_a_batch_and_tells_of_nobody(handed_over: Vendors, people: Callable[[], set[str]]) -> None:
    shown = Shown(return_outcomes(return_state=True))
    summary = shown.state.result()
    assert_conserved(summary["steps"])
    assert (summary["run_id"], summary["flow"]) == (str(shown.id), "return")
    names = list(shown.tasks)
    streams = ("leads", "removed_leads", "contacts", "tasks", "events", "contact_roles")
    assert names[0] == "due returned 1"
    assert names[1:7] == [f"return salesforce {stream} 1" for stream in streams]
    assert [name for name in names if name.startswith("feed back")] == ["feed back 1", "feed back 2"]
    assert names[-1].startswith("deliver hubspot contacts ")
    tasks = {name: str(state.message) for name, state in shown.tasks.items() if state}
    assert tasks["return salesforce leads 1"].startswith("salesforce leads: ")
    assert " with news" in tasks["return salesforce leads 1"]
    assert tasks["feed back 1"].startswith("feedback: ") and "actions queued" in tasks["feed back 1"]
    moved = sum(one["n"] for one in summary["moves"])
    assert f"{moved} moves" in str(shown.state.message)
    assert {"moves", "outcomes", "conservation", "written"} <= {*shown.artifacts}
    text = shown.text()
    assert [one for one in people() if one in text] == []


def test_there_and_back_in_one_go(handed_over: Vendors) -> None:
    shown = Shown(full_cycle(return_state=True))
    both = shown.state.result()
    assert {*both} == {"sync", "return"}
    assert (both["sync"]["flow"], both["return"]["flow"]) == ("sync", "return")
    assert both["return"]["outcomes"] and both["return"]["run_id"] != both["sync"]["run_id"]


def test_the_way_back_waits_for_the_way_there(
    handed_over: Vendors, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> bool:
        raise TransientError("HubSpot answered 503")

    monkeypatch.setattr("crosswalk.pipeline.sync.ingest_batch", away)
    before = home.rows("outcome")
    shown = Shown(full_cycle(return_state=True))
    assert shown.state.is_failed()
    assert home.rows("outcome") == before


def test_as_a_module_it_prints_both_summaries(
    vendors: Vendors, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["full_cycle", json.dumps({"as_of": NOW, "dry_run": True})])
    cycle_module.main()
    printed = json.loads(capsys.readouterr().out)
    assert printed["sync"]["dry_run"] is printed["return"]["dry_run"] is True


@pytest.mark.parametrize(
    ("label", "new", "text"),
    [
        ("return salesforce leads 2", {"land in": 5, "conclude passed": 2, "ingest skipped": 3},
         "salesforce leads: 5 rows, 2 with news, 3 skipped"),
        ("return salesforce tasks 1", {}, "salesforce tasks: nothing to do"),
        ("feed back 1", {"feed_back in": 4, "queue passed": 3, "feedback skipped": 1},
         "feedback: 4 leads, 3 actions queued, 1 skipped"),
    ],
)  # fmt: skip
def test_what_a_task_says(label: str, new: dict[str, int], text: str) -> None:
    assert said(label, Counter(new)) == text
