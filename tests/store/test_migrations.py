"""The migrations make exactly the tables of the code, and can be undone."""

import warnings

import polars as pl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from crosswalk.errors import TerminalError
from crosswalk.store import bulk, tables, upgrade
from crosswalk.store.hub import Hub


def test_an_upgraded_database_equals_the_tables(hub: Hub) -> None:
    with hub.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_partial_indexes_equal_the_tables(hub: Hub) -> None:
    """Autogenerate does not compare what a partial index is restricted to."""
    with hub.read() as tx:
        for table in tables.metadata.tables.values():
            stored = {index["name"]: index for index in inspect(tx).get_indexes(table.name)}
            for index in table.indexes:
                dialect = tx.dialect.name
                declared = index.dialect_options[dialect]["where"]
                found = stored[index.name]["dialect_options"].get(f"{dialect}_where")
                assert (declared is None) == (found is None)
                if declared is not None and dialect == "sqlite":
                    assert str(declared) == str(found)


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    assert ScriptDirectory(str(upgrade.MIGRATIONS)).get_current_head() == upgrade.HEAD


def test_down_and_up_again(hub: Hub) -> None:
    with hub.begin() as tx:
        upgrade.migrate(tx, to="base")
        assert set(inspect(tx).get_table_names()) == {"alembic_version"}
    with hub.begin() as tx:
        upgrade.migrate(tx)
    with hub.begin() as tx:
        upgrade.migrate(tx)  # nothing left to do
        assert upgrade.revision(tx) == upgrade.HEAD
        assert set(inspect(tx).get_table_names()) == {"alembic_version", *tables.metadata.tables}


def test_a_failed_migration_leaves_nothing(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(tx, to="head"):
        upgrade.migrate(tx, to)
        raise KeyboardInterrupt

    monkeypatch.setattr("crosswalk.store.hub.migrate", broken)
    with pytest.raises(KeyboardInterrupt):
        Hub.open(f"sqlite:///{tmp_path}/hub.db")
    monkeypatch.undo()
    hub = Hub.open(f"sqlite:///{tmp_path}/hub.db")
    with hub.read() as tx:
        assert upgrade.revision(tx) == upgrade.HEAD
    hub.close()


ROWS = {
    "payload": {"payload_id": "p", "source": "s", "stream": "t", "external_id": "e", "hash": "h", "body": b"b"},
    "history": {"lead_id": "l", "seq": 1, "axis": "status"},
    "decision": {"lead_id": "l", "step": "route"},
    "receipt": {"action_id": "a", "outcome": "created"},
    "intervention": {"action": "discard", "actor": "a"},
}
MARK = {"intervention": "why"}
"""The column that the statements try to change, where it is not the run."""


@pytest.mark.parametrize("name", tables.INSERT_ONLY)
@pytest.mark.parametrize(
    "statement", ["UPDATE {0} SET {2} = 'other'", "DELETE FROM {0}", "{1}"], ids=["update", "delete", "replace"]
)
def test_what_happened_cannot_be_rewritten(hub: Hub, now, name: str, statement: str) -> None:
    table = tables.metadata.tables[name]
    when = "landed_at" if name == "payload" else "at"
    mark = MARK.get(name, "run_id")
    row = pl.DataFrame([{**ROWS[name], mark: "r"}]).with_columns(bulk.instant(now).alias(when))
    with hub.begin() as tx:
        bulk.append(tx, table, row)
        sqlite = tx.dialect.name == "sqlite"
    sneaky = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}" if sqlite else "TRUNCATE {0}"
    with pytest.raises(TerminalError, match=f"{name} is insert-only"), hub.begin() as tx:
        tx.execute(text(statement.format(name, sneaky.format(name), mark)))
    with hub.read() as tx:
        assert tx.scalar(text(f"SELECT {mark} FROM {name}")) == "r"


def test_no_warning_is_hidden() -> None:
    """A migration runs without a warning (warnings are errors here)."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ScriptDirectory(str(upgrade.MIGRATIONS)).get_bases() == ["0001"]
