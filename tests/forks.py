"""The command line in processes of its own, without their seconds of imports: forked from one that has them done.

Run as a script this is that process: it reads one order a line on stdin, forks, and says on stdout who was born and
who has ended.
"""

import gc
import importlib
import json
import os
import queue
import selectors
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

LONGEST = 170.0
DIES_AT_COMMIT = "DIES_AT_COMMIT"


@dataclass(frozen=True)
class Ended:
    """How a command ended; ``code`` is negative for a signal, ``peak`` the most memory it had, in bytes."""

    code: int
    out: str
    err: str
    peak: int

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


class Running:
    """A command that has been started."""

    def __init__(self, folder: Path, number: int) -> None:
        self.pid = 0
        self.out, self.err = folder / f"{number}.out", folder / f"{number}.err"
        self._born, self._ended = threading.Event(), threading.Event()
        self._code, self._peak = 0, 0

    def born(self, pid: int) -> None:
        self.pid = pid
        self._born.set()

    def ended(self, code: int, peak: int) -> None:
        self._code, self._peak = code, peak
        self._ended.set()

    def wait_for_birth(self) -> None:
        assert self._born.wait(LONGEST), "the command was not started"

    def lives(self, seconds: float = 0) -> bool:
        """Whether it still runs after that many seconds."""
        return not self._ended.wait(seconds)

    def kill(self) -> None:
        """End it as a power cut would."""
        if not self._ended.is_set():
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        if not self._ended.wait(LONGEST):
            self.kill()
            raise AssertionError(f"the command did not end in {LONGEST:.0f} s: {self.err.read_text()[-2000:]}")
        out, err = self.out.read_text(), self.err.read_text()
        self.out.unlink()
        self.err.unlink()
        return Ended(self._code, out, err, self._peak)


class Forks:
    """Starts commands; use as a context, closed at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        command = [sys.executable, "-W", "error::ResourceWarning", str(Path(__file__))]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSWALK_")}
        self._warm = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=folder
        )
        self._started: dict[int, Running] = {}
        self._orders: queue.Queue[Running] = queue.Queue()
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, *arguments: str, environment: Mapping[str, str], cwd: Path) -> Running:
        """Start ``crosswalk`` with these arguments and only these settings."""
        assert self._warm.stdin
        with self._lock:
            running = Running(self._folder, len(self._started) + self._orders.qsize())
            self._orders.put(running)
            order = {
                "arguments": ["crosswalk", *arguments],
                "environment": dict(environment),
                "cwd": str(cwd),
                "out": str(running.out),
                "err": str(running.err),
            }
            self._warm.stdin.write(json.dumps(order) + "\n")
            self._warm.stdin.flush()
            running.wait_for_birth()
        return running

    def run(self, *arguments: str, environment: Mapping[str, str], cwd: Path) -> Ended:
        """Run it to its end."""
        return self.start(*arguments, environment=environment, cwd=cwd).wait()

    def _read(self) -> None:
        assert self._warm.stdout
        for line in self._warm.stdout:
            told = json.loads(line)
            if told["what"] == "born":
                running = self._orders.get()
                self._started[told["pid"]] = running
                running.born(told["pid"])
            else:
                self._started[told["pid"]].ended(told["code"], told["peak"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._warm.stdin and self._warm.stdout
        self._warm.stdin.close()
        self._warm.wait(timeout=30)
        self._reader.join(timeout=5)
        self._warm.stdout.close()


# ------------------------------------------------------------------------------------------------- the warm process


def _child(order: Mapping[str, Any]) -> None:
    """Be the command: as ``crosswalk`` would be, with the imports done."""
    for path, stream in ((order["out"], 1), (order["err"], 2)):
        file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        os.dup2(file, stream)
        os.close(file)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name in [name for name in os.environ if name.startswith("CROSSWALK_")]:
        del os.environ[name]
    os.environ.update(order["environment"])
    os.chdir(order["cwd"])
    sys.argv = order["arguments"]
    from crosswalk.cli.main import main  # noqa: PLC0415 -- loaded by the parent

    if DIES_AT_COMMIT in os.environ:
        _die_at_commit(int(os.environ[DIES_AT_COMMIT]))

    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 -- as the interpreter would
        sys.excepthook(*sys.exc_info())
        code = 1
    gc.collect()  # what was not closed complains now
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _die_at_commit(number: int) -> None:
    """A power cut in the instant after the hub's n-th transaction was committed: between two steps of a run."""
    from sqlalchemy.engine.default import DefaultDialect  # noqa: PLC0415 -- loaded by the parent

    commit, left = DefaultDialect.do_commit, [number]

    def and_die(dialect: DefaultDialect, connection: Any) -> None:
        commit(dialect, connection)
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    DefaultDialect.do_commit = and_die  # type: ignore[method-assign]


def _say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _reap(children: set[int]) -> None:
    while children:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if not pid:
            return
        children.discard(pid)
        _say(what="ended", pid=pid, code=os.waitstatus_to_exitcode(status), peak=usage.ru_maxrss * 1024)


@contextmanager
def _deaths() -> Iterator[int]:
    """A pipe that becomes readable when a child has ended."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    yield reader


def serve() -> None:
    """Load everything once, then fork for each order until stdin is closed."""
    for name in ("alembic.command", "connectors.hubspot", "connectors.salesforce", "crosswalk.platform.gates"):
        importlib.import_module(name)
    importlib.import_module("crosswalk.cli.main")
    importlib.import_module("zipcodes").list_all()  # half a second of reading each; no frames before a fork
    importlib.import_module("crosswalk.domain.phones").area_codes()
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    buffer = b""
    with _deaths() as deaths, selectors.DefaultSelector() as ready:
        ready.register(0, selectors.EVENT_READ)
        ready.register(deaths, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fd == deaths:
                    os.read(deaths, 4096)
                    continue
                read = os.read(0, 65536)
                if not read:
                    return
                buffer += read
            *orders, buffer = buffer.split(b"\n")
            for order in orders:
                pid = os.fork()
                if not pid:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    _child(json.loads(order))
                children.add(pid)
                _say(what="born", pid=pid)
            _reap(children)


if __name__ == "__main__":
    serve()
