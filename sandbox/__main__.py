"""`python -m sandbox`: local HubSpot and Salesforce, faithful on the wire."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _parser().parse_args(arguments)
    # After the arguments are known good: a mistyped option is answered at once.
    from sandbox.serve import HOST, bind, serve
    from sandbox.tls import certificate
    from sandbox.world import Plan, World

    with contextlib.ExitStack() as held:
        sockets = {}
        for system, port in (("hubspot", chosen.hubspot_port), ("salesforce", chosen.salesforce_port)):
            try:
                sockets[system] = held.enter_context(bind(port))
            except OSError as error:
                print(f"sandbox: cannot listen on port {port}: {error.strerror or error}", file=sys.stderr)
                return 2
        try:
            world = World(Plan(chosen.scenario, chosen.contacts, chosen.seed), latency_ms=chosen.latency_ms)
        except ValueError as error:
            print(f"sandbox: cannot build scenario {chosen.scenario}: {error}", file=sys.stderr)
            return 2
        asyncio.run(serve(world, sockets, held.enter_context(certificate(HOST)) if chosen.tls else None))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--scenario", default="lakeshore", help="lakeshore (default), zelvoria, empty, or a path: docs/scenarios.md"
    )
    parser.add_argument("--contacts", type=_count, default=2600, help="how many contacts the portal has (2600)")
    parser.add_argument("--seed", type=_whole, default=1, help="another seed, other people (1)")
    parser.add_argument("--hubspot-port", type=_port, default=0, help="0, the default, takes any free port")
    parser.add_argument("--salesforce-port", type=_port, default=0, help="0, the default, takes any free port")
    parser.add_argument("--latency-ms", type=_latency, default=0.0, help="added to every vendor request (0)")
    parser.add_argument("--tls", action="store_true", help="serve https; the ready line tells which authority to trust")
    return parser


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, not {text!r}") from None


def _count(text: str) -> int:
    number = _whole(text)
    if number < 0:
        raise argparse.ArgumentTypeError("cannot be negative")
    return number


def _port(text: str) -> int:
    number = _whole(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError("a port is between 0 and 65535")
    return number


def _latency(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number of milliseconds, not {text!r}") from None
    if not 0 <= number < 60_000:
        raise argparse.ArgumentTypeError("must be between 0 and 60000 milliseconds")
    return number


if __name__ == "__main__":
    sys.exit(main())
