"""A hub whose leads sales has, and a CRM in memory that tells what sales does with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import func, select

from crosswalk.domain.planning import Record
from crosswalk.pipeline.back import return_outcomes
from crosswalk.pipeline.running import Summary
from crosswalk.pipeline.work import Work, code_lists
from crosswalk.platform.catalog import Catalog
from crosswalk.platform.settings import Settings
from crosswalk.platform.suites import load_suites
from crosswalk.ports import Connector, Page
from crosswalk.store import leads, links
from crosswalk.store import outcomes as outcome_store
from crosswalk.store.hub import Hub
from crosswalk.store.tables import metadata, outcome
from crosswalk.testing.memory import MemorySource, MemoryTarget, Row
from tests.home import assert_conserved

VOLATILE = {
    "run_id",
    "recorded_at",
    "updated_at",
    "at",
    "event_at",
    "seq",
    "landed_at",
    "first_seen_at",
    "ended_at",
    "id",
}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OWNER, COLLEAGUE = "intake01", "intake02"
USERS = {
    f"{OWNER}@lakeshore.example.org": "005000000000001AAA",
    f"{COLLEAGUE}@lakeshore.example.org": "005000000000002AAA",
}
MINE, THEIRS = USERS.values()


class Census:
    """Who may own records in the CRM."""

    def users(self) -> Mapping[str, str]:
        return USERS


class SkewedSource(MemorySource):
    """A CRM whose clock is not ours."""

    vendor_now: datetime | None = None

    def pull(self, stream: str, since: Any) -> Any:
        for page in super().pull(stream, since):
            yield Page(page.frame, page.cursor, page.expected, self.vendor_now)


@dataclass
class Sales:
    """``now`` is the hub's time, and the CRM's as well unless that has its own."""

    hub: Hub
    catalog: Catalog
    settings: Settings
    now: datetime
    page_rows: int = 200
    crm: SkewedSource = field(init=False)
    marketing: MemoryTarget = field(default_factory=MemoryTarget)

    def __post_init__(self) -> None:
        self.crm = SkewedSource(self.catalog.properties("salesforce"), page_rows=self.page_rows)

    # ---------------------------------------------------------------------------------------------------- before

    def lead(self, number: int = 1, *, status: str = "assigned", person: int | None = None, **others: Any) -> str:
        """A lead that was handed to sales an hour ago, with its record in the CRM; return its id."""
        lead = f"lead-{number}"
        row = {
            "lead_id": lead,
            "person_id": f"person-{person or number}",
            "motion": "patient",
            "status": status,
            "lead_type": "patient_inquiry",
            "stage": "consideration",
            "processing_state": "accepted",
            "owner_id": OWNER,
            "owner_kind": "person",
            "is_open": True,
            "feedback_due": False,
            "source": "hubspot",
            "stream": "contacts",
            "external_id": f"{number}",
            **others,
        }
        at = self.now - HOUR
        move = {"lead_id": lead, "axis": "status", "old": None, "new": status, "actor": "hub", "version": "1"}
        blank = pl.lit(None, pl.String)
        given = {name: row[name] for name in ("lead_id", "owner_id", "owner_kind")}
        with self.hub.begin() as tx:
            leads.upsert(tx, pl.DataFrame([row]), "before", at)
            history = pl.DataFrame([move], schema_overrides={"old": pl.String})
            leads.append_history(tx, history.with_columns(rule=blank, reason=blank), "before", at)
            others_none = dict.fromkeys(("rule_id", "territory", "route", "trace"), blank)
            frame = pl.DataFrame([given]).with_columns(load_day=pl.lit(None, pl.Date), **others_none)
            leads.assign(tx, frame, "before", at)
            for name, record in (("Lead", record_of(number)), ("Task", task_of(number))):
                link = {"system": "salesforce", "object": name, "record_id": record, "lead_id": lead}
                link |= {"person_id": row["person_id"], "state": "linked", "via": "delivery"}
                links.put(tx, pl.DataFrame([link]), at)
        self.marketing.put(Record("contacts", f"{number}", None, {}))
        return lead

    # ------------------------------------------------------------------------------------------------- what they do

    def says(self, stream: str, record: str, after: timedelta = timedelta(0), **values: str | None) -> None:
        """A record as it is now, changed so long after now, by the vendor's clock."""
        at = (self.crm.vendor_now or self.now) + after
        self.crm.put(stream, Row(record, at, values))

    def lead_row(self, number: int = 1, after: timedelta = timedelta(0), **values: str | None) -> None:
        """The CRM's lead; what is not said is as the hub made it."""
        own = {"Crosswalk_Id__c": f"lead-{number}", "OwnerId": MINE, "Status": "Open - Not Contacted"}
        flags = {"IsConverted": "false", "IsDeleted": "false"}
        self.says("leads", record_of(number), after, **{**own, **flags, **values})

    def task(self, record: str, number: int = 1, after: timedelta = timedelta(0), **values: str | None) -> None:
        """An activity on the CRM's lead."""
        at = (self.crm.vendor_now or self.now) + after
        own = {
            "WhoId": record_of(number),
            "IsClosed": "true",
            "CompletedDateTime": at.isoformat(),
            "IsDeleted": "false",
        }
        self.says("tasks", record, after, **{**own, **values})

    def convert(self, number: int = 1) -> None:
        """Make a contact, an account and an opportunity of the CRM's lead."""
        made = {"Contact": "003", "Account": "001", "Opportunity": "006"}
        refs = {f"Converted{name}Id": f"{prefix}-{number}" for name, prefix in made.items()}
        self.lead_row(number, Status="Closed - Converted", IsConverted="true", **refs)

    def meeting(self, record: str, number: int = 1, *, starts: datetime, outcome: str | None, **values: str) -> None:
        """An event in the calendar of the CRM."""
        own = {"WhoId": record_of(number), "StartDateTime": starts.isoformat(), "Crosswalk_Meeting_Outcome__c": outcome}
        self.says("events", record, **{**own, "IsDeleted": "false", **values})

    # ---------------------------------------------------------------------------------------------------- the hub

    def work(self, **options: Any) -> Work:
        """Everything for one run."""
        connectors = {
            "salesforce": Connector("salesforce", source=self.crm, census=Census(), calls=self.crm.calls),  # type: ignore[arg-type]  # only users are asked for
            "hubspot": Connector("hubspot", target=self.marketing, calls=self.marketing.calls),
        }
        suites = load_suites(self.catalog.home / "expectations", code_lists(self.catalog))
        return Work(self.settings, self.catalog, suites, self.hub, connectors, self.tick, **options)

    def tick(self) -> datetime:
        return self.now

    def back(self, after: timedelta = HOUR, **options: Any) -> Summary:
        """Let time pass, and run the way back; it must conserve."""
        self.now += after
        if self.crm.vendor_now:
            self.crm.vendor_now += after
        summary = return_outcomes(self.work(**options))
        assert_conserved(summary.steps)
        return summary

    def stands(self, number: int = 1) -> dict[str, Any]:
        """A lead as the hub has it."""
        with self.hub.read() as tx:
            return leads.get(tx, pl.Series([f"lead-{number}"])).row(0, named=True)

    def story(self, number: int = 1) -> list[str]:
        """The statuses that a lead has gone through."""
        with self.hub.read() as tx:
            return [one["new"] for one in leads.history(tx, f"lead-{number}") if one["axis"] == "status"]

    def outcomes(self, *record: str) -> list[tuple[str, str, str]]:
        """Kind, code and result of everything that these records said, in the order in which it was learned."""
        query = select(outcome.c.kind, outcome.c.code, outcome.c.result)
        with self.hub.read() as tx:
            found = tx.execute(query.where(outcome.c.record_id.in_(record)).order_by(outcome.c.recorded_at)).all()
        return [tuple(one) for one in found]

    def meetings(self) -> pl.DataFrame:
        with self.hub.read() as tx:
            return outcome_store.meetings(tx)


def record_of(number: int) -> str:
    """The id of the CRM's record of a lead."""
    return f"00Q{number:012}AAA"


def task_of(number: int) -> str:
    """The id of the task that the hub made for it."""
    return f"00T{number:012}AAA"


def rows(hub: Hub, *names: str) -> dict[str, list[dict[str, Any]]]:
    """Tables of the hub, but for who wrote what when."""
    found = {}
    with hub.read() as tx:
        for name in names:
            table = metadata.tables[name]
            kept = [column for column in table.c if column.name not in VOLATILE]
            found[name] = sorted((dict(row) for row in tx.execute(select(*kept)).mappings()), key=str)
    return found


def count(hub: Hub, name: str) -> int:
    with hub.read() as tx:
        return tx.scalar(select(func.count()).select_from(metadata.tables[name])) or 0
