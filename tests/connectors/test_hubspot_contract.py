"""The HubSpot connector keeps the contract, against the sandbox."""

import time
from datetime import timedelta

import pytest

from connectors.hubspot.errors import RULES, VENDOR
from crosswalk.ports import Source
from crosswalk.testing.contract import ErrorTableContract, SourceContract, SourceSystem
from tests.connectors.wire import PROPERTIES, Portal


class HubSpotSystem(SourceSystem):
    stream, properties, look_back = "contacts", PROPERTIES, timedelta(seconds=120)

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def connect(self) -> Source:
        source = self.portal.connect().source
        assert source
        return source

    def add(self, count: int) -> set[str]:
        return set(self.portal.create(count))

    def add_unindexed(self, count: int) -> set[str]:
        time.sleep(0.005)  # the newest visible row keeps the later millisecond
        self.portal.control("settings", {"index_lag_seconds": 3_600})
        self.portal.control("clock", {"advance_seconds": -5})
        ids = self.portal.create(count)
        self.portal.control("clock", {"advance_seconds": 5})
        return set(ids)

    def index(self) -> None:
        self.portal.control("settings", {"index_lag_seconds": 0})

    def pass_time(self, seconds: int) -> None:
        self.portal.control("clock", {"advance_seconds": seconds})


@pytest.mark.usefixtures("by_search")
class TestHubSpotSearch(SourceContract):
    @pytest.fixture
    def system(self, portal: Portal) -> SourceSystem:
        return HubSpotSystem(portal)


@pytest.mark.usefixtures("by_list")
class TestHubSpotList(SourceContract):
    @pytest.fixture
    def system(self, portal: Portal) -> SourceSystem:
        return HubSpotSystem(portal)


class TestHubSpotErrors(ErrorTableContract):
    rules, vendor = RULES, VENDOR
