"""One API call: what every endpoint needs from a request."""

from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request

from sandbox.salesforce import assignment, duplicate_rules
from sandbox.salesforce.duplicate_rules import SaveAs
from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import View
from sandbox.salesforce.stamps import parse_datetime
from sandbox.wire import Json

__all__ = ["Call", "Json", "call_of", "json_body", "org_of"]


@dataclass(frozen=True)
class Call:
    org: Org
    version: str
    request: Request

    def view(self) -> View:
        """The object that the path names, as the user sees it."""
        return self.org.view(self.org.kind(self.request.path_params["object"]).name)

    def rule(self) -> bool | str:
        """Sforce-Auto-Assign: TRUE, FALSE or the id of a rule. Absent means TRUE: the active rule fires [DOC]."""
        asked = self.request.headers.get("sforce-auto-assign", "TRUE").strip()
        if asked.upper() in ("TRUE", "FALSE"):
            return asked.upper() == "TRUE"
        return assignment.known(self.org, asked)

    def duplicates(self) -> SaveAs:
        """Sforce-Duplicate-Rule-Header."""
        return duplicate_rules.header(self.request.headers.get("sforce-duplicate-rule-header", ""), self.version)

    def window(self) -> tuple[str, str]:
        """The start and end of getUpdated and getDeleted, seconds cut off."""
        found = []
        for name in ("start", "end"):
            moment = parse_datetime(self.request.query_params.get(name, "").replace(" ", "+"))
            if moment is None:
                raise SalesforceError("INVALID_REPLICATION_DATE", f"{name} is not a valid date-time")
            found.append(moment[:17] + "00.000+0000")
        return found[0], found[1]


def org_of(request: Request) -> Org:
    org: Org = request.app.state.org
    return org


def call_of(request: Request) -> Call:
    return Call(org_of(request), request.path_params["version"], request)


async def json_body(request: Request, kind: type = dict) -> Any:
    """The JSON body, of this top-level type."""
    raw = await request.body()
    if not raw.strip():
        text = "The HTTP entity body is required, but this request has no entity body"
        raise SalesforceError("JSON_PARSER_ERROR", text)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as wrong:
        text = f"{wrong.msg} at [line:{wrong.lineno}, column:{wrong.colno}]"
        raise SalesforceError("JSON_PARSER_ERROR", text) from None
    if not isinstance(body, kind):
        text = "Unexpected parameter encountered during deserialization: body at [line:1, column:1]"
        raise SalesforceError("JSON_PARSER_ERROR", text)
    return body
