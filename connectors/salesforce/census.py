"""Counting and listing what the org holds."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.salesforce.session import SalesforceSession
from connectors.salesforce.soql import EXTERNAL_ID, name, select
from crosswalk.domain.planning import Record


def state_fields(table: str) -> tuple[str, ...]:
    """Fields that say whether a record is closed; only a Lead can be converted."""
    return ("IsConverted",) if table == "Lead" else ()


def record(table: str, row: Mapping[str, Any], fields: Sequence[str]) -> Record:
    """Return a row of a query as the hub's record."""
    return Record(
        table,
        str(row["Id"]),
        row.get(EXTERNAL_ID) or None,
        {field: row.get(field) for field in fields},
        closed=bool(row.get("IsConverted") or row.get("IsDeleted")),
    )


class SalesforceCensus:
    """Reads only."""

    def __init__(self, session: SalesforceSession) -> None:
        self._session = session

    def count(self, object: str) -> int:
        """Return how many live records of an object carry our external id."""
        soql = f"SELECT COUNT() FROM {name(object)} WHERE {EXTERNAL_ID} != null"
        return int(self._session.rest.query(soql)["totalSize"])

    def records(self, object: str, fields: Sequence[str]) -> Iterator[list[Record]]:
        """Yield every live record in the vendor's pages of up to 2,000."""
        asked = ["Id", *fields, *state_fields(object)]
        for page in self._session.query(select(object, asked, "WHERE IsDeleted = false ORDER BY Id")):
            yield [record(object, row, fields) for row in page]

    def users(self) -> Mapping[str, str]:
        """Return active users by lower-case e-mail and user name, and queues by developer name.

        An e-mail that several active users share names none of them: a lead must not go to a guess.
        """
        found: dict[str, str] = {}
        users = self._rows(select("User", ["Id", "Email", "Username"], "WHERE IsActive = true ORDER BY Id"))
        shared = Counter(str(user["Email"]).lower() for user in users if user.get("Email"))
        for user in users:
            if user.get("Email") and shared[str(user["Email"]).lower()] == 1:
                found[str(user["Email"]).lower()] = str(user["Id"])
        found |= {str(user["Username"]).lower(): str(user["Id"]) for user in users if user.get("Username")}
        queues = self._rows(select("Group", ["Id", "DeveloperName"], "WHERE Type = 'Queue' ORDER BY Id"))
        return found | {str(queue["DeveloperName"]): str(queue["Id"]) for queue in queues}

    def _rows(self, soql: str) -> list[dict[str, Any]]:
        """All rows of a small query."""
        return [row for page in self._session.query(soql) for row in page]
