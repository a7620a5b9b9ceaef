"""What Alembic runs: migrate over the connection that was handed in, in its transaction."""

from alembic import context

from crosswalk.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
