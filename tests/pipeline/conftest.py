"""The pipeline in this process, on the real sandbox and a real database of either kind."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from crosswalk.pipeline.sync import Summary, sync
from crosswalk.pipeline.work import Work, open_work
from crosswalk.platform.catalog import Catalog, load_catalog
from crosswalk.platform.settings import CHECKOUT, Settings
from crosswalk.store.hub import Hub
from tests.home import Home, assert_conserved
from tests.pipeline.sales import Sales

NOW = datetime(2026, 11, 16, 15, 0, tzinfo=UTC)


class Pipeline:
    """Runs of one hub, all at the same instant."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.home, self._monkeypatch, self._folder = home, monkeypatch, folder

    def start_anew(self) -> None:
        """Forget all runs."""
        if "postgresql" not in self.home.database:
            shutil.rmtree(self.home.folder / ".crosswalk", ignore_errors=True)
            return
        engine = create_engine(self.home.database)
        with engine.begin() as tx:
            tx.execute(text("DROP SCHEMA public CASCADE"))
            tx.execute(text("CREATE SCHEMA public"))
        engine.dispose()

    @contextmanager
    def work(self, **options: Any) -> Iterator[Work]:
        """Everything for one run, as the command line opens it."""
        with self._monkeypatch.context() as patch:
            patch.chdir(self._folder)  # no .env there
            for name, value in self.home.settings.items():
                patch.setenv(name, value)
            settings = Settings()
        with open_work(settings, lambda: NOW, **options) as work:
            yield work

    def sync(self, **options: Any) -> Summary:
        """One run, which must conserve."""
        with self.work(**options) as work:
            summary = sync(work)
        assert_conserved(summary.steps)
        return summary


@pytest.fixture
def pipeline(troubled: Home, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pipeline:
    """A hub on each dialect, whose vendors are reached through ways."""
    if database_url:
        troubled.settings["CROSSWALK_DATABASE_URL"] = troubled.database = database_url
    return Pipeline(troubled, monkeypatch, tmp_path)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Everything under mappings/."""
    return load_catalog(CHECKOUT)


@pytest.fixture
def sales(database_url: str, catalog: Catalog, tmp_path: Path) -> Iterator[Sales]:
    """A hub whose leads sales has, on each dialect, and a CRM in memory."""
    with closing(Hub.open(database_url or f"sqlite:///{tmp_path}/hub.db")) as hub:
        key = Settings(home=tmp_path, encryption_key="MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
        yield Sales(hub, catalog, key, NOW)
