"""A hub that is killed: every vendor call passes a way that may end the caller."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.again import BACK, CONTACTS, SYNC, Road
from tests.faults.deaths import AS_OF, Deaths
from tests.home import Home
from tests.vendors import Vendors
from tests.way import Fault, Way

PAGE = 25


def _smaller_page(body: bytes) -> bytes:
    asked = json.loads(body)
    return json.dumps({**asked, "limit": min(PAGE, asked["limit"])}).encode()


@pytest.fixture
def deaths(troubled: Home, ways: tuple[Way, Way], tmp_path: Path) -> Iterator[Deaths]:
    """The hub and who ends it; HubSpot's pages are small, so that there are many batches."""
    ways[0].faults.append(Fault("POST", "/search", ask=_smaller_page, times=1_000_000))
    yield Deaths(troubled, ways, PAGE)
    shutil.rmtree(tmp_path / "home", ignore_errors=True)


@pytest.fixture
def home_in_haste(home: Home, tmp_path: Path) -> Iterator[Home]:
    """A home whose commands do not wait long before they try again."""
    home.settings |= {"CROSSWALK_HTTP_BACKOFF": "0.001", "CROSSWALK_HTTP_TIMEOUT": "5"}
    yield home
    shutil.rmtree(tmp_path / "home", ignore_errors=True)


@pytest.fixture
def home_without_gates(home_in_haste: Home) -> Home:
    """Gates touch no wire and are more than half of a small run."""
    for suite in (home_in_haste.folder / "expectations").glob("*.yaml"):
        suite.unlink()
    return home_in_haste


def road_there(vendors: Vendors, home: Home, folder: Path) -> Road:
    vendors.load(CONTACTS)
    home.do("link")
    return Road(vendors, home, folder / "before", SYNC)


def road_back(vendors: Vendors, home: Home, folder: Path) -> Road:
    """After the first road and the work of sales."""
    vendors.load(CONTACTS)
    home.do("link")
    home.sync("--as-of", AS_OF)
    vendors.control("work", {"seed": 3, "steps": 3})
    return Road(vendors, home, folder / "before", BACK)


@pytest.fixture
def there(vendors: Vendors, home_without_gates: Home, tmp_path: Path) -> Road:
    return road_there(vendors, home_without_gates, tmp_path)


@pytest.fixture
def back(vendors: Vendors, home_without_gates: Home, tmp_path: Path) -> Road:
    return road_back(vendors, home_without_gates, tmp_path)


@pytest.fixture
def gated_there(vendors: Vendors, home_in_haste: Home, tmp_path: Path) -> Road:
    return road_there(vendors, home_in_haste, tmp_path)


@pytest.fixture
def gated_back(vendors: Vendors, home_in_haste: Home, tmp_path: Path) -> Road:
    return road_back(vendors, home_in_haste, tmp_path)
