"""DQ-03: data below the bar stops its source; nothing is applied, the cursor stays, and mending is enough."""

import copy

import pytest
import yaml

from tests.home import Home
from tests.vendors import Vendors

pytestmark = pytest.mark.feature("DQ-03")


def broken(vendors: Vendors, count: int) -> list[dict[str, str]]:
    """So many inquiries, 45 % of them without an e-mail address."""
    return [vendors.inquiry(**({"email": ""} if n % 20 < 9 else {})) for n in range(count)]


def test_a_source_that_lost_its_addresses(vendors: Vendors, home: Home) -> None:
    home.sync()
    cursor, world = home.cursor(), vendors.dump()["salesforce"]
    contacts = vendors.create(broken(vendors, 100))
    ended = home.run("sync", "--json")
    assert ended.code == 1 and ended.out == ""
    assert "GateFailed" in ended.err and "gate raw" in ended.err and "email-share" in ended.err
    assert "45 of 100" in ended.err
    assert home.cursor() == cursor
    assert vendors.dump()["salesforce"] == world
    for table in ("payload", "lead", "person", "outbox", "seen"):
        assert home.rows(table) == [], table
    ledger = home.run("ledger", "--json").document
    assert ledger["state"] == "failed" and all(step["in"] == 0 for step in ledger["steps"])

    for number, contact in enumerate(contacts):
        if number % 20 < 9:
            vendors.change(contact, email=f"mended{number}@inbox.example.org")
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 100
    assert len(vendors.ours("Task")) == 100


def test_at_first_read_too(vendors: Vendors, home: Home) -> None:
    vendors.create(broken(vendors, 60))
    assert home.run("sync").code == 1
    assert home.cursor() == []


def test_batches_before_the_bad_one_are_kept(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry() for _ in range(200)])
    bad = vendors.create(broken(vendors, 100))
    ended = home.run("sync", "--batch-size", "200")
    assert ended.code == 1 and "gate raw" in ended.err
    assert len(home.rows("lead")) == 200
    for number, contact in enumerate(bad):
        vendors.change(contact, email=f"mended{number}@inbox.example.org")
    home.sync("--batch-size", "200")
    assert len(vendors.ours("Lead")) == 300


def test_too_many_single_failures_stop_as_well(vendors: Vendors, home: Home) -> None:
    unreachable = [vendors.inquiry(phone="", email="") for _ in range(30)]
    vendors.create([vendors.inquiry() for _ in range(50)] + unreachable)
    ended = home.run("sync")
    assert ended.code == 1 and "gate shaped" in ended.err, ended.err
    assert home.cursor() == [] and vendors.ours("Lead") == {}


def test_other_sources_and_the_delivery_go_on(vendors: Vendors, home: Home) -> None:
    """A second connection reads the same portal through a mapping that finds no addresses."""
    path = home.folder / "mappings" / "connections.yaml"
    connections = yaml.safe_load(path.read_text())
    second = {**copy.deepcopy(connections["connections"][0]), "name": "ahubspot"}
    connections["connections"].insert(0, second)
    path.write_text(yaml.safe_dump(connections))
    fields = (home.folder / "mappings" / "fields" / "hubspot.contacts.yaml").read_text()
    head, _, _ = fields.partition("\nexamples:")
    other = head.replace("connection: hubspot", "connection: ahubspot")
    other = other.replace("email: {source: email}", "email: {source: [email, work_email]}", 1)
    (home.folder / "mappings" / "fields" / "ahubspot.contacts.yaml").write_text(other)
    raw = home.folder / "expectations" / "raw.yaml"
    raw.write_text(
        raw.read_text().replace(
            "when: {column: stream, values: [contacts, leads]}", "when: {column: source, values: [ahubspot]}", 1
        )
    )
    vendors.create(broken(vendors, 40))
    ended = home.run("sync")
    assert ended.code == 1 and "gate raw" in ended.err
    assert [row["connection"] for row in home.cursor()] == ["hubspot"]
    assert len(vendors.ours("Lead")) == 40, "what the other source brought is delivered"
