"""What connector tests talk to over real HTTP: the sandbox's HubSpot portal, and a server of canned answers."""

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import orjson
import requests
from pydantic import SecretStr

from connectors.hubspot import connector
from crosswalk.domain.connections import Connection, Stream
from crosswalk.platform.settings import Settings
from crosswalk.ports import Connector

CONTACTS = Stream("contacts", "lastmodifieddate")
PROPERTIES = ("email", "firstname", "city")


def settings(url: str, token: str) -> Settings:
    return Settings(hubspot_base_url=url, hubspot_token=SecretStr(token), http_timeout=10, http_backoff=0.001)


def hubspot(
    url: str, token: str, properties: Sequence[str] = PROPERTIES, stream: Stream = CONTACTS, **options: Any
) -> Connector:
    connection = Connection("hubspot", "hubspot", "marketing", streams={"contacts": stream}, **options)
    return connector(connection, settings(url, token), {"contacts": properties})


@dataclass
class Portal:
    """The sandbox's HubSpot: writes through its public API, everything else through its control API."""

    url: str
    token: str
    session: requests.Session = field(default_factory=requests.Session)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def control(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._post(f"/_sandbox/{path}", body)

    def create(self, count: int, **properties: str) -> list[str]:
        """Create contacts; return their ids, lowest first."""
        inputs = [
            {"properties": {"email": f"person{next(self.numbers)}@example.org", "firstname": "Ana", **properties}}
            for _ in range(count)
        ]
        made = [
            row["id"]
            for start in range(0, count, 100)
            for row in self._post("/crm/v3/objects/contacts/batch/create", {"inputs": inputs[start : start + 100]})[
                "results"
            ]
        ]
        return sorted(made, key=int)

    def update(self, key: str, **properties: str) -> None:
        inputs = [{"id": key, "properties": properties}]
        self._post("/crm/v3/objects/contacts/batch/update", {"inputs": inputs})

    def archive(self, keys: Sequence[str]) -> None:
        for start in range(0, len(keys), 100):
            inputs = [{"id": key} for key in keys[start : start + 100]]
            self._post("/crm/v3/objects/contacts/batch/archive", {"inputs": inputs})

    def connect(self, **options: Any) -> Connector:
        return hubspot(self.url, self.token, **options)

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.session.post(self.url + path, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, body: object, **headers: str) -> "Reply":
        return cls(status, orjson.dumps(body), headers)


class CannedServer:
    """Gives the replies in turn, the last one again and again, and keeps what it was asked."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply()]
        self.asked: list[tuple[str, Mapping[str, str], Any]] = []
        canned = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                canned.asked.append((self.path, dict(self.headers), orjson.loads(body) if body else None))
                reply = canned.replies.pop(0) if len(canned.replies) > 1 else canned.replies[0]
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_GET = do_POST

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
