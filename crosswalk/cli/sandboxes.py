"""``crosswalk sandbox serve``: the simulated vendors, as a process of their own."""

import os
import sys
from typing import Annotated

import typer


def serve(
    scenario: Annotated[str, typer.Option(help="lakeshore, zelvoria, empty, or the path of your own")] = "lakeshore",
    contacts: Annotated[int, typer.Option(help="contacts in the portal")] = 2600,
    seed: Annotated[int, typer.Option(help="the same seed gives the same people")] = 1,
    hubspot_port: Annotated[int, typer.Option(help="0: any free port")] = 0,
    salesforce_port: Annotated[int, typer.Option(help="0: any free port")] = 0,
    latency_ms: Annotated[int, typer.Option(help="delay of every answer")] = 0,
    tls: Annotated[bool, typer.Option("--tls", help="https, by a certificate of its own")] = False,
) -> None:
    """Serve a local HubSpot and Salesforce until stopped; prints one JSON line when both are ready.

    The line holds where they are and how to sign in:
    {"hubspot": {"url", "token"}, "salesforce": {"url", "client_id", "client_secret"}}, and with --tls
    {"tls": {"ca": the file with the authority to trust}}.
    """
    options = {
        "--scenario": scenario,
        "--contacts": contacts,
        "--seed": seed,
        "--hubspot-port": hubspot_port,
        "--salesforce-port": salesforce_port,
        "--latency-ms": latency_ms,
    }
    arguments = [text for name, value in options.items() for text in (name, str(value))]
    if tls:
        arguments.append("--tls")
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *arguments])  # noqa: S606 -- our own interpreter
