"""What foreign keys would have refused, found by asking."""

from sqlalchemy import Connection, func, select

from crosswalk.store import tables

REFERENCES = (
    (tables.person_key.c.person_id, tables.person.c.person_id),
    (tables.lead.c.person_id, tables.person.c.person_id),
    (tables.lead.c.payload_id, tables.payload.c.payload_id),
    (tables.seen.c.payload_id, tables.payload.c.payload_id),
    (tables.finding.c.payload_id, tables.payload.c.payload_id),
    (tables.history.c.lead_id, tables.lead.c.lead_id),
    (tables.assignment.c.lead_id, tables.lead.c.lead_id),
    (tables.receipt.c.action_id, tables.outbox.c.action_id),
)


def orphans(tx: Connection) -> dict[str, int]:
    """Return {"table.column": number of rows that refer to a row that is not there}; empty if all is well."""
    found: dict[str, int] = {}
    for column, target in REFERENCES:
        missing = ~select(target).where(target == column).correlate(column.table).exists()
        number = tx.scalar(select(func.count()).select_from(column.table).where(column.is_not(None), missing))
        if number:
            found[f"{column.table.name}.{column.name}"] = number
    return found
