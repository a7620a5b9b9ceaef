"""The hub database, as SQLAlchemy Core tables; the migrations make exactly these.

Instants are microseconds since 1970 on SQLite and ``timestamptz`` on PostgreSQL, always aware UTC in Python.
JSON is text, written by orjson, so that both dialects keep the very same bytes.

There are no foreign keys: they would cost a quarter of a run's writing, and ``integrity.orphans`` finds in a second
what they would have refused.
"""

from datetime import datetime

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

from crosswalk.store.kinds import Instant, Json

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


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _texts(*names: str, nullable: bool = True) -> list[Column[str]]:
    return [Column(name, Text, nullable=nullable) for name in names]


def _instants(*names: str, nullable: bool = False) -> list[Column[datetime]]:
    return [Column(name, Instant, nullable=nullable) for name in names]


def _counts(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False) for name in names]


# how it ran

run = Table(
    "run",
    metadata,
    _key("run_id"),
    *_texts("flow", nullable=False),
    *_texts("source"),
    *_instants("started_at"),
    *_instants("finished_at", nullable=True),
    *_texts("state", nullable=False),
    *_texts("definitions_version"),
    Column("dry", Boolean, nullable=False),
    Column("seconds", Float),
    *(Column(name, Json) for name in ("api_calls", "written", "summary")),
    *_texts("error_code"),
    Index(None, "started_at"),
)

ledger = Table(
    "ledger",
    metadata,
    _key("run_id"),
    _key("pipe"),
    _key("step"),
    Column("seq", Integer, nullable=False),
    *_texts("unit", nullable=False),
    *_counts("n_in", "passed", "quarantined", "held", "skipped", "rejected", "emitted"),
)

verdict = Table(
    "verdict",
    metadata,
    _key("run_id"),
    _key("step"),
    _key("unit"),
    *_texts("result", "reason", nullable=False),
    *_texts("lead_id"),
    *_instants("at"),
    Index(None, "lead_id"),
    sqlite_with_rowid=False,
)

cursor = Table(
    "cursor",
    metadata,
    _key("connection"),
    _key("stream"),
    *_instants("since", "until", nullable=True),
    *_texts("last_id"),
    *_instants("updated_at"),
)

# what came in

payload = Table(
    "payload",
    metadata,
    _key("payload_id"),
    *_texts("source", "stream", "external_id", "hash", nullable=False),
    Column("body", LargeBinary, nullable=False),
    *_instants("landed_at"),
    *_texts("run_id", nullable=False),
)

seen = Table(
    "seen",
    metadata,
    _key("source"),
    _key("stream"),
    _key("external_id"),
    *_texts("hash", "payload_id", nullable=False),
    *_instants("first_seen_at", "updated_at"),
    sqlite_with_rowid=False,
)

finding = Table(
    "finding",
    metadata,
    _key("payload_hash"),
    _key("kind"),
    *_texts("payload_id", nullable=False),
    *_instants("at"),
    *_texts("run_id", nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("step", "reason", nullable=False),
    *_texts("source", "stream", "external_id"),
    *_texts("unit", nullable=False),
    *_texts("payload_id", "lead_id"),
    *_texts("run_id", nullable=False),
    *_instants("at"),
    *_texts("state", nullable=False),
    *_instants("changed_at", nullable=True),
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
    _key("person_id"),
    *_texts("first_name", "last_name", "credentials", "email", "email_key", "phone", "phone_ext"),
    *_texts("company", "job_title", "street", "city", "state", "zip5", "country", "npi", "specialty", "audience"),
    Column("is_existing_patient", Boolean),
    *_texts("consent_email", "consent_phone", "consent_sms"),
    *_instants("created_at", "updated_at"),
    *_texts("run_id", nullable=False),
)

person_key = Table(
    "person_key",
    metadata,
    _key("kind"),
    _key("value"),
    Column("person_id", Text, nullable=False, index=True),
    sqlite_with_rowid=False,
)

lead = Table(
    "lead",
    metadata,
    _key("lead_id"),
    *_texts("person_id", "motion", nullable=False),
    *_texts("lead_type", "status", "stage", "processing_state", "service_line", "program_code", "location"),
    *_texts("urgency", "timeline", "payer", "buying_role", "partner_id"),
    Column("fit", Integer),
    Column("intent", Integer),
    *_texts("owner_id", "owner_kind", "rule_id", "territory", "route"),
    Column("resume_on", Date),
    *_texts("reason", "campaign_code", "channel", "source", "stream", "external_id", "payload_id"),
    *_instants("received_at", nullable=True),
    *_texts("definitions_version"),
    Column("attributes", Json),
    *_instants("created_at", "updated_at"),
    *_texts("run_id", nullable=False),
    Column("is_open", Boolean, nullable=False),
    *_texts("merged_into"),
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
    _key("lead_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *_texts("axis", nullable=False),
    *_texts("old", "new"),
    *_instants("at"),
    *_texts("actor", "rule", "reason", "version"),
    *_texts("run_id", nullable=False),
    *_instants("event_at", nullable=True),
    sqlite_with_rowid=False,
)

decision = Table(
    "decision",
    metadata,
    _key("lead_id"),
    _key("run_id"),
    _key("step"),
    *_instants("at"),
    *_texts("rule", "version", "result"),
    Column("detail", Json),
    sqlite_with_rowid=False,
)

assignment = Table(
    "assignment",
    metadata,
    _key("lead_id"),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    *_texts("owner_id", nullable=False),
    *_texts("owner_kind", "rule_id", "territory", "route"),
    Column("load_day", Date),
    Column("trace", Json),
    *_instants("at"),
    *_instants("ended_at", nullable=True),
    *_texts("end_reason"),
    *_texts("run_id", nullable=False),
)

# what sales made of it

outcome = Table(
    "outcome",
    metadata,
    _key("outcome_id"),
    *_texts("lead_id", nullable=False),
    *_texts("person_id"),
    *_texts("kind", nullable=False),
    *_texts("code"),
    *_instants("at"),
    *_texts("by", "system", "object", "record_id", "reason"),
    *_texts("result", nullable=False),
    *_texts("payload_id", "version"),
    *_instants("recorded_at"),
    *_texts("run_id", nullable=False),
    Index(None, "lead_id"),
    Index(None, "record_id"),
)

conflict = Table(
    "conflict",
    metadata,
    _key("system"),
    _key("object"),
    _key("record_id"),
    _key("field"),
    Column("lead_id", Text, index=True),
    *_texts("winner", "loser", nullable=False),
    *_counts("times"),
    *_instants("first_at", "last_at"),
    *_texts("run_id", nullable=False),
)

# what people decide about it

intervention = Table(
    "intervention",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("quarantine_id", Integer, index=True),
    Column("payload_id", Text, index=True),
    Column("lead_id", Text, index=True),
    *_texts("action", nullable=False),
    *_texts("step", "reason", "field"),
    Column("old", LargeBinary),
    Column("new", LargeBinary),
    *_texts("actor", "why", nullable=False),
    *_instants("at"),
)

pause = Table(
    "pause",
    metadata,
    Column("id", Integer, primary_key=True),
    *_texts("connection", "actor", nullable=False),
    *_texts("why"),
    *_instants("at"),
    *_instants("ended_at", nullable=True),
    *_texts("ended_by"),
    Index(None, "connection"),
)

# what goes out

known = Table(
    "known",
    metadata,
    _key("system"),
    _key("object"),
    _key("record_id"),
    Column("fields", Json, nullable=False),
    *_instants("at"),
    *_texts("run_id", nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _key("action_id"),
    *_texts("target", "object", "external_id", nullable=False),
    Column("lead_id", Text, index=True),
    *_texts("depends_on"),
    Column("desired", Json, nullable=False),
    *_texts("desired_hash", nullable=False),
    *_texts("sent_hash", "tried_hash"),
    *_texts("state", nullable=False),
    *_texts("reason"),
    *_counts("attempts"),
    *_texts("claimed_by"),
    *_instants("lease_until", nullable=True),
    *_texts("record_id", "outcome", "settled_by"),
    *_instants("created_at", "updated_at"),
    *_texts("run_id", nullable=False),
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
    *_texts("action_id", "run_id", nullable=False),
    *_instants("at"),
    *_texts("outcome", nullable=False),
    *_texts("record_id", "code"),
    Column("fields", Json),
    Index(None, "run_id"),
    Index(None, "action_id"),
)

link = Table(
    "link",
    metadata,
    _key("system"),
    _key("object"),
    _key("record_id"),
    Column("person_id", Text, index=True),
    Column("lead_id", Text, index=True),
    *_texts("state", nullable=False),
    *_texts("via"),
    *_instants("at"),
)
