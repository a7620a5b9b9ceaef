"""The command line: ``crosswalk …``. Every command takes ``--json``; exit codes are a contract.

0 done · 1 failed · 2 bad usage or configuration · 3 done, with more rows in quarantine than the threshold
"""

import os

# Nothing that we start may phone home; the libraries read these when they are imported.
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import sys
from typing import NoReturn

import typer
from pydantic import ValidationError

from crosswalk.cli import admin, demonstration, drift, due, explain, pausing, quarantine, returning, runs, sandboxes
from crosswalk.cli.output import fail
from crosswalk.errors import ConfigError, ConfigErrors, CrosswalkError

app = typer.Typer(
    name="crosswalk",
    help="The integration hub between marketing and sales in healthcare and life sciences.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
sandbox = typer.Typer(help="Local HubSpot and Salesforce for trying things out.", no_args_is_help=True)

app.command("init")(admin.init)
app.command("check")(admin.check)
app.command("doctor")(admin.doctor)
app.command("setup")(admin.setup)
app.command("link")(admin.link)
app.command("sync")(runs.sync)
app.command("return-outcomes")(returning.return_outcomes)
app.command("ledger")(runs.ledger)
app.command("explain")(explain.explain)
app.command("connections")(pausing.connections)
app.command("pause")(pausing.pause)
app.command("resume")(pausing.resume)
app.command("accept-missing")(drift.accept_missing)
app.command("demo")(demonstration.demo)
app.command("waiting")(due.waiting)
app.command("redecide")(due.redecide)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(sandbox, name="sandbox")
sandbox.command("serve")(sandboxes.serve)


def main() -> NoReturn:
    """Run the command line and turn our errors into exit codes."""
    try:
        app()
    except ValidationError as error:  # a setting in the environment; what it holds may be a secret and is not said
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        fail(ConfigErrors([ConfigError(one["msg"], key=f"CROSSWALK_{one['loc'][0]}".upper()) for one in wrong]))
        sys.exit(2)
    except ConfigError as error:
        fail(error)
        sys.exit(2)
    except CrosswalkError as error:
        fail(error)
        sys.exit(1)
    sys.exit(0)


if __name__ == "__main__":
    main()
