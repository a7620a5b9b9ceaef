"""A dry run of a flow leaves nothing behind but what it shows: no variable, no row, no record."""

from collections.abc import Callable

import pytest
from prefect.client.orchestration import get_client

from flows.return_outcomes import return_outcomes
from tests.flows.conftest import Shown
from tests.home import Home
from tests.vendors import Vendors


def variables() -> dict[str, object]:
    with get_client(sync_client=True) as client:
        return {one.name: one.value for one in client.read_variables(limit=200)}


@pytest.mark.feature("GOV-09")
def test_a_flow_that_only_shows(vendors: Vendors, home: Home, run: Callable[..., Shown]) -> None:
    vendors.create([vendors.inquiry() for _ in range(3)])
    assert run().state.is_completed()
    vendors.create([vendors.inquiry() for _ in range(2)])
    vendors.forget_requests()
    hub, world, kept = home.content(), vendors.dump(), variables()
    shown = run(dry_run=True)
    assert shown.state.is_completed() and "would be written" in str(shown.state.message)
    assert (home.content(), vendors.dump(), variables()) == (hub, world, kept)
    assert vendors.writes() == {}


@pytest.mark.feature("GOV-09")
def test_the_way_back_only_shows(vendors: Vendors, home: Home, run: Callable[..., Shown]) -> None:
    """Sales has worked, and marketing would be told; nobody is."""
    vendors.create([vendors.inquiry() for _ in range(4)])
    home.do("setup")
    assert run().state.is_completed()
    vendors.control("work", {"steps": 2})
    vendors.forget_requests()
    hub, world, kept = home.content(), vendors.dump(), variables()
    shown = Shown(return_outcomes(dry_run=True, return_state=True))
    assert shown.state.is_completed(), shown.state.message
    assert (home.content(), vendors.dump(), variables()) == (hub, world, kept)
    assert vendors.writes() == {}
    assert Shown(return_outcomes(return_state=True)).state.is_completed()
    assert vendors.writes() != {}, "there was something to do"
