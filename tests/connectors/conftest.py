"""The sandbox as a process of its own, and a server for answers that the sandbox does not give."""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.hubspot import listing
from tests.connectors.salesforce_wire import Org
from tests.connectors.wire import CannedServer, Portal
from tests.way import Way


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, Any]]:
    """URLs and credentials of a running sandbox: its own ready line."""
    command = [sys.executable, "-m", "sandbox", "--scenario", "empty"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(timeout=10)


@pytest.fixture
def portal(sandbox: dict[str, Any]) -> Portal:
    """An empty HubSpot portal without limits, whose search shows every write at once."""
    portal = Portal(sandbox["hubspot"]["url"], sandbox["hubspot"]["token"])
    portal.control("load", {"scenario": "empty"})
    limits = {"enforce": False, "ten_secondly": 190, "search_per_second": 5, "daily": 625_000}
    portal.control("settings", {"index_lag_seconds": 0, "latency_ms": 0, "limits": limits})
    return portal


@pytest.fixture
def by_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """First readings are never worth a look at the list."""
    monkeypatch.setattr(listing, "WORTH_ASKING", 1_000_000)


@pytest.fixture
def by_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """First readings take the list, however slow this machine is."""
    monkeypatch.setattr(listing, "WORTH_ASKING", 0)
    monkeypatch.setattr(listing, "QUICK", 60.0)


@pytest.fixture
def canned() -> Iterator[CannedServer]:
    """A server that gives exactly the answers that a test puts into it."""
    with CannedServer() as server:
        yield server


@pytest.fixture
def org(sandbox: dict[str, Any]) -> Iterator[Org]:
    """An empty Salesforce org that has been set up, seen through a way on which a test can cause trouble."""
    with Way(sandbox["salesforce"]["url"]) as way:
        org = Org(sandbox, way)
        org.control("load", {"scenario": "empty"})
        org.set_up()
        yield org
