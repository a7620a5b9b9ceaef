"""A hub that is killed: every vendor call passes a way that may end the caller."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.deaths import Deaths
from tests.home import Home
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
