"""The first hub database.

Insert-only tables are guarded by triggers, so that not even a statement typed by hand rewrites what happened.
"""

import sqlalchemy as sa
from alembic import op

from crosswalk.store import kinds
from crosswalk.store.migrations.guards import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSERT_ONLY = ("payload", "history", "decision", "receipt")
TABLES = (
    "assignment",
    "cursor",
    "decision",
    "finding",
    "history",
    "lead",
    "ledger",
    "link",
    "outbox",
    "payload",
    "person",
    "person_key",
    "quarantine",
    "receipt",
    "run",
    "seen",
    "verdict",
)


def upgrade() -> None:
    """Create the tables and their guards."""
    op.create_table(
        "assignment",
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("territory", sa.Text(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("load_day", sa.Date(), nullable=True),
        sa.Column("trace", kinds.Json(), nullable=True),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("ended_at", kinds.Instant(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "seq", name="pk_assignment"),
    )
    op.create_table(
        "cursor",
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("since", kinds.Instant(), nullable=True),
        sa.Column("until", kinds.Instant(), nullable=True),
        sa.Column("last_id", sa.Text(), nullable=True),
        sa.Column("updated_at", kinds.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "stream", name="pk_cursor"),
    )
    op.create_table(
        "decision",
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("detail", kinds.Json(), nullable=True),
        sa.PrimaryKeyConstraint("lead_id", "run_id", "step", name="pk_decision"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "finding",
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.Text(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payload_hash", "kind", name="pk_finding"),
    )
    op.create_table(
        "history",
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("axis", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", "seq", name="pk_history"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lead",
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("motion", sa.Text(), nullable=False),
        sa.Column("lead_type", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("processing_state", sa.Text(), nullable=True),
        sa.Column("service_line", sa.Text(), nullable=True),
        sa.Column("program_code", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=True),
        sa.Column("timeline", sa.Text(), nullable=True),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("buying_role", sa.Text(), nullable=True),
        sa.Column("partner_id", sa.Text(), nullable=True),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.Column("intent", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("owner_kind", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("territory", sa.Text(), nullable=True),
        sa.Column("route", sa.Text(), nullable=True),
        sa.Column("resume_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("campaign_code", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("payload_id", sa.Text(), nullable=True),
        sa.Column("received_at", kinds.Instant(), nullable=True),
        sa.Column("definitions_version", sa.Text(), nullable=True),
        sa.Column("attributes", kinds.Json(), nullable=True),
        sa.Column("created_at", kinds.Instant(), nullable=False),
        sa.Column("updated_at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("lead_id", name="pk_lead"),
    )
    op.create_index(
        "ix_lead_closed",
        "lead",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("is_open = 0"),
        postgresql_where=sa.text("NOT is_open"),
    )
    op.create_index(
        "uq_lead_open",
        "lead",
        ["person_id", "motion"],
        unique=True,
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "ledger",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("pipe", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("n_in", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("emitted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "pipe", "step", name="pk_ledger"),
    )
    op.create_table(
        "link",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "record_id", name="pk_link"),
    )
    op.create_index("ix_link_lead_id", "link", ["lead_id"], unique=False)
    op.create_index("ix_link_person_id", "link", ["person_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("depends_on", sa.Text(), nullable=True),
        sa.Column("desired", kinds.Json(), nullable=False),
        sa.Column("desired_hash", sa.Text(), nullable=False),
        sa.Column("sent_hash", sa.Text(), nullable=True),
        sa.Column("tried_hash", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("lease_until", kinds.Instant(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("created_at", kinds.Instant(), nullable=False),
        sa.Column("updated_at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("action_id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_lead_id", "outbox", ["lead_id"], unique=False)
    op.create_index(
        "ix_outbox_unchanged",
        "outbox",
        ["settled_by"],
        unique=False,
        sqlite_where=sa.text("outcome = 'unchanged'"),
        postgresql_where=sa.text("outcome = 'unchanged'"),
    )
    op.create_index(
        "ix_outbox_unfinished",
        "outbox",
        ["target", "object", "state", "created_at", "action_id"],
        unique=False,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "payload",
        sa.Column("payload_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("landed_at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("payload_id", name="pk_payload"),
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("credentials", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone_ext", sa.Text(), nullable=True),
        sa.Column("company", sa.Text(), nullable=True),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("zip5", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("npi", sa.Text(), nullable=True),
        sa.Column("specialty", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("is_existing_patient", sa.Boolean(), nullable=True),
        sa.Column("consent_email", sa.Text(), nullable=True),
        sa.Column("consent_phone", sa.Text(), nullable=True),
        sa.Column("consent_sms", sa.Text(), nullable=True),
        sa.Column("created_at", kinds.Instant(), nullable=False),
        sa.Column("updated_at", kinds.Instant(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
    )
    op.create_table(
        "person_key",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", name="pk_person_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_person_key_person_id", "person_key", ["person_id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.Text(), nullable=True),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", kinds.Instant(), nullable=True),
        sa.Column("detail", kinds.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("step", "unit", name="uq_quarantine_step_unit"),
    )
    op.create_index(
        "ix_quarantine_open",
        "quarantine",
        ["reason"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_quarantine_source_stream_external_id", "quarantine", ["source", "stream", "external_id"], unique=False
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("fields", kinds.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_receipt"),
    )
    op.create_index("ix_receipt_action_id", "receipt", ["action_id"], unique=False)
    op.create_index("ix_receipt_run_id", "receipt", ["run_id"], unique=False)
    op.create_table(
        "run",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("started_at", kinds.Instant(), nullable=False),
        sa.Column("finished_at", kinds.Instant(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("definitions_version", sa.Text(), nullable=True),
        sa.Column("dry", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("api_calls", kinds.Json(), nullable=True),
        sa.Column("written", kinds.Json(), nullable=True),
        sa.Column("summary", kinds.Json(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name="pk_run"),
    )
    op.create_index("ix_run_started_at", "run", ["started_at"], unique=False)
    op.create_table(
        "seen",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("payload_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", kinds.Instant(), nullable=False),
        sa.Column("updated_at", kinds.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("source", "stream", "external_id", name="pk_seen"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "verdict",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Text(), nullable=True),
        sa.Column("at", kinds.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "step", "unit", name="pk_verdict"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_verdict_lead_id", "verdict", ["lead_id"], unique=False)
    for name in INSERT_ONLY:
        for statement in guards(name, op.get_bind().dialect.name):
            op.execute(statement)


def downgrade() -> None:
    """Drop everything, data included."""
    for name in reversed(TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
