"""DQ-05: what the source had, what the hub took and what the CRM has are compared at every run."""

import json

import pytest

from tests.home import Home
from tests.vendors import Vendors
from tests.way import Fault, Way

pytestmark = pytest.mark.feature("DQ-05")


def lines(document: dict[str, object]) -> dict[str, tuple[int, int, bool]]:
    return {line["what"]: (line["expected"], line["actual"], line["ok"]) for line in document["reconciliation"]}


def test_all_agree(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry() for _ in range(7)])
    found = lines(home.sync())
    assert found == {
        "hubspot contacts -> hub": (7, 7, True),
        "hub -> salesforce Lead": (7, 7, True),
        "hub -> salesforce Task": (7, 7, True),
    }


def test_a_row_lost_on_the_way_in(vendors: Vendors, troubled: Home, ways: tuple[Way, Way]) -> None:
    vendors.create([vendors.inquiry() for _ in range(250)])

    def drop_one(content: bytes) -> bytes:
        page = json.loads(content)
        del page["results"][17]
        return json.dumps(page).encode()

    ways[0].faults.append(Fault("POST", "/search", rewrite=lambda content: content))  # the newest row is asked first
    ways[0].faults.append(Fault("POST", "/search", rewrite=drop_one))
    document = troubled.sync()
    assert lines(document)["hubspot contacts -> hub"] == (250, 249, False)
    shown = troubled.run("ledger", "--json").document["summary"]["reconciliation"]
    assert shown == document["reconciliation"], "the ledger keeps the mismatch"


def test_a_lead_deleted_behind_the_hub(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry() for _ in range(3)])
    home.sync()
    gone = next(iter(vendors.ours("Lead").values()))
    vendors.delete("Lead", gone["Id"])
    found = lines(home.sync())
    assert found["hub -> salesforce Lead"] == (3, 2, False)
    ended = home.run("sync")
    assert "counts differ" in ended.out and "expected 3, got 2" in ended.out


def test_a_deleted_lead_is_not_created_anew(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry()])
    home.sync()
    [lead] = vendors.ours("Lead").values()
    vendors.delete("Lead", lead["Id"])
    vendors.change(contact, desired_timeline="Within a month")
    document = home.sync()
    assert document["reasons"]["CRM_RECORD_CLOSED"] >= 1
    assert vendors.ours("Lead") == {}
