"""Whether the org is reachable, and whether we may do there what we must."""

from collections.abc import Iterator
from typing import Any

import orjson

from connectors.salesforce.session import SalesforceSession
from crosswalk.errors import CrosswalkError
from crosswalk.ports import Health

NEEDED = {"Lead": ("queryable", "createable", "updateable"), "Task": ("queryable", "createable", "updateable"),
          "Contact": ("queryable",)}  # fmt: skip
WORDS = {"queryable": "Read", "createable": "Create", "updateable": "Edit"}
LOW = 0.1


class SalesforceProbe:
    """Asks five cheap questions."""

    def __init__(self, session: SalesforceSession) -> None:
        self._session = session

    def health(self) -> list[Health]:
        """Return one line for each question; without a sign-in the others are not asked."""
        return list(self._answers())

    def _answers(self) -> Iterator[Health]:
        """Answer until the vendor refuses, then say why."""
        try:
            yield from self._lines()
        except CrosswalkError as error:
            yield Health("Salesforce", False, str(error))

    def _lines(self) -> Iterator[Health]:
        """Ask one question after the other."""
        versions = orjson.loads(self._session.call("GET", "/services/data/").content)
        yield Health(f"Salesforce sign-in at {self._session.host}", True)
        served = {str(entry["version"]) for entry in versions}
        newest = max(served, key=float, default="none")
        known = self._session.version in served
        yield Health(
            f"Salesforce API v{self._session.version}",
            known,
            "" if known else f"this org serves up to v{newest}: set api_version in the connection",
        )
        if not known:
            return
        daily = self._session.rest.limits()["DailyApiRequests"]
        left, total = int(daily["Remaining"]), int(daily["Max"])
        enough = left > LOW * total
        yield Health(
            f"Salesforce API requests left today: {left} of {total}",
            enough,
            "" if enough else "see who uses them in Setup → System Overview, or raise the allowance",
        )
        for table, rights in NEEDED.items():
            yield self._permission(table, rights)

    def _permission(self, table: str, rights: tuple[str, ...]) -> Health:
        """Ask whether the run-as user may do with an object what the hub does with it."""
        subject = f"Salesforce {table}: {', '.join(WORDS[right] for right in rights)}"
        try:
            described: dict[str, Any] = getattr(self._session.rest, table).describe()
        except CrosswalkError as error:
            return Health(subject, False, str(error))
        lacking = [WORDS[right] for right in rights if not described.get(right)]
        advice = f"give the run-as user {' and '.join(lacking)} on {table}: Setup → Permission Sets → Object Settings"
        return Health(subject, not lacking, advice if lacking else "")
