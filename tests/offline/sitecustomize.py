"""Refuses and records every connection that would leave this machine, in this process and the Python ones it starts.

Python imports this module at start-up because the tests put its folder on PYTHONPATH. What was refused is appended to
the file named by NETWORK_LOG, since a library that swallows the error would hide it.
"""

import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Any

LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname().lower()}
CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
RESOLVING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class OutsideConnection(OSError):
    """Something tried to reach a machine other than this one."""


def stays_here(host: object) -> bool:
    """Tell whether a host name or address is this machine's own."""
    if host is None:
        return True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    name = name.lower().rstrip(".").split("%")[0]
    if name in LOCAL_NAMES or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def destination(event: str, arguments: tuple[Any, ...]) -> object:
    """Return the host that an audited call is about, None if it has none (a UNIX socket, an accepted connection)."""
    if event in CONNECTING:
        address = arguments[1]
        return address[0] if isinstance(address, tuple) and address else None
    return arguments[0]


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: see https://docs.python.org/3/library/audit_events.html."""
    if event not in CONNECTING and event not in RESOLVING:
        return
    host = destination(event, arguments)
    if stays_here(host):
        return
    line = f"{event} {host!r} by {Path(sys.argv[0]).name if getattr(sys, 'argv', None) else 'python'}"
    if log := os.environ.get("NETWORK_LOG"):
        with Path(log).open("a") as file:
            file.write(line + "\n")
    raise OutsideConnection(f"the test suite stays on this machine: {line}")


if not getattr(sys, "_stays_offline", False):
    sys._stays_offline = True  # type: ignore[attr-defined]  # once in a process, however often it is imported
    sys.addaudithook(guard)
