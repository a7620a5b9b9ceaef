"""The way back: what sales made of a lead, what a source was told, what people decided, which connections rest."""

import sqlalchemy as sa
from alembic import op

from crosswalk.store import kinds
from crosswalk.store.migrations.guards import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEW = ("outcome", "conflict", "intervention", "pause", "known")
WAITING = (
    ("ix_lead_resume", "lead", "resume_on", "resume_on IS NOT NULL"),
    ("ix_quarantine_released", "quarantine", "id", "state = 'released'"),
)
"""What due work asks for at every run."""


def upgrade() -> None:
    """Add the columns and tables."""
    op.add_column("history", sa.Column("event_at", kinds.Instant(), nullable=True))
    op.add_column("lead", sa.Column("merged_into", sa.Text(), nullable=True))
    op.add_column("lead", sa.Column("feedback_due", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index(
        "ix_lead_feedback",
        "lead",
        ["lead_id"],
        unique=False,
        sqlite_where=sa.text("feedback_due = 1"),
        postgresql_where=sa.text("feedback_due"),
    )
    for name, table, column, held in WAITING:
        where = sa.text(held)
        op.create_index(name, table, [column], unique=False, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "outcome",
        sa.Column("outcome_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("recorded_at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outcome_id", name="pk_outcome"),
    )
    for column in ("lead_id", "record_id"):
        op.create_index(f"ix_outcome_{column}", "outcome", [column], unique=False)
    op.create_table(
        "conflict",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("winner", sa.Text(), nullable=False),
        sa.Column("loser", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", kinds.Instant(), nullable=False),
        sa.Column("last_at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "record_id", "field", name="pk_conflict"),
    )
    op.create_index("ix_conflict_lead_id", "conflict", ["lead_id"], unique=False)
    op.create_table(
        "intervention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarantine_id", sa.Integer(), nullable=True),
        sa.Column("payload_id", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("old", sa.LargeBinary(), nullable=True),
        sa.Column("new", sa.LargeBinary(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intervention"),
    )
    for column in ("quarantine_id", "payload_id", "lead_id"):
        op.create_index(f"ix_intervention_{column}", "intervention", [column], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("ended_at", kinds.Instant(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
    )
    op.create_index("ix_pause_connection", "pause", ["connection"], unique=False)
    op.create_table(
        "known",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("fields", kinds.Json(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "record_id", name="pk_known"),
        sqlite_with_rowid=False,
    )
    for statement in guards("intervention", op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Drop them, data included."""
    for name in reversed(NEW):
        op.drop_table(name)
    for name, table, _, _ in WAITING:
        op.drop_index(name, table_name=table)
    op.drop_index("ix_lead_feedback", table_name="lead")
    op.drop_column("lead", "feedback_due")
    op.drop_column("lead", "merged_into")
    op.drop_column("history", "event_at")
