"""The committed rules, and the month of the demo scenario, each made once for all tests of a worker."""

from pathlib import Path

import pytest

from crosswalk.platform.catalog import Catalog, load_catalog
from tests.domain.month import Month

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """Everything under mappings/."""
    return load_catalog(ROOT)


@pytest.fixture(scope="session")
def month(catalog: Catalog) -> Month:
    """Lakeshore's 2,600 contacts, taken as far as the domain takes them."""
    return Month.of(catalog, contacts=2_600, seed=1)
