"""The demo's stage: a temporary folder and the processes that run in it, and everything gone afterwards."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from crosswalk.errors import TerminalError
from crosswalk.platform.settings import CHECKOUT

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SANDBOX_SECONDS = 60.0
SERVER_SECONDS = 90.0
LOCAL = "127.0.0.1"


class Stage:
    """A folder of its own, an environment without anybody's settings, and the processes started in both."""

    def __init__(self, folder: Path, told: list[int]) -> None:
        """Take a folder, and the list in which signals to stop are noted."""
        self.folder = folder
        self.told = told
        self.home = folder / "home"
        self.environment = _without_settings(folder)
        self._running: list[tuple[str, subprocess.Popen[str]]] = []

    def start(self, name: str, *command: str) -> subprocess.Popen[str]:
        """Start a process in a session of its own, so that Ctrl-C reaches us alone and we stop it in good order."""
        with undisturbed(), self.log(name).open("w") as log:
            process = subprocess.Popen(  # noqa: S603 -- our own interpreter and modules
                [sys.executable, "-m", *command],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
            self._running.append((name, process))
        return process

    def log(self, name: str) -> Path:
        """Where a process writes what it has to say."""
        return self.folder / f"{name.replace(' ', '-')}.log"

    def broken(self, name: str, why: str) -> TerminalError:
        """Return the error for a process that did not do its work, with the end of its log."""
        lines = self.log(name).read_text(errors="replace").strip().splitlines()[-5:]
        return TerminalError("\n".join([f"the {name} {why}", *lines]), code="DEMO_BROKEN")

    def forget(self, process: subprocess.Popen[str]) -> None:
        """Count a process that has done its work no longer among those that must go on."""
        self._running = [(name, one) for name, one in self._running if one is not process]

    def dead(self) -> str | None:
        """Name a process that has ended by itself."""
        return next((name for name, process in self._running if process.poll() is not None), None)

    def heed(self) -> None:
        """Leave if we were told to: Python drops an exception that a signal raises inside a finalizer or callback."""
        if self.told:
            _leave(self.told[0])

    def stop(self) -> None:
        """Stop what runs, the latest first, with everything that it may have started."""
        for step in (signal.SIGTERM, signal.SIGKILL):
            for _, process in reversed(self._running):
                if process.poll() is None:
                    os.killpg(process.pid, step)
            until = time.monotonic() + 5
            while time.monotonic() < until and any(process.poll() is None for _, process in self._running):
                time.sleep(0.05)
        for _, process in self._running:
            if process.stdout is not None:
                process.stdout.close()


@contextmanager
def staged() -> Iterator[Stage]:
    """Set the stage: work in a temporary folder; afterwards nothing runs and nothing of it is left."""
    before, directory = dict(os.environ), Path.cwd()
    with ExitStack() as stack:
        told: list[int] = []

        def heard(number: int, _frame: object) -> None:
            told.append(number)
            _leave(number)

        for number in SIGNALS:
            stack.callback(signal.signal, number, signal.signal(number, heard))
        with undisturbed():
            folder = TemporaryDirectory(prefix="crosswalk-demo-", ignore_cleanup_errors=True)
            stage = Stage(Path(folder.name), told)
        try:
            os.chdir(folder.name)  # a .env here is nobody's
            os.environ.clear()
            os.environ.update(stage.environment)
            for name in ("mappings", "expectations"):
                shutil.copytree(CHECKOUT / name, stage.home / name)
            yield stage
        finally:
            with undisturbed():
                stage.stop()
                os.environ.clear()
                os.environ.update(before)
                os.chdir(directory)
                folder.cleanup()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put off signals until the block is done: what is half started could not be stopped."""
    came: list[int] = []
    kept = {number: signal.signal(number, lambda got, _: came.append(got)) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def begin_prefect(stage: Stage) -> str:
    """Begin to start a Prefect server; returns where its UI will be."""
    port = _free_port()
    url = f"http://{LOCAL}:{port}"
    stage.environment |= {"PREFECT_API_URL": f"{url}/api", "PREFECT_SERVER_UI_API_URL": f"{url}/api"}
    stage.start("Prefect server", "prefect", "server", "start", "--host", LOCAL, "--port", str(port))
    return url


def await_prefect(stage: Stage, url: str) -> None:
    """Wait until the Prefect server answers.

    Raises:
        TerminalError: it does not.
    """
    until = time.monotonic() + SERVER_SECONDS
    while time.monotonic() < until:
        if stage.dead():
            raise stage.broken("Prefect server", "did not start")
        try:
            if requests.get(f"{url}/api/health", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    raise stage.broken("Prefect server", f"did not answer within {SERVER_SECONDS:.0f} seconds")


def start_sandbox(stage: Stage, contacts: int) -> dict[str, Any]:
    """Start the local HubSpot and Salesforce, and point this process and later ones to them.

    Returns:
        Where they are and how to sign in, as ``crosswalk sandbox serve`` prints it.

    Raises:
        TerminalError: they did not start.
    """
    process = stage.start("sandbox", "sandbox", "--scenario", "lakeshore", "--contacts", str(contacts))
    assert process.stdout is not None  # noqa: S101 -- it was asked for
    ready, _, _ = select.select([process.stdout], [], [], SANDBOX_SECONDS)
    line = process.stdout.readline() if ready else ""
    if not line:
        raise stage.broken("sandbox", "did not start")
    vendors: dict[str, Any] = json.loads(line)
    settings = {
        "CROSSWALK_HOME": str(stage.home),
        "CROSSWALK_HUBSPOT_BASE_URL": vendors["hubspot"]["url"],
        "CROSSWALK_HUBSPOT_TOKEN": vendors["hubspot"]["token"],
        "CROSSWALK_SALESFORCE_INSTANCE_URL": vendors["salesforce"]["url"],
        "CROSSWALK_SALESFORCE_CLIENT_ID": vendors["salesforce"]["client_id"],
        "CROSSWALK_SALESFORCE_CLIENT_SECRET": vendors["salesforce"]["client_secret"],
    }
    stage.environment |= settings
    os.environ.update(settings)
    return vendors


def run_flow(stage: Stage, flow: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Run a flow (``sync_leads``, ``return_outcomes``) once, as a process of its own, and return its summary.

    Raises:
        TerminalError: it failed.
    """
    process = stage.start("flow", f"flows.{flow}", json.dumps(parameters))
    said, _ = process.communicate()
    if process.returncode:
        raise stage.broken("flow", "failed")
    stage.forget(process)
    summary: dict[str, Any] = json.loads(said)
    return summary


def ask_sandbox(vendors: Mapping[str, Any], path: str, **query: str | int) -> Any:
    """Ask the sandbox's control API."""
    return requests.get(f"{vendors['hubspot']['url']}/_sandbox/{path}", params=query, timeout=30).json()


def tell_sandbox(vendors: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> Any:
    """Let somebody in the sandbox do something, or its clock go on."""
    return requests.post(f"{vendors['hubspot']['url']}/_sandbox/{path}", json=body, timeout=60).json()


def _without_settings(folder: Path) -> dict[str, str]:
    """The environment for the demo: nobody's hub, nobody's Prefect, no proxy for this machine, nothing sent out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CROSSWALK_", "PREFECT_"))}
    return kept | {
        "NO_PROXY": LOCAL,
        "no_proxy": LOCAL,
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "TMPDIR": str(folder),
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((LOCAL, 0))
        port: int = one.getsockname()[1]
        return port


def _leave(number: int) -> None:
    """End as a process does that a signal ends, but by way of every ``finally``."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
