"""The hub database, as SQLAlchemy Core tables; the migrations make exactly these.

Instants are microseconds since 1970 on SQLite and ``timestamptz`` on PostgreSQL, always aware UTC in Python.
JSON is text, written by orjson, so that both dialects keep the very same bytes.

There are no foreign keys: they would cost a quarter of a run's writing, and ``integrity.orphans`` finds in a second
what they would have refused.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from crosswalk.store.kinds import Json, counts, instants, key, texts

INSERT_ONLY = ("payload", "history", "decision", "receipt", "intervention")
"""Tables whose rows are never changed or deleted; triggers refuse it."""
UNFINISHED, RESUMES = "state <> 'done'", "resume_on IS NOT NULL"
OPEN, RELEASED = "state = 'open'", "state = 'released'"
DUE, DUE_SQLITE = "feedback_due", "feedback_due = 1"
"""What the indexes of outbox, quarantine and lead hold; a query must say it in these words for SQLite to use them."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# how it ran

run = Table(
    "run",
    metadata,
    key("run_id"),
    *texts("flow", nullable=False),
    *texts("source"),
    *instants("started_at"),
    *instants("finished_at", nullable=True),
    *texts("state", nullable=False),
    *texts("definitions_version"),
    Column("dry", Boolean, nullable=False),
    Column("seconds", Float),
    *(Column(name, Json) for name in ("api_calls", "written", "summary")),
    *texts("error_code"),
    Index(None, "started_at"),
)

ledger = Table(
    "ledger",
    metadata,
    key("run_id"),
    key("pipe"),
    key("step"),
    Column("seq", Integer, nullable=False),
    *texts("unit", nullable=False),
    *counts("n_in", "passed", "quarantined", "held", "skipped", "rejected", "emitted"),
)

verdict = Table(
    "verdict",
    metadata,
    key("run_id"),
    key("step"),
    key("unit"),
    *texts("result", "reason", nullable=False),
    *texts("lead_id"),
    *instants("at"),
    Index(None, "lead_id"),
    sqlite_with_rowid=False,
)

cursor = Table(
    "cursor",
    metadata,
    key("connection"),
    key("stream"),
    *instants("since", "until", nullable=True),
    *texts("last_id"),
    *instants("updated_at"),
)

stream_property = Table(
    "stream_property",
    metadata,
    key("connection"),
    key("stream"),
    key("property"),
    *instants("at"),
    *texts("run_id", nullable=False),
    *instants("given_up_at", nullable=True),
    *texts("given_up_by"),
)

# what came in

payload = Table(
    "payload",
    metadata,
    key("payload_id"),
    *texts("source", "stream", "external_id", "hash", nullable=False),
    Column("body", LargeBinary, nullable=False),
    *instants("landed_at"),
    *texts("run_id", nullable=False),
)

seen = Table(
    "seen",
    metadata,
    key("source"),
    key("stream"),
    key("external_id"),
    *texts("hash", "payload_id", nullable=False),
    *instants("first_seen_at", "updated_at"),
    sqlite_with_rowid=False,
)

finding = Table(
    "finding",
    metadata,
    key("payload_hash"),
    key("kind"),
    *texts("payload_id", nullable=False),
    *instants("at"),
    *texts("run_id", nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    *texts("step", "reason", nullable=False),
    *texts("source", "stream", "external_id"),
    *texts("unit", nullable=False),
    *texts("payload_id", "lead_id"),
    *texts("run_id", nullable=False),
    *instants("at"),
    *texts("state", nullable=False),
    *instants("changed_at", nullable=True),
    Column("detail", Json),
    UniqueConstraint("step", "unit"),
    Index("ix_quarantine_open", "reason", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_quarantine_released", "id", sqlite_where=text(RELEASED), postgresql_where=text(RELEASED)),
    Index(None, "source", "stream", "external_id"),
)

# who and what it is about

person = Table(
    "person",
    metadata,
    key("person_id"),
    *texts("first_name", "last_name", "credentials", "email", "email_key", "phone", "phone_ext"),
    *texts("company", "job_title", "street", "city", "state", "zip5", "country", "npi", "specialty", "audience"),
    Column("is_existing_patient", Boolean),
    *texts("consent_email", "consent_phone", "consent_sms"),
    *instants("created_at", "updated_at"),
    *texts("run_id", nullable=False),
)

person_key = Table(
    "person_key",
    metadata,
    key("kind"),
    key("value"),
    Column("person_id", Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)

lead = Table(
    "lead",
    metadata,
    key("lead_id"),
    *texts("person_id", "motion", nullable=False),
    *texts("lead_type", "status", "stage", "processing_state", "service_line", "program_code", "location"),
    *texts("urgency", "timeline", "payer", "buying_role", "partner_id"),
    Column("fit", Integer),
    Column("intent", Integer),
    *texts("owner_id", "owner_kind", "rule_id", "territory", "route"),
    Column("resume_on", Date),
    *texts("reason", "campaign_code", "channel", "source", "stream", "external_id", "payload_id"),
    *instants("received_at", nullable=True),
    *texts("definitions_version"),
    Column("attributes", Json),
    *instants("created_at", "updated_at"),
    *texts("run_id", nullable=False),
    Column("is_open", Boolean, nullable=False),
    *texts("merged_into"),
    Column("feedback_due", Boolean, nullable=False, server_default=true()),
    Index("ix_lead_resume", "resume_on", sqlite_where=text(RESUMES), postgresql_where=text(RESUMES)),
    Index("ix_lead_feedback", "lead_id", sqlite_where=text(DUE_SQLITE), postgresql_where=text(DUE)),
    Index(
        "uq_lead_open",
        "person_id",
        "motion",
        unique=True,
        sqlite_where=text("is_open = 1"),
        postgresql_where=text("is_open"),
    ),
    Index("ix_lead_closed", "person_id", sqlite_where=text("is_open = 0"), postgresql_where=text("NOT is_open")),
)

# why it is where it is

history = Table(
    "history",
    metadata,
    key("lead_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *texts("axis", nullable=False),
    *texts("old", "new"),
    *instants("at"),
    *texts("actor", "rule", "reason", "version"),
    *texts("run_id", nullable=False),
    *instants("event_at", nullable=True),
    sqlite_with_rowid=False,
)

decision = Table(
    "decision",
    metadata,
    key("lead_id"),
    key("run_id"),
    key("step"),
    *instants("at"),
    *texts("rule", "version", "result"),
    Column("detail", Json),
    sqlite_with_rowid=False,
)

assignment = Table(
    "assignment",
    metadata,
    key("lead_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *texts("owner_id", nullable=False),
    *texts("owner_kind", "rule_id", "territory", "route"),
    Column("load_day", Date),
    Column("trace", Json),
    *instants("at"),
    *instants("ended_at", nullable=True),
    *texts("end_reason"),
    *texts("run_id", nullable=False),
)

# what sales made of it

outcome = Table(
    "outcome",
    metadata,
    key("outcome_id"),
    *texts("lead_id", nullable=False),
    *texts("person_id"),
    *texts("kind", nullable=False),
    *texts("code"),
    *instants("at"),
    *texts("by", "system", "object", "record_id", "reason"),
    *texts("result", nullable=False),
    *texts("payload_id", "version"),
    *instants("recorded_at"),
    *texts("run_id", nullable=False),
    Index(None, "lead_id"),
    Index(None, "record_id"),
)

conflict = Table(
    "conflict",
    metadata,
    key("system"),
    key("object"),
    key("record_id"),
    key("field"),
    Column("lead_id", Text, index=True),
    *texts("winner", "loser", nullable=False),
    *counts("times"),
    *instants("first_at", "last_at"),
    *texts("run_id", nullable=False),
)

# what people decide about it

intervention = Table(
    "intervention",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quarantine_id", Integer, index=True),
    Column("payload_id", Text, index=True),
    Column("lead_id", Text, index=True),
    *texts("action", nullable=False),
    *texts("step", "reason", "field"),
    Column("old", LargeBinary),
    Column("new", LargeBinary),
    *texts("actor", "why", nullable=False),
    *instants("at"),
)

pause = Table(
    "pause",
    metadata,
    Column("id", Integer, primary_key=True),
    *texts("connection", "actor", nullable=False),
    *texts("why"),
    *instants("at"),
    *instants("ended_at", nullable=True),
    *texts("ended_by"),
    Index(None, "connection"),
)

# what goes out

known = Table(
    "known",
    metadata,
    key("system"),
    key("object"),
    key("record_id"),
    Column("fields", Json, nullable=False),
    *instants("at"),
    *texts("run_id", nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    key("action_id"),
    *texts("target", "object", "external_id", nullable=False),
    Column("lead_id", Text, index=True),
    *texts("depends_on"),
    Column("desired", Json, nullable=False),
    *texts("desired_hash", nullable=False),
    *texts("sent_hash", "tried_hash"),
    *texts("state", nullable=False),
    *texts("reason"),
    *counts("attempts"),
    *texts("claimed_by"),
    *instants("lease_until", nullable=True),
    *texts("record_id", "outcome", "settled_by"),
    *instants("created_at", "updated_at"),
    *texts("run_id", nullable=False),
    Index(
        "ix_outbox_unfinished",
        *("target", "object", "state", "created_at", "action_id"),
        sqlite_where=text(UNFINISHED),
        postgresql_where=text(UNFINISHED),
    ),
    Index(
        "ix_outbox_unchanged",  # the others have receipts
        "settled_by",
        sqlite_where=text("outcome = 'unchanged'"),
        postgresql_where=text("outcome = 'unchanged'"),
    ),
)

receipt = Table(
    "receipt",
    metadata,
    Column("id", Integer, primary_key=True),
    *texts("action_id", "run_id", nullable=False),
    *instants("at"),
    *texts("outcome", nullable=False),
    *texts("record_id", "code"),
    Column("fields", Json),
    Index(None, "run_id"),
    Index(None, "action_id"),
)

link = Table(
    "link",
    metadata,
    key("system"),
    key("object"),
    key("record_id"),
    Column("person_id", Text, index=True),
    Column("lead_id", Text, index=True),
    *texts("state", nullable=False),
    *texts("via"),
    *instants("at"),
)
