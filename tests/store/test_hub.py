"""Opening, transactions, one run at a time, and what a refusal says."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from crosswalk.errors import ConfigError, TerminalError, TransientError
from crosswalk.store import runs
from crosswalk.store.hub import Hub

HOLDER = """
import sys, time
from crosswalk.store.hub import Hub
hub = Hub.open(sys.argv[1])
with hub.exclusive():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_fresh_file_is_private_and_ready_at_once(tmp_path: Path, now) -> None:
    path = tmp_path / "deep" / "er" / "hub.db"
    started = time.monotonic()
    hub = Hub.open(f"sqlite:///{path}")
    took = time.monotonic() - started
    with hub.begin() as tx:
        runs.start(tx, "r1", "sync", "hubspot", now, "v1")
    hub.close()
    assert took < 1
    assert path.stat().st_mode & 0o077 == 0
    again = Hub.open(f"sqlite:///{path}", create=False)
    with again.read() as tx:
        assert runs.get(tx)["run_id"] == "r1"
        assert tx.scalar(text("PRAGMA journal_mode")) == "wal"
        assert tx.scalar(text("PRAGMA foreign_keys")) == 1
    again.close()


def test_commit_and_roll_back(hub: Hub, now) -> None:
    with suppress(ZeroDivisionError), hub.begin() as tx:
        runs.start(tx, "lost", "sync", None, now, None)
        raise ZeroDivisionError
    with hub.begin() as tx:
        runs.start(tx, "kept", "sync", None, now, None)
    with hub.read() as tx:
        assert [run["run_id"] for run in runs.list_runs(tx)] == ["kept"]
        runs.start(tx, "read", "sync", None, now, None)  # a reader's work is not kept
    with hub.read() as tx:
        assert [run["run_id"] for run in runs.list_runs(tx)] == ["kept"]


def test_one_run_at_a_time(hub: Hub, url: str) -> None:
    other = Hub.open(url)
    with hub.exclusive():
        started = time.monotonic()
        with pytest.raises(TerminalError, match="another run is in progress") as busy, other.exclusive(timeout=0.2):
            pass
        assert busy.value.code == "HUB_BUSY"
        assert 0.15 < time.monotonic() - started < 5
        with hub.begin() as tx:  # the holder itself works on
            tx.execute(text("SELECT 1"))
    with other.exclusive():
        pass
    other.close()


def test_waiting_for_the_other_run(hub: Hub, url: str) -> None:
    other = Hub.open(url)
    inside = threading.Event()

    def hold() -> None:
        with hub.exclusive():
            inside.set()
            time.sleep(0.3)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    with other.exclusive(timeout=20):
        pass
    holder.join()
    other.close()


def test_a_killed_run_frees_the_hub(hub: Hub, url: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(TerminalError), hub.exclusive():
        pass
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with hub.exclusive(timeout=5):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://root:s3cret@host/db",
        "postgresql:/x:s3cret",
        "host:s3cret@",
    ],
)
def test_a_url_of_no_use(url: str) -> None:
    with pytest.raises(ConfigError, match="CROSSWALK_DATABASE_URL") as refused:
        Hub.open(url)
    assert "s3cret" not in str(refused.value)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="is it running") as refused:
        Hub.open("postgresql://crosswalk:s3cret@127.0.0.1:1/hub")
    assert "s3cret" not in str(refused.value)
    assert "crosswalk:***@127.0.0.1" in str(refused.value)


def test_no_database_yet(tmp_path: Path, postgres) -> None:
    with pytest.raises(ConfigError, match="no hub database"):
        Hub.open(f"sqlite:///{tmp_path}/none/hub.db", create=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ConfigError, match="no hub database"):
        Hub.open(postgres.url.render_as_string(hide_password=False), create=False)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot create"):
        Hub.open(f"sqlite:///{tmp_path}/file/hub.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_text("hello " * 1000)
    with pytest.raises(ConfigError, match="cannot be used"):
        Hub.open(f"sqlite:///{tmp_path}/hub.db")


def test_a_database_from_the_future(hub: Hub, url: str) -> None:
    with hub.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match=r"9999.*update Crosswalk"):
        Hub.open(url)


def test_a_refusal_names_the_constraint_and_no_value(hub: Hub, now) -> None:
    with hub.begin() as tx:
        runs.start(tx, "mary@example.com", "sync", None, now, None)
    with pytest.raises(TerminalError) as refused, hub.begin() as tx:
        runs.start(tx, "mary@example.com", "sync", None, now, None)
    assert refused.value.code == "HUB_DATABASE"
    assert "run" in str(refused.value)
    assert "mary" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_locked_database_may_be_tried_again(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crosswalk.store.hub.PRAGMAS", ("busy_timeout = 10",))
    one, two = Hub.open(sqlite_url), Hub.open(sqlite_url)
    with one.begin(), pytest.raises(TransientError, match="SQLITE_BUSY"), two.begin():
        pass
    with one.begin(), two.read() as tx:  # readers never wait
        assert runs.get(tx) is None
    one.close()
    two.close()


def test_a_lost_connection_may_be_tried_again(postgres_url: str, postgres) -> None:
    hub = Hub.open(postgres_url)

    def work() -> None:
        with hub.begin() as tx:
            pid = tx.scalar(text("SELECT pg_backend_pid()"))
            postgres(f"SELECT pg_terminate_backend({pid}, 5000)")
            tx.execute(text("SELECT 1"))

    with pytest.raises(TransientError):
        work()
    with hub.read() as tx:
        assert runs.get(tx) is None
    hub.close()


def test_naive_times_are_refused(hub: Hub, now) -> None:
    with pytest.raises(Exception, match="zone"), hub.begin() as tx:
        runs.start(tx, "r1", "sync", None, now.replace(tzinfo=None), None)


def test_a_rehearsal_works_and_leaves_nothing(hub: Hub, now) -> None:
    with hub.rehearsal() as stage, stage.exclusive():
        with stage.begin() as tx:
            runs.start(tx, "r1", "sync", None, now, None, dry=True)
        with suppress(ZeroDivisionError), stage.begin() as tx:
            runs.start(tx, "r2", "sync", None, now, None, dry=True)
            raise ZeroDivisionError
        with stage.read() as tx:
            assert [run["run_id"] for run in runs.list_runs(tx)] == ["r1"]
    with hub.read() as tx:
        assert runs.list_runs(tx) == []
