"""The way between the hub and a vendor of the sandbox: a proxy on this machine on which tests cause trouble.

Everything is real HTTP: an answer comes from the sandbox unless a fault stands in its way.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

import orjson
import requests

Rewrite = Callable[[bytes], bytes]
Watch = Callable[[Literal["before", "after"], str, str], None]
HOP_BY_HOP = ("connection", "content-encoding", "content-length", "keep-alive", "server", "transfer-encoding")


@dataclass
class Fault:
    """What happens to the next ``times`` requests that fit; ``commits`` lets the vendor do its work first.

    ``ask`` rewrites what is asked and ``rewrite`` what is answered; then the vendor's own answer comes through.
    """

    method: str
    path: str
    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    commits: bool = False
    hangs_up: bool = False
    rewrite: Rewrite | None = None
    ask: Rewrite | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


class Way:
    """A proxy in front of one vendor; ``watch`` is told of every request before and after the vendor saw it."""

    def __init__(self, upstream: str, watch: Watch | None = None) -> None:
        self.faults: list[Fault] = []
        self.asked: list[Asked] = []
        self.watch = watch
        self._upstream = upstream
        self._session = requests.Session()
        self._session.trust_env = False
        way = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content, headers, hangs_up = way._answer(self.command, self.path, dict(self.headers), body)
                if hangs_up:
                    self.close_connection = True
                    return
                self.send_response_only(status)  # the vendor's own Date goes along
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that was killed is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)

    def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str], bool]:
        """Status, content, headers, and whether to hang up instead."""
        if self.watch:
            self.watch("before", method, path)
        fault = self._fault(method, path)
        changed = fault is not None and (fault.ask is not None or fault.rewrite is not None)
        status, content, told = 0, b"", dict[str, str]()
        if fault is None or fault.commits or changed:
            sent = {k: v for k, v in headers.items() if k.lower() not in ("host", "accept-encoding", "content-length")}
            data = fault.ask(body) if fault and fault.ask else body
            answer = self._session.request(
                method, self._upstream + path, data=data, headers=sent, timeout=60, allow_redirects=False
            )
            status, content = answer.status_code, answer.content
            told = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
        if fault is not None and fault.rewrite is not None:
            content = fault.rewrite(content)
        elif fault is not None and not changed:
            status, told = fault.status, dict(fault.headers)
            content = fault.body if isinstance(fault.body, bytes) else orjson.dumps(fault.body)
        self.asked.append(Asked(method, path, headers, body, status))
        if self.watch:
            self.watch("after", method, path)
        return status, content, told, fault is not None and fault.hangs_up

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

    def clear(self) -> None:
        """No more trouble, and nothing asked so far."""
        self.faults.clear()
        self.asked.clear()
        self.watch = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._session.close()
