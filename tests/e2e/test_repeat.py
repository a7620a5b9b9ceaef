"""A second run writes nothing and costs next to nothing; what is indexed late is still found."""

import pytest

from tests.home import Home
from tests.vendors import Vendors

STREAMS = 1
MOST_CALLS = STREAMS + 5


def assert_idle(vendors: Vendors, home: Home) -> None:
    before, database = vendors.dump(), home.rows("outbox")
    vendors.forget_requests()
    document = home.sync()
    assert document["written"] == {}
    assert vendors.writes() == {}
    assert vendors.dump() == before
    assert home.rows("outbox") == database
    for vendor, calls in vendors.requests().items():
        assert calls == document["api_calls"][vendor] <= MOST_CALLS, document["api_calls"]


@pytest.mark.feature("NRM-03")
def test_a_second_run_writes_nothing(vendors: Vendors, home: Home) -> None:
    vendors.load(400)
    home.sync()
    assert_idle(vendors, home)
    assert_idle(vendors, home)


@pytest.mark.feature("NRM-03")
def test_nor_when_all_contacts_were_just_created(vendors: Vendors, home: Home) -> None:
    """The look-back reads all of them again."""
    vendors.create([vendors.inquiry() for _ in range(600)])
    assert home.sync()["written"]["salesforce"]["Lead"]["created"] == 600
    assert_idle(vendors, home)


@pytest.mark.feature("NRM-03")
def test_nor_with_rows_that_wait(vendors: Vendors, home: Home) -> None:
    """Quarantined, held and ambiguous rows cost nothing while nobody has touched them."""
    for _ in range(2):
        vendors.insert("Lead", LastName="Twin", Company="Example", Email="twin@inbox.example.org")
    vendors.create(
        [
            vendors.inquiry(),
            vendors.inquiry(email="twin@inbox.example.org"),
            vendors.inquiry(service_line_interest="Neurology"),
            vendors.inquiry(email_permission="", phone_permission=""),
            vendors.inquiry(email="", phone=""),
        ]
    )
    assert home.run("sync", "--json").code in {0, 3}
    assert_idle(vendors, home)


@pytest.mark.feature("NRM-03")
def test_a_visit_that_changes_no_mapped_property_goes_no_further(vendors: Vendors, home: Home) -> None:
    [contact] = vendors.create([vendors.inquiry()])
    home.sync()
    vendors.change(contact, hs_lead_status="OPEN")
    document = home.sync()
    steps = {step["step"]: step for step in document["steps"]}
    assert steps["land"]["in"] == steps["land"]["skipped"] == 1
    assert document["reasons"] == {"UNCHANGED": 1} and document["written"] == {}


def test_rows_that_are_indexed_late_are_found_at_a_next_run(vendors: Vendors, home: Home) -> None:
    vendors.create([vendors.inquiry()])
    vendors.control("settings", {"index_lag_seconds": 60})
    [late] = vendors.create([vendors.inquiry()])
    vendors.later(1)
    vendors.control("settings", {"index_lag_seconds": 0})
    [early] = vendors.create([vendors.inquiry()])
    found = home.sync()["written"]["salesforce"]["Lead"]["created"]
    vendors.later(90)
    found += home.sync()["written"].get("salesforce", {}).get("Lead", {}).get("created", 0)
    assert found == 3, (late, early)
    assert len(vendors.ours("Lead")) == 3


def test_an_empty_source_deletes_nobody(vendors: Vendors, home: Home) -> None:
    contacts = vendors.create([vendors.inquiry() for _ in range(3)])
    home.sync()
    before = vendors.dump()["salesforce"]
    vendors.archive(*contacts)
    assert home.sync()["written"] == {}
    assert vendors.dump()["salesforce"] == before


@pytest.mark.slow
def test_more_than_ten_thousand(vendors: Vendors, home: Home) -> None:
    """HubSpot's search ends at 10,000 rows; the hub reads on."""
    vendors.load(10_450)
    document = home.sync()
    assert next(one["in"] for one in document["steps"] if one["step"] == "land") == 10_450
    assert len(home.rows("seen")) == 10_450
    assert all(line["ok"] for line in document["reconciliation"])
    assert_idle(vendors, home)
