"""The sandbox as its users meet it: a process of its own, spoken to over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn

from sandbox.hubspot import TOKEN
from sandbox.hubspot.app import create_app as create_hubspot
from sandbox.hubspot.portal import Portal

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_SETTINGS = {
    "latency_ms": 0,
    "index_lag_seconds": 0,
    "refuse_partial_email_upserts": False,
    "limits": {
        "enforce": False,
        "ten_secondly": 190,
        "search_per_second": 5,
        "daily": 625_000,
        "associations_ten_secondly": 150,
        "associations_daily": 500_000,
    },
}


@dataclass
class Sandbox:
    """A running sandbox: where it is, what opens it, and its control API."""

    process: subprocess.Popen[bytes]
    hubspot: dict[str, str]
    salesforce: dict[str, str]
    tls: dict[str, str] = field(default_factory=dict)
    session: requests.Session = field(default_factory=requests.Session)

    def control(self, method: str, path: str, **body: Any) -> Any:
        answer = self.session.request(method, f"{self.hubspot['url']}/_sandbox{path}", json=body or None, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reset(self, **plan: Any) -> Any:
        """Load a scenario (the one it was started with by default), default settings without index lag, no counts."""
        self.control("POST", "/settings", **DEFAULT_SETTINGS)
        described = self.control("POST", "/reset", **plan)
        self.control("DELETE", "/requests")
        return described

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """A raw HubSpot request with the right token."""
        headers = {"Authorization": f"Bearer {self.hubspot['token']}"}
        url = self.hubspot["url"] + path
        return self.session.request(method, url, json=body, headers=headers, timeout=30, **more)

    def hubspot_contacts(self, *emails: str, **properties: Any) -> list[str]:
        """Create contacts; returns their ids in this order, which is not the reply's."""
        inputs = [{"properties": {"email": email, **properties}} for email in emails]
        answer = self.ask("POST", "/crm/v3/objects/contacts/batch/create", {"inputs": inputs})
        assert answer.status_code == 201, answer.text
        made = {result["properties"]["email"]: result["id"] for result in answer.json()["results"]}
        return [made[email.strip().lower()] for email in emails]


@dataclass
class Api:
    """A portal served in this process."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.session.request(method, self.url + path, json=body, params=query, headers=headers, timeout=30)


def start(*arguments: str) -> Sandbox:
    process = subprocess.Popen([sys.executable, "-m", "sandbox", *arguments], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.stdout.close()
        pytest.fail(f"the sandbox did not start: exit code {process.wait(10)}")
    return Sandbox(process, **json.loads(line))


def stop(running: Sandbox) -> int:
    running.session.close()
    running.process.terminate()
    code = running.process.wait(10)
    if running.process.stdout is not None:
        running.process.stdout.close()
    return code


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """One sandbox for the whole session, started empty."""
    running = start("--scenario", "empty")
    try:
        yield running
    finally:
        assert stop(running) == 0


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The session's sandbox, empty again, without index lag, limits or latency."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox of one's own with these arguments; it is stopped after the test."""
    running: list[Sandbox] = []

    def begin(*arguments: str) -> Sandbox:
        running.append(start(*arguments))
        return running[-1]

    yield begin
    assert [stop(one) for one in running] == [0] * len(running)


@pytest.fixture
def serve_portal() -> Iterator[Callable[[Portal], Api]]:
    """Serve a portal of one's own, in a thread; returns a client that has its token."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def begin(portal: Portal) -> Api:
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        door.bind(("127.0.0.1", 0))
        door.listen()
        server = uvicorn.Server(
            uvicorn.Config(create_hubspot(portal, portal.clock), log_config=None, lifespan="off", ws="none")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        servers.append((server, thread))
        thread.start()
        return Api(f"http://127.0.0.1:{door.getsockname()[1]}")

    yield begin
    for server, thread in servers:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    """Ask again every few milliseconds until it is so, for at most five seconds."""

    def wait(is_so: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            if is_so():
                return True
            time.sleep(0.02)
        return False

    return wait
