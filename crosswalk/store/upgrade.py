"""Bringing a hub database to the shape that this code expects."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from crosswalk.errors import ConfigError

HEAD = "0003"
"""The newest migration; a database that has it is used without loading Alembic at all."""
MIGRATIONS = Path(__file__).parent / "migrations"


def revision(tx: Connection) -> str | None:
    """Return the migration that the database is at, None for an empty database."""
    if not inspect(tx).has_table("alembic_version"):
        return None
    found = tx.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def migrate(tx: Connection, to: str = "head") -> None:
    """Run the migrations up to ``to`` in the caller's transaction; one process at a time.

    Raises:
        ConfigError: the database was made by a newer version.
    """
    from alembic import command  # noqa: PLC0415 -- a third of a second that only a changed database needs
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('crosswalk.migrations'))"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = tx
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = revision(tx)
    if found is not None and found not in known:
        raise ConfigError(
            f"the hub database is at revision {found}, which is newer than this version of Crosswalk "
            f"(revision {HEAD}): update Crosswalk, or point it to another database",
            key="CROSSWALK_DATABASE_URL",
        )
    (command.downgrade if to == "base" else command.upgrade)(config, to)
