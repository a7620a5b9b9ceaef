"""The guard of this test suite is awake: nothing reaches another machine, from here or from a process started here."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ELSEWHERE = "192.0.2.1"  # reserved for documentation (RFC 5737): nobody is there


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for what is refused, so that these attempts do not fail their own test."""
    path = tmp_path / "refused.txt"
    monkeypatch.setenv("NETWORK_LOG", str(path))
    return path


def test_a_connection_to_another_machine_is_refused_and_recorded(log: Path) -> None:
    with socket.socket() as one, pytest.raises(OSError, match="stays on this machine"):
        one.connect((ELSEWHERE, 443))
    assert ELSEWHERE in log.read_text()


def test_a_name_is_not_even_looked_up(log: Path) -> None:
    with pytest.raises(OSError, match="stays on this machine"):
        socket.getaddrinfo("example.org", 443)
    assert "example.org" in log.read_text()


def test_the_same_holds_in_processes_that_a_test_starts(log: Path) -> None:
    code = f"import urllib.request; urllib.request.urlopen('http://{ELSEWHERE}/', timeout=1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "stays on this machine" in done.stderr
    assert ELSEWHERE in log.read_text()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_is_reached(host: str, log: Path) -> None:
    assert socket.getaddrinfo(host, 80)
    assert not log.exists()


def test_settings_of_the_shell_do_not_leak_in() -> None:
    assert [name for name in os.environ if name.startswith("CROSSWALK_")] == []
