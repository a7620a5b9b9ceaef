"""A Prefect server of the tests' own, and what a run leaves on it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas import filters
from prefect.client.schemas.objects import State
from prefect.logging.handlers import APILogWorker
from prefect.testing.utilities import prefect_test_harness

from flows import batch_tasks
from flows.sync_leads import sync_leads
from tests.home import Home
from tests.vendors import Vendors


@dataclass
class Shown:
    """A flow run as whoever watches it sees it."""

    state: State[Any]
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        assert self.state.state_details.flow_run_id
        self.id = self.state.state_details.flow_run_id

    @property
    def tasks(self) -> dict[str, State[Any] | None]:
        """The tasks' names in order, and how each ended."""
        mine = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[self.id]))
        with get_client(sync_client=True) as client:
            found = client.read_task_runs(flow_run_filter=mine)
        started = sorted(found, key=lambda one: one.start_time or one.created)
        return {one.name: one.state for one in started}

    @property
    def artifacts(self) -> dict[str, str]:
        """What each artifact says, by key."""
        mine = filters.FlowRunFilter(id=filters.FlowRunFilterId(any_=[self.id]))
        with get_client(sync_client=True) as client:
            found = client.read_artifacts(flow_run_filter=mine)
        return {str(one.key): f"{one.description}\n{one.data}" for one in found if one.key}

    def text(self) -> str:
        """Everything that is shown of the run: artifacts, logs, names, states and parameters."""
        APILogWorker.drain_all()
        mine = filters.LogFilter(flow_run_id=filters.LogFilterFlowRunId(any_=[self.id]))
        with get_client(sync_client=True) as client:
            logs = [one.message for one in client.read_logs(mine)]
            run = client.read_flow_run(self.id)
        states = [f"{name} {state.name}: {state.message}" for name, state in self.tasks.items() if state]
        told = [run.name, json.dumps(run.parameters), f"{run.state}", *run.tags]
        return "\n".join([*self.artifacts.values(), *logs, *states, *told])


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """A Prefect server with a database of its own."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def run(server: None, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Shown]:
    """Run the flow on the sandbox; retries do not wait."""
    for name, value in home.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(batch_tasks, "RETRY_DELAYS", [0.0, 0.0])

    def one(**parameters: Any) -> Shown:
        return Shown(sync_leads(**parameters, return_state=True))

    return one


@pytest.fixture
def people(sandbox_process: Vendors) -> Callable[[], set[str]]:
    """What tells who somebody is: every e-mail, phone, whole name and rare surname in the portal."""

    def known() -> set[str]:
        found: set[str] = set()
        for contact in sandbox_process.ask("dump", system="hubspot")["hubspot"]["contacts"]:
            values = contact["properties"]
            first, last = values.get("firstname") or "", values.get("lastname") or ""
            found |= {values.get("email") or "", values.get("phone") or "", last, f"{first} {last}".strip()}
            digits = re.sub(r"\D", "", values.get("phone") or "")
            found.add(digits[-10:])
        return {one for one in found if len(one) > 5}

    return known
