"""The sandbox's Salesforce org, as the connector sees it through a way on which tests cause trouble."""

import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import requests
from pydantic import SecretStr

from connectors.salesforce.admin import SalesforceAdmin
from connectors.salesforce.bulk import BulkIngest
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.source import SalesforceSource
from connectors.salesforce.target import SalesforceTarget
from crosswalk.domain.connections import Stream
from crosswalk.domain.planning import Change, Create, Update, Value
from crosswalk.ports import FieldSpec
from tests.way import Way

LEADS = Stream("Lead", "SystemModstamp", filter="Crosswalk_Id__c != null")
LEAD_PROPERTIES = ("Crosswalk_Id__c", "LastName", "Status", "IsConverted", "IsDeleted", "MasterRecordId")
EXTERNAL_ID_FIELDS = [
    FieldSpec(table, "Crosswalk_Id__c", "text", "Crosswalk Id", 64, external_id=True)
    for table in ("Lead", "Contact", "Task")
]


class Org:
    """The sandbox's org: loaded empty, seen through the way, asked directly about what it holds."""

    def __init__(self, sandbox: Mapping[str, Any], way: Way) -> None:
        self.sandbox, self.way = sandbox["salesforce"], way
        self.waited: list[float] = []
        self.numbers = itertools.count(1)
        self.direct = requests.Session()
        self.direct.trust_env = False

    def control(self, path: str, body: Mapping[str, Any]) -> None:
        self.direct.post(f"{self.sandbox['url']}/_sandbox/{path}", json=body, timeout=30).raise_for_status()

    def wait(self, seconds: float) -> None:
        """Note a wait, and sleep a moment of it: the sandbox's jobs take real time."""
        self.waited.append(seconds)
        time.sleep(min(seconds, 0.02))

    def session(self, url: str = "", **options: Any) -> SalesforceSession:
        """A session of its own, as a new process would have it."""
        options = {"sleep": self.wait, "timeout": 10.0, **options}
        return SalesforceSession(
            url or self.way.url, self.sandbox["client_id"], SecretStr(self.sandbox["client_secret"]), **options
        )

    def target(
        self, *, bulk_threshold: int = 2000, timeout: float = 600.0, part_bytes: int = 64_000_000
    ) -> SalesforceTarget:
        session = self.session()
        bulk = BulkIngest(session, timeout=timeout, part_bytes=part_bytes)
        return SalesforceTarget(session, bulk_threshold=bulk_threshold, bulk=bulk)

    def source(
        self,
        stream: Stream = LEADS,
        properties: Sequence[str] = LEAD_PROPERTIES,
        session: SalesforceSession | None = None,
    ) -> SalesforceSource:
        """A source of one stream, called ``rows``, as a new process would have it."""
        return SalesforceSource(session or self.session(), {"rows": stream}, {"rows": properties})

    def set_up(self, specs: Sequence[FieldSpec] = EXTERNAL_ID_FIELDS) -> None:
        SalesforceAdmin(self.session()).create(specs)
        self.forget()

    def forget(self) -> None:
        """Forget what was asked so far."""
        self.way.asked.clear()
        self.waited.clear()

    def records(self, table: str) -> list[dict[str, Any]]:
        """Everything that the org holds, deleted records too."""
        answer = self.direct.get(f"{self.sandbox['url']}/_sandbox/dump", params={"system": "salesforce"}, timeout=30)
        found: list[dict[str, Any]] = answer.json()["salesforce"].get(table, [])
        return found

    def by_external_id(self, table: str = "Lead") -> dict[str, dict[str, Any]]:
        found = [one for one in self.records(table) if one.get("Crosswalk_Id__c") and not one.get("IsDeleted")]
        assert max(Counter(one["Crosswalk_Id__c"] for one in found).values(), default=1) == 1
        return {one["Crosswalk_Id__c"]: one for one in found}

    def seed(self, table: str, *rows: Mapping[str, Value]) -> list[str]:
        """Create records as somebody else would have; returns their ids."""
        session = self.session(self.sandbox["url"])
        return [
            str(orjson.loads(session.call("POST", f"sobjects/{table}", orjson.dumps(dict(row))).content)["id"])
            for row in rows
        ]

    def add(self, count: int, **fields: Value) -> list[str]:
        """Create leads that carry our external id, past the way; returns their record ids."""
        target = SalesforceTarget(self.session(self.sandbox["url"]))
        receipts = list(target.apply([self.create(**fields) for _ in range(count)]))
        assert {one.outcome for one in receipts} <= {"created"}
        return [str(one.record_id) for one in receipts]

    def create(self, **fields: Value) -> Create:
        """A Create that the org accepts."""
        number = next(self.numbers)
        defaults: dict[str, Value] = {
            "LastName": f"Roe{number}",
            "Company": "Example Clinic",
            "Email": f"p{number}@example.org",
        }
        return Create(f"a{number}", "Lead", f"id-{number}", {**defaults, **fields})

    def update(self, external_id: str, record_id: str, **changes: Value) -> Update:
        number = next(self.numbers)
        new = {name: Change(None, value) for name, value in changes.items()}
        return Update(f"a{number}", "Lead", external_id, record_id, new)
