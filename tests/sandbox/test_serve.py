"""The process: its arguments, its ready line, its end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from simple_salesforce.api import Salesforce

from sandbox.__main__ import main

if TYPE_CHECKING:
    from conftest import Sandbox

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_it_says_one_line_serves_both_vendors_and_ends_cleanly(signum: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--contacts", "150", "--seed", "7"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    first = process.stdout.readline()
    if not first:
        pytest.fail(process.communicate()[1])
    ready = json.loads(first)
    assert set(ready) == {"hubspot", "salesforce"}
    assert set(ready["hubspot"]) == {"url", "token", "client_id", "client_secret", "refresh_token"}
    assert set(ready["salesforce"]) == {"url", "client_id", "client_secret"}
    with requests.Session() as session:
        described = session.get(ready["salesforce"]["url"] + "/_sandbox/inspect", timeout=10).json()
        assert described["scenario"] == {"name": "lakeshore", "contacts": 150, "seed": 7}
        assert described["hubspot"]["contacts"] > 100
        token = {"Authorization": f"Bearer {ready['hubspot']['token']}"}
        listed = session.get(ready["hubspot"]["url"] + "/crm/v3/objects/contacts", headers=token, timeout=10)
        assert listed.status_code == 200
        process.send_signal(signum)  # while the connections are still open
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")
    for system in ("hubspot", "salesforce"):
        port = int(ready[system]["url"].rpartition(":")[2])
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--contacts", "many"],
        ["--contacts", "-1"],
        ["--hubspot-port", "70000"],
        ["--latency-ms", "-5"],
        ["--latency-ms", "nan"],
        ["--seeed", "1"],
    ],
)
def test_a_wrong_argument_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "usage:" in printed.err
    assert "Traceback" not in printed.err


def test_an_unknown_scenario_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", "atlantis"]) == 2
    assert "atlantis" in capsys.readouterr().err


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--scenario", "empty", "--salesforce-port", str(port)]) == 2
    assert f"port {port}" in capsys.readouterr().err


def test_latency_delays_vendor_requests_only(start_sandbox: Callable[..., Sandbox]) -> None:
    running = start_sandbox("--scenario", "empty", "--latency-ms", "120")
    assert running.ask("GET", "/crm/v3/objects/contacts").elapsed.total_seconds() >= 0.12
    url = running.hubspot["url"] + "/_sandbox/settings"
    control = min(running.session.get(url, timeout=10).elapsed.total_seconds() for _ in range(5))
    assert control < 0.12


def test_tls_serves_whoever_trusts_its_authority(start_sandbox: Callable[..., Sandbox]) -> None:
    """simple-salesforce insists on https: it signs in and queries unchanged, the sandbox's authority trusted."""
    running = start_sandbox("--scenario", "empty", "--tls")
    assert running.hubspot["url"].startswith("https://127.0.0.1:")
    with requests.Session() as session:
        session.trust_env = False  # REQUESTS_CA_BUNDLE would go before
        session.verify = running.tls["ca"]
        headers = {"Authorization": f"Bearer {running.hubspot['token']}"}
        contacts = session.get(f"{running.hubspot['url']}/crm/v3/objects/contacts", headers=headers, timeout=10)
        assert contacts.json() == {"results": []}
        form = {
            "grant_type": "client_credentials",
            "client_id": running.salesforce["client_id"],
            "client_secret": running.salesforce["client_secret"],
        }
        token = session.post(f"{running.salesforce['url']}/services/oauth2/token", data=form, timeout=10).json()
        assert token["instance_url"] == running.salesforce["url"]
        client = Salesforce(instance_url=token["instance_url"], session_id=token["access_token"], session=session)
        assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
        assert client.Lead.create({"LastName": "Doe", "Company": "X"})["success"]
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{running.hubspot['url']}/crm/v3/objects/contacts", timeout=10)
