"""``crosswalk demo`` as a user runs it: all of it is shown, and nothing of it is left."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
COMMAND = [sys.executable, "-m", "crosswalk.cli.main", "demo", "--contacts", "300"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for everything: the user's home, what is temporary, and where the command is typed."""
    for name in ("home", "tmp", "here"):
        (tmp_path / name).mkdir()
    (tmp_path / "here" / ".env").write_text("CROSSWALK_DATABASE_URL=postgresql://nobody@127.0.0.1:1/theirs\n")
    return tmp_path


@contextmanager
def typed(place: Path, *options: str, width: str = "100") -> Iterator[subprocess.Popen[str]]:
    """Type the command with settings of a hub and a Prefect that it must not touch."""
    environment = {
        **os.environ,
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "tmp"),
        "COLUMNS": width,
        "CROSSWALK_HOME": str(place / "theirs"),
        "PREFECT_API_URL": "http://127.0.0.1:1/api",
    }
    with subprocess.Popen(
        [*COMMAND, *options],
        cwd=place / "here",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def left(place: Path) -> list[str]:
    """What still runs on behalf of this demo: processes of any session that have its folder in their environment."""
    marker = f"{place / 'tmp'}/crosswalk-demo-".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def assert_gone(place: Path) -> None:
    assert left(place) == []
    assert sorted(path.name for path in (place / "tmp").iterdir()) == []
    assert not (place / "theirs").exists()
    assert list((place / "home").iterdir()) == []


def test_it_is_one_document_for_programs(place: Path) -> None:
    with typed(place, "--json", width="40") as process:
        out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    document = json.loads(out)
    assert document["first"]["written"]["salesforce"]["Lead"]["created"] > 100
    assert document["second"]["written"] == {}
    assert document["handoff"]["description"]
    index = place / "here" / ".crosswalk" / "demo" / "data-docs" / "index.html"
    assert document["data_docs"] == str(index) and index.is_file()
    assert_gone(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
@pytest.mark.parametrize("moment", ["Starting a local", "Preparing them", "Starting a Prefect"])
def test_it_can_be_stopped_at_any_time(place: Path, number: signal.Signals, moment: str) -> None:
    with typed(place) as process:
        assert process.stdout
        for line in process.stdout:
            if f"done  {moment}" in line:
                break
        time.sleep(0.3)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert "Traceback" not in out
    assert_gone(place)


def test_it_shows_the_road_stays_until_told_to_go_and_leaves_nothing(place: Path) -> None:
    with typed(place, "--keep") as process:
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C stops" in line:
                break
        assert len(left(place)) == 2, "the sandbox and the Prefect server"
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    out = "".join(said) + rest
    assert process.returncode == 0, out
    assert "export CROSSWALK_HOME=" in out and "export PREFECT_API_URL=" in out
    assert re.search(r"land +│ payload │ +300 │ +300 │", out)
    for title in ("Written", "Leads by owner and route", "Held, quarantined", "Reconciliation", "What sales is told"):
        assert title in out
    assert "The second run: 0 records written, 2 calls to hubspot, 3 calls to salesforce" in out
    assert_gone(place)
