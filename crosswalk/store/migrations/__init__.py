"""Alembic migrations of the hub database; they are run by ``crosswalk.store.upgrade``, in order, in one transaction."""
