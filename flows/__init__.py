"""Prefect flows around the pipeline; functions only.

The settings below are read when Prefect is imported: nothing phones home, and the server that Prefect starts where none
is configured gets the time that it takes on a small machine.
"""

import os

for _name, _value in {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}.items():
    os.environ.setdefault(_name, _value)
