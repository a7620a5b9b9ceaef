"""An org behind a real HTTP server in a thread, so that tests reach both the wire and the state."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
import uvicorn
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from sandbox.salesforce.app import create_app
from sandbox.salesforce.auth import CLIENT_ID, CLIENT_SECRET
from sandbox.salesforce.org import Org
from sandbox.salesforce.stamps import WallClock

VERSION = "66.0"
FIELDS = {
    "Lead.Crosswalk_Id__c": {"type": "Text", "label": "Crosswalk Id", "length": 40, "externalId": True, "unique": True},
    "Lead.Source_Key__c": {"type": "Text", "label": "Source Key", "length": 40, "externalId": True},
    "Lead.Score__c": {"type": "Number", "label": "Score", "precision": 5, "scale": 1},
    "Lead.Consent__c": {"type": "Checkbox", "label": "Consent", "defaultValue": "false"},
    "Lead.Seen__c": {"type": "DateTime", "label": "Seen"},
    "Activity.Crosswalk_Id__c": {
        "type": "Text", "label": "Crosswalk Id", "length": 40, "externalId": True, "unique": True,
    },
}  # fmt: skip


class LoopbackAdapter(HTTPAdapter):
    """The official client hard-codes https://; this sends its requests to the sandbox over plain HTTP."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = urlunsplit(("http", f"127.0.0.1:{self._port}", parts.path, parts.query, ""))
        return super().send(request, *args, **kwargs)


@dataclass
class Wire:
    """A session on the org and short ways to speak to it."""

    org: Org
    url: str
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""

    def sign_in(self) -> dict[str, Any]:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        reply: dict[str, Any] = self.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=10).json()
        self.token = reply["access_token"]
        return reply

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        where = f"{self.url}{path}" if path.startswith("/services") else f"{self.url}/services/data/v{VERSION}/{path}"
        return self.session.request(method, where, json=body, headers=headers, timeout=20, **more)

    def query(self, text: str) -> Any:
        return self.ask("GET", "query", params={"q": text}).json()

    def lead(self, **fields: Any) -> str:
        reply = self.ask("POST", "sobjects/Lead", {"LastName": "Doe", "Company": "Acme Clinic", **fields})
        assert reply.status_code == 201, reply.text
        key: str = reply.json()["id"]
        return key

    def read(self, key: str) -> dict[str, Any]:
        return self.org.tables["Lead"].rows[key]


@pytest.fixture(scope="session")
def served_org() -> Iterator[tuple[Org, int]]:
    org = Org()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(org, WallClock()), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield org, listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def wire(served_org: tuple[Org, int]) -> Iterator[Wire]:
    """A fresh org with some custom fields, signed in."""
    org, port = served_org
    org.reset()
    org.bulk_delay, org.api_limit, org.clock = 0.01, 1_000_000, WallClock()
    org.lock_wait, org.session_seconds, org.compress = 0.0, None, False
    for name, metadata in FIELDS.items():
        org.define_field(name, metadata)
    made = Wire(org, f"http://127.0.0.1:{port}")
    made.sign_in()
    yield made
    made.session.close()


@pytest.fixture
def official(wire: Wire, served_org: tuple[Org, int]) -> Iterator[Salesforce]:
    """The official client, signed in with client credentials."""
    with requests.Session() as session:
        session.mount("https://", LoopbackAdapter(served_org[1]))
        yield Salesforce(
            consumer_key=CLIENT_ID, consumer_secret=CLIENT_SECRET, domain="acme.my", session=session, version=VERSION
        )


@pytest.fixture
def user(wire: Wire) -> Callable[..., str]:
    """Add a user; returns the id."""

    def add(last_name: str, **fields: Any) -> str:
        mail = f"{last_name.lower()}@example.org"
        org = wire.org
        key = org.new_id("005")
        org.load({"User": [{"Id": key, "LastName": last_name, "Username": mail, "Email": mail, **fields}]})
        return key

    return add
