"""The way between the connector and the sandbox's Salesforce, on which tests cause trouble, and the org behind it.

Everything is real HTTP: an answer comes from the sandbox unless a fault stands in its way.
"""

import itertools
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson
import requests
from pydantic import SecretStr

from connectors.salesforce.admin import SalesforceAdmin
from connectors.salesforce.bulk import BulkIngest
from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.target import SalesforceTarget
from crosswalk.domain.planning import Change, Create, Update, Value
from crosswalk.ports import FieldSpec

EXTERNAL_ID_FIELDS = [
    FieldSpec(table, "Crosswalk_Id__c", "text", "Crosswalk Id", 64, external_id=True)
    for table in ("Lead", "Contact", "Task")
]


@dataclass
class Fault:
    """What happens to the next ``times`` requests that fit; ``commits`` lets the vendor do its work first."""

    method: str
    path: str
    status: int
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    commits: bool = False
    hangs_up: bool = False
    rewrite: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class Way:
    """A proxy on this machine in front of the sandbox."""

    def __init__(self, upstream: str) -> None:
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        way, session = self, requests.Session()
        session.trust_env = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = way._fault(self.command, self.path)
                status, content, headers = 0, b"", dict[str, str]()
                if fault is None or fault.commits:
                    sent = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "accept-encoding")}
                    answer = session.request(
                        self.command, upstream + self.path, data=body, headers=sent, timeout=30, allow_redirects=False
                    )
                    status, content = answer.status_code, answer.content
                    kept = ("content-type", "sforce-limit-info", "location")
                    headers = {k: v for k, v in answer.headers.items() if k.lower() in kept}
                if fault is not None and fault.rewrite is not None:
                    content = fault.rewrite(content)
                elif fault is not None:
                    status, headers = fault.status, dict(fault.headers)
                    content = fault.body if isinstance(fault.body, bytes) else orjson.dumps(fault.body)
                way.asked.append(Asked(self.command, self.path, dict(self.headers), body, status))
                if fault is not None and fault.hangs_up:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method == method and re.search(fault.path, path):
                fault.times -= 1
                return fault
        return None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def count(self, method: str = "", path: str = "") -> int:
        return sum(method in ("", one.method) and re.search(path, one.path) is not None for one in self.asked)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


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
