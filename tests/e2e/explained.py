"""How tests ask for an explanation, as a program and as a person."""

from datetime import datetime
from typing import Any

from tests.home import Home

AS_OF = "2026-11-16T15:00:00Z"
LATER = "2026-11-16T16:00:00Z"
CONTRACT = ("lead_id", "person_id", "status", "stage", "processing_state", "owner", "path", "targets", "others")
ENTRY = ("step", "at", "result", "reasons", "rule", "version")


def synced(home: Home, at: str = AS_OF) -> None:
    """Run a sync; that most of a handful of rows are quarantined is as it should be."""
    assert home.run("sync", "--as-of", at).code in (0, 3)


def explained(home: Home, key: str, *options: str) -> dict[str, Any]:
    """The JSON document, which always keeps the contract."""
    document: dict[str, Any] = home.do("explain", key, *options)
    assert [name for name in CONTRACT if name not in document] == []
    assert all(name in one for one in document["path"] for name in ENTRY)
    assert all(isinstance(one["reasons"], list) and one["text"] for one in document["path"])
    times = [datetime.fromisoformat(one["at"]) for one in document["path"]]
    assert times == sorted(times) and all(time.tzinfo for time in times)
    return document


def told(home: Home, key: str, *options: str) -> str:
    """What people read, with the line breaks of the terminal taken out."""
    ended = home.run("explain", key, *options)
    assert ended.code == 0 and ended.err == ""
    return " ".join(ended.out.split())


def step(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The one entry of a step."""
    (found,) = [one for one in document["path"] if one["step"] == name]
    return dict(found)
