"""A hub's home for a test: mappings and expectations of its own, a database, and the command line that works on it."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from crosswalk.store.tables import metadata
from tests.forks import Ended, Forks, Running

VOLATILE = {
    *("run_id", "created_at", "updated_at", "at", "changed_at", "landed_at", "first_seen_at", "ended_at", "started_at"),
    *("claimed_by", "lease_until", "settled_by", "attempts", "outcome", "id"),
}
"""Columns that two runs with the same result may differ in: who did it when, and in how many attempts."""


class Home:
    """One hub; ``settings`` are the environment variables that its commands get."""

    def __init__(self, folder: Path, forks: Forks, settings: Mapping[str, str], database_url: str = "") -> None:
        self.folder, self.forks = folder, forks
        self.settings = {"CROSSWALK_HOME": str(folder), **settings}
        if database_url:
            self.settings["CROSSWALK_DATABASE_URL"] = database_url
        self.database = database_url or f"sqlite:///{folder}/.crosswalk/hub.db"

    def start(self, *arguments: str) -> Running:
        return self.forks.start(*arguments, environment=self.settings, cwd=self.folder)

    def run(self, *arguments: str) -> Ended:
        """Run a command to its end, whatever that is."""
        return self.start(*arguments).wait()

    def do(self, *arguments: str) -> Any:
        """Run a command that must succeed without a word on stderr; return its JSON document."""
        ended = self.run(*arguments, "--json")
        assert ended.code == 0, f"{arguments}: exit {ended.code}\n{ended.err}"
        assert ended.err == ""
        return ended.document

    def sync(self, *arguments: str) -> dict[str, Any]:
        """Run ``sync``, which must succeed and conserve; return its document."""
        document: dict[str, Any] = self.do("sync", *arguments)
        assert_conserved(document["steps"])
        return document

    def write(self, file: str, old: str, new: str) -> None:
        """Replace the one place where a file of the home says ``old``."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(old) == 1, f"{file} says {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new))

    def rows(self, table: str, *, volatile: bool = False) -> list[dict[str, Any]]:
        """Every row of a table of the hub's database, sorted; times and run ids only if asked for."""
        engine = create_engine(self.database)
        try:
            with engine.connect() as tx:
                found = [dict(row) for row in tx.execute(select(metadata.tables[table])).mappings()]
        finally:
            engine.dispose()
        kept = [{name: row[name] for name in sorted(row) if volatile or name not in VOLATILE} for row in found]
        return sorted(kept, key=lambda row: json.dumps(row, default=str))

    def content(self) -> dict[str, list[dict[str, Any]]]:
        """The whole database, every table and column."""
        return {name: self.rows(name, volatile=True) for name in metadata.tables}

    def files(self) -> dict[str, tuple[int, str]]:
        """Every file under the home: when it was changed, and a digest of what it holds."""
        return {
            str(path.relative_to(self.folder)): (
                path.stat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }

    def cursor(self) -> list[dict[str, Any]]:
        return self.rows("cursor")

    def keep(self, folder: Path) -> None:
        """Put a copy of the hub's own files there."""
        shutil.copytree(self.folder / ".crosswalk", folder)

    def restore(self, folder: Path) -> None:
        """Take the copy in place of what there is."""
        shutil.rmtree(self.folder / ".crosswalk", ignore_errors=True)
        shutil.copytree(folder, self.folder / ".crosswalk")


def assert_conserved(steps: list[dict[str, Any]]) -> None:
    """In = passed + quarantined + held + skipped + rejected, and what a step emits is what its pipe's next takes in."""
    before: dict[str, dict[str, Any]] = {}
    for step in steps:
        outs = sum(step[name] for name in ("passed", "quarantined", "held", "skipped", "rejected"))
        assert step["in"] == outs, step
        if step["pipe"] in before:
            assert step["in"] == before[step["pipe"]]["emitted"], (before[step["pipe"]], step)
        before[step["pipe"]] = step


def strings(database: Path) -> bytes:
    """The bytes of a SQLite file, for a search that trusts no schema."""
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return database.read_bytes()
