"""A small portal that every contract is asked of."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox

# What each type needs on a create; `{n}` makes it one of many.
RECORDS: dict[str, dict[str, str]] = {
    "contacts": {"email": "person{n}@example.org", "firstname": "Kim", "phone": "555-0100"},
    "companies": {"name": "Lakeview Imaging {n}", "domain": "lakeview{n}.example.org"},
    "deals": {"dealname": "Knee {n}", "dealstage": "contractsent", "amount": "1200"},
    "notes": {"hs_timestamp": "2026-11-16T14:00:00Z", "hs_note_body": "Note {n}"},
    "tasks": {"hs_timestamp": "2026-11-16T14:00:00Z", "hs_task_subject": "Call back {n}"},
    "meetings": {"hs_timestamp": "2026-11-16T14:00:00Z", "hs_meeting_title": "Consultation {n}"},
}


def record(object_type: str, n: int | str) -> dict[str, str]:
    return {name: value.format(n=n) for name, value in RECORDS[object_type].items()}


class Wire:
    """Asks the sandbox, as any client would, and stands for the ids that a path or body names in braces."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ids: dict[str, str] = {}
        self._numbers = count(100)

    def renumber(self) -> None:
        """Whatever is made next has a name, `{n}`, of its own."""
        self.ids["n"] = str(next(self._numbers))

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        return self.sandbox.ask(method, self.filled(path), self.filled(body), **more)

    def filled(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, key in self.ids.items():
                value = value.replace("{" + name + "}", key)
            return value
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        return {key: self.filled(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def portal(sandbox_process: Sandbox) -> Wire:
    """Twelve of each type, the first of each linked to the first contact; `{contacts}` is that contact's id."""
    sandbox_process.reset(scenario="lakeshore", contacts=20)
    wire = Wire(sandbox_process)
    for object_type in RECORDS:
        path = f"/crm/v3/objects/{object_type}/batch/create"
        answer = wire.ask("POST", path, {"inputs": [{"properties": record(object_type, n)} for n in range(12)]})
        assert answer.status_code == 201, answer.text
        wire.ids[object_type] = answer.json()["results"][0]["id"]
        wire.ids[f"last_{object_type}"] = answer.json()["results"][-1]["id"]
    for object_type in RECORDS.keys() - {"contacts"}:
        linked = f"/crm/v4/objects/contacts/{{contacts}}/associations/default/{object_type}/{{{object_type}}}"
        assert wire.ask("PUT", linked).status_code == 200
    return wire


class Session:
    """A Salesforce session of the integration user."""

    version = "62.0"

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.url = sandbox, sandbox.salesforce["url"]
        keys = {name: sandbox.salesforce[name] for name in ("client_id", "client_secret")}
        form = {"grant_type": "client_credentials", **keys}
        self.token = sandbox.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=30).json()

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """`path` below /services/data/vXX.0/, or from the root when it begins with a slash."""
        url = f"{self.url}{path}" if path.startswith("/") else f"{self.url}/services/data/v{self.version}/{path}"
        given = {"Authorization": f"Bearer {self.token['access_token']}", **(headers or {})}
        return self.sandbox.session.request(method, url, json=body, headers=given, timeout=30, **more)

    def query(self, soql: str) -> Any:
        return self.ask("GET", "query", params={"q": soql})

    def made(self, kind: str, **fields: Any) -> str:
        answer = self.ask("POST", f"sobjects/{kind}", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


@pytest.fixture(scope="module")
def org(sandbox_process: Sandbox) -> Session:
    sandbox_process.reset(scenario="lakeshore", contacts=20)
    return Session(sandbox_process)
