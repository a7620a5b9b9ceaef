"""`python -m benchmarks.sandbox_pages`: how many pages of 100 contacts a second the sandbox serves from one core.

The sandbox has a processor of its own and the client another; one connection is kept open, one page is asked at a time.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.stage import ROOT

PAGE = "/crm/v3/objects/contacts?limit=100"
WARM_UP_S = 1.0


def main() -> int:
    """Start a sandbox, page through its contacts, print the rate."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox_pages", description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000, help="how many the portal has (20000)")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to ask (5)")
    chosen = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    with _sandbox(chosen.contacts, cores[0]) as (process, vendor):
        os.sched_setaffinity(0, {cores[-1]})
        _pages(vendor, WARM_UP_S)
        cpu = _cpu_seconds(process.pid)
        begun = time.perf_counter()
        pages, size = _pages(vendor, chosen.seconds)
        took = time.perf_counter() - begun
        cpu = _cpu_seconds(process.pid) - cpu
    print(
        f"{pages} pages of {size / pages / 1000:.1f} kB in {took:.2f} s: {pages / took:.0f} pages a second;"
        f" {cpu / pages * 1e6:.0f} microseconds of the sandbox's processor each"
    )
    return 0


@contextmanager
def _sandbox(contacts: int, core: int) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    command = [sys.executable, "-m", "sandbox", "--contacts", str(contacts)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        os.sched_setaffinity(process.pid, {core})
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["hubspot"]
    finally:
        process.terminate()
        process.wait(10)


def _pages(vendor: dict[str, Any], seconds: float) -> tuple[int, int]:
    """Page through the contacts, from the start again at the end, for this long: how many pages, how many bytes."""
    address = urlsplit(vendor["url"])
    head = f"HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {vendor['token']}\r\nAccept: */*\r\n\r\n"
    pages = size = 0
    after = ""
    deadline = time.perf_counter() + seconds
    with socket.create_connection((str(address.hostname), int(address.port or 80))) as connection:
        while time.perf_counter() < deadline:
            connection.sendall(f"GET {PAGE}{after} {head}".encode())
            body = _body(connection)
            pages, size = pages + 1, size + len(body)
            # The cursor stands in the last bytes: a client that reads JSON would be what is measured.
            _, found, tail = body[-400:].decode().partition('"after":"')
            after = "&after=" + tail.partition('"')[0] if found else ""
    return pages, size


def _body(connection: socket.socket) -> bytes:
    """One reply's body. Raises RuntimeError when it is not a 200."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 20)
    head, _, body = received.partition(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise RuntimeError(head.decode())
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    parts = [body]
    missing = length - len(body)
    while missing > 0:
        parts.append(connection.recv(missing))
        missing -= len(parts[-1])
    return b"".join(parts)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main())
