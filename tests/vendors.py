"""The sandbox's HubSpot and Salesforce: started as a process, and what anybody but the hub does with them."""

import itertools
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import requests
from pydantic import SecretStr

from connectors.hubspot.admin import HubSpotAdmin
from connectors.hubspot.client import Client
from connectors.salesforce.admin import SalesforceAdmin
from connectors.salesforce.session import SalesforceSession
from crosswalk.pipeline.setup import specs
from crosswalk.platform.catalog import load_catalog
from crosswalk.platform.settings import CHECKOUT
from crosswalk.ports import FieldSpec

RESET = {
    "index_lag_seconds": 0,
    "latency_ms": 0,
    "limits": {"enforce": False, "ten_secondly": 190, "search_per_second": 5, "daily": 625_000},
}
KEPT = 1_000
"""Contacts up to which a world is kept as a snapshot once it was made."""
_FIRST = ("Ada", "Bela", "Carla", "Dario", "Edda", "Fritz", "Gesa", "Hanno", "Ilka", "Jorin")
_LAST = ("Amberly", "Brockfeld", "Corrin", "Dunmore", "Ellsworthy", "Fennimore", "Garrowby", "Hathersage")


@dataclass
class Vendors:
    """Both vendors of one sandbox process."""

    ready: Mapping[str, Any]
    http: requests.Session = field(default_factory=requests.Session)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    made: set[str] = field(
        default_factory=set
    )  # worlds that are kept as snapshots, so that a test need not make its own

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.hubspot_url, self.salesforce_url = self.ready["hubspot"]["url"], self.ready["salesforce"]["url"]
        needed = specs(load_catalog(CHECKOUT))
        self.fields, self.properties = needed["salesforce"], needed["hubspot"]
        given = self.ready["salesforce"]
        self.crm = SalesforceSession(given["url"], given["client_id"], SecretStr(given["client_secret"]))

    def settings(self, hubspot_url: str = "", salesforce_url: str = "") -> dict[str, str]:
        """The hub's settings for these vendors, or for ways in front of them."""
        return {
            "CROSSWALK_HUBSPOT_BASE_URL": hubspot_url or self.hubspot_url,
            "CROSSWALK_HUBSPOT_TOKEN": self.ready["hubspot"]["token"],
            "CROSSWALK_SALESFORCE_INSTANCE_URL": salesforce_url or self.salesforce_url,
            "CROSSWALK_SALESFORCE_CLIENT_ID": self.ready["salesforce"]["client_id"],
            "CROSSWALK_SALESFORCE_CLIENT_SECRET": self.ready["salesforce"]["client_secret"],
            "CROSSWALK_HTTP_TIMEOUT": "30",
        }

    # ------------------------------------------------------------------------------------------------- the sandbox

    def load(self, contacts: int = 0, seed: int = 1, *, fields: bool = True) -> dict[str, Any]:
        """Start a new world: lakeshore with so many contacts, or empty; with the hub's fields in place."""
        world = f"{contacts}/{seed}/{fields}"
        self.http.delete(f"{self.hubspot_url}/_sandbox/faults", timeout=30).raise_for_status()
        if world in self.made:
            truth: dict[str, Any] = self.control("restore", {"name": world})["truth"]
        else:
            truth = self._make(contacts, seed, fields)
            if contacts <= KEPT:
                self.control("snapshot", {"name": world})
                self.made.add(world)
        self.control("settings", RESET)
        self.forget_requests()
        return truth

    def _make(self, contacts: int, seed: int, fields: bool) -> dict[str, Any]:
        scenario = "lakeshore" if contacts else "empty"
        described = self.control("load", {"scenario": scenario, "contacts": contacts, "seed": seed})
        self.control("settings", RESET)
        if fields:
            self.set_up(self.fields)
            HubSpotAdmin(Client(self.hubspot_url, self.ready["hubspot"]["token"])).create(self.properties)
        truth: dict[str, Any] = described["truth"]
        return truth

    def set_up(self, fields: Sequence[FieldSpec]) -> None:
        """Make the CRM's custom fields."""
        SalesforceAdmin(self.crm).create(fields)

    def control(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self.http.post(f"{self.hubspot_url}/_sandbox/{path}", json=body, timeout=60)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def ask(self, path: str, **query: str) -> dict[str, Any]:
        answer = self.http.get(f"{self.hubspot_url}/_sandbox/{path}", params=query, timeout=60)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def later(self, seconds: float) -> None:
        """Let time pass in the sandbox."""
        self.control("clock", {"advance_seconds": seconds})

    def requests(self) -> dict[str, int]:
        """How many requests each vendor has served."""
        report = self.ask("requests")
        return {name: report[name]["total"] for name in ("hubspot", "salesforce")}

    def writes(self) -> dict[str, int]:
        """Which requests could have changed something, by endpoint; signing in and searching do not."""
        report = self.ask("requests")
        harmless = ("GET ", "POST /services/oauth2/token", "POST /crm/v3/objects/{object_type}/search")
        return {
            endpoint: count
            for name in ("hubspot", "salesforce")
            for endpoint, count in report[name]["by_endpoint"].items()
            if not endpoint.startswith(harmless)
        }

    def forget_requests(self) -> None:
        self.http.delete(f"{self.hubspot_url}/_sandbox/requests", timeout=30).raise_for_status()

    def dump(self) -> dict[str, Any]:
        """Everything that both vendors hold, with times."""
        return self.ask("dump", times="true")

    def records(self, table: str) -> list[dict[str, Any]]:
        """Live records of an object of the CRM."""
        found = self.ask("dump", system="salesforce")["salesforce"].get(table, [])
        return [one for one in found if not one.get("IsDeleted")]

    def ours(self, table: str) -> dict[str, dict[str, Any]]:
        """Records that carry our external id, by that id; an id that comes twice is a failure."""
        found = [one for one in self.records(table) if one.get("Crosswalk_Id__c")]
        by_id = {one["Crosswalk_Id__c"]: one for one in found}
        assert len(by_id) == len(found), f"{table}: an external id comes twice"
        return by_id

    # ----------------------------------------------------------------------------------------------- HubSpot's users

    def inquiry(self, **changes: str) -> dict[str, str]:
        """What a patient's web form leaves in HubSpot; passes every gate. Each call is another person."""
        number = next(self.numbers)
        first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
        return {
            "firstname": first,
            "lastname": f"{last}-{_letters(number)}",
            "email": f"{first}.{last}.{number}@inbox.example.org".lower(),
            "phone": f"(312) 555-{100 + number % 100:04d}",
            "zip": "60611",
            "state": "IL",
            "country": "USA",
            "audience_type": "Patient / Self",
            "capture_method": "Web form",
            "form_name": "Find a doctor",
            "service_line_interest": "Women's Health",
            "insurance_plan": "prairie blue",
            "inquiry_at": "2026-11-16T14:00:00Z",
            "email_permission": "true",
            "phone_permission": "true",
            "appointment_request": "true",
            **changes,
        }

    def create(self, inquiries: Sequence[Mapping[str, str]]) -> list[str]:
        """Create contacts through HubSpot's API; return their ids in this order: the sandbox's ids rise."""
        made = [
            row["id"]
            for start in range(0, len(inquiries), 100)
            for row in self._contacts("create", [{"properties": dict(one)} for one in inquiries[start : start + 100]])
        ]
        return sorted(made, key=int)

    def change(self, contact: str, **properties: str) -> None:
        self._contacts("update", [{"id": contact, "properties": properties}])

    def archive(self, *contacts: str) -> None:
        self._contacts("archive", [{"id": one} for one in contacts])

    def _contacts(self, verb: str, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self.http.post(
            f"{self.hubspot_url}/crm/v3/objects/contacts/batch/{verb}",
            json={"inputs": inputs},
            headers={"Authorization": f"Bearer {self.ready['hubspot']['token']}"},
            timeout=60,
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["results"] if answer.content else []
        return found

    # --------------------------------------------------------------------------------------------- Salesforce's users

    def insert(self, table: str, **fields: object) -> str:
        """Create a record as somebody in sales would; return its id."""
        answer = self.crm.call("POST", f"sobjects/{table}", orjson.dumps(fields))
        return str(orjson.loads(answer.content)["id"])

    def edit(self, table: str, record_id: str, **fields: object) -> None:
        self.crm.call("PATCH", f"sobjects/{table}/{record_id}", orjson.dumps(fields))

    def delete(self, table: str, record_id: str) -> None:
        self.crm.call("DELETE", f"sobjects/{table}/{record_id}")


@contextmanager
def running(*arguments: str) -> Iterator[Vendors]:
    """Start a sandbox and stop it at the end."""
    command = [sys.executable, "-m", "sandbox", "--scenario", "empty", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as process:
        try:
            assert process.stdout
            vendors = Vendors(json.loads(process.stdout.readline()))
            with vendors.http, vendors.crm:
                yield vendors
        finally:
            process.terminate()
            process.wait(timeout=10)


def _letters(number: int) -> str:
    """A number as letters, for a name that no screen takes for a code."""
    text = ""
    while number:
        number, rest = divmod(number, 26)
        text = chr(97 + rest) + text
    return text.capitalize()
