"""What holds for every test: nothing leaves this machine, nothing of this shell's settings leaks in, and no luck."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.road"]
HERE = Path(__file__).parent
OFFLINE = HERE / "offline"
QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "60",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}

for _name in [name for name in os.environ if name.startswith("CROSSWALK_")]:
    del os.environ[_name]  # the shell of who runs the tests may point to a real organisation
os.environ.update(QUIET)
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(OFFLINE), *(part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part != str(OFFLINE))]
).rstrip(os.pathsep)
if str(OFFLINE) not in sys.path:
    sys.path.insert(0, str(OFFLINE))
sys.modules.pop("sitecustomize", None)
import sitecustomize  # noqa: E402, F401 -- installs the guard in this process; PYTHONPATH does so in those it starts

# The same examples at every run; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile(
    "same", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("same"), derandomize=False, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


WHOLE = ("e2e", "faults", "flows", "pipeline")
"""Folders whose tests start the hub as a whole; they and everything on a database server are slow by their nature."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by its nature, so that nobody has to remember it for each test."""
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in WHOLE or "postgres" in item.nodeid.lower():
            item.add_marker(pytest.mark.slow)


def pytest_configure() -> None:
    """Give each worker a file of its own for refused connections."""
    handle, path = tempfile.mkstemp(prefix="crosswalk-network-")
    os.close(handle)
    os.environ["NETWORK_LOG"] = path


def pytest_unconfigure() -> None:
    """Remove the file again."""
    Path(os.environ.pop("NETWORK_LOG")).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fail the test in which something, here or in a process it started, tried to reach another machine."""
    yield
    log = Path(os.environ["NETWORK_LOG"])
    if log.stat().st_size:
        attempts = log.read_text()
        log.write_text("")
        pytest.fail(f"connections to the outside were tried:\n{attempts}")
