"""Who decides: the name under which a person's decisions are kept."""

import getpass
import os

SETTING = "CROSSWALK_ACTOR"


def actor() -> str:
    """Return CROSSWALK_ACTOR, else the operating system's user."""
    named = os.environ.get("CROSSWALK_ACTOR", "").strip()
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"uid {os.getuid()}"
