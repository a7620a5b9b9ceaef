"""Where a measurement takes place: a sandbox in a process of its own, a fresh home of the hub, nobody's settings."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[1]


class Stage:
    """One world of both vendors, and the environment in which the hub or a script works on it."""

    def __init__(self, folder: Path, sandbox: int, vendors: Mapping[str, Any]) -> None:
        """Take an empty folder, the sandbox's process id, and what it says of itself when it is ready."""
        self.home = folder
        self.vendors = vendors
        self._sandbox = sandbox
        for name in ("mappings", "expectations"):
            shutil.copytree(ROOT / name, folder / name)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CROSSWALK_", "PREFECT_"))}
        self.environment = kept | {
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "CROSSWALK_HOME": str(folder),
            "CROSSWALK_HUBSPOT_BASE_URL": vendors["hubspot"]["url"],
            "CROSSWALK_HUBSPOT_TOKEN": vendors["hubspot"]["token"],
            "CROSSWALK_SALESFORCE_INSTANCE_URL": vendors["salesforce"]["url"],
            "CROSSWALK_SALESFORCE_CLIENT_ID": vendors["salesforce"]["client_id"],
            "CROSSWALK_SALESFORCE_CLIENT_SECRET": vendors["salesforce"]["client_secret"],
        }

    def control(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """Ask the sandbox's control API; None where it does not know the path."""
        url = f"{self.vendors['hubspot']['url']}/_sandbox/{path}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, url, json=body, timeout=600)
        if answer.status_code == 404:
            return None
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def sandbox_cpu(self) -> float:
        """CPU seconds that the sandbox has used so far; from Linux's /proc."""
        fields = Path(f"/proc/{self._sandbox}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def staged(contacts: int, latency_ms: float) -> Iterator[Stage]:
    """Start a world with so many contacts; afterwards nothing of it is left.

    Raises:
        RuntimeError: the sandbox did not start; it says why on stderr.
    """
    command = [sys.executable, "-m", "sandbox", "--scenario", "lakeshore", "--contacts", str(contacts)]
    command += ["--latency-ms", str(latency_ms)]
    with (
        TemporaryDirectory(prefix="crosswalk-bench-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as sandbox,
    ):
        try:
            assert sandbox.stdout
            ready = sandbox.stdout.readline()
            if not ready:
                raise RuntimeError("the sandbox did not start")
            yield Stage(Path(folder), sandbox.pid, json.loads(ready))
        finally:
            sandbox.terminate()
            sandbox.wait(timeout=30)
