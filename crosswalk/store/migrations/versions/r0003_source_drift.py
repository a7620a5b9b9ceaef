"""Source drift: what each stream has been seen to have."""

import sqlalchemy as sa
from alembic import op

from crosswalk.store import kinds

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "stream_property",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("property", sa.Text(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("given_up_at", kinds.Instant(), nullable=True),
        sa.Column("given_up_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "stream", "property", name="pk_stream_property"),
    )


def downgrade() -> None:
    """Drop it, data included."""
    op.drop_table("stream_property")
